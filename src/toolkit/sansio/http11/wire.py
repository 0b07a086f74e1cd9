"""What a client tells h11 of what it received, and the lines of what either end sends.

h11 keeps the life of a client's connection: who is done, who must close, who switched to another protocol.
For that it must know what was received, but it need not read it: of each response it is told a skeleton, a
head with what its state depends on and without content, and then that it ended. Reading is not left to h11
because its leniency can only be checked by reading everything anyway.

PERF: and because content is copied four times on its way through its buffer (benchmarks/server.py::upload).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from toolkit.sansio.errors.base import InvalidHeader
from toolkit.sansio.fields.lists import split_list
from toolkit.sansio.grammar import parse_digits
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.checks import forbidden_trailer
from toolkit.sansio.http11.events import ResponseReceived

if TYPE_CHECKING:
    import h11

    from toolkit.sansio.headers import HeadersView
    from toolkit.sansio.http11.events import Informational

Lines: TypeAlias = list[tuple[str, str]]
"""Header lines that may go on the wire."""

_FRAMING: Final = ("content-length", "transfer-encoding")


def tell_response(
    wire: h11.Connection, response: Informational | ResponseReceived, *, keeps_alive: bool = True
) -> None:
    """h11 learns of the head of a response."""
    lines = [f"HTTP/1.1 {response.status} "]
    if isinstance(response, ResponseReceived):
        lines.append("Content-Length: 0")
    if not keeps_alive:
        lines.append("Connection: close")
    wire.receive_data("\r\n".join([*lines, "", ""]).encode("ascii"))
    wire.next_event()


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


def wire_lines(headers: HeadersView) -> Lines:
    """The lines of headers. What may not go on the wire is an `InvalidHeader`: nobody can inject a line.

    Every line is checked, even of headers that were adopted and may never have been.
    """
    return Headers(headers.items()).items()


def closing_lines(lines: Lines) -> Lines:
    """The lines of a response after which the connection closes: Connection says so beside its other options.

    These name fields that are for this connection only, such as Upgrade (RFC 9110 section 7.6.1).
    """
    kept = [(name, value) for name, value in lines if name.lower() != "connection"]
    options = ["close"]
    if len(kept) < len(lines):
        given = ",".join(value for name, value in lines if name.lower() == "connection")
        options += [option for option in split_list(given) if option.lower() not in {"close", "keep-alive"}]
    return [*kept, ("Connection", ", ".join(options))]


def octets(lines: Lines) -> list[tuple[bytes, bytes]]:
    """Lines as h11 takes them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines]


def trailer_lines(trailers: HeadersView) -> Lines:
    """The same for a trailer section, which may not have every field (RFC 9110 section 6.5.1)."""
    if not trailers:
        return []
    name = forbidden_trailer(trailers)
    if name is not None:
        raise InvalidHeader(name, trailers[name], "it may not be a trailer (RFC 9110 section 6.5.1)")
    return wire_lines(trailers)
