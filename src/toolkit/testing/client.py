"""The blocking client. Its asynchronous twin is `toolkit.testing.async_client`."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from toolkit.interfaces import interface_of
from toolkit.sansio.fields.cookies import SetCookie
from toolkit.testing.agent import Agent, utc_now
from toolkit.testing.asgi_transport import ASGITransport
from toolkit.testing.body import ENDS_SENDING
from toolkit.testing.bridges import BlockingTransport
from toolkit.testing.errors import ResponseLost
from toolkit.testing.messages import Head, Informational
from toolkit.testing.sessions import WebSocketSession
from toolkit.testing.streams import StreamedResponse
from toolkit.testing.transport import Setting
from toolkit.testing.wire import wire_of
from toolkit.testing.wire_transport import AsyncWireTransport, WireTransport
from toolkit.testing.wsgi import WSGITransport

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from toolkit.interfaces import Interface
    from toolkit.sansio.fields.cookie_jar import CookieJar
    from toolkit.sansio.url.model import URL
    from toolkit.testing.agent import Clock, Options
    from toolkit.testing.body import Disconnect
    from toolkit.testing.messages import HeaderSource, Part, Response
    from toolkit.testing.transport import App, Transport
    from toolkit.testing.wire import Answer, Wire


class Client:
    r"""A client that calls a WSGI or an ASGI application in memory, and checks that it keeps the protocol.

    Which of the two `app` is, is found out, or said with `interface`. `base_url` is what URLs are joined to;
    its scheme is that of the connection. `headers` go with every request. `jar` keeps the cookies, `clock`
    tells it the time. `client`, `root_path`, `extra` and `raise_app_exceptions` are those of `Setting`.

    With `wire=True`, or a `Wire`, every call goes through HTTP/1.1 bytes in memory: there is a parser and a
    writer at both ends, and a connection that is kept. `raw` sends any bytes at all.

    As a context manager it runs the lifespan of an ASGI application. Whatever an application raises is
    raised from the call; a broken rule of its protocol is a `ConformanceError`.

    >>> def app(environ, start_response):
    ...     start_response("200 OK", [("Content-Type", "text/plain")])
    ...     return [b"hello ", environ["QUERY_STRING"].encode()]
    >>> Client(app).get("/", params={"name": "you"})
    Response(200, [('Content-Type', 'text/plain')], b'hello name=you')
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
        self._transport: Transport
        if (interface or interface_of(app)) == "asgi":
            asgi = ASGITransport(app, setting)
            self._transport = BlockingTransport(
                AsyncWireTransport(asgi, setting, wire_of(wire)) if wire else asgi
            )
        else:
            wsgi = WSGITransport(app, setting)
            self._transport = WireTransport(wsgi, setting, wire_of(wire)) if wire else wsgi
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self._transport.running())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._stack.__exit__(kind, error, traceback)
        finally:
            self.close()

    def close(self) -> None:
        """Give back what is held for the application: its event loop, if it needed one."""
        self._transport.close()

    @property
    def jar(self) -> CookieJar:
        """The cookies that it has been given."""
        return self._agent.jar

    def set_cookie(self, name: str, value: str) -> None:
        """Put a cookie into the jar, for the whole host of the base URL."""
        self._agent.set_cookie(SetCookie(name, value, path="/"))

    def request(self, method: str, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a request, and return the whole response. See `Options` for what it may have."""
        with self.stream(method, url, **options) as response:
            return response.read()

    def get(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a GET request."""
        return self.request("GET", url, **options)

    def head(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a HEAD request."""
        return self.request("HEAD", url, **options)

    def options(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send an OPTIONS request."""
        return self.request("OPTIONS", url, **options)

    def post(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a POST request."""
        return self.request("POST", url, **options)

    def put(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a PUT request."""
        return self.request("PUT", url, **options)

    def patch(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a PATCH request."""
        return self.request("PATCH", url, **options)

    def delete(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a DELETE request."""
        return self.request("DELETE", url, **options)

    def query(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a QUERY request: a GET with content."""
        return self.request("QUERY", url, **options)

    def raw(self, data: bytes | Iterable[bytes], *, then: Disconnect = ENDS_SENDING) -> Answer:
        """Send bytes as they are, in wire mode, on a connection of their own; what the server answers.

        Each of several pieces arrives for itself. After the last the client sends nothing more, and reads
        the answer; or it is gone, with `then=Disconnect(reads_answer=False)`.
        """
        pieces = (data,) if isinstance(data, bytes) else data
        return self._transport.raw(self._agent.begin("GET", "", {}), pieces, then)

    @contextmanager
    def stream(
        self, method: str, url: str | URL, **options: Unpack[Options]
    ) -> Generator[StreamedResponse, None, None]:
        """Send a request; within the context the content of the response can be taken as it comes.

        To leave the context before its end is to go away: the application is told so.
        """
        walk = self._agent.walk(method, url, options)
        while (request := walk.next_request()) is not None:
            with self._transport.send(request) as parts:
                head, informational = _read_head(parts)
                response = StreamedResponse(head, parts, walk.received(head, informational))
                if walk.is_redirected:
                    walk.follow(response.read())
                else:
                    yield response

    @contextmanager
    def websocket(
        self, url: str | URL, *, subprotocols: tuple[str, ...] = (), **options: Unpack[Options]
    ) -> Generator[WebSocketSession, None, None]:
        """Open a WebSocket, which is closed at the end of the context. Raises `WebSocketDenied`.

        Its messages are given to the application in memory, in wire mode, too: there are no frames.
        """
        request = self._agent.handshake(url, subprotocols, options)
        with self._transport.connect(request, subprotocols) as channel:
            self._agent.received(request.url, channel.accepted.headers)
            yield WebSocketSession(channel)


def _read_head(parts: Iterator[Part]) -> tuple[Head, list[Informational]]:
    informational: list[Informational] = []
    for part in parts:
        if isinstance(part, Head):
            return part, informational
        if isinstance(part, Informational):
            informational.append(part)
    raise ResponseLost("the application ended before its response")
