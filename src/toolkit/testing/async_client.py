"""The asynchronous client, on asyncio and on trio: the twin of `toolkit.testing.client`."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from toolkit.interfaces import interface_of
from toolkit.sansio.fields.cookies import SetCookie
from toolkit.testing.agent import Agent, utc_now
from toolkit.testing.asgi_transport import ASGITransport
from toolkit.testing.body import ENDS_SENDING
from toolkit.testing.bridges import ThreadTransport
from toolkit.testing.errors import ResponseLost
from toolkit.testing.messages import Head, Informational
from toolkit.testing.sessions import AsyncWebSocketSession
from toolkit.testing.streams import AsyncStreamedResponse
from toolkit.testing.transport import Setting
from toolkit.testing.wire import wire_of
from toolkit.testing.wire_transport import AsyncWireTransport, WireTransport
from toolkit.testing.wsgi import WSGITransport

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from toolkit.interfaces import Interface
    from toolkit.sansio.fields.cookie_jar import CookieJar
    from toolkit.sansio.url.model import URL
    from toolkit.testing.agent import Clock, Options
    from toolkit.testing.body import Disconnect
    from toolkit.testing.messages import HeaderSource, Part, Response
    from toolkit.testing.transport import App, AsyncTransport
    from toolkit.testing.wire import Answer, Wire


class AsyncClient:
    """The asynchronous twin of `Client`: the same arguments, the same calls, awaited.

    An ASGI application runs in tasks of the loop that runs the caller, asyncio or trio, a WSGI application in
    worker threads.

    >>> async def app(scope, receive, send):
    ...     await send({"type": "http.response.start", "status": 200})
    ...     await send({"type": "http.response.body", "body": b"hello"})
    >>> async def test():
    ...     return await AsyncClient(app).get("/")
    >>> import asyncio
    >>> asyncio.run(test())
    Response(200, [], b'hello')
    """

    def __init__(
        self,
        app: App,
        *,
        interface: Interface | None = None,
        base_url: str | URL = "http://localhost/",
        headers: HeaderSource = (),
        jar: CookieJar | None = None,
        clock: Clock = utc_now,
        follow_redirects: bool = False,
        max_redirects: int = 20,
        client: tuple[str, int] = ("127.0.0.1", 50000),
        root_path: str = "",
        extra: Mapping[str, object] | None = None,
        raise_app_exceptions: bool = True,
        wire: Wire | bool = False,
    ) -> None:
        self._agent = Agent(
            base_url,
            headers,
            jar=jar,
            clock=clock,
            follow_redirects=follow_redirects,
            max_redirects=max_redirects,
        )
        setting = Setting(client, root_path, extra or {}, raise_app_exceptions)
        self._transport: AsyncTransport
        if (interface or interface_of(app)) == "asgi":
            asgi = ASGITransport(app, setting)
            self._transport = AsyncWireTransport(asgi, setting, wire_of(wire)) if wire else asgi
        else:
            wsgi = WSGITransport(app, setting)
            self._transport = ThreadTransport(WireTransport(wsgi, setting, wire_of(wire)) if wire else wsgi)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._transport.running())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, traceback)

    @property
    def jar(self) -> CookieJar:
        """The cookies that it has been given."""
        return self._agent.jar

    def set_cookie(self, name: str, value: str) -> None:
        """Put a cookie into the jar, for the whole host of the base URL."""
        self._agent.set_cookie(SetCookie(name, value, path="/"))

    async def request(self, method: str, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a request, and return the whole response. See `Options` for what it may have."""
        async with self.stream(method, url, **options) as response:
            return await response.read()

    async def get(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a GET request."""
        return await self.request("GET", url, **options)

    async def head(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a HEAD request."""
        return await self.request("HEAD", url, **options)

    async def options(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send an OPTIONS request."""
        return await self.request("OPTIONS", url, **options)

    async def post(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a POST request."""
        return await self.request("POST", url, **options)

    async def put(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a PUT request."""
        return await self.request("PUT", url, **options)

    async def patch(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a PATCH request."""
        return await self.request("PATCH", url, **options)

    async def delete(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a DELETE request."""
        return await self.request("DELETE", url, **options)

    async def query(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a QUERY request: a GET with content."""
        return await self.request("QUERY", url, **options)

    async def raw(self, data: bytes | Iterable[bytes], *, then: Disconnect = ENDS_SENDING) -> Answer:
        """Send bytes as they are, in wire mode, on a connection of their own; what the server answers.

        Each of several pieces arrives for itself. After the last the client sends nothing more, and reads
        the answer; or it is gone, with `then=Disconnect(reads_answer=False)`.
        """
        pieces = (data,) if isinstance(data, bytes) else data
        return await self._transport.raw(self._agent.begin("GET", "", {}), pieces, then)

    @asynccontextmanager
    async def stream(
        self, method: str, url: str | URL, **options: Unpack[Options]
    ) -> AsyncGenerator[AsyncStreamedResponse, None]:
        """Send a request; within the context the content of the response can be taken as it comes.

        To leave the context before its end is to go away: the application is told so.
        """
        walk = self._agent.walk(method, url, options)
        while (request := walk.next_request()) is not None:
            async with self._transport.send(request) as parts:
                head, informational = await _read_head(parts)
                response = AsyncStreamedResponse(head, parts, walk.received(head, informational))
                if walk.is_redirected:
                    walk.follow(await response.read())
                else:
                    yield response

    @asynccontextmanager
    async def websocket(
        self, url: str | URL, *, subprotocols: tuple[str, ...] = (), **options: Unpack[Options]
    ) -> AsyncGenerator[AsyncWebSocketSession, None]:
        """Open a WebSocket, which is closed at the end of the context. Raises `WebSocketDenied`.

        Its messages are given to the application in memory, in wire mode, too: there are no frames.
        """
        request = self._agent.handshake(url, subprotocols, options)
        async with self._transport.connect(request, subprotocols) as channel:
            self._agent.received(request.url, channel.accepted.headers)
            yield AsyncWebSocketSession(channel)


async def _read_head(parts: AsyncIterator[Part]) -> tuple[Head, list[Informational]]:
    informational: list[Informational] = []
    async for part in parts:
        if isinstance(part, Head):
            return part, informational
        if isinstance(part, Informational):
            informational.append(part)
    raise ResponseLost("the application ended before its response")
