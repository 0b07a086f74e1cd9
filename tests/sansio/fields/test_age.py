"""Age: one number of seconds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.age import Age


@given(st.integers(0, 2**31).map(Age))
def test_an_age_is_read_back(age: Age) -> None:
    assert Age.parse(str(age)) == age
    assert eval(repr(age)) == age  # noqa: S307  # that is what a repr is for


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), (" 60\t", 60), ("60, 90", 60), ("60, x", 60), ("9" * 99, 2**31)]
)
def test_ages(text: str, seconds: int) -> None:
    assert Age.parse(text).seconds == seconds


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", ",60", "٣"])
def test_what_is_no_age(text: str) -> None:
    with pytest.raises(MalformedHeader, match="Age"):
        Age.parse(text)


def test_a_timedelta_is_kept_as_seconds() -> None:
    assert Age(timedelta(minutes=1, milliseconds=999)) == Age(60)
    assert str(Age(timedelta(minutes=1))) == "60"


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="seconds"):
        Age(1.5)  # type: ignore[arg-type]  # the point


@pytest.mark.parametrize("seconds", [-1, 2**31 + 1])
def test_an_age_that_cannot_be_sent_is_refused(seconds: int) -> None:
    with pytest.raises(ValueError, match="seconds"):
        Age(seconds)
