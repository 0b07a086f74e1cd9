"""What the Accept fields share: weighted members, how they are read, and how the best offer is chosen.

RFC 9110 section 12.4.2::

    weight = OWS ";" OWS "q=" qvalue

Reading is lenient: a member that cannot be understood is ignored, with its weight, and the others count.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar, overload

from toolkit.sansio.fields.lists import MAX_MEMBERS, format_weight, parse_weight, split_list
from toolkit.sansio.fields.parameters import lower_ascii, parse_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


Item = TypeVar("Item")
Offer = TypeVar("Offer")

Rank: TypeAlias = "tuple[float, tuple[int, ...], int]"
"""How good an offer is, the greater the better: its weight, how precisely it was asked for, how early (the
position in the field, negated)."""

UNASKED: Rank = (0.0, (), 0)
NO_PREFERENCE: Rank = (1.0, (), 0)

# Weights outside the grammar that still say a number: `.2` (java.net), `0.3333`, `1.5`.
_DECIMAL = re.compile(r"[0-9]{0,9}(?:\.[0-9]{0,30})?").fullmatch


@dataclass(frozen=True, slots=True)
class Preferences(ABC, Generic[Item]):
    """Members `(item, weight)` in the order of the field; iteration gives the acceptable items, best first.

    Raises `ValueError` for a weight outside 0 to 1 or with more than three decimals, and for more than
    `MAX_MEMBERS` members.
    """

    members: tuple[tuple[Item, float], ...] = ()

    def __post_init__(self) -> None:
        if len(self.members) > MAX_MEMBERS:
            raise ValueError(f"at most {MAX_MEMBERS} members count, not {len(self.members)}")
        for weight in {weight for _, weight in self.members}:
            if not 0 <= weight <= 1 or round(weight, 3) != weight:
                raise ValueError(f"a weight is from 0 to 1 with at most three decimals, not {weight!r}")
        object.__setattr__(self, "members", tuple([(self._checked(item), q) for item, q in self.members]))

    @abstractmethod
    def _checked(self, item: Item) -> Item:
        """`item` in its canonical form; `ValueError` where it cannot be a member."""
        ...

    def _precision(self, item: Item) -> tuple[int, ...]:  # noqa: ARG002  # for those that have one
        """What orders items of one weight."""
        return ()

    def __iter__(self) -> Iterator[Item]:
        ranked = sorted(
            self.members, key=lambda member: (member[1], self._precision(member[0])), reverse=True
        )
        return iter([item for item, weight in ranked if weight > 0])

    def __str__(self) -> str:
        return ", ".join(
            [
                str(item) if weight == 1 else f"{item};q={format_weight(weight)}"
                for item, weight in self.members
            ]
        )


@dataclass(frozen=True, slots=True)
class TextPreferences(Preferences[str]):
    """Preferences between things that a name stands for: codings, charsets, languages."""

    @abstractmethod
    def _rank(self, offer: str) -> Rank:
        """How good an offer is."""
        ...

    def quality(self, offer: str) -> float:
        """The weight that the client gives to `offer`: 0 to 1, 0 means not acceptable."""
        return self._rank(offer)[0]

    @overload
    def best_match(self, offers: Iterable[str], default: None = None) -> str | None: ...
    @overload
    def best_match(self, offers: Iterable[str], default: str) -> str: ...
    def best_match(self, offers: Iterable[str], default: str | None = None) -> str | None:
        """The offer that the client likes best, as it was given; `default` where it takes none."""
        best = choose(offers, self._rank)
        return default if best is None else best

    def ranked(self, offers: Iterable[str]) -> list[str]:
        """The offers that the client takes, best first."""
        return rank_all(offers, self._rank)

    def __contains__(self, offer: str) -> bool:
        return self.quality(offer) > 0


def parse_members(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """The members of a weighted list: item in lower case, parameters without `q`, weight.

    A parameter called `q` is the weight wherever it stands (RFC 9110 section 12.5.1), 1 without. A decimal
    number outside the grammar of weights is cut to 0..1 and three decimals; a member whose weight is anything
    else is left out, as is all that comes after `MAX_MEMBERS` members.
    """
    for member in split_list(text)[:MAX_MEMBERS]:
        if ";" not in member:  # PERF: half of all members, and all of some long fields
            yield lower_ascii(member), {}, 1.0
            continue
        item, params = parse_options(member)
        weight = _read_weight(params.pop("q", "1"))
        if weight is not None:
            yield item, params, weight


def best_rank(matches: Iterable[tuple[tuple[int, ...], float, int]]) -> Rank:
    """The rank of an offer from the members that match it: `(precision, weight, -position)` of each.

    The most precise counts, of equally precise ones that of the greatest weight, then the first.
    """
    best = max(matches, default=None)
    return UNASKED if best is None else (best[1], best[0], best[2])


def choose(offers: Iterable[Offer], rank: Callable[[Offer], Rank]) -> Offer | None:
    """The offer of the highest rank, of equals the first; None where none has a weight above 0."""
    best: Offer | None = None
    highest = UNASKED
    for offer in offers:
        its_rank = rank(offer)
        if its_rank[0] > 0 and its_rank > highest:
            best, highest = offer, its_rank
    return best


def rank_all(offers: Iterable[Offer], rank: Callable[[Offer], Rank]) -> list[Offer]:
    """The offers whose rank has a weight above 0, from the highest rank down."""
    ranks = [(rank(offer), offer) for offer in offers]
    ranks.sort(key=lambda pair: pair[0], reverse=True)
    return [offer for (weight, _, _), offer in ranks if weight > 0]


def _read_weight(text: str) -> float | None:
    weight = parse_weight(text)
    if weight is None and text.strip(".") and _DECIMAL(text):
        weight = min(round(float(text), 3), 1.0)
    return weight
