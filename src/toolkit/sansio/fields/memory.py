"""Remembers what header texts mean, for the types whose texts come again with request after request.

What browsers write into Accept or Content-Type differs little from one request to the next, and the values
are immutable, so that one may serve all. Bounded: `REMEMBERED` values of each type, of texts up to
`LONGEST` characters; the least recently used is forgotten first.
"""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

REMEMBERED = 128
LONGEST = 256


def remembers(parse: Callable[[type[T], str], T]) -> Callable[[type[T], str], T]:
    """The class method `parse` of an immutable type, made to answer from memory what it was asked before.

    What it raises is not remembered::

        @classmethod
        @remembers
        def parse(cls, text: str) -> Self: ...
    """
    remembered: Callable[..., T] = lru_cache(maxsize=REMEMBERED)(parse)

    @wraps(parse)
    def parse_or_remember(cls: type[T], text: str) -> T:
        return remembered(cls, text) if len(text) <= LONGEST else parse(cls, text)

    return parse_or_remember
