from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.grammar import DIGITS, OWS, TCHAR, is_field_value, is_token, parse_digits, trim_ows


def test_tchar_is_the_set_of_the_rfc() -> None:
    visible = {chr(code) for code in range(0x21, 0x7F)}
    assert visible - set('"(),/:;<=>?@[\\]{}') == TCHAR
    assert set("0123456789") == DIGITS


@given(st.text())
def test_is_token_is_the_naive_definition(text: str) -> None:
    assert is_token(text) == (text != "" and all(char in TCHAR for char in text))


@pytest.mark.parametrize("text", ["a\n", "a ", "", "é", "a\x00", "\u212a"])
def test_is_token_refuses(text: str) -> None:
    assert not is_token(text)


@given(st.text(st.characters(max_codepoint=0x120)))
def test_is_field_value_is_the_naive_definition(text: str) -> None:
    allowed = {"\t"} | {chr(code) for code in [*range(0x20, 0x7F), *range(0x80, 0x100)]}
    assert is_field_value(text) == all(char in allowed for char in text)


@pytest.mark.parametrize("text", ["a\n", "\r", "\x00", "\x7f", "Ā", "\x1f"])
def test_is_field_value_refuses(text: str) -> None:
    assert not is_field_value(text)


@given(st.text(st.sampled_from(string.whitespace + "\x85\xa0a")))
def test_trim_ows_takes_two_characters_only(text: str) -> None:
    trimmed = trim_ows(text)
    assert trimmed in text
    assert not trimmed.startswith(tuple(OWS))
    assert not trimmed.endswith(tuple(OWS))
    assert set(text.replace(trimmed, "", 1) if trimmed else text) <= set(OWS)


@given(st.integers(min_value=0, max_value=10**19 - 1))
def test_parse_digits_reads_numbers(number: int) -> None:
    assert parse_digits(str(number)) == number


@pytest.mark.parametrize("text", ["", "+1", "-1", "1_0", " 1", "1\n", "٣", "²", "1" * 20, "0x1", "1.0"])
def test_parse_digits_refuses(text: str) -> None:
    assert parse_digits(text) is None


def test_parse_digits_has_a_cap() -> None:
    assert parse_digits("123", max_digits=3) == 123
    assert parse_digits("1234", max_digits=3) is None
    assert parse_digits("9" * 1_000_000) is None
