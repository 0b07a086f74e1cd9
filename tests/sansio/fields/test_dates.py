"""HTTP-date against the vectors of RFC 9110, a naive grammar, and itself."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.dates import HTTPDate, format_date, parse_date, whole_seconds
from toolkit.sansio.headers import Headers

MOMENTS = st.datetimes(
    timezones=st.timezones() | st.just(timezone.utc),
    min_value=datetime(2, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    max_value=datetime(9998, 12, 31),  # noqa: DTZ001
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
SHORT = "mon|tue|wed|thu|fri|sat|sun"
LONG = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
TIME = "([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)"
GRAMMAR = (
    rf"(?:{SHORT}), (?P<day>[0-9]{{2}}) (?P<month>[a-z]{{3}}) (?P<year>[0-9]{{4}}) {TIME} gmt",
    rf"(?:{LONG}), (?P<day>[0-9]{{2}})-(?P<month>[a-z]{{3}})-(?P<year>[0-9]{{2}}) {TIME} gmt",
    rf"(?:{SHORT}) (?P<month>[a-z]{{3}}) (?P<day>[0-9]{{2}}| [0-9]) {TIME} (?P<year>[0-9]{{4}})",
)
EXAMPLES = (
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "Wed Nov 16 23:59:60 2022",
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[arg-type, misc]  # (year, month, day, …)


def naive_parse(text: str) -> datetime | None:
    """The grammar as regular expressions, the pivot as the docstring says."""
    for form in GRAMMAR:
        if match := re.fullmatch(form, text, re.ASCII | re.IGNORECASE):
            hour, minute, second = map(int, re.findall("[0-9]{2}", re.findall("..:..:..", text)[0]))
            year = int(match["year"])
            if len(match["year"]) == 2:
                year += 1900 if year >= 70 else 2000
            try:
                month = MONTHS.index(match["month"].lower()) + 1
                return utc(year, month, int(match["day"]), hour, minute, min(second, 59))
            except ValueError:
                return None
    return None


@each_of("rfc-examples/http-date.json")
def test_vectors(case: dict[str, Any]) -> None:
    moment = parse_date(case["input"]["date"])
    if case["expected"]["result"] == "ok":
        assert moment == datetime.fromisoformat(case["expected"]["iso"].replace("Z", "+00:00"))
    elif case["expected"]["result"] == "error":
        assert moment is None


@given(MOMENTS)
def test_parse_is_the_inverse_of_format(moment: datetime) -> None:
    parsed = parse_date(format_date(moment))
    assert parsed is not None
    assert parsed == moment.astimezone(timezone.utc).replace(microsecond=0)
    assert parsed.tzinfo is timezone.utc


@given(MOMENTS)
def test_the_obsolete_forms_name_the_same_moment(moment: datetime) -> None:
    moment = moment.astimezone(timezone.utc).replace(microsecond=0)
    day, month = moment.strftime("%A"), MONTHS[moment.month - 1].title()
    assert parse_date(f"{day[:3]} {month} {moment.day:2} {moment:%H:%M:%S} {moment.year:04}") == moment
    rfc850 = f"{day}, {moment.day:02}-{month}-{moment.year % 100:02} {moment:%H:%M:%S} GMT"
    assert parse_date(rfc850, now=moment) == moment


@given(st.sampled_from(EXAMPLES), st.data())
def test_one_changed_place_is_read_as_the_grammar_says(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    span = data.draw(st.integers(0, 2))
    inserted = data.draw(st.text("0123456789 :-+.,TZtzGMTsun²٣é", max_size=2))
    text = text[:place] + inserted + text[place + span :]
    assert parse_date(text) == naive_parse(text)


@given(st.text() | st.text("0123456789 :,-GMTSunNov", max_size=32))
@example("sun, ")
@example("sun ")
@example("Sun, 06 Nov 1994 24:00:00 GMT")
@example("Sun, 06 Nov 1994 084937.1 GMT")
@example("Sun, 06 Nov 199\u0664 08:49:37 GMT")
@example("Sun, 06 Nov 1994 08:4\ud800:37 GMT")
def test_any_text_is_read_as_the_grammar_says(text: str) -> None:
    assert parse_date(text) == naive_parse(text)


@pytest.mark.parametrize(
    ("digits", "now", "year"),
    [
        ("94", None, 1994),
        ("70", None, 1970),
        ("69", None, 2069),
        ("00", None, 2000),
        ("94", utc(1994, 1, 1), 1994),
        ("94", utc(2026, 1, 1), 1994),
        ("76", utc(2026, 11, 6, 8, 49, 37), 2076),  # exactly 50 years ahead
        ("76", utc(2026, 11, 6, 8, 49, 36), 1976),  # a second more
        ("76", datetime(2026, 11, 6, 9, 49, 36, tzinfo=timezone(timedelta(hours=1))), 1976),
        ("77", utc(2026, 11, 6), 1977),
        ("25", utc(1999, 1, 1), 2025),
        ("00", utc(1999, 1, 1), 2000),
    ],
)
def test_two_digit_years(digits: str, now: datetime | None, year: int) -> None:
    assert parse_date(f"Sunday, 06-Nov-{digits} 08:49:37 GMT", now=now) == utc(year, 11, 6, 8, 49, 37)


def test_two_digit_years_at_the_ends_of_time() -> None:
    assert parse_date("Sunday, 06-Nov-94 08:49:37 GMT", now=utc(1, 1, 1)) is None
    assert parse_date("Sunday, 06-Nov-30 08:49:37 GMT", now=utc(9999, 1, 1)) is None
    assert parse_date("Sunday, 29-Feb-00 08:49:37 GMT", now=utc(2076, 1, 1)) is None  # 2100 has none


def test_a_leap_second_is_the_second_before() -> None:
    assert parse_date("Sat, 31 Dec 2016 23:59:60 GMT") == utc(2016, 12, 31, 23, 59, 59)


def test_years_have_four_digits() -> None:
    assert format_date(utc(1, 2, 3)) == "Sat, 03 Feb 0001 00:00:00 GMT"


def test_other_zones_and_fractions() -> None:
    moment = datetime(2020, 1, 1, 0, 30, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert format_date(moment) == "Tue, 31 Dec 2019 23:30:00 GMT"


def test_a_moment_that_utc_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="9999"):
        format_date(datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))))
    with pytest.raises(ValueError, match="year 1"):
        whole_seconds(datetime.min.replace(tzinfo=timezone(timedelta(hours=1))))


def test_dates_as_fields() -> None:
    headers = Headers({"Last-Modified": "Sunday, 06-Nov-94 08:49:37 GMT", "Expires": "0"})
    date = headers.read(HTTPDate, "Last-Modified")
    assert date == HTTPDate(utc(1994, 11, 6, 8, 49, 37).replace(microsecond=5))
    assert hash(date) == hash(HTTPDate(utc(1994, 11, 6, 8, 49, 37)))
    headers.write(HTTPDate(utc(2026, 1, 1)))
    assert headers["Date"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    with pytest.raises(MalformedHeader, match=r"^Expires: not an HTTP-date"):
        headers.read(HTTPDate, "Expires")
    with pytest.raises(ValueError, match="time zone"):
        HTTPDate(datetime(2020, 1, 1))  # noqa: DTZ001  # the point


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2020, 1, 1)  # noqa: DTZ001  # the point
    with pytest.raises(ValueError, match="time zone"):
        format_date(naive)
    with pytest.raises(ValueError, match="time zone"):
        parse_date("Sunday, 06-Nov-94 08:49:37 GMT", now=naive)


@pytest.mark.parametrize("filler", ["Sunday, ", "Sun ", "0", " "])
def test_time_is_linear(filler: str) -> None:
    assert_linear(parse_date, filler)
