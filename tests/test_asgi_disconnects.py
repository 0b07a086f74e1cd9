"""Clients that leave while the response is made, or sent, on asyncio, uvloop and trio."""
# ruff: noqa: ANN401, ARG001  # signatures are given by what is played

from __future__ import annotations

import asyncio
from contextlib import nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import trio

from tests.support.asgi import LOOPS, Exchange, for_ever, http_scope, pause, run
from tests.test_asgi import AsyncBody, handle, post
from tests.test_wsgi import Body
from toolkit.asgi import Request, ThreadedRequest, application, respond
from toolkit.sansio.errors.http import NotFound
from toolkit.sansio.exchange.body import ClientDisconnect, ContentConsumed
from toolkit.sansio.exchange.response import Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from toolkit.asgi_scope import ASGIApplication, Message, Receive, Scope, Send
    from toolkit.sansio.errors.base import RemoteError
    from toolkit.sansio.errors.http import HTTPError


@pytest.fixture(params=LOOPS)
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def current_task() -> object:
    return trio.lowlevel.current_task() if trio.lowlevel.in_trio_run() else asyncio.current_task()


async def call_app(app: ASGIApplication, exchange: Exchange, scope: Scope | None = None) -> None:
    """One call, for which there need not be a whole answer."""
    await app(http_scope() if scope is None else scope, exchange.receive, exchange.send)


@pytest.mark.parametrize("make", [Body, AsyncBody])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_server_that_tells(loop: str, make: Any, after: int) -> None:
    body = make(*"abcdef")

    async def handler(request: Request) -> Response:
        return Response(body)

    exchange = Exchange(leave_after=after)
    app = application(handler)

    async def call() -> None:
        await app(http_scope(), exchange.receive, exchange.send)

    run(loop, call)
    assert len(exchange.sent) == after
    assert body.closed == 1


@pytest.mark.parametrize("threaded", [False, True])
def test_a_client_that_leaves_before_a_hint(loop: str, threaded: bool) -> None:
    async def handler(request: Request) -> Response:
        await request.early_hints("</a>")
        raise AssertionError

    def in_thread(request: ThreadedRequest) -> Response:
        request.early_hints("</a>")
        raise AssertionError

    exchange = Exchange(leave_after=0)
    scope = http_scope(extensions=["http.response.early_hint"])
    run(loop, partial(call_app, application(in_thread if threaded else handler), exchange, scope))
    assert exchange.sent == []


def test_a_server_that_does_not(loop: str) -> None:
    """It drops what is sent, and says so only to who asks."""
    body = AsyncBody("a", wait=True)

    async def handler(request: Request) -> Response:
        return Response(body)

    exchange = Exchange(extra=[{"type": "http.disconnect"}])
    app = application(handler)

    async def call() -> None:
        await app(http_scope(), exchange.receive, exchange.send)

    run(loop, call)
    assert body.closed == 1


def test_the_body_may_read_the_request(loop: str) -> None:
    async def handler(request: Request) -> Response:
        return Response(request.stream())

    chunks = [b"a", b"b", b"c"]
    for scope in (post(content_length="3"), post(transfer_encoding="chunked")):
        assert handle(loop, handler, *chunks, scope=scope).body == b"abc"


def test_it_is_watched_for_after_the_content_was_read(loop: str) -> None:
    body = AsyncBody("a", wait=True)

    async def handler(request: Request) -> Response:
        await request.data()
        return Response(body)

    exchange = Exchange(b"abc", extra=[{"type": "http.disconnect"}])
    app = application(handler)

    async def call() -> None:
        await app(post(content_length="3"), exchange.receive, exchange.send)

    run(loop, call)
    assert body.closed == 1


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("length", ["3", "nonsense"])
def test_it_is_watched_for_though_nobody_reads(loop: str, alone: bool, length: str) -> None:
    body = AsyncBody("a", wait=True)
    exchange = Exchange(*[b"x"] * 3, extra=[{"type": "http.disconnect"}])

    async def handler(request: Request) -> Response:
        return Response(body)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        with pytest.raises(ClientDisconnect):
            await respond(Response(body), scope, receive, send, request=request)

    async def call() -> None:
        scope = post(content_length=length)
        await (app if alone else application(handler))(scope, exchange.receive, exchange.send)

    run(loop, call)
    assert (body.closed, exchange.received) == (1, 4)


