"""WebSockets to an ASGI application: the handshake, the messages, the close (ASGI WebSocket 2.5).

The order of what the application sends is judged by the machine that servers use too, `Session`.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from toolkit.gateway import make_websocket_scope
from toolkit.sansio.headers import Headers
from toolkit.sansio.websocket import Session, SessionClosed, SessionError, SessionState
from toolkit.testing.asgi import extra_of
from toolkit.testing.asgi_rules import (
    ACCEPT,
    CLOSE,
    DENIAL,
    MESSAGE,
    SEND,
    ResponseAccount,
    check_headers,
    message_type,
    value_of,
)
from toolkit.testing.concurrency import GRACE, Pipe, is_of_the_loop, open_scope
from toolkit.testing.errors import ClientDisconnected, ResponseLost, Watch, is_disconnect
from toolkit.testing.messages import Head, Response, WebSocketDenied
from toolkit.testing.transport import Accepted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from toolkit.testing.asgi import ASGIApp, Message
    from toolkit.testing.messages import Request
    from toolkit.testing.transport import App, Setting

_DENIAL = "websocket.http.response"
_TYPES = (
    "websocket.accept",
    "websocket.send",
    "websocket.close",
    f"{_DENIAL}.start",
    f"{_DENIAL}.body",
)
_WAITING = 16  # messages that may wait for the client before the application has to


@asynccontextmanager
async def connect(
    app: App, request: Request, subprotocols: tuple[str, ...], setting: Setting, state: Message | None
) -> AsyncGenerator[WebSocketExchange, None]:
    """One WebSocket, accepted. Raises `WebSocketDenied`."""
    extra = extra_of(setting, [_DENIAL], state)
    scope = make_websocket_scope(setting.received(request), setting.endpoints(request), extra)
    exchange = WebSocketExchange(cast("ASGIApp", app), scope, request, Session(subprotocols), setting)
    async with open_scope() as tasks:
        tasks.start(exchange.run)
        try:
            await exchange.open()
            yield exchange
        finally:
            await exchange.close(1000, "")
            exchange.leave()
            await tasks.finish(GRACE)
    exchange.verify()


class WebSocketExchange:
    """One call of an application for a WebSocket; towards the client it is an `AsyncChannel`."""

    accepted: Accepted

    def __init__(
        self, app: ASGIApp, scope: Message, request: Request, session: Session, setting: Setting
    ) -> None:
        self._app = app
        self._scope = scope
        self._request = request
        self._session = session
        self._setting = setting
        self._watch = Watch()
        self._denial = ResponseAccount("GET", self._watch)
        self._to_app: Pipe[Message] = Pipe()
        self._to_client: Pipe[str | bytes | Head | Accepted] = Pipe(_WAITING)
        self._closed: SessionClosed | None = None  # by the application
        self._lost: SessionClosed | None = None  # by the client
        self._returned = False
        self._failure: BaseException | None = None

    # The client's side.

    async def open(self) -> None:
        """Wait for the answer to the handshake."""
        await self._to_app.put({"type": "websocket.connect"})
        answer = await self._to_client.get()
        if isinstance(answer, Accepted):
            self.accepted = answer
            return
        if not isinstance(answer, Head):
            self._raise_failure()
            raise ResponseLost("the application failed before it answered the handshake") from self._failure
        content = bytearray()
        while isinstance(piece := await self._to_client.get(), bytes):
            content += piece
        self._raise_failure()
        raise WebSocketDenied(Response(answer.status, answer.headers, bytes(content), request=self._request))

    async def send(self, message: str | bytes) -> None:
        """A message for the application."""
        if self._lost is not None:
            raise SessionError("the client has closed the session")
        if self._closed is not None:
            raise self._closed
        key = "text" if isinstance(message, str) else "bytes"
        await self._to_app.put({"type": "websocket.receive", key: message})

    async def receive(self) -> str | bytes:
        """The next message of the application."""
        message = await self._to_client.get()
        if isinstance(message, (str, bytes)):
            return message
        self._raise_failure()
        raise self._closed or SessionClosed(1006, "the application failed")

    async def close(self, code: int, reason: str) -> None:
        """The client closes, if nobody has."""
        if self._closed is None and self._lost is None:
            self._session.lose(code, reason)
            self._lost = SessionClosed(code, reason)
            self._to_app.end()

    def leave(self) -> None:
        """The client takes no more messages."""
        if self._closed is None:
            self._to_client.break_off()
        else:
            self._to_client.discard()

    def verify(self) -> None:
        """Raise what went wrong after the client had all that it wanted."""
        self._watch.verify()
        if self._failure is not None and not is_disconnect(self._failure):
            self._raise_failure()

    def _raise_failure(self) -> None:
        """Raise what the application raised, once."""
        self._watch.verify()
        failure = self._failure
        if failure is None or is_of_the_loop(failure):
            return
        if self._setting.raise_app_exceptions or not isinstance(failure, Exception):
            self._failure = None
            raise failure

    # The application's side.

    async def run(self) -> None:
        """The task of the application. What it raises is kept, but for its cancellation."""
        try:
            await self._app(self._scope, self._receive, self._send)
            self._watch.demand(
                self._session.state is not SessionState.CONNECTING,
                ACCEPT,
                "the application ended without an answer to the handshake",
            )
            self._watch.demand(
                self._denial.is_complete or not self._denial.is_started,
                DENIAL,
                "the application ended before the end of its response",
            )
            self._closed = self._closed or SessionClosed(1000)
        except BaseException as error:
            self._failure = error
            self._closed = self._closed or SessionClosed(1011)
            if is_of_the_loop(error):
                raise
        finally:
            self._returned = True
            self._to_client.end()

    async def _receive(self) -> Message:
        message = await self._to_app.get()
        if message is not None:
            return message
        closed = self._lost or self._closed or SessionClosed(1006)
        return {"type": "websocket.disconnect", "code": closed.code, "reason": closed.reason}

    async def _send(self, message: Mapping[str, object]) -> None:
        watch = self._watch
        watch.demand(not self._returned, SEND, "a message was sent after the application had returned")
        kind, message = message_type(message, _TYPES, watch)
        if kind == "websocket.accept":
            subprotocol = cast("str | None", message.get("subprotocol"))
            headers = check_headers(message, ACCEPT, watch)
            self._step(ACCEPT, lambda: self._session.accept(subprotocol, headers))
            await self._to_client.put(Accepted(subprotocol, headers))
        elif kind == "websocket.send":
            await self._message(message)
        elif kind == "websocket.close":
            await self._close(message)
        else:
            await self._deny(kind, message)

    async def _message(self, message: Mapping[str, object]) -> None:
        text, data = message.get("text"), message.get("bytes")
        self._watch.demand(
            (isinstance(text, str) and data is None) or (isinstance(data, bytes) and text is None),
            MESSAGE,
            "a message has either 'text', a str, or 'bytes', bytes: not {} and {}",
            text,
            data,
        )
        content = cast("str | bytes", data if text is None else text)
        self._step(MESSAGE, lambda: self._session.send(content))
        await self._to_client.put(content)

    async def _close(self, message: Mapping[str, object]) -> None:
        code = value_of({"code": 1000, **message}, "code", int, CLOSE, self._watch)
        reason = message.get("reason") or ""
        self._watch.demand(isinstance(reason, str), CLOSE, "'reason' is str, not {}", reason)
        if self._lost is not None:
            return  # both sides may close at once
        is_denial = self._session.state is SessionState.CONNECTING
        self._step(CLOSE, lambda: self._session.close(code, cast("str", reason)))
        await self._end(SessionClosed(code, cast("str", reason)), Head(403, Headers()) if is_denial else None)

    async def _deny(self, kind: str, message: Mapping[str, object]) -> None:
        """Answer the handshake with a response like any other."""
        watch = self._watch
        if kind.endswith(".start"):
            status = value_of(message, "status", int, DENIAL, watch)
            headers = check_headers(message, DENIAL, watch)
            self._step(DENIAL, self._session.deny)
            self._denial.start(status, headers, trailers=False)
            await self._to_client.put(Head(status, headers))
            return
        data = value_of(message, "body", bytes, DENIAL, watch)
        more = value_of(message, "more_body", bool, DENIAL, watch)
        kept = self._denial.body(len(data), more=more)
        if kept and data:
            await self._to_client.put(data)
        if not more:
            await self._end(SessionClosed(1006), None)

    async def _end(self, closed: SessionClosed, answer: Head | None) -> None:
        """The application has said its last word."""
        self._closed = closed
        self._to_app.end()
        if answer is not None:
            await self._to_client.put(answer)
        self._to_client.end()

    def _step(self, rule: str, step: Callable[[], None]) -> None:
        """One step of the session. That the client has closed is no breach of a rule."""
        try:
            with self._watch.rule(rule, SessionError):
                step()
        except SessionClosed as error:
            raise ClientDisconnected("the client has closed the session") from error
