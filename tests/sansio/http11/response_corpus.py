"""Raw responses made from the rules of RFC 9110 and RFC 9112, each with what must become of it.

The valid ones are one final response each, maybe with others before it; an invalid one breaks one rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.sansio.http11.corpus import (
    BAD_CHUNK_LINES,
    BAD_CODINGS,
    BAD_LENGTHS,
    BAD_TRAILERS,
    CHUNK_LINES,
    VALUES,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
EMPTY = b"Content-Length: 0\r\n\r\n"


class ValidResponse(NamedTuple):
    """A response that must be taken, with its content, to a request of this method."""

    name: str
    raw: bytes
    content: bytes = b""
    method: str = "GET"


class InvalidResponse(NamedTuple):
    """A response that must be refused."""

    name: str
    raw: bytes
    method: str = "GET"


def responses() -> list[ValidResponse | InvalidResponse]:
    """All of them."""
    return [*valid_responses(), *invalid_responses()]


def valid_responses() -> Iterator[ValidResponse]:
    """Responses that every client must take."""
    for status in (200, 201, 226, 299, 300, 404, 418, 499, 500, 599, 999):
        yield ValidResponse(f"status {status}", b"HTTP/1.1 %d X\r\n" % status + EMPTY)
    for reason in (" OK", " ", "", " a b\tc", " caf\xe9", "  two", " 200", " (x)"):
        yield ValidResponse(f"reason {reason!r}", f"HTTP/1.1 200{reason}\r\n".encode("latin-1") + EMPTY)
    for value in VALUES:
        yield ValidResponse(f"value {value[:20]!r}", OK + b"X: " + value.encode("latin-1") + b"\r\n" + EMPTY)
    for length in ("5", "05", "0000000000000000005"):
        yield ValidResponse(
            f"length {length}", OK + f"Content-Length: {length}\r\n\r\nhello".encode(), b"hello"
        )
    yield ValidResponse("ended by the connection", OK + b"\r\nhello", b"hello")
    yield ValidResponse("nothing, ended by the connection", OK + b"\r\n")
    yield ValidResponse("HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\nhello", b"hello")
    yield ValidResponse("HTTP/1.0 with length", b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi")
    yield ValidResponse("a later minor version", b"HTTP/1.7 200 OK\r\n" + EMPTY)
    yield ValidResponse("closes", OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi", b"hi")
    for line in CHUNK_LINES:
        yield ValidResponse(f"chunk {line}", CHUNKED + line.encode() + b"\r\nhello\r\n0\r\n\r\n", b"hello")
    yield ValidResponse("trailers", CHUNKED + b"1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n", b"a")
    for count, status in ((1, 100), (3, 103), (2, 199), (1, 102)):
        interim = b"HTTP/1.1 %d X\r\nLink: </a>\r\n\r\n" % status
        yield ValidResponse(f"{count} times {status} before it", interim * count + OK + EMPTY)
    for name, fields in (
        ("length", b"Content-Length: 5\r\n"), ("chunked", b"Transfer-Encoding: chunked\r\n"), ("neither", b"")
    ):  # fmt: skip
        yield ValidResponse(f"to HEAD, {name}", OK + fields + b"\r\n", method="HEAD")
        yield ValidResponse(f"304, {name}", b"HTTP/1.1 304 X\r\n" + fields + b"\r\n")
    yield ValidResponse("204", b"HTTP/1.1 204 X\r\n\r\n")
    yield ValidResponse("204 with length", b"HTTP/1.1 204 X\r\nContent-Length: 5\r\n\r\n")
    yield ValidResponse("204 and chunked", b"HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n")
    yield ValidResponse("205", b"HTTP/1.1 205 X\r\n" + EMPTY)


def invalid_responses() -> Iterator[InvalidResponse]:
    """Responses that no client may take."""
    for version in ("HTTP/0.9", "HTTP/2.0", "HTTP/3.0", "HTTP/1", "HTTP/1.", "HTTP/1.10", "http/1.1", "ICY",
                    "HTTP/1,1", " HTTP/1.1", "HTTP/1.1 ", "HTTP/-1.1", "HTTP", ""):  # fmt: skip
        yield InvalidResponse(f"version {version!r}", f"{version} 200 OK\r\n".encode() + EMPTY)
    for status in ("0", "20", "099", "000", "2000", "+20", "-20", "20x", "0x1", "2_0", "2 0", "\xb200", ""):
        yield InvalidResponse(f"status {status!r}", f"HTTP/1.1 {status} OK\r\n".encode("latin-1") + EMPTY)
    for reason in ("\x00", "a\x0bb", "a\x7f", "\x1b[0m"):
        yield InvalidResponse(f"reason {reason!r}", f"HTTP/1.1 200 {reason}\r\n".encode() + EMPTY)
    yield from _invalid_lines()
    yield from _invalid_framing()
    yield from _cut_short()


def _invalid_lines() -> Iterator[InvalidResponse]:
    yield InvalidResponse("tab before the reason", b"HTTP/1.1 200\tOK\r\n" + EMPTY)
    for control in (0, 1, 8, 11, 12, 14, 31, 127):
        yield InvalidResponse(f"control {control}", OK + b"X: a%cb\r\n" % control + EMPTY)
    for name in ("", "X ", " X", "X(", "X\xe9", "X Y", "X\x00"):
        yield InvalidResponse(f"name {name!r}", OK + f"{name}: 1\r\n".encode("latin-1") + EMPTY)
    yield InvalidResponse("no colon", OK + b"X\r\n" + EMPTY)
    yield InvalidResponse("fold", OK + b"X: 1\r\n 2\r\n" + EMPTY)
    yield InvalidResponse("fold first", OK + b" X: 1\r\n" + EMPTY)
    yield InvalidResponse("LF after status", OK.replace(b"\r", b"") + EMPTY)
    yield InvalidResponse("LF after field", OK + b"X: 1\n" + EMPTY)
    yield InvalidResponse("LF only", (OK + EMPTY).replace(b"\r", b""))
    yield InvalidResponse("CR in value", OK + b"X: 1\rY: 2\r\n" + EMPTY)
    yield InvalidResponse("an empty line before it", b"\r\n" + OK + EMPTY)
    yield InvalidResponse("junk before it", b"x" + OK + EMPTY)
    yield InvalidResponse("101 fields", OK + b"X: 1\r\n" * 100 + EMPTY)


def _invalid_framing() -> Iterator[InvalidResponse]:
    for length in BAD_LENGTHS:
        raw = OK + f"Content-Length: {length}\r\n\r\nhello".encode("latin-1")
        yield InvalidResponse(f"length {length!r}", raw)
    for first, second in (("5", "5"), ("5", "6"), ("5", "")):
        raw = OK + f"Content-Length: {first}\r\nContent-Length: {second}\r\n\r\nhello".encode()
        yield InvalidResponse(f"lengths {first!r} {second!r}", raw)
    for coding in BAD_CODINGS:
        raw = OK + f"Transfer-Encoding: {coding}\r\n\r\n0\r\n\r\n".encode("latin-1")
        yield InvalidResponse(f"coding {coding!r}", raw)
    both = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    yield InvalidResponse("length and coding", OK + both)
    yield InvalidResponse("chunked in HTTP/1.0", CHUNKED.replace(b"1.1", b"1.0") + b"0\r\n\r\n")
    for line in BAD_CHUNK_LINES:
        yield InvalidResponse(f"chunk {line!r}", CHUNKED + line.encode("latin-1") + b"\r\nhello\r\n0\r\n\r\n")
    for name, rest in (
        ("LF after line", b"5\nhello\r\n0\r\n\r\n"), ("LF after data", b"5\r\nhello\n0\r\n\r\n"),
        ("data too long", b"4\r\nhello\r\n0\r\n\r\n"), ("data too short", b"6\r\nhello\r\n0\r\n\r\n"),
        ("no end", b"5\r\nhello\r\n"), ("half an end", b"0\r\n"), ("cut", b"5\r\nhel"),
        ("folded trailer", b"0\r\nX: 1\r\n 2\r\n\r\n"), ("control in trailer", b"0\r\nX: \x01\r\n\r\n"),
    ):  # fmt: skip
        yield InvalidResponse(f"chunked: {name}", CHUNKED + rest)
    for trailer in BAD_TRAILERS:
        yield InvalidResponse(f"trailer {trailer}", CHUNKED + b"0\r\n" + trailer.encode() + b"\r\n\r\n")


def _cut_short() -> Iterator[InvalidResponse]:
    yield InvalidResponse("cut in content", OK + b"Content-Length: 5\r\n\r\nhell")
    yield InvalidResponse("cut in head", OK + b"X: 1\r\n")
    yield InvalidResponse("nothing", b"")
    yield InvalidResponse("only an interim response", b"HTTP/1.1 100 Continue\r\n\r\n")
    yield InvalidResponse("a switch that nobody asked for", b"HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n")