def test_content_that_nothing_announces_is_left_to_the_body(loop: str) -> None:
    """HTTP/2 has content without a header field."""

    async def handler(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            for _ in range(5):
                await pause()
            yield await request.data()

        return Response(body())

    scope = {**post(), "http_version": "2"}
    assert handle(loop, handler, b"ab", b"c", scope=scope).body == b"abc"


@pytest.mark.parametrize("change", [{"method": "GET"}, {"headers": [(b"content-length", b"0")]}])
def test_content_that_cannot_come_is_not_waited_for(loop: str, change: dict[str, Any]) -> None:
    body = AsyncBody(wait=True)

    async def handler(request: Request) -> Response:
        return Response(body)

    exchange = Exchange(extra=[{"type": "http.disconnect"}])
    scope = {**post(), "http_version": "2", **change}
    run(loop, partial(call_app, application(handler), exchange, scope))
    assert body.closed == 1


def test_content_that_is_dropped_can_no_longer_be_read(loop: str) -> None:
    async def handler(request: Request) -> Response:
        async def late() -> AsyncIterator[bytes]:
            yield b"a"
            with pytest.raises(ContentConsumed, match="dropped when the response began: call `stream`"):
                await request.data()
            yield b"b"

        return Response(late())

    assert handle(loop, handler, b"xyz", scope=post(content_length="3")).body == b"ab"


def test_content_that_is_being_read_is_not_dropped(loop: str) -> None:
    """Nobody else takes messages until it is read; then the client is watched."""

    def echo(request: Request) -> Response:
        pieces = request.stream()

        async def body() -> AsyncIterator[bytes]:
            yield b"<"
            async for piece in pieces:
                await pause()
                yield piece
            yield b">"
            await for_ever()

        return Response(body())

    async def handler(request: Request) -> Response:
        return echo(request)

    async def alone(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        with pytest.raises(ClientDisconnect):
            await respond(echo(request), scope, receive, send, request=request)

    for app in (application(handler), alone):
        exchange = Exchange(b"a", b"b", b"c", extra=[{"type": "http.disconnect"}])
        run(loop, partial(call_app, app, exchange, post(content_length="3")))
        assert exchange.body == b"<abc>"


@pytest.mark.parametrize("threaded", [False, True])
def test_content_whose_reader_has_failed_is_dropped(loop: str, threaded: bool) -> None:
    """Nobody goes on to read it, though the traceback still has the reader."""
    body = AsyncBody("a", wait=True)
    exchange = Exchange(b"a", b"b", b"c", extra=[{"type": "http.disconnect"}])

    async def handler(request: Request) -> Response:
        pieces = request.stream()
        async for _ in pieces:
            raise NotFound
        raise AssertionError

    def in_thread(request: ThreadedRequest) -> Response:
        pieces = request.stream()
        for _ in pieces:
            raise NotFound
        raise AssertionError

    def render(error: HTTPError | RemoteError, request: object) -> Response:
        return Response(body)

    app = application(in_thread if threaded else handler, errors=render)
    run(loop, partial(call_app, app, exchange, post(transfer_encoding="chunked")))
    assert (body.closed, exchange.received) == (1, 4)


@pytest.mark.parametrize("way", ["stream", "form"])
def test_content_that_is_given_up_midway_is_dropped(loop: str, way: str) -> None:
    """Whoever was reading has left: the client is watched."""
    body = AsyncBody("a", wait=True)

    def refuse(*_: object) -> Any:
        raise ZeroDivisionError

    async def handler(request: Request) -> Response:
        if way == "stream":
            async for _ in request.stream():
                break
        else:
            with pytest.raises(ZeroDivisionError):
                await request.form(progress=refuse)
        with pytest.raises(ContentConsumed):
            await request.data()
        return Response(body)

    exchange = Exchange(b"a=b", b"c=d", b"e=f", extra=[{"type": "http.disconnect"}])
    scope = post("application/x-www-form-urlencoded", transfer_encoding="chunked")
    run(loop, partial(call_app, application(handler), exchange, scope))
    assert (body.closed, exchange.received) == (1, 4)


def test_content_that_was_cancelled_midway_is_dropped(loop: str) -> None:
    body = AsyncBody("a", wait=True)
    exchange = Exchange(b"a", b"b", extra=[{"type": "http.disconnect"}])
    comes = exchange.receive
    asked: list[bool] = []

    async def receive() -> Message:
        asked.append(True)
        if len(asked) == 2:
            raise Interrupted
        return await comes()

    class Interrupted(Exception):
        """Stands for the cancellation of what reads, by a time limit."""

    async def handler(request: Request) -> Response:
        with pytest.raises(Interrupted):
            await request.data()
        with pytest.raises(ContentConsumed, match="see the cause"):
            await request.data()
        return Response(body)

    async def call() -> None:
        await application(handler)(post(transfer_encoding="chunked"), receive, exchange.send)

    run(loop, call)
    assert (body.closed, exchange.received) == (1, 3)


def test_content_of_a_request_that_is_not_told_of_is_left_alone(loop: str) -> None:
    """Somebody else may be reading it: `respond` takes no message."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        pieces = Request(scope, receive, send).stream()

        async def body() -> AsyncIterator[bytes]:
            yield b"<"
            async for piece in pieces:
                for _ in range(5):
                    await pause()
                yield piece
            yield b">"

        await respond(Response(body()), scope, receive, send)

    for scope in (post(content_length="3"), post(transfer_encoding="chunked")):
        exchange = Exchange(b"a", b"b", b"c", extra=[{"type": "http.disconnect"}])
        run(loop, partial(call_app, app, exchange, scope))
        assert (exchange.body, exchange.received) == (b"<abc>", 3)


def test_one_without_content_is_watched_though_it_is_not_told_of(loop: str) -> None:
    body = AsyncBody("a", wait=True)
    exchange = Exchange(extra=[{"type": "http.disconnect"}])

    async def call() -> None:
        with pytest.raises(ClientDisconnect):
            await respond(Response(body), http_scope(), exchange.receive, exchange.send)

    run(loop, call)
    assert body.closed == 1


@pytest.mark.parametrize("leaves", [True, False])
@pytest.mark.parametrize("inner", [True, False])
def test_a_generator_is_closed_in_the_task_that_walked_it(loop: str, leaves: bool, inner: bool) -> None:
    """What holds a cancel scope or a context variable across a `yield` could not be closed elsewhere."""
    tasks: list[object] = []
    ended: list[bool] = []

    async def chunks() -> AsyncIterator[bytes]:
        tasks.append(current_task())
        try:
            yield b"a"
            if leaves:
                await for_ever()
            raise ZeroDivisionError
        finally:
            tasks.append(current_task())
            ended.append(True)

    class Wrapper:
        def __aiter__(self) -> AsyncIterator[bytes]:
            return chunks()

    async def handler(request: Request) -> Response:
        return Response(Wrapper() if inner else chunks())

    exchange = Exchange(extra=[{"type": "http.disconnect"}] if leaves else [])

    async def call() -> None:
        with nullcontext() if leaves else pytest.raises(ZeroDivisionError):
            await application(handler)(http_scope(), exchange.receive, exchange.send)
        assert ended

    run(loop, call)
    assert len(set(tasks)) == 1


@pytest.mark.parametrize("inner", [True, False])
def test_a_generator_between_two_chunks_is_closed_in_the_task_that_walked_it(loop: str, inner: bool) -> None:
    tasks: list[object] = []

    async def chunks() -> AsyncIterator[bytes]:
        tasks.append(current_task())
        try:
            while True:
                yield b"a"
        finally:
            tasks.append(current_task())

    class Wrapper:
        def __aiter__(self) -> AsyncIterator[bytes]:
            return chunks()

    async def handler(request: Request) -> Response:
        return Response(Wrapper() if inner else chunks())

    exchange = Exchange(leave_after=2)
    run(loop, partial(call_app, application(handler), exchange))
    assert len(tasks) == 2
    assert len(set(tasks)) == 1


def test_a_body_is_closed_though_its_walk_never_began(loop: str) -> None:
    body = AsyncBody("a")

    async def handler(request: Request) -> Response:
        return Response(body)

    exchange = Exchange()

    async def call() -> None:
        if loop == "trio":
            with trio.CancelScope() as scope:
                scope.cancel()
                await application(handler)(http_scope(), exchange.receive, exchange.send)
            return
        task = asyncio.ensure_future(call_app(application(handler), exchange))
        await pause()  # now there is a task for the walk, which has not taken a step
        for each in asyncio.all_tasks() - {asyncio.current_task()}:
            each.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(body.chunks) == 1

    run(loop, call)
    assert body.closed == 1


class SlowlyClosed(AsyncBody):
    """A body whose close takes a while, and is not to be interrupted."""

    async def aclose(self) -> None:
        for _ in range(5):
            await pause()
        await super().aclose()


def test_the_close_is_not_interrupted_when_the_response_was_whole(loop: str) -> None:
    """Servers tell of a disconnect as soon as the last message is sent."""
    body = SlowlyClosed("a", "b")
    exchange = Exchange()

    async def receive() -> Message:
        while not exchange.sent or exchange.sent[-1].get("more_body", True):
            await pause()
        return {"type": "http.disconnect"}

    run(loop, lambda: respond(Response(body), http_scope(), receive, exchange.send))
    exchange.check()
    assert (exchange.body, body.closed) == (b"ab", 1)


def test_the_close_is_not_interrupted_when_the_server_cancels() -> None:
    """On asyncio: on trio what a cancelled task awaits is cancelled, unless it shields itself."""
    body = SlowlyClosed("a")
    began = asyncio.Event()
    close = body.aclose

    async def aclose() -> None:
        began.set()
        await close()

    body.aclose = aclose  # type: ignore[method-assign]
    exchange = Exchange()

    async def check() -> None:
        task = asyncio.ensure_future(respond(Response(body), http_scope(), exchange.receive, exchange.send))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(check())
    assert body.closed == 1


@pytest.mark.parametrize("error", [None, ZeroDivisionError()])
def test_the_close_is_not_interrupted_by_a_disconnect_at_any_time(loop: str, error: Exception | None) -> None:
    async def leave_after(steps: int) -> None:
        body = SlowlyClosed("a", "b", error=error)
        exchange = Exchange()

        async def receive() -> Message:
            for _ in range(steps):
                await pause()
            return {"type": "http.disconnect"}

        with suppress(ClientDisconnect, ZeroDivisionError):
            await respond(Response(body), http_scope(), receive, exchange.send)
        assert body.closed == 1

    async def check() -> None:
        for steps in range(30):
            await leave_after(steps)

    run(loop, check)


def test_a_server_that_fails(loop: str) -> None:
    async def handler(request: Request) -> Response:
        return Response(AsyncBody("a", wait=True))

    exchange = Exchange()
    app = application(handler)

    async def receive() -> Message:
        await pause()
        raise RuntimeError("the server is broken")

    async def call() -> None:
        with pytest.raises(RuntimeError, match="broken"):
            await app(http_scope(), receive, exchange.send)

    run(loop, call)
