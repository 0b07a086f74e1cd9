"""The rule for every parser of a header: time grows no faster than the input, and 64 KiB take 50 ms."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.support.timing import pace, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

_CAP = 0.05  # seconds

# A doubling may take 2.3 times, two may take 5.3. Measured over two, because a quadratic parser takes 16
# times there, which no noise explains. Where what is allocated outgrows the caches of the processor, time
# takes one step of its own: so it is enough when one of two such pairs of sizes grows as it should.
_SIZES = (16_384, 65_536, 262_144)
_FACTOR = 2.3**2
_NOISE = 2e-4  # seconds
_CHANCES = 10  # for a machine that is busy for a moment


def assert_linear(parse: Callable[[str], object], unit: str, *, lead: str = "", tail: str = "") -> None:
    """`parse` of `lead`, as many `unit` as fill 64 KiB, and `tail` takes 50 ms; of 256 KiB 5.3 times that.

    What `parse` raises is the caller's business.
    """
    texts = [lead + unit * (size // len(unit)) + tail for size in _SIZES]
    least = [float("inf")] * len(texts)
    for _ in range(_CHANCES):
        for index, text in enumerate(texts):
            least[index] = min(least[index], seconds(partial(parse, text), rounds=1))
        little, once, more = least
        grows_well = more <= _FACTOR * once + _NOISE or once <= _FACTOR * little + _NOISE
        if grows_well and (once <= _CAP or _is_excused(once)):
            return
    raise AssertionError(
        f"{unit!r} took {[f'{duration * 1000:.2f} ms' for duration in least]} for {_SIZES} bytes"
    )


def _is_excused(duration: float) -> bool:
    """Whether it is a tool that traces every line (coverage), or the machine, that is over the cap."""
    return sys.gettrace() is not None or duration <= _CAP * pace()
