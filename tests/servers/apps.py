"""The conformance application as servers take it: `wsgi` and `asgi`.

Each protocol runs the handlers that fit it, and those of the other kind for `X-Handler: other`: an
asynchronous handler under WSGI, a synchronous one in a worker thread under ASGI.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import toolkit.asgi
import toolkit.wsgi
from tests.servers import awaiting, blocking
from tests.servers.answers import DeliberateError, record
from toolkit.sansio.errors.http import Forbidden
from toolkit.sansio.exchange.response import Response
from toolkit.sansio.websocket import SessionClosed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from toolkit.asgi_scope import Receive, Scope, Send

_wsgi = toolkit.wsgi.application(blocking.handle)
_wsgi_other = toolkit.wsgi.application(awaiting.handle)


def wsgi(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The application for WSGI."""
    app = _wsgi if environ.get("HTTP_X_HANDLER") != "other" else _wsgi_other
    return app(environ, start_response)


async def _pieces() -> AsyncIterator[bytes]:
    """A body that comes in pieces."""
    for _ in range(3):
        yield b"x" * 1000


async def session(websocket: toolkit.asgi.WebSocket) -> None:
    """Echo every message until one asks for something else."""
    path = websocket.request.raw_path
    if path == "/ws/denied":
        await websocket.deny(Response.text("not here", 401, {"WWW-Authenticate": "Basic"}))
        return
    if path == "/ws/streamed":
        await websocket.deny(Response(_pieces(), 404))
        return
    if path == "/ws/forbidden":
        raise Forbidden
    if path == "/ws/broken":
        raise DeliberateError(path)
    chosen = "chat.v2" if "chat.v2" in websocket.subprotocols else None
    await websocket.accept(chosen, headers={"X-Path": path})
    try:
        while True:
            message = await websocket.receive()
            if message == "close":
                await websocket.close(4001, "as asked")
                return
            if message == "return":
                return
            if message == "fail":
                raise DeliberateError(message)
            await websocket.send(message)
    except SessionClosed as closed:
        record(websocket.request, f"{closed.code} {closed.reason}".strip())
        raise


@asynccontextmanager
async def lifespan() -> AsyncGenerator[Mapping[str, object]]:
    """The state that every request gets."""
    yield {"started": True}


_asgi = toolkit.asgi.application(awaiting.handle, websocket=session, lifespan=lifespan)
_asgi_other = toolkit.asgi.application(blocking.handle)


async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
    """The application for ASGI."""
    other = scope["type"] == "http" and (b"x-handler", b"other") in map(tuple, scope["headers"])
    await (_asgi_other if other else _asgi)(scope, receive, send)
