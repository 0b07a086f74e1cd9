"""Media types: `Content-Type: text/html;charset=utf-8` and the ranges of Accept.

RFC 9110 section 8.3.1::

    media-type = type "/" subtype parameters
    type       = token
    subtype    = token

Read and written by the rules of WHATWG MIME Sniffing (section 4), which say what to make of any text and
agree with the RFC on all that it allows. They are a little stricter than `parse_options`: what follows a
malformed name or value never counts, and whitespace belongs neither before nor after "=".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.lists import MAX_MEMBERS
from toolkit.sansio.fields.memory import remembers
from toolkit.sansio.fields.parameters import Parameters, quote_if_needed
from toolkit.sansio.grammar import is_field_value, is_token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Self

_SPACE = " \t\r\n"

# One parameter: name, the quote that opens its value, inside of the quoted string (whose end may be missing),
# unquoted value. Nothing in it can fail, so that nothing is read twice.
_PARAMETERS = re.compile(
    r';[; \t\r\n]*([^;=]*)(?:=(?:(")([^"\\]*(?:\\.[^"\\]*)*\\?)"?[^;]*|([^;]*)))?', re.DOTALL
).findall
_unescape = re.compile(r"\\(.)", re.DOTALL).sub

# What ends a member of joined Content-Type lines: a comma outside a quoted string. A quoted string whose end
# is missing reaches to the end of the text (Fetch, "get, decode, and split").
_SCANNER = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|(,+)', re.DOTALL).finditer

_NO_PARAMETERS = Parameters()

_JSON = frozenset({"application/json", "text/json"})
_XML = frozenset({"application/xml", "text/xml"})
_FONT = frozenset(
    f"application/{name}"
    for name in (
        "font-cff",
        "font-off",
        "font-sfnt",
        "font-ttf",
        "font-woff",
        "vnd.ms-fontobject",
        "vnd.ms-opentype",
    )
)
_ARCHIVE = frozenset({"application/x-rar-compressed", "application/zip", "application/x-gzip"})
_JAVASCRIPT = frozenset(
    [
        f"{kind}/{lead}{name}script"
        for kind in ("application", "text")
        for lead in ("", "x-")
        for name in ("ecma", "java")
    ]
    + [f"text/javascript1.{minor}" for minor in range(6)]
    + ["text/jscript", "text/livescript"]
)


@dataclass(frozen=True, slots=True, init=False, repr=False)
class MediaType:
    """A media type, or with `*` a media range. Names are in lower case, `params` keep their order.

    Raises `ValueError` for names that are no tokens and for parameters that no quoted string can hold.

    >>> html = MediaType("text", "html", {"charset": "UTF-8"})
    >>> str(html), html.essence, html.charset
    ('text/html;charset=UTF-8', 'text/html', 'utf-8')
    >>> MediaType.parse('Text/HTML; Charset="UTF-8"') == html
    True
    >>> MediaType("text", "*").matches(html)
    True
    """

    field_name: ClassVar[str] = "Content-Type"

    type: str
    subtype: str
    params: Parameters

    def __init__(self, type: str, subtype: str, params: Mapping[str, str] | None = None) -> None:  # noqa: A002  # the RFC's word
        if not is_token(type) or not is_token(subtype):
            raise ValueError(f"a media type is two tokens, not {type!r} and {subtype!r}")
        if params:
            for name, text in params.items():
                if not is_field_value(text):
                    raise ValueError(f"a quoted string cannot hold the parameter {name}={text!r}")
        self._set(type, subtype, params)

    def _set(self, kind: str, subtype: str, params: Mapping[str, str] | None) -> None:
        """Set the parts, which have been checked."""
        put = object.__setattr__
        put(self, "type", kind.lower())
        put(self, "subtype", subtype.lower())
        put(self, "params", Parameters(params) if params else _NO_PARAMETERS)

    @classmethod
    @remembers
    def parse(cls, text: str) -> Self:
        """The media type that `text` writes, by WHATWG MIME Sniffing section 4.4.

        A malformed parameter is ignored, of two with one name the first counts. Raises `MalformedHeader`
        where there are not two tokens with a slash between.
        """
        media_type = cls._read(text)
        if media_type is None:
            raise MalformedHeader(cls.field_name, text, "a media type is type/subtype, two tokens")
        return media_type

    @classmethod
    def _read(cls, text: str) -> Self | None:
        essence, semicolon, _ = text.partition(";")
        kind, slash, subtype = essence.strip(_SPACE).partition("/")
        if not slash or not is_token(kind) or not is_token(subtype):
            return None
        params: dict[str, str] = {}
        if semicolon:
            for name, value in _parse_parameters(text.rstrip(_SPACE), len(essence)):
                params.setdefault(name, value)
        media_type = cls.__new__(cls)
        media_type._set(kind, subtype, params)  # noqa: SLF001  # of this class
        return media_type

    @classmethod
    def extract(cls, text: str) -> Self | None:
        """The media type of a Content-Type that may have come in several lines, joined with commas.

        The last good one counts; it inherits the charset of those before it that have the same essence. None
        where none is good (Fetch standard, "extract a MIME type"). Only the last 1000 are looked at.

        >>> str(MediaType.extract("text/html;charset=gbk, text/html, */*, junk"))
        'text/html;charset=gbk'
        """
        found: Self | None = None
        charset: str | None = None
        for member in _split_lines(text)[-MAX_MEMBERS:]:
            candidate = cls._read(member)
            if candidate is None or candidate.essence == "*/*":
                continue
            if found is None or candidate.essence != found.essence:
                charset = None
            charset = candidate.params.get("charset", charset)
            found = candidate
        if found is None or charset is None or "charset" in found.params:
            return found
        return cls(found.type, found.subtype, {**found.params, "charset": charset})

    def __str__(self) -> str:
        return self.essence + "".join(
            [f";{name}={quote_if_needed(text)}" for name, text in self.params.items()]
        )

    def __repr__(self) -> str:
        params = f", {dict(self.params)!r}" if self.params else ""
        return f"MediaType({self.type!r}, {self.subtype!r}{params})"

    @property
    def essence(self) -> str:
        """`type/subtype`, without parameters."""
        return f"{self.type}/{self.subtype}"

    @property
    def charset(self) -> str | None:
        """The `charset` parameter in lower case (it compares so), or None."""
        charset = self.params.get("charset")
        return None if charset is None else charset.lower()

    @property
    def suffix(self) -> str | None:
        """What follows the last `+` of the subtype (RFC 6839): `xml` for `image/svg+xml`; or None."""
        _, plus, suffix = self.subtype.rpartition("+")
        return suffix if plus else None

    @property
    def specificity(self) -> tuple[int, int]:
        """How narrow a range is: by its wildcards, then its parameters (RFC 9110 section 12.5.1)."""
        width = 0 if self.type == "*" else 1 if self.subtype == "*" else 2
        return (width, 0 if self.params is _NO_PARAMETERS else len(self.params))

    def matches(self, offer: MediaType) -> bool:
        """Whether `offer` is in this range: names agree or are `*`, all parameters are in `offer` too.

        Values of parameters compare without case: hardly any differ only by it, and charsets may.
        """
        if self.type not in ("*", offer.type) or self.subtype not in ("*", offer.subtype):
            return False
        if self.params is _NO_PARAMETERS:
            return True
        theirs = offer.params
        return all(theirs.get(name, "\0").lower() == text.lower() for name, text in self.params.items())

    # The groups of WHATWG MIME Sniffing section 4.6.

    @property
    def is_image(self) -> bool:
        """`image/*`."""
        return self.type == "image"

    @property
    def is_audio_or_video(self) -> bool:
        """`audio/*`, `video/*` and `application/ogg`."""
        return self.type in ("audio", "video") or self.essence == "application/ogg"

    @property
    def is_font(self) -> bool:
        """`font/*` and the older types of fonts."""
        return self.type == "font" or self.essence in _FONT

    @property
    def is_zip(self) -> bool:
        """`application/zip` and `*+zip`."""
        return self.suffix == "zip" or self.essence == "application/zip"

    @property
    def is_archive(self) -> bool:
        """ZIP, gzip and RAR files."""
        return self.essence in _ARCHIVE

    @property
    def is_xml(self) -> bool:
        """`text/xml`, `application/xml` and `*+xml`."""
        return self.suffix == "xml" or self.essence in _XML

    @property
    def is_html(self) -> bool:
        """`text/html`."""
        return self.essence == "text/html"

    @property
    def is_scriptable(self) -> bool:
        """What a browser may run scripts from when it navigates there: XML, HTML and PDF."""
        return self.is_xml or self.is_html or self.essence == "application/pdf"

    @property
    def is_javascript(self) -> bool:
        """`text/javascript` and its fifteen historical names."""
        return self.essence in _JAVASCRIPT

    @property
    def is_json(self) -> bool:
        """`application/json`, `text/json` and `*+json`."""
        return self.suffix == "json" or self.essence in _JSON


def _parse_parameters(text: str, start: int) -> Iterator[tuple[str, str]]:
    """The good parameters of `text` from the semicolon at `start`, in order."""
    for name, quote, quoted, plain in _PARAMETERS(text, start):
        value = _unescape(r"\1", quoted) if "\\" in quoted else quoted or plain.rstrip(_SPACE)
        if (value or quote) and is_token(name) and is_field_value(value):
            yield name.lower(), value


def _split_lines(text: str) -> list[str]:
    """`text` cut at the commas outside quoted strings."""
    members: list[str] = []
    start = 0
    for match in _SCANNER(text):
        if match[1]:
            members.append(text[start : match.start()])
            start = match.end()
    return [*members, text[start:]]
