from __future__ import annotations

import itertools
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.timing import pace, seconds
from tests.support.vectors import each_of
from toolkit.sansio.fields.content_disposition import ContentDisposition
from toolkit.sansio.fields.parameters import (
    ExtValue,
    Parameters,
    decode_ext_value,
    dump_options,
    encode_ext_value,
    parse_options,
    parse_parameters,
    quote_if_needed,
    quote_string,
    unquote,
    unquote_string,
)
from toolkit.sansio.grammar import TCHAR, is_token

FIELD_TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"))
NAMES = (
    st.text(st.sampled_from(sorted(TCHAR)), min_size=1).map(str.lower).filter(lambda name: name[-1] != "*")
)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


CASES: list[tuple[str, tuple[str, dict[str, str]]]] = [
    ("", ("", {})),
    (" Text/HTML ", ("text/html", {})),
    ("a; b=c", ("a", {"b": "c"})),
    ("a;;; b=c;; ;d=e;", ("a", {"b": "c", "d": "e"})),
    ("a; b = c", ("a", {"b": "c"})),
    ('a; b\t=\t"c" \t; d=e', ("a", {"b": "c", "d": "e"})),
    ("a; B=C", ("a", {"b": "C"})),
    ("a; b=1; b=2", ("a", {"b": "1"})),
    ("a; name=1; name=2", ("a", {"name": "1"})),
    ('a; name="1"; name="2"', ("a", {"name": "1"})),
    ('a; name="1"; other="2"', ("a", {"name": "1", "other": "2"})),
    ('a; name="1"; size=2; filename="3"', ("a", {"name": "1", "size": "2", "filename": "3"})),
    ('a; name="1";', ("a", {"name": "1"})),
    ("a; b", ("a", {})),
    ("a; name", ("a", {})),
    ("a; =b; c=d", ("a", {"c": "d"})),
    ("a; b c=d; e=f", ("a", {"e": "f"})),
    ("a; b=", ("a", {"b": ""})),
    ('a; b=""', ("a", {"b": ""})),
    ('a; name=""', ("a", {"name": ""})),
    ("a; b=c=d", ("a", {"b": "c=d"})),
    ("a; filename=my file.txt; b=c", ("a", {"filename": "my file.txt", "b": "c"})),
    ('a; b="c; s=evil"', ("a", {"b": "c; s=evil"})),
    ('a; name="c; s=evil"', ("a", {"name": "c; s=evil"})),
    ('a; b="c; d=e', ("a", {"b": "c", "d": "e"})),
    ('a; b="c; d="e"', ("a", {"b": "c; d="})),
    ('a; b="c\\"; d=e', ("a", {"b": 'c"', "d": "e"})),
    ('a; b="', ("a", {"b": ""})),
    ('a; b="\\', ("a", {"b": "\\"})),
    ('a; name="1"x; filename="2"', ("a", {"name": "1", "filename": "2"})),
    ('a; filename="x"y"; name="z"', ("a", {"filename": "x", "name": "z"})),
    ('a; b=c"d;e"f; g=h', ("a", {"b": 'c"d', "g": "h"})),
    ('a; b="\\c\\\\d\\""', ("a", {"b": 'c\\d"'})),
    ("K; \u212a=1", ("k", {})),
    ("\u212a; b=1", ("\u212a", {"b": "1"})),
]


@pytest.mark.parametrize(("value", "options"), CASES)
def test_what_clients_send(value: str, options: tuple[str, dict[str, str]]) -> None:
    assert parse_options(value) == options


