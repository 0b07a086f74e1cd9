r"""Parameters and quoted strings: `text/html; charset="utf-8"` and its kin.

RFC 9110 section 5.6::

    parameters      = *( OWS ";" OWS [ parameter ] )
    parameter       = parameter-name "=" parameter-value
    parameter-name  = token
    parameter-value = ( token / quoted-string )
    quoted-string   = DQUOTE *( qdtext / quoted-pair ) DQUOTE
    qdtext          = HTAB / SP / %x21 / %x23-5B / %x5D-7E / obs-text
    quoted-pair     = "\" ( HTAB / SP / VCHAR / obs-text )

RFC 8187 section 3.2: `name*` carries text of any script::

    ext-value     = charset "'" [ language ] "'" value-chars
    value-chars   = *( pct-encoded / attr-char )
    attr-char     = ALPHA / DIGIT / "!" / "#" / "$" / "&" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~"

Reading is lenient and never fails; writing is strict, and refuses with a `ValueError` what may not go on
the wire. Every function is linear in its input.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from toolkit.sansio.grammar import OWS, TCHAR, is_field_value, is_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# One parameter as the grammar has it, but for escapes, semicolons in quotes and `name*`: name, value. It is
# tried where a semicolon stands and reads no further than the next, so the search is linear.
_STRICT = re.compile(
    r""";[ \t]*([!#$%&'+\-.^_`|~0-9A-Za-z]+)=("[^"\\;]*"|[!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?=[ \t]*(?:;|\Z))"""
).findall

# One parameter with the semicolons around it: name, what spoils it, "=", quoted value, unquoted value.
# A quoted string whose end is missing is taken for an unquoted value. Of all values that open a quote at
# most one can lack its end (any later one would close it), and nothing else can fail: the search is linear.
_PARAMETERS = re.compile(
    r"[ \t;]*([!#$%&'*+\-.^_`|~0-9A-Za-z]*)[ \t]*([^;=]*)"
    r'(?:(=)[ \t]*(?:"([^"\\]*(?:\\.[^"\\]*)*)"[^;]*|([^;]*)))?(?:;|\Z)',
    re.DOTALL,
).findall

_unescape = re.compile(r"\\(.)", re.DOTALL).sub

# What a quoted string holds without escapes.
_is_qdtext = re.compile(r"[\t !#-\[\]-~\x80-\xff]*").fullmatch

# The inside of a quoted string that is a path as Internet Explorer sent it, not escaped: it begins as a path
# of Windows does, and some backslash in it escapes neither a quote nor a backslash.
_LEGACY_PATH = re.compile(r'(?:[A-Za-z]:(?=\\[^\\])|\\\\)[^\\]*(?:\\["\\][^\\]*)*\\[^"\\]', re.DOTALL).match

_LANGUAGE = re.compile(r"[0-9A-Za-z\-]*").fullmatch
_ATTR_CHARS = TCHAR - set("*'%")
_ENCODED = [chr(octet) if chr(octet) in _ATTR_CHARS else f"%{octet:02X}" for octet in range(256)]
_HEX = "0123456789ABCDEFabcdef"
_OCTETS = {high + low: bytes([int(high + low, 16)]) for high in _HEX for low in _HEX}
_EXT_CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "iso-8859-1": "latin-1", "us-ascii": "ascii"}

# PERF: parameters as nearly everybody spells them, so that one lookup stands for trimming, lower case and
# the check for a token (benchmarks/options.py::disposition, ::content_type).
_COMMON = ("boundary", "charset", "filename", "name", "q", "type", "version")
_NAMES = {lead + name: name for name in _COMMON for lead in ("", " ")}
_FIRST_OPENERS = {f"{spelling}=": name for spelling, name in _NAMES.items()}
_NEXT_OPENERS = {f";{spelling}=": name for spelling, name in _NAMES.items()}


class ExtValue(NamedTuple):
    """What an ext-value says: its text, and the language it says the text is in, or an empty string."""

    text: str
    language: str = ""


