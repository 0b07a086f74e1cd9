"""Where uploads go: the only file of the toolkit that opens files.

What lives here: the sinks that a form collector writes to. `spool`, the default, keeps a file in memory up to
256 KiB and beyond that in a temporary file; `PathSink` makes a file at a path, all or nothing. (Those that
touch no file, `DiscardSink` and `HashingSink`, can be had from here, too.)

Temporary files have no name (`O_TMPFILE`; where the system has no such thing they lose it at once): they
are gone when they are closed, even if the process is killed. Files are opened when something must be
written, and written in aligned blocks gathered from the chunks without a copy, one system call each: faster
than a call for each chunk, because the head of the part moves every chunk to an odd offset
(benchmarks/spooled.py::upload). Needs POSIX: `pread`, `writev`.
"""
# ruff: noqa: PTH108, PTH112, PTH118, PTH120, PTH123  # pathlib adds 8 ms to the import of every adapter

from __future__ import annotations

import errno
import io
import os
from abc import ABC, abstractmethod
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, BinaryIO

from typing_extensions import override

from toolkit.placing import DESCRIPTORS, beside, claim, identity, move, put, take_away
from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.forms.sinks import DiscardSink, HashingSink

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from toolkit.placing import Identity, Path
    from toolkit.sansio.forms.events import FileStart

__all__ = ["MAX_MEMORY", "DiscardSink", "HashingSink", "PathSink", "SpooledSink", "spool"]

MAX_MEMORY = 256 * 1024
"""Bytes of one file that are kept in memory: above it, making a file costs little beside writing it."""

_BLOCK = 256 * 1024
_SMALL = 512  # chunks below it are copied together: a list of them would cost many times their length
_MAX_PIECES = 1024  # IOV_MAX of Linux, macOS and the BSDs
_FLAGS = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_TEMPORARY = "/tmp"  # noqa: S108  # files there have no name that anybody could guess
# Files without a name, which can be given one through their descriptor; 0 where there is no such thing.
_NAMELESS = getattr(os, "O_TMPFILE", 0) if os.path.isdir(DESCRIPTORS) else 0
_NOT_NAMELESS = (errno.EOPNOTSUPP, errno.EISDIR)  # what a file system, or an old kernel, without them answers


def spool(part: FileStart) -> SpooledSink:  # noqa: ARG001  # the signature of every `open_sink`
    """The default `open_sink`: each file in a `SpooledSink` of its own."""
    return SpooledSink()


class _BlockFile(ABC):
    """What sinks that make files share: bytes wait in memory until a block of the file is full.

    `_size` counts what was taken, `_written` what of it is in the file; the difference waits. When `_size`
    exceeds `_limit`, blocks are written.
    """

    # PERF: slots, all set when it is made: what an instance takes from its class is slow to read and to set
    # for the first time (benchmarks/spooled.py::files100).
    __slots__ = ("_descriptor", "_limit", "_size", "_waiting", "_written")

    def __init__(self, max_memory: int) -> None:
        self._waiting: list[bytes | bytearray | memoryview] = []
        self._descriptor = -1
        self._size = self._written = 0
        self._limit = max_memory

    @abstractmethod
    def _open(self) -> int:
        """The descriptor of the file, new."""

    def may_block(self, size: int, /) -> bool:
        """Whether writing `size` bytes, or the next step if it is 0, would use the disk."""
        return self._size + size > self._limit if size else self._descriptor >= 0

    def write(self, data: bytes, /) -> int:
        """Take `data`, all of it."""
        size = len(data)
        waiting = self._waiting
        if size >= _SMALL and type(data) is bytes:
            waiting.append(data)
        elif waiting and type(last := waiting[-1]) is bytearray:
            last += data
        else:
            waiting.append(bytearray(data))
        self._size = taken = self._size + size
        if taken > self._limit:
            self._write_blocks()
        return size

    def _write_blocks(self) -> None:
        """Make the file, if there is none yet, and write the blocks that are full."""
        if self._descriptor < 0:
            self._descriptor = self._open()
        if self._size - self._written >= _BLOCK:
            last = memoryview(self._waiting[-1])
            cut = len(last) - self._size % _BLOCK
            # If the last chunk is too small to be cut there, the end of a block will be found another time.
            rest = last[cut:] if cut > 0 else last[:0]
            self._waiting[-1] = last[: len(last) - len(rest)]
            self._write_out()
            if rest:
                self._waiting = [rest]
                self._written -= len(rest)
        self._limit = self._written + _BLOCK - 1

    def _write_out(self) -> None:
        """Write everything that waits."""
        waiting, self._waiting = self._waiting, []
        self._written = self._size
        _write_all(self._descriptor, waiting)

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        self._waiting = []
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        if self._descriptor >= 0:
            self._close()


