"""Allow: a set of methods in the order given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from toolkit.sansio.fields.allow import Allow

METHODS = st.lists(st.text("GETPOSTgetpost-_!", min_size=1, max_size=6), max_size=6)


@given(METHODS)
def test_what_is_built_is_read_back(methods: list[str]) -> None:
    value = Allow(*methods)
    assert Allow.parse(str(value)) == value == Allow(*reversed(methods))
    assert hash(value) == hash(Allow(*reversed(methods)))
    assert list(value) == list(dict.fromkeys(methods))
    assert eval(repr(value)) == value  # noqa: S307  # that is what a repr is for


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    value = Allow.parse(text)
    assert Allow.parse(str(value)) == value


def test_methods() -> None:
    allow = Allow.parse("GET, , a b, PUT,GET")
    assert (list(allow), len(allow)) == (["GET", "PUT"], 2)
    assert "PUT" in allow
    assert "put" not in allow
    assert allow != Allow("GET")
    assert allow != ("GET", "PUT")
    assert str(Allow()) == ""


def test_a_method_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(ValueError, match="method"):
        Allow("GET", "P T")


@pytest.mark.parametrize("unit", ["a,", '"', ",", "a"])
def test_time_is_linear(unit: str) -> None:
    assert_linear(Allow.parse, unit)
