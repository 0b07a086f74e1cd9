"""The built-in HTTP/1.1 server, for development and for tests: WSGI in threads, ASGI on asyncio.

It is no production server: one process, pure Python, no privileges dropped, no workers restarted. gunicorn,
uvicorn, hypercorn and granian are.
"""

from __future__ import annotations

from toolkit.server.errors import StartError
from toolkit.server.logs import log_to
from toolkit.server.server import Server
from toolkit.server.settings import Settings

__all__ = ["Server", "Settings", "StartError", "log_to"]
