"""What other clients in Python make of a raw response: each a function, or None where it is not installed.

The result is the response that they took, as (status, content), or None when they refused it, or when they
would wait for more.
"""

from __future__ import annotations

import asyncio
import importlib.util
import io
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any, NamedTuple

import h11

from toolkit.sansio.errors.base import RemoteError
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.client import ClientConnection
from toolkit.sansio.http11.events import (
    Data,
    EndOfRequest,
    EndOfResponse,
    RequestHead,
    ResponseReceived,
    Signal,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class Taken(NamedTuple):
    """A response that was taken, as far as all parsers tell it."""

    status: int
    content: bytes


def ours(pieces: list[bytes], method: str = "GET") -> Taken | None:
    """The client's end of this connection, which gets the response in these pieces."""
    connection = ClientConnection()
    connection.send(RequestHead(method, "/", Headers({"Host": "a"})))
    connection.send(EndOfRequest())
    status, content = 0, b""
    try:
        for piece in [*pieces, None]:
            connection.receive_eof() if piece is None else connection.receive_data(piece)
            while not isinstance(event := connection.next_event(), Signal):
                if isinstance(event, Data):
                    content += event.data
                elif isinstance(event, ResponseReceived):
                    status = event.status
                elif isinstance(event, EndOfResponse):
                    return Taken(status, content)
    except RemoteError:
        return None
    raise AssertionError("after the end of the connection there is always something to tell")


def bare_h11(raw: bytes, method: str) -> Taken | None:
    """h11, as a client that checks nothing itself uses it."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(raw)
    connection.receive_data(b"")
    status, content = 0, b""
    try:
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                content += event.data
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif not isinstance(event, h11.InformationalResponse):
                return None
    except h11.RemoteProtocolError:
        return None
    return Taken(status, content)


class _Socket:
    """What `http.client` needs of a socket."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._raw)


def http_client(raw: bytes, method: str) -> Taken | None:
    """http.client of the standard library."""
    socket: Any = _Socket(raw)
    response = HTTPResponse(socket, method=method)
    try:
        response.begin()
        return Taken(response.status, response.read())
    except (HTTPException, ValueError, OverflowError):
        return None


def aiohttp(raw: bytes, method: str) -> Taken | None:
    """aiohttp's Python parser, with its default settings."""
    from aiohttp.base_protocol import BaseProtocol
    from aiohttp.http_exceptions import HttpProcessingError
    from aiohttp.http_parser import HttpResponseParserPy

    loop = asyncio.new_event_loop()
    try:
        parser: Any = HttpResponseParserPy(
            BaseProtocol(loop), loop, 2**16, read_until_eof=True, response_with_body=method != "HEAD"
        )
        messages, _, _ = parser.feed_data(raw)
        parser.feed_eof()
        for message, payload in messages:
            if message.code < 200 and message.code != 101:
                continue
            if payload.exception() is not None or not payload.is_eof():
                return None
            return Taken(message.code, payload.read_nowait(-1))
    except HttpProcessingError:
        return None
    finally:
        loop.close()
    return None


RIVALS: dict[str, Callable[[bytes, str], Taken | None] | None] = {
    "h11": bare_h11,
    "http.client": http_client,
    "aiohttp": aiohttp if importlib.util.find_spec("aiohttp") else None,
}
