"""The rules that an ASGI application has to keep: which messages it may send, when, and of what types.

The order of messages and the length of the content are judged by the machines that servers use too
(`Exchange` for HTTP, `Session` for WebSockets); the rest stands here (ASGI 3.0, HTTP and WebSocket 2.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar, cast

from toolkit.sansio.errors.base import InvalidHeader
from toolkit.sansio.exchange.machine import ContentLengthError, Exchange, ExchangeError
from toolkit.sansio.exchange.states import ResponseState
from toolkit.sansio.grammar import parse_digits
from toolkit.sansio.headers import Headers
from toolkit.testing.framing_rules import check_content, check_framing

if TYPE_CHECKING:
    from toolkit.testing.errors import Watch

T = TypeVar("T")

SEND: Final = "ASGI, Events"
START: Final = "ASGI HTTP, Response Start"
BODY: Final = "ASGI HTTP, Response Body"
TRAILERS: Final = "ASGI extension, HTTP Trailers"
HINTS: Final = "ASGI extension, Early Hints"
PATH: Final = "ASGI extension, Path Send"
ACCEPT: Final = "ASGI WebSocket, Accept"
MESSAGE: Final = "ASGI WebSocket, Send"
CLOSE: Final = "ASGI WebSocket, Close"
DENIAL: Final = "ASGI extension, WebSocket Denial Response"
LIFESPAN: Final = "ASGI Lifespan"
LENGTH: Final = "RFC 9110 section 8.6"


def message_type(message: object, allowed: tuple[str, ...], watch: Watch) -> tuple[str, Mapping[str, object]]:
    """The type of a message that was sent, and the message."""
    watch.demand(isinstance(message, Mapping), SEND, "a message is a dict, not {}", message)
    fields = cast("Mapping[str, object]", message)
    kind = fields.get("type")
    watch.demand(kind in allowed, SEND, "a message has a type that is one of {}, not {}", allowed, kind)
    return cast("str", kind), fields


def value_of(message: Mapping[str, object], key: str, kind: type[T], rule: str, watch: Watch) -> T:
    """One value of a message, of exactly the type that it has to have; the empty one where it is absent."""
    value = message.get(key, kind())
    exact = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    watch.demand(exact, rule, "{} is {}, not {}", key, kind, value)
    return cast("T", value)


def check_headers(message: Mapping[str, object], rule: str, watch: Watch) -> Headers:
    """The headers of a message: pairs of bytes, with names in lower case."""
    demand = watch.demand
    headers = message.get("headers", ())
    demand(
        isinstance(headers, Iterable) and not isinstance(headers, (str, bytes, Mapping)),
        rule,
        "the headers are an iterable of pairs, not {}",
        message.get("headers"),
    )
    lines: list[tuple[str, str]] = []
    for line in cast("Iterable[object]", headers):
        demand(_is_pair(line), rule, "a header is a pair of name and value, not {}", line)
        lines.append(check_header(*cast("tuple[object, object]", line), rule, watch))
    with watch.rule(rule, InvalidHeader):
        return Headers(lines)


def _is_pair(line: object) -> bool:
    return isinstance(line, (tuple, list)) and len(cast("list[object]", line)) == 2


def check_header(name: object, value: object, rule: str, watch: Watch) -> tuple[str, str]:
    """One line of the headers, as text."""
    demand = watch.demand
    demand(isinstance(name, bytes), rule, "a header name is bytes, not {}", name)
    demand(isinstance(value, bytes), rule, "a header value is bytes, not {} of {}", value, name)
    text = cast("bytes", name).decode("latin-1")
    demand(text == text.lower(), rule, "a header name is in lower case, not {}", text)
    demand(not text.startswith(":"), rule, "pseudo headers are not sent by applications: {}", text)
    return text, cast("bytes", value).decode("latin-1")


class ResponseAccount:
    """The account of one response: order of messages, and length of the content."""

    def __init__(self, method: str, watch: Watch) -> None:
        self._exchange = Exchange(method)
        self._watch = watch
        self._has_trailers = False
        self._status = 0

    @property
    def is_started(self) -> bool:
        """Whether the head of the final response was sent."""
        return self._exchange.response not in {ResponseState.IDLE, ResponseState.INFORMATIONAL}

    @property
    def is_complete(self) -> bool:
        """Whether the response is at its end."""
        return self._exchange.response is ResponseState.COMPLETE

    def informational(self, status: int) -> None:
        """A 1xx response is sent."""
        with self._watch.rule(HINTS, ExchangeError):
            self._exchange.send_informational(status)

    def start(self, status: int, headers: Headers, *, trailers: bool) -> None:
        """The head is sent."""
        values = headers.getlist("content-length")
        length = parse_digits(values[0]) if values else None
        self._watch.demand(
            not values or (length is not None and len(values) == 1),
            START,
            "content-length is one decimal number, not {}",
            values,
        )
        with self._watch.rule(START, ExchangeError):
            self._exchange.send_head(status, length)
        check_framing(self._exchange.method, status, headers, self._watch)
        self._has_trailers = trailers
        self._status = status

    def body(self, size: int, *, more: bool) -> bool:
        """`size` bytes of content are sent; False where they are dropped, as they are after HEAD."""
        check_content(self._exchange.method, self._status, size, self._watch)
        with self._watch.rule(BODY, ExchangeError), self._watch.rule(LENGTH, ContentLengthError):
            kept = self._exchange.send_data(size)
            if not more and not self._has_trailers:
                self._exchange.send_end()
        return kept

    def trailers(self, *, more: bool) -> None:
        """Trailers are sent."""
        self._watch.demand(self._has_trailers, TRAILERS, "trailers were not announced with 'trailers': True")
        with self._watch.rule(TRAILERS, ExchangeError):
            if self._exchange.response is not ResponseState.TRAILERS:
                self._exchange.send_trailers()
            if not more:
                self._exchange.send_end()

    def finish(self, *, cut: bool) -> None:
        """The application has returned; unless its client has gone, the response must be complete."""
        self._watch.demand(self.is_started or cut, START, "the application ended without a response")
        self._watch.demand(
            self.is_complete or cut, BODY, "the application ended before the end of its response"
        )
