"""The content of a request: in one piece, in chunks, or with a script of what goes wrong on the way.

What a caller may give (`content=`, `json=`, `form=`, `files=`) becomes a `Body` and the header lines that
go with it. How a body is delivered, and where it ends, is decided by `Delivery`, for both protocols.
"""

from __future__ import annotations

import json as json_codec
from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from toolkit.sansio.forms.encoder import MultipartEncoder, choose_boundary, encode_urlencoded
from toolkit.sansio.forms.events import DEFAULT_CONTENT_TYPE, Field, FileData, FileEnd, FileStart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.sansio.exchange.content import JSON


class Readable(Protocol):
    """A file that is open for reading; text is sent as UTF-8."""

    def read(self) -> bytes | str:
        """All of it."""
        ...


Chunks: TypeAlias = "Iterable[bytes] | AsyncIterable[bytes]"
"""Content in chunks. What can be iterated only once can be sent only once. An asynchronous iterable is for
ASGI applications."""

FormValues: TypeAlias = "Mapping[str, str | Iterable[str]] | Iterable[tuple[str, str]]"
"""Names with a value, or several, each; or pairs."""

File: TypeAlias = (
    "bytes | str | Readable | tuple[str, bytes | str | Readable] | tuple[str, bytes | str | Readable, str]"
)
"""A file to upload: its content alone, or with its file name, or with its file name and content type."""

Files: TypeAlias = "Mapping[str, File | list[File]] | Iterable[tuple[str, File]]"
"""Names with a file, or a list of files, each; or pairs."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The client stops sending before the end of its request.

    An ASGI application receives `http.disconnect`. A WSGI application reads less than Content-Length says;
    or, when the content is chunked, its read raises `ClientDisconnected`. With `reads_answer` the client
    still takes what the application answers, as one does that has only shut its sending side; without, it
    has gone: sending raises `ClientDisconnected` (an OSError), and there is no response.
    """

    reads_answer: bool = True


ENDS_SENDING = Disconnect()


@dataclass(frozen=True, slots=True)
class Body:
    """The content of a request as it is to be delivered, and what then happens.

    An ASGI application receives one message for each chunk. A WSGI application reads what it asks for, as
    from a file, unless `short_reads`: then no read gives more than what is left of one chunk, as from some
    servers. After the last chunk comes the end; or `then`, a `Disconnect` or an exception that is raised
    where the application reads on. Chunks that raise `ClientDisconnected` are a `Disconnect()`, too.

    A body has no Content-Length but the one that is given in the headers, and is chunked without one. The
    client goes away when a body is shorter than that, and what is longer is not delivered, for in HTTP it
    would not belong to the request.
    """

    chunks: Chunks = ()
    then: Disconnect | BaseException | None = None
    short_reads: bool = False

    @property
    def is_replayable(self) -> bool:
        """Whether it can be sent again."""
        return not hasattr(self.chunks, "__next__") and not hasattr(self.chunks, "__anext__")


Content: TypeAlias = "bytes | bytearray | memoryview | str | Chunks | Body"
"""What may be sent as it is: bytes, text (as UTF-8), chunks, or a script."""


class Delivery:
    """How far a body has been delivered to an application: a pure account, in bytes."""

    __slots__ = ("_left", "ended")

    def __init__(self, declared: int | None) -> None:
        self._left = declared
        self.ended = declared == 0

    def take(self, chunk: bytes) -> bytes:
        """The part of a chunk that is delivered; `ended` says whether it was the last."""
        if self._left is not None:
            chunk = chunk[: self._left]
            self._left -= len(chunk)
            self.ended = self._left == 0
        return chunk

    def finish(self, then: Disconnect | BaseException | None) -> Disconnect | None:
        """The chunks are at their end: what happens now, raised if it is an exception; None is the end."""
        if isinstance(then, BaseException):
            raise then
        if then is None and self._left:
            then = Disconnect()
        self.ended = then is None
        return then


Lines: TypeAlias = "list[tuple[str, str]]"

NO_BODY = Body()


def encode_body(
    content: Content | None, json: JSON, form: FormValues | None, files: Files | None
) -> tuple[Body, Lines]:
    """The body that these make, and the header lines that describe it. TypeError for two contents at once.

    >>> encode_body(None, {"a": 1}, None, None)[1]
    [('Content-Type', 'application/json'), ('Content-Length', '7')]
    """
    has_form = form is not None or files is not None
    if (content is not None) + (json is not NO_JSON) + has_form > 1:
        raise TypeError("content, json, and form with files exclude each other")
    if json is not NO_JSON:
        data = json_codec.dumps(json, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        return _whole(data, "application/json")
    if files is not None:
        return _whole(*_multipart(list(_pairs(form or ())), list(_files(files))))
    if form is not None:
        return _whole(encode_urlencoded(_pairs(form)), "application/x-www-form-urlencoded")
    if content is None:
        return NO_BODY, []
    if isinstance(content, str):
        content = content.encode()
    if isinstance(content, (bytes, bytearray, memoryview)):
        return _whole(bytes(content))
    return content if isinstance(content, Body) else Body(content), [("Transfer-Encoding", "chunked")]


class _NoJSON(dict[str, "JSON"]):
    """The absence of JSON, where None is a value of it."""


NO_JSON = _NoJSON()


def _whole(data: bytes, content_type: str | None = None) -> tuple[Body, Lines]:
    lines = [("Content-Length", str(len(data)))]
    if content_type is not None:
        lines.insert(0, ("Content-Type", content_type))
    return Body((data,) if data else ()), lines


def _pairs(form: FormValues) -> Iterator[tuple[str, str]]:
    """The names and values of a form, a name once for each of its values."""
    pairs = cast(
        "Iterable[tuple[str, str | Iterable[str]]]", form.items() if isinstance(form, Mapping) else form
    )
    for name, value in pairs:
        for one in [value] if isinstance(value, str) else value:
            yield name, one


def _files(files: Files) -> Iterator[tuple[str, File]]:
    """The names and files, a name once for each of its files."""
    pairs = cast("object", files.items() if isinstance(files, Mapping) else files)
    for name, value in cast("Iterable[tuple[str, File | list[File]]]", pairs):
        for one in value if isinstance(value, list) else [value]:
            yield name, one


def _multipart(fields: list[tuple[str, str]], files: list[tuple[str, File]]) -> tuple[bytes, str]:
    """The body of fields and files, with a boundary that is in none of them; and its content type."""
    uploads = [(name, *_file(name, file)) for name, file in files]
    encoder = MultipartEncoder(
        choose_boundary(*[value.encode() for _, value in fields], *[data for *_, data in uploads])
    )
    pieces = [encoder.encode(Field(name, value.encode())) for name, value in fields]
    for name, filename, content_type, data in uploads:
        pieces.append(encoder.encode(FileStart(name, filename, content_type)))
        pieces += [encoder.encode(FileData(data)), encoder.encode(FileEnd(len(data)))]
    return b"".join([*pieces, encoder.finish()]), encoder.content_type


def _file(name: str, file: File) -> tuple[str, str, bytes]:
    """The file name, content type and content of a file; a file without a name is called like its field."""
    filename, source, content_type = name, cast("bytes | str | Readable", file), DEFAULT_CONTENT_TYPE
    if isinstance(file, tuple):
        filename, source = file[:2]
        content_type = file[2] if len(file) == 3 else content_type
    data = source if isinstance(source, (bytes, str)) else source.read()
    return filename, content_type, data.encode() if isinstance(data, str) else data
