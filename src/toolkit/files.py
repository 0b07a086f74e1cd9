"""A file as the answer to a request: whole, in part, or not at all, on either protocol.

What lives here: what is known of a real file (`os.fstat`), and the body that sends pieces of it. Which pieces
is decided in the core, `toolkit.sansio.exchange.partial`; how a file is sent, in the adapters.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import TYPE_CHECKING, BinaryIO

from toolkit.sansio.exchange.partial import Representation
from toolkit.sansio.exchange.response import Response
from toolkit.sansio.fields.content_disposition import ContentDisposition
from toolkit.sansio.fields.etags import ETag
from toolkit.sending import file_chunks

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from toolkit.sansio.exchange.partial import Selection
    from toolkit.sansio.exchange.request import Request
    from toolkit.sansio.exchange.response import HeaderSource

__all__ = ["describe", "file_response"]


def file_response(
    request: Request,
    file: BinaryIO,
    *,
    content_type: str = "application/octet-stream",
    filename: str | None = None,
    headers: HeaderSource = (),
) -> Response:
    """The answer to a GET or HEAD of a real `file`, opened in binary mode; it is closed in any case.

    Preconditions and ranges are kept (RFC 9110 sections 13 and 14): the status is 200, 206 or 304;
    `PreconditionFailed` (412) and `RangeNotSatisfiable` (416) are raised. With a `filename`, browsers save
    the file under that name rather than show it.
    """
    try:
        selection = describe(file, content_type).select(request.method, request.headers)
    except BaseException:
        file.close()
        raise
    response = Response(b"", selection.status, selection.fields)
    response.headers.extend(headers)
    if filename is not None and selection.status != 304:
        response.content_disposition = ContentDisposition("attachment", filename=filename)
    if not selection.pieces:
        file.close()
    elif selection.tail:
        response.body = _Pieces(file, selection)
    else:
        # Servers that can send a file by themselves do so, from where it stands.
        file.seek(selection.pieces[0].start)
        response.body = file
    return response


def describe(file: BinaryIO, content_type: str = "application/octet-stream") -> Representation:
    """What is known of a real file. Its tag is made of its inode, size, and time of modification.

    That is a strong tag as long as files are replaced, as the sinks of `toolkit.storage` do, or at least not
    written to twice within the resolution of the clock without changing their size.
    """
    facts = os.fstat(file.fileno())
    return Representation(
        facts.st_size,
        content_type,
        ETag(f"{facts.st_ino:x}-{facts.st_size:x}-{facts.st_mtime_ns:x}"),
        datetime.fromtimestamp(int(facts.st_mtime), timezone.utc),
    )


class _Pieces:
    """Several pieces of a file as a body, each after its head."""

    __slots__ = ("_file", "_steps")

    def __init__(self, file: BinaryIO, selection: Selection) -> None:
        self._file = file
        self._steps = _walk(file, selection)

    def __iter__(self) -> Iterator[bytes]:
        return self._steps

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _walk(file: BinaryIO, selection: Selection) -> Generator[bytes, None, None]:
    for head, start, stop in selection.pieces:
        yield head
        file.seek(start)
        yield from file_chunks(file, stop - start)
    yield selection.tail