def parse_options(value: str) -> tuple[str, dict[str, str]]:
    r"""The first item of `value` in lower case, and its parameters by lower-case name.

    Meant for what clients really send: any text gives a result, and a malformed parameter is lost
    alone, never with its neighbour.

    - A name that comes twice: the first counts (as in WHATWG MIME Sniffing).
    - Whitespace around `;`, `=` and values, and empty parameters, are skipped.
    - A parameter without `=`, or whose name is not a token, is ignored.
    - An unquoted value extends to the next `;`, whatever is in it (`filename=my file.txt`).
    - A quoted value that is never closed extends to the next `;`, its opening quote removed.
    - What follows a closing quote is skipped up to the next `;`.
    - `\c` in a quoted value is `c`; but in `filename` the backslashes of an unescaped Windows path, as
      Internet Explorer sent it, stay (`"C:\dir\file.txt"`).
    - `name*` that is a good ext-value gives `name`, and is preferred to a plain one (RFC 8187 section 4.2);
      except for a parameter called `name`, where the plain one counts, because form fields are told
      apart by it and `name*` is not read by others. One that does not decode stays as it is, under `name*`.
    - `name*0`, `name*1` (RFC 2231 continuations) are not part of HTTP, and are not joined.

    >>> parse_options('multipart/form-data; boundary="a;b"')
    ('multipart/form-data', {'boundary': 'a;b'})
    >>> parse_options("attachment; filename=rates.txt; filename*=UTF-8''%e2%82%ac%20rates.txt")
    ('attachment', {'filename': '€ rates.txt'})
    >>> parse_options('form-data; name="open; filename = my file.txt;; junk; FILENAME=x')
    ('form-data', {'name': 'open', 'filename': 'my file.txt'})
    """
    # PERF: fast ways, in the order of how common they are, each giving up on anything unusual
    # (benchmarks/options.py); `parse_parameters` alone would do.
    if ";" not in value:
        head = value.strip(OWS)
        return (head.lower() if head.isascii() else head), {}
    head, _, rest = value.partition(";")
    head = head.strip(OWS)
    if head.isascii():
        head = head.lower()
    if '"' not in rest:
        spelling, equals, text = rest.partition("=")
        if equals and spelling in _NAMES and ";" not in text:
            return head, {_NAMES[spelling]: text.strip(OWS)}
    elif "\\" in rest:
        return head, parse_parameters(rest, unquote)
    elif (quoted := _parse_quoted(rest.split('"'))) is not None:
        return head, quoted
    strict: list[tuple[str, str]] = _STRICT(value, value.index(";"))
    if len(strict) <= rest.count(";"):  # not all
        return head, parse_parameters(rest, unquote)
    params: dict[str, str] = {}
    for name, text in strict:
        params.setdefault(name.lower(), text.strip('"'))
    return head, params


def _parse_quoted(pieces: list[str]) -> dict[str, str] | None:
    """The parameters of a text cut at its quotes, all quoted; None when anything else is between."""
    name = _FIRST_OPENERS.get(pieces[0])
    if name is None or pieces[-1]:
        return None
    params = {name: pieces[1]}
    for index in range(2, len(pieces) - 1, 2):
        name = _NEXT_OPENERS.get(pieces[index])
        if name is None or name in params:
            return None
        params[name] = pieces[index + 1]
    return params


def parse_parameters(rest: str, unquote: Callable[[str, str], str]) -> dict[str, str]:
    """The parameters of any text, by the rules of `parse_options`, as it stands after the first `;`.

    `unquote(inside, name)` makes the value of a parameter from the inside of its quoted string, where that
    has a backslash or a percent sign.
    """
    params: dict[str, str] = {}
    extended: dict[str, str] = {}
    for spelling, spoiled, equals, quoted, plain in _PARAMETERS(rest):
        if spoiled or not equals or not spelling:
            continue
        name = spelling.lower()
        if quoted:
            text = unquote(quoted, name) if "\\" in quoted or "%" in quoted else quoted
        elif plain[:1] == '"':  # never closed
            text = unquote(plain[1:].rstrip(OWS), name)
        else:
            text = plain.rstrip(OWS)
            if name[1:].endswith("*") and name not in params and (decoded := decode_ext_value(text)):
                extended.setdefault(name[:-1], decoded.text)
                continue
        params.setdefault(name, text)
    for name, text in extended.items():
        if name != "name" or name not in params:
            params[name] = text
    return params


def unquote(quoted: str, name: str) -> str:
    """The inside of a quoted string without its escapes, as the value of the parameter `name`."""
    # PERF: nearly every escape is that of a quote; so are all when this leaves no backslash, for of two in a
    # row the first stays (benchmarks/options.py::disposition, escaped).
    text = quoted.replace('\\"', '"')
    if "\\" not in text:
        return text
    if name == "filename" and _LEGACY_PATH(quoted):
        return quoted
    return _unescape(r"\1", quoted)


def lower_ascii(text: str) -> str:
    """`text` in lower case where it is ASCII, as all that HTTP compares without case; else as it is."""
    return text.lower() if text.isascii() else text


