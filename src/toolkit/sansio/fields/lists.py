"""Comma lists and weights: what the list-valued fields have in common (RFC 9110 sections 5.6.1 and 12.4.2).

Splitting never refuses: an empty member is dropped, as a recipient must (section 5.6.1.2), and what a
member means is its field's business. Linear in the text, whatever the text is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit.sansio.grammar import OWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# weight = OWS ";" OWS "q=" qvalue
# qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )          (RFC 9110 section 12.4.2)
_QVALUE = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?").fullmatch


def split_list(text: str, separator: str = ",") -> list[str]:
    r"""The members of a list field, trimmed, without the empty ones (RFC 9110 section 5.6.1).

    `separator` is one character. Separators inside quoted strings do not separate; a backslash inside
    a quoted string escapes the next character; a quote that is never closed does not count as a quote.

    >>> split_list('foo , ,"a,b";c="\\",", bar,')
    ['foo', '"a,b";c="\\","', 'bar']
    >>> split_list('"open, next')
    ['"open', 'next']
    """
    parts = _split_quoted(text, separator) if '"' in text else text.split(separator)
    return [member for part in parts if (member := part.strip(OWS))]


def parse_weight(text: str) -> float | None:
    """The number that a qvalue writes, 0 to 1 with at most three decimals; None for any other text.

    What to make of None is the field's decision, and the same in all of this package: a member with a
    malformed weight is ignored, as a member outside its grammar (RFC 9110 section 12.4.2).

    >>> parse_weight("0.75"), parse_weight("1."), parse_weight("1.001"), parse_weight(".5")
    (0.75, 1.0, None, None)
    """
    return float(text) if _QVALUE(text) else None


def format_weight(weight: float) -> str:
    """The qvalue that writes `weight`, rounded to three decimals: the mirror of `parse_weight`.

    >>> format_weight(0.8), format_weight(1), format_weight(0)
    ('0.8', '1', '0')
    """
    if not 0 <= weight <= 1:
        raise ValueError(f"a weight is a number from 0 to 1, not {weight!r}")
    return f"{abs(weight):.3f}".rstrip("0").rstrip(".")  # there is a -0.0


def _split_quoted(text: str, separator: str) -> list[str]:
    """`text` cut at every `separator` outside quoted strings, in one pass."""
    parts: list[str] = []
    start = 0
    for match in _scanner(separator)(text):
        if match[0] == separator:
            parts.append(text[start : match.start()])
            start = match.end()
        elif not match[1]:  # never closed: what follows holds no quoted string
            return parts + text[start:].split(separator)
    parts.append(text[start:])
    return parts


@lru_cache(maxsize=8)
def _scanner(separator: str) -> Callable[[str], Iterator[re.Match[str]]]:
    """Finds the separators and the quoted strings of a text, from left to right, each where it begins.

    Group 1 is the closing quote. The pattern for a quoted string matches from any quote on, closed or not,
    so that no text makes the search start over.
    """
    pattern = r'"[^"\\]*(?:\\.[^"\\]*)*("?)|' + re.escape(separator)
    return re.compile(pattern, re.DOTALL).finditer
