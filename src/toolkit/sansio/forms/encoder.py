r"""The encoder of forms, the decoders' mirror: events in, the bytes of a body out.

Names and file names are written as WHATWG HTML does: in UTF-8, `"`, CR and LF as `%22`, `%0D` and `%0A`,
and nothing else escaped. Other controls cannot be sent, and are refused. Content is sent as it is; what
browsers do to line ends before they encode a form is `normalise_newlines`.

Boundaries: this core has no randomness. `MultipartEncoder()` has a fixed boundary, `choose_boundary`
derives one from the contents it is told, which is in none of them, and a client that streams what it does
not know passes a random one. With each of them, content that holds the delimiter is refused when it is
encoded, even where it is spread over events: no content ever ends its own part.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from toolkit.sansio.errors.base import LimitExceeded, LocalError, MalformedForm, UnsupportedCharset
from toolkit.sansio.fields.parameters import dump_options
from toolkit.sansio.forms.assembly import CHARSET_FIELD
from toolkit.sansio.forms.boundary import check_boundary
from toolkit.sansio.forms.events import Field, FileData, FileEnd, FileStart, disposition
from toolkit.sansio.forms.heads import LABELS, declared_charset, find_charset
from toolkit.sansio.grammar import is_token
from toolkit.sansio.percent import quote_form

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.sansio.forms.events import FormEvent

DEFAULT_BOUNDARY: Final = "----ToolkitFormBoundary-vUq3mZ0nRkXw8TsA"
"""The boundary of an encoder that is not given one: unlikely in any content, and no secret."""

_NEWLINE: Final = re.compile(r"\r\n|\r|\n").sub
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]").search
_LINE: Final = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*").fullmatch
_IMPLIED: Final = frozenset(("content-disposition", "content-type"))


class MultipartEncoder:
    r"""An encoder for one `multipart/form-data` body: `encode` each event, then `finish`.

    Raises `LocalError` for events out of order, for a file whose `FileEnd` has another size, for what
    cannot stand in a header, and for content that holds the delimiter.

    >>> encoder = MultipartEncoder("B")
    >>> encoder.encode(Field("a", b"1")) + encoder.finish()
    b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B--\r\n'
    """

    def __init__(self, boundary: str | None = None) -> None:
        self.boundary = DEFAULT_BOUNDARY if boundary is None else boundary
        try:
            octets = check_boundary(self.boundary, 70)
        except (MalformedForm, LimitExceeded) as error:
            raise LocalError(f"not a boundary: {self.boundary!r}") from error
        self._dashes = b"--" + octets
        self._seam: bytes | None = None  # the end of the content so far of the file that is open
        self._size = 0  # of that content
        self._finished = False
        self._charset = "utf-8"  # of fields that declare none

    @property
    def content_type(self) -> str:
        """The Content-Type of the body, with its boundary."""
        return dump_options("multipart/form-data", {"boundary": self.boundary})

    def encode(self, event: FormEvent) -> bytes:
        """The bytes of an event."""
        if self._finished:
            raise LocalError("the form is finished")
        if isinstance(event, (FileData, FileEnd)):
            return self._content(event)
        if self._seam is not None:
            raise LocalError("the file before is not ended")
        head = self._dashes + b"\r\n" + _head(event, self._charset) + b"\r\n\r\n"
        if isinstance(event, FileStart):
            self._seam = b"\r\n"
            self._size = 0
            return head
        self._check(b"\r\n" + event.value)
        if event.name == CHARSET_FIELD:
            self._charset = _known(event.value.decode("latin-1")) or self._charset
        return head + event.value + b"\r\n"

    def finish(self) -> bytes:
        """The end of the body."""
        if self._finished:
            raise LocalError("the form is finished")
        if self._seam is not None:
            raise LocalError("the file before is not ended")
        self._finished = True
        return self._dashes + b"--\r\n"

    def measure(self, events: Iterable[FormEvent]) -> int:
        """The length of the whole body of these events, in bytes: the Content-Length, ahead of the content.

        The `FileData` of a file may be left out, then the `size` of its `FileEnd` counts.
        """
        probe = MultipartEncoder(self.boundary)
        length = 0
        for event in events:
            if isinstance(event, FileEnd) and not probe._size:
                probe._size = event.size
                length += event.size
            length += len(probe.encode(event))
        return length + len(probe.finish())

    def _content(self, event: FileData | FileEnd) -> bytes:
        """Go on with the file that is open, or end it."""
        if self._seam is None:
            raise LocalError("no file is open")
        if isinstance(event, FileEnd):
            if event.size != self._size:
                raise LocalError(f"the file has {self._size} bytes, and not {event.size}")
            self._seam = None
            return b"\r\n"
        data = event.data
        self._size += len(data)
        # Two searches, so that the content is not copied: over the seam, and in the content itself.
        width = len(self._dashes) + 1  # one less than a delimiter
        seam = self._seam + data[:width]
        self._check(seam)
        self._check(data)
        self._seam = (seam if len(data) < width else data)[-width:]
        return data

    def _check(self, content: bytes) -> None:
        if b"\r\n" + self._dashes in content:
            raise LocalError("the content holds the delimiter: choose another boundary")


def choose_boundary(*contents: bytes) -> str:
    """A boundary that is in none of these contents; the same one for the same contents.

    >>> boundary = choose_boundary(b"one", b"two")
    >>> boundary == choose_boundary(b"one", b"two") != choose_boundary(b"onetwo")
    True
    """
    digest = hashlib.sha256()
    for content in contents:
        digest.update(b"%d:" % len(content))
        digest.update(content)
    while True:
        boundary = "----ToolkitFormBoundary-" + digest.hexdigest()[:32]
        octets = boundary.encode()
        if not any(octets in content for content in contents):
            return boundary
        digest.update(octets)


def encode_urlencoded(pairs: Iterable[tuple[str, str]]) -> bytes:
    """The body of `application/x-www-form-urlencoded` (WHATWG URL section 5.2), in UTF-8.

    >>> encode_urlencoded([("q", "café noir"), ("page", "2")])
    b'q=caf%C3%A9+noir&page=2'
    """
    return "&".join(f"{quote_form(name)}={quote_form(value)}" for name, value in pairs).encode()


def normalise_newlines(text: str) -> str:
    r"""Every line end as CRLF: what browsers do to the names and values of a form, and not to file names.

    >>> normalise_newlines("a\nb\r\nc\rd")
    'a\r\nb\r\nc\r\nd'
    """
    return _NEWLINE("\r\n", text)


def _head(event: Field | FileStart, charset: str) -> bytes:
    """The header lines of a part, without the blank line: those it implies, and others that it has.

    `charset` is that of fields which declare none.
    """
    filename = event.filename if isinstance(event, FileStart) else None
    if _FORBIDDEN(event.name) or (filename and _FORBIDDEN(filename)):
        raise LocalError(f"a name with control characters cannot be sent: {event.name!r}, {filename!r}")
    try:
        headers = event.headers
        content_type = event.content_type if isinstance(event, FileStart) else _type_of(event, charset)
        fields = [(name, value) for name, value in headers.pairs if name.lower() not in _IMPLIED]
        if content_type is not None:
            fields.insert(0, ("Content-Type", content_type))
        lines = [disposition(event.name, filename), *(f"{name}: {value}".encode() for name, value in fields)]
    except UnicodeEncodeError as error:
        raise LocalError(f"a lone surrogate cannot be sent: {error.object!r}") from error
    for name, _ in fields:
        if not is_token(name):
            raise LocalError(f"the name of a header field is a token: {name!r}")
    for line in lines:
        if not _LINE(line):
            raise LocalError(f"a header field with control characters cannot be sent: {line!r}")
    return b"\r\n".join(lines)


def _type_of(field: Field, charset: str) -> str | None:
    """The Content-Type of a field, which says its charset where it is not `charset`; None if it has none."""
    content_type = field.headers.get("content-type")
    if field.name == CHARSET_FIELD:
        return content_type  # it is read before any charset matters
    wanted = _known(field.charset)
    try:
        declared = declared_charset(content_type or "") or charset
    except UnsupportedCharset as error:
        raise LocalError(str(error)) from error
    if wanted == declared:
        return content_type
    if content_type is not None or wanted is None:
        raise LocalError(f"field {field.name!r} in {field.charset!r} has the Content-Type {content_type!r}")
    return f"text/plain; charset={LABELS[wanted]}"


def _known(charset: str) -> str | None:
    """The Python name of a charset that decoders read; None for an empty name."""
    try:
        return find_charset(charset)
    except UnsupportedCharset as error:
        raise LocalError(str(error)) from error
