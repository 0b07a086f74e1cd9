"""The decoders against the standard library and a naive model; the quoters against their sets."""

from __future__ import annotations

import re
import string
from itertools import product
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.errors.base import MalformedURL
from toolkit.sansio.percent import (
    QUOTERS,
    SUB_DELIMS,
    UNRESERVED,
    Quoter,
    normalise_escapes,
    quote_component,
    quote_form,
    quote_path,
    quote_query,
    quote_query_value,
    quote_segment,
    unquote,
    unquote_bytes,
    unquote_form,
    unquote_strict,
)

ESCAPED = st.text(st.sampled_from("%%%%4aAfFcCeE9é8\\xu0/+ €😀\n"))


def whatwg_unquote(text: str) -> str:
    """WHATWG's algorithm, byte by byte."""
    data = text.encode()
    out = bytearray()
    at = 0
    while at < len(data):
        if re.fullmatch(rb"%[0-9A-Fa-f]{2}", data[at : at + 3]):
            out.append(int(data[at + 1 : at + 3], 16))
            at += 3
        else:
            out.append(data[at])
            at += 1
    return out.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("", ""),
        ("abc", "abc"),
        ("%41%62", "Ab"),
        ("caf%C3%A9", "café"),
        ("caf%c3%a9", "café"),
        ("100%", "100%"),
        ("%4", "%4"),
        ("%zz%41", "%zzA"),
        ("%%41", "%A"),
        ("%2541", "%41"),
        ("%u0041", "%u0041"),
        ("\\x41%41\\", "\\x41A\\"),
        ("\\%5C\\n%0a", "\\\\\\n\n"),
        ("é%C3", "é\ufffd"),
        ("%C3é%A9", "\ufffdé\ufffd"),
        ("%FF%FE", "\ufffd\ufffd"),
        ("%F0%9F%98%80", "😀"),
        ("%ED%A0%80", "\ufffd\ufffd\ufffd"),
        ("%00", "\0"),
        ("\ud800%41", "\ud800A"),
        ("\ud800", "\ud800"),
        ("+", "+"),
        ("%EF%BB%BFa", "\ufeffa"),
    ],
)
def test_unquote(text: str, plain: str) -> None:
    assert unquote(text) == plain


@given(ESCAPED)
def test_unquote_is_the_algorithm_of_whatwg(text: str) -> None:
    assert unquote(text) == whatwg_unquote(text)


@given(st.text())
def test_unquote_takes_any_text(text: str) -> None:
    unquote(text)
    unquote_form(text)


@given(st.binary() | ESCAPED.map(str.encode))
def test_unquote_bytes_is_that_of_the_standard_library(data: bytes) -> None:
    assert unquote_bytes(data) == unquote_to_bytes(data)


def test_unquote_form() -> None:
    assert unquote_form("1+%2B+1%20") == "1 + 1 "


@pytest.mark.parametrize("text", ["%", "a%4", "%zz", "%C3", "%ff", "\ud800", "a%41\udfff"])
def test_unquote_strict_refuses(text: str) -> None:
    with pytest.raises(MalformedURL) as caught:
        unquote_strict(text)
    assert caught.value.url == text
    assert caught.value.status == 400


@given(ESCAPED)
def test_unquote_strict_is_unquote_where_it_is_not_refused(text: str) -> None:
    try:
        plain = unquote_strict(text)
    except MalformedURL:
        return
    assert plain == unquote(text)


@pytest.mark.parametrize("quoter", QUOTERS.values(), ids=lambda quoter: quoter.name)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_quoters_are_inverses_of_the_decoders(quoter: Quoter, text: str) -> None:
    quoted = quoter(text)
    assert quoted.isascii()
    assert (unquote_form if quoter.plus else unquote)(quoted) == text
    if not quoter.plus:
        assert quoter.requote(quoted) == quoted
        assert quoter.requote(quoter.requote(text)) == quoter.requote(text)
        assert unquote(quoter.requote(text)) == unquote(text)
        assert quoted == quote(text, safe=quoter.safe)


