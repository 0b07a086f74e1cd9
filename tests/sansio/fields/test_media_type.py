from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.grammar import TCHAR

TOKENS = st.text(st.sampled_from(sorted(TCHAR)), min_size=1)
VALUES = st.text(
    st.characters(max_codepoint=0xFF, exclude_categories=["Cc"])
    | st.characters(min_codepoint=0x80, max_codepoint=0xFF)
    | st.just("\t")
)
TYPES = st.builds(MediaType, TOKENS, TOKENS, st.dictionaries(TOKENS.map(str.lower), VALUES, max_size=3))


@each_of("wpt/mime-types.json", "wpt/generated-mime-types.json")
def test_wpt(case: dict[str, Any]) -> None:
    if case["expected"]["result"] == "error":
        with pytest.raises(MalformedHeader):
            MediaType.parse(case["input"]["header"])
    else:
        assert str(MediaType.parse(case["input"]["header"])) == case["expected"]["serialized"]


@each_of("wpt/mime-groups.json")
def test_groups(case: dict[str, Any]) -> None:
    media_type = MediaType.parse(case["input"]["mime"])
    groups = {
        "image": media_type.is_image,
        "audio or video": media_type.is_audio_or_video,
        "font": media_type.is_font,
        "ZIP-based": media_type.is_zip,
        "archive": media_type.is_archive,
        "XML": media_type.is_xml,
        "HTML": media_type.is_html,
        "scriptable": media_type.is_scriptable,
        "JavaScript": media_type.is_javascript,
        "JSON": media_type.is_json,
    }
    assert {name for name, member in groups.items() if member} == set(case["expected"]["groups"])


@each_of("wpt/content-types.json")
def test_several_lines(case: dict[str, Any]) -> None:
    media_type = MediaType.extract(", ".join(case["input"]["headers"]))
    assert str(media_type) == case["expected"]["mimeType"]


@each_of("wpt/script-content-types.json")
def test_scripts(case: dict[str, Any]) -> None:
    media_type = MediaType.extract(", ".join(case["input"]["headers"]))
    assert (media_type is not None and media_type.is_javascript) == case["expected"]["executes"]
    if case["expected"]["encoding"] and media_type is not None:
        assert media_type.charset == case["expected"]["encoding"].lower()


def is_type(case: dict[str, Any]) -> bool:
    return case["input"].get("kind", "type") == "type" and "header" in case["input"]


@each_of("rfc-examples/media-type.json", "hapi/header-params.json", where=is_type)
def test_rfc_and_hapi(case: dict[str, Any]) -> None:
    source, expected = case["input"], case["expected"]
    if expected["result"] == "error":
        with pytest.raises(MalformedHeader):
            MediaType.parse(source["header"])
    else:
        media_type = MediaType.parse(source["header"])
        assert media_type.essence == expected.get("type", media_type.essence)
        assert media_type.params.items() >= expected.get("params", {}).items()


@given(TYPES)
def test_parse_and_str_are_inverses(media_type: MediaType) -> None:
    assert MediaType.parse(str(media_type)) == media_type
    assert eval(repr(media_type)) == media_type  # noqa: S307  # that is what a repr is for
    assert hash(MediaType.parse(str(media_type))) == hash(media_type)


@given(st.text() | st.text(st.sampled_from('a/;="\\ ,*\t')).map("a/b;{}".format))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    try:
        media_type = MediaType.parse(text)
    except MalformedHeader:
        pass
    else:
        assert MediaType.parse(str(media_type)) == media_type
    extracted = MediaType.extract(text)
    assert extracted is None or MediaType.extract(str(extracted)) == extracted


@pytest.mark.parametrize(
    ("kind", "subtype", "parameters"),
    [
        ("", "a", {}),
        ("a", "b/c", {}),
        ("a", "b", {"c": "\n"}),
        ("a", "b", {"c": "€"}),
        ("a", "b", {"c d": ""}),
    ],
)
def test_what_cannot_be_sent_is_refused(kind: str, subtype: str, parameters: dict[str, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each has a text of its own
        MediaType(kind, subtype, parameters)


def test_equality_ignores_the_order_of_parameters_and_the_case_of_names() -> None:
    assert MediaType("A", "B", {"C": "d", "e": "f"}) == MediaType("a", "b", {"e": "f", "c": "d"})
    assert MediaType("a", "b", {"c": "d"}) != MediaType("a", "b", {"c": "D"})


def test_parts() -> None:
    svg = MediaType.parse("image/svg+xml; charset=UTF-8")
    assert (svg.suffix, svg.charset, svg.essence) == ("xml", "utf-8", "image/svg+xml")
    assert MediaType("text", "plain").suffix is None
    assert MediaType("text", "plain").charset is None


@pytest.mark.parametrize(
    ("media_range", "offer", "matches"),
    [
        ("*/*", "a/b", True),
        ("a/*", "a/b;c=d", True),
        ("a/*", "b/b", False),
        ("a/b", "a/c", False),
        ("a/b;c=d", "a/b", False),
        ("a/b;c=d", "a/b;c=D;e=f", True),
        ("a/b;c=d", "a/b;c=e", False),
    ],
)
def test_matches(media_range: str, offer: str, matches: bool) -> None:  # a table
    assert MediaType.parse(media_range).matches(MediaType.parse(offer)) == matches


def test_specificity_orders_ranges() -> None:
    ranges = ["*/*", "*/*;a=b", "a/*", "a/b", "a/b;c=d", "a/b;c=d;e=f"]
    keys = [MediaType.parse(each).specificity for each in ranges]
    assert keys == sorted(set(keys))


def test_the_last_thousand_lines_count() -> None:
    assert str(MediaType.extract("a/b;charset=c," + "a/b," * 998 + "a/b")) == "a/b;charset=c"
    assert str(MediaType.extract("a/b;charset=c," + "a/b," * 999 + "a/b")) == "a/b"


@pytest.mark.parametrize("unit", ['"', "\\", ";", ",", ' ;a="\\"', ";a=", " ", ';a="', 'a="b"'])
def test_time_is_linear(unit: str) -> None:
    assert_linear(MediaType.parse, unit, lead="a/b;c=")
    assert_linear(MediaType.extract, unit, lead="a/b;c=")
