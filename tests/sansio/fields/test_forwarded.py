"""Forwarded: the examples of RFC 7239, and quotes that swallow nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.forwarded import Forwarded, ForwardedElement, Node, parse_node
from toolkit.sansio.fields.parameters import Parameters

TEXTS = st.none() | st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=8)
NAMES = st.text("abcxyz-_!", min_size=1, max_size=6).filter(lambda name: name not in ("by", "for"))


@st.composite
def elements(draw: st.DrawFn) -> ForwardedElement:
    for_, by, host, proto = (draw(TEXTS) for _ in range(4))
    extensions = draw(st.dictionaries(NAMES, TEXTS.map(lambda text: text or ""), max_size=2))
    if not extensions and {for_, by, host, proto} == {None}:
        for_ = "unknown"
    return ForwardedElement(for_, by, host, proto, extensions)


@given(st.lists(elements(), max_size=4))
def test_what_is_built_is_read_back(built: list[ForwardedElement]) -> None:
    value = Forwarded(built)
    assert Forwarded.parse(str(value)) == value
    assert hash(Forwarded(built)) == hash(value)
    names = {"Forwarded": Forwarded, "ForwardedElement": ForwardedElement, "Parameters": Parameters}
    assert eval(repr(value), names) == value  # noqa: S307  # that is what a repr is for


@given(st.text() | st.text('for=by;,"\\ [:]_ab', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    found: list[Forwarded] = []
    with suppress(MalformedHeader):
        found.append(Forwarded.parse(text))
    assert [Forwarded.parse(str(value)) for value in found] == found


@each_of("rfc-examples/forwarded.json")
def test_vectors(case: dict[str, Any]) -> None:
    text, expected = ", ".join(case["input"]["forwarded"]), case["expected"]
    if expected["result"] == "error":
        with pytest.raises(MalformedHeader):
            Forwarded.parse(text)
    elif expected["result"] == "ok":
        found = [(element.for_, element.by, element.host, element.proto) for element in Forwarded.parse(text)]
        names = ("for", "by", "host", "proto")
        assert found == [tuple(element.get(name) for name in names) for element in expected["elements"]]


def test_an_address_without_quotes_is_read() -> None:
    assert str(Forwarded.parse("for=[::1]:80")) == 'for="[::1]:80"'


def test_extensions_and_empty_elements() -> None:
    value = Forwarded.parse(' , ;;FOR=x ; Secret="a,b" ,, by=y,')
    assert [element.for_ for element in value] == ["x", None]
    assert value.elements[0].extensions == {"secret": "a,b"}
    assert len(value) == 2
    assert len(Forwarded.parse("")) == 0


@pytest.mark.parametrize(
    "text",
    [
        "for",
        "for=",
        "=x",
        "for =x",
        "for= x",
        "for=a b",
        'for="a"b',
        'for="a',
        'for="a, for=192.0.2.1',  # the quote that a client left open
        'for="a, for="[::1]:80"',  # and closes with that of a proxy
        'for=a;x=", for="_h";y="z"',
        "for=a;For=b",
        "for=a/b",
        "for=a\r\n",
        'for="€"',
        "x=y," * 1001,
    ],
)
def test_what_is_malformed(text: str) -> None:
    with pytest.raises(MalformedHeader, match="Forwarded"):
        Forwarded.parse(text)


@pytest.mark.parametrize(
    ("for_", "extensions"), [(None, {}), ("a\n", {}), ("a", {"by": "b"}), ("a", {"b c": "d"})]
)
def test_what_cannot_be_sent_is_refused(for_: str | None, extensions: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"element|extensions|parameter"):
        ForwardedElement(for_, extensions=extensions)


def test_a_thousand_elements_and_no_more() -> None:
    element = ForwardedElement("a")
    assert Forwarded.parse(str(Forwarded([element] * 1000))) == Forwarded([element] * 1000)
    with pytest.raises(ValueError, match="1000"):
        Forwarded([element] * 1001)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("192.0.2.43", Node("192.0.2.43")),
        ("192.0.2.43:47011", Node("192.0.2.43", 47011)),
        ("[2001:db8:cafe::17]", Node("2001:db8:cafe::17")),
        ("[2001:db8:cafe::17]:47011", Node("2001:db8:cafe::17", 47011)),
        ("2001:db8:cafe::17", Node("2001:db8:cafe::17")),
        ("unknown", Node("unknown")),
        ("_gazonk", Node("_gazonk")),
        ("_a:_b", Node("_a")),
        ("[::1", None),
        ("::1]", None),
        ("a:b", None),
        ("1.2.3.4:123456", None),
        ("1.2.3.4:", None),
        ("a b", None),
        ("1.2.3.٤", None),
        ("", None),
    ],
)
def test_nodes(text: str, node: Node | None) -> None:
    assert parse_node(text) == node


@pytest.mark.parametrize("unit", ["for=a,", "a=b;", "x", '"', ",", ";", " ", '\\"', "for=a; "])
@pytest.mark.parametrize("lead", ["", "for=", 'for="'])
def test_time_is_linear(unit: str, lead: str) -> None:
    def read(text: str) -> None:
        with suppress(MalformedHeader):
            Forwarded.parse(text)
        parse_node(text)

    assert_linear(read, unit, lead=lead)
