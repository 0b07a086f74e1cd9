"""What is told to h11, and what comes of it.

h11 writes every byte that is sent: heads, chunks, `Connection: close` where it must be. And it keeps the
life of the connection: who is done, who must close, who switched to another protocol. For that it must know
what was received, but it need not read it: of each received message it is told a skeleton, a head with what
its state depends on and without content, and then that it ended.

PERF: reading is not left to h11 because its leniency can only be checked by reading everything anyway, and
because content is copied four times on its way through its buffer (benchmarks/server.py::upload).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.sansio.errors.base import InvalidHeader
from toolkit.sansio.grammar import parse_digits
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.checks import forbidden_trailer
from toolkit.sansio.http11.events import ResponseReceived

if TYPE_CHECKING:
    import h11

    from toolkit.sansio.headers import HeadersView
    from toolkit.sansio.http11.events import Informational, RequestReceived


def tell_request(wire: h11.Connection, request: RequestReceived) -> None:
    """h11 learns of the head of a request."""
    version = "1.0" if request.http_version == "1.0" else "1.1"
    lines = [f"{request.method} / HTTP/{version}", "Host: -"]
    if not request.keeps_alive:
        lines.append("Connection: close")
    if request.upgrade:
        lines.append("Upgrade: -")
    _tell(wire, lines)


def tell_response(
    wire: h11.Connection, response: Informational | ResponseReceived, *, keeps_alive: bool = True
) -> None:
    """h11 learns of the head of a response."""
    lines = [f"HTTP/1.1 {response.status} "]
    if isinstance(response, ResponseReceived):
        lines.append("Content-Length: 0")
    if not keeps_alive:
        lines.append("Connection: close")
    _tell(wire, lines)


def _tell(wire: h11.Connection, lines: list[str]) -> None:
    wire.receive_data("\r\n".join([*lines, "", ""]).encode("ascii"))
    wire.next_event()


def tell_end(wire: h11.Connection) -> None:
    """h11 learns that the message whose head it was told is whole."""
    wire.next_event()


def declared_length(headers: HeadersView) -> int | None:
    """The Content-Length of a message to be sent, in bytes. `InvalidHeader` for a framing that is none."""
    codings = headers.combined("Transfer-Encoding")
    lengths = headers.getlist("Content-Length")
    if codings is not None and (lengths or codings.lower() != "chunked"):
        raise InvalidHeader("Transfer-Encoding", codings, "it is chunked, and there is no Content-Length")
    if not lengths:
        return None
    length = parse_digits(lengths[0])
    if length is None or len(lengths) > 1:
        raise InvalidHeader("Content-Length", ", ".join(lengths), "it is a number, once")
    return length


def without_framing(headers: Headers) -> Headers:
    """The headers of a response that may tell of no content (RFC 9110 section 8.6, RFC 9112 section 6.1)."""
    kept = headers.copy()
    for name in ("Content-Length", "Transfer-Encoding"):
        kept.poplist(name)
    return kept


def wire_lines(headers: HeadersView) -> list[tuple[bytes, bytes]]:
    """Header lines as octets. What may not go on the wire is an `InvalidHeader`: nobody can inject a line.

    Every line is checked, even of headers that were adopted and may never have been.
    """
    lines = Headers(headers.items()).items()
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines]


def trailer_lines(trailers: HeadersView) -> list[tuple[bytes, bytes]]:
    """The same for a trailer section, which may not have every field (RFC 9110 section 6.5.1)."""
    if not trailers:
        return []
    name = forbidden_trailer(trailers)
    if name is not None:
        raise InvalidHeader(name, trailers[name], "it may not be a trailer (RFC 9110 section 6.5.1)")
    return wire_lines(trailers)
