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
    if type(span) is int:  # PERF: to ask for the protocol is dear (benchmarks/cookies.py::build Set-Cookie)
        return span
    if isinstance(span, timedelta):
        whole, rest = divmod(span, _SECOND)
        return whole + 1 if up and rest else whole
    if isinstance(span, bool) or not isinstance(span, SupportsIndex):
        raise TypeError(f"not a number of whole seconds, nor a timedelta: {span!r}")
    return span.__index__()
