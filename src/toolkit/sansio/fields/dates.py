"""HTTP-date: the timestamp of Date, Last-Modified, Expires, If-Modified-Since … (RFC 9110 section 5.6.7).

::

    HTTP-date    = IMF-fixdate / obs-date
    IMF-fixdate  = day-name "," SP day SP month SP year SP time-of-day SP "GMT"
    obs-date     = rfc850-date / asctime-date
    rfc850-date  = day-name-l "," SP day "-" month "-" 2DIGIT SP time-of-day SP "GMT"
    asctime-date = day-name SP month SP ( 2DIGIT / ( SP DIGIT ) ) SP time-of-day SP year
    time-of-day  = hour ":" minute ":" second        ; each 2DIGIT

Every character has its place, so parsing is slicing, with no locale, no `strptime` and no `email.utils`
(which imports socket). There is no clock here: whoever knows the time passes it as `now`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, ClassVar

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.grammar import OWS, parse_digits

if TYPE_CHECKING:
    from typing_extensions import Self

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DIGITS = tuple(f"{number:02}" for number in range(100))

# What a date begins with in each form, in lower case.
_IMF_STARTS = frozenset(f"{day}, ".lower() for day in _DAYS)
_RFC850_STARTS = frozenset(day.lower() for day in _LONG_DAYS)
_ASCTIME_STARTS = frozenset(f"{day} ".lower() for day in _DAYS)

# A month with what stands around it, as ISO 8601 writes it.
_SPACED_MONTHS = {f" {month} ".lower(): f"-{number:02}-" for number, month in enumerate(_MONTHS) if month}
_DASHED_MONTHS = {f"-{month}-".lower(): f"-{number:02}-" for number, month in enumerate(_MONTHS) if month}
_PIVOT = 70


@dataclass(frozen=True, slots=True)
class HTTPDate:
    """The field value that is a date: of Date, and of others that are read and written by their names.

    `moment` is aware, and kept in UTC without the fraction of a second that HTTP cannot say. Raises
    ValueError without a time zone.

    >>> str(HTTPDate(datetime(1994, 11, 6, 8, 49, 37, tzinfo=timezone.utc)))
    'Sun, 06 Nov 1994 08:49:37 GMT'
    """

    field_name: ClassVar[str] = "Date"

    moment: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "moment", whole_seconds(self.moment))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The date that `text` is; see `parse_date`. Raises MalformedHeader for any other text.

        What that means depends on the field: an Expires that is no date, such as `0`, is in the past (RFC
        9111 section 5.3), an If-Modified-Since is to be ignored (RFC 9110 section 13.1.3).
        """
        moment = parse_date(text.strip(OWS))
        if moment is None:
            raise MalformedHeader(cls.field_name, text, "not an HTTP-date")
        return cls(moment)

    def __str__(self) -> str:
        return format_date(self.moment)


def parse_date(text: str, *, now: datetime | None = None) -> datetime | None:
    """The moment that an HTTP-date names, aware and in UTC; None for text that is no HTTP-date.

    All three forms are read. Letters may be in any case (RFC 9111 section 4.2), the name of the day
    must be a name but need not be the right one, and a leap second becomes the second before it, since
    `datetime` has none. Everything else is as the grammar says: no zone but GMT, no space around the text.

    The two-digit year of an rfc850-date means the latest year with these digits that is not more
    than 50 years after `now`. Without `now`, 70 to 99 mean 1970 to 1999, and 00 to 69 mean 2000 to 2069.
    A `now` without a time zone is refused with ValueError.

    >>> parse_date("Sun, 06 Nov 1994 08:49:37 GMT")
    datetime.datetime(1994, 11, 6, 8, 49, 37, tzinfo=datetime.timezone.utc)
    >>> parse_date("Sunday, 06-Nov-94 08:49:37 GMT") == parse_date("Sun Nov  6 08:49:37 1994")
    True
    >>> print(parse_date("tomorrow"))
    None
    """
    if now is not None and now.utcoffset() is None:
        raise ValueError("now needs a time zone")
    text = text.lower()
    try:
        # PERF: no further calls for an IMF-fixdate (benchmarks/dates.py::parse IMF-fixdate)
        if text[:5] in _IMF_STARTS:
            year, month, day, clock = text[12:16], _SPACED_MONTHS[text[7:12]], text[5:7], text[16:]
        elif text[:4] in _ASCTIME_STARTS:
            year, month, day, clock = _split_asctime(text)
        else:
            year, month, day, clock = _split_rfc850(text, now)
        # ISO 8601 knows shorter times of eight characters, and "24:00:00"; HTTP does not.
        if clock[:9:3] != " ::" or clock[9:] != " gmt" or clock[1:3] == "24":
            return None
        if clock[7:9] == "60":
            clock = f"{clock[:7]}59"
        return datetime.fromisoformat(f"{year}{month}{day}T{clock[1:9]}+00:00")
    except (KeyError, ValueError):  # no such month; digits that are none, or name no day or no time of day
        return None


