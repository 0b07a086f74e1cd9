"""Accept, Accept-Charset, Accept-Encoding, Accept-Language: what a client wants (RFC 9110 section 12.5).

All work alike: `quality(offer)` is the weight that the client gave to an offer, `best_match(offers)` the
offer it likes best, `offer in value` whether it takes it at all, and iteration gives what it asked for, best
first. Offers are preferred by weight; then by how precisely they were asked for; then in the order of the
field; then in the order of the offers. Reading never raises: a member that cannot be understood is ignored.
An empty field states no preference (but see AcceptEncoding), and so may stand for an absent one.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, TypeVar, overload

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.fields.memory import remembers
from toolkit.sansio.fields.negotiation import (
    NO_PREFERENCE,
    UNASKED,
    Preferences,
    Rank,
    TextPreferences,
    best_rank,
    choose,
    parse_members,
    rank_all,
)
from toolkit.sansio.grammar import is_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from typing_extensions import Self

TypeOffer = TypeVar("TypeOffer", str, MediaType)

# A language range, basic or extended (RFC 4647 section 2).
_LANGUAGE_RANGE = re.compile(r"(?:[A-Za-z]{1,8}|\*)(?:-(?:[A-Za-z0-9]{1,8}|\*))*").fullmatch

# Other names of one coding, equivalent to a recipient (RFC 9110 section 8.4.1).
_CODING_ALIASES = {"x-gzip": "gzip", "x-compress": "compress"}


@dataclass(frozen=True, slots=True)
class Accept(Preferences[MediaType]):
    """The media ranges that a client takes, each with its weight (RFC 9110 section 12.5.1).

    Members are `(MediaType, weight)`. Raises `ValueError` for a range with a parameter `q`.

    >>> accept = Accept.parse("text/html, application/json;q=0.9, */*;q=0.1")
    >>> accept.best_match(["application/json", "text/html"])
    'text/html'
    >>> accept.quality("image/png"), [str(range) for range in accept]
    (0.1, ['text/html', 'application/json', '*/*'])
    """

    field_name: ClassVar[str] = "Accept"

    # Precision, weight, -position of each range, as `best_rank` orders them: the first to match counts.
    _ranges: tuple[tuple[tuple[int, int], float, int, MediaType], ...] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        super(Accept, self).__post_init__()  # slots make another class than the one `super` knows
        ranges = [
            (item.specificity, weight, -position, item)
            for position, (item, weight) in enumerate(self.members)
        ]
        ranges.sort(reverse=True)  # never by the items, for no two have one position
        object.__setattr__(self, "_ranges", tuple(ranges))

    @classmethod
    @remembers
    def parse(cls, text: str) -> Self:
        """The ranges that `text` writes; a lone `*`, which java.net sends, is `*/*`."""
        members: list[tuple[MediaType, float]] = []
        for item, params, weight in parse_members(text):
            kind, slash, subtype = ("*/*" if item == "*" else item).partition("/")
            if not slash:
                continue
            with suppress(ValueError):
                members.append((MediaType(kind, subtype, params), weight))
        return cls(tuple(members))

    def quality(self, offer: str | MediaType) -> float:
        """The weight of the most specific range that `offer` is in: 0 to 1, 0 means not acceptable."""
        return self._rank(offer)[0]

    @overload
    def best_match(self, offers: Iterable[TypeOffer], default: None = None) -> TypeOffer | None: ...
    @overload
    def best_match(self, offers: Iterable[TypeOffer], default: TypeOffer) -> TypeOffer: ...
    def best_match(self, offers: Iterable[TypeOffer], default: TypeOffer | None = None) -> TypeOffer | None:
        """The offer that the client likes best, as it was given; `default` where it takes none.

        Raises `ValueError` for an offer that is no media type.
        """
        best = choose(offers, self._rank)
        return default if best is None else best

    def ranked(self, offers: Iterable[TypeOffer]) -> list[TypeOffer]:
        """The offers that the client takes, best first."""
        return rank_all(offers, self._rank)

    def __contains__(self, offer: str | MediaType) -> bool:
        return self.quality(offer) > 0

    def _rank(self, offer: str | MediaType) -> Rank:
        media_type = _media_type(offer) if isinstance(offer, str) else offer
        if not self.members:
            return NO_PREFERENCE
        for precision, weight, late, item in self._ranges:
            if item.matches(media_type):
                return (weight, precision, late)
        return UNASKED

    def _precision(self, item: MediaType) -> tuple[int, ...]:
        return item.specificity

    def _checked(self, item: MediaType) -> MediaType:
        if "q" in item.params:
            raise ValueError(f"a media range cannot have the parameter q: {item!r}")
        return item


@dataclass(frozen=True, slots=True)
class AcceptCharset(TextPreferences):
    """The charsets that a client takes (RFC 9110 section 12.5.2): obsolete, for UTF-8 has won.

    >>> AcceptCharset.parse("utf-8, *;q=0.1").best_match(["latin-1", "UTF-8"])
    'UTF-8'
    """

    field_name: ClassVar[str] = "Accept-Charset"

    @classmethod
    @remembers
    def parse(cls, text: str) -> Self:
        """The charsets that `text` writes."""
        return cls(tuple(_tokens(text)))

    def _rank(self, offer: str) -> Rank:
        return _rank_token(self.members, offer.lower()) if self.members else NO_PREFERENCE

    def _checked(self, item: str) -> str:
        return _checked_token(item)


@dataclass(frozen=True, slots=True)
class AcceptEncoding(TextPreferences):
    """The content codings that a client takes (RFC 9110 section 12.5.3).

    `identity` (no coding) is acceptable unless it is refused by name or by `*;q=0`; where it is not listed it
    has the least weight there is, 0.001: it comes after all that was asked for. An empty field means identity
    and nothing else. A request without the field takes any coding, which is not the same: that is `*`.

    >>> accept = AcceptEncoding.parse("gzip;q=0.8, br")
    >>> accept.best_match(["gzip", "br"]), accept.best_match(["zstd"], "identity"), accept.quality("identity")
    ('br', 'identity', 0.001)
    """

    field_name: ClassVar[str] = "Accept-Encoding"

    @classmethod
    @remembers
    def parse(cls, text: str) -> Self:
        """The codings that `text` writes."""
        return cls(tuple(_tokens(text)))

    def _rank(self, offer: str) -> Rank:
        coding = offer.lower()
        members = [(_CODING_ALIASES.get(item, item), weight) for item, weight in self.members]
        rank = _rank_token(members, _CODING_ALIASES.get(coding, coding))
        if coding == "identity" and all(item not in ("identity", "*") for item, _ in members):
            return (0.001, (), 0)
        return rank

    def _checked(self, item: str) -> str:
        return _checked_token(item)


@dataclass(frozen=True, slots=True)
class AcceptLanguage(TextPreferences):
    """The languages that a client's user reads (RFC 9110 section 12.5.4), as ranges of RFC 4647.

    `best_match` answers what servers want to know, from most to least precise: a range that is the tag, one
    that the tag is a case of (`en` asked, `en-GB` offered), one that is a case of the tag (`en-GB` asked,
    `en` offered), and `*`. The schemes of RFC 4647 are there to the letter besides. Tags compare without
    case; ranges are written as RFC 5646 section 2.1.1 does.

    >>> accept = AcceptLanguage.parse("da, en-gb;q=0.8, en;q=0.7")
    >>> accept.best_match(["en-US", "en-GB"]), accept.quality("en-US"), list(accept)
    ('en-GB', 0.7, ['da', 'en-GB', 'en'])
    >>> accept.lookup(["en", "fr"], "fr")
    'en'
    """

    field_name: ClassVar[str] = "Accept-Language"

    @classmethod
    @remembers
    def parse(cls, text: str) -> Self:
        """The language ranges that `text` writes."""
        return cls(
            tuple([(item, weight) for item, _, weight in parse_members(text) if _LANGUAGE_RANGE(item)])
        )

    def basic_filter(self, tags: Iterable[str]) -> list[str]:
        """The tags that a range is equal to or a prefix of, best first (RFC 4647 section 3.3.1)."""
        return self._filter(tags, _matches_basic)

    def extended_filter(self, tags: Iterable[str]) -> list[str]:
        """The tags that have the subtags of a range, `*` standing for any, best first (section 3.3.2)."""
        return self._filter(tags, _matches_extended)

    @overload
    def lookup(self, tags: Iterable[str], default: None = None) -> str | None: ...
    @overload
    def lookup(self, tags: Iterable[str], default: str) -> str: ...
    def lookup(self, tags: Iterable[str], default: str | None = None) -> str | None:
        """The one tag found by cutting the ranges, best first, from their ends (RFC 4647 section 3.4)."""
        offered = {tag.lower(): tag for tag in reversed(list(tags))}
        longest = max((tag.count("-") + 1 for tag in offered), default=0)
        for item in self:
            subtags = item.lower().split("-")[: longest + 1]  # no offer is longer
            while subtags and subtags != ["*"]:
                tag = offered.get("-".join(subtags))
                if tag is not None:
                    return tag
                subtags.pop()
                while len(subtags) > 1 and len(subtags[-1]) == 1:
                    subtags.pop()
        return default

    def _filter(self, tags: Iterable[str], matches: Callable[[str, str], bool]) -> list[str]:
        offered = [tag for tag in tags if tag in self]
        found = {tag: None for item in self for tag in offered if matches(item.lower(), tag.lower())}
        return list(found)

    def _rank(self, offer: str) -> Rank:
        if not self.members:
            return NO_PREFERENCE
        tag = offer.lower()
        return best_rank(
            (precision, weight, -position)
            for position, (item, weight) in enumerate(self.members)
            if (precision := _language_precision(item.lower(), tag))
        )

    def _checked(self, item: str) -> str:
        if not _LANGUAGE_RANGE(item):
            raise ValueError(f"not a language range: {item!r}")
        return _spell_language(item)


def _language_precision(item: str, tag: str) -> tuple[int, ...]:
    """How precisely a range, in lower case, asks for a tag; empty where it does not."""
    if item == tag:
        return (3, 0)
    if item == "*":
        return (0, 0)
    if _matches_extended(item, tag):
        return (2, item.count("-"))
    return (1, tag.count("-")) if item.startswith(tag + "-") else ()


def _matches_basic(item: str, tag: str) -> bool:
    return item in ("*", tag) or tag.startswith(item + "-")


def _matches_extended(item: str, tag: str) -> bool:
    """The matching of RFC 4647 section 3.3.2, step by step."""
    first, *wanted = item.split("-")
    head, *subtags = tag.split("-")
    if first not in ("*", head):
        return False
    rest = iter(subtags)
    for subtag in wanted:
        if subtag == "*":
            continue
        for candidate in rest:
            if candidate == subtag:
                break
            if len(candidate) == 1:  # a singleton begins an extension: nothing is skipped there
                return False
        else:
            return False
    return True


def _spell_language(item: str) -> str:
    """`item` in the usual case: `zh-Hant-TW` (RFC 5646 section 2.1.1)."""
    if "-" not in item:
        return item.lower()
    first, *subtags = item.lower().split("-")
    spelled = [first]
    for subtag in subtags:
        if len(spelled[-1]) == 1 and spelled[-1] != "*":
            spelled.append(subtag)
        elif len(subtag) == 2:
            spelled.append(subtag.upper())
        else:
            spelled.append(subtag.title() if len(subtag) == 4 else subtag)
    return "-".join(spelled)


def _tokens(text: str) -> Iterator[tuple[str, float]]:
    """The members of a list of weighted tokens."""
    return ((item, weight) for item, _, weight in parse_members(text) if is_token(item))


def _checked_token(item: str) -> str:
    if not is_token(item):
        raise ValueError(f"must be a token or *, not {item!r}")
    return item.lower()


def _rank_token(members: Iterable[tuple[str, float]], offer: str) -> Rank:
    """The rank of an offer, in lower case, among tokens and `*`."""
    return best_rank(
        ((int(item != "*"),), weight, -position)
        for position, (item, weight) in enumerate(members)
        if item in (offer, "*")
    )


@lru_cache(maxsize=256)
def _media_type(offer: str) -> MediaType:
    """An offer, which is the server's own and comes again with every request."""
    try:
        return MediaType.parse(offer)
    except MalformedHeader as error:
        raise ValueError(f"not a media type to offer: {offer!r}") from error
