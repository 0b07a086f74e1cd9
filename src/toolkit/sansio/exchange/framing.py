"""How a response goes on the wire: which fields its head has, and whether and how much content follows.

A pure function; an adapter calls it, hands the head to the server and walks the body. The rules are those
of RFC 9110 sections 6.4 and 8.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toolkit.sansio.errors.base import InvalidHeader
from toolkit.sansio.exchange.machine import ContentLengthError, content_forbidden
from toolkit.sansio.grammar import parse_digits

if TYPE_CHECKING:
    from toolkit.sansio.exchange.response import Response


class Head(NamedTuple):
    """The head of a response as it goes out."""

    status: int
    headers: list[tuple[str, str]]
    length: int | None
    """The Content-Length it declares, in bytes; None when it declares none."""
    has_content: bool
    """Whether content may follow; the adapter drops (and closes) the body otherwise."""


def frame(response: Response, method: str) -> Head:
    """The head of `response` as an answer to `method`.

    A body of bytes gets its Content-Length, and the one that is there must be right
    (`ContentLengthError`); 1xx and 204 get none. A streamed body keeps what the caller declared.
    """
    status = response.status
    headers = response.headers.items()
    body = response.body
    declared = _declared(headers)
    # PERF: the first half spares most responses a call (benchmarks/exchange.py::small)
    has_content = (status == 200 and method == "GET") or not content_forbidden(method, status)
    if isinstance(body, bytes):
        length = len(body)
        if declared is not None:
            # A response to HEAD, or a 304, may declare the length of what it does not send.
            if declared != length and has_content:
                raise ContentLengthError(declared, length)
        elif status >= 200 and status != 204 and (length or status != 304):
            headers.append(("Content-Length", str(length)))
            declared = length
    return Head(status, headers, declared, has_content)


def _declared(headers: list[tuple[str, str]]) -> int | None:
    """The Content-Length among the lines.

    PERF: a scan of a few lines costs less than the index of the headers (benchmarks/exchange.py::small).
    """
    for name, value in headers:
        if len(name) == 14 and name.lower() == "content-length":
            length = parse_digits(value)
            if length is None:
                raise InvalidHeader(name, value, "a length is decimal digits")
            return length
    return None
