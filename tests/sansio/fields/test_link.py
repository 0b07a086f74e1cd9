from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.link import Link, LinkValue
from toolkit.sansio.grammar import TCHAR

NAMES = st.text(st.sampled_from(sorted(TCHAR)), min_size=1).filter(lambda name: name[-1] != "*")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
TARGETS = st.text(st.sampled_from("abc/:?#,;=%\"'"))
LINKS = st.lists(
    st.builds(
        LinkValue,
        TARGETS,
        st.tuples(st.dictionaries(NAMES.map(str.lower), TEXTS, max_size=3), st.lists(TEXTS, max_size=2)).map(
            lambda pair: (
                *[(name, text) for name, text in pair[0].items() if name != "hreflang"],
                *[("hreflang", text) for text in pair[1] if all("\x20" <= char <= "\x7e" for char in text)],
            )
        ),
    ),
    max_size=3,
).map(lambda values: Link(tuple(values)))


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("", []),
        (
            '<http://example.com/TheBook/chapter2>; rel="previous"; title="previous chapter"',
            [("http://example.com/TheBook/chapter2", (("rel", "previous"), ("title", "previous chapter")))],
        ),
        ('</>; rel="http://example.net/foo"', [("/", (("rel", "http://example.net/foo"),))]),
        (
            '</terms>; rel="copyright"; anchor="#foo"',
            [("/terms", (("rel", "copyright"), ("anchor", "#foo")))],
        ),
        (
            "</chapter2>; rel=previous; title*=UTF-8'de'letztes%20Kapitel, </chapter4>; rel=next",
            [
                ("/chapter2", (("rel", "previous"), ("title", "letztes Kapitel"))),
                ("/chapter4", (("rel", "next"),)),
            ],
        ),
        ("<a,b;c>;rel=x", [("a,b;c", (("rel", "x"),))]),
        ("<a>;rel=x;rel=y", [("a", (("rel", "x"),))]),
        ("<a>;hreflang=de;hreflang=en", [("a", (("hreflang", "de"), ("hreflang", "en")))]),
        ("<a> ; crossorigin ; x = y ", [("a", (("crossorigin", ""), ("x", "y")))]),
        ("<a>;title=x;title*=UTF-8''y;title*=UTF-8''z", [("a", (("title", "y"),))]),
        ("<a>;title=x;title*=UTF-8''%ff;*=UTF-8''a;t*=\"UTF-8''b\"", [("a", (("title", "x"),))]),
        ('<a>;x="b;c=d, <e>', [("a", (("x", "b"), ("c", "d"))), ("e", ())]),
        ("<a>;b c=d;e=f", [("a", (("e", "f"),))]),
        ("<a>;hreflang=d\x00;hreflang=e;hreflang*=UTF-8''f", [("a", (("hreflang", "e"),))]),
        ("<a>;b*=UTF-8''x;hreflang=e;b=y", [("a", (("b", "x"), ("hreflang", "e")))]),
        ("junk, <a>, <b c>, <d, <e>", [("a", ()), ("e", ())]),
        ("<a> junk; x=y, <b>", [("a", ()), ("b", ())]),
        (',, ;a="b,c", <d>,', [("d", ())]),
        ("<>", [("", ())]),
    ],
)
def test_parse(text: str, links: list[tuple[str, tuple[tuple[str, str], ...]]]) -> None:
    assert [(value.target, value.params) for value in Link.parse(text)] == links


@given(LINKS)
def test_parse_and_str_are_inverses(link: Link) -> None:
    assert Link.parse(str(link)) == link
    assert hash(Link.parse(str(link))) == hash(link)
    assert eval(repr(link)) == link  # noqa: S307  # that is what a repr is for


@given(st.text() | st.text(st.sampled_from('<>;,="\\ a*')))
def test_any_text_is_a_value(text: str) -> None:
    link = Link.parse(text)
    assert Link.parse(str(link)) == link


def test_access() -> None:
    link = Link.parse('<a>; rel="Next HTTP://x/Y"; anchor="#z"; hreflang=de; hreflang=fr, <b>; title="T"')
    first, second = link
    assert len(link) == 2
    assert first.rel == ("next", "http://x/y")
    assert (first.anchor, first.hreflang, first.title) == ("#z", ("de", "fr"), None)
    assert second.title == second.get("TITLE") == "T"
    assert second.get("x", "y") == "y"
    assert second.rel == ()
    assert LinkValue("a", (("rel", " a \tb\xa0c "),)).rel == ("a", "b\xa0c")
    assert link.find("NEXT") is first
    assert link.find("last") is None


@pytest.mark.parametrize(
    ("target", "parameters"),
    [
        ("a b", ()),
        ("é", ()),
        ("a>", ()),
        ("a", (("b c", ""),)),
        ("a", (("b*", ""),)),
        ("a", (("b", "1"), ("B", "2"))),
        ("a", (("b", "\ud800"),)),
        ("a", (("hreflang", "€"),)),
    ],
)
def test_what_cannot_be_sent_is_refused(target: str, parameters: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each has a text of its own
        LinkValue(target, parameters)


def test_half_a_character_is_one_that_says_so() -> None:
    (link,) = Link.parse('<a>;rel="x\ud800"')
    assert link.rel == ("x\ufffd",)


def test_a_thousand_links_are_enough() -> None:
    link = Link.parse("<a>, " * 1000)
    assert Link.parse(str(link)) == link
    with pytest.raises(MalformedHeader, match="more than 1000 links"):
        Link.parse("<a>, " * 1001)
    with pytest.raises(ValueError, match="more than 1000 links"):
        Link(link.values * 2)


@pytest.mark.parametrize(
    "unit",
    ["<", ",", ";", '"', '\\"', "<a>,", "=,", "a,", "<a>;", ';a="', ";a*=UTF-8''%41", " ", "<>", "<>;a,"],
)
def test_time_is_linear(unit: str) -> None:
    def read(text: str) -> None:
        with suppress(MalformedHeader):
            Link.parse(text)

    assert_linear(read, unit, lead="<a>;b=")
