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


def assert_grows(
    small: Callable[[], object], large: Callable[[], object], factor: float, *, noise: float = 0.001
) -> None:
    """`large` takes at most `factor` times what `small` takes, and `noise` seconds; least times count."""
    once = more = float("inf")
    for _ in range(_CHANCES):
        once = min(once, seconds(small, rounds=2))
        more = min(more, seconds(large, rounds=2))
        if more <= factor * once + noise:
            return
    raise AssertionError(f"{more * 1000:.2f} ms is more than {factor} times {once * 1000:.2f} ms")


_CHANCES = 8  # for a machine that is busy for a moment
