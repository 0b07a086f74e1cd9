"""Entity tags: ETag, and the lists of If-Match and If-None-Match (RFC 9110 sections 8.8.3 and 13.1).

::

    ETag          = entity-tag
    entity-tag    = [ weak ] opaque-tag
    weak          = %s"W/"
    opaque-tag    = DQUOTE *etagc DQUOTE
    etagc         = %x21 / %x23-7E / obs-text     ; VCHAR except double quotes, plus obs-text
    If-Match      = "*" / #entity-tag
    If-None-Match = "*" / #entity-tag

An opaque tag looks like a quoted string and is none: a backslash in it escapes nothing.

How to make tags is for the application to say. A digest of the content serves well as a strong one, such as
`ETag(hashlib.blake2b(content, digest_size=16).hexdigest())`; hashlib loads OpenSSL, so nothing here does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.grammar import OWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Self

_OPAQUE = re.compile(r"[!#-~\x80-\xff]*").fullmatch
_ETAG = re.compile(r'(W/)?"([!#-~\x80-\xff]*)"').fullmatch

# A member of a list with the commas before it: an entity tag, as its weakness and its quoted text; or else
# whatever there is up to the next comma. Linear, though a tag may hold commas: where a quote opens and no tag
# follows, the pattern has looked as far as the next quote, and goes on behind the next comma. No member in
# between opens a quote, so that no text is looked through a third time.
_MEMBERS = re.compile(r'(?:\A|,)[ \t,]*(?:(W/)?("[!#-~\x80-\xff]*")[ \t]*(?=,|\Z)|[^,]*)').findall


@dataclass(frozen=True, slots=True)
class ETag:
    """An entity tag: `opaque` names one version of a representation, exactly or, if `weak`, nearly.

    `==` is the identity of the values; whether tags match depends on what for, so there are two
    comparisons by name (RFC 9110 section 8.8.3.2). Raises ValueError for characters no tag may have:
    controls, spaces, double quotes, anything above U+00FF.

    >>> str(ETag("v1")), str(ETag("v1", weak=True))
    ('"v1"', 'W/"v1"')
    >>> ETag("v1").matches_weakly(ETag("v1", weak=True)), ETag("v1").matches_strongly(ETag("v1", weak=True))
    (True, False)
    """

    field_name: ClassVar[str] = "ETag"

    opaque: str
    weak: bool = False

    def __post_init__(self) -> None:
        if not _OPAQUE(self.opaque):
            raise ValueError(f"not fit for an entity tag: {self.opaque!r}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The tag that `text` is. Raises MalformedHeader for anything else, such as a tag without quotes.

        >>> ETag.parse('W/"xyzzy"')
        ETag(opaque='xyzzy', weak=True)
        """
        match = _ETAG(text.strip(OWS))
        if match is None:
            raise MalformedHeader(cls.field_name, text, 'an entity tag is "…" or W/"…"')
        return cls(match[2], weak=match[1] is not None)

    def matches_strongly(self, other: ETag) -> bool:
        """Whether both are strong and the same: their representations are equal byte for byte."""
        return not self.weak and not other.weak and self.opaque == other.opaque

    def matches_weakly(self, other: ETag) -> bool:
        """Whether they are the same but for weakness: one representation may stand for the other."""
        return self.opaque == other.opaque

    def __str__(self) -> str:
        return f'W/"{self.opaque}"' if self.weak else f'"{self.opaque}"'


class ETags:
    """The entity tags of an If-Match or If-None-Match; or `any`, written `*`: whatever there is. Immutable.

    Raises ValueError for `any` together with tags.

    >>> tags = ETags([ETag("a"), ETag("b", weak=True)])
    >>> str(tags), tags.match_weakly(ETag("b")), tags.match_strongly(ETag("b"))
    ('"a", W/"b"', True, False)
    >>> str(ETags(any=True))
    '*'
    """

    # PERF: the tags as they are on the wire, ("W/" or "", quoted text), because an answer of 304 needs no
    # more than to find one among them (benchmarks/dates.py::parse If-None-Match and compare).
    __slots__ = ("_any", "_members")

    field_name: ClassVar[str] = "If-None-Match"

    _any: bool
    _members: tuple[tuple[str, str], ...]

    def __init__(self, tags: Iterable[ETag] = (), *, any: bool = False) -> None:  # noqa: A002  # as the RFC reads "*"
        self._any = any
        self._members = tuple(("W/" if tag.weak else "", f'"{tag.opaque}"') for tag in tags)
        if any and self._members:
            raise ValueError("any tag, or some tags: not both")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The tags of `text`; never fails. A member that is no entity tag is left out.

        So a `*` beside others, or a tag without quotes, matches nothing: neither is what the
        grammar allows, and matching too little costs a transfer, matching too much an update.

        >>> [str(tag) for tag in ETags.parse('"a,b", W/"c", d, *')]
        ['"a,b"', 'W/"c"']
        """
        self = cls.__new__(cls)
        self._any = text.strip(OWS) == "*"
        self._members = () if self._any else tuple([member for member in _MEMBERS(text) if member[1]])
        return self

    @property
    def any(self) -> bool:
        """Whether it is `*`, which matches whatever there is."""
        return self._any

    @property
    def tags(self) -> tuple[ETag, ...]:
        """The tags in the order given; none if it is `*`."""
        return tuple(ETag(quoted[1:-1], weak != "") for weak, quoted in self._members)

    def match_strongly(self, etag: ETag) -> bool:
        """Whether one of the tags matches `etag` strongly, or any tag will do: for If-Match."""
        return self._any or (not etag.weak and ("", f'"{etag.opaque}"') in self._members)

    def match_weakly(self, etag: ETag) -> bool:
        """Whether one of the tags matches `etag` weakly, or any tag will do: for If-None-Match."""
        quoted = f'"{etag.opaque}"'
        return self._any or ("", quoted) in self._members or ("W/", quoted) in self._members

    def __iter__(self) -> Iterator[ETag]:
        return iter(self.tags)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ETags):
            return NotImplemented
        return self._members == other._members and self._any == other._any

    def __hash__(self) -> int:
        return hash((self._any, self._members))

    def __str__(self) -> str:
        return "*" if self._any else ", ".join([weak + quoted for weak, quoted in self._members])

    def __repr__(self) -> str:
        return "ETags(any=True)" if self._any else f"ETags({list(self.tags)!r})"
