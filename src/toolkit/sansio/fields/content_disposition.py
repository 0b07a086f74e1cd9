r"""Content-Disposition: how to show a response, and what the part of a form is.

RFC 6266 section 4.1, for responses::

    content-disposition = "Content-Disposition" ":" disposition-type *( ";" disposition-parm )
    disposition-type    = "inline" | "attachment" | disp-ext-type
    disposition-parm    = filename-parm | disp-ext-parm
    filename-parm       = "filename" "=" value | "filename*" "=" ext-value

For the parts of a form (`form-data`) browsers write a dialect of their own (RFC 7578 section 4.2, WHATWG
HTML section 4.10.22.8): always quoted, in the charset of the form, with `%22`, `%0D` and `%0A` for the quote
and the line breaks, and no `filename*`. It is read and written where the type is `form-data`. A `%22` that
is meant literally, which the dialect cannot write, goes out as the quoted-pair `\%` and `22`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.parameters import (
    Parameters,
    dump_options,
    encode_ext_value,
    parse_options,
    parse_parameters,
    quote_if_needed,
)
from toolkit.sansio.grammar import OWS, is_token

if TYPE_CHECKING:
    from typing_extensions import Self

# What the form-data dialect can hold: no control but HTAB, CR, LF.
_FORM_TEXT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*").fullmatch
_FORM_ESCAPED = re.compile(r"\\(.)|(%(?:22|0[AaDd]))", re.DOTALL).sub
# An unescaped Windows path, as `parse_options` knows it, where `\%` may be an escape besides.
_FORM_LEGACY_PATH = re.compile(
    r"(?:[A-Za-z]:(?=\\[^\\])|\\\\)[^\\]*"
    r"""(?:\\(?:["\\]|%(?=22|0[AaDd]))[^\\]*)*\\(?!["\\]|%(?:22|0[AaDd])).""",
    re.DOTALL,
).match
_FORM_UNSAFE = re.compile(r'["\r\n\\]|%(?=22|0[AaDd])').sub
FORM_ESCAPES: Final = {'"': "%22", "\r": "%0D", "\n": "%0A"}
"""What a browser escapes in the name of a part, and how. Nothing else is an escape."""
_FORM_ESCAPE = re.compile("%(22|0[AaDd])").sub  # others write small letters, too
_QUOTED: Final = {**FORM_ESCAPES, "\\": r"\\", "%": r"\%"}

# An ASCII file name that every browser reads as it stands: some decode what looks percent-encoded.
_PLAIN_FILENAME = re.compile(r"(?:[ -$&-~]|%(?![0-9A-Fa-f]{2}))*").fullmatch
_NOT_PRINTABLE_ASCII = re.compile(r"[^ -~]").sub


@dataclass(frozen=True, slots=True)
class ContentDisposition:
    r"""How to show a response (`attachment`, `inline`), or which field of a form a part is (`form-data`).

    `filename` is the name as the peer gave it: pass it through `safe_filename` before it meets a file
    system. `params` are the other parameters. Raises `ValueError` for what cannot be sent: a type or a
    name that is no token, lone surrogates, and in `form-data` controls other than HTAB, CR and LF.

    >>> print(ContentDisposition.for_download("€ rates.txt"))
    attachment; filename="? rates.txt"; filename*=UTF-8''%E2%82%AC%20rates.txt
    >>> ContentDisposition.parse("attachment; filename=rates.txt; filename*=UTF-8''%e2%82%ac.txt")
    ContentDisposition(type='attachment', filename='€.txt', name=None, params=Parameters({}))
    >>> str(ContentDisposition("form-data", name="photo", filename='my "best".jpg'))
    'form-data; name="photo"; filename="my %22best%22.jpg"'
    """

    field_name: ClassVar[str] = "Content-Disposition"

    type: str = "attachment"
    filename: str | None = None
    name: str | None = None
    params: Parameters = field(default_factory=Parameters)

    def __post_init__(self) -> None:
        if not is_token(self.type):
            raise ValueError(f"the type of a disposition is a token, not {self.type!r}")
        object.__setattr__(self, "type", self.type.lower())
        for name in self.params:
            if name in ("filename", "name") or name.endswith("*"):
                raise ValueError(f"{name!r} is not one of the other parameters")
        for text in (self.filename, self.name, *self.params.values()):
            if text is not None:
                self._check(text)

    @classmethod
    def for_download(cls, filename: str, *, inline: bool = False) -> Self:
        """The disposition that offers a response under `filename`, saved or (`inline`) shown.

        Where `filename` is not plain ASCII it is sent twice: with `?` for what ASCII lacks, and as
        `filename*`, which is preferred by all who read it (RFC 6266 section 4.3 and appendix D).
        """
        return cls("inline" if inline else "attachment", filename)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The disposition that `text` writes, parameters read as leniently as by `parse_options`.

        Only a type that is no token, and text that cannot be written again (controls in `form-data`, lone
        surrogates), raise `MalformedHeader`. An extended parameter that does not decode is ignored.
        """
        head, _, rest = text.partition(";")
        if head.strip(OWS).lower() == "form-data" and ("%" in rest or "\\" in rest):
            kind, params = "form-data", parse_parameters(rest, _unquote_form)
        else:
            kind, params = parse_options(text)
        filename, name = params.pop("filename", None), params.pop("name", None)
        others = {name: text for name, text in params.items() if name[-1] != "*"}
        try:
            return cls(kind, filename, name, Parameters(others))
        except ValueError as error:
            raise MalformedHeader(cls.field_name, text, str(error)) from None

    def __str__(self) -> str:
        if self.type == "form-data":
            return "; ".join(["form-data", *self._form_parts()])
        named = {} if self.name is None else {"name": self.name}
        return self.type + _dump_filename(self.filename) + dump_options("", {**named, **self.params})

    def _form_parts(self) -> list[str]:
        """The parameters in the dialect of forms."""
        pairs = [("name", self.name), ("filename", self.filename), *self.params.items()]
        return [
            f'{name}="{_FORM_UNSAFE(lambda match: _QUOTED[match[0]], text)}"'
            for name, text in pairs
            if text is not None
        ]

    def _check(self, text: str) -> None:
        """Raise `ValueError` for text that cannot go on the wire."""
        text.encode()
        if self.type == "form-data" and not _FORM_TEXT(text):
            raise ValueError(f"form-data cannot hold controls: {text!r}")


def safe_filename(name: str, *, default: str = "file", max_bytes: int = 200) -> str:
    r"""A basename made of what a peer called a file: fit for any file system, and never empty.

    It has no path of either system, no controls, invisible or reordering characters, none of `<>:"|?*`, no
    leading dots, no dots or spaces at its end, is no device of Windows (`CON`, `NUL`, `COM1` …), and has at
    most `max_bytes` bytes of UTF-8, of which an extension keeps up to 20. Where nothing is left it is
    `default`. That two names do not become one, and that the extension is harmless, is the caller's care.
    Raises `ValueError` for a `max_bytes` below 32.

    >>> safe_filename("../../etc/.passwd"), safe_filename(r"C:\dir\CON.txt"), safe_filename("..")
    ('passwd', '_CON.txt', 'file')
    >>> safe_filename("été " * 100 + ".tar.gz", max_bytes=32)
    'été été été été été.gz'
    """
    if max_bytes < 32:
        raise ValueError("max_bytes must be 32 or more")
    name = _HIDDEN("", re.split(r"[/\\]", name)[-1])
    name = _FORBIDDEN("_", name).lstrip(". ").rstrip(". ")
    name = _shorten(name, max_bytes)
    if _DEVICE(name):
        name = _shorten("_" + name, max_bytes)
    return name or default


# Controls, lone surrogates, and characters without a width or that turn the direction of what follows.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
).sub
_FORBIDDEN = re.compile(r'[<>:"|?*]').sub
_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]) *(?:\.|\Z)", re.IGNORECASE | re.ASCII
).match


