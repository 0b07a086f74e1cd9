"""The transport to an ASGI application: its exchanges, its WebSockets, and its lifespan around them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from toolkit.testing.asgi import send_http
from toolkit.testing.asgi_websocket import connect
from toolkit.testing.lifespan import lifespan
from toolkit.testing.transport import no_bytes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable
    from contextlib import AbstractAsyncContextManager

    from toolkit.gateway import Endpoints
    from toolkit.sansio.http11.events import RequestReceived
    from toolkit.testing.body import Body, Disconnect
    from toolkit.testing.messages import Part, Request
    from toolkit.testing.transport import App, AsyncChannel, Setting
    from toolkit.testing.wire import Answer


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
        setting = self._setting
        return self.call(setting.received(request), setting.endpoints(request), request.body)

    def call(
        self, request: RequestReceived, endpoints: Endpoints, body: Body
    ) -> AbstractAsyncContextManager[AsyncIterator[Part]]:
        """One exchange for a request as a server received it."""
        return send_http(self._app, request, endpoints, body, setting=self._setting, state=self._state)

    def connect(
        self, request: Request, subprotocols: tuple[str, ...]
    ) -> AbstractAsyncContextManager[AsyncChannel]:
        """One WebSocket. Raises `WebSocketDenied`."""
        return connect(self._app, request, subprotocols, self._setting, self._state)

    async def raw(self, request: Request, pieces: Iterable[bytes], then: Disconnect) -> Answer:
        """There are no bytes here."""
        raise no_bytes(request, pieces, then)
