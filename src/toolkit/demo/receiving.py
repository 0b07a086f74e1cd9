"""One upload on its way: where its files go while they arrive, and what becomes of it in the end.

Nothing here reads the request. An adapter does, awaiting or not, and this is what it needs to know::

    with receiving:
        form = request.form(**receiving.options)     # or: await …
        receiving.keep(form)
    return receiving.response
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final, TypedDict

from typing_extensions import override

from toolkit.sansio.errors.http import Conflict, InsufficientStorage
from toolkit.sansio.exchange.response import Response
from toolkit.sansio.fields.content_disposition import safe_filename
from toolkit.sansio.limits import FormLimits
from toolkit.storage import DiscardSink, HashingSink, PathSink

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from typing_extensions import Self

    from toolkit.demo.progress import Transfer
    from toolkit.demo.store import Store
    from toolkit.sansio.exchange.content import JSON
    from toolkit.sansio.forms.data import FormData
    from toolkit.sansio.forms.events import FileStart
    from toolkit.sansio.forms.sinks import OpenSink, Sink

GiB: Final = 1024**3

LIMITS: Final = FormLimits(max_body=64 * GiB)
"""What an upload may hold. Its files stream to the disk, so there may be much of them; what is kept in memory
(fields, names) is limited as ever."""

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Options(TypedDict):
    """The arguments of `request.form`."""

    limits: FormLimits
    open_sink: OpenSink
    progress: Callable[[int, FileStart | None], object]


class Receiving:
    """An upload into a `store`, which its `transfer` tells of.

    As a context manager it ends the transfer, well or not. A full disk becomes `InsufficientStorage` (507), a
    name that another process took meanwhile `Conflict` (409). What had come by then has left no file: the
    sinks see to that.
    """

    def __init__(self, store: Store, transfer: Transfer) -> None:
        self.options: Options = {"limits": LIMITS, "open_sink": self._open_sink, "progress": self._progress}
        self.response = Response()
        self._store = store
        self._transfer = transfer
        self._files: list[_Arriving] = []

    def _open_sink(self, part: FileStart) -> Sink:
        """Each file goes straight to its place, hashed on its way, and has no name until all is well."""
        if not part.filename:  # a file input that was left empty
            return DiscardSink()
        file = _Arriving(len(self._files) + 1, part, self._store, self._transfer)
        self._files.append(file)
        return file

    def _progress(self, received: int, _part: FileStart | None) -> None:
        self._transfer.received = received

    def keep(self, form: FormData) -> None:
        """Take note of the complete form: its files are in their places. This makes the response."""
        fields: list[JSON] = [{"name": name, "value": value} for name, value in form.fields.items(multi=True)]
        files: list[JSON] = [
            {"name": file.path.name, "size": file.size, "sha256": file.digest.hex()} for file in self._files
        ]
        for file in self._files:
            self._store.remember(file.path, file.digest.hex())
        self.response = Response.json({"fields": fields, "files": files}, 201)
        self._transfer.end("stored", fields=fields, files=files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if error is None:
            return
        if isinstance(error, OSError) and error.errno in _FULL:
            told: BaseException = InsufficientStorage("The disk is full.")
        elif isinstance(error, FileExistsError):
            told = Conflict("A file of this name has appeared meanwhile: try again.")
        else:
            told = error
        if not self._transfer.over:
            status: int = getattr(told, "status", 500)
            reason = str(told) if hasattr(told, "status") else "The upload was broken off."
            self._transfer.end("failed", status=status, reason=reason)
        if told is not error:
            raise told from error


class _Arriving(HashingSink):
    """A file on its way into the store, which is hashed, and tells when it begins and when it has come."""

    def __init__(self, number: int, part: FileStart, store: Store, transfer: Transfer) -> None:
        name = safe_filename(part.filename, max_bytes=180)  # which leaves room for a number
        self._file = PathSink(store.directory / name, replace=False)
        super().__init__(self._file, "sha256")
        self.size = 0
        self.path = store.directory / name
        self._number = number
        self._store = store
        self._tell = transfer.tell
        self._tell("file", number=number, name=name, field=part.name)

    @override
    def write(self, data: bytes, /) -> Awaitable[None]:
        self.size += len(data)
        return super().write(data)

    @override
    def close(self) -> object:
        self._tell("received", number=self._number, size=self.size, sha256=self.digest.hex())
        return super().close()

    def commit(self) -> None:
        """The whole form is good: give the file its name."""
        self.path = self._store.publish(self._file)
