"""The machine of one WebSocket session: handshake, messages, close; no frames, no bytes kept (RFC 6455).

A driver tells it what came and what is about to leave. It answers by returning, or by raising before
anything wrong is sent: `SessionError` for a step out of turn or a value that the protocol does not have
(our caller's fault), `SessionClosed` when the peer has closed, `MessageTooBig` when it sent too much.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from toolkit.sansio.errors.base import LocalError, RemoteError, ToolkitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class SessionState(str, Enum):
    """Where a session stands."""

    CONNECTING = "connecting"
    """The handshake was asked for and not yet answered."""
    OPEN = "open"
    """Accepted: messages go both ways."""
    CLOSED = "closed"
    """Over: closed by either side, denied, or lost."""


class SessionStep(str, Enum):
    """What moves a session on."""

    ACCEPT = "accept"
    DENY = "deny"
    SEND = "send"
    RECEIVE = "receive"
    CLOSE = "close"
    LOSE = "lose"


SESSION_STEPS: Final[Mapping[SessionState, Mapping[SessionStep, SessionState]]] = {
    # A server answers the handshake with 101, or with any other status (RFC 6455 section 4.2.2). A close
    # before that is a denial with 403, as ASGI has it.
    SessionState.CONNECTING: {
        SessionStep.ACCEPT: SessionState.OPEN,
        SessionStep.DENY: SessionState.CLOSED,
        SessionStep.CLOSE: SessionState.CLOSED,
        SessionStep.LOSE: SessionState.CLOSED,
    },
    SessionState.OPEN: {
        SessionStep.SEND: SessionState.OPEN,
        SessionStep.RECEIVE: SessionState.OPEN,
        SessionStep.CLOSE: SessionState.CLOSED,
        SessionStep.LOSE: SessionState.CLOSED,
    },
    # The application must not send any more data frames after sending a Close frame (RFC 6455 section 5.5.1).
    SessionState.CLOSED: {SessionStep.LOSE: SessionState.CLOSED},
}

MAX_REASON: Final = 123
"""Bytes of a close reason: a control frame carries 125 at most, two of them are the code (RFC 6455 5.5)."""


class SessionError(LocalError):
    """A step that the state of the session does not allow, or a value that WebSocket does not have."""


class SessionClosed(ToolkitError):
    """The peer closed the session, or was lost. `code` and `reason` are what it gave (RFC 6455 section 7.4).

    1005 stands for a close without a code, 1006 for a connection that broke.
    """

    def __init__(self, code: int = 1005, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"the peer closed the session: {self.code}" + (f" {self.reason!r}" if self.reason else "")


class MessageTooBig(RemoteError):
    """A received message longer than `maximum` bytes; the session is to be closed with `code` 1009."""

    status = 413
    code = 1009

    def __init__(self, maximum: int, actual: int) -> None:
        super().__init__(maximum, actual)
        self.maximum = maximum
        self.actual = actual

    def __str__(self) -> str:
        return f"a message is limited to {self.maximum} bytes, received {self.actual}"


def may_send_code(code: int) -> bool:
    """Whether an endpoint may put `code` into a close frame (RFC 6455 section 7.4, IANA registry).

    >>> may_send_code(1000), may_send_code(4000), may_send_code(1006)
    (True, True, False)
    """
    return 3000 <= code <= 4999 or (1000 <= code <= 1014 and code not in {1004, 1005, 1006})


class Session:
    """The state of one WebSocket session.

    `subprotocols` are those that the client offers; `max_message` limits what it may send at once, in
    bytes (text counts as UTF-8).
    """

    __slots__ = ("_lost", "max_message", "state", "subprotocol", "subprotocols")

    def __init__(self, subprotocols: Sequence[str] = (), *, max_message: int = 1024 * 1024) -> None:
        self.subprotocols = tuple(subprotocols)
        self.max_message = max_message
        self.state = SessionState.CONNECTING
        self.subprotocol: str | None = None
        self._lost: SessionClosed | None = None

    def __repr__(self) -> str:
        return f"<Session {self.state.value}>"

    def accept(self, subprotocol: str | None = None, names: Iterable[str] = ()) -> None:
        """The handshake is accepted, with one of the subprotocols that were offered, or with none.

        `names` are those of further header fields: what the handshake itself says is not among them.
        """
        if subprotocol is not None and subprotocol not in self.subprotocols:
            offered = ", ".join(self.subprotocols) or "none"
            raise SessionError(f"subprotocol {subprotocol!r} was not offered by the client: {offered} was")
        for name in names:
            if name.lower().startswith("sec-websocket-"):
                raise SessionError(f"{name} is the server's to send; a subprotocol is named as `subprotocol`")
        self._step(SessionStep.ACCEPT)
        self.subprotocol = subprotocol

    def deny(self) -> None:
        """The handshake is answered with an HTTP response other than 101."""
        self._step(SessionStep.DENY)

    def send(self, message: str | bytes) -> None:
        """A message is about to leave. Raises `SessionClosed` when the peer has closed."""
        _check_message(message)
        self._step(SessionStep.SEND)

    def receive(self, message: str | bytes) -> None:
        """A message came. Raises `MessageTooBig` when it is longer than `max_message` bytes."""
        self._step(SessionStep.RECEIVE)
        size = len(message)
        if isinstance(message, str) and size * 4 > self.max_message:
            size = len(message.encode("utf-8", "surrogatepass"))
        if size > self.max_message:
            raise MessageTooBig(self.max_message, size)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """A close frame is about to leave."""
        if not may_send_code(code):
            raise SessionError(f"close code {code} may not be sent: 1000-1003, 1007-1014 and 3000-4999 may")
        if len(_encoded(reason)) > MAX_REASON:
            raise SessionError(f"a close reason has at most {MAX_REASON} bytes of UTF-8: {reason!r} has more")
        self._step(SessionStep.CLOSE)

    def lose(self, code: int = 1006, reason: str = "") -> SessionClosed:
        """The peer closed, or the connection broke; what the application should see is returned."""
        self._step(SessionStep.LOSE)
        self._lost = self._lost or SessionClosed(code, reason)
        return self._lost

    def _step(self, step: SessionStep) -> None:
        try:
            self.state = SESSION_STEPS[self.state][step]
        except KeyError:
            if self._lost is not None:
                raise self._lost from None
            allowed = ", ".join(step.value for step in SESSION_STEPS[self.state])
            raise SessionError(
                f"the session is {self.state.value}: {step.value!r} is not one of {allowed}"
            ) from None


def _check_message(message: object) -> None:
    if isinstance(message, str):
        _encoded(message)
    elif not isinstance(message, bytes):
        raise SessionError(f"a message is str or bytes, not {message!r:.80}")


def _encoded(text: str) -> bytes:
    """Text as it is sent, in UTF-8 (RFC 6455 section 5.6)."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise SessionError(f"text with half of a surrogate pair, at {error.start}, cannot be sent") from None