@pytest.mark.parametrize("quoter", QUOTERS.values(), ids=lambda quoter: quoter.name)
def test_quoters_leave_their_set_and_nothing_else(quoter: Quoter) -> None:
    for code in range(128):
        character = chr(code)
        assert (quoter(character) == character) == (character in quoter.safe)
    assert quoter("é ") in {"%C3%A9%20", "%C3%A9+"}
    with pytest.raises(UnicodeEncodeError):
        quoter("\ud800")


def test_quoters_differ_in_their_sets() -> None:
    text = "a b/c?d&e=f+g~'"
    assert quote_segment(text) == "a%20b%2Fc%3Fd&e=f+g~'"
    assert quote_path(text) == "a%20b/c%3Fd&e=f+g~'"
    assert quote_query(text) == "a%20b/c?d&e=f+g~'"
    assert quote_query_value(text) == "a%20b/c?d%26e%3Df%2Bg~%27"
    assert quote_component(text) == "a%20b%2Fc%3Fd%26e%3Df%2Bg~%27"
    assert quote_form(text) == "a+b%2Fc%3Fd%26e%3Df%2Bg%7E%27"


def test_requote_keeps_escapes_and_encodes_lone_percents() -> None:
    assert quote_path("/a%20b") == "/a%2520b"
    assert quote_path.requote("/a%20b%zz%") == "/a%20b%25zz%25"
    assert quote_path.requote("%c3%a9 é") == "%c3%a9%20%C3%A9"


@pytest.mark.parametrize(("safe", "plus"), [("é", False), ("a%", False), ("+", True), (" ", True)])
def test_a_quoter_has_a_possible_set(safe: str, plus: bool) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        Quoter("mine", safe, plus)


def test_a_quoter_is_a_value() -> None:
    mine = Quoter("mine", "abc")
    assert mine == Quoter("mine", "abc") != Quoter("mine", "ab")
    assert hash(mine) == hash(Quoter("mine", "abc"))
    assert eval(repr(mine)) == mine  # noqa: S307  # repr can be pasted back
    assert QUOTERS["path"] is quote_path


def test_every_escape_is_normalised() -> None:
    for high, low in product(string.hexdigits, repeat=2):
        character = chr(int(high + low, 16))
        expected = character if character in UNRESERVED else f"%{high}{low}".upper()
        assert normalise_escapes(f"a%{high}{low}b") == f"a{expected}b"


def test_normalise_escapes() -> None:
    assert normalise_escapes("%7e%41%2d%2f%c3%a9%zz%") == "~A-%2F%C3%A9%zz%"
    assert normalise_escapes("plain") == "plain"


@each_of("wpt/percent-encoding.json")
def test_vectors(case: dict[str, Any]) -> None:
    assert quote_query(case["input"]["text"]) == case["expected"]["percent_encoded"]


def is_of_one_text(case: dict[str, Any]) -> bool:
    """Whether a URI template (RFC 6570) is one variable, of plain or reserved expansion, and that a text."""
    match = re.fullmatch(r"\{\+?(\w+)\}", case["input"]["template"])
    return match is not None and isinstance(case["input"]["variables"].get(match[1]), str)


# RFC 6570 section 3.2.3: reserved characters and escapes stay.
quote_reserved = Quoter("reserved", UNRESERVED + SUB_DELIMS + ":/?#[]@")


@each_of("uritemplate/uritemplate.json", where=is_of_one_text)
def test_templates_of_one_text(case: dict[str, Any]) -> None:
    name = case["input"]["template"].strip("{}")
    text = case["input"]["variables"][name.lstrip("+")]
    quoted = quote_reserved.requote(text) if name.startswith("+") else quote_component(text)
    assert [quoted] == case["expected"]["any_of"]


@pytest.mark.parametrize("text", ["%", "%4", "%zz", "%41", "%C3", "%zz%41", "\\", "%FFé", "a"])
def test_time_is_linear(text: str) -> None:
    for function in (unquote, quote_path.requote, normalise_escapes):
        assert_linear(function, text)