def format_date(moment: datetime) -> str:
    """`moment` as an IMF-fixdate, in GMT, whole seconds (the fraction is cut off): what HTTP sends.

    A `moment` without a time zone is refused with ValueError: whether it is local time or UTC, nobody
    here knows, and a guess would be wrong by hours where nobody looks.

    >>> format_date(datetime(1994, 11, 6, 8, 49, 37, tzinfo=timezone.utc))
    'Sun, 06 Nov 1994 08:49:37 GMT'
    """
    moment = _in_utc(moment)
    # PERF: a table instead of format specifications, which cost thrice as much (benchmarks/dates.py::format)
    century, year = divmod(moment.year, 100)
    return (
        f"{_DAYS[moment.weekday()]}, {_DIGITS[moment.day]} {_MONTHS[moment.month]}"
        f" {_DIGITS[century]}{_DIGITS[year]}"
        f" {_DIGITS[moment.hour]}:{_DIGITS[moment.minute]}:{_DIGITS[moment.second]} GMT"
    )


def whole_seconds(moment: datetime) -> datetime:
    """`moment` as HTTP can say it: in UTC, without a fraction of a second. ValueError without a time zone.

    >>> whole_seconds(datetime(2026, 1, 1, 12, 0, 0, 999_999, timezone.utc))
    datetime.datetime(2026, 1, 1, 12, 0, tzinfo=datetime.timezone.utc)
    """
    moment = _in_utc(moment)
    return moment.replace(microsecond=0) if moment.microsecond else moment


def _in_utc(moment: datetime) -> datetime:
    """`moment`, which has a time zone, in UTC."""
    if moment.tzinfo is timezone.utc:
        return moment
    if moment.utcoffset() is None:
        raise ValueError(f"{moment!r} needs a time zone; UTC is timezone.utc")
    try:
        return moment.astimezone(timezone.utc)
    except OverflowError:  # within a day of either end of what datetime has
        raise ValueError(f"{moment!r} is before the year 1 or after 9999 in UTC") from None


def _split_asctime(text: str) -> tuple[str, str, str, str]:
    """Year, month, day and clock of `sun nov  6 08:49:37 1994`, of which the caller has seen the start."""
    day = text[8:10]
    if len(text) != 24 or text[19] != " ":
        raise ValueError(text)
    return text[20:], _SPACED_MONTHS[text[3:8]], f"0{day[1]}" if day[0] == " " else day, f"{text[10:19]} gmt"


def _split_rfc850(text: str, now: datetime | None) -> tuple[str, str, str, str]:
    """Year, month, day and clock of `sunday, 06-nov-94 08:49:37 gmt`."""
    start, _, rest = text.partition(", ")
    digits = parse_digits(rest[7:9])
    if digits is None or start not in _RFC850_STARTS:
        raise ValueError(text)
    month, day, clock = _DASHED_MONTHS[rest[2:7]], rest[:2], rest[9:]
    year = _full_year(digits, f"{month}{day}T{clock[1:9]}", now)
    return f"{year:04}", month, day, clock


def _full_year(digits: int, within: str, now: datetime | None) -> int:
    """The year that two digits mean; `within` is the moment inside that year, such as `-11-06T08:49:37`.

    "Recipients of a timestamp value in rfc850-date format, which uses a two-digit year, MUST interpret a
    timestamp that appears to be more than 50 years in the future as representing the most recent year in
    the past that had the same last two digits." (RFC 9110 section 5.6.7)
    """
    if now is None:
        return digits + (1900 if digits >= _PIVOT else 2000)
    now = now.astimezone(timezone.utc)
    horizon = now.year + 50
    year = horizon - (horizon - digits) % 100
    return year - 100 if year == horizon and within > now.isoformat()[4:19] else year
