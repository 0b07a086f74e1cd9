"""Security policies of a response: `Content-Security-Policy` (W3C Content Security Policy Level 3).

A policy is data here: directives and their sources, in order. What a directive means is the browser's
business, and none is refused for being unknown. Nonces and hashes come from outside, because there is no
randomness and no hashing in the core::

    serialized-policy    = serialized-directive *( optional-ascii-whitespace ";"
                           [ optional-ascii-whitespace serialized-directive ] )
    serialized-directive = directive-name [ required-ascii-whitespace directive-value ]
    directive-name       = 1*( ALPHA / DIGIT / "-" )
    directive-value      = *( required-ascii-whitespace / ( %x21-%x2B / %x2D-%x3A / %x3C-%x7E ) )
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from toolkit.sansio.errors.base import InvalidHeader, MalformedHeader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Self

_NAME, _SOURCE = r"[0-9A-Za-z-]+", r"[!-+\--:<-~]+"
_is_name = re.compile(_NAME).fullmatch
_is_source = re.compile(_SOURCE).fullmatch
_directives = re.compile(rf"(?:\A|;) ?({_NAME})((?: {_SOURCE})*) ?(?=;|\Z)").findall
# base64-value = 1*( ALPHA / DIGIT / "+" / "/" / "-" / "_" )*2( "=" )
_is_base64 = re.compile(r"[0-9A-Za-z+/_-]+={0,2}").fullmatch
_spaced = re.compile(r"[ \t\n\f\r]+").sub

_DIGEST_SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}


def nonce_source(nonce: str) -> str:
    """The source that allows elements with this nonce: base64 text, new and unguessable in each response.

    >>> nonce_source("Nc3n83cnSAd3wc3Sasdfn939hc3")
    "'nonce-Nc3n83cnSAd3wc3Sasdfn939hc3'"
    """
    if not _is_base64(nonce):
        raise InvalidHeader(ContentSecurityPolicy.field_name, nonce, "a nonce is base64 text")
    return f"'nonce-{nonce}'"


def hash_source(algorithm: Literal["sha256", "sha384", "sha512"], digest: bytes) -> str:
    """The source that allows the inline element, or external script, with this digest.

    >>> from hashlib import sha256
    >>> hash_source("sha256", sha256(b"alert('Hello, world.');").digest())
    "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
    """
    if len(digest) != _DIGEST_SIZES.get(algorithm):
        raise ValueError(f"{len(digest)} bytes are not a digest of {algorithm}")
    return f"'{algorithm}-{b2a_base64(digest, newline=False).decode('ascii')}'"


@dataclass(frozen=True, slots=True, init=False)
class ContentSecurityPolicy:
    """One policy: directives in order, each a name in lower case and a tuple of sources.

    Made of a mapping or of pairs. A second directive of the same name is refused, because browsers
    would ignore it; so is a name or a source outside the grammar (`InvalidHeader`).

    >>> policy = ContentSecurityPolicy({"default-src": ["'self'"], "img-src": ["'self'", "data:"]})
    >>> str(policy.extend("img-src", "https://img.example").replace("upgrade-insecure-requests"))
    "default-src 'self'; img-src 'self' data: https://img.example; upgrade-insecure-requests"
    >>> policy["img-src"], policy.get("script-src"), "default-src" in policy
    (("'self'", 'data:'), None, True)
    """

    field_name: ClassVar[str] = "Content-Security-Policy"

    directives: tuple[tuple[str, tuple[str, ...]], ...]

    def __init__(
        self, directives: Mapping[str, Iterable[str]] | Iterable[tuple[str, Iterable[str]]] = ()
    ) -> None:
        items = (
            cast("Mapping[str, Iterable[str]]", directives).items()
            if isinstance(directives, Mapping)
            else directives
        )
        checked: dict[str, tuple[str, ...]] = {}
        for name, sources in items:
            key, value = name.lower(), _sources(sources)
            if not _is_name(name):
                raise InvalidHeader(self.field_name, name, "a directive's name is letters, digits and '-'")
            if key in checked:
                raise InvalidHeader(self.field_name, name, "browsers ignore a second directive of one name")
            for source in value:
                if not _is_source(source):
                    reason = "a source is visible ASCII without ',' and ';'"
                    raise InvalidHeader(self.field_name, source, reason)
            checked[key] = value
        object.__setattr__(self, "directives", tuple(checked.items()))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The policy that a browser takes from `text` (CSP3 section 2.2.1).

        A directive whose name came before, or that is outside the grammar, is ignored. Raises
        `MalformedHeader` for a comma, which parts policies: `parse_list` takes several.

        >>> str(ContentSecurityPolicy.parse("SCRIPT-SRC 'none' ; ;img-src  * ;script-src *"))
        "script-src 'none'; img-src *"
        """
        if "," in text:
            raise MalformedHeader(cls.field_name, text, "a comma parts policies; one is expected here")
        return cls._read(_spaced(" ", text))

    @classmethod
    def parse_list(cls, text: str) -> tuple[Self, ...]:
        """The policies of one or several field lines, all of which hold; without empty and repeated ones.

        >>> [str(policy) for policy in ContentSecurityPolicy.parse_list("img-src *, , default-src 'self'")]
        ['img-src *', "default-src 'self'"]
        """
        members = [policy.strip(" ") for policy in _spaced(" ", text).split(",")]
        policies = [cls._read(policy) for policy in dict.fromkeys(members)]
        return tuple([policy for policy in policies if policy.directives])

    @classmethod
    def _read(cls, text: str) -> Self:
        """The policy of a text in which every run of whitespace is one space."""
        found: dict[str, tuple[str, ...]] = {}
        for spelling, sources in _directives(text):
            name = spelling.lower()
            if name not in found:
                found[name] = tuple(sources.split())
        policy = cls.__new__(cls)  # `__init__` would check it all again
        object.__setattr__(policy, "directives", tuple(found.items()))
        return policy

    def __str__(self) -> str:
        return "; ".join([" ".join((name, *sources)) for name, sources in self.directives])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self.directives)!r})"

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __getitem__(self, name: str) -> tuple[str, ...]:
        sources = self.get(name)
        if sources is None:
            raise KeyError(name)
        return sources

    def get(self, name: str) -> tuple[str, ...] | None:
        """The sources of a directive, None where the policy does not have it."""
        return dict(self.directives).get(name.lower())

    def replace(self, name: str, *sources: str) -> Self:
        """The policy with this directive in place of the one of the same name, or at the end."""
        return type(self)({**dict(self.directives), name.lower(): sources})

    def extend(self, name: str, *sources: str) -> Self:
        """The policy with these sources added to a directive, which is made where it is missing.

        `'none'` goes, as it must stand alone; a source that is there already is not added.
        """
        kept = [source for source in self.get(name) or () if source.lower() != "'none'"]
        return self.replace(name, *dict.fromkeys((*kept, *sources)))

    def without(self, name: str) -> Self:
        """The policy without a directive."""
        return type(self)([item for item in self.directives if item[0] != name.lower()])


def _sources(sources: Iterable[str]) -> tuple[str, ...]:
    """The sources as a tuple; a text, which is an iterable of letters, is a mistake."""
    if isinstance(sources, str):
        raise TypeError(f"a directive has a list of sources, not the text {sources!r}")
    return tuple(sources)
