"""Age: how long ago a stored response was generated or validated at its origin (RFC 9111 section 5.1).

::

    Age = delta-seconds
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.seconds import check_seconds, parse_seconds
from toolkit.sansio.grammar import OWS

if TYPE_CHECKING:
    from datetime import timedelta

    from typing_extensions import Self


@dataclass(frozen=True, slots=True, init=False)
class Age:
    """The age of a response in seconds; a `timedelta` does too.

    Raises ValueError below 0 and above 2³¹, TypeError for other types.

    >>> from datetime import timedelta
    >>> Age(timedelta(minutes=1)), str(Age(60))
    (Age(seconds=60), '60')
    """

    field_name: ClassVar[str] = "Age"

    seconds: int

    def __init__(self, seconds: int | timedelta) -> None:
        object.__setattr__(self, "seconds", check_seconds(seconds))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The age that `text` says: the first of several (section 5.1); more than 2³¹ counts as 2³¹.

        Raises MalformedHeader for any other text, upon which a cache ignores the field.

        >>> Age.parse("60, 90")
        Age(seconds=60)
        """
        seconds = parse_seconds(text.partition(",")[0].strip(OWS))
        if seconds is None:
            raise MalformedHeader(cls.field_name, text, "not a number of seconds")
        return cls(seconds)

    def __str__(self) -> str:
        return str(self.seconds)
