"""WebSockets (RFC 6455) on the server: a session as a task of an ASGI application, its frames by wsproto.

Loaded when there is a handshake and wsproto is installed. What may be sent when is decided by the session
machine of the core.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections import deque
from hashlib import sha1
from typing import TYPE_CHECKING, Final

from typing_extensions import override
from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

from toolkit.gateway import asgi_head, asgi_headers, make_websocket_scope
from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.errors.http import BadRequest, UpgradeRequired
from toolkit.sansio.http11.events import Data, EndOfResponse
from toolkit.sansio.websocket import Session, SessionError, SessionState
from toolkit.server.handling import Gone, Handling, wake

if TYPE_CHECKING:
    from wsproto.events import Event

    from toolkit.asgi_scope import ASGIApplication, Message
    from toolkit.sansio.http11.events import RequestReceived, ResponseHead, ServerSent
    from toolkit.server.handling import Line

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3
_CAPACITY: Final = 16  # messages that may wait for the application
_GOODBYE: Final = 5.0  # seconds for the client to answer a close


class WebSocketHandling(Handling):
    """One session. Raises an `HTTPError` for a handshake that is none."""

    def __init__(
        self,
        app: ASGIApplication,
        line: Line,
        request: RequestReceived,
        extra: dict[str, object],
    ) -> None:
        self._app = app
        self._line = line
        self._request = request
        self._accept = _accept(request)
        extra["extensions"] = {"websocket.http.response": {}}
        self._scope = make_websocket_scope(request, line.endpoints, extra)
        self._session = Session(self._scope["subprotocols"])  # type: ignore[arg-type]  # it is made so
        self._frames = Frames(ConnectionType.SERVER)
        self._messages: deque[Message] = deque([{"type": "websocket.connect"}])
        self._parts: list[str | bytes] = []  # of a message that is not whole
        self._size = 0  # of them, in bytes or characters
        self._denial: ResponseHead | None = None
        self._denying = False  # a denial has begun
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._lost = False

    # What the connection tells.

    @override
    def feed(self, data: bytes) -> None:
        self._frames.receive_data(data)
        for event in self._frames.events():
            self._take(event)
        if len(self._messages) >= _CAPACITY:
            self._line.hold()

    @override
    def end(self) -> None:
        pass  # a handshake has no content

    @override
    def resume(self) -> None:
        wake(self._room)

    @override
    def shut(self) -> None:
        self._disconnect(1006, "")
        if self._session.state is not SessionState.CONNECTING and not self._denying:
            self._line.close()

    @override
    def lose(self) -> None:
        self._lost = True
        self._disconnect(1006, "")
        wake(self._room)

    def _take(self, event: Event) -> None:
        if isinstance(event, (TextMessage, BytesMessage)):
            self._collect(event.data, whole=event.message_finished)
        elif isinstance(event, Ping):
            self._line.write(self._frames.send(event.response()))
        elif isinstance(event, CloseConnection):
            self._lost = True
            self._disconnect(int(event.code), event.reason or "")
            if self._frames.state in {ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING}:
                self._line.write(self._frames.send(event.response()))
            self._line.close()

    def _collect(self, data: str | bytes | bytearray, *, whole: bool) -> None:
        """Put a message together."""
        self._size += len(data)
        if self._size > self._line.settings.max_message:
            self._disconnect(1009, "")
            self._close(1009, "")
            self._lost = True
            return
        self._parts.append(data if isinstance(data, str) else bytes(data))
        if whole:
            text = [part for part in self._parts if isinstance(part, str)]
            octets = [part for part in self._parts if isinstance(part, bytes)]
            content: Message = {"bytes": b"".join(octets)} if octets else {"text": "".join(text)}
            self._messages.append({"type": "websocket.receive", **content})
            self._parts.clear()
            self._size = 0
            wake(self._changed)

    def _disconnect(self, code: int, reason: str) -> None:
        """The last message to the application, once."""
        if not self._is_gone:
            self._messages.append({"type": "websocket.disconnect", "code": code, "reason": reason})
        wake(self._changed)

    @property
    def _is_gone(self) -> bool:
        """Whether the last message to the application has come."""
        return bool(self._messages) and self._messages[-1]["type"] == "websocket.disconnect"

    # What the application does.

    async def run(self) -> None:
        """Call the application, whatever it does."""
        try:
            await self._app(self._scope, self.receive, self.send)
        except Gone:
            return
        except Exception as error:  # noqa: BLE001  # it is told to the developer
            self._line.fail(self._request, error)
            self._leave(1011)
        else:
            self._leave(1000)

    async def receive(self) -> Message:
        """The next message to the application; after the last one, that again."""
        while not self._messages:
            self._line.want()
            await self._changed.wait()
        message = self._messages[0]
        if message["type"] != "websocket.disconnect":
            self._messages.popleft()
        return message

    async def send(self, message: Message) -> None:
        """Send a message of the application. An OSError where the client is gone."""
        if self._lost:
            raise Gone("the session is over")
        kind: str = message["type"]
        if kind == "websocket.accept":
            self._accepted(message)
        elif kind == "websocket.send":
            text: str | None = message.get("text")
            self._session.send(message["bytes"] if text is None else text)
            event = BytesMessage(message["bytes"]) if text is None else TextMessage(text)
            self._line.write(self._frames.send(event))
        elif kind == "websocket.close":
            self._closed(message)
        elif kind in {"websocket.http.response.start", "websocket.http.response.body"}:
            self._denied(message)
        else:
            raise SessionError(f"{kind!r} is no message of a WebSocket")
        while self._line.is_full and not self._lost:
            await self._room.wait()

    def _accepted(self, message: Message) -> None:
        subprotocol: str | None = message.get("subprotocol")
        headers = asgi_headers(message.get("headers", ()))
        self._session.accept(subprotocol, headers)
        headers["Upgrade"], headers["Connection"] = "websocket", "Upgrade"
        headers["Sec-WebSocket-Accept"] = self._accept
        if subprotocol is not None:
            headers["Sec-WebSocket-Protocol"] = subprotocol
        self._line.switch(headers)

    def _closed(self, message: Message) -> None:
        code, reason = message.get("code", 1000), message.get("reason") or ""
        connecting = self._session.state is SessionState.CONNECTING
        self._session.close(code, reason)
        if connecting:
            self._line.send(asgi_head(403, [(b"content-length", b"0")]), EndOfResponse())
        else:
            self._close(code, reason)

    def _denied(self, message: Message) -> None:
        if message["type"] == "websocket.http.response.start":
            self._session.deny()
            self._denying = True
            self._denial = asgi_head(message["status"], message.get("headers", ()))
            return
        events: list[ServerSent] = [] if self._denial is None else [self._denial]
        self._denial = None
        if message.get("body"):
            events.append(Data(bytes(message["body"])))
        if not message.get("more_body", False):
            events.append(EndOfResponse())
        if events:
            self._line.send(*events)

    def _leave(self, code: int) -> None:
        """The application has ended: so does the session."""
        if self._lost:
            return
        if self._session.state is SessionState.OPEN:
            self._close(code, "")
        elif self._session.state is SessionState.CONNECTING:
            self._line.fail(self._request, LocalError("the application left a handshake unanswered"))
        elif self._denying and self._is_gone:
            self._line.break_off()
        elif self._denying:
            self._line.fail(self._request, LocalError("the application ended before its denial was whole"))

    def _close(self, code: int, reason: str) -> None:
        """Send a close frame, and wait for that of the client."""
        if self._frames.state is ConnectionState.OPEN:
            self._line.write(self._frames.send(CloseConnection(code, reason)))
            self._line.expect(_GOODBYE)


def _accept(request: RequestReceived) -> str:
    """The Sec-WebSocket-Accept of a handshake (RFC 6455 section 4.2)."""
    headers = request.headers
    if headers.get("Sec-WebSocket-Version") != "13":
        raise UpgradeRequired("websocket", headers=[("Sec-WebSocket-Version", "13")])
    key = headers.getlist("Sec-WebSocket-Key")
    if request.method != "GET" or request.content_length != 0 or len(key) != 1 or len(key[0]) != 24:
        raise BadRequest("A handshake is a GET without content, with one Sec-WebSocket-Key of 16 bytes.")
    digest = sha1(key[0].encode("latin-1") + _GUID, usedforsecurity=False).digest()
    return b64encode(digest).decode("ascii")
