"""The cookie-date of `Expires` in Set-Cookie (RFC 6265bis section 5.1.1), far looser than an HTTP-date.

Written as `format_date` writes every date; read as servers of thirty years have written it: any order of
parts, any weekday, any zone, all taken as UTC. Only here: other fields are read by `parse_date`.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone

FIRST_YEAR = 1601
"""The first year that a cookie-date can name."""

MAX_ATTRIBUTE = 1024
"""What the value of any attribute may hold, in octets; user agents skip a longer one (section 5.6)."""

# delimiter = %x09 / %x20-2F / %x3B-40 / %x5B-60 / %x7B-7E
_DELIMITERS = re.compile(r"[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")

# hms-time = time-field ":" time-field ":" time-field;   time-field = 1*2DIGIT
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])").match
# day-of-month = 1*2DIGIT [ non-digit *OCTET ]
_DAY = re.compile(r"[0-9]{1,2}(?![0-9])").match
# year = 2*4DIGIT [ non-digit *OCTET ]
_YEAR = re.compile(r"[0-9]{2,4}(?![0-9])").match

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}


def parse_cookie_date(text: str) -> datetime | None:
    """The point in time that a cookie-date names, in UTC; None if it names none.

    A cookie with an unreadable date is a cookie without one, so that nothing is raised. The first part
    of each kind counts: a time, a day of the month, a month, a year; the rest is noise. Years of two
    digits lie between 1970 and 2069; years before 1601 are refused, as are days that do not exist, and text
    beyond `MAX_ATTRIBUTE`.

    >>> parse_cookie_date("Wed, 09 Jun 2021 10:18:14 GMT")
    datetime.datetime(2021, 6, 9, 10, 18, 14, tzinfo=datetime.timezone.utc)
    >>> parse_cookie_date("Someday 10:18:14 9-june-21") == parse_cookie_date("2021 Jun 9 10:18:14 PDT")
    True
    >>> parse_cookie_date("31 Feb 2021 00:00:00") is None
    True
    """
    time: tuple[int, int, int] | None = None
    day = month = year = None
    for token in _DELIMITERS.split(text) if len(text) <= MAX_ATTRIBUTE else ():
        if time is None and (match := _TIME(token)):
            time = int(match[1]), int(match[2]), int(match[3])
        elif day is None and (match := _DAY(token)):
            day = int(match[0])
        elif month is None and (number := _MONTHS.get(token[:3].lower())):
            month = number
        elif year is None and (match := _YEAR(token)):
            year = int(match[0])
    if time is None or day is None or month is None or year is None:
        return None
    if year < 100:
        year += 1900 if year >= 70 else 2000
    if year < FIRST_YEAR:
        return None
    hour, minute, second = time
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return None
