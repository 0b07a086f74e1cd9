"""The few tools of concurrency that a transport needs, on asyncio and on trio.

trio is not imported here, only found where somebody else has imported it: who runs in a trio task has done
so. Both libraries offer nearly the same events and tasks; what differs is in `AsyncioScope` and
`TrioScope`, and in `in_thread`.
"""

from __future__ import annotations

import asyncio
import math
import sys
from collections import deque
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from toolkit.testing.errors import ClientDisconnected

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
    from types import ModuleType

T = TypeVar("T")

GRACE = 1.0
"""Seconds that an application has to end by itself after its client has gone; then it is cancelled."""


class Event(Protocol):
    """What an `asyncio.Event` and a `trio.Event` have in common."""

    def set(self) -> None:
        """Let everybody go on who waits."""
        ...

    def is_set(self) -> bool:
        """Whether it is set."""
        ...

    def wait(self) -> Awaitable[object]:
        """Wait until it is set."""
        ...


class Scope(Protocol):
    """The tasks of one exchange. None of them outlives it."""

    def start(self, function: Callable[[], Coroutine[object, object, None]]) -> None:
        """Run a function as a task. It must not raise but when it is cancelled."""
        ...

    async def finish(self, grace: float = math.inf) -> None:
        """Wait until all tasks have ended, for `grace` seconds, then cancel those that have not."""
        ...


class AsyncioScope:
    """The tasks of one exchange on asyncio."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, function: Callable[[], Coroutine[object, object, None]]) -> None:
        """Run a function as a task."""
        self._tasks.append(asyncio.get_running_loop().create_task(function()))

    async def finish(self, grace: float = math.inf) -> None:
        """Wait for all tasks, for `grace` seconds, then cancel them."""
        try:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=None if grace == math.inf else grace)
        finally:
            running = [task for task in self._tasks if not task.done()]
            for task in running:
                task.cancel()
            if running:
                await asyncio.wait(running)


class TrioScope:
    """The tasks of one exchange on trio."""

    def __init__(self, trio: ModuleType, nursery: TrioNursery) -> None:
        self._trio = trio
        self._nursery = nursery
        self._running = 0
        self._idle: Event = trio.Event()

    def start(self, function: Callable[[], Coroutine[object, object, None]]) -> None:
        """Run a function as a task."""
        self._running += 1
        self._nursery.start_soon(self._run, function)

    async def finish(self, grace: float = math.inf) -> None:
        """Wait for all tasks, for `grace` seconds, then cancel them."""
        try:
            if self._running:
                with self._trio.move_on_after(grace):
                    await self._idle.wait()
        finally:
            self._nursery.cancel_scope.cancel()

    async def _run(self, function: Callable[[], Coroutine[object, object, None]]) -> None:
        try:
            await function()
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()


class TrioNursery(Protocol):
    """What is used here of a trio nursery."""

    @property
    def cancel_scope(self) -> TrioCancelScope:
        """What cancels all of its tasks."""
        ...

    def start_soon(self, function: Callable[..., Awaitable[object]], *args: object) -> None:
        """Start a task."""
        ...


class TrioCancelScope(Protocol):
    """What is used here of a trio cancel scope."""

    def cancel(self) -> None:
        """Cancel what runs inside."""
        ...


def trio_if_running() -> ModuleType | None:
    """The trio module, if the caller is a task of it."""
    trio = sys.modules.get("trio")
    if trio is None:
        return None
    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return None
    return trio


def is_of_the_loop(error: BaseException) -> bool:
    """Whether an exception is the loop's own affair, or the interpreter's, and has to reach it."""
    trio = sys.modules.get("trio")
    if trio is not None and isinstance(error, trio.Cancelled):
        return True
    return isinstance(error, (asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit))


def new_event() -> Event:
    """An event of the library that runs the caller."""
    trio = trio_if_running()
    event: Event = asyncio.Event() if trio is None else trio.Event()
    return event


@asynccontextmanager
async def open_scope() -> AsyncGenerator[Scope, None]:
    """A scope for tasks, in the library that runs the caller."""
    trio = trio_if_running()
    if trio is None:
        scope = AsyncioScope()
        try:
            yield scope
        finally:
            await scope.finish(0)
        return
    failure: BaseException | None = None
    async with trio.open_nursery() as nursery:
        try:
            yield TrioScope(trio, nursery)
        except BaseException as error:  # noqa: BLE001  # a nursery would make a group of it
            failure = error
        nursery.cancel_scope.cancel()
    if failure is not None:
        raise failure


async def in_thread(function: Callable[[], T]) -> T:
    """What a blocking function returns, called in a worker thread.

    It is waited for even when the caller is cancelled: no thread is left behind.
    """
    trio = trio_if_running()
    if trio is not None:
        result: T = await trio.to_thread.run_sync(function)
        return result
    context = copy_context()
    future = asyncio.get_running_loop().run_in_executor(None, context.run, function)
    try:
        return await asyncio.shield(future)
    finally:
        if not future.done():
            await asyncio.wait([future])


class Pipe(Generic[T]):
    """A queue from one side of an exchange to the other, with back pressure.

    `put` returns when fewer than `limit` items wait; with a limit of 1, when the item was taken. Nobody but
    the reader takes. `end` says that nothing more comes; `break_off` that the reader has gone, which putting
    raises; `discard` that it takes everything, and looks at nothing.
    """

    __slots__ = ("_changed", "_ended", "_items", "_limit", "_put", "_taken", "is_broken")

    def __init__(self, limit: float = math.inf) -> None:
        self._limit = limit
        self._items: deque[T] = deque()
        self._put = 0
        self._taken: float = 0
        self._changed = new_event()
        self._ended = False
        self.is_broken = False

    async def put(self, item: T) -> None:
        """Give an item to the reader. Raises `ClientDisconnected` when it has gone, or goes meanwhile."""
        self._items.append(item)
        self._put += 1
        goal = self._put - self._limit + 1
        self._wake()
        while self._taken < goal:
            if self.is_broken:
                raise ClientDisconnected("the client has gone")
            await self._changed.wait()

    async def get(self) -> T | None:
        """The next item; None at the end."""
        while not self._items and not self._ended:
            await self._changed.wait()
        if not self._items:
            return None
        item = self._items.popleft()
        self._taken += 1
        self._wake()
        return item

    def end(self) -> None:
        """Nothing more comes."""
        self._ended = True
        self._wake()

    def break_off(self) -> None:
        """Nothing more is taken."""
        self.is_broken = True
        self._wake()

    def discard(self) -> None:
        """All that comes is taken."""
        self._taken = math.inf
        self._wake()

    def _wake(self) -> None:
        """Let everybody look again. Events cannot be cleared on trio: there is a new one each time."""
        self._changed.set()
        self._changed = new_event()
