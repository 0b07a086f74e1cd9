"""ASGI 3.0: `Request(scope, receive, send)`, `respond`, and `@application`, which makes an app of a handler.

What lives here is what only ASGI has: messages and disconnects. Facts are read from the scope in
`toolkit.asgi_scope`, content in `toolkit.drivers`; responses go out in `toolkit.asgi_response`; decisions are
made in the core. No event loop is named: asyncio, uvloop and trio are all the same to this file.

Errors: an `HTTPError` or `RemoteError` that is raised anywhere (in the handler, while the content is read, by
the response's body before its first chunk) becomes an answer. Any other exception is answered with 500,
where nothing has been sent yet, and then raised to the server, which logs it. Between a body's first chunk
and its end, every exception goes to the server, for that is how it learns to break off the response. A client
that went away is a `ClientDisconnect` at the next await, in the handler or in the response's body; nobody is
there to be answered, so `application` ends without a word.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar, cast, overload

from typing_extensions import override

from toolkit.asgi_lifespan import serve_lifespan
from toolkit.asgi_response import Streamed, gone, send_whole
from toolkit.asgi_scope import ScopeHeaders, ScopeRequest, raw_headers
from toolkit.asgi_websocket import WebSocket, serve_websocket
from toolkit.bridges.base import bridge
from toolkit.drivers import AsyncRequest, Readable, SyncRequest, is_asynchronous, named_after
from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.exchange.body import ClientDisconnect, RequestBody
from toolkit.sansio.exchange.framing import hint_lines
from toolkit.sansio.exchange.outcome import answer_to, render_error, respond_to
from toolkit.sansio.exchange.policy import DEFAULT_POLICY
from toolkit.sansio.exchange.response import Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from contextlib import AbstractAsyncContextManager

    from toolkit.asgi_scope import ASGIApplication, Receive, Scope, Send
    from toolkit.bridges.base import Bridge
    from toolkit.sansio.errors.base import RemoteError
    from toolkit.sansio.errors.http import HTTPError
    from toolkit.sansio.exchange.outcome import ErrorRenderer
    from toolkit.sansio.exchange.policy import Policy

    Answer = Response | HTTPError | RemoteError
    Handler = Callable[["Request"], Coroutine[object, object, Answer]] | Callable[["ThreadedRequest"], Answer]
    WebSocketHandler = Callable[[WebSocket], Awaitable[None]]
    Lifespan = Callable[[], AbstractAsyncContextManager[Mapping[str, object] | None]]

    class Decorator(Protocol):
        """What `application` is when it is given options only."""

        @overload
        def __call__(
            self, handler: Callable[[Request], Coroutine[object, object, Answer]], /
        ) -> ASGIApplication: ...
        @overload
        def __call__(self, handler: Callable[[ThreadedRequest], Answer], /) -> ASGIApplication: ...


T = TypeVar("T")

__all__ = ["Request", "ScopeHeaders", "ThreadedRequest", "WebSocket", "application", "raw_headers", "respond"]


class _HTTPRequest(ScopeRequest, Readable):
    """What both kinds of request share: reading and hinting, awaited."""

    __slots__ = ("_receive", "_send")

    def __init__(self, scope: Scope, receive: Receive, send: Send, policy: Policy = DEFAULT_POLICY) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send
        self.policy = policy
        self._headers = self._raw_path = self._args = self._cookies = None

    bridge: Bridge | None = None
    """The way between the event loop and the thread of the handler, where it has one."""

    async def _read(self, body: RequestBody) -> list[bytes]:
        """Take the next message; a disconnect is one, too."""
        message = await self._receive()
        if message["type"] != "http.request":
            gone = ClientDisconnect("the client went away before its request was whole")
            body.fail(gone)
            raise gone
        return body.feed(message.get("body", b""), more=message.get("more_body", False))

    async def _hint(self, links: tuple[str, ...]) -> bool:
        if not self.offers("http.response.early_hint"):
            return False
        fields = [link.encode("latin-1") for _, link in hint_lines(links)]
        try:
            await self._send({"type": "http.response.early_hint", "links": fields})
        except OSError as error:
            raise gone() from error
        return True


class Request(_HTTPRequest, AsyncRequest):
    """A request of an ASGI server.

    >>> scope = {"type": "http", "method": "GET", "path": "/café", "query_string": b"a=1", "headers": []}
    >>> request = Request(scope, receive=None, send=None)
    >>> request.path, request.raw_path, request.args["a"]
    ('/café', '/caf%C3%A9', '1')
    """

    @override
    async def _pull(self, body: RequestBody) -> list[bytes]:
        return await self._read(body)

    async def early_hints(self, *links: str) -> bool:
        """Send 103 Early Hints with these Link values (RFC 8297); False where the server cannot."""
        return await self._hint(links)


class _Unseen(Request):
    """The request of a scope whose content another object may be reading."""

    @override
    def drop_content(self) -> bool:
        return False


class ThreadedRequest(_HTTPRequest, SyncRequest):
    """The request of an ASGI server that a synchronous handler gets, in a worker thread of its own."""

    @override
    def _pull(self, body: RequestBody) -> list[bytes]:
        return self._await(self._read, body)

    def early_hints(self, *links: str) -> bool:
        """Send 103 Early Hints with these Link values (RFC 8297); False where the server cannot."""
        return self._await(self._hint, links)

    def _await(self, function: Callable[..., Coroutine[object, object, T]], *args: object) -> T:
        if self.bridge is None:
            raise LocalError(
                "a ThreadedRequest is made by `application`, and used in the thread of its handler"
            )
        return self.bridge.from_thread(function, *args)


async def respond(
    response: Response, scope: Scope, receive: Receive, send: Send, *, request: _HTTPRequest | None = None
) -> None:
    """Answer the request of `scope`.

    The body is closed at its end, or when anything fails. Raises `ClientDisconnect` when the client leaves.
    To notice that, messages are taken from `receive` while a body is walked. Where content is announced these
    may be content, so it is done only if the `request` is given, which tells who reads it: once a chunk was
    sent and nobody does, what is left is dropped.
    """
    if isinstance(response.body, bytes):
        await send_whole(response, scope["method"], send)
    else:
        await Streamed(request or _Unseen(scope, receive, send), receive, send).run(response)


@overload
def application(
    handler: Callable[[Request], Coroutine[object, object, Answer]],
    *,
    policy: Policy = ...,
    errors: ErrorRenderer = ...,
    websocket: WebSocketHandler | None = ...,
    lifespan: Lifespan | None = ...,
) -> ASGIApplication: ...
@overload
def application(
    handler: Callable[[ThreadedRequest], Answer],
    *,
    policy: Policy = ...,
    errors: ErrorRenderer = ...,
    websocket: WebSocketHandler | None = ...,
    lifespan: Lifespan | None = ...,
) -> ASGIApplication: ...
@overload
def application(
    *,
    policy: Policy = ...,
    errors: ErrorRenderer = ...,
    websocket: WebSocketHandler | None = ...,
    lifespan: Lifespan | None = ...,
) -> Decorator: ...
def application(
    handler: Handler | None = None,
    *,
    policy: Policy = DEFAULT_POLICY,
    errors: ErrorRenderer = render_error,
    websocket: WebSocketHandler | None = None,
    lifespan: Lifespan | None = None,
) -> ASGIApplication | Decorator:
    """An ASGI application of a handler, which takes a `Request` and returns a `Response`.

    An `HTTPError` or `RemoteError` is an answer, whether it is raised or returned; `errors(error, request)`
    makes the response. A handler that is no coroutine function gets a `ThreadedRequest` in a worker thread,
    with a copy of the context (`contextvars`).

    `websocket` handles WebSockets: without it they are refused. `lifespan` makes an asynchronous context
    manager around the life of the application: what it gives, a mapping, is the `state` of each request.

    >>> @application
    ... async def hello(request):
    ...     return Response.text(f"Hello, {request.args.get('name', 'world')}!")
    """
    if handler is None:
        options = {"policy": policy, "errors": errors, "websocket": websocket, "lifespan": lifespan}
        return cast("Decorator", partial(application, **options))
    make: type[_HTTPRequest] = Request
    run = cast("Callable[[_HTTPRequest], Awaitable[object]]", handler)
    if not is_asynchronous(handler):
        make, run = ThreadedRequest, _in_thread(handler)

    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await serve_websocket(websocket, WebSocket(scope, receive, send, policy), errors)
        elif scope["type"] == "lifespan":
            await serve_lifespan(lifespan, scope, receive, send)
        else:  # or the server would think that it is understood
            raise LocalError(f"an application serves HTTP, WebSockets and a lifespan, not {scope['type']!r}")

    return named_after(handler, _app(make, run, policy, errors, other))


def _app(
    make: type[_HTTPRequest],
    run: Callable[[_HTTPRequest], Awaitable[object]],
    policy: Policy,
    errors: ErrorRenderer,
    other: ASGIApplication,
) -> ASGIApplication:
    """The application that answers requests, whatever `run` does, and leaves all `other` scopes alone."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await other(scope, receive, send)
            return
        request = make(scope, receive, send, policy)
        sender: Streamed | None = None
        try:
            result = await run(request)
            response = result if type(result) is Response else respond_to(result, request, errors)
            if type(response.body) is bytes:
                await send_whole(response, request.method, send)
            else:
                sender = Streamed(request, receive, send)
                await sender.run(response)
        except ClientDisconnect:
            pass
        except Exception as error:
            if sender is not None and sender.started:
                raise
            request.give_up(error)
            answer, fault = answer_to(error, request, errors)
            with suppress(ClientDisconnect):
                await respond(answer, scope, receive, send, request=request)
            if fault is error:
                raise
            if fault is not None:
                raise fault from error
        finally:
            if request.has_resources:
                request.close()

    return app


def _in_thread(handler: Callable[..., object]) -> Callable[[_HTTPRequest], Awaitable[object]]:
    """A handler that blocks as one that is awaited: it runs in a worker thread."""

    async def run(request: _HTTPRequest) -> object:
        request.bridge = bridge()
        return await request.bridge.in_thread(handler, request)

    return run
