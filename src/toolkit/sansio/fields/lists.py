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
    from collections.abc import Callable

MAX_MEMBERS = 1000
"""What one field may list, and its type hold: more than anybody has proxies, follows links or asks for.

So the time that a field takes is bounded by what it is for, and not only by the limit on heads.
"""

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
    *found, _ = _members(separator)(text)  # the last is nothing, at the end of the text
    parts = [part for part, _ in found]
    if rest := found[-1][1]:
        first, *others = rest.split(separator)
        parts[-1] += first
        parts += others
    return parts


@lru_cache(maxsize=8)
def _members(separator: str) -> Callable[[str], list[tuple[str, str]]]:
    """Finds the members of a text, and with the last one all from a quote on that is never closed.

    Such a rest holds no quoted string. It alone is read twice, for one of the three ends of a member matches.
    """
    end = re.escape(separator)
    pattern = rf'([^{end}"]*(?:"[^"\\]*(?:\\.[^"\\]*)*"[^{end}"]*)*)(?:{end}|\Z|(".*))'
    return re.compile(pattern, re.DOTALL).findall
