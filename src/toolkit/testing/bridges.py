"""From one way to wait to the other: what the blocking client needs for ASGI, the asynchronous one for WSGI.

The blocking client has an event loop of its own that runs in the thread of the caller, and only while the
client waits: there is no thread to leak, interrupts and debuggers work, exceptions have the test on their
traceback, and the application sees the context variables of the test. Between two calls the application
stands still.

The asynchronous client calls a WSGI application in worker threads, in one context for each request.
"""

from __future__ import annotations

import asyncio
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

from toolkit.sansio.errors.base import LocalError
from toolkit.testing.concurrency import in_thread

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Callable,
        Coroutine,
        Generator,
        Iterable,
        Iterator,
    )
    from contextlib import AbstractAsyncContextManager
    from contextvars import Context

    from toolkit.testing.body import Disconnect
    from toolkit.testing.messages import Part, Request
    from toolkit.testing.transport import AsyncChannel, AsyncTransport, Channel, Transport
    from toolkit.testing.wire import Answer

T = TypeVar("T")


class Portal:
    """An event loop of one's own, made when it is first needed; `close` ends what runs on it.

    A portal that is forgotten closes its loop, and does no more: memory may be collected at any point of any
    thread, where nothing can be waited for.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._forget: Callable[[], object] | None = None

    def run(self, work: Coroutine[object, object, T]) -> T:
        """What a coroutine returns, run here and now."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._forget = weakref.finalize(self, self._loop.close)
        return _run(self._loop, work)

    @contextmanager
    def enter(self, context: AbstractAsyncContextManager[T]) -> Generator[T, None, None]:
        """An asynchronous context, as one of the other kind."""
        value = self.run(context.__aenter__())
        try:
            yield value
        except BaseException as error:
            if not self.run(context.__aexit__(type(error), error, error.__traceback__)):
                raise
        else:
            self.run(context.__aexit__(None, None, None))

    def iterate(self, items: AsyncIterator[T]) -> Iterator[T]:
        """An asynchronous iterator, as one of the other kind. No item of it is None."""
        while (item := self.run(_next(items))) is not None:
            yield item

    def close(self) -> None:
        """Cancel what still runs, and close the loop."""
        if self._loop is None or self._forget is None:
            return
        try:
            _run(self._loop, _tidy())
        finally:
            self._forget()
            self._loop = self._forget = None


class BlockingTransport:
    """An asynchronous transport for the blocking client."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport
        self._portal = Portal()

    @contextmanager
    def running(self) -> Generator[None, None, None]:
        """The time between start and stop of the application."""
        with self._portal.enter(self._transport.running()):
            yield

    @contextmanager
    def send(self, request: Request) -> Generator[Iterator[Part], None, None]:
        """One exchange: the response part by part."""
        with self._portal.enter(self._transport.send(request)) as parts:
            yield self._portal.iterate(parts)

    @contextmanager
    def connect(self, request: Request, subprotocols: tuple[str, ...]) -> Generator[Channel, None, None]:
        """One WebSocket. Raises `WebSocketDenied`."""
        with self._portal.enter(self._transport.connect(request, subprotocols)) as channel:
            yield BlockingChannel(channel, self._portal)

    def raw(self, request: Request, pieces: Iterable[bytes], then: Disconnect) -> Answer:
        """What comes back for raw bytes."""
        return self._portal.run(self._transport.raw(request, pieces, then))

    def close(self) -> None:
        """Close the event loop; another is made if it is needed."""
        self._portal.close()


class BlockingChannel:
    """An asynchronous WebSocket for the blocking client."""

    def __init__(self, channel: AsyncChannel, portal: Portal) -> None:
        self._channel = channel
        self._portal = portal
        self.accepted = channel.accepted

    def send(self, message: str | bytes) -> None:
        """Send a message."""
        self._portal.run(self._channel.send(message))

    def receive(self) -> str | bytes:
        """The next message."""
        return self._portal.run(self._channel.receive())

    def close(self, code: int, reason: str) -> None:
        """Close, unless it is closed."""
        self._portal.run(self._channel.close(code, reason))


class ThreadTransport:
    """A blocking transport for the asynchronous client. WebSockets it has none."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """The time between start and stop of the application."""
        manager = self._transport.running()
        await in_thread(manager.__enter__)
        try:
            yield
        finally:
            await in_thread(lambda: manager.__exit__(None, None, None))

    @asynccontextmanager
    async def send(self, request: Request) -> AsyncGenerator[AsyncIterator[Part], None]:
        """One exchange: the response part by part."""
        manager = self._transport.send(request)
        context = copy_context()

        def leave() -> None:
            context.run(manager.__exit__, None, None, None)

        parts = await in_thread(lambda: context.run(manager.__enter__))
        try:
            yield ThreadIterator(parts, context)
        finally:
            await in_thread(leave)

    def connect(
        self, request: Request, subprotocols: tuple[str, ...]
    ) -> AbstractAsyncContextManager[AsyncChannel]:
        """There are no WebSockets in threads."""
        raise LocalError(f"a WSGI application has no WebSockets: {request.url} with {subprotocols}")

    async def raw(self, request: Request, pieces: Iterable[bytes], then: Disconnect) -> Answer:
        """What comes back for raw bytes."""
        return await in_thread(lambda: self._transport.raw(request, pieces, then))


class ThreadIterator:
    """An iterator whose steps are taken in worker threads, in one context."""

    def __init__(self, parts: Iterator[Part], context: Context) -> None:
        self._parts = parts
        self._context = context

    def __aiter__(self) -> AsyncIterator[Part]:
        return self

    async def __anext__(self) -> Part:
        part = await in_thread(self._step)
        if part is None:
            raise StopAsyncIteration
        return part

    def _step(self) -> Part | None:
        return self._context.run(lambda: next(self._parts, None))


async def _next(items: AsyncIterator[T]) -> T | None:
    return await anext(items, None)


def _run(loop: asyncio.AbstractEventLoop, work: Coroutine[object, object, T]) -> T:
    """What a coroutine returns, run on a loop that stands still."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return loop.run_until_complete(work)
    # A thread runs one loop: in an asynchronous test, or a notebook, ours is run by another thread meanwhile.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_context().run, loop.run_until_complete, work).result()


async def _tidy() -> None:
    """End what an application has left on its loop."""
    loop = asyncio.get_running_loop()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
