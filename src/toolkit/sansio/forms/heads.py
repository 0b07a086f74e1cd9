r"""What the head of a part says about a form: its name, its file name, its content type, its charset.

RFC 7578 section 4.2, as WHATWG HTML and two decades of other clients write it::

    Content-Disposition: form-data; name="a"; filename="b"; filename*=UTF-8''b

- Names are UTF-8. Controls and NUL in a header field are refused; CR and LF come escaped.
- `%22`, `%0D` and `%0A` are the quote, CR and LF; no other percent is an escape (WHATWG).
- Where `\"` occurs in a quoted string, the client is of the old kind: `\"` and `\\` are a quote and a
  backslash, and percent means percent. Any other backslash is itself, so that the full paths of
  Internet Explorer arrive whole.
- `filename*` is preferred where it can be decoded (RFC 6266 section 4.3), because its senders put a mangled
  name into `filename`. `name*` is not a name.
- A part with `filename` or `filename*`, even an empty one, is a file. Any other is a field.
- Content-Type says the charset of a field; what else a part says is kept in its headers and ignored
  (RFC 7578 section 4.8).

Reading is the same for both lanes of the decoder. `read_strict` knows the heads that browsers and HTTP
libraries send, and leaves all others to the general lane.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from toolkit.sansio.errors.base import MalformedForm, UnsupportedCharset
from toolkit.sansio.fields.content_disposition import unescape_form
from toolkit.sansio.fields.parameters import decode_ext_value, parse_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_KNOWN: Final = frozenset(
    ("content-disposition", "content-type", "content-length", "content-transfer-encoding")
)
_IDENTITIES: Final = frozenset(("7bit", "8bit", "binary"))
_LENGTH: Final = re.compile("0|[1-9][0-9]{0,18}").fullmatch
_CLEAN: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*").fullmatch
# As browsers write it. It comes first, because a backslash at the end of a name is one here.
_BROWSER: Final = re.compile(r'form-data; name="([^"]*)"(?:; filename="([^"]*)")?').fullmatch
_TYPE: Final = re.compile(r"[^;]*").match
# A quoted string is read with backslash escapes, and where it would never end, without.
_PARAMETER: Final = re.compile(
    r""";[ \t]* (?: ([!#-'*+.^-z|~\-0-9A-Z]+) [ \t]*=[ \t]*
        (?: "((?:[^"\\]|\\.)*)" | "([^"]*)" | ([^;"\s]*) ) )? [ \t]*""",
    re.VERBOSE | re.DOTALL,
).match
_BACKSLASHED: Final = re.compile(r'\\(["\\])').sub
_CHARSETS: Final = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "ascii", "ascii": "ascii",
    "iso-8859-1": "latin-1", "iso8859-1": "latin-1", "latin-1": "latin-1", "latin1": "latin-1",
    "iso-8859-15": "iso8859-15", "iso8859-15": "iso8859-15", "latin-9": "iso8859-15",
    "windows-1252": "cp1252", "cp1252": "cp1252",
}  # fmt: skip


LABELS: Final = {charset: label for label, charset in reversed(_CHARSETS.items())}
"""What the charsets that are read are called on the wire, by their Python names."""


class PartHead(NamedTuple):
    """What the head of a part means for a form."""

    name: str
    filename: str | None
    """The client's file name, unescaped; None for a field."""
    content_type: str
    """The Content-Type field as sent; empty when there was none."""
    charset: str | None
    """The Python name of the charset that a field declares, if it does."""


def read_strict(block: bytes) -> list[tuple[str, str]] | None:
    """The header fields of a block that keeps to the strict grammar, names in lower case; else None.

    Strict: fields of the names that clients send, each once, in any order and case, unfolded, clean.
    """
    try:
        text = block.decode()
    except UnicodeDecodeError:
        return None
    fields: dict[str, str] = {}
    for line in text.split("\r\n"):
        name, colon, value = line.partition(":")
        name = name.lower()
        value = value.lstrip(" \t")
        if not colon or name not in _KNOWN or name in fields or not _CLEAN(value):
            return None
        fields[name] = value.rstrip(" \t")
        if name == "content-length" and not _LENGTH(value):
            return None
    if fields.get("content-transfer-encoding", "7bit").lower() not in _IDENTITIES:
        return None
    return list(fields.items())


def describe(fields: Iterable[tuple[str, str]], *, offset: int, part: int) -> PartHead:
    """What header fields (names in lower case) mean; `offset` and `part` say where they stand.

    Raises `MalformedForm`, or `UnsupportedCharset` for a field in a charset that is not read.
    """
    disposition: str | None = None
    content_type: str | None = None
    for name, value in fields:
        if not _CLEAN(value):
            raise MalformedForm(f"control character in the header field {name}", offset=offset, part=part)
        if name == "content-disposition":
            if disposition is not None:
                raise MalformedForm("two Content-Disposition fields in one part", offset=offset, part=part)
            disposition = value
        elif name == "content-type":
            if content_type is not None:
                raise MalformedForm("two Content-Type fields in one part", offset=offset, part=part)
            content_type = value
    if disposition is None:
        raise MalformedForm("a part without Content-Disposition", offset=offset, part=part)
    try:
        control, filename = read_disposition(disposition)
    except ValueError as error:
        raise MalformedForm(str(error), offset=offset, part=part) from None
    charset = None
    if filename is None and content_type:
        charset = declared_charset(content_type, offset=offset, part=part, name=control)
    return PartHead(control, filename, content_type or "", charset)


def read_disposition(value: str) -> tuple[str, str | None]:
    r"""The name and the file name, if any, of a Content-Disposition field of a form.

    Raises `ValueError`, with the reason.

    >>> read_disposition('form-data; name="photo"; filename="100%25 \\"me\\".png"')
    ('photo', '100%25 "me".png')
    """
    browser = _BROWSER(value)
    if browser:
        name, filename = browser.groups()
        return _unescape(name), None if filename is None else _unescape(filename)
    kind = _TYPE(value)
    position = kind.end() if kind else 0
    if value[:position].strip(" \t").lower() != "form-data":
        raise ValueError("the disposition of a part is not form-data")
    params: dict[str, str] = {}
    while position < len(value):
        match = _PARAMETER(value, position)
        if match is None or value[match.end() : match.end() + 1] not in ("", ";"):
            raise ValueError("Content-Disposition is outside its grammar")
        position = match.end()
        key, escaped, literal, token = match.groups()
        if key is None:
            continue
        key = key.lower()
        if key in params:
            raise ValueError(f"two parameters {key} in one Content-Disposition")
        params[key] = token if token is not None else _unescape(literal if escaped is None else escaped)
    if "name" not in params:
        raise ValueError("a part without a name")
    return params["name"], _filename(params)


def _filename(params: dict[str, str]) -> str | None:
    """The file name that the parameters give: the extended one, if it is good."""
    plain = params.get("filename")
    extended = params.get("filename*")
    if extended is None:
        return plain
    decoded = decode_ext_value(extended)
    if decoded is None:
        if plain is None:
            raise ValueError("filename* is outside its grammar")
        return plain
    if not _CLEAN(decoded.text):
        raise ValueError("control character in filename*")
    return decoded.text


def _unescape(quoted: str) -> str:
    r"""The text between two quotes, without its escapes.

    >>> _unescape("a%22b%0D%0Ac%41"), _unescape('a\\"b\\\\%22'), _unescape("C:\\dir\\file.txt")
    ('a"b\r\nc%41', 'a"b\\%22', 'C:\\dir\\file.txt')
    """
    if '\\"' in quoted:
        return _BACKSLASHED(r"\1", quoted)
    return unescape_form(quoted)


def declared_charset(
    content_type: str, *, offset: int | None = None, part: int | None = None, name: str | None = None
) -> str | None:
    """The Python name of the charset that the Content-Type of a field declares, if it does."""
    if "charset" not in content_type.lower():
        return None
    label = parse_options(content_type)[1].get("charset", "")
    return find_charset(label, offset=offset, part=part, name=name)


def find_charset(
    label: str, *, offset: int | None = None, part: int | None = None, name: str | None = None
) -> str | None:
    """The Python name of a charset that is read; `UnsupportedCharset` for any other.

    None for an empty label, which wherever it stands is as good as none.
    """
    bare = label.strip(" \t").lower()
    charset = _CHARSETS.get(bare)
    if charset is None and bare:
        raise UnsupportedCharset(label, offset=offset, part=part, name=name)
    return charset


def lowered(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Header fields with their names in lower case and their values trimmed."""
    return [(name.lower(), value.strip(" \t")) for name, value in pairs]
