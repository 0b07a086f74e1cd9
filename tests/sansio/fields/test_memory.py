from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.accept import Accept
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.fields.memory import LONGEST, REMEMBERED, remembers

if TYPE_CHECKING:
    from typing_extensions import Self


class Text:
    """A type for these tests, that counts how often it is parsed."""

    parsed = 0

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    @remembers
    def parse(cls, text: str) -> Self:
        """Text."""
        Text.parsed += 1
        if not text:
            raise ValueError("empty")
        return cls(text)


def parsed(*texts: str) -> int:
    """How many of the texts were not remembered."""
    before = Text.parsed
    for text in texts:
        assert Text.parse(text).text == text
    return Text.parsed - before


def test_a_short_text_is_parsed_once() -> None:
    assert parsed("a", "b", "a", "b") == 2
    assert Text.parse("a") is Text.parse("a")
    assert Text.parse.__doc__ == "Text."


def test_a_long_text_is_parsed_each_time() -> None:
    longest = "x" * LONGEST
    assert parsed(longest, longest) == 1
    assert parsed(longest + "x", longest + "x") == 2


def test_the_least_recently_used_is_forgotten() -> None:
    texts = [f"text {number}" for number in range(REMEMBERED + 1)]
    assert parsed(*texts) == REMEMBERED + 1
    assert parsed(texts[-1]) == 0
    assert parsed(texts[0]) == 1


def test_errors_are_raised_each_time() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="empty"):
            Text.parse("")
        with pytest.raises(MalformedHeader, match="Content-Type"):
            MediaType.parse("no media type")


def test_a_subclass_is_not_taken_for_its_base() -> None:
    class Other(Text):
        pass

    class Wanted(Accept):
        pass

    assert type(Text.parse("c")) is Text
    assert type(Other.parse("c")) is Other
    assert type(Accept.parse("a/b")) is Accept
    assert type(Wanted.parse("a/b")) is Wanted
