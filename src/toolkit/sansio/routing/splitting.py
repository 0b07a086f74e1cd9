"""Readers: functions that take the text of a segment (or of the rest of a path) apart into values.

A pattern is literals and variables in turn. Where each variable ends is decided by the domains alone:
**the leftmost variable takes as much as it can, then the next.** Then the converters read their texts;
if one refuses, the pattern does not match. All in time linear in the text, whatever it holds: literals are
searched from the right, so that nothing is tried twice.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.sansio.routing.converters import Converter, Domain

Values: TypeAlias = "tuple[object, ...]"
Reader: TypeAlias = "Callable[[str], Values | None]"

HIDDEN_SLASH = "\udc2f"
"""Stands for the `/` of a `%2F` where the text of several segments is read: no UTF-8 decodes to it."""


def make_reader(
    literals: Sequence[str], converters: Sequence[Converter[object]], *, across: bool = False
) -> Reader:
    """The reader of the pattern `literals[0] converters[0] literals[1] … converters[-1] literals[-1]`.

    `across` says that the text is of several segments, with slashes between them.
    """
    if len(converters) == 1 and literals == ("", "") and not across:
        return _single(converters[0])
    return _Splitter(literals, converters, across=across).read


def _single(converter: Converter[object]) -> Reader:
    """The reader of one variable that is alone in its segment: by far the most frequent."""
    read = converter.parse if converter.checks_domain else converter.read

    def read_one(text: str) -> Values | None:
        try:
            return (read(text),)
        except ValueError:
            return None

    return read_one


class _Run:
    """The stretch of text that one variable may cover: the domain, as it is seen inside a text.

    Across segments a slash ends it unless the domain has slashes, and a hidden slash counts as one.
    """

    __slots__ = ("alphabet", "everything", "longest", "shortest")

    def __init__(self, domain: Domain, *, across: bool) -> None:
        self.shortest = domain.shortest
        self.longest = domain.longest
        self.alphabet = domain.characters
        if across and self.alphabet and "/" in self.alphabet:
            self.alphabet += HIDDEN_SLASH
            if not domain.slashes:
                self.alphabet = self.alphabet.replace("/", "")
        self.everything = self.alphabet is None and (domain.slashes or not across)

    def covers(self, text: str) -> bool:
        """Whether it can be the whole of `text`."""
        if len(text) < self.shortest or (self.longest is not None and len(text) > self.longest):
            return False
        if self.alphabet is None:
            return self.everything or "/" not in text
        return not text.strip(self.alphabet)

    def last_start(self, text: str, start: int, end: int) -> int:
        """The first index, not before `start`, from which it can reach `end`."""
        if self.alphabet is not None:
            start += len(text[start:end].rstrip(self.alphabet))
        elif not self.everything:
            start = max(start, text.rfind("/", start, end) + 1)
        return start if self.longest is None else max(start, end - self.longest)

    def stops(self, text: str, end: int) -> list[int] | None:
        """For every index the last one, up to `end`, that it can reach from there; None: all reach `end`."""
        if self.everything:
            return None
        stops = [end] * (end + 1)
        stop = end
        for index in range(end - 1, -1, -1):
            character = text[index]
            if character == "/" if self.alphabet is None else character not in self.alphabet:
                stop = index
            stops[index] = stop
        return stops


class _Splitter:
    """The reader of several variables with literals between them."""

    __slots__ = ("_across", "_between", "_prefix", "_reads", "_runs", "_suffix")

    def __init__(
        self, literals: Sequence[str], converters: Sequence[Converter[object]], *, across: bool
    ) -> None:
        self._prefix = literals[0]
        self._between = tuple(literals[1:-1])
        self._suffix = literals[-1]
        self._runs = tuple(_Run(converter.domain, across=across) for converter in converters)
        self._reads = tuple(converter.read for converter in converters)
        self._across = across

    def read(self, text: str) -> Values | None:
        """The values of `text`, or None."""
        start, end = len(self._prefix), len(text) - len(self._suffix)
        if start >= end or not (text.startswith(self._prefix) and text.endswith(self._suffix)):
            return None
        pieces = self._split(text, start, end)
        if pieces is None:
            return None
        if self._across:
            pieces = [piece.replace(HIDDEN_SLASH, "/") for piece in pieces]
        try:
            return tuple([read(piece) for read, piece in zip(self._reads, pieces, strict=True)])
        except ValueError:
            return None

    def _split(self, text: str, start: int, end: int) -> list[str] | None:
        """The text of each variable: the leftmost takes as much as the others leave it."""
        feasible = self._feasible(text, start, end)
        if feasible is None:
            return None
        pieces: list[str] = []
        for literal, run, (places, stops) in zip(self._between, self._runs, feasible, strict=False):
            limit = end if run.longest is None else start + run.longest
            index = bisect_right(places, limit if stops is None else min(limit, stops[start]))
            if not index or places[index - 1] < start + run.shortest:
                return None
            pieces.append(text[start : places[index - 1]])
            start = places[index - 1] + len(literal)
        last = text[start:end]
        return [*pieces, last] if self._runs[-1].covers(last) else None

    def _feasible(self, text: str, start: int, end: int) -> list[tuple[list[int], list[int] | None]] | None:
        """For each literal between variables: where it may stand so that all that follows fits.

        Each comes with the stops of the variable before it. Built from the right; None where some
        literal has no place.
        """
        found: list[tuple[list[int], list[int] | None]] = []
        last = self._runs[-1]
        low, high = last.last_start(text, start, end), end - last.shortest
        fits: Callable[[int], bool] = _anywhere
        for literal, run in zip(reversed(self._between), reversed(self._runs[:-1]), strict=True):
            # The last variable may be short: no literal is looked for that is too far from the end for it.
            places = _places(text, literal, max(start, low - len(literal) - 1), high, fits)
            low, high = start, end
            if not places:
                return None
            stops = run.stops(text, end)
            found.append((places[::-1], stops))
            fits = _before(places, run, stops)
        found.reverse()
        return found


def _places(text: str, literal: str, start: int, end: int, fits: Callable[[int], bool]) -> list[int]:
    """Where `literal` stands with at least one character before it and what follows fits; descending."""
    places: list[int] = []
    place = text.rfind(literal, start + 1, end)
    while place > start:
        if fits(place + len(literal)):
            places.append(place)
        place = text.rfind(literal, start + 1, place + len(literal) - 1)
    return places


def _anywhere(_start: int) -> bool:
    return True


def _before(places: list[int], run: _Run, stops: list[int] | None) -> Callable[[int], bool]:
    """Whether a variable that begins at `start` can end at one of `places` (descending).

    It is asked about ever smaller indexes, so that one walk over the places serves all of them.
    """
    current = 0

    def fits(start: int) -> bool:
        nonlocal current
        least = start + run.shortest
        while current + 1 < len(places) and places[current + 1] >= least:
            current += 1
        place = places[current]
        return (
            place >= least
            and (run.longest is None or place <= start + run.longest)
            and (stops is None or place <= stops[start])
        )

    return fits
