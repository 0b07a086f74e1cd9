"""Spans of time in whole seconds: one rule, wherever one is given."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.durations import count_seconds
from toolkit.sansio.errors.http import ServiceUnavailable
from toolkit.sansio.fields.age import Age
from toolkit.sansio.fields.cache_control import CacheControl
from toolkit.sansio.fields.cookies import SetCookie
from toolkit.sansio.fields.retry_after import RetryAfter

if TYPE_CHECKING:
    from collections.abc import Callable


class Index:
    """An integer of another library."""

    def __index__(self) -> int:
        return 5


@given(st.timedeltas())
def test_a_span_lies_between_both_ways_to_round(span: timedelta) -> None:
    down, up = count_seconds(span), count_seconds(span, up=True)
    assert down <= span / timedelta(seconds=1) <= up
    assert up - down == (span % timedelta(seconds=1) != timedelta())


def test_the_longest_span_is_one_that_cannot_be_sent() -> None:
    assert count_seconds(timedelta.max, up=True) == count_seconds(timedelta.max) + 1
    with pytest.raises(ValueError, match="not from 0 to"):
        RetryAfter(timedelta.max)


def test_integers_stay_what_they_are() -> None:
    assert count_seconds(-1) == count_seconds(-1, up=True) == -1
    assert count_seconds(Index()) == 5


SPANS: list[Callable[[Any], object]] = [
    count_seconds,
    Age,
    RetryAfter,
    lambda span: CacheControl(max_age=span),
    lambda span: SetCookie("a", max_age=span),
    lambda span: ServiceUnavailable(retry_after=span),
]


@pytest.mark.parametrize("take", SPANS)
@pytest.mark.parametrize("span", [1.0, "1", b"1"])
def test_what_is_no_span(take: Callable[[Any], object], span: object) -> None:
    with pytest.raises(TypeError, match="whole seconds"):
        take(span)


@pytest.mark.parametrize("take", SPANS)
def test_a_bool_is_no_span(take: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match=r"whole seconds|max-age cannot be True"):
        take(True)  # noqa: FBT003  # that is the mistake


def test_a_delay_goes_up_and_a_lifetime_is_cut_off() -> None:
    span = timedelta(seconds=1.5)
    assert str(RetryAfter(span)) == "2"
    assert ServiceUnavailable(retry_after=span).retry_after == 2
    assert str(Age(span)) == "1"
    assert CacheControl(max_age=span).max_age == 1
    assert SetCookie("a", max_age=span).max_age == 1
