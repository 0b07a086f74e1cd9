"""The bridge for asyncio, uvloop included, and the loop for asynchronous handlers where there is none.

Loaded when it is needed and not before: see `toolkit.bridges.base`.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

T = TypeVar("T")


class Bridge:
    """Worker threads of the running loop's default executor, and the way back."""

    __slots__ = ("_calls", "_cancelled", "_context", "_loop")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._context = copy_context()
        self._calls: set[asyncio.Task[object]] = set()
        self._cancelled = False

    async def in_thread(self, function: Callable[..., T], *args: object) -> T:
        """Call `function` in a worker thread; see `toolkit.bridges.base.Bridge`."""
        call: Callable[[], T] = partial(function, *args)
        future = self._loop.run_in_executor(None, lambda: self._context.run(_outcome, call))
        try:
            outcome = await asyncio.shield(future)
        except asyncio.CancelledError:
            # A thread cannot be stopped, and what it works with must not be taken from under it.
            self._cancelled = True
            for task in self._calls:
                task.cancel()
            await _ended([future])
            raise
        return outcome()

    def from_thread(self, function: Callable[..., Coroutine[object, object, T]], *args: object) -> T:
        """Await on the loop, called in a thread; see `toolkit.bridges.base.Bridge`."""
        try:
            return asyncio.run_coroutine_threadsafe(self._call(function, *args), self._loop).result()
        except CancelledError:
            raise asyncio.CancelledError from None

    async def _call(self, function: Callable[..., Coroutine[object, object, T]], *args: object) -> T:
        """`function(*args)`, as a task that `in_thread` can cancel; all of this happens on the loop."""
        if self._cancelled:
            raise asyncio.CancelledError
        task: asyncio.Task[T] = self._loop.create_task(function(*args))
        self._calls.add(task)
        try:
            return await task
        finally:
            self._calls.discard(task)

    def event(self) -> asyncio.Event:
        """See `toolkit.bridges.base.Bridge`."""
        return asyncio.Event()

    async def unless(
        self,
        gone: Callable[[], Awaitable[None]],
        work: Callable[[], Awaitable[None]],
        last: Callable[[], Awaitable[None]],
    ) -> bool:
        """Run `work` unless `gone`; see `toolkit.bridges.base.Bridge`."""
        over = finished = False

        async def run() -> None:
            nonlocal over, finished
            try:
                await work()
                finished = True
            finally:
                over = True
                await last()

        tasks = running, watching = self._loop.create_task(run()), self._loop.create_task(_run(gone))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            watching.cancel()
            if not over:  # else it would be `last` that is cancelled
                running.cancel()
            try:
                await _ended(tasks)
            finally:
                if not over:  # a task that is cancelled before its first step never takes it
                    await last()
        for task in tasks:
            if not task.cancelled():
                task.result()
        return finished


class Runner:
    """A loop of its own, which lives as long as one response."""

    __slots__ = ("_loop",)

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def run(self, coroutine: Coroutine[object, object, T]) -> T:
        """Run a coroutine to its end."""
        try:
            return self._loop.run_until_complete(coroutine)
        finally:
            coroutine.close()  # where the loop refused to run it

    def close(self) -> None:
        """Cancel what is left, close what is open, and the loop."""
        loop = self._loop
        try:
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            if left:
                loop.run_until_complete(_ended(left))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()


def _outcome(call: Callable[[], T]) -> Callable[[], T]:
    """What `call` returned or raised, for whoever calls this.

    A future takes no StopIteration, so that its waiter would wait for ever, and takes the CancelledError of
    another future for its own.
    """
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001  # it is raised again, on the loop
        return partial(_raise, error)
    return lambda: result


def _raise(error: BaseException) -> NoReturn:
    raise error


async def _run(function: Callable[[], Awaitable[None]]) -> None:
    await function()


async def _ended(futures: Iterable[asyncio.Future[T]]) -> None:
    """Wait for all of them, whatever their end; being cancelled is put off until then."""
    cancelled: asyncio.CancelledError | None = None
    while waiting := [future for future in futures if not future.done()]:
        try:
            await asyncio.wait(waiting)
        except asyncio.CancelledError as error:  # noqa: PERF203  # it may come more than once
            cancelled = error
    for future in futures:
        if not future.cancelled():
            future.exception()
    if cancelled is not None:
        raise cancelled