class SpooledSink(_BlockFile):
    """A file in memory up to `max_memory` bytes, beyond that in a nameless temporary file in `directory`.

    `directory` is by default that of TMPDIR, else /tmp. The content can be read once the sink is closed; it
    lives until `release`, or until nobody refers to the sink.
    """

    __slots__ = ("_directory", "_linkable")

    def __init__(self, directory: Path | None = None, *, max_memory: int = MAX_MEMORY) -> None:
        # PERF: what the base class would do, without a call (benchmarks/spooled.py::files100).
        self._waiting, self._descriptor = [], -1
        self._size = self._written = 0
        self._limit = max_memory
        self._directory = directory
        self._linkable = False  # whether there is a temporary file that can still be given a name

    @property
    def in_memory(self) -> bool:
        """True as long as there is no temporary file."""
        return self._descriptor < 0

    @override
    def _open(self) -> int:
        descriptor, self._linkable = _open_nameless(self._directory or os.environ.get("TMPDIR", _TEMPORARY))
        return descriptor

    def close(self) -> None:
        """No more bytes will come: from now on the content can be read."""
        if self._descriptor >= 0:
            self._write_out()

    def release(self) -> None:
        """Free memory and temporary file. Readers that are open stay so; does no harm twice."""
        self._size, self._linkable = -1, False
        self._close()

    discard = release

    def open(self) -> BinaryIO:
        """A new reader of the content, independent of others. Raises `LocalError` after `release`."""
        if self._size < 0:
            raise LocalError(
                "the content is gone: read or save an upload before it is closed, or its form is"
            )
        if self._descriptor < 0:
            return io.BytesIO(b"".join(self._waiting))
        return io.BufferedReader(_PositionedReader(os.dup(self._descriptor), self._size))

    def save(self, path: Path) -> None:
        """Put the content at `path`, all or nothing.

        The first time, on the same file system, the temporary file itself gets that name, without a copy.
        """
        if self._linkable:
            try:
                put(self._descriptor, path)
            except OSError:  # another file system, most likely; if not, copying will say what is wrong
                pass
            else:
                self._linkable = False  # a second link would be the same file, not a copy of it
                return
        with self.open() as source:
            _copy(source, path)


