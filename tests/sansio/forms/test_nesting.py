from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from toolkit.sansio.errors.base import LimitExceeded, MalformedForm
from toolkit.sansio.forms.nesting import Nested, nested
from toolkit.sansio.multidict import ImmutableMultiDict, MultiDict


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], {}),
        ([("a", "1")], {"a": "1"}),
        ([("a[b][]", "1"), ("a[b][]", "2"), ("a[c]", "3")], {"a": {"b": ["1", "2"], "c": "3"}}),
        ([("a[]", "1")], {"a": ["1"]}),
        ([("a[][b]", "1"), ("a[][b]", "2")], {"a": [{"b": "1"}, {"b": "2"}]}),
        ([("a[][]", "1"), ("a[][]", "2")], {"a": [["1"], ["2"]]}),
        ([("a[1]", "x"), ("a[0]", "y")], {"a": {"1": "x", "0": "y"}}),
        ([("a[b]", ""), ("a[ b ]", " ")], {"a": {"b": "", " b ": " "}}),
        ([("a\n[b\r]", "1")], {"a\n": {"b\r": "1"}}),
    ],
)
def test_brackets_nest(pairs: list[tuple[str, str]], expected: dict[str, object]) -> None:
    assert nested(ImmutableMultiDict(pairs)) == expected


@pytest.mark.parametrize("name", ["", "[]", "[a]", "a[", "a]", "a[b", "a[b]c", "a[[b]]", "a[b]]", "a[b] "])
def test_other_brackets_are_part_of_the_name(name: str) -> None:
    assert nested(MultiDict([(name, 7)])) == {name: 7}


@pytest.mark.parametrize(
    "names",
    [
        ("a", "a"),
        ("a[b]", "a[b]"),
        ("a", "a[b]"),
        ("a[b]", "a"),
        ("a", "a[]"),
        ("a[]", "a"),
        ("a[]", "a[b]"),
        ("a[b]", "a[]"),
        ("a[b]", "a[b][c]"),
        ("a[", "a["),
    ],
)
def test_names_that_contradict_each_other(names: tuple[str, str]) -> None:
    with pytest.raises(MalformedForm) as caught:
        nested(MultiDict([(name, "x") for name in names]))
    assert caught.value.name == names[1]
    assert caught.value.status == 400


def test_depth_is_limited() -> None:
    assert nested(MultiDict([("a" + "[b]" * 8, "x")]))
    with pytest.raises(LimitExceeded) as caught:
        nested(MultiDict([("a" + "[b]" * 9, "x")]))
    assert (caught.value.limit, caught.value.maximum, caught.value.actual) == ("max_depth", 8, 9)
    assert caught.value.status == 400
    with pytest.raises(LimitExceeded):
        nested(MultiDict([("a[b][]", "x")]), max_depth=1)


keys = st.text("xyz0 é", min_size=1, max_size=3)
trees = st.dictionaries(
    keys,
    st.recursive(
        st.text(max_size=3),
        lambda inner: st.one_of(
            st.dictionaries(keys, inner, min_size=1, max_size=3), st.lists(st.text(), min_size=1, max_size=3)
        ),
        max_leaves=10,
    ),
)


def flattened(tree: Nested[str], name: str) -> list[tuple[str, str]]:
    if isinstance(tree, str):
        return [(name, tree)]
    if isinstance(tree, list):
        return [pair for value in tree for pair in flattened(value, f"{name}[]")]
    return [
        pair for key, value in tree.items() for pair in flattened(value, f"{name}[{key}]" if name else key)
    ]


@given(trees)
def test_is_the_inverse_of_flattening(tree: dict[str, Nested[str]]) -> None:
    assert nested(MultiDict(flattened(tree, "")), max_depth=50) == tree


@given(st.lists(st.text("ab[]", max_size=12)))
def test_nests_or_raises_and_loses_nothing(names: list[str]) -> None:
    form = MultiDict((name, str(number)) for number, name in enumerate(names))
    try:
        tree = nested(form)
    except (MalformedForm, LimitExceeded):
        return
    assert sorted(value for _, value in flattened(tree, "")) == sorted(form.values(multi=True))


def test_time_is_linear_in_the_number_of_names() -> None:
    def nest(text: str) -> object:
        names = (f"a[b{number}][c][]" for number in range(len(text) // 16))
        return nested(MultiDict([(name, "x") for name in names]))

    assert_linear(nest, "x")


@pytest.mark.parametrize(("unit", "tail"), [("[", ""), ("[]", "]"), ("][", "]")])
def test_time_is_linear_in_the_length_of_a_name(unit: str, tail: str) -> None:
    assert_linear(lambda name: nested(MultiDict([(name, "x")])), unit, lead="a", tail=tail)
