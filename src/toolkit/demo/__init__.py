"""The upload demo: a page to drop files on, and the application behind it, the same for WSGI and ASGI.

`python -m toolkit demo` runs it. To read it, begin with `app.py`: what is answered, and how one code base
serves both protocols. `receiving.py` is an upload on its way, `progress.py` what those who watch it see,
`store.py` the directory that files go to, `sending.py` a client for the terminal.
"""
