"""cookie-date against the vectors of the http-state working group, and as the inverse of format_date."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.fields.cookie_date import FIRST_YEAR, parse_cookie_date
from toolkit.sansio.fields.dates import format_date


@each_of("http-state/dates.json")
def test_vectors(case: dict[str, Any]) -> None:
    date = parse_cookie_date(case["input"]["date"])
    assert (date and format_date(date)) == case["expected"]["imf_fixdate"]


@given(
    st.datetimes(
        min_value=datetime(FIRST_YEAR, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
        timezones=st.just(timezone.utc),
    )
)
def test_reads_what_format_date_writes(moment: datetime) -> None:
    assert parse_cookie_date(format_date(moment)) == moment.replace(microsecond=0)


@given(st.text() | st.text("0123456789: janJuldec-,\t"))
def test_any_text_is_a_date_or_none(text: str) -> None:
    date = parse_cookie_date(text)
    assert date is None or date.tzinfo is timezone.utc


@pytest.mark.parametrize(
    ("text", "year"),
    [("1 jan 00 0:0:0", 2000), ("1 jan 69 0:0:0", 2069), ("1 jan 70 0:0:0", 1970), ("1 jan 99 0:0:0", 1999)],
)
def test_years_of_two_digits(text: str, year: int) -> None:
    date = parse_cookie_date(text)
    assert date is not None
    assert date.year == year


@pytest.mark.parametrize(
    "text",
    [
        "1 jan 1600 0:0:0",
        "1 jan 160 0:0:0",
        "0 jan 2000 0:0:0",
        "31 apr 2000 0:0:0",
        "1 jan 2000 24:0:0",
        "1 jan 2000 0:60:0",
        "1 jan 2000 0:0:60",
        "1 jan 2000 0:0:000",
        "1 jan 2000",
        "1 jab 2000 0:0:0",
        "jan 2000 0:0:0",
        "1 jan 0:0:0",
        "١ jan 2000 0:0:0",
        "1 jan 2000 0:0:0" + " " * 1009,
        "",
    ],
)
def test_no_date(text: str) -> None:
    assert parse_cookie_date(text) is None


@pytest.mark.parametrize("unit", ["1", "a", "1:", "jan ", "1 ", ", "])
def test_time_is_linear(unit: str) -> None:
    assert_linear(parse_cookie_date, unit)