@pytest.mark.parametrize(
    ("value", "filename"),
    [
        (r'"C:\dir\file.txt"', r"C:\dir\file.txt"),
        (r'"\\server\share\file.txt"', r"\\server\share\file.txt"),
        (r'"C:\\dir\\file.txt"', r"C:\dir\file.txt"),
        (r'"\\\\server\\share"', r"\\server\share"),
        (r'"\\dir\\file"', r"\dir\file"),
        (r'"f\oo.txt"', "foo.txt"),
        (r'"a \"b\".txt"', 'a "b".txt'),
    ],
)
def test_paths_of_internet_explorer(value: str, filename: str) -> None:
    assert parse_options(f"form-data; filename={value}")[1] == {"filename": filename}
    assert parse_options(f"form-data; x={value}")[1] == {"x": unquote_string(value)}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x*=UTF-8''%e2%82%ac", {"x": "€"}),
        ("x=a; x*=UTF-8''b", {"x": "b"}),
        ("x*=UTF-8''b; x=a", {"x": "b"}),
        ("x*=UTF-8''\xe9", {"x*": "UTF-8''\xe9"}),
        ("x*=UTF-8''b; x*=UTF-8''c", {"x": "b"}),
        ("x*=UTF-8''%ff; x*=UTF-8''c", {"x*": "UTF-8''%ff"}),
        ("x=a; x*=UTF-8''%ff", {"x": "a", "x*": "UTF-8''%ff"}),
        ("x=a; x*=\"UTF-8''b\"", {"x": "a", "x*": "UTF-8''b"}),
        ("name=a; name*=UTF-8''b", {"name": "a"}),
        ("name*=UTF-8''b; name=a", {"name": "a"}),
        ("name*=UTF-8''b", {"name": "b"}),
        ("x*0=a; x*1=b", {"x*0": "a", "x*1": "b"}),
        ("*=UTF-8''b", {"*": "UTF-8''b"}),
    ],
)
def test_extended_parameters(value: str, expected: dict[str, str]) -> None:
    assert parse_options(f"a; {value}") == ("a", expected)


@each_of("rfc-examples/ext-value.json", "rfc-examples/media-type.json")
def test_rfc_examples(case: dict[str, Any]) -> None:
    expected = case["expected"]
    head, options = parse_options(case["input"]["header"])
    assert options == expected["params"]
    assert head == expected.get("type", head)


def is_short(case: dict[str, Any]) -> bool:
    return "header" in case["input"] and case["expected"]["result"] != "error"


@each_of("hapi/header-params.json", where=is_short)
def test_hapi(case: dict[str, Any]) -> None:
    expected = case["expected"]
    head, options = parse_options(case["input"]["header"])
    assert head == expected.get("type", head)
    assert options.items() >= expected.get("params", {}).items()


def is_long(case: dict[str, Any]) -> bool:
    return "header_parts" in case["input"]


@each_of("hapi/header-params.json", where=is_long)
def test_hapi_long(case: dict[str, Any]) -> None:
    parts = case["input"]["header_parts"]
    header = "".join([part if isinstance(part, str) else part["text"] * part["times"] for part in parts])
    head, _ = parse_options(header)
    assert ";" not in head
    if sys.gettrace() is None:
        assert seconds(lambda: parse_options(header)) * 1000 < case["expected"]["max_ms"] * pace()


@each_of("jshttp/content-type-parse.json")
def test_jshttp_content_type(case: dict[str, Any]) -> None:
    expected = case["expected"]
    assert parse_options(case["input"]["header"]) == (expected["type"], expected["params"])


@each_of("jshttp/content-type-format.json", "jshttp/content-disposition-format.json")
def test_jshttp_format(case: dict[str, Any]) -> None:
    source, expected = case["input"], case["expected"]
    head, parameters = source.get("type", ""), dict(source.get("parameters", {}))
    if "fn" in source:  # what their parser makes of it, from ours
        head, parameters = parse_options(*source["a"])
    if expected.get("result") == "error":
        with pytest.raises(ValueError, match=r"parameter|ext-value"):
            dump_options(head, parameters)
    elif head == "form-data":
        named = {name: parameters.pop(name, None) for name in ("filename", "name")}
        value = ContentDisposition(head, **named, params=Parameters(parameters))
        assert str(value) == expected["header"]
    else:
        assert dump_options(head, parameters) == expected["header"]


@given(NAMES, st.dictionaries(NAMES, ANY_TEXT))
def test_dump_and_parse_are_inverses(head: str, options: dict[str, str]) -> None:
    assert parse_options(dump_options(head, options)) == (head, options)


@given(st.text())
def test_any_text_has_a_result(text: str) -> None:
    head, options = parse_options(text)
    assert all(name == name.lower() and is_token(name) for name in options)
    assert parse_options(f"a;{text}")[0] == "a"
    assert ";" not in head


