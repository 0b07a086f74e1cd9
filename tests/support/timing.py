"""How the time of a call grows with its input, in processor time: a busy machine does not matter."""

from __future__ import annotations

import gc
from time import thread_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def seconds(call: Callable[[], object], *, rounds: int = 5) -> float:
    """The least processor time of some rounds, in seconds. What `call` raises is the caller's business.

    The garbage collector is off meanwhile: its passes over all living objects are not the call's.
    """
    best = float("inf")
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            start = thread_time()
            call()
            best = min(best, thread_time() - start)
    finally:
        if was_enabled:
            gc.enable()
    return best


def pace() -> float:
    """How much slower than a common machine of 2024 this one is now: 1.0, or more when it is slower.

    Processor time is longer where cores are shared or throttled. A bound in seconds, multiplied by this,
    bounds the work and not the machine.
    """
    return max(1.0, seconds(_sample, rounds=3) / 0.003)


def _sample() -> dict[str, int]:
    numbers: dict[str, int] = {}
    for number in range(20_000):
        numbers[str(number)] = number
    return numbers


# Sixteen times the input is sixteen times the work where work is linear, 256 times where it is quadratic. The
# bound is half way between the two (their geometric mean), too far from either for caches and neighbours.
TIMES = 16
LINEAR = TIMES**1.5


def assert_linear_in(size: int, call: Callable[[int], Callable[[], object]]) -> None:
    """What `call` makes for an input of `size` and of `TIMES` that size grows as linear work does.

    >>> assert_linear_in(10_000, lambda size: lambda: sum(range(size)))
    """
    assert_grows(call(size), call(TIMES * size), LINEAR)


def assert_grows(small: Callable[[], object], large: Callable[[], object], factor: float) -> None:
    """`large` takes at most `factor` times what `small` takes, and a millisecond.

    The least times of some chances count. `factor` is to lie half way between right and wrong.
    """
    once = more = float("inf")
    for _ in range(_CHANCES):
        once = min(once, seconds(small, rounds=1))
        more = min(more, seconds(large, rounds=1))
        if more <= factor * once + _NOISE:
            return
    raise AssertionError(f"{more * 1000:.2f} ms is more than {factor} times {once * 1000:.2f} ms")


_NOISE = 0.001  # seconds
_CHANCES = 8  # for a machine that is busy for a moment
