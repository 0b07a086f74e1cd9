"""HTTP/1.1 connections without a socket: whole exchanges beside h11, and requests read beside parsers.

What limits an exchange: the calls in Python, about a hundred for a small request and its ordinary response,
in 210,000 instructions where h11 takes 415,000. Where h11 writes the response, as chunks, they are 650,000:
it is made and told of the request for that one exchange.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import h11

from benchmarks.exchange import HEADERS, MANY
from benchmarks.harness import Scenario, rival
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.events import Data, EndOfRequest, EndOfResponse, RequestReceived, ResponseHead
from toolkit.sansio.http11.server import ServerConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MIB = 1024 * 1024
SIZE = 16 * MIB
ANSWER = [("Content-Type", "text/plain"), ("Content-Length", "5"), ("Date", "Thu, 01 Jan 2026 00:00:00 GMT")]
H11_ANSWER = [(name.encode(), value.encode()) for name, value in ANSWER]


def scenarios() -> Iterator[Scenario]:
    """Small requests, then content in, then content out."""
    heads = {
        "least": {"Host": "example.org"},
        "browser's": HEADERS,
        "33 fields": MANY,
    }
    for name, fields in heads.items():
        raw = _get(fields)
        yield Scenario(
            f"exchange, {name}",
            {"toolkit": _exchanges(raw), "h11": _h11_exchanges(raw)},
            check=lambda sent: isinstance(sent, bytes) and sent.endswith(b"\r\n\r\nhello"),
        )
        yield Scenario(
            f"read a request, {name}",
            {
                "toolkit": partial(_read, raw),
                "h11": partial(_h11_read, raw),
                **rival("gunicorn", partial(_gunicorn, raw)),
                **rival("aiohttp (Python)", partial(_aiohttp, raw)),
                **rival("httptools (C)", partial(_httptools, raw)),
            },
            check=lambda method: method == "GET",
        )
    for name, pieces in _uploads().items():
        contenders: dict[str, Callable[[], object]] = {
            "toolkit": partial(_receive, pieces),
            "h11": partial(_h11_receive, pieces),
            **rival("aiohttp (Python)", partial(_aiohttp_content, pieces)),
            **rival("httptools (C)", partial(_httptools_content, pieces)),
        }
        yield Scenario(f"upload, {name}", contenders, size=SIZE, check=lambda size: size == SIZE)
    for name, fields in (("announced", {"Content-Length": str(SIZE)}), ("chunked", {})):
        yield Scenario(
            f"download, {name}",
            {"toolkit": partial(_send, fields), "h11": partial(_h11_send, fields)},
            size=SIZE,
            check=lambda size: isinstance(size, int) and size >= SIZE,
        )


def _get(fields: Mapping[str, str]) -> bytes:
    lines = ["GET /users/7?tab=keys HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def _uploads() -> dict[str, list[bytes]]:
    """The bytes of 16 MiB of content as a socket gives them, by the way they are framed."""
    post = b"POST / HTTP/1.1\r\nHost: example.org\r\n"
    length = post + b"Content-Length: %d\r\n\r\n" % SIZE
    chunked = post + b"Transfer-Encoding: chunked\r\n\r\n"
    small, large = bytes(1024), bytes(64 * 1024)
    many = b"".join([b"400\r\n", small, b"\r\n"]) * (SIZE // 1024) + b"0\r\n\r\n"
    few = b"".join([b"10000\r\n", large, b"\r\n"]) * (SIZE // len(large)) + b"0\r\n\r\n"
    return {
        "64 KiB pieces": [length, *[bytes(64 * 1024)] * (SIZE // (64 * 1024))],
        "256 KiB pieces": [length, *[bytes(256 * 1024)] * (SIZE // (256 * 1024))],
        "chunks of 64 KiB": [chunked, *_cut(few, 64 * 1024)],
        "chunks of 1 KiB": [chunked, *_cut(many, 64 * 1024)],
    }


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


# This library.


def _exchanges(raw: bytes) -> Callable[[], bytes]:
    """Exchanges on one connection, each with the headers of its response made anew, as servers do."""
    connection = ServerConnection()

    def exchange() -> bytes:
        connection.receive_data(raw)
        while not isinstance(connection.next_event(), EndOfRequest):
            pass
        sent = connection.send(ResponseHead(200, Headers.adopt(ANSWER[:])))
        sent += connection.send(Data(b"hello")) + connection.send(EndOfResponse())
        connection.next_event()
        return sent

    return exchange


def _read(raw: bytes) -> str:
    connection = ServerConnection()
    connection.receive_data(raw)
    request = connection.next_event()
    assert isinstance(request, RequestReceived)
    return request.method


def _receive(pieces: list[bytes]) -> int:
    connection = ServerConnection()
    size = 0
    for piece in pieces:
        connection.receive_data(piece)
        while not isinstance(event := connection.next_event(), str):
            if isinstance(event, Data):
                size += len(event.data)
    return size


def _send(fields: Mapping[str, str]) -> int:
    connection = ServerConnection()
    connection.receive_data(_get({"Host": "a"}))
    connection.next_event()
    connection.next_event()
    size = len(connection.send(ResponseHead(200, Headers(fields))))
    data = bytes(64 * 1024)
    for _ in range(SIZE // len(data)):
        size += len(connection.send(Data(data)))
    return size + len(connection.send(EndOfResponse()))


# h11, used as servers use it.


def _h11_exchanges(raw: bytes) -> Callable[[], bytes]:
    connection = h11.Connection(h11.SERVER)

    def exchange() -> bytes:
        connection.receive_data(raw)
        while not isinstance(connection.next_event(), h11.EndOfMessage):
            pass
        sent = connection.send(h11.Response(status_code=200, headers=H11_ANSWER, reason=b"OK")) or b""
        sent += connection.send(h11.Data(data=b"hello")) or b""
        sent += connection.send(h11.EndOfMessage()) or b""
        connection.start_next_cycle()
        connection.next_event()
        return sent

    return exchange


def _h11_read(raw: bytes) -> str:
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(raw)
    request = connection.next_event()
    assert isinstance(request, h11.Request)
    return request.method.decode()


def _h11_receive(pieces: list[bytes]) -> int:
    connection = h11.Connection(h11.SERVER)
    size = 0
    for piece in pieces:
        connection.receive_data(piece)
        while (event := connection.next_event()) is not h11.NEED_DATA and event is not h11.PAUSED:
            if isinstance(event, h11.Data):
                size += len(event.data)
    return size


def _h11_send(fields: Mapping[str, str]) -> int:
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(_get({"Host": "a"}))
    connection.next_event()
    connection.next_event()
    size = len(connection.send(h11.Response(status_code=200, headers=list(fields.items()))) or b"")
    data = bytes(64 * 1024)
    for _ in range(SIZE // len(data)):
        size += len(connection.send(h11.Data(data=data)) or b"")
    return size + len(connection.send(h11.EndOfMessage()) or b"")


# Other parsers.


def _gunicorn(raw: bytes) -> Callable[[], object]:
    config: Any = import_module("gunicorn.config").Config()
    parser: Any = import_module("gunicorn.http.parser").RequestParser
    return lambda: next(parser(config, iter([raw]), ("127.0.0.1", 1))).method


def _aiohttp(raw: bytes) -> Callable[[], object]:
    make = _aiohttp_parsers()

    def read() -> object:
        messages, _, _ = make().feed_data(raw)
        return messages[0][0].method

    return read


def _aiohttp_parsers() -> Callable[[], Any]:
    """What makes aiohttp's parser in Python. Its loop is never run."""
    from asyncio import new_event_loop

    protocol: Any = import_module("aiohttp.base_protocol").BaseProtocol
    parser: Any = import_module("aiohttp.http_parser").HttpRequestParserPy
    loop = new_event_loop()
    loop.close()
    return lambda: parser(protocol(loop), loop, 2**30)


def _aiohttp_content(pieces: list[bytes]) -> Callable[[], object]:
    make = _aiohttp_parsers()

    def receive() -> object:
        parser = make()
        messages, _, _ = parser.feed_data(pieces[0])
        content: Any = messages[0][1]
        size = 0
        for piece in pieces[1:]:
            parser.feed_data(piece)
            size += len(content.read_nowait(-1))
        return size

    return receive


class _Parts:
    """What httptools calls with what it found."""

    def __init__(self) -> None:
        self.size = 0
        self.fields: list[tuple[bytes, bytes]] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))

    def on_body(self, data: bytes) -> None:
        self.size += len(data)


def _httptools(raw: bytes) -> Callable[[], object]:
    parser: Any = import_module("httptools").HttpRequestParser

    def read() -> object:
        reader = parser(_Parts())
        reader.feed_data(raw)
        return reader.get_method().decode()

    return read


def _httptools_content(pieces: list[bytes]) -> Callable[[], object]:
    parser: Any = import_module("httptools").HttpRequestParser

    def receive() -> object:
        parts = _Parts()
        reader = parser(parts)
        for piece in pieces:
            reader.feed_data(piece)
        return parts.size

    return receive
