"""The transport to an ASGI application: its exchanges, its WebSockets, and its lifespan around them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from toolkit.testing.asgi import send_http
from toolkit.testing.asgi_websocket import connect
from toolkit.testing.lifespan import lifespan

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from toolkit.testing.messages import Part, Request
    from toolkit.testing.transport import App, AsyncChannel, Setting


class ASGITransport:
    """Carries requests to an ASGI application in memory."""

    def __init__(self, app: App, setting: Setting) -> None:
        self._app = app
        self._setting = setting
        self._state: dict[str, object] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """The lifespan of the application; requests share what it puts into its state."""
        state: dict[str, object] = {}
        async with lifespan(self._app, state):
            self._state = state
            try:
                yield
            finally:
                self._state = None

    def send(self, request: Request) -> AbstractAsyncContextManager[AsyncIterator[Part]]:
        """One exchange: the response part by part."""
        return send_http(self._app, request, self._setting, self._state)

    def connect(
        self, request: Request, subprotocols: tuple[str, ...]
    ) -> AbstractAsyncContextManager[AsyncChannel]:
        """One WebSocket. Raises `WebSocketDenied`."""
        return connect(self._app, request, subprotocols, self._setting, self._state)
