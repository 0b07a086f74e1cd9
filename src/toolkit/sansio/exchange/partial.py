r"""What of a representation a request is answered with: all of it, some ranges, or nothing (RFC 9110).

Preconditions come first (section 13.2.2), then the Range, if it still applies (section 14.2). What is left to
do is reading: a `Selection` lists the pieces to send, in order, each with the bytes that go before it.
Several ranges are parts of `multipart/byteranges` (section 14.6)::

    --boundary CRLF
    Content-Type: text/plain CRLF
    Content-Range: bytes 0-9/100 CRLF
    CRLF
    (10 bytes) CRLF
    --boundary-- CRLF
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from toolkit.sansio.errors.http import PreconditionFailed, RangeNotSatisfiable
from toolkit.sansio.fields.conditions import Verdict, evaluate_preconditions
from toolkit.sansio.fields.dates import format_date
from toolkit.sansio.fields.ranges import ContentRange, select_ranges

if TYPE_CHECKING:
    from datetime import datetime

    from toolkit.sansio.fields.etags import ETag
    from toolkit.sansio.headers import HeadersView

DEFAULT_BOUNDARY: Final = "ToolkitByteRanges-q7Zk2vXw9sTn4bRm"
"""What separates ranges where nothing else is said: unlikely in any content, and no secret."""


class Piece(NamedTuple):
    """Bytes from `start` to before `stop` of the content; `head` is sent before them."""

    head: bytes
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Selection:
    """An answer without its content: status, fields, and which pieces of the content follow; then `tail`."""

    status: int
    fields: tuple[tuple[str, str], ...]
    pieces: tuple[Piece, ...] = ()
    tail: bytes = b""

    @property
    def length(self) -> int:
        """The length of the body, in bytes."""
        return sum(len(head) + stop - start for head, start, stop in self.pieces) + len(self.tail)


@dataclass(frozen=True, slots=True)
class Representation:
    """What is known of some content: its `length` in bytes, its type, and what tells its versions apart.

    `etag` must be strong if a download is to be resumed; `last_modified` is aware.

    >>> from toolkit.sansio.headers import Headers
    >>> selection = Representation(1000).select("GET", Headers({"Range": "bytes=990-"}))
    >>> selection.status, selection.pieces, dict(selection.fields)["Content-Range"]
    (206, (Piece(head=b'', start=990, stop=1000),), 'bytes 990-999/1000')
    """

    length: int
    content_type: str = "application/octet-stream"
    etag: ETag | None = None
    last_modified: datetime | None = None

    def select(self, method: str, headers: HeadersView, *, boundary: str = DEFAULT_BOUNDARY) -> Selection:
        """What of it answers a request: with status 200, 206 or 304.

        `boundary` separates several ranges; the content must not contain it. Raises `PreconditionFailed`
        (412) and `RangeNotSatisfiable` (416).
        """
        verdict = evaluate_preconditions(method, headers, etag=self.etag, last_modified=self.last_modified)
        if verdict is Verdict.PRECONDITION_FAILED:
            raise PreconditionFailed
        if verdict is Verdict.NOT_MODIFIED:
            return Selection(304, self._validators())
        if verdict is Verdict.PROCEED_WITH_RANGE:
            spans = select_ranges(headers.combined("Range") or "", self.length)
            if spans is not None:
                return self._partial(spans, boundary)
        return Selection(200, self._fields(self.length), (Piece(b"", 0, self.length),))

    def _partial(self, spans: tuple[tuple[int, int], ...], boundary: str) -> Selection:
        if not spans:
            raise RangeNotSatisfiable(self.length)
        if len(spans) == 1:
            ((start, stop),) = spans
            line = ("Content-Range", str(ContentRange(start, stop, self.length)))
            return Selection(206, (line, *self._fields(stop - start)), (Piece(b"", start, stop),))
        pieces: list[Piece] = []
        delimiter = f"--{boundary}"
        for start, stop in spans:
            content_range = f"Content-Range: {ContentRange(start, stop, self.length)}"
            head = "\r\n".join([delimiter, f"Content-Type: {self.content_type}", content_range, "", ""])
            pieces.append(Piece(head.encode("latin-1"), start, stop))
            delimiter = f"\r\n--{boundary}"
        whole = Selection(206, (), tuple(pieces), f"{delimiter}--\r\n".encode("latin-1"))
        return replace(whole, fields=self._fields(whole.length, f"multipart/byteranges; boundary={boundary}"))

    def _fields(self, length: int, content_type: str | None = None) -> tuple[tuple[str, str], ...]:
        return (
            ("Content-Type", content_type or self.content_type),
            ("Content-Length", str(length)),
            ("Accept-Ranges", "bytes"),
            *self._validators(),
        )

    def _validators(self) -> tuple[tuple[str, str], ...]:
        etag = () if self.etag is None else (("ETag", str(self.etag)),)
        modified = () if self.last_modified is None else (("Last-Modified", format_date(self.last_modified)),)
        return (*etag, *modified)
