"""The transport to an ASGI application: scopes, messages and tasks, as a server has them (ASGI 3.0).

Every exchange is a task of its own; what it sends goes through a pipe that gives back pressure. WebSockets
are in `asgi_websocket`, start and stop in `lifespan`.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from toolkit.gateway import make_scope
from toolkit.sansio.headers import Headers
from toolkit.testing.asgi_rules import (
    BODY,
    HINTS,
    PATH,
    SEND,
    START,
    TRAILERS,
    ResponseAccount,
    check_header,
    check_headers,
    message_type,
    value_of,
)
from toolkit.testing.body import Delivery, Disconnect
from toolkit.testing.concurrency import GRACE, Pipe, is_of_the_loop, new_event, open_scope
from toolkit.testing.errors import ClientDisconnected, ResponseLost, Watch, is_disconnect
from toolkit.testing.messages import Head, Informational, Part, Trailers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
    from typing import TypeAlias

    from toolkit.gateway import Endpoints
    from toolkit.sansio.http11.events import RequestReceived
    from toolkit.testing.body import Body
    from toolkit.testing.transport import App, Setting

    Message: TypeAlias = dict[str, object]
    ASGIApp: TypeAlias = Callable[
        [Message, Callable[[], Awaitable[Message]], Callable[[Mapping[str, object]], Awaitable[None]]],
        Awaitable[object],
    ]

EXTENSIONS = ("http.response.early_hint", "http.response.trailers")
_TYPES = ("http.response.start", "http.response.body", *EXTENSIONS, "http.response.pathsend")


def extra_of(setting: Setting, extensions: Iterable[str], state: Message | None) -> Message:
    """What a scope has besides the facts of its request: the extensions that the client understands, …"""
    extra: Message = {"extensions": {name: {} for name in extensions}}
    if state is not None:
        extra["state"] = dict(state)
    extra.update(setting.extra)
    return extra


@asynccontextmanager
async def send_http(
    app: App,
    request: RequestReceived,
    endpoints: Endpoints,
    body: Body,
    *,
    setting: Setting,
    state: Message | None,
) -> AsyncGenerator[AsyncIterator[Part], None]:
    """One exchange with an application, as a context in which its response comes part by part."""
    scope = make_scope(request, endpoints, extra_of(setting, EXTENSIONS, state))
    exchange = HTTPExchange(cast("ASGIApp", app), scope, request, body, setting)
    async with open_scope() as tasks:
        tasks.start(exchange.run)
        try:
            async with aclosing(exchange.parts()) as parts:
                yield parts
        finally:
            await tasks.finish(exchange.leave())
    exchange.verify()


class HTTPExchange:
    """One call of an application for a request: its `receive` and `send`, and what they let through."""

    def __init__(
        self, app: ASGIApp, scope: Message, request: RequestReceived, body: Body, setting: Setting
    ) -> None:
        self._app = app
        self._scope = scope
        self._body = body
        self._setting = setting
        self._watch = Watch()
        self._account = ResponseAccount(request.method, self._watch)
        self._script = Script(body, request.content_length)
        self._pipe: Pipe[Part] = Pipe(1)
        self._over = new_event()
        self._returned = False
        self._failure: BaseException | None = None

    async def run(self) -> None:
        """The task of the application. What it raises is kept, but for its cancellation."""
        try:
            await self._app(self._scope, self._receive, self._send)
            self._account.finish(cut=self._over.is_set() or self._script.is_cut)
        except BaseException as error:
            self._failure = error
            if is_of_the_loop(error):
                raise
        finally:
            self._returned = True
            self._pipe.end()

    async def parts(self) -> AsyncGenerator[Part, None]:
        """The response, part by part; then what the application raised."""
        has_head = False
        while (part := await self._pipe.get()) is not None:
            has_head = has_head or isinstance(part, Head)
            yield part
        self._watch.verify()
        failure, self._failure = self._failure, None
        if failure is not None:
            if is_of_the_loop(failure):
                raise ResponseLost("the application was cancelled") from failure
            if self._script.is_cut and is_disconnect(failure):
                raise ResponseLost("the client went away before the response") from failure
            if (
                self._account.is_complete
                and isinstance(failure, Exception)
                and not self._setting.raise_app_exceptions
            ):
                return
            is_whole = self._account.is_complete
            for part in self._setting.failure(failure, has_head=has_head, is_whole=is_whole):
                yield part
        elif self._pipe.is_broken or not self._account.is_complete:
            raise ResponseLost("the client went away before the response")

    def leave(self) -> float:
        """The client wants no more. What is returned are the seconds that the application then has to end."""
        self._over.set()
        if self._account.is_complete:
            self._pipe.discard()
            return math.inf
        self._pipe.break_off()
        return GRACE

    def verify(self) -> None:
        """Raise what went wrong after the client had all that it wanted."""
        self._watch.verify()
        failure = self._failure
        if failure is None or is_of_the_loop(failure) or is_disconnect(failure):
            return
        if self._setting.raise_app_exceptions or not isinstance(failure, Exception):
            raise failure

    async def _receive(self) -> Message:
        if self._over.is_set() or self._account.is_complete:
            return {"type": "http.disconnect"}
        message = await self._script.receive()
        if message is None:
            # The whole request is received: there is nothing to come but the end of the exchange.
            await self._over.wait()
            return {"type": "http.disconnect"}
        if message["type"] == "http.disconnect" and self._body.then == Disconnect(reads_answer=False):
            self._pipe.break_off()
        return message

    async def _send(self, message: Mapping[str, object]) -> None:
        demand = self._watch.demand
        demand(not self._returned, SEND, "a message was sent after the application had returned")
        kind, message = message_type(message, _TYPES, self._watch)
        if kind == "http.response.start":
            await self._start(message)
        elif kind == "http.response.early_hint":
            links = message.get("links", ())
            demand(isinstance(links, (list, tuple)), HINTS, "links are a list, not {}", links)
            lines = [check_header(b"link", link, HINTS, self._watch) for link in cast("list[object]", links)]
            self._account.informational(103)
            await self._pipe.put(Informational(103, Headers(lines)))
        elif kind == "http.response.trailers":
            headers = check_headers(message, TRAILERS, self._watch)
            more = value_of(message, "more_trailers", bool, TRAILERS, self._watch)
            self._account.trailers(more=more)
            self._check_end()
            await self._pipe.put(Trailers(headers))
        elif kind == "http.response.pathsend":
            extensions = cast("Message", self._scope["extensions"])
            demand(kind in extensions, PATH, "the server does not offer this extension")
            path = Path(value_of(message, "path", str, PATH, self._watch))
            demand(path.is_absolute(), PATH, "the path is absolute, not {}", str(path))
            for data in _pieces(path):
                await self._content(data, more=True)
            await self._content(b"", more=False)
        else:
            data = value_of(message, "body", bytes, BODY, self._watch)
            more = value_of(message, "more_body", bool, BODY, self._watch)
            await self._content(data, more=more)

    async def _start(self, message: Mapping[str, object]) -> None:
        status = value_of(message, "status", int, START, self._watch)
        headers = check_headers(message, START, self._watch)
        trailers = value_of(message, "trailers", bool, START, self._watch)
        self._account.start(status, headers, trailers=trailers)
        await self._pipe.put(Head(status, headers))

    async def _content(self, data: bytes, *, more: bool) -> None:
        kept = self._account.body(len(data), more=more)
        self._check_end()
        if kept and data:
            await self._pipe.put(data)

    def _check_end(self) -> None:
        """With the end of the response the exchange is over, as `receive` will say."""
        if self._account.is_complete:
            self._over.set()


class Script:
    """The messages of a request: its body as the script has it."""

    def __init__(self, body: Body, length: int | None) -> None:
        self._then = body.then
        self._delivery = Delivery(length)
        self._is_over = False
        self.is_cut = False
        chunks = body.chunks
        self._chunks = iter(chunks) if isinstance(chunks, Iterable) else aiter(chunks)

    async def receive(self) -> Message | None:
        """The next message; None when the request was received. Raises what the script says."""
        if self.is_cut:
            return {"type": "http.disconnect"}
        if self._is_over:
            return None
        if not self._delivery.ended:
            if (chunk := await self._next()) is not None:
                data = self._delivery.take(chunk)
                self._is_over = self._delivery.ended
                return {"type": "http.request", "body": data, "more_body": not self._is_over}
            if self._delivery.finish(self._then) is not None:
                self.is_cut = True
                return {"type": "http.disconnect"}
        self._is_over = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _next(self) -> bytes | None:
        """The next chunk, if there is one."""
        try:
            if isinstance(self._chunks, AsyncIterator):
                return await anext(self._chunks, None)
            return next(self._chunks, None)
        except ClientDisconnected:
            self._then = self._then or Disconnect()
            return None


def _pieces(path: Path) -> Iterator[bytes]:
    """The content of a file."""
    with path.open("rb") as file:
        while data := file.read(64 * 1024):
            yield data
