"""The states of one request and of its response, and every step between them, as tables.

What is not in a table is an error. The diagram in the documentation is made from these tables, and the
machine that walks them, with the accounting of body lengths, is `toolkit.sansio.exchange.machine`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class RequestState(str, Enum):
    """How much of the request has been received."""

    # PERF: here and below, the hash of an Enum is a call in Python (benchmarks/http11.py::exchange)
    __hash__ = str.__hash__

    HEAD = "head"
    """Nothing yet, or a part of the head: method, target, header section."""
    BODY = "body"
    """The head is whole; content may follow."""
    TRAILERS = "trailers"
    """The trailer section came: the content is whole."""
    COMPLETE = "complete"
    """All of it was received."""
    ABORTED = "aborted"
    """The peer left, or broke the rules, before the end."""


class ResponseState(str, Enum):
    """How much of the response has been sent."""

    __hash__ = str.__hash__

    IDLE = "idle"
    """Nothing yet."""
    INFORMATIONAL = "informational"
    """One or more 1xx responses; the final one is still to come."""
    HEAD = "head"
    """The head of the final response, and no content yet."""
    BODY = "body"
    """Some content."""
    TRAILERS = "trailers"
    """The trailer section: no content may follow."""
    COMPLETE = "complete"
    """All of it was sent."""
    UPGRADED = "upgraded"
    """101: from here on the connection speaks another protocol."""
    ABORTED = "aborted"
    """It broke off: the peer left, or the application failed after the head."""


class Step(str, Enum):
    """What moves a request or a response from one state to the next."""

    __hash__ = str.__hash__

    INFORMATIONAL = "informational"
    HEAD = "head"
    UPGRADE = "upgrade"
    DATA = "data"
    TRAILERS = "trailers"
    END = "end"
    ABORT = "abort"


REQUEST_STEPS: Final[Mapping[RequestState, Mapping[Step, RequestState]]] = {
    # A message is a start line, header fields, an empty line and an optional body (RFC 9112 section 2.1). A
    # request without content goes from head through body to its end without data.
    RequestState.HEAD: {
        Step.HEAD: RequestState.BODY,
        Step.ABORT: RequestState.ABORTED,
    },
    RequestState.BODY: {
        Step.DATA: RequestState.BODY,
        Step.TRAILERS: RequestState.TRAILERS,
        Step.END: RequestState.COMPLETE,
        Step.ABORT: RequestState.ABORTED,
    },
    # Trailer fields come after the content (RFC 9110 section 6.5): nothing but the end can follow them.
    RequestState.TRAILERS: {
        Step.END: RequestState.COMPLETE,
        Step.ABORT: RequestState.ABORTED,
    },
    # A peer that leaves after its request was whole took nothing of it back: that is the response's affair.
    RequestState.COMPLETE: {Step.ABORT: RequestState.COMPLETE},
    RequestState.ABORTED: {Step.ABORT: RequestState.ABORTED},
}
"""What may happen to a request in each state, and where it leads; anything else is an error."""

RESPONSE_STEPS: Final[Mapping[ResponseState, Mapping[Step, ResponseState]]] = {
    # "A client MUST be able to parse one or more 1xx responses received prior to a final response"
    # (RFC 9110 section 15.2).
    ResponseState.IDLE: {
        Step.INFORMATIONAL: ResponseState.INFORMATIONAL,
        Step.HEAD: ResponseState.HEAD,
        Step.UPGRADE: ResponseState.UPGRADED,
        Step.ABORT: ResponseState.ABORTED,
    },
    ResponseState.INFORMATIONAL: {
        Step.INFORMATIONAL: ResponseState.INFORMATIONAL,
        Step.HEAD: ResponseState.HEAD,
        Step.UPGRADE: ResponseState.UPGRADED,
        Step.ABORT: ResponseState.ABORTED,
    },
    ResponseState.HEAD: {
        Step.DATA: ResponseState.BODY,
        Step.TRAILERS: ResponseState.TRAILERS,
        Step.END: ResponseState.COMPLETE,
        Step.ABORT: ResponseState.ABORTED,
    },
    ResponseState.BODY: {
        Step.DATA: ResponseState.BODY,
        Step.TRAILERS: ResponseState.TRAILERS,
        Step.END: ResponseState.COMPLETE,
        Step.ABORT: ResponseState.ABORTED,
    },
    ResponseState.TRAILERS: {
        Step.END: ResponseState.COMPLETE,
        Step.ABORT: ResponseState.ABORTED,
    },
    # The end is the end: a peer that leaves now has missed nothing.
    ResponseState.COMPLETE: {Step.ABORT: ResponseState.COMPLETE},
    # The server speaks the new protocol right after the empty line of the 101 response (RFC 9110 section
    # 15.2.2): what breaks now is no longer HTTP's affair.
    ResponseState.UPGRADED: {Step.ABORT: ResponseState.UPGRADED},
    ResponseState.ABORTED: {Step.ABORT: ResponseState.ABORTED},
}
"""What may happen to a response in each state, and where it leads; anything else is an error."""
