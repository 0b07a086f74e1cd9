"""An upload of three files, cut and cancelled everywhere: one typed outcome, and nothing is left."""
# ruff: noqa: ARG001, ARG002, ASYNC240  # signatures are given by what is played, and files are small

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import trio

from tests.support.asgi import LOOPS, Exchange, http_scope, pause, run
from tests.support.leaks import descriptors, needs_proc, nothing_left
from tests.test_wsgi import MULTIPART, upload
from toolkit.asgi import Request, ThreadedRequest, application
from toolkit.sansio.errors.base import IncompleteForm
from toolkit.sansio.exchange.body import ClientDisconnect
from toolkit.sansio.exchange.content import IncompleteContent
from toolkit.sansio.exchange.response import Response
from toolkit.storage import PathSink, SpooledSink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path

    from toolkit.asgi_scope import ASGIApplication, Message
    from toolkit.sansio.forms.events import FileStart

pytestmark = needs_proc

BODY = upload(b"x" * 300, b"y" * 300, b"z" * 300)
PIECES = [BODY[at : at + 1] for at in range(len(BODY))]
"""More than a thousand places to cut at."""

COARSE = [BODY[at : at + 40] for at in range(0, len(BODY), 40)]


def scope(*, length: bool = False) -> dict[str, Any]:
    headers = [("Content-Type", MULTIPART)]
    return http_scope("POST", "/", [*headers, ("Content-Length", str(len(BODY)))] if length else headers)


def sinks(directory: Path, kind: str) -> Callable[[FileStart], Any]:
    """Where files go: to a path, to a temporary file, or to something asynchronous."""
    if kind == "path":
        return lambda part: PathSink(directory / part.filename)
    if kind == "spooled":
        return lambda _: SpooledSink(directory, max_memory=10)
    return lambda _: AsyncSink()


class Quick(Exchange):
    """A server whose messages are there already."""

    async def receive(self) -> Message:
        return self.coming.pop(0)


