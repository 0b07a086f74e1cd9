"""Retry-After: when to ask again (RFC 9110 section 10.2.3).

::

    Retry-After   = HTTP-date / delay-seconds
    delay-seconds = 1*DIGIT
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.dates import format_date, parse_date, whole_seconds
from toolkit.sansio.fields.seconds import check_seconds, parse_seconds
from toolkit.sansio.grammar import OWS

if TYPE_CHECKING:
    from typing_extensions import Self


@dataclass(frozen=True, slots=True, init=False)
class RetryAfter:
    """When to ask again: in some seconds, or at a moment. A `timedelta` does for seconds, rounded up.

    A moment is kept in UTC and in whole seconds, which is all that the wire has. Raises ValueError for
    seconds below 0 or above 2³¹, and for a moment without a time zone; TypeError for other types.

    >>> RetryAfter(timedelta(minutes=2)), str(RetryAfter(120))
    (RetryAfter(when=120), '120')
    """

    field_name: ClassVar[str] = "Retry-After"

    when: int | datetime

    def __init__(self, when: int | timedelta | datetime) -> None:
        object.__setattr__(
            self, "when", whole_seconds(when) if isinstance(when, datetime) else check_seconds(when, up=True)
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """The time that `text` says; a delay of more than 2³¹ seconds counts as 2³¹.

        Raises MalformedHeader for what is neither a delay nor a date.

        >>> RetryAfter.parse("Fri, 31 Dec 1999 23:59:59 GMT").when.year
        1999
        """
        trimmed = text.strip(OWS)
        seconds = parse_seconds(trimmed)
        when = parse_date(trimmed) if seconds is None else seconds
        if when is None:
            raise MalformedHeader(cls.field_name, text, "neither a number of seconds nor a date")
        return cls(when)

    def delay(self, now: datetime) -> timedelta:
        """The time to wait from `now` (aware) on; none when the moment is past.

        >>> RetryAfter(120).delay(parse_date("Fri, 31 Dec 1999 23:59:59 GMT"))
        datetime.timedelta(seconds=120)
        """
        if isinstance(self.when, datetime):
            return max(self.when - now, timedelta())
        return timedelta(seconds=self.when)

    def __str__(self) -> str:
        return format_date(self.when) if isinstance(self.when, datetime) else str(self.when)
