"""Cache-Control: every directive, what is made of nonsense, and the way there and back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from toolkit.sansio.fields.cache_control import CacheControl

FLAGS = [
    "immutable",
    "must_revalidate",
    "must_understand",
    "no_store",
    "no_transform",
    "only_if_cached",
    "proxy_revalidate",
    "public",
]
TIMES = ["max_age", "max_stale", "min_fresh", "s_maxage", "stale_if_error", "stale_while_revalidate"]
LISTS = ["no_cache", "private"]
REGISTERED = {name.replace("_", "-") for name in FLAGS + TIMES + LISTS}

TOKENS = st.text("abcXYZ019-_!", min_size=1, max_size=8)
EXTENSIONS = st.dictionaries(
    TOKENS.filter(lambda name: name.lower() not in REGISTERED).map(str.lower),
    st.none() | st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])),
    max_size=3,
)
DIRECTIVES = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.booleans() for name in FLAGS},
        **{name: st.integers(0, 2**31) for name in TIMES},
        "max_stale": st.integers(0, 2**31) | st.booleans(),
        **{name: st.lists(TOKENS, min_size=1) | st.booleans() for name in LISTS},
    },
)


@given(EXTENSIONS, DIRECTIVES)
def test_what_is_built_is_read_back(extensions: dict[str, Any], directives: dict[str, Any]) -> None:
    value = CacheControl(extensions, **directives)
    again = CacheControl.parse(str(value))
    assert again == value
    assert hash(again) == hash(value)
    assert list(again.directives) == list(value.directives)
    assert eval(repr(value)) == value  # noqa: S307  # that is what a repr is for


@given(st.text() | st.text('max-age=,"\\ 0129private;', max_size=60))
def test_any_text_is_read_to_a_value_that_can_be_sent(text: str) -> None:
    value = CacheControl.parse(text)
    assert CacheControl.parse(str(value)) == value


@pytest.mark.parametrize("name", FLAGS)
def test_flags(name: str) -> None:
    wire = name.replace("_", "-")
    value = CacheControl(**{name: True})
    assert str(value) == wire
    assert getattr(CacheControl.parse(f"x, {wire.upper()}=ignored"), name) is True
    assert getattr(CacheControl(), name) is False


@pytest.mark.parametrize("name", TIMES)
def test_times(name: str) -> None:
    wire = name.replace("_", "-")
    assert str(CacheControl(**{name: timedelta(minutes=1)})) == f"{wire}=60"  # type: ignore[arg-type]
    for text, expected in [
        ("60", 60),
        ('"60"', 60),
        (" 060", 60),
        ("0", 0),
        ("2147483649", 2**31),
        ("9" * 5000, 2**31),
    ]:
        assert getattr(CacheControl.parse(f"{wire}={text}"), name) == expected
    assert getattr(CacheControl.parse(f"{wire}=1, {wire}=2"), name) == 1
    assert getattr(CacheControl(), name) in (None, False)


@pytest.mark.parametrize("text", ["-1", "1.5", "+1", "1_0", "٣", "soon", '""', ""])
def test_a_time_that_is_none(text: str) -> None:
    value = CacheControl.parse(f"max-age={text}, s-maxage={text}, min-fresh={text}, stale-if-error={text}")
    assert (value.max_age, value.s_maxage) == (0, 0)
    assert (value.min_fresh, value.stale_if_error) == (None, None)


def test_lifetimes_without_an_argument_are_over() -> None:
    assert CacheControl.parse("max-age, min-fresh").directives == {"max-age": 0}


def test_max_stale_without_limit() -> None:
    unlimited, limited = CacheControl.parse("max-stale"), CacheControl.parse("max-stale=1")
    assert unlimited.max_stale is True
    assert unlimited == CacheControl(max_stale=True) != limited
    assert str(unlimited) == "max-stale"
    assert CacheControl.parse("max-stale=x").max_stale is None


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_fields(name: str) -> None:
    wire = name.replace("_", "-")

    def read(text: str) -> object:
        return getattr(CacheControl.parse(text.replace("X", wire)), name)

    assert read("") is False
    assert read("X") is True
    assert read('X="Set-Cookie, Age"') == ("Set-Cookie", "Age")
    assert read("X=Age") == ("Age",)
    assert read('X="a", public, X="b"') == ("a", "b")
    assert read('X="a", X') is True
    assert read('X, X="a"') is True
    assert read('X=""') is True
    assert read('X="a b"') is True


def test_the_first_of_equal_extensions_counts() -> None:
    assert CacheControl.parse("a=1, A=2, b, b=3").directives == {"a": "1", "b": None}


def test_members_outside_the_grammar_are_left_out() -> None:
    assert str(CacheControl.parse('a b, =1, x="\x01", public')) == "public"


def test_replace() -> None:
    value = CacheControl({"x": "1"}, public=True, max_age=60)
    assert str(value.replace(public=False, max_age=10, no_store=True)) == "x=1, max-age=10, no-store"
    assert str(value) == "x=1, public, max-age=60"
    assert value.replace(private=None) == value


def test_equality() -> None:
    assert CacheControl(public=True, max_age=1) == CacheControl(max_age=1, public=True)
    assert CacheControl(public=True) != CacheControl()
    assert CacheControl() != ""


@pytest.mark.parametrize(
    ("error", "extensions", "directives"),
    [
        (ValueError, {}, {"max_age": -1}),
        (ValueError, {}, {"max_age": 2**31 + 1}),
        (TypeError, {}, {"max_age": True}),
        (TypeError, {}, {"max_age": 1.5}),
        (TypeError, {}, {"max_age": "60"}),
        (TypeError, {}, {"maxage": 60}),
        (TypeError, {}, {"public": "yes"}),
        (TypeError, {}, {"private": "Set-Cookie"}),
        (ValueError, {}, {"private": []}),
        (ValueError, {}, {"private": ["a b"]}),
        (ValueError, {"max-age": "60"}, {}),
        (ValueError, {"a b": "1"}, {}),
        (ValueError, {"a": "\r\n"}, {}),
    ],
)
def test_what_cannot_be_sent_is_refused(
    error: type[Exception], extensions: dict[str, str], directives: dict[str, Any]
) -> None:
    with pytest.raises(error):
        CacheControl(extensions, **directives)


@pytest.mark.parametrize("unit", ["a,", 'no-cache="a",', 'a="', "max-age=1,", '"'])
def test_time_is_linear(unit: str) -> None:
    assert_linear(CacheControl.parse, unit)
