"""The bridge for trio. Loaded when trio runs and not before: see `toolkit.bridges.base`."""

from __future__ import annotations

from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import trio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

T = TypeVar("T")


class Bridge:
    """Worker threads of trio, and the way back."""

    __slots__ = ("_context",)

    def __init__(self) -> None:
        self._context = copy_context()

    async def in_thread(self, function: Callable[..., T], *args: object) -> T:
        """Call `function` in a worker thread; see `toolkit.bridges.base.Bridge`."""
        call: Callable[[], T] = partial(function, *args)
        return await trio.to_thread.run_sync(lambda: self._context.run(call))

    def from_thread(self, function: Callable[..., Coroutine[object, object, T]], *args: object) -> T:
        """Await on the loop, called in a thread; see `toolkit.bridges.base.Bridge`."""
        return trio.from_thread.run(function, *args)

    def event(self) -> trio.Event:
        """See `toolkit.bridges.base.Bridge`."""
        return trio.Event()

    async def unless(
        self,
        gone: Callable[[], Awaitable[None]],
        work: Callable[[], Awaitable[None]],
        last: Callable[[], Awaitable[None]],
    ) -> bool:
        """Run `work` unless `gone`; see `toolkit.bridges.base.Bridge`."""
        finished = False
        errors: list[Exception] = []  # kept out of the nursery, which would wrap them in a group
        try:
            async with trio.open_nursery() as nursery:

                async def watch() -> None:
                    try:
                        await gone()
                    except Exception as error:  # noqa: BLE001  # it is raised below
                        errors.append(error)
                    nursery.cancel_scope.cancel()

                nursery.start_soon(watch)
                try:
                    await work()
                    finished = True
                except Exception as error:  # noqa: BLE001  # the same
                    errors.insert(0, error)
                nursery.cancel_scope.cancel()
            if errors:
                raise errors[0]
        finally:
            await last()  # out here, where it is not cancelled because the client is gone
        return finished
