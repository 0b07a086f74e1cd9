"""Entity tags: comparison, lists, and what looks like a quoted string and is none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.etags import ETag, ETags

OPAQUE = st.text([chr(code) for code in (0x21, *range(0x23, 0x7F), *range(0x80, 0x100))])
TAGS = st.builds(ETag, OPAQUE, st.booleans())


@given(TAGS)
def test_a_tag_is_read_back(etag: ETag) -> None:
    assert ETag.parse(str(etag)) == etag
    assert eval(repr(etag)) == etag  # noqa: S307  # that is what a repr is for


@given(st.lists(TAGS).map(ETags) | st.just(ETags(any=True)))
def test_a_list_is_read_back(etags: ETags) -> None:
    assert ETags.parse(str(etags)) == etags
    assert eval(repr(etags)) == etags  # noqa: S307  # that is what a repr is for


@given(st.text() | st.text('"W/a, *\\\t'))
def test_any_text_is_read_to_a_list_that_can_be_sent(text: str) -> None:
    etags = ETags.parse(text)
    assert ETags.parse(str(etags)) == etags
    assert [ETag(tag.opaque, tag.weak) for tag in etags] == list(etags)


@each_of("rfc-examples/etag-compare.json")
def test_comparison_vectors(case: dict[str, Any]) -> None:
    one, other = ETag.parse(case["input"]["a"]), ETag.parse(case["input"]["b"])
    assert one.matches_strongly(other) is other.matches_strongly(one) is case["expected"]["strong"]
    assert one.matches_weakly(other) is other.matches_weakly(one) is case["expected"]["weak"]


@each_of("rfc-examples/etag-list.json")
def test_list_vectors(case: dict[str, Any]) -> None:
    etags = ETags.parse(case["input"]["header"])
    assert (["*"] if etags.any else [str(tag) for tag in etags]) == case["expected"]["etags"]


@pytest.mark.parametrize(
    "text", ["", "*", "abc", '"', '"a', 'a"', 'w/"a"', 'W /"a"', '"a b"', '"a"b"', '"€"']
)
def test_what_is_no_tag(text: str) -> None:
    with pytest.raises(MalformedHeader, match="ETag"):
        ETag.parse(text)
    assert not ETags.parse(text).tags


@pytest.mark.parametrize("opaque", ['a"b', "a b", "a\t", "a\r\n", "\x7f", "€"])
def test_what_cannot_be_sent_is_refused(opaque: str) -> None:
    with pytest.raises(ValueError, match="entity tag"):
        ETag(opaque)


def test_any_and_some_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="not both"):
        ETags([ETag("a")], any=True)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ('"a\\", "b"', ["a\\", "b"]),  # a backslash escapes nothing
        ('"a","b"x,"c"', ["a", "c"]),
        ('"a" "b", "c"', ["c"]),
        ('"a, "b"', ["b"]),  # what opens a quote and is no tag ends at the comma all the same
        (' \t"a"\t, W/"b" ', ["a", "b"]),
        ('"\xe9,\xff"', ["\xe9,\xff"]),
        ("abc, *", []),
    ],
)
def test_bad_members_do_not_spoil_good_ones(text: str, tags: list[str]) -> None:
    assert [tag.opaque for tag in ETags.parse(text)] == tags


@given(st.lists(TAGS), TAGS)
def test_a_list_matches_as_its_tags_do(tags: list[ETag], etag: ETag) -> None:
    etags = ETags(tags)
    assert list(etags) == tags
    assert etags.match_strongly(etag) is any(tag.matches_strongly(etag) for tag in tags)
    assert etags.match_weakly(etag) is any(tag.matches_weakly(etag) for tag in tags)


def test_lists_are_values() -> None:
    assert ETags() != ETags(any=True)
    assert ETags([ETag("a")]) != ETags([ETag("a", weak=True)])
    assert ETags([ETag("a")]) != (ETag("a"),)
    assert hash(ETags.parse('"a"')) == hash(ETags([ETag("a")]))


def test_lists_match() -> None:
    etags = ETags.parse('"a", W/"b"')
    assert etags.match_strongly(ETag("a"))
    assert not etags.match_strongly(ETag("b"))
    assert etags.match_weakly(ETag("b"))
    assert not etags.match_weakly(ETag("c"))
    assert ETags(any=True).match_strongly(ETag("c", weak=True))
    assert ETags(any=True).match_weakly(ETag("c"))


@pytest.mark.parametrize("unit", ['"",', '"a', 'W/"a",', ",", '" ', '"a" ,', " "])
def test_time_is_linear(unit: str) -> None:
    assert_linear(ETags.parse, unit)