class AsyncSink:
    """A sink that waits at every step; those that are open are counted."""

    open = 0

    def __init__(self) -> None:
        AsyncSink.open += 1

    async def write(self, data: bytes) -> None:
        await pause()

    async def close(self) -> None:
        AsyncSink.open -= 1
        await pause()


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("kind", ["path", "spooled", "async"])
def test_a_disconnect_at_every_message(loop: str, kind: str, tmp_path: Path) -> None:
    errors: list[BaseException] = []

    async def handler(request: Request) -> Response:
        try:
            await request.form(open_sink=sinks(tmp_path, kind))
        except BaseException as error:
            errors.append(error)
            raise
        raise AssertionError

    app = application(handler)
    step = 1 if (loop, kind) in {("asyncio", "spooled"), ("trio", "path")} else 17

    async def check() -> None:
        await pause()
        for count in range(0, len(PIECES), step):
            exchange = Quick(*PIECES[:count], cut=True)
            with nothing_left(tmp_path):
                await exchange.call(app, scope())
            assert exchange.sent == []

    run(loop, check)
    assert {type(error) for error in errors} == {ClientDisconnect}
    assert AsyncSink.open == 0


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("length", [True, False])
def test_an_end_at_every_message(loop: str, length: bool, tmp_path: Path) -> None:
    """The message that should be the last one comes too early, and says so."""

    async def handler(request: Request) -> Response:
        with pytest.raises(IncompleteContent if length else IncompleteForm) as caught:
            await request.form(open_sink=sinks(tmp_path, "path"))
        raise caught.value

    app = application(handler)

    async def check() -> None:
        await pause()
        for count in range(1, len(COARSE)):
            with nothing_left(tmp_path):
                assert (await Exchange(*COARSE[:count]).call(app, scope(length=length))).status == 400

    run(loop, check)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_disconnect_under_a_synchronous_handler(loop: str, tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def handler(request: ThreadedRequest) -> Response:
        try:
            request.form(open_sink=sinks(tmp_path, "path"))
        except BaseException as error:
            errors.append(error)
            raise
        raise AssertionError

    app = application(handler)

    async def check() -> None:
        await Exchange(cut=True).call(app, scope())  # so that there is a thread
        for count in range(1, len(COARSE)):
            with nothing_left(tmp_path):
                await Exchange(*COARSE[:count], cut=True).call(app, scope())

    run(loop, check)
    assert {type(error) for error in errors} == {ClientDisconnect}


async def cancelled_after(app: ASGIApplication, exchange: Exchange, steps: int) -> bool:
    """Cancel a call after so many steps of the loop; whether there was anything left to cancel."""
    ended = False

    async def call() -> None:
        nonlocal ended
        await app(scope(), exchange.receive, exchange.send)
        ended = True

    if trio.lowlevel.in_trio_run():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(call)
            for _ in range(steps):
                await trio.lowlevel.checkpoint()
            nursery.cancel_scope.cancel()
        return not ended
    task = asyncio.get_running_loop().create_task(call())
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


def cancel_everywhere(loop: str, app: ASGIApplication, directory: Path, step: int = 1) -> None:
    """Cancel after one step, after two, and so on, until the call comes to its end first."""
    counts: list[int] = []

    async def check() -> None:
        await Exchange(*COARSE).call(app, scope())
        for path in directory.iterdir():
            path.unlink()
        steps = 0
        while True:
            exchange = Exchange(*COARSE)
            before = descriptors()
            if not await cancelled_after(app, exchange, steps):
                break
            counts.append(steps)
            steps += step
            for _ in range(3):
                await pause()
            assert descriptors() == before
            assert AsyncSink.open == 0
            whole = {f"f{number}.bin" for number in range(3)}
            left = {path.name for path in directory.iterdir()}
            assert left in (set(), whole)  # all files of the form, or none
            for path in directory.iterdir():
                path.unlink()

    run(loop, check)
    assert len(counts) > 5


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("kind", ["path", "spooled", "async"])
def test_cancelled_at_every_await_of_an_upload(loop: str, kind: str, tmp_path: Path) -> None:
    async def handler(request: Request) -> Response:
        form = await request.form(open_sink=sinks(tmp_path, kind))
        return Response(str(len(form.files)))

    cancel_everywhere(loop, application(handler), tmp_path)


@pytest.mark.parametrize("loop", LOOPS)
def test_cancelled_at_every_await_of_a_synchronous_handler(loop: str, tmp_path: Path) -> None:
    def handler(request: ThreadedRequest) -> Response:
        form = request.form(open_sink=sinks(tmp_path, "path"))
        return Response(str(len(form.files)))

    cancel_everywhere(loop, application(handler), tmp_path, step=7)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("kind", ["async", "threaded", "file"])
def test_cancelled_at_every_await_of_a_response(loop: str, kind: str, tmp_path: Path) -> None:
    opened: list[int] = []

    def threaded() -> Iterator[str]:
        opened.append(1)
        try:
            for _ in range(5):
                yield "a"
        finally:
            opened.pop()

    async def awaited() -> AsyncIterator[str]:
        opened.append(1)
        try:
            for _ in range(5):
                await pause()
                yield "a"
        finally:
            opened.pop()

    async def handler(request: Request) -> Response:
        if kind == "file":
            return Response(open(__file__, "rb"))  # noqa: ASYNC230, PTH123  # the body's to close
        return Response(threaded() if kind == "threaded" else awaited())

    cancel_everywhere(loop, application(handler), tmp_path)
    assert not opened


def test_a_cancelled_server_waits_for_no_client() -> None:
    """A synchronous handler that waits for content is woken up when its task is cancelled."""
    seen: list[BaseException] = []
    waiting = asyncio.Event()

    def handler(request: ThreadedRequest) -> Response:
        try:
            return Response(request.data())
        except BaseException as error:
            seen.append(error)
            raise

    class Silent(Exchange):
        async def receive(self) -> Message:
            if not self.coming:
                waiting.set()
            return await super().receive()

    async def check() -> None:
        exchange = Silent(b"a", cut=True)
        exchange.coming.pop()  # nothing more will ever come
        task = asyncio.get_running_loop().create_task(_call(application(handler), exchange))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(check())
    assert isinstance(seen[0], asyncio.CancelledError)


async def _call(app: Callable[..., Awaitable[None]], exchange: Exchange) -> None:
    await app(scope(), exchange.receive, exchange.send)
