"""How a response goes on the wire: which fields its head has, and whether and how much content follows.

A pure function; an adapter calls it, hands the head to the server and walks the body. The rules are those
of RFC 9110 sections 6.4 and 8.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from toolkit.sansio.errors.base import InvalidHeader
from toolkit.sansio.exchange.machine import ContentLengthError, ExchangeError, content_forbidden
from toolkit.sansio.grammar import parse_digits
from toolkit.sansio.headers import Headers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.sansio.exchange.response import Body, Response


_PLAIN = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})  # what 200 answers with content, if any

Framed: TypeAlias = "tuple[list[tuple[str, str]], int | None, bool]"
"""Header lines, the length in bytes that they declare or None, and whether content may follow them."""


def frame(response: Response, method: str) -> Framed:
    """How `response` goes out as an answer to `method`: its lines, their length, whether content follows.

    A body of bytes gets its Content-Length, and the one that is there must be right
    (`ContentLengthError`); 204, and 2xx to CONNECT, have none. A streamed body keeps what the caller
    declared. Where no content may follow, the adapter drops the body, and closes it. `InvalidHeader` for a
    head that RFC 9110 forbids, `ExchangeError` for content of a 205 and a status that is not final.

    >>> from toolkit.sansio.exchange.response import Response
    >>> frame(Response(b"hello", headers={"X-Mood": "good"}), "HEAD")
    ([('X-Mood', 'good'), ('Content-Length', '5')], 5, False)
    """
    status = response.status
    lines = response.lines()
    body = response.body
    declared = None
    # PERF: a scan of a few lines costs less than the index of the headers (benchmarks/exchange.py::small).
    for name, value in lines:
        if len(name) == 14 and name.lower() == "content-length":
            declared = _length(name, value, declared)
        elif len(name) == 17 and name.lower() == "transfer-encoding":
            raise InvalidHeader(name, value, "how content is transferred is decided by the server")
    # PERF: the first half spares most responses a call (benchmarks/exchange.py::small).
    has_content = (status == 200 and method in _PLAIN) or _may_have_content(method, status, body)
    if not (has_content or _may_have_length(method, status)):
        if declared is not None:
            raise InvalidHeader("Content-Length", str(declared), f"{status} to {method} has no length")
    elif type(body) is bytes or isinstance(body, bytes):
        length = len(body)
        if declared is not None:
            # A response to HEAD, or a 304, may declare the length of what it does not send.
            if declared != length and has_content:
                raise ContentLengthError(declared, length)
        elif length or status != 304:
            lines.append(("Content-Length", str(length)))
            declared = length
    return lines, declared, has_content


def _may_have_content(method: str, status: int, body: Body) -> bool:
    if not 200 <= status <= 999:
        raise ExchangeError(f"{status} is not a final status: a response needs one from 200 to 999")
    if status == 205 and body != b"":
        raise ExchangeError("205 has no content (RFC 9110 section 15.3.6): its body is b''")
    return not content_forbidden(method, status)


def _may_have_length(method: str, status: int) -> bool:
    """Whether a response without content may tell how long it would be (RFC 9110 section 8.6)."""
    return status != 204 and (method != "CONNECT" or status >= 300)


def _length(name: str, value: str, before: int | None) -> int:
    """The length that a line declares, `before` being what another one did."""
    length = parse_digits(value)
    if length is None:
        raise InvalidHeader(name, value, "a length is decimal digits")
    if before is not None:
        raise InvalidHeader(name, value, f"a response has one length, and this one has {before} already")
    return length


def hint_lines(links: Iterable[str]) -> list[tuple[str, str]]:
    """The lines of a 103 response (RFC 8297), a Link for each of `links`. `InvalidHeader` if one is none.

    >>> hint_lines(["</a.css>; rel=preload"])
    [('Link', '</a.css>; rel=preload')]
    """
    return Headers([("Link", link) for link in links]).items()
