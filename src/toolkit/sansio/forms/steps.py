"""What is written once for drivers that await and for those that do not: steps.

They are a generator that yields the result of every call and goes on when that is there. `settle` runs it,
and only if some result has to be awaited does it hand the rest to whoever awaits. So nothing here knows of an
event loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from typing import Final, TypeAlias, cast, final

__all__ = ["DONE", "Steps", "settle"]

Steps: TypeAlias = Generator[object, object, None]
"""Something to do, which yields what may have to be awaited, and is sent what came of it."""


@final
class _Done:
    """An awaitable that is done: what a step that needs no awaiting gives to a driver that awaits."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        yield from ()


DONE: Final = _Done()


def settle(steps: Steps) -> Awaitable[None]:
    """Run `steps` until something has to be awaited: the rest, as an awaitable; `DONE` if there is none."""
    try:
        result = next(steps)
        while result is DONE or not hasattr(result, "__await__"):
            result = steps.send(result)
    except StopIteration:
        return DONE
    return _await(steps, cast("Awaitable[object]", result))


async def _await(steps: Steps, result: object) -> None:
    """Run the rest of `steps`, of which `result` came last."""
    value: object
    try:
        while True:
            try:
                value = await cast("Awaitable[object]", result) if hasattr(result, "__await__") else result
            except GeneratorExit:  # noqa: PERF203  # nobody awaits us any longer: nothing more can be awaited
                steps.close()
                raise
            except BaseException as error:  # noqa: BLE001  # the steps decide what an error means
                result = steps.throw(error)
            else:
                result = steps.send(value)
    except StopIteration:
        pass
