"""ASGI 3.0 on the server: each request as a task on the event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from toolkit.gateway import asgi_head, asgi_headers, make_scope
from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.errors.http import HTTPError
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.events import Data, EndOfResponse, Informational
from toolkit.server.handling import Gateway, Gone, Handling, wake
from toolkit.server.lifespan import Lifespan
from toolkit.server.logs import SERVER

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from toolkit.asgi_scope import ASGIApplication, Message, Receive, Scope, Send
    from toolkit.sansio.http11.events import RequestReceived, ResponseHead, ServerSent
    from toolkit.server.handling import Line
    from toolkit.server.websocket import WebSocketHandling

_CAPACITY: Final = 512 * 1024  # bytes of content that may wait for the application: what two reads give


class ASGIGateway(Gateway):
    """Runs one application, with its lifespan."""

    def __init__(self, app: ASGIApplication, loop: AbstractEventLoop) -> None:
        self.app = app
        self.loop = loop
        self.tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._lifespan = Lifespan(app, loop)

    @override
    async def start(self) -> None:
        await self._lifespan.start()

    @override
    async def stop(self, timeout: float) -> None:
        self._stopping = True
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=timeout)
        await self._lifespan.stop(timeout)

    async def call(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application. What would end more than this call, Ctrl-C apart, is an error like others."""
        try:
            await self.app(scope, receive, send)
        except (Exception, KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:
            if self._stopping and isinstance(error, asyncio.CancelledError):
                raise
            raise RuntimeError(f"the application ended with {type(error).__name__}") from error

    def extra(self) -> dict[str, object]:
        """What a scope has besides the facts of its request."""
        extra: dict[str, object] = {
            "extensions": {"http.response.early_hint": {}, "http.response.trailers": {}}
        }
        if self._lifespan.state is not None:
            extra["state"] = self._lifespan.state.copy()
        return extra

    @override
    def handle(self, line: Line, request: RequestReceived) -> Handling:
        handling: _Handling | WebSocketHandling = (
            self._websocket(line, request)
            if "websocket" in request.upgrade
            else _Handling(self, line, request)
        )
        task = self.loop.create_task(handling.run())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return handling

    def _websocket(self, line: Line, request: RequestReceived) -> WebSocketHandling:
        if find_spec("wsproto") is None:
            SERVER.warning("A WebSocket was refused, for wsproto is not installed: pip install wsproto")
            raise HTTPError(501, "WebSockets need wsproto.")
        module = import_module("toolkit.server.websocket")
        make: type[WebSocketHandling] = module.WebSocketHandling
        return make(self.call, line, request, self.extra())


class _Handling(Handling):
    """One request: what the application receives, and what it sends."""

    def __init__(self, gateway: ASGIGateway, line: Line, request: RequestReceived) -> None:
        self._gateway = gateway
        self._line = line
        self._request = request
        # What comes.
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._ended = False  # the content is whole
        self._told = False  # the application knows that
        self._shut = False  # nothing more comes
        self._changed = asyncio.Event()  # what comes: see `wake`
        # What goes.
        self._head: ResponseHead | None = None
        self._started = False
        self._trailers: Headers | None = None  # they follow the content
        self._lost = False  # nothing goes anywhere
        self._room = asyncio.Event()  # for what goes: see `wake`

    # What the connection tells.

    @override
    def feed(self, data: bytes) -> None:
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= _CAPACITY:
            self._line.hold()
        wake(self._changed)

    @override
    def end(self) -> None:
        self._ended = True
        wake(self._changed)

    @override
    def resume(self) -> None:
        wake(self._room)

    @override
    def shut(self) -> None:
        self._shut = True
        wake(self._changed)

    @override
    def lose(self) -> None:
        self._shut = self._lost = True
        self._pieces.clear()
        wake(self._changed)
        wake(self._room)

    # What the application does.

    async def run(self) -> None:
        """Call the application, whatever it does."""
        scope = make_scope(self._request, self._line.endpoints, self._gateway.extra())
        try:
            await self._gateway.call(scope, self.receive, self.send)
        except Gone:
            return
        except Exception as error:  # noqa: BLE001  # it is told to the developer
            self._line.fail(self._request, error)
        else:
            if not self._lost:
                self._give_up()

    def _give_up(self) -> None:
        """The application ended before its response was whole, which is right where the client has left."""
        if self._shut:
            self._line.break_off()
        else:
            self._line.fail(self._request, LocalError("the application ended before its response was whole"))

    async def receive(self) -> Message:
        """The next message to the application."""
        while not (self._pieces or self._shut or (self._ended and not self._told)):
            self._line.want()
            await self._changed.wait()
        if self._shut and not self._pieces and (self._told or not self._ended):
            return {"type": "http.disconnect"}
        data = self._pieces.popleft() if self._pieces else b""
        self._size -= len(data)
        self._told = self._ended and not self._pieces
        if not self._ended and self._size < _CAPACITY // 2:
            self._line.want()
        return {"type": "http.request", "body": data, "more_body": not self._told}

    async def send(self, message: Message) -> None:
        """Send a message of the application. An OSError where the client is gone."""
        if self._lost:
            raise Gone("the client is gone, or the response is whole")
        kind: str = message["type"]
        if kind == "http.response.body":
            self._send_body(message)
        elif kind == "http.response.start" and self._head is None:
            self._head = asgi_head(message["status"], message.get("headers", ()))
            self._trailers = Headers() if message.get("trailers", False) else None
            return
        elif kind == "http.response.trailers" and self._trailers is not None:
            self._trailers.extend(asgi_headers(message.get("headers", ())).items())
            if not message.get("more_trailers", False):
                self._line.send(EndOfResponse(self._trailers))
        elif kind == "http.response.early_hint":
            links = [("Link", bytes(link).decode("latin-1")) for link in message["links"]]
            self._line.send(Informational(103, Headers(links)))
        else:
            raise LocalError(f"{kind!r} is not a message that may be sent now")
        while self._line.is_full and not self._lost:
            await self._room.wait()

    def _send_body(self, message: Message) -> None:
        events: list[ServerSent] = []
        if not self._started:
            if self._head is None:
                raise LocalError("content comes after 'http.response.start'")
            events.append(self._head)
            self._started = True
        data: Any = message.get("body", b"")
        if data:
            events.append(Data(bytes(data)))
        if not (message.get("more_body", False) or self._trailers is not None):
            events.append(EndOfResponse())
        if events:
            self._line.send(*events)
