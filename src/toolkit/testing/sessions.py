"""WebSockets as a test uses them: `WebSocketSession`, and its asynchronous twin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from toolkit.sansio.exchange.content import parse_json
from toolkit.sansio.websocket import SessionClosed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from toolkit.sansio.exchange.content import JSON
    from toolkit.sansio.headers import Headers
    from toolkit.testing.transport import Accepted, AsyncChannel, Channel


class _Session:
    """What both twins have in common."""

    def __init__(self, accepted: Accepted) -> None:
        self.subprotocol: str | None = accepted.subprotocol
        """The subprotocol that the application chose."""
        self.headers: Headers = accepted.headers
        """The headers that it accepted with."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} subprotocol={self.subprotocol!r}>"


class WebSocketSession(_Session):
    """The client's side of one WebSocket. Iterating over it gives messages until the application closes.

    Whatever receives or sends raises `SessionClosed`, with code and reason, when the application has closed.
    """

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel.accepted)
        self._channel = channel

    def send_text(self, text: str) -> None:
        """Send a text message."""
        self._channel.send(text)

    def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        self._channel.send(data)

    def send_json(self, value: JSON) -> None:
        """Send a JSON value as a text message."""
        self._channel.send(_dump(value))

    def receive(self) -> str | bytes:
        """The next message, text or bytes."""
        return self._channel.receive()

    def receive_text(self) -> str:
        """The next message, which must be text."""
        return _text(self._channel.receive())

    def receive_bytes(self) -> bytes:
        """The next message, which must be binary."""
        return _bytes(self._channel.receive())

    def receive_json(self) -> JSON:
        """The next message as JSON, text or binary."""
        return _load(self._channel.receive())

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close, unless it is closed."""
        self._channel.close(code, reason)

    def __iter__(self) -> Iterator[str | bytes]:
        try:
            while True:
                yield self._channel.receive()
        except SessionClosed:
            return


class AsyncWebSocketSession(_Session):
    """The asynchronous twin of `WebSocketSession`."""

    def __init__(self, channel: AsyncChannel) -> None:
        super().__init__(channel.accepted)
        self._channel = channel

    async def send_text(self, text: str) -> None:
        """Send a text message."""
        await self._channel.send(text)

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        await self._channel.send(data)

    async def send_json(self, value: JSON) -> None:
        """Send a JSON value as a text message."""
        await self._channel.send(_dump(value))

    async def receive(self) -> str | bytes:
        """The next message, text or bytes."""
        return await self._channel.receive()

    async def receive_text(self) -> str:
        """The next message, which must be text."""
        return _text(await self._channel.receive())

    async def receive_bytes(self) -> bytes:
        """The next message, which must be binary."""
        return _bytes(await self._channel.receive())

    async def receive_json(self) -> JSON:
        """The next message as JSON, text or binary."""
        return _load(await self._channel.receive())

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close, unless it is closed."""
        await self._channel.close(code, reason)

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        try:
            while True:
                yield await self._channel.receive()
        except SessionClosed:
            return


def _dump(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _load(message: str | bytes) -> JSON:
    return parse_json(message.encode() if isinstance(message, str) else message)


def _text(message: str | bytes) -> str:
    if isinstance(message, str):
        return message
    raise TypeError(f"a text message was asked for, and bytes came: {message!r}")


def _bytes(message: str | bytes) -> bytes:
    if isinstance(message, bytes):
        return message
    raise TypeError(f"a binary message was asked for, and text came: {message!r}")
