"""A WebSocket on ASGI: the session machine of the core, moved by messages."""

from __future__ import annotations

from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING

from toolkit.asgi_response import Streamed, send_whole
from toolkit.asgi_scope import Message, ScopeRequest, wire_lines
from toolkit.sansio.exchange.body import ClientDisconnect
from toolkit.sansio.exchange.content import parse_json
from toolkit.sansio.exchange.framing import frame
from toolkit.sansio.exchange.outcome import answer_to, is_expected
from toolkit.sansio.exchange.policy import DEFAULT_POLICY
from toolkit.sansio.exchange.response import Response, dump_json
from toolkit.sansio.headers import Headers
from toolkit.sansio.websocket import MessageTooBig, Session, SessionClosed, SessionState
from toolkit.sending import aclose

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from toolkit.asgi_scope import Receive, Scope, Send
    from toolkit.sansio.exchange.content import JSON
    from toolkit.sansio.exchange.outcome import ErrorRenderer
    from toolkit.sansio.exchange.policy import Policy
    from toolkit.sansio.exchange.response import HeaderSource

_NORMAL = frozenset({1000, 1001, 1005})


class _Handshake:
    """A handshake as the request that a denial answers: without content, and without extensions of HTTP."""

    method = "GET"
    bridge = None
    expects_content = False

    def drop_content(self) -> bool:
        """There is nothing to drop."""
        return True

    def offers(self, extension: str) -> bool:  # noqa: ARG002  # it is the same for all
        """None of those that a response makes use of."""
        return False


class WebSocket:
    """One WebSocket session; `request` is the head of its handshake.

    Call `accept` or `deny` first; then send and receive, or iterate::

        async def echo(websocket):
            await websocket.accept()
            async for message in websocket:
                await websocket.send(message)

    When the peer closes or is lost, `send` and `receive` raise `SessionClosed`; calls out of turn raise
    `SessionError`, and a message of more than `max_message` bytes (those of the policy, if it is None) closes
    the session with 1009 and raises `MessageTooBig`.
    """

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        policy: Policy = DEFAULT_POLICY,
        *,
        max_message: int | None = None,
    ) -> None:
        self.request = ScopeRequest(scope, policy)
        self._receive = receive
        self._send = send
        limit = policy.max_message if max_message is None else max_message
        self.session = Session(scope.get("subprotocols", ()), max_message=limit)
        self._asked = False  # whether the message that asks for the handshake has come
        self.is_denying = False
        """Whether a denial was begun and has not come to its end."""

    @property
    def subprotocols(self) -> tuple[str, ...]:
        """What the client offers, the best first."""
        return self.session.subprotocols

    async def accept(self, subprotocol: str | None = None, headers: HeaderSource = ()) -> None:
        """Accept the handshake, with one of `subprotocols` or none, and further header fields."""
        fields = Headers(headers)
        await self._connect()
        self.session.accept(subprotocol, fields)
        lines = wire_lines(fields.items())
        await self._deliver({"type": "websocket.accept", "subprotocol": subprotocol, "headers": lines})

    async def deny(self, response: Response | None = None) -> None:
        """Refuse the handshake: with a response, where the server can pass it on, else with 403.

        The body is closed in any case. What goes wrong before its first chunk can still be denied otherwise.
        """
        response = response or Response.empty(403)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(aclose, response.body)
            await self._connect()
            if self.session.state is not SessionState.CONNECTING:
                self.session.deny()  # out of turn: it raises
            if not self.request.offers("websocket.http.response"):
                frame(response, "GET")  # what is wrong with its head is wrong on every server
                self.session.deny()
                await self._deliver({"type": "websocket.close"})
                return
            stack.pop_all()
        try:
            if isinstance(response.body, bytes):
                await send_whole(response, "GET", self._send_denial)
            else:
                await Streamed(_Handshake(), self._receive, self._send_denial).run(response)
        except ClientDisconnect as gone:
            raise self.session.lose() from gone
        self.is_denying = False

    async def _send_denial(self, message: Message) -> None:
        """Send a message of a response as one of a denial."""
        if message["type"] == "http.response.start":
            self.session.deny()
            self.is_denying = True
        await self._send({**message, "type": f"websocket.{message['type']}"})

    async def send(self, message: str | bytes) -> None:
        """Send a message of text or of bytes."""
        self.session.send(message)
        kind = "text" if isinstance(message, str) else "bytes"
        await self._deliver({"type": "websocket.send", kind: message})

    async def send_json(self, value: JSON) -> None:
        """Send a JSON value as text."""
        await self.send(dump_json(value).decode())

    async def receive(self) -> str | bytes:
        """The next message."""
        if self.session.state is not SessionState.OPEN:
            self.session.receive(b"")  # out of turn: it raises, where waiting would take for ever
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise self.session.lose(event.get("code", 1005), event.get("reason") or "")
        text: str | None = event.get("text")
        message: str | bytes = event["bytes"] if text is None else text
        try:
            self.session.receive(message)
        except MessageTooBig as error:
            await self.close(error.code)
            raise
        return message

    async def receive_json(self) -> JSON:
        """The next message as a JSON value; see `parse_json`."""
        message = await self.receive()
        return parse_json(message.encode() if isinstance(message, str) else message)

    def __aiter__(self) -> WebSocket:
        return self

    async def __anext__(self) -> str | bytes:
        """The next message; the end where the peer closes normally (1000, 1001, or without a code)."""
        try:
            return await self.receive()
        except SessionClosed as closed:
            if closed.code in _NORMAL:
                raise StopAsyncIteration from None
            raise

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the session (RFC 6455 section 7.4); before it was accepted: deny it with 403."""
        await self._connect()
        self.session.close(code, reason)
        await self._deliver({"type": "websocket.close", "code": code, "reason": reason})

    async def _connect(self) -> None:
        """Take the message that asks for the handshake, once: before the session takes its first step."""
        if self._asked:
            return
        event = await self._receive()
        self._asked = True
        if event["type"] == "websocket.disconnect":
            raise self.session.lose(event.get("code", 1006), event.get("reason") or "")

    async def _deliver(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError as error:
            raise self.session.lose() from error


async def serve_websocket(
    handler: Callable[[WebSocket], Awaitable[None]] | None, websocket: WebSocket, errors: ErrorRenderer
) -> None:
    """Run a session from its handshake to its close, whatever the handler does.

    A handler that returns closes the session normally; no handler denies it. An `HTTPError` or `RemoteError`
    before the session was accepted is its denial, later it closes with 1008 (policy violation). Any
    other exception does the same with 500 and 1011 (internal error), and is raised to the server. So is every
    exception in the middle of a denial, for the server to break it off.
    """
    session = websocket.session
    try:
        if handler is not None:
            await handler(websocket)
        if session.state is not SessionState.CLOSED:
            await websocket.close()
    except SessionClosed:
        pass
    except Exception as error:
        fault = None if is_expected(error) and not websocket.is_denying else error
        with suppress(SessionClosed):
            if session.state is SessionState.CONNECTING:
                answer, fault = answer_to(error, websocket.request, errors)
                await websocket.deny(answer)
            elif session.state is SessionState.OPEN:
                await websocket.close(1008 if fault is None else 1011)
        if fault is error:
            raise
        if fault is not None:
            raise fault from error
