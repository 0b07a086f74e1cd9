r"""Link: typed links from the resource to others (RFC 8288 section 3).

::

    Link       = #link-value
    link-value = "<" URI-Reference ">" *( OWS ";" OWS link-param )
    link-param = token BWS [ "=" BWS ( token / quoted-string ) ]

Read by the algorithm of RFC 8288 appendix B.2, which skips what is malformed and keeps the links around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.lists import MAX_MEMBERS
from toolkit.sansio.fields.parameters import decode_ext_value, encode_ext_value, lower_ascii, quote_if_needed
from toolkit.sansio.grammar import OWS, is_field_value, is_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

# Visible ASCII: what a URI reference is made of is for the URL parser to judge.
_TARGET = re.compile(r"[!-;=?-~]*").fullmatch
# A member of the list with the comma that ends it: target, link-params, and whatever else there is. Of all
# values that open a quote at most one can lack its end (any later one would close it), and nothing else can
# fail: the search is linear.
_MEMBERS = re.compile(
    r'[ \t,]*(<[^<>]*>)?((?:[ \t]*;[^;,=]*(?:=[ \t]*(?:"[^"\\]*(?:\\.[^"\\]*)*"[^;,]*|[^;,]*))?)*)[^,]*,?',
    re.DOTALL,
).findall
# One link-param: name, what spoils it, quoted value, unquoted value.
_PARAMS = re.compile(
    r"[ \t]*;[ \t;]*([!#$%&'*+\-.^_`|~0-9A-Za-z]*)[ \t]*([^;,=]*)"
    r'(?:=[ \t]*(?:"([^"\\]*(?:\\.[^"\\]*)*)"[^;,]*|([^;,]*)))?',
    re.DOTALL,
).finditer
_SURROGATE = re.compile(r"[\ud800-\udfff]").sub
_unescape = re.compile(r"\\(.)", re.DOTALL).sub
_REPEATABLE = "hreflang"


@dataclass(frozen=True, slots=True)
class LinkValue:
    """One link: its target (a URI reference, relative to the request's URL), and its parameters in order.

    Names are in lower case; an empty value is that of a parameter without "=". `hreflang` may come several
    times, every other name once. Raises `ValueError` for a target that is not visible ASCII without `<>`, and
    for parameters that cannot be sent.

    >>> str(LinkValue("/style.css", (("rel", "preload"), ("as", "style"))))
    '</style.css>; rel=preload; as=style'
    """

    target: str
    params: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not _TARGET(self.target):
            raise ValueError(f"the target of a link is a URI reference in ASCII, not {self.target!r}")
        if not self.params:
            return
        params = tuple([(lower_ascii(name), text) for name, text in self.params])
        names = [name for name, _ in params if name != _REPEATABLE]
        if len(names) != len(set(names)):
            raise ValueError(f"only hreflang may come several times: {names!r}")
        for name, text in params:
            if not is_token(name) or name[-1] == "*":
                raise ValueError(f"not the name of a link parameter: {name!r}")
            if name == _REPEATABLE and not is_field_value(text):
                raise ValueError(f"not a language: {text!r}")
            text.encode()
        object.__setattr__(self, "params", params)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first parameter called `name`, or `default`."""
        return next((text for each, text in self.params if each == name.lower()), default)

    @property
    def rel(self) -> tuple[str, ...]:
        """The relation types in lower case, for they compare so (RFC 8288 sections 2.1 and 3.3)."""
        rel = lower_ascii(self.get("rel") or "")
        return tuple([each for each in rel.replace("\t", " ").split(" ") if each])

    @property
    def title(self) -> str | None:
        """A label for people; from `title*` where that was sent."""
        return self.get("title")

    @property
    def anchor(self) -> str | None:
        """The context of the link where it is not the resource itself: a URI reference."""
        return self.get("anchor")

    @property
    def hreflang(self) -> tuple[str, ...]:
        """The languages of the target."""
        return tuple([text for name, text in self.params if name == _REPEATABLE])

    def __str__(self) -> str:
        return f"<{self.target}>" + "".join([_dump_param(name, text) for name, text in self.params])


@dataclass(frozen=True, slots=True)
class Link:
    """The links of a message, in order: at most 1000, which is more than anybody follows, else ValueError.

    >>> link = Link.parse('</page/3>; rel="next last"; title="Third, and last", </>; rel=start')
    >>> [value.target for value in link], link.find("last").title
    (['/page/3', '/'], 'Third, and last')
    >>> str(link)
    '</page/3>; rel="next last"; title="Third, and last", </>; rel=start'
    """

    field_name: ClassVar[str] = "Link"

    values: tuple[LinkValue, ...] = ()

    def __post_init__(self) -> None:
        if len(self.values) > MAX_MEMBERS:
            raise ValueError(f"more than {MAX_MEMBERS} links: nobody follows as many")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The links that `text` writes; members outside the grammar are skipped.

        MalformedHeader is raised for more than 1000 links, and for nothing else.
        Of two parameters with one name the first counts (`hreflang` aside). `name*` that decodes takes the
        place of `name`; one that does not is ignored. An unclosed quoted string ends at the next `;` or `,`.
        """
        values: list[LinkValue] = []
        text = _SURROGATE("\ufffd", text)  # half a character, which nothing can carry and no octet means
        for target, params in _MEMBERS(text):
            if target and _TARGET(target[1:-1]):
                if len(values) == MAX_MEMBERS:
                    raise MalformedHeader(cls.field_name, text, f"more than {MAX_MEMBERS} links")
                values.append(LinkValue(target[1:-1], _parse_params(params)))
        return cls(tuple(values))

    def find(self, rel: str) -> LinkValue | None:
        """The first link of relation type `rel`, or None."""
        return next((value for value in self.values if rel.lower() in value.rel), None)

    def __iter__(self) -> Iterator[LinkValue]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __str__(self) -> str:
        return ", ".join([str(value) for value in self.values])


def _parse_params(text: str) -> tuple[tuple[str, str], ...]:
    """The good ones of the link-params that `text` consists of."""
    params: list[tuple[str, str]] = []
    extended: dict[str, str] = {}
    seen: set[str] = set()
    for match in _PARAMS(text):
        name, spoiled, quoted, plain = match.groups()
        name = name.lower()
        if spoiled or not name:
            continue
        value = (plain or "").rstrip(OWS) if quoted is None else quoted
        if quoted and "\\" in quoted:
            value = _unescape(r"\1", quoted)
        if name[-1] == "*":
            decoded = decode_ext_value(value) if quoted is None else None
            name = name[:-1]
            if decoded is None or not is_token(name) or name == _REPEATABLE or name in extended:
                continue
            extended[name] = value = decoded.text
        elif quoted is None:
            value = value.removeprefix('"')
        if is_field_value(value) if name == _REPEATABLE else name not in seen:
            seen.add(name)
            params.append((name, value))
    return tuple([(name, extended.get(name, value)) for name, value in params])


def _dump_param(name: str, text: str) -> str:
    if not text:
        return f"; {name}"
    if is_field_value(text):
        return f"; {name}={quote_if_needed(text)}"
    return f"; {name}*={encode_ext_value(text)}"
