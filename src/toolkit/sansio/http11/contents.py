"""Readers of content, one for each way to say where it ends (RFC 9112 section 6.3).

`read` takes what it can from the received bytes and returns it: some content, or the trailers, which are the
end, or None when more must come first.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

from toolkit.sansio.errors.base import LimitExceeded, RemoteError
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.checks import check_trailers
from toolkit.sansio.http11.errors import MessageError
from toolkit.sansio.http11.incoming import Bound
from toolkit.sansio.http11.lines import parse_chunk_line, parse_section

if TYPE_CHECKING:
    from toolkit.sansio.http11.incoming import Incoming
    from toolkit.sansio.limits import ConnectionLimits


_BARE_LINE: Final = 18  # 16 digits and CRLF
_ENOUGH: Final = 16 * 1024  # bytes of content that are worth an event of their own


class ContentReader(Protocol):
    """Reads the content of one message."""

    @property
    def remaining(self) -> int | None:
        """How many bytes of content are to come; None when only the end will tell."""
        ...

    def read(self, incoming: Incoming) -> bytes | Headers | None:
        """Content that is not empty; the trailers, at the end; None when more must come first."""
        ...


class LengthReader:
    """Content of a length that was announced, maybe 0."""

    def __init__(self, length: int) -> None:
        self.remaining = length

    def read(self, incoming: Incoming) -> bytes | Headers | None:
        """See `ContentReader`."""
        if not self.remaining:
            return Headers.adopt([])
        data = incoming.take(self.remaining)
        self.remaining -= len(data)
        return data or None


class UntilCloseReader:
    """Content of a response that ends with the connection."""

    remaining = None

    def read(self, incoming: Incoming) -> bytes | Headers | None:
        """See `ContentReader`."""
        return incoming.take(len(incoming)) or (Headers() if incoming.closed else None)


class _At(Enum):
    """Where a chunked reader stands."""

    LINE = "the line of a chunk"
    DATA = "the data of a chunk"
    END = "the CRLF after it"
    TRAILERS = "the trailer section"


class ChunkedReader:
    """Chunked content (RFC 9112 section 7.1). Small chunks that are here come as one piece."""

    remaining = None

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._extensions = Bound("max_chunk_extras", limits.max_chunk_extras, 413, "chunk")
        self._extras = limits.max_chunk_extras  # bytes of extensions and trailers that may still come
        self._at = _At.LINE
        self._left = 0  # bytes of this chunk
        self._total = 0
        self._error: RemoteError | None = None

    def read(self, incoming: Incoming) -> bytes | Headers | None:
        """See `ContentReader`. An error waits until the content before it was returned."""
        if self._error is not None:
            raise self._error
        pieces: list[bytes] = []
        size = 0
        try:
            # PERF: large pieces are not joined, which would copy them (benchmarks/http11.py::upload)
            while self._at is not _At.TRAILERS and size < _ENOUGH:
                piece = self._step(incoming)
                if piece is None:
                    break
                if piece:
                    pieces.append(piece)
                    size += len(piece)
            if self._at is _At.TRAILERS and not pieces:
                return self._trailers(incoming)
        except RemoteError as error:
            if not pieces:
                raise
            self._error = error
        return b"".join(pieces) or None

    def _step(self, incoming: Incoming) -> bytes | None:
        """Go on by one part of a chunk; the content in it, maybe none. None: the part is not whole."""
        if self._at is _At.DATA:
            data = incoming.take(self._left)
            self._left -= len(data)
            if not self._left:
                self._at = _At.END
            return data or None
        if self._at is _At.END:
            if not incoming.starts_with(b"\r\n"):
                if len(incoming) and not (len(incoming) == 1 and incoming.starts_with(b"\r")):
                    raise MessageError("chunk", "its data is longer than its size: a CRLF must follow")
                return None
            incoming.take(2)
            self._at = _At.LINE
        return self._line(incoming)

    def _line(self, incoming: Incoming) -> bytes | None:
        line = incoming.take_line(self._extensions, reach=self._extras + _BARE_LINE)
        if line is None:
            return None
        self._left, extras = parse_chunk_line(line)
        self._extras -= extras
        if self._extras < 0:
            raise self._extensions.exceeded()
        self._total += self._left
        maximum = self._limits.max_body
        if maximum is not None and self._total > maximum:
            raise LimitExceeded("max_body", maximum, self._total)
        self._at = _At.DATA if self._left else _At.TRAILERS
        return b""

    def _trailers(self, incoming: Incoming) -> Headers | None:
        bound = Bound("max_chunk_extras", self._limits.max_chunk_extras, 431, "trailer section")
        text = incoming.take_block(bound, reach=self._extras + 2)
        if text is None:
            return None
        return check_trailers(parse_section(text, "trailer section", max_fields=self._limits.max_fields))
