"""What is told to h11, and what comes of it.

h11 writes every byte that is sent: heads, chunks, `Connection: close` where it must be. And it keeps the
life of the connection: who is done, who must close, who switched to another protocol. For that it must know
what was received, but it need not read it: of each received message it is told a skeleton, a head with what
its state depends on and without content, and then that it ended.

PERF: reading is not left to h11 because its leniency can only be checked by reading everything anyway, and
because content is copied four times on its way through its buffer (benchmarks/server.py::upload).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from toolkit.sansio.errors.base import InvalidHeader
from toolkit.sansio.grammar import parse_digits
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.checks import forbidden_trailer
from toolkit.sansio.http11.events import ResponseReceived

if TYPE_CHECKING:
    import h11

    from toolkit.sansio.headers import HeadersView
    from toolkit.sansio.http11.events import Informational, RequestReceived

_FRAMING: Final = ("content-length", "transfer-encoding")


def tell_request(wire: h11.Connection, request: RequestReceived) -> None:
    """h11 learns of the head of a request."""
    wire.receive_data(
        _request_skeleton(
            request.method,
            is_1_0=request.http_version == "1.0",
            keeps_alive=request.keeps_alive,
            upgrades=bool(request.upgrade),
        )
    )
    wire.next_event()


@lru_cache(maxsize=64)
def _request_skeleton(method: str, *, is_1_0: bool, keeps_alive: bool, upgrades: bool) -> bytes:
    # PERF: 1.2 is to h11 what 1.1 is, but that a Host is not asked for (benchmarks/http11.py::exchange)
    lines = [f"{method} / HTTP/{'1.0' if is_1_0 else '1.2'}"]
    if not keeps_alive:
        lines.append("Connection: close")
    if upgrades:
        lines.append("Upgrade: -")
    return _lines(lines)


def tell_response(
    wire: h11.Connection, response: Informational | ResponseReceived, *, keeps_alive: bool = True
) -> None:
    """h11 learns of the head of a response."""
    lines = [f"HTTP/1.1 {response.status} "]
    if isinstance(response, ResponseReceived):
        lines.append("Content-Length: 0")
    if not keeps_alive:
        lines.append("Connection: close")
    wire.receive_data(_lines(lines))
    wire.next_event()


def _lines(lines: list[str]) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def tell_end(wire: h11.Connection) -> None:
    """h11 learns that the message whose head it was told is whole."""
    wire.next_event()


def declared_length(headers: HeadersView) -> int | None:
    """The Content-Length of a message to be sent, in bytes. `InvalidHeader` for a framing that is none."""
    # PERF: a scan of a few lines costs less than their index (benchmarks/http11.py::exchange)
    framing = [
        (name.lower(), value)
        for name, value in headers.items()
        if (len(name) == 14 or len(name) == 17) and name.lower() in _FRAMING
    ]
    if not framing:
        return None
    if len(framing) > 1:
        values = ", ".join(value for _, value in framing)
        raise InvalidHeader(framing[1][0], values, "a message has one Content-Length or Transfer-Encoding")
    [(name, value)] = framing
    if name == "transfer-encoding":
        if value.lower() != "chunked":
            raise InvalidHeader(name, value, "chunked is the only coding")
        return None
    length = parse_digits(value)
    if length is None:
        raise InvalidHeader(name, value, "a length is up to 19 digits")
    return length


def without_framing(headers: Headers) -> Headers:
    """The headers of a response that may tell of no content (RFC 9110 section 8.6, RFC 9112 section 6.1)."""
    kept = headers.copy()
    for name in _FRAMING:
        kept.poplist(name)
    return kept


def wire_lines(headers: HeadersView) -> list[tuple[bytes, bytes]]:
    """Header lines as octets. What may not go on the wire is an `InvalidHeader`: nobody can inject a line.

    Every line is checked, even of headers that were adopted and may never have been.
    """
    return [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in Headers(headers.items()).items()
    ]


def trailer_lines(trailers: HeadersView) -> list[tuple[bytes, bytes]]:
    """The same for a trailer section, which may not have every field (RFC 9110 section 6.5.1)."""
    if not trailers:
        return []
    name = forbidden_trailer(trailers)
    if name is not None:
        raise InvalidHeader(name, trailers[name], "it may not be a trailer (RFC 9110 section 6.5.1)")
    return wire_lines(trailers)
