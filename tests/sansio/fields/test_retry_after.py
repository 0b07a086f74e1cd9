"""Retry-After: a delay or a date."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.retry_after import RetryAfter

BEFORE_YEAR_1 = datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))
MOMENT = datetime(1999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)


@given(st.integers(0, 2**31) | st.datetimes(min_value=datetime(2, 1, 1), timezones=st.timezones()))  # noqa: DTZ001  # hypothesis adds the zone
def test_what_is_built_is_read_back(when: int | datetime) -> None:
    value = RetryAfter(when)
    assert RetryAfter.parse(str(value)) == value


def test_both_forms() -> None:
    assert RetryAfter.parse(" 120 ") == RetryAfter(120)
    assert RetryAfter.parse("Fri, 31 Dec 1999 23:59:59 GMT") == RetryAfter(MOMENT)
    assert str(RetryAfter(MOMENT + timedelta(milliseconds=1))) == "Fri, 31 Dec 1999 23:59:59 GMT"


def test_the_delay() -> None:
    assert RetryAfter(120).delay(MOMENT) == timedelta(minutes=2)
    assert RetryAfter(MOMENT).delay(MOMENT - timedelta(minutes=2)) == timedelta(minutes=2)
    assert RetryAfter(MOMENT).delay(MOMENT + timedelta(minutes=2)) == timedelta()


@pytest.mark.parametrize("text", ["", "-1", "soon", "1.5", "120, 120"])
def test_what_is_neither(text: str) -> None:
    with pytest.raises(MalformedHeader, match="Retry-After"):
        RetryAfter.parse(text)


def test_a_timedelta_is_kept_as_seconds() -> None:
    assert RetryAfter(timedelta(minutes=2)) == RetryAfter(120)


@pytest.mark.parametrize("when", [-1, 2**31 + 1, datetime(1999, 12, 31), BEFORE_YEAR_1])  # noqa: DTZ001  # the point
def test_what_cannot_be_sent_is_refused(when: int | datetime) -> None:
    with pytest.raises(ValueError, match=r"seconds|time zone|year 1"):
        RetryAfter(when)
