"""The rule for every parser of a header: time grows no faster than the input, and 64 KiB take 50 ms."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.support.timing import pace, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

_SIZE = 65_536
_CAP = 0.05  # seconds

# A doubling may take 2.3 times, two may take 5.3. Measured over two, because a quadratic parser takes 16
# times there, which no noise explains. Not over more: what is small lives in the cache of the processor.
_GROWTH = 4
_FACTOR = 2.3**2
_NOISE = 2e-4  # seconds
_CHANCES = 10  # for a machine that is busy for a moment


def assert_linear(parse: Callable[[str], object], unit: str, *, lead: str = "", tail: str = "") -> None:
    """`parse` of `lead`, as many `unit` as fill 64 KiB, and `tail` takes 50 ms; of 256 KiB 5.3 times that.

    What `parse` raises is the caller's business.
    """
    small, large = (lead + unit * (size // len(unit)) + tail for size in (_SIZE, _GROWTH * _SIZE))
    once = more = float("inf")
    for _ in range(_CHANCES):
        once = min(once, seconds(lambda: parse(small), rounds=2))
        more = min(more, seconds(lambda: parse(large), rounds=1))
        if more <= _FACTOR * once + _NOISE and (once <= _CAP or _is_excused(once)):
            return
    raise AssertionError(f"64 KiB of {unit!r} took {once * 1000:.2f} ms, 256 KiB {more * 1000:.2f} ms")


def _is_excused(duration: float) -> bool:
    """Whether it is a tool that traces every line (coverage), or the machine, that is over the cap."""
    return sys.gettrace() is not None or duration <= _CAP * pace()
