"""Percent-encoding (RFC 3986 section 2): the decoders, and a quoter for each part of a URL.

What lives here: text and bytes in, text and bytes out; nothing knows what a URL is. Two rules hold:

- **Quoters take plain text.** A `%` in it is a percent sign and becomes `%25`, so that `unquote(quoter(text))
  == text` for every text. Text that may hold escapes already goes through `Quoter.requote`, which keeps them.
- **Decoders are UTF-8 and total**, as WHATWG's "percent-decode" and "UTF-8 decode without BOM" are: a `%`
  without two hexadecimal digits stays as it is, bytes that are not UTF-8 become U+FFFD. Who would rather
  refuse such text calls `unquote_strict`.

Everything is in linear time. Lone surrogates, which UTF-8 cannot hold, pass the decoders unchanged; the
quoters raise UnicodeEncodeError (a ValueError) for them.
"""

from __future__ import annotations

import re
import string
from codecs import unicode_escape_decode
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from toolkit.sansio.errors.base import MalformedURL

if TYPE_CHECKING:
    from collections.abc import Mapping

UNRESERVED: Final = string.ascii_lowercase + string.ascii_uppercase + string.digits + "-._~"
"""`unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"` (RFC 3986 section 2.3)."""

SUB_DELIMS: Final = "!$&'()*+,;="
"""`sub-delims = "!" / "$" / "&" / "'" / "(" / ")" / "*" / "+" / "," / ";" / "="` (RFC 3986 section 2.2)."""

PCHAR: Final = UNRESERVED + SUB_DELIMS + ":@"
"""`pchar = unreserved / pct-encoded / sub-delims / ":" / "@"` (RFC 3986 section 3.3), without the escapes."""

# What `normalise_escapes` changes: an escape that has a small letter, or is of an unreserved character.
_UNUSUAL_ESCAPE = re.compile(
    r"%(?:[a-f][0-9A-Fa-f]|[0-9A-F][a-f]|2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)"
)
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ESCAPES_BYTES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


# --------------------------------------------------------------------------------------------------
# Decoders


def unquote(text: str) -> str:
    r"""`text` with its escapes decoded as UTF-8; malformed `%` stay, invalid UTF-8 becomes U+FFFD.

    >>> unquote("caf%C3%A9 100% %ff")
    'café 100% \ufffd'
    """
    if "%" not in text:
        return text
    # PERF: an escape written `\\xC3` is decoded by one C call, six times faster than a loop of ours
    # (benchmarks/query.py::unquote). Backslashes are doubled first, so that only our own are escapes.
    try:
        octets = unicode_escape_decode(text.replace("\\", "\\\\").replace("%", "\\x").encode())[0]
    except UnicodeError:  # a malformed escape, or a lone surrogate
        return _ESCAPES.sub(_decode_run, text)
    return octets.encode("latin-1").decode("utf-8", "replace")


def unquote_form(text: str) -> str:
    """One name or value of `application/x-www-form-urlencoded`: `+` is a space, the rest as in `unquote`.

    >>> unquote_form("1+%2B+1")
    '1 + 1'
    """
    return unquote(text.replace("+", " "))


def unquote_strict(text: str) -> str:
    """`text` with its escapes decoded as UTF-8, and nothing let pass.

    A `%` without two hexadecimal digits, bytes that are not UTF-8, and lone surrogates raise `MalformedURL`.

    >>> unquote_strict("caf%C3%A9")
    'café'
    >>> unquote_strict("100%")
    Traceback (most recent call last):
    toolkit.sansio.errors.base.MalformedURL: a "%" is followed by two hexadecimal digits (received '100%')
    """
    if _LONE_PERCENT.search(text):
        raise MalformedURL(text, 'a "%" is followed by two hexadecimal digits')
    try:
        return unquote_bytes(text.encode()).decode()
    except UnicodeError:
        raise MalformedURL(text, "escapes must be of UTF-8") from None


def unquote_bytes(data: bytes) -> bytes:
    r"""`data` with its escapes decoded; malformed `%` stay. WHATWG: "percent-decode a byte sequence".

    A form in another charset is `unquote_bytes(data.replace(b"+", b" "))`, decoded afterwards.

    >>> unquote_bytes(b"a%00b%zz")
    b'a\x00b%zz'
    """
    if b"%" not in data:
        return data
    try:
        octets = unicode_escape_decode(data.replace(b"\\", b"\\\\").replace(b"%", b"\\x"))[0]
    except UnicodeDecodeError:
        return _ESCAPES_BYTES.sub(_decode_run_bytes, data)
    return octets.encode("latin-1")


def normalise_escapes(text: str) -> str:
    """`text` with its escapes in upper case, and those of unreserved characters decoded.

    Two texts that this makes equal mean the same wherever they stand in a URL (RFC 3986 sections 6.2.2.1
    and 6.2.2.2). A malformed `%` stays.

    >>> normalise_escapes("%7euser/%c3%a9/%2f")
    '~user/%C3%A9/%2F'
    """
    return _UNUSUAL_ESCAPE.sub(_normalise_escape, text) if "%" in text else text


def _decode_run(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "replace")