def _shorten(name: str, max_bytes: int) -> str:
    """`name` cut to `max_bytes` bytes between characters, before its extension where that is a short one."""
    if len(name.encode()) <= max_bytes:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = f"{dot}{extension}".encode()
    if not stem or len(tail) > 20:
        stem, tail = name, b""
    room = max_bytes - len(tail)
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + tail.decode()


def _dump_filename(filename: str | None) -> str:
    """The filename parameters of a response, each with its semicolon."""
    if filename is None:
        return ""
    plain = f"; filename={quote_if_needed(_NOT_PRINTABLE_ASCII('?', filename))}"
    return plain if _PLAIN_FILENAME(filename) else f"{plain}; filename*={encode_ext_value(filename)}"


def _unquote_form(quoted: str, name: str) -> str:
    """The inside of a quoted string of the form-data dialect, which may also have the escapes of the RFC."""
    if name == "filename" and _FORM_LEGACY_PATH(quoted):
        return quoted
    return _FORM_ESCAPED(lambda match: match[1] or unescape_form(match[2]), quoted)


def unescape_form(text: str) -> str:
    """The name of a part, of which a browser wrote `text` between quotes.

    >>> unescape_form("a %22b%22 100%25")
    'a "b" 100%25'
    """
    return _FORM_ESCAPE(lambda match: chr(int(match[1], 16)), text) if "%" in text else text


def escape_form(text: str) -> str:
    """The inverse of `unescape_form`, where there is one: a name that has escapes already does not come back.

    >>> escape_form('a "b" 100%')
    'a %22b%22 100%'
    """
    for character, escape in FORM_ESCAPES.items():
        text = text.replace(character, escape)
    return text
