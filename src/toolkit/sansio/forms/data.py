"""What a form is once it is complete: an ordered multi-dictionary of text and uploads.

Nothing here opens, reads or writes a file, except by asking the sink that took it (`toolkit.storage` has
some; see `toolkit.sansio.forms.sinks` for what a sink is).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from typing_extensions import override

from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.fields.content_disposition import safe_filename
from toolkit.sansio.multidict import ImmutableMultiDict

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from toolkit.sansio.forms.events import FileStart, PartHeaders
    from toolkit.sansio.forms.sinks import Sink

__all__ = ["FormData", "FormValue", "Upload"]


class Upload:
    """One file of a form, complete: what the client said of it, its `size` in bytes, its `sink`.

    `sink` is what `open_sink` gave; it has taken the content. `headers` are those of the part; `filename`
    and `content_type` are claims of the client. An upload is true unless its file input was left empty:
    browsers send that as a file without name and content.

    `open`, `read` and `save` need a sink that can give back what it took, as those of `toolkit.storage`
    can; they raise `LocalError` for others. So they do when `close` has freed the content.
    """

    __slots__ = ("_start", "sink", "size")

    def __init__(self, start: FileStart, sink: Sink, size: int) -> None:
        self._start = start
        self.sink = sink
        self.size = size

    @property
    def name(self) -> str:
        """The name of the form's control."""
        return self._start.name

    @property
    def filename(self) -> str:
        """The file's name on the client, as sent: never a path to open. See `safe_filename`."""
        return self._start.filename

    @property
    def safe_filename(self) -> str:
        """The last segment of `filename`, fit for any file system."""
        return safe_filename(self._start.filename)

    @property
    def content_type(self) -> str:
        """The media type that the client gave; `application/octet-stream` if it gave none."""
        return self._start.content_type

    @property
    def headers(self) -> PartHeaders:
        """The header fields of the part."""
        return self._start.headers

    @property
    def digest(self) -> bytes | None:
        """The digest of the content if the sink made one (`toolkit.storage.HashingSink`), else None."""
        digest: object = getattr(self.sink, "digest", None)
        return digest if isinstance(digest, bytes) else None

    def open(self) -> BinaryIO:
        """A new reader of the content, at its start; the caller closes it.

        Readers are independent of each other, and survive `close`.
        """
        opener: Callable[[], BinaryIO] | None = getattr(self.sink, "open", None)
        if opener is None:
            raise self._cannot("open")
        return opener()

    def read(self) -> bytes:
        """The content, whole, in memory."""
        with self.open() as file:
            return file.read()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Put the content at `path`, all or nothing; a file that is there already is replaced."""
        saver: Callable[[str | os.PathLike[str]], object] | None = getattr(self.sink, "save", None)
        if saver is None:
            raise self._cannot("save")
        saver(path)

    def close(self) -> None:
        """Free what backs the content: memory, a temporary file. What was saved stays. Does no harm twice."""
        release: Callable[[], object] | None = getattr(self.sink, "release", None)
        if release is not None:
            release()

    def _cannot(self, method: str) -> LocalError:
        kind = type(self.sink).__name__
        return LocalError(f"upload {self.name!r} went into a {kind}, which has no {method}()")

    def __bool__(self) -> bool:
        return bool(self._start.filename or self.size)

    @override
    def __repr__(self) -> str:
        return f"<Upload {self.name!r}: {self.filename!r}, {self.content_type}, {self.size} bytes>"


FormValue: TypeAlias = str | Upload
"""What a form holds under a name."""


class FormData(ImmutableMultiDict[str, FormValue]):
    """A complete form: an ordered multi-dictionary of name to `str` or `Upload`, in the order received.

    Text is decoded in the charset that the form declared (UTF-8, if none); bytes outside it are U+FFFD.
    It closes its uploads when it is used as a context manager.

    >>> form = FormData([("tag", "a"), ("city", "Zürich"), ("tag", "b")])
    >>> form["city"], form.getlist("tag"), form.files
    ('Zürich', ['a', 'b'], ImmutableMultiDict([]))
    """

    __slots__ = ()

    @property
    def fields(self) -> ImmutableMultiDict[str, str]:
        """Only the fields that are text."""
        return ImmutableMultiDict[str, str].adopt(
            [(name, value) for name, value in self._pairs if isinstance(value, str)]
        )

    @property
    def files(self) -> ImmutableMultiDict[str, Upload]:
        """Only the uploads, with those of empty file inputs, which are false."""
        return ImmutableMultiDict[str, Upload].adopt(
            [(name, value) for name, value in self._pairs if isinstance(value, Upload)]
        )

    def close(self) -> None:
        """Close every upload, the last first; the first error is raised when all have been closed."""
        failed: Exception | None = None
        for _, value in reversed(self._pairs):
            if isinstance(value, Upload):
                try:
                    value.close()
                except Exception as error:  # noqa: BLE001  # the other uploads must be closed, too
                    failed = failed or error
        if failed is not None:
            raise failed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