def _decode_run_bytes(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match[0].replace(b"%", b"").decode("ascii"))


def _normalise_escape(match: re.Match[str]) -> str:
    return _NORMAL_ESCAPES[match[0].upper()]


_ESCAPED = {octet: f"%{octet:02X}" for octet in range(256)}
_NORMAL_ESCAPES = {
    escape: chr(octet) if chr(octet) in UNRESERVED else escape for octet, escape in _ESCAPED.items()
}


# --------------------------------------------------------------------------------------------------
# Quoters


@dataclass(frozen=True, slots=True)
class Quoter:
    """A function that percent-encodes, as UTF-8, every character of a text that is not in `safe`.

    `safe` holds ASCII characters; `%` cannot be one of them (ValueError). With `plus`, a space becomes `+`
    instead of `%20`.

    >>> quote_segment("a/b: 100%")
    'a%2Fb:%20100%25'
    """

    name: str
    safe: str
    plus: bool = False
    # By the octets of UTF-8, taken for code points: what each becomes.
    _quoted: dict[int, str] = field(init=False, repr=False, compare=False)
    _requoted: dict[int, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if (
            not self.safe.isascii()
            or "%" in self.safe
            or (self.plus and not {"+", " "}.isdisjoint(self.safe))
        ):
            raise ValueError(f"quoter {self.name!r}: safe characters are of ASCII, without '%'")
        quoted = _ESCAPED | {ord(character): character for character in self.safe}
        if self.plus:
            quoted[0x20] = "+"
        object.__setattr__(self, "_quoted", quoted)
        object.__setattr__(self, "_requoted", quoted | {0x25: "%"})

    def __call__(self, text: str) -> str:
        """`text`, a plain text, encoded: its `%` are percent signs."""
        # PERF: what needs no quoting, nearly everything, is found out in C (benchmarks/query.py::quote).
        if not text.rstrip(self.safe):
            return text
        return _octets(text).translate(self._quoted)

    def requote(self, text: str) -> str:
        """`text`, in which well-formed escapes may stand already, encoded: those escapes are kept.

        >>> quote_path.requote("/caf%c3%a9/100% sure")
        '/caf%c3%a9/100%25%20sure'
        """
        if not text.rstrip(self.safe):
            return text
        return _octets(_LONE_PERCENT.sub("%25", text)).translate(self._requoted)


def _octets(text: str) -> str:
    """The octets of `text` in UTF-8 as text, a character for each."""
    return text if text.isascii() else text.encode().decode("latin-1")


quote_component: Final = Quoter("component", UNRESERVED)
"""For any place at all: only the unreserved characters stay (RFC 3986 section 2.3). JavaScript's
`encodeURIComponent` leaves `!'()*` as well."""

quote_segment: Final = Quoter("segment", PCHAR)
"""One segment of a path: `segment = *pchar` (RFC 3986 section 3.3); `/` becomes `%2F`."""

quote_path: Final = Quoter("path", PCHAR + "/")
"""A path of several segments: `*( pchar / "/" )` (RFC 3986 section 3.3). WHATWG's "path percent-encode set"
is smaller: browsers leave `[`, `]` and `|` unquoted, which the RFC does not allow."""

quote_query: Final = Quoter("query", PCHAR + "/?")
"""A whole query, whose `&`, `=` and `+` keep their meaning: `query = *( pchar / "/" / "?" )` (RFC 3986
section 3.4). For one name or value use `quote_query_value`, for all of them `build_query`."""

quote_query_value: Final = Quoter("query value", UNRESERVED + "!$()*,;:@/?")
"""One name or value inside a query, a space as `%20`: like `quote_query`, and `&`, `=`, `+` are quoted. So
is `'`, as in WHATWG's "special-query percent-encode set"."""

quote_fragment: Final = Quoter("fragment", PCHAR + "/?")
"""A fragment: `fragment = *( pchar / "/" / "?" )` (RFC 3986 section 3.5)."""

quote_userinfo: Final = Quoter("userinfo", UNRESERVED + SUB_DELIMS)
"""A user name or a password: `userinfo = *( unreserved / pct-encoded / sub-delims / ":" )` (RFC 3986 section
3.2.1) without the `:`, which parts the two."""

quote_form: Final = Quoter("form", UNRESERVED.replace("~", "*"), plus=True)
"""One name or value of `application/x-www-form-urlencoded`, exactly as browsers send it: all but ASCII
alphanumerics and `*-._` is quoted, a space becomes `+` (WHATWG URL section 5.2)."""

quote_reference: Final = Quoter("reference", UNRESERVED + SUB_DELIMS + ":/?#[]@")
"""A whole URL or reference whose delimiters keep their meaning (RFC 3986 section 2.2): what makes a URI of an
IRI, with `requote`."""

QUOTERS: Final[Mapping[str, Quoter]] = MappingProxyType(
    {
        quoter.name: quoter
        for quoter in (
            quote_component,
            quote_segment,
            quote_path,
            quote_query,
            quote_query_value,
            quote_fragment,
            quote_userinfo,
            quote_form,
            quote_reference,
        )
    }
)
"""Every quoter by its name."""
