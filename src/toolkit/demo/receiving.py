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
from toolkit.sansio.limits import FormLimits
from toolkit.storage import DiscardSink, HashingSink, PathSink

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

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
        self._paths: list[Path] = []

    def _open_sink(self, part: FileStart) -> Sink:
        """Each file goes straight to its place, under a name that is free, and is hashed on its way."""
        if not part.filename:  # a file input that was left empty
            return DiscardSink()
        path = self._store.reserve(part.filename)
        self._paths.append(path)
        number = len(self._paths)
        self._transfer.tell("file", number=number, name=path.name, filename=part.filename, field=part.name)

        def complete(size: int, sha256: str) -> None:
            self._transfer.tell("received", number=number, size=size, sha256=sha256)

        return _ToldSink(PathSink(path, replace=False), complete)

    def _progress(self, received: int, _part: FileStart | None) -> None:
        self._transfer.received = received

    def keep(self, form: FormData) -> None:
        """Take note of the complete form: its files are in their places. This makes the response."""
        fields: list[JSON] = [{"name": name, "value": value} for name, value in form.fields.items(multi=True)]
        files: list[JSON] = []
        uploads = [upload for upload in form.files.values(multi=True) if upload.filename]
        for path, upload in zip(self._paths, uploads, strict=True):
            sha256 = (upload.digest or b"").hex()
            self._store.remember(path, sha256)
            files.append({"name": path.name, "size": upload.size, "sha256": sha256})
        self.response = Response.json({"fields": fields, "files": files}, 201)
        self._transfer.end("stored", fields=fields, files=files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        self._store.release(self._paths)
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


class _ToldSink(HashingSink):
    """A sink that hashes, and tells the size and the digest when it has everything."""

    def __init__(self, sink: Sink, complete: Callable[[int, str], None]) -> None:
        super().__init__(sink, "sha256")
        self._complete = complete
        self._size = 0

    @override
    def write(self, data: bytes, /) -> Awaitable[None]:
        self._size += len(data)
        return super().write(data)

    @override
    def close(self) -> object:
        self._complete(self._size, self.digest.hex())
        return super().close()
