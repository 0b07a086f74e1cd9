"""The machine of one request and its response: it walks the tables of `states` and counts the content.

Adapters tell it what they received and what they are about to send; it answers with what may leave, or
raises before a wrong byte does. It holds no bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.exchange.states import REQUEST_STEPS, RESPONSE_STEPS, RequestState, ResponseState, Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeVar

    State = TypeVar("State", RequestState, ResponseState)


class ExchangeError(LocalError):
    """A step that the state of the exchange does not allow: sending after the end, reading twice, …"""


class ContentLengthError(LocalError):
    """A response whose content is not as long as its Content-Length says. Lengths are in bytes."""

    def __init__(self, declared: int, actual: int) -> None:
        super().__init__(declared, actual)
        self.declared = declared
        self.actual = actual

    def __str__(self) -> str:
        relation = "more" if self.actual > self.declared else "less"
        return f"{relation} content ({self.actual} bytes) than the declared Content-Length ({self.declared})"


def content_forbidden(method: str, status: int) -> bool:
    """Whether a response may carry no content: to HEAD, 1xx, 204 and 304 (RFC 9110 section 6.4.1).

    >>> content_forbidden("GET", 204), content_forbidden("HEAD", 200), content_forbidden("GET", 404)
    (True, True, False)
    """
    return method == "HEAD" or status < 200 or status in {204, 304} or (method == "CONNECT" and status < 300)


class Exchange:
    """The state of one request and of its response.

    `method` is the request's; `expects_continue` says that it came with `Expect: 100-continue` in
    HTTP/1.1. The states stand in `request` and `response`; every method is one step and raises
    `ExchangeError` where the tables have no such step.
    """

    __slots__ = (
        "_declared",
        "_dropped",
        "_expects_continue",
        "_sent",
        "method",
        "request",
        "response",
    )

    def __init__(self, method: str = "GET", *, expects_continue: bool = False) -> None:
        self.method = method
        self.request = RequestState.HEAD
        self.response = ResponseState.IDLE
        self._expects_continue = expects_continue
        self._declared: int | None = None
        self._sent = 0
        self._dropped = False

    def __repr__(self) -> str:
        return f"<Exchange {self.method} request={self.request.value} response={self.response.value}>"

    # What is received.

    def receive_head(self) -> None:
        """The head of the request is whole."""
        self.request = _next(REQUEST_STEPS, self.request, Step.HEAD, "request")

    def receive_data(self) -> None:
        """Some content of the request came."""
        self.request = _next(REQUEST_STEPS, self.request, Step.DATA, "request")
        self._expects_continue = False

    def receive_trailers(self) -> None:
        """The trailer section of the request came."""
        self.request = _next(REQUEST_STEPS, self.request, Step.TRAILERS, "request")

    def receive_end(self) -> None:
        """The request is whole."""
        self.request = _next(REQUEST_STEPS, self.request, Step.END, "request")
        self._expects_continue = False

    def receive_abort(self) -> None:
        """The peer left: neither side of the exchange can be completed any more."""
        self.request = REQUEST_STEPS[self.request][Step.ABORT]
        self.response = RESPONSE_STEPS[self.response][Step.ABORT]

    @property
    def wants_continue(self) -> bool:
        """Whether the client waits for a 100 before it sends content (RFC 9110 section 10.1.1)."""
        waiting = self.response is ResponseState.IDLE or self.response is ResponseState.INFORMATIONAL
        return self._expects_continue and waiting and self.request is RequestState.BODY

    # What is sent.

    def send_informational(self, status: int) -> None:
        """A 1xx response other than 101 goes out."""
        if not 100 <= status < 200 or status == 101:
            raise ExchangeError(f"{status} is not an informational status: allowed are 100 and 102 to 199")
        self.response = _next(RESPONSE_STEPS, self.response, Step.INFORMATIONAL, "response")
        if status == 100:
            self._expects_continue = False

    def send_upgrade(self) -> None:
        """101 goes out: the connection leaves HTTP."""
        self.response = _next(RESPONSE_STEPS, self.response, Step.UPGRADE, "response")

    def send_head(self, status: int, content_length: int | None = None) -> None:
        """The head of the final response goes out; `content_length` is what it declares, in bytes."""
        if status < 200:
            raise ExchangeError(f"{status} is not a final status: a response needs one from 200 to 999")
        self.response = _next(RESPONSE_STEPS, self.response, Step.HEAD, "response")
        self._dropped = content_forbidden(self.method, status)
        self._declared = content_length

    def send_data(self, size: int) -> bool:
        """`size` bytes of content are about to go out; False when they must be dropped (HEAD, 204, 304).

        Raises `ContentLengthError` when they would be more than the head declared: then none go.
        """
        self.response = _next(RESPONSE_STEPS, self.response, Step.DATA, "response")
        if self._dropped:
            return False
        sent = self._sent + size
        if self._declared is not None and sent > self._declared:
            raise ContentLengthError(self._declared, sent)
        self._sent = sent
        return True

    def send_trailers(self) -> None:
        """The trailer section goes out; the content must be chunked (RFC 9112 section 7.1.2)."""
        if self._declared is not None or self._dropped:
            raise ExchangeError("trailers need chunked content: no Content-Length, no HEAD, 204 or 304")
        self.response = _next(RESPONSE_STEPS, self.response, Step.TRAILERS, "response")

    def send_end(self) -> None:
        """The response is whole. Raises `ContentLengthError` when it is shorter than the head declared."""
        if self._declared is not None and not self._dropped and self._sent < self._declared:
            raise ContentLengthError(self._declared, self._sent)
        self.response = _next(RESPONSE_STEPS, self.response, Step.END, "response")

    def send_abort(self) -> None:
        """The response breaks off after its head: the connection must not look like a whole response."""
        self.response = RESPONSE_STEPS[self.response][Step.ABORT]


def _next(table: Mapping[State, Mapping[Step, State]], state: State, step: Step, side: str) -> State:
    """The state after a step; what is not in the table is an error that lists what is."""
    try:
        return table[state][step]
    except KeyError:
        allowed = ", ".join(sorted(step.value for step in table[state]))
        raise ExchangeError(
            f"the {side} is at {state.value!r}: {step.value!r} is not one of {allowed}"
        ) from None
