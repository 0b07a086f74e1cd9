from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.fields.lists import format_weight, parse_weight, split_list
from toolkit.sansio.fields.parameters import quote_string


@each_of("rfc-examples/list.json")
def test_vectors(case: dict[str, Any]) -> None:
    assert split_list(case["input"]["header"]) == case["expected"]["elements"]


@given(st.lists(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))), st.sampled_from(",;"))
def test_quoted_members_come_back(texts: list[str], separator: str) -> None:
    quoted = [quote_string(text) for text in texts]
    assert split_list(f" {separator} ".join(quoted), separator) == quoted


def _naive(text: str, separator: str) -> list[str]:
    """One character after the other; a quote counts where its end is found by looking ahead."""
    parts: list[str] = []
    current, position = "", 0
    while position < len(text):
        end = _closing(text, position) if text[position] == '"' else None
        if end is not None:
            current, position = current + text[position:end], end
        elif text[position] == '"':
            first, *rest = text[position:].split(separator)
            return [part.strip(" \t") for part in [*parts, current + first, *rest] if part.strip(" \t")]
        else:
            if text[position] == separator:
                parts.append(current)
                current = ""
            else:
                current += text[position]
            position += 1
    return [part.strip(" \t") for part in [*parts, current] if part.strip(" \t")]


def _closing(text: str, position: int) -> int | None:
    position += 1
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] == '"':
            return position + 1
        position += 1
    return None


@given(st.text(st.sampled_from('",;\\ \ta')), st.sampled_from(",;"))
def test_is_the_naive_model(text: str, separator: str) -> None:
    assert split_list(text, separator) == _naive(text, separator)


def test_a_quote_without_end_hides_no_separator() -> None:
    assert split_list('a, "b, c, d\\"') == ["a", '"b', "c", 'd\\"']


@pytest.mark.parametrize("unit", ['"', "\\", ",", '\\"', '",', '"\\', 'a="b\\"', " "])
def test_time_is_linear(unit: str) -> None:
    assert_linear(split_list, unit)
    assert_linear(split_list, unit, lead='"')


def test_every_weight_comes_back() -> None:
    for number in range(1001):
        weight = number / 1000
        assert parse_weight(format_weight(weight)) == weight


@pytest.mark.parametrize("text", ["0", "0.", "0.0", "0.000", "1", "1.", "1.0", "1.000", "0.123"])
def test_parse_weight_takes(text: str) -> None:
    assert parse_weight(text) == float(text)


@pytest.mark.parametrize(
    "text", ["", "2", "1.1", "0.1234", ".5", "-0", "+1", "1e0", "nan", "0.5\n", "٠", "00"]
)
def test_parse_weight_refuses(text: str) -> None:
    assert parse_weight(text) is None


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_format_weight_refuses(weight: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        format_weight(weight)