@given(
    st.lists(
        st.tuples(
            st.sampled_from([" ", "", "; ", " name", "filename", "NAME", "x", " X", "name*", " name "]),
            st.sampled_from(["=", " = ", "", "=="]),
            st.sampled_from(['"a"', "a", '"', '""', "", '"a" ', '"a"b', "a b", "utf-8''a", 'a"b"', '"\\""']),
        ),
        max_size=4,
    )
)
def test_the_fast_ways_are_the_general_one(pieces: list[tuple[str, str, str]]) -> None:
    rest = ";".join(itertools.starmap("{}{}{}".format, pieces))
    assert parse_options("a;" + rest)[1] == parse_parameters(rest, unquote)


@given(st.text(st.sampled_from('";=\\ ,a*')), st.text(st.sampled_from("abc")))
def test_a_bad_parameter_takes_no_neighbour_along(bad: str, good: str) -> None:
    if bad.count('"') == 0:
        assert parse_options(f"a; {bad}; n={good}")[1]["n"] == good or "n=" in bad
    assert parse_options(f'a; n="{good}"; {bad}')[1]["n"] == good


@pytest.mark.parametrize(
    "unit",
    ['"', "\\", ";", ",", "=", ';a="', ';a="\\"', '="', 'a="b"', " ", ";a*=UTF-8''%41", ';a="\\', "%", "é"],
)
@pytest.mark.parametrize("lead", ["a;", 'a;b="', "a;b*=UTF-8''", "a;b="])
def test_time_is_linear(unit: str, lead: str) -> None:
    assert_linear(parse_options, unit, lead=lead)


@given(FIELD_TEXT)
def test_quoting_and_unquoting_are_inverses(text: str) -> None:
    assert unquote_string(quote_string(text)) == text
    assert unquote_string(quote_if_needed(text)) == text or not is_token(text)
    assert parse_options(f"a; b={quote_if_needed(text)}")[1]["b"] == text


@pytest.mark.parametrize("text", ["a\r\nb", "\x00", "€", "\x7f"])
def test_quote_string_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        quote_string(text)


@given(ANY_TEXT, st.sampled_from(["", "en", "de-CH"]))
def test_ext_values_come_back(text: str, language: str) -> None:
    encoded = encode_ext_value(text, language)
    assert encoded.isascii()
    assert is_token(encoded)
    assert decode_ext_value(encoded) == ExtValue(text, language)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "UTF-8'a",
        "''a",
        "UTF-8''%",
        "UTF-8''%4",
        "UTF-8''%GG",
        "koi8-r''a",
        "us-ascii''%80",
        "a b''c",
    ],
)
def test_decode_ext_value_refuses(text: str) -> None:
    assert decode_ext_value(text) is None


def test_decode_ext_value_is_lenient_with_bare_characters() -> None:
    assert decode_ext_value("utf8''it's (1)*.txt") == ExtValue("it's (1)*.txt")
    assert decode_ext_value("us-ascii'en'%41") == ExtValue("A", "en")


def test_encode_ext_value_refuses() -> None:
    with pytest.raises(ValueError, match="language"):
        encode_ext_value("a", "e n")
    with pytest.raises(UnicodeEncodeError):
        encode_ext_value("\ud800")


REFUSED: list[tuple[str, dict[str, str]]] = [
    ("a\n", {}),
    ("a;b=c", {}),
    ("a", {"b c": "d"}),
    ("a", {"": "d"}),
    ("a", {"b*": "€"}),
    ("a", {"b": "\ud800"}),
]


@pytest.mark.parametrize(("head", "options"), REFUSED)
def test_dump_options_refuses(head: str, options: dict[str, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each has a text of its own
        dump_options(head, options)


def test_parameters_are_a_value() -> None:
    one, two = Parameters({"A": "1", "b": "2"}), Parameters({"B": "2", "a": "1"})
    assert one == two
    assert hash(one) == hash(two)
    assert one != Parameters({"a": "1"})
    assert list(one) == ["a", "b"]
    assert len(one) == 2
    assert one["B"] == "2"
    assert eval(repr(one)) == one  # noqa: S307  # that is what a repr is for
    with pytest.raises(KeyError):
        one["c"]


@pytest.mark.parametrize("items", [{"a b": ""}, {"": ""}, {"a": "", "A": ""}])
def test_parameters_refuse(items: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="token"):
        Parameters(items)
