"""What other parsers in Python make of a raw request: each a function, or None where it is not installed.

The result is the request that they took, as (method, target, content), or None when they refused it, or when
they would wait for more.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from typing import TYPE_CHECKING, Any, NamedTuple

import h11

from tests.sansio.http11.driving import serve

if TYPE_CHECKING:
    from collections.abc import Callable


class Taken(NamedTuple):
    """A request that was taken, as far as all parsers tell it."""

    method: str
    target: str
    content: bytes


def ours(raw: bytes) -> Taken | None:
    """This connection; it takes no request after the first."""
    outcome = serve([raw])
    if outcome.status is not None or len(outcome.requests) != 1:
        return None
    return Taken(outcome.requests[0].method, outcome.requests[0].target, outcome.content)


def bare_h11(raw: bytes) -> Taken | None:
    """h11, as a server that checks nothing itself uses it."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(raw)
    connection.receive_data(b"")
    try:
        request = connection.next_event()
        assert isinstance(request, h11.Request)
        content = b""
        while isinstance(event := connection.next_event(), h11.Data):
            content += event.data
    except h11.RemoteProtocolError:
        return None
    assert isinstance(event, h11.EndOfMessage)
    return Taken(request.method.decode(), request.target.decode(), content)


def gunicorn(raw: bytes) -> Taken | None:
    """gunicorn's Python parser, with its default settings."""
    config: Any = importlib.import_module("gunicorn.config")
    errors: Any = importlib.import_module("gunicorn.http.errors")
    parser: Any = importlib.import_module("gunicorn.http.parser")
    try:
        request = next(parser.RequestParser(config.Config(), iter([raw]), ("127.0.0.1", 1)))
        content: bytes = request.body.read()
    except (errors.ParseException, errors.NoMoreData, StopIteration):
        return None
    return Taken(request.method, request.uri, content)


def aiohttp(raw: bytes) -> Taken | None:
    """aiohttp's Python parser, with its default settings."""
    from aiohttp.base_protocol import BaseProtocol
    from aiohttp.http_exceptions import HttpProcessingError
    from aiohttp.http_parser import HttpRequestParserPy

    loop = asyncio.new_event_loop()
    try:
        parser: Any = HttpRequestParserPy(BaseProtocol(loop), loop, 2**16)
        messages, _, _ = parser.feed_data(raw)
        parser.feed_eof()
        if not messages:
            return None
        message, payload = messages[0]
        if payload.exception() is not None or not payload.is_eof():
            return None
        return Taken(message.method, message.path, payload.read_nowait(-1))
    except HttpProcessingError:
        return None
    finally:
        loop.close()


RIVALS: dict[str, Callable[[bytes], Taken | None] | None] = {
    "h11": bare_h11,
    "gunicorn": gunicorn if importlib.util.find_spec("gunicorn") else None,
    "aiohttp": aiohttp if importlib.util.find_spec("aiohttp") else None,
}
