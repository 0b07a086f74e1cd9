"""delta-seconds: a time span of Cache-Control, Age and Retry-After (RFC 9111 section 1.2.2).

::

    delta-seconds = 1*DIGIT
"""

from __future__ import annotations

from toolkit.sansio.durations import count_seconds
from toolkit.sansio.grammar import DIGITS

MAX_SECONDS = 2**31
"""The longest span, 68 years: "If a cache receives a delta-seconds value greater than the greatest integer it
can represent […] the cache MUST consider the value to be 2147483648 (2^31)"."""


def parse_seconds(text: str) -> int | None:
    """The number of seconds that digits write, at most `MAX_SECONDS`; None for any other text.

    >>> parse_seconds("0060"), parse_seconds("9" * 1_000_000), parse_seconds("-1"), parse_seconds("1.5")
    (60, 2147483648, None, None)
    """
    if not text or not DIGITS.issuperset(text):
        return None
    if len(text) > 10:  # more digits than the cap has; int() is not asked to read a million
        text = text.lstrip("0")[:11] or "0"
    return min(int(text), MAX_SECONDS)


def check_seconds(seconds: object, *, up: bool = False) -> int:
    """The whole seconds of an int or a timedelta, by `count_seconds`, if they can be sent.

    Raises ValueError below 0 and above `MAX_SECONDS`, TypeError for other types.

    >>> from datetime import timedelta
    >>> check_seconds(timedelta(minutes=5))
    300
    """
    number = count_seconds(seconds, up=up)
    if not 0 <= number <= MAX_SECONDS:
        raise ValueError(f"not from 0 to {MAX_SECONDS} seconds: {seconds!r}")
    return number
