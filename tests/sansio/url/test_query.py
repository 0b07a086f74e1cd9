"""Queries: the published vectors, the inverse, a naive model, the limits."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.errors.base import LimitExceeded
from toolkit.sansio.multidict import MultiDict
from toolkit.sansio.percent import unquote_form
from toolkit.sansio.url import build_query, parse_query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
QUERY = st.text(st.sampled_from("ab&&==+%%23456dDeEcC9 é\ufffd;"))


def pairs(text: str) -> list[tuple[str, str]]:
    return parse_query(text).items(multi=True)


@given(QUERY | st.text())
def test_parse_is_the_algorithm_of_whatwg(text: str) -> None:
    naive: list[tuple[str, str]] = []
    for piece in text.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            naive.append((unquote_form(name), unquote_form(value)))
    assert pairs(text) == naive


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_parse_is_the_inverse_of_build(items: list[tuple[str, str]]) -> None:
    query = build_query(items)
    assert pairs(query) == items
    assert build_query(parse_query(query)) == query
    assert parse_query(query) == MultiDict(items)


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_build_writes_what_the_standard_library_writes(items: list[tuple[str, str]]) -> None:
    # But for `*` and `~`, where the standard library follows RFC 3986 and browsers do not.
    assert build_query(items) == urlencode(items).replace("%2A", "*").replace("~", "%7E")


@given(QUERY)
def test_parse_reads_what_the_standard_library_reads(text: str) -> None:
    assert pairs(text) == parse_qsl(text, keep_blank_values=True, errors="replace")


@pytest.mark.parametrize(
    ("items", "query"),
    [
        ({}, ""),
        ([], ""),
        ({"a": "b"}, "a=b"),
        ({"a": ""}, "a="),
        ({"": ""}, "="),
        ({"a": ["1", 2], "b": ("x",), "c": []}, "a=1&a=2&b=x"),
        ({"a": None, "b": [None, "x"]}, "b=x"),
        (MultiDict([("a", "1"), ("b", "2"), ("a", "3")]), "a=1&b=2&a=3"),
        ((pair for pair in [("a", 1.5)]), "a=1.5"),
        ({"id": UUID(int=1)}, "id=00000000-0000-0000-0000-000000000001"),
    ],
)
def test_build(items: Mapping[str, object] | Iterable[tuple[str, object]], query: str) -> None:
    assert build_query(items) == query


@pytest.mark.parametrize("value", [True, b"x", bytearray(b"x"), {"b": 1}, {1}, [b"x"]])
def test_build_refuses_values_without_one_text(value: object) -> None:
    with pytest.raises(TypeError, match=r"query 'a': a .* has no one text"):
        build_query({"a": value})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("%C3&%A9=%C3", [("\ufffd", ""), ("\ufffd", "\ufffd")]),
        ("a%26b=c%3Dd&e%3df", [("a&b", "c=d"), ("e=f", "")]),
        ("a=b;c=d", [("a", "b;c=d")]),
        ("%2B=+", [("+", " ")]),
        ("a=%", [("a", "%")]),
        ("a=%u0041%zz", [("a", "%u0041%zz")]),
        ("é=ü", [("é", "ü")]),
        ("?a=1", [("?a", "1")]),
    ],
)
def test_parse(query: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(query) == expected


def test_limits() -> None:
    assert len(pairs("a&" * 1000)) == 1000
    with pytest.raises(LimitExceeded) as caught:
        parse_query("a&" * 1001)
    error = caught.value
    assert (error.limit, error.maximum, error.actual, error.status) == ("max_query_pairs", 1000, 1001, 414)
    assert pairs("&" * 65536) == []
    with pytest.raises(LimitExceeded) as caught:
        parse_query("é" * 32769)
    error = caught.value
    assert (error.limit, error.maximum, error.actual, error.status) == ("max_query_bytes", 65536, 65538, 414)
    assert len(pairs("é" * 32768)) == 1
    assert len(parse_query("a=1&" * 100_000, max_pairs=None, max_bytes=None).items(multi=True)) == 100_000
    assert pairs("\ud800") == [("\ud800", "")]
    with pytest.raises(LimitExceeded):
        parse_query("a", max_pairs=0)
    assert parse_query("&", max_pairs=0) == {}


@pytest.mark.parametrize("text", ["%", "&", "=", "+", "%26", "%C3", "a=%zz&", "a&"])
def test_time_is_linear(text: str) -> None:
    assert_linear(partial(parse_query, max_pairs=None, max_bytes=None), text)


@each_of("wpt/urlencoded-parser.json")
def test_parser_vectors(case: dict[str, Any]) -> None:
    assert pairs(case["input"]["query"]) == [tuple(pair) for pair in case["expected"]["pairs"]]


@each_of("wpt/urlencoded-serialize.json")
def test_serializer_vectors(case: dict[str, Any]) -> None:
    given_pairs = case["input"].get("pairs")
    items = parse_query(case["input"]["query"].removeprefix("?")) if given_pairs is None else given_pairs
    assert build_query(items) == case["expected"]["serialized"]


def is_query(case: dict[str, Any]) -> bool:
    """Whether it may be a query. Other charsets and limits are a form body's, whose decoder has all cases."""
    return case["input"]["charset"].lower() in {"utf-8", "utf8"} and not case["input"]["limits"]


@each_of("busboy/urlencoded.json", where=is_query)
def test_busboy_vectors(case: dict[str, Any]) -> None:
    query = base64.b64decode(case["input"]["body_b64"]).decode("utf-8", "replace")
    assert pairs(query) == [tuple(pair) for pair in case["expected"]["pairs"]]


@pytest.mark.parametrize("items", ["", "a=b", b"a=b"])
def test_a_query_is_not_built_of_text(items: str | bytes) -> None:
    with pytest.raises(TypeError, match="a mapping or pairs"):
        build_query(items)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the point
