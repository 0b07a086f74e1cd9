"""The upload demo for production servers: `wsgi` and `asgi` are the same application.

    gunicorn --worker-class gthread --threads 16 examples.upload.app:wsgi
    uvicorn examples.upload.app:asgi

Files go to the directory `UPLOADS` (./uploads). It answers for this machine, and for the names in `HOSTS`,
separated by commas.
"""

from __future__ import annotations

import os
from pathlib import Path

from toolkit.demo.app import THIS_MACHINE, Demo, asgi_app, wsgi_app

directory = Path(os.environ.get("UPLOADS", "uploads"))
directory.mkdir(exist_ok=True)
hosts = [name for name in os.environ.get("HOSTS", "").split(",") if name]

demo = Demo(directory, hosts=[*THIS_MACHINE, *hosts])
wsgi = wsgi_app(demo)
asgi = asgi_app(demo)