class PathSink(_BlockFile):
    """A file that appears at `path`, complete, when the whole form is known to be good; or never.

    With `replace` false a file that is there already is an error (`FileExistsError`, on `commit`). With it,
    the old file stays until all files of the form are committed, and is replaced by `finish`, which who
    commits without a form calls, too. Permissions are those of any new file (the umask). Until then there is
    a nameless file in the same directory, or, where the file system has no such thing, one with a temporary
    name. (Nothing is flushed to the medium: a power failure may lose it.)
    """

    __slots__ = ("_committed", "_hidden", "_identity", "_replace", "path")

    def __init__(self, path: Path, *, replace: bool = True) -> None:
        super().__init__(_BLOCK - 1)
        self._hidden: str | None = None  # the name of the file, if it has one that is not its own
        self._identity: Identity | None = None  # of the file, while it is complete and not final
        self._committed = False  # and not final
        self._replace = replace
        self.path = os.fspath(path)

    @property
    def committed_path(self) -> str:
        """`path` without symbolic links on its way: two files of a form may not have the same."""
        directory, name = os.path.split(self.path)
        return os.path.join(os.path.realpath(directory), name)

    @override
    def may_block(self, size: int, /) -> bool:
        """Whether writing `size` bytes, or the next step if it is 0, would use the disk."""
        return not size or super().may_block(size)

    @override
    def _open(self) -> int:
        directory = os.path.dirname(self.path) or os.curdir
        if (descriptor := _try_nameless(directory)) < 0:
            descriptor, self._hidden = _create_beside(self.path)
        return descriptor

    def close(self) -> None:
        """No more bytes will come. A nameless file stays open, for it would be gone."""
        if self._descriptor < 0:
            self._descriptor = self._open()
        self._write_out()
        self._identity = identity(self._descriptor)
        if self._hidden is not None:
            self._close()

    def commit(self) -> None:
        """Give the file its name if that is free, else one beside it, to replace the old file on `finish`."""
        if self._identity is None or self._committed:
            raise LocalError("a file is committed once, after close()")
        file = self._descriptor if self._hidden is None else self._hidden
        self._hidden = claim(file, self.path, replace=self._replace)
        # A nameless file stays open: as long as it is, no other can get its identity.
        self._committed = True

    def finish(self) -> None:
        """The form is good: the file is final, and replaces what was there before."""
        if not self._committed:
            return
        self._committed, self._identity = False, None
        hidden, self._hidden = self._hidden, None
        if hidden is not None:
            move(hidden, self.path)
        with suppress(OSError):  # everything was written long ago
            self._close()

    def discard(self) -> None:
        """Leave nothing: no descriptor, no temporary file; at `path` is what was there before.

        What somebody else has put there meanwhile stays. After `finish` it does nothing.
        """
        self._committed = False
        ours, self._identity = self._identity, None
        hidden, self._hidden = self._hidden, None
        with ExitStack() as stack:  # the last first
            stack.callback(self._close)
            if ours is not None:
                stack.callback(take_away, self.path, ours)
            if hidden is not None:
                stack.enter_context(suppress(FileNotFoundError))
                stack.callback(os.unlink, hidden)

    @override
    def __del__(self) -> None:
        if self._committed:
            self.finish()
        else:
            self.discard()

    def open(self) -> BinaryIO:
        """A new reader of the file at `path`."""
        return open(self.path, "rb")

    def save(self, path: Path) -> None:
        """Put a copy at another `path`, all or nothing."""
        with self.open() as source:
            _copy(source, path)


class _PositionedReader(io.RawIOBase):
    """A reader of a descriptor of its own with a position of its own, though the file's is shared."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._size = size
        self._position = 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def fileno(self) -> int:
        return self._descriptor

    @override
    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = os.pread(self._descriptor, len(view), self._position)
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    @override
    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._position = base + offset
        return self._position

    @override
    def tell(self) -> int:
        return self._position

    @override
    def close(self) -> None:
        if not self.closed:
            super().close()
            os.close(self._descriptor)


def _write_all(descriptor: int, pieces: list[bytes | bytearray | memoryview]) -> None:
    """Write everything: one system call, unless the system takes less than it was given."""
    if not pieces:
        return
    if len(pieces) > _MAX_PIECES:
        pieces = [b"".join(pieces)]
    count = os.writev(descriptor, pieces)
    rest = memoryview(b"".join(pieces))[count:] if count != sum(map(len, pieces)) else b""
    while rest:
        count = os.write(descriptor, rest)
        if not count:
            raise OSError(errno.EIO, f"{len(rest)} bytes could not be written")
        rest = rest[count:]


def _try_nameless(directory: Path) -> int:
    """The descriptor of a new file in `directory` that has no name, or -1 where that is not possible."""
    if not _NAMELESS:
        return -1
    try:
        return os.open(directory, _FLAGS | _NAMELESS, 0o666)
    except OSError as error:
        if error.errno in _NOT_NAMELESS:
            return -1
        raise


def _open_nameless(directory: Path) -> tuple[int, bool]:
    """The descriptor of a new file without a name, and whether it can still be given one."""
    if (descriptor := _try_nameless(directory)) >= 0:
        return descriptor, True
    descriptor, name = _create_beside(os.path.join(directory, "upload"), 0o600)
    try:
        os.unlink(name)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, False


def _create_beside(path: Path, mode: int = 0o666) -> tuple[int, str]:
    """A new file in the directory of `path`: its descriptor and its name."""
    name = beside(path)
    return os.open(name, _FLAGS | os.O_CREAT | os.O_EXCL, mode), name


def _copy(source: BinaryIO, path: Path) -> None:
    """Put what `source` still has at `path`, all or nothing."""
    sink = PathSink(path)
    try:
        while data := source.read(_BLOCK):
            sink.write(data)
        sink.close()
        sink.commit()
        sink.finish()
    except BaseException:
        sink.discard()
        raise
