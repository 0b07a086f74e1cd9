r"""Forwarded: what proxies tell of the requests they received (RFC 7239).

::

    Forwarded         = 1#forwarded-element
    forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
    forwarded-pair    = token "=" ( token / quoted-string )
    node              = nodename [ ":" node-port ]
    nodename          = IPv4address / "[" IPv6address "]" / "unknown" / obfnode
    obfnode           = "_" 1*( ALPHA / DIGIT / "." / "_" / "-" )
    node-port         = 1*5DIGIT / obfport

Anybody can send this field. What of it may be believed is decided in `toolkit.sansio.fields.proxies`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.lists import MAX_MEMBERS
from toolkit.sansio.fields.parameters import Parameters, quote_if_needed, unquote_string
from toolkit.sansio.grammar import is_field_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from typing_extensions import Self

_REGISTERED = ("for", "by", "host", "proto")

# One pair or none, and the separators that end it; a comma among them ends the element, too. A value is a
# token, as the grammar has it, or an address that should have been quoted and often is not.
_PAIR = re.compile(
    r"""[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)="""
    r"""([!#$%&'*+\-.^_`|~0-9A-Za-z:\[\]]+|"[^"\\]*(?:\\.[^"\\]*)*")[ \t]*)?([;,][;, \t]*|\Z)""",
    re.DOTALL,
).match
_NODE = re.compile(
    r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Za-z._\-]+))(?::([0-9]{1,5}|_[0-9A-Za-z._\-]+))?"
    r"|(?=[^:]*:[^:]*:)([0-9A-Fa-f:.]+)"  # IPv6 without brackets
).fullmatch


class Node(NamedTuple):
    """An end of a hop: an address without brackets, `unknown`, or a name that begins with `_`; and a port."""

    name: str
    port: int | None = None


def parse_node(text: str) -> Node | None:
    """The node that `text` names, as in Forwarded and in X-Forwarded-For; None where it names none.

    IPv6 may come without brackets (and then without a port), as X-Forwarded-For has it. A port that is
    itself hidden is left out. Whether the name is an address that exists is not looked into.

    >>> parse_node("[2001:db8::17]:4711"), parse_node("_hidden:_port")
    (Node(name='2001:db8::17', port=4711), Node(name='_hidden', port=None))
    """
    match = _NODE(text)
    if match is None:
        return None
    bracketed, plain, port, bare = match.groups()
    return Node(bracketed or plain or bare, int(port) if port and port[0] != "_" else None)


@dataclass(frozen=True, slots=True)
class ForwardedElement:
    """What one proxy tells: which node sent it the request (`for_`), at which it was (`by`), host and scheme.

    All is text as given, unquoted, or None. Other parameters are in `extensions`. Raises ValueError for
    what cannot be sent.

    >>> str(ForwardedElement("[2001:db8::17]:4711", proto="https"))
    'for="[2001:db8::17]:4711";proto=https'
    """

    for_: str | None = None
    by: str | None = None
    host: str | None = None
    proto: str | None = None
    extensions: Mapping[str, str] = field(default_factory=Parameters)

    def __post_init__(self) -> None:
        extensions = Parameters(self.extensions)
        object.__setattr__(self, "extensions", extensions)
        if not extensions.keys().isdisjoint(_REGISTERED):
            raise ValueError("for, by, host and proto are no extensions")
        pairs = self._pairs()
        if not pairs or not all(map(is_field_value, pairs.values())):
            raise ValueError(f"an element has pairs of names and text, not {pairs!r}")

    def _pairs(self) -> dict[str, str]:
        """All that is told, by the names on the wire."""
        known = {"for": self.for_, "by": self.by, "host": self.host, "proto": self.proto}
        return {name: text for name, text in known.items() if text is not None} | dict(self.extensions)

    def __str__(self) -> str:
        return ";".join(f"{name}={quote_if_needed(text)}" for name, text in self._pairs().items())


@dataclass(frozen=True, slots=True, init=False)
class Forwarded:
    """The elements of a Forwarded field: the first from the proxy next to the client, the last from ours.

    At most 1000, which is more than anybody has proxies: ValueError for more.

    >>> str(Forwarded([ForwardedElement("192.0.2.43"), ForwardedElement("198.51.100.17", proto="http")]))
    'for=192.0.2.43, for=198.51.100.17;proto=http'
    """

    field_name: ClassVar[str] = "Forwarded"

    elements: tuple[ForwardedElement, ...]

    def __init__(self, elements: Iterable[ForwardedElement]) -> None:
        object.__setattr__(self, "elements", tuple(elements))
        if len(self.elements) > MAX_MEMBERS:
            raise ValueError(f"more than {MAX_MEMBERS} elements: nobody has as many proxies")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The elements of `text`. Raises MalformedHeader outside the grammar, and for a repeated parameter.

        Strict, because a quote that a client left open must not swallow what the proxies behind it append;
        lenient in two harmless ways: space around ";", and an address that should be quoted and is not.

        >>> Forwarded.parse("for=192.0.2.43;Proto=http, for=unknown").elements[0]
        ForwardedElement(for_='192.0.2.43', by=None, host=None, proto='http', extensions=Parameters({}))
        """
        if not is_field_value(text):
            raise MalformedHeader(cls.field_name, text, "characters that no field may have")
        elements: list[ForwardedElement] = []
        pairs: dict[str, str] = {}
        place = 0
        separator = ","
        while separator:
            match = _PAIR(text, place)
            if match is None:
                raise MalformedHeader(cls.field_name, text, f"not like for=192.0.2.1;proto=https at {place}")
            spelling, value, separator = match.groups()
            place = match.end()
            if spelling is not None:
                name = spelling.lower()
                if name in pairs:
                    raise MalformedHeader(cls.field_name, text, f"{name} comes twice in one element")
                pairs[name] = unquote_string(value)
            if pairs and ("," in separator or not separator):
                if len(elements) == MAX_MEMBERS:
                    raise MalformedHeader(cls.field_name, text, f"more than {MAX_MEMBERS} elements")
                for_, by, host, proto = [pairs.pop(name, None) for name in _REGISTERED]
                elements.append(ForwardedElement(for_, by, host, proto, pairs))
                pairs = {}
        return cls(elements)

    def __iter__(self) -> Iterator[ForwardedElement]:
        return iter(self.elements)

    def __len__(self) -> int:
        return len(self.elements)

    def __str__(self) -> str:
        return ", ".join(map(str, self.elements))
