"""Partial content: Range, Content-Range and If-Range (RFC 9110 sections 13.1.5 and 14).

::

    Range            = range-unit "=" range-set
    range-set        = 1#( int-range / suffix-range )
    int-range        = first-pos "-" [ last-pos ]
    suffix-range     = "-" suffix-length
    Content-Range    = range-unit SP ( range-resp / unsatisfied-range )
    range-resp       = first-pos "-" last-pos "/" ( complete-length / "*" )
    unsatisfied-range = "*/" complete-length
    If-Range         = entity-tag / HTTP-date

The wire counts inclusively (`0-499`), Python does not (`data[0:500]`). Range keeps the positions of the wire,
since they are the client's words; whatever has been resolved against a length, and Content-Range, has
`start` and `stop` as slices do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.dates import format_date, parse_date, whole_seconds
from toolkit.sansio.fields.etags import ETag
from toolkit.sansio.fields.lists import MAX_MEMBERS
from toolkit.sansio.grammar import OWS, is_token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Self

Positions: TypeAlias = "tuple[int | None, int | None]"
"""First and last position, both included; no last: to the end; no first: that many at the end."""

Span: TypeAlias = "tuple[int, int]"
"""Start and stop, as of a slice: the first position, and the one after the last."""

MAX_POSITION = 2**63 - 1
"""The largest position kept: no file is longer, so whatever is larger means the same."""

_RANGE = re.compile(r"([0-9]*)-([0-9]*)").fullmatch
# The members of a range set that are of everyday size, each with the comma before it: as many as there are
# commas, and one more, where all members are such.
_EVERYDAY_RANGES = re.compile(r"(?:\A|,)[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*(?=,|\Z)").findall
_CONTENT_RANGE = re.compile(
    r"([^ ]+) (?:([0-9]{1,19})-([0-9]{1,19})/(?:([0-9]{1,19})|\*)|\*/([0-9]{1,19}))"
).fullmatch

# "the typical overhead between each part of a multipart/byteranges is around 80 bytes" (section 15.3.7.2)
_PART_OVERHEAD = 80


class Range:
    """The ranges that a client asks for, in its order, as pairs of first and last position. Immutable.

    `(0, 499)` are 500 bytes, `(500, None)` is all from the 501st, `(None, 500)` the last 500. `unit` is
    kept in lower case. Raises ValueError when there are no ranges or more than 1000, and for one that cannot
    be sent; TypeError for a position that is no int.

    >>> str(Range([(0, 499), (None, 500)]))
    'bytes=0-499, -500'
    """

    __slots__ = ("_ranges", "_unit")

    field_name: ClassVar[str] = "Range"

    _ranges: tuple[Positions, ...]
    _unit: str

    def __init__(self, ranges: Iterable[Positions], unit: str = "bytes") -> None:
        self._ranges = tuple((first, last) for first, last in ranges)
        self._unit = unit.lower()
        if not is_token(unit):
            raise ValueError(f"a range unit is a token, not {unit!r}")
        if not 0 < len(self._ranges) <= MAX_MEMBERS:
            raise ValueError(f"a Range field has 1 to {MAX_MEMBERS} ranges, not {len(self._ranges)}")
        for first, last in self._ranges:
            _check_int(first)
            _check_int(last)
            if first is None and last is None:
                raise ValueError("a range has a first position, or a last, or both")
            if not 0 <= (first or 0) <= (MAX_POSITION if last is None else last) <= MAX_POSITION:
                raise ValueError(f"not a range: {first} to {last}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The ranges of `text`. Raises MalformedHeader, upon which a server ignores the field (section 14.2).

        A single bad member, such as `5-4`, invalidates the whole. Positions beyond `MAX_POSITION` count
        as `MAX_POSITION`. Units other than bytes may have ranges of another shape (section 14.1); those are
        malformed here, which makes no difference: a server ignores a unit that it does not know.

        >>> Range.parse("bytes=0-499, 500-, -1")
        Range([(0, 499), (500, None), (None, 1)])
        """
        unit, _, specs = text.strip(OWS).partition("=")
        if unit != "bytes" and not is_token(unit):
            raise MalformedHeader(cls.field_name, text, "a range unit is a token, followed by '='")
        commas = specs.count(",")
        # "A server that supports range requests MAY ignore or reject a Range header field that contains […] a
        # set of many small ranges" (section 14.2).
        if commas >= MAX_MEMBERS:
            raise MalformedHeader(cls.field_name, text, f"more than {MAX_MEMBERS} ranges")
        # PERF: one pattern for all that clients send (benchmarks/dates.py::parse Range)
        found: list[tuple[str, str]] = _EVERYDAY_RANGES(specs)
        if len(found) == commas + 1:
            ranges = [(int(first) if first else None, int(last) if last else None) for first, last in found]
        else:
            ranges = _read_ranges(specs)
        if not ranges:
            raise MalformedHeader(cls.field_name, text, "a range is one of 0-9, 5- and -5")
        for first, last in ranges:
            if (first is None) if last is None else (first or 0) > last:
                raise MalformedHeader(cls.field_name, text, "a range has positions in their order")
        self = cls.__new__(cls)
        self._ranges = tuple(ranges)
        self._unit = unit.lower()
        return self

    @property
    def ranges(self) -> tuple[Positions, ...]:
        """The ranges in the order given, at least one."""
        return self._ranges

    @property
    def unit(self) -> str:
        """What the positions count, in lower case: hardly ever anything but `bytes`."""
        return self._unit

    def resolve(self, length: int, *, gap: int | None = None) -> tuple[Span, ...]:
        """The parts of a representation of `length` that are asked for, as (start, stop), in this order.

        Ranges that lie outside are left out; when none remains, the field is unsatisfiable: answer 416.
        A suffix longer than the representation is all of it. With `gap`, ranges that overlap, touch,
        or lie no more than `gap` apart are joined (section 15.3.7.2), at the place of the first of them.

        >>> Range.parse("bytes=0-4, 90-99, 5-75, 200-").resolve(95)
        ((0, 5), (90, 95), (5, 76))
        >>> Range.parse("bytes=0-4, 90-99, 5-75, 200-").resolve(95, gap=0)
        ((0, 76), (90, 95))
        """
        if length < 0:
            raise ValueError(f"a length is not negative: {length}")
        spans: list[Span] = []
        for first, last in self._ranges:
            if first is None:
                start, stop = max(0, length - (last or 0)), length
            else:
                start, stop = first, length if last is None else min(last + 1, length)
            if start < stop:
                spans.append((start, stop))
        return tuple(spans if gap is None else _join(spans, gap))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Range):
            return NotImplemented
        return self._ranges == other._ranges and self._unit == other._unit

    def __hash__(self) -> int:
        return hash((self._ranges, self._unit))

    def __str__(self) -> str:
        return f"{self._unit}=" + ", ".join(
            f"{'' if first is None else first}-{'' if last is None else last}" for first, last in self._ranges
        )

    def __repr__(self) -> str:
        unit = "" if self._unit == "bytes" else f", {self._unit!r}"
        return f"Range({[*self._ranges]!r}{unit})"


