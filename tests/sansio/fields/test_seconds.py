"""delta-seconds: digits, a cap, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from toolkit.sansio.fields.seconds import MAX_SECONDS, check_seconds, parse_seconds


@given(st.integers(0, 10**30), st.integers(0, 30))
def test_digits(number: int, zeros: int) -> None:
    assert parse_seconds("0" * zeros + str(number)) == min(number, MAX_SECONDS)


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", " 1", "1_0", "٣", "0x1", "1\n"])
def test_what_is_no_number(text: str) -> None:
    assert parse_seconds(text) is None


def test_what_can_be_sent() -> None:
    assert check_seconds(0) == 0
    assert check_seconds(timedelta(seconds=MAX_SECONDS, milliseconds=1)) == MAX_SECONDS
    for number in (-1, MAX_SECONDS + 1, timedelta(milliseconds=-1)):
        with pytest.raises(ValueError, match="seconds"):
            check_seconds(number)
    for other in (True, 1.0, "1", None):
        with pytest.raises(TypeError, match="seconds"):
            check_seconds(other)


@pytest.mark.parametrize("unit", ["0", "9", "1x"])
def test_time_is_linear(unit: str) -> None:
    assert_linear(parse_seconds, unit)