def dump_options(value: str, params: Mapping[str, str]) -> str:
    """`value` with its parameters, each as a token where it can be one, else as a quoted string.

    Text that a quoted string cannot hold (controls, anything above U+00FF) is written as `name*`. A
    parameter whose own name ends in `*` is taken to be encoded already. For names without `*` this is
    the inverse of `parse_options`. Raises `ValueError` for a value, a name or a text that cannot be sent.

    >>> dump_options("attachment", {"filename": "a file.txt", "size": "12"})
    'attachment; filename="a file.txt"; size=12'
    >>> dump_options("attachment", {"filename": "€.txt"})
    "attachment; filename*=UTF-8''%E2%82%AC.txt"
    """
    if not _can_carry(value):
        raise ValueError(f"not fit to carry parameters: {value!r}")
    written = value
    for name, text in params.items():
        if not _is_name(name):
            raise ValueError(f"the name of a parameter must be a token, not {name!r}")
        # PERF: a token is soon told from what is none, and hardly anything has escapes
        # (benchmarks/options.py::parameters written).
        if text and TCHAR.issuperset(text):
            written += f"; {name}={text}"
        elif name[-1] == "*":
            raise ValueError(f"not an ext-value (RFC 8187): {name}={text!r}")
        elif _is_qdtext(text):
            written += f'; {name}="{text}"'
        elif is_field_value(text):
            written += f"; {name}={quote_string(text)}"
        elif f"{name}*" not in params:
            written += f"; {name}*={encode_ext_value(text)}"
    return written


# PERF: what a server writes before parameters, and calls them, hardly varies
# (benchmarks/options.py::parameters written).
_is_name = lru_cache(maxsize=256)(is_token)


@lru_cache(maxsize=256)
def _can_carry(value: str) -> bool:
    """Whether parameters can stand behind `value`."""
    return is_field_value(value) and ";" not in value


def quote_string(text: str) -> str:
    r"""`text` as a quoted-string. Raises `ValueError` for what none can hold: controls, above U+00FF.

    >>> print(quote_string('a "b" c\\d'))
    "a \"b\" c\\d"
    """
    if not is_field_value(text):
        raise ValueError(f"a quoted string cannot hold {text!r}")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def quote_if_needed(text: str) -> str:
    """`text` itself where it is a token, else as a quoted-string; `ValueError` as `quote_string`.

    >>> quote_if_needed("utf-8"), quote_if_needed("a b"), quote_if_needed("")
    ('utf-8', '"a b"', '""')
    """
    return text if is_token(text) else quote_string(text)


def unquote_string(text: str) -> str:
    r"""What a quoted-string says; any other text unchanged: the inverse of both functions above.

    >>> unquote_string('"a \\"b\\" c"'), unquote_string("token"), unquote_string('"')
    ('a "b" c', 'token', '"')
    """
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    return _unescape(r"\1", text[1:-1])


def encode_ext_value(text: str, language: str = "") -> str:
    """`text` as an ext-value in UTF-8 (RFC 8187 section 3.2); `ValueError` where UTF-8 has none (surrogates).

    >>> encode_ext_value("£ rates", "en")
    "UTF-8'en'%C2%A3%20rates"
    """
    if not _LANGUAGE(language):
        raise ValueError(f"not a language tag: {language!r}")
    octets = text.encode()
    return f"UTF-8'{language}'" + "".join([_ENCODED[octet] for octet in octets])


def decode_ext_value(text: str) -> ExtValue | None:
    """What an ext-value says; None where it is malformed, not of its charset, or of one we do not read.

    UTF-8 (which RFC 8187 requires), ISO-8859-1 (which RFC 5987 did) and US-ASCII are read. Visible
    characters that should have been percent-encoded are taken as they are; broken escapes are not.

    >>> decode_ext_value("iso-8859-1'en'%A3%20rates")
    ExtValue(text='£ rates', language='en')
    >>> decode_ext_value("UTF-8''%E2%82"), decode_ext_value("UTF-8''100%"), decode_ext_value("a'b")
    (None, None, None)
    """
    charset, _, rest = text.partition("'")
    language, quote, chars = rest.partition("'")
    codec = _EXT_CHARSETS.get(charset.lower())
    if codec is None or not quote or not _LANGUAGE(language):
        return None
    if not chars.isascii() or not chars.isprintable():
        return None
    first, *escaped = chars.split("%")
    try:
        octets = first.encode() + b"".join([_OCTETS[run[:2]] + run[2:].encode() for run in escaped])
        return ExtValue(octets.decode(codec), language)
    except (KeyError, UnicodeDecodeError):
        return None


class Parameters(Mapping[str, str]):
    """The parameters of a value: an immutable, hashable mapping of lower-case names to text, in order.

    Looking up ignores case; equality ignores order, for the order of parameters has no meaning. Raises
    `ValueError` for a name that is no token or comes twice.

    >>> params = Parameters({"Charset": "utf-8"})
    >>> params["CHARSET"], params
    ('utf-8', Parameters({'charset': 'utf-8'}))
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, str] | None = None) -> None:
        self._items: dict[str, str] = {}
        for name, text in (items or {}).items():
            if not is_token(name) or (key := name.lower()) in self._items:
                raise ValueError(f"the name of a parameter is a token, and comes once: {name!r}")
            self._items[key] = text

    def __getitem__(self, name: str) -> str:
        return self._items[lower_ascii(name)]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and lower_ascii(name) in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"Parameters({self._items!r})"
