"""The rule for every parser of a header: time grows as the input does, and 64 KiB take 50 ms."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.support.timing import assert_linear_in, pace, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

_CAP = 0.05  # seconds

_SIZE = 65_536
_CHANCES = 10  # for a machine that is busy for a moment


def assert_linear(parse: Callable[[str], object], unit: str, *, lead: str = "", tail: str = "") -> None:
    """`parse` of `lead`, as many `unit` as fill 64 KiB, and `tail` takes 50 ms, and time is linear.

    What `parse` raises is the caller's business.
    """

    def call(size: int) -> Callable[[], object]:
        return partial(parse, lead + unit * (size // len(unit)) + tail)

    assert_linear_in(_SIZE // 4, call)
    least = float("inf")
    for _ in range(_CHANCES):
        least = min(least, seconds(call(_SIZE), rounds=1))
        if least <= _CAP or _is_excused(least):
            return
    raise AssertionError(f"{unit!r} took {least * 1000:.2f} ms for {_SIZE} bytes")


def _is_excused(duration: float) -> bool:
    """Whether it is a tool that traces every line (coverage), or the machine, that is over the cap."""
    return sys.gettrace() is not None or duration <= _CAP * pace()
