"""The rules that a WSGI application has to keep (PEP 3333), each checked where it can first be broken.

They are those of `wsgiref.validate` and more. Three of its own are left out, for PEP 3333 does not have
them: that there is always a Content-Type, that there is none with 204 and 304, and that the input is read
with a size.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from toolkit.sansio.errors.base import InvalidHeader, LocalError
from toolkit.sansio.exchange.machine import ContentLengthError, Exchange, ExchangeError
from toolkit.sansio.exchange.states import ResponseState
from toolkit.sansio.grammar import is_field_value, is_token, parse_digits
from toolkit.sansio.headers import Headers
from toolkit.testing.framing_rules import check_content, check_framing
from toolkit.testing.messages import Head

if TYPE_CHECKING:
    from toolkit.testing.errors import Watch

START: Final = "PEP 3333, The start_response() Callable"
STRINGS: Final = "PEP 3333, A Note On String Types"
WRITE: Final = "PEP 3333, The write() Callable"
RESULT: Final = "PEP 3333, Specification Details"
LENGTH: Final = "PEP 3333, Handling the Content-Length Header"
EXC_INFO: Final = "PEP 3333, Error Handling"
HOPS: Final = "PEP 3333, Other HTTP Features"
INPUT: Final = "PEP 3333, Input and Error Streams"
HINTS: Final = "RFC 8297 section 2"

_STATUS = re.compile(r"[1-9][0-9]{2} [\x21-\x7e\x80-\xff](?:[ \x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?")
_HOP_BY_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "trailers",
        "transfer-encoding",
        "upgrade",
    )
)


def check_head(status: object, headers: object, watch: Watch) -> Head:
    """The head that `start_response` was given."""
    demand = watch.demand
    demand(type(status) is str, STRINGS, "the status is exactly a str, not {}", status)
    status = cast("str", status)
    demand(
        _STATUS.fullmatch(status) is not None,
        START,
        "the status is three digits, a space, and a reason without controls or outer spaces, not {}",
        status,
    )
    return Head(int(status[:3]), check_lines(headers, watch))


def check_lines(headers: object, watch: Watch) -> Headers:
    """The headers that `start_response` was given."""
    demand = watch.demand
    demand(type(headers) is list, START, "the headers are exactly a list, not {}", headers)
    lines: list[tuple[str, str]] = []
    for line in cast("list[object]", headers):
        demand(_is_pair(line), START, "a header is exactly a tuple of name and value, not {}", line)
        name, value = cast("tuple[object, object]", line)
        demand(type(name) is str, STRINGS, "a header name is exactly a str, not {}", name)
        demand(type(value) is str, STRINGS, "a header value is exactly a str, not {} of {}", value, name)
        lines.append(check_line(cast("str", name), cast("str", value), watch))
    with watch.rule(START, InvalidHeader):
        return Headers(lines)


def _is_pair(line: object) -> bool:
    return type(line) is tuple and len(cast("tuple[object, ...]", line)) == 2


def check_line(name: str, value: str, watch: Watch) -> tuple[str, str]:
    """One line of the headers."""
    watch.demand(
        is_token(name) and name[-1].isalnum(),
        START,
        "a header name is a token without punctuation at its end, not {}",
        name,
    )
    watch.demand(
        is_field_value(value) and "\t" not in value,
        START,
        "a header value is latin-1 without control characters, not {} of {}",
        value,
        name,
    )
    watch.demand(name.lower() not in _HOP_BY_HOP, HOPS, "{} is hop-by-hop: it is the server's", name)
    watch.demand(name.lower() != "status", START, "the status is no header: 'Status' is CGI's")
    return name, value


def declared_length(head: Head, watch: Watch) -> int | None:
    """The Content-Length of a head."""
    values = head.headers.getlist("Content-Length")
    if not values:
        return None
    length = parse_digits(values[0])
    watch.demand(
        length is not None and len(values) == 1,
        LENGTH,
        "Content-Length is one decimal number, not {}",
        values,
    )
    return length


class Account:
    """The account of one response: its state, and its length, on the machine that servers use too."""

    def __init__(self, method: str, watch: Watch) -> None:
        self._exchange = Exchange(method)
        self._watch = watch
        self._status = 0
        self._has_length = False

    def head(self, head: Head) -> None:
        """The head leaves."""
        with self._watch.rule(START, ExchangeError):
            length = declared_length(head, self._watch)
            self._exchange.send_head(head.status, length)
        check_framing(self._exchange.method, head.status, head.headers, self._watch)
        self._has_length = length is not None
        self._status = head.status

    def data(self, data: bytes) -> bool:
        """Content leaves; False where it is dropped: a response to HEAD has none, whatever is sent."""
        check_content(self._exchange.method, self._status, len(data), self._watch)
        with self._watch.rule(LENGTH, ContentLengthError):
            return self._exchange.send_data(len(data))

    def end(self) -> None:
        """The response is at its end."""
        with self._watch.rule(LENGTH, ContentLengthError):
            self._exchange.send_end()

    @property
    def is_whole(self) -> bool:
        """Whether the content is all that the Content-Length says."""
        try:
            self._exchange.send_end()
        except LocalError:
            return self._exchange.response is ResponseState.COMPLETE
        return self._has_length
