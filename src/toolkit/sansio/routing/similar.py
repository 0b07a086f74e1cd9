"""Which words look like a word: for error messages, so small rather than clever."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALIKE = 0.4
_LONGEST = 256  # characters looked at


def nearest(word: str, words: Iterable[str], limit: int = 3) -> list[str]:
    """At most `limit` of `words` that are most like `word`, the most alike first.

    Likeness is the share of common pairs of neighbouring characters.

    >>> nearest("user.lits", ["user.list", "user.show", "index"])
    ['user.list', 'user.show']
    """
    pairs = _pairs(word)
    scored = [(2 * len(pairs & other) / (len(pairs) + len(other)), name) for name, other in _all(words)]
    alike = sorted((-score, name) for score, name in scored if score >= _ALIKE)
    return [name for _, name in alike[:limit]]


def _all(words: Iterable[str]) -> Iterable[tuple[str, set[str]]]:
    return ((word, _pairs(word)) for word in dict.fromkeys(words))


def _pairs(word: str) -> set[str]:
    text = f" {word[:_LONGEST].lower()} "
    return {text[index : index + 2] for index in range(len(text) - 1)}