def select_ranges(
    text: str, length: int, *, max_ranges: int = 100, gap: int = _PART_OVERHEAD
) -> tuple[Span, ...] | None:
    """What a server sends for the Range field `text`: (start, stop) pairs; none: 416; None: ignore the field.

    The field is ignored, and the whole representation sent, when it is malformed or its unit is not bytes
    (section 14.2), and when it has more than `max_ranges` ranges, which no reader of documents needs and
    which is a sign of an attack. Ranges no more than `gap` bytes apart are joined, which costs less
    than another part, and ensures that no byte is sent twice.

    >>> select_ranges("bytes=0-9, 500-", 1000)
    ((0, 10), (500, 1000))
    >>> select_ranges("bytes=1000-", 1000), select_ranges("lines=1-", 1000)
    ((), None)
    """
    try:
        asked = Range.parse(text)
    except MalformedHeader:
        return None
    if asked.unit != "bytes" or len(asked.ranges) > max_ranges:
        return None
    return asked.resolve(length, gap=gap)


@dataclass(frozen=True, slots=True)
class ContentRange:
    """Where partial content belongs: from `start` to before `stop`, of `length` in all (None: not known).

    Without `start` and `stop` it says that no range could be satisfied, and gives the length. `unit` is
    kept in lower case. Raises ValueError for what cannot be sent, TypeError for a position that is no int.

    >>> str(ContentRange(0, 500, 1234)), str(ContentRange(0, 500)), str(ContentRange(length=1234))
    ('bytes 0-499/1234', 'bytes 0-499/*', 'bytes */1234')
    """

    field_name: ClassVar[str] = "Content-Range"

    start: int | None = None
    stop: int | None = None
    length: int | None = None
    unit: str = "bytes"

    def __post_init__(self) -> None:
        for position in (self.start, self.stop, self.length):
            _check_int(position)
        if not is_token(self.unit):
            raise ValueError(f"a range unit is a token, not {self.unit!r}")
        object.__setattr__(self, "unit", self.unit.lower())
        if self.start is None and self.stop is None:
            if self.length is None or not 0 <= self.length <= MAX_POSITION:
                raise ValueError(f"without start and stop there is a length from 0 to {MAX_POSITION}")
        elif self.start is None or self.stop is None or not 0 <= self.start < self.stop <= MAX_POSITION:
            raise ValueError(f"not a range: from {self.start} to before {self.stop}")
        elif self.length is not None and not self.stop <= self.length <= MAX_POSITION:
            raise ValueError(f"a range to before {self.stop} is not within {self.length}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place that `text` names. Raises MalformedHeader, upon which a recipient must not combine the
        content with anything it has stored (section 14.4).

        >>> ContentRange.parse("bytes 42-1233/1234")
        ContentRange(start=42, stop=1234, length=1234, unit='bytes')
        """
        match = _CONTENT_RANGE(text.strip(OWS))
        if match is None:
            raise MalformedHeader(cls.field_name, text, "not like bytes 0-9/100 or bytes */100")
        unit, first, last, length, unsatisfied = match.groups()
        try:
            if first is None:
                return cls(length=int(unsatisfied), unit=unit)
            return cls(int(first), int(last) + 1, None if length is None else int(length), unit)
        except ValueError as error:
            raise MalformedHeader(cls.field_name, text, str(error)) from None

    def __str__(self) -> str:
        length = "*" if self.length is None else self.length
        if self.start is None or self.stop is None:
            return f"{self.unit} */{length}"
        return f"{self.unit} {self.start}-{self.stop - 1}/{length}"


@dataclass(frozen=True, slots=True)
class IfRange:
    """The validator that must still hold for a Range to apply: an entity tag, or a date of modification.

    A date is kept in UTC and in whole seconds, which is all that the wire has. Raises ValueError for a
    date without a time zone.

    >>> str(IfRange(ETag("v1")))
    '"v1"'
    """

    field_name: ClassVar[str] = "If-Range"

    validator: ETag | datetime

    def __post_init__(self) -> None:
        if isinstance(self.validator, datetime):
            object.__setattr__(self, "validator", whole_seconds(self.validator))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The validator that `text` is. Raises MalformedHeader, upon which no Range applies.

        >>> IfRange.parse('"v1"')
        IfRange(validator=ETag(opaque='v1', weak=False))
        """
        trimmed = text.strip(OWS)
        if '"' in trimmed:
            return cls(ETag.parse(trimmed))
        date = parse_date(trimmed)
        if date is None:
            raise MalformedHeader(cls.field_name, text, "neither an entity tag nor a date")
        return cls(date)

    def matches(self, *, etag: ETag | None = None, last_modified: datetime | None = None) -> bool:
        """Whether the client has a part of the representation with these validators (section 13.1.5).

        Tags are compared strongly, dates for being the same second: a date is a strong validator only if
        the representation never changed twice in one, so whoever cannot promise that gives no
        `last_modified` here, or a tag beside it and clients will use that.
        """
        if isinstance(self.validator, ETag):
            return etag is not None and self.validator.matches_strongly(etag)
        return last_modified is not None and self.validator == whole_seconds(last_modified)

    def __str__(self) -> str:
        return str(self.validator) if isinstance(self.validator, ETag) else format_date(self.validator)


def _check_int(position: object) -> None:
    """Refuse a position that is neither an int nor None, such as half a length."""
    if position is not None and type(position) is not int:
        raise TypeError(f"a position in a range is an int, not {position!r}")


def _read_ranges(specs: str) -> list[Positions]:
    """The members of a range set one by one, whatever their size; none at all if one of them is no range."""
    ranges: list[Positions] = []
    for spec in specs.split(","):
        trimmed = spec.strip(OWS)
        if not trimmed:  # an empty member of a list says nothing
            continue
        match = _RANGE(trimmed)
        if match is None:
            return []
        ranges.append((_position(match[1]), _position(match[2])))
    return ranges


def _position(digits: str) -> int | None:
    """The number that ASCII digits write, capped; None for no digits."""
    if not digits:
        return None
    if len(digits) > 19:  # int() is not asked to read a million digits
        digits = digits.lstrip("0")[:20] or "0"
    return min(int(digits), MAX_POSITION)


def _join(spans: list[Span], gap: int) -> list[Span]:
    """The spans with neighbours joined, each at the place of the first that went into it."""
    joined: list[tuple[int, int, int]] = []
    for start, stop, place in sorted((*span, place) for place, span in enumerate(spans)):
        if joined and start <= joined[-1][1] + gap:
            known_start, known_stop, known_place = joined[-1]
            joined[-1] = (known_start, max(known_stop, stop), min(known_place, place))
        else:
            joined.append((start, stop, place))
    return [(start, stop) for start, stop, _ in sorted(joined, key=lambda item: item[2])]
