"""The application of the server's tests, once for each protocol: what it answers depends on the path."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import toolkit.asgi
import toolkit.wsgi
from toolkit.sansio.exchange.response import Response
from toolkit.sansio.limits import BodyLimits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from toolkit.server.server import App

LARGE = BodyLimits(max_body=1 << 40, max_decoded=1 << 40)
BLOCK = bytes(range(256)) * 256
BINARY = "application/octet-stream"


class Deliberate(Exception):
    """What a broken handler raises."""


def answer(method: str, path: str, query: str) -> Response:
    if path == "/boom":
        raise Deliberate
    if path == "/large":
        return Response(BLOCK * int(query), content_type=BINARY)
    return Response.text(f"{method} {path}")


@toolkit.wsgi.application
def wsgi(request: toolkit.wsgi.Request) -> Response:
    if request.path == "/digest":
        size, state = 0, sha256()
        for piece in request.stream(limits=LARGE):
            size += len(piece)
            state.update(piece)
        return Response.json([size, state.hexdigest()])
    if request.path == "/form":
        return Response.text(str(len(request.form().files)))
    if request.path == "/endless":
        return Response(_endless(), content_type=BINARY)
    return answer(request.method, request.path, request.query_string)


@toolkit.asgi.application
async def asgi(request: toolkit.asgi.Request) -> Response:
    if request.path == "/digest":
        size, state = 0, sha256()
        async for piece in request.stream(limits=LARGE):
            size += len(piece)
            state.update(piece)
        return Response.json([size, state.hexdigest()])
    if request.path == "/form":
        return Response.text(str(len((await request.form()).files)))
    if request.path == "/endless":
        return Response(_aendless(), content_type=BINARY)
    return answer(request.method, request.path, request.query_string)


def _endless() -> Iterator[bytes]:
    while True:
        yield BLOCK


async def _aendless() -> AsyncIterator[bytes]:
    while True:
        yield BLOCK


APPS: dict[str, App] = {"wsgi": wsgi, "asgi": asgi}
