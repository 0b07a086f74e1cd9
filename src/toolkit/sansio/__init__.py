"""The core: no I/O, no threads, no event loop, no clock, no randomness, no logging, no environment.

Every module is imported from where it stands, such as `toolkit.sansio.headers`; the packages `errors`,
`fields`, `forms`, `routing` and `exchange` have faces of their own.
"""
