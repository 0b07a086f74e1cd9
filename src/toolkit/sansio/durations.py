"""A span of time as HTTP can say it: a whole number of seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import SupportsIndex

_SECOND = timedelta(seconds=1)


def count_seconds(span: object, *, up: bool = False) -> int:
    """The whole seconds of an int or a timedelta. A fraction is cut off; with `up` it counts as a whole one.

    A lifetime is cut off: nothing may live longer than was meant. A delay goes up: who asks again too early
    has to ask once more. A span may be negative; whether it can be sent is the caller's to say.

    Raises TypeError for other types, a bool among them: True was not meant as a second.

    >>> half = timedelta(minutes=1, milliseconds=500)
    >>> count_seconds(half), count_seconds(half, up=True), count_seconds(-half)
    (60, 61, -61)
    """
    if isinstance(span, timedelta):
        return -(-span // _SECOND) if up else span // _SECOND
    if isinstance(span, bool) or not isinstance(span, SupportsIndex):
        raise TypeError(f"not a number of whole seconds, nor a timedelta: {span!r}")
    return span.__index__()
