"""Vary: a set of field names, or everything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from toolkit.sansio.fields.vary import Vary

NAMES = st.lists(st.text("aAbB-_!", min_size=1, max_size=3) | st.just("*"), max_size=6)


@given(NAMES, NAMES)
def test_what_is_built_is_read_back(names: list[str], others: list[str]) -> None:
    value = Vary(*names)
    same = Vary(*(name.swapcase() for name in reversed(names)))
    assert Vary.parse(str(value)) == value == same
    assert hash(value) == hash(same)
    assert eval(repr(value)) == value  # noqa: S307  # that is what a repr is for
    assert value | Vary(*others) == Vary(*names, *others)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    value = Vary.parse(text)
    assert Vary.parse(str(value)) == value


def test_names() -> None:
    vary = Vary.parse("Accept,, cookie , ACCEPT")
    assert (list(vary), len(vary), vary.any) == (["Accept", "cookie"], 2, False)
    assert "Cookie" in vary
    assert "Origin" not in vary
    assert 1 not in vary
    assert vary != Vary("Accept")
    assert vary != ("Accept", "cookie")
    assert Vary.parse("Accept, *") == Vary("*")
    assert Vary("*").any
    assert str(Vary()) == ""


def test_a_name_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(ValueError, match="name"):
        Vary("a b")


@pytest.mark.parametrize("unit", ["a,", '"', ",", "a"])
def test_time_is_linear(unit: str) -> None:
    assert_linear(Vary.parse, unit)
