"""What an adapter needs of an event loop, whichever it is: threads, the way back from them, and a race.

No event loop is imported before one runs: which one it is, is found out when a bridge is needed. So an
application whose handlers fit their protocol never loads one.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

T = TypeVar("T")


class Bridge(Protocol):
    """Two-way traffic between the event loop that made it and worker threads.

    All calls in threads share one copy of the context (`contextvars`) of whoever made the bridge; so they
    must come one after the other.
    """

    async def in_thread(self, function: Callable[..., T], *args: object) -> T:
        """Call `function` in a worker thread. When cancelled it waits for the thread, and then is."""
        ...

    def from_thread(self, function: Callable[..., Coroutine[object, object, T]], *args: object) -> T:
        """Await `function(*args)` on the loop: for functions that `in_thread` runs, which block meanwhile.

        Cancelling `in_thread` cancels it; the loop's own exception of cancellation is raised in the thread.
        """
        ...

    def event(self) -> Event:
        """What one task waits for until another sets it."""
        ...

    async def unless(
        self,
        gone: Callable[[], Awaitable[None]],
        work: Callable[[], Awaitable[None]],
        last: Callable[[], Awaitable[None]],
    ) -> bool:
        """Run `work`; whether it came to its end. It is cancelled when `gone` ends before.

        In any case `last` is run after it, in the same task: an asynchronous generator is closed where it
        was walked.
        """
        ...


class Event(Protocol):
    """What both kinds of loop call an event."""

    def set(self) -> None:
        """Wake up who waits, now and later."""
        ...

    async def wait(self) -> object:
        """Wait until it is set."""
        ...


class Loop:
    """An event loop of our own, for asynchronous code that is called where there is none.

    It is asyncio's, and made when it is first needed.
    """

    __slots__ = ("_runner",)

    def __init__(self) -> None:
        self._runner: Runner | None = None

    def run(self, coroutine: Coroutine[object, object, T]) -> T:
        """Run a coroutine to its end."""
        if self._runner is None:
            self._runner = cast("Runner", import_module("toolkit.bridges.on_asyncio").Runner())
        return self._runner.run(coroutine)

    def close(self) -> None:
        """End what is left on the loop, and the loop. Does no harm twice."""
        loop, self._runner = self._runner, None
        if loop is not None:
            loop.close()


class Runner(Protocol):
    """What stands behind a `Loop`."""

    def run(self, coroutine: Coroutine[object, object, T]) -> T:
        """Run a coroutine to its end."""
        ...

    def close(self) -> None:
        """End everything."""
        ...


def bridge() -> Bridge:
    """A bridge for the event loop that runs right now: trio's, else asyncio's."""
    trio = sys.modules.get("trio")
    name = "on_trio" if trio is not None and trio.lowlevel.in_trio_run() else "on_asyncio"
    return cast("Bridge", import_module(f"toolkit.bridges.{name}").Bridge())
