"""Where the bytes of a file go: what a sink is, and how one is served, awaited or not.

What lives here: the `Sink` protocol, the sinks that touch no file, and `PartSink`, which stands between a
driver and the sink of one file and is the same for both kinds of driver. What is done to a sink is written
once, as `Steps`, which are awaited only if some result has to be (see `toolkit.sansio.forms.steps`).

The life of a sink, one row a state::

    state       what is called                 when                               leads to
    OPENING     open_sink() is awaited         before anything else               OPEN
    OPEN        write(data), any number                                           OPEN
    OPEN        close()                        after the last byte of the file    CLOSED
    CLOSED      commit()                       when the whole form is good        COMMITTED
    COMMITTED   finish()                       when all files are committed       FINISHED
    others      close() if OPEN, discard()     when anything fails                FAILED

The `Write` with the last byte closes the sink, too. Where that byte was handed out before the end of the
file was known, to commit and to finish, there is a `Write` without data: one step. States in -ING but for
OPENING stand for a call that has not come back yet.
"""

from __future__ import annotations

import errno
import hashlib
from inspect import iscoroutinefunction
from io import RawIOBase
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast, final

from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.forms.steps import DONE, settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from toolkit.sansio.forms.events import FileStart
    from toolkit.sansio.forms.steps import Steps

__all__ = ["DiscardSink", "HashingSink", "OpenSink", "PartSink", "Sink", "write_fully"]


class Sink(Protocol):
    """Where the bytes of one uploaded file go: any object with `write` and `close`.

    What is demanded:

    - `write(data)` takes bytes. A result that is a number smaller than `len(data)` means that only so many
      were taken, as with a raw file: the rest is written again. Anything else means that all were, but for
      None of an `io.RawIOBase`, which has taken nothing: that is a `BlockingIOError`.
    - `close()` is called exactly once: after the last byte, or when the form has failed.

    What is used where it is there:

    - `commit()`, once, when the *whole* form is known to be good: publish what was written.
    - `finish()`, once, when every file of the form has been committed: forget how that is undone. (Only
      of a sink that has a `commit`. It had better not fail: files that were finished before stay.)
    - `discard()`, once, after `close`, when the form has failed (it may follow `commit`, when that of
      another file failed, but not `finish`): leave nothing behind.
    - `autocommit`, an attribute. True means that `close` publishes and `commit` must not be called, as with
      file objects of fsspec that were not opened with `autocommit=False`. Then a form that fails while the
      file is open calls `discard` *instead of* `close`; a file that is closed is beyond recall. (If `close`
      itself fails, `discard` follows.)
    - `committed_path`, an attribute: where `commit` has put the file. Two files of a form that go to the same
      path are a `FileExistsError`.
    - `may_block(size) -> bool`: whether writing that many bytes, or the next step if it is 0, may wait for a
      disk or a network. An event loop has it done in a worker thread then, and also where the sink does not
      say, unless its `write` is a coroutine function.
    - `open() -> BinaryIO`, `save(path)`, `release()` and `digest` serve the methods of `Upload`.

    All of these that do something may be coroutine functions: a driver that awaits every `Write` awaits them.
    """

    def write(self, data: bytes, /) -> object:
        """Take `data`."""
        ...

    def close(self) -> object:
        """Take note that there are no more bytes."""
        ...


OpenSink: TypeAlias = "Callable[[FileStart], Sink | Awaitable[Sink]]"
"""Decides where a file goes: called once for each file, when its first byte, or its end if it has none, is
received. A chunk may hold many small files: it is called for all of them before any `Write` of that chunk is
carried out, so a sink that opens something had better do that in its first `write`. It may be a coroutine
function. It may raise, which refuses the whole form: an `HTTPError` says with which status."""


def write_fully(sink: Sink, data: bytes) -> Steps:
    """Write all of `data` to `sink`, the rest again as long as it takes less than it is given."""
    return _write_rest(sink, data, sink.write(data))


def _write_rest(sink: Sink, data: bytes, count: object) -> Steps:
    """Write what is left of `data` after a write that gave `count`, which may have to be awaited."""
    count = yield count
    start = 0
    while not _is_all(sink, count, len(data) - start):
        taken = cast("int", count)
        if taken < 1:
            raise OSError(errno.EIO, f"a sink took {start} of {len(data)} bytes and then no more")
        start += taken
        count = yield sink.write(data[start:])


def _is_all(sink: Sink, count: object, size: int) -> bool:
    """Whether a write of `size` bytes that gave `count` took all of them."""
    if count is None and isinstance(sink, RawIOBase):
        raise BlockingIOError(
            errno.EAGAIN, "a raw file that does not block took nothing: use one that does", 0
        )
    return type(count) is not int or count >= size


def _may_block(sink: Sink, size: int) -> bool:
    """What `sink` says of itself, or else what its `write` is like."""
    ask: Callable[[int], bool] | None = getattr(sink, "may_block", None)
    return not iscoroutinefunction(sink.write) if ask is None else ask(size)


OPENING, OPEN, CLOSING, CLOSED, COMMITTING = "opening", "open", "closing", "closed", "committing"
COMMITTED, FINISHING, FINISHED, FAILED = "committed", "finishing", "finished", "broken"


@final
class PartSink:
    """The sink of one file as a driver sees it: `write` does what a `Write` says, whatever the sink is like.

    `start` says what the file is, `place` where it stands in the form, `sink` is what `open_sink` gave, as
    soon as it is there. `size` is the file's, -1 until its end has been received, and `closes_at` the same if
    the `Write` with the last byte is to close the sink. `written` counts what came back from the driver to be
    written: one that loses some is found out before the file is taken for complete. `paths` are those of
    the files of the form that have been committed.
    """

    __slots__ = (
        "_fail", "_opening", "_paths", "_state", "closes_at", "place", "sink", "size", "start", "written",
    )  # fmt: skip

    sink: Sink

    def __init__(
        self,
        start: FileStart,
        sink: Sink | Awaitable[Sink],
        fail: Callable[[BaseException], None],
        place: int,
        paths: set[str],
    ) -> None:
        self.start = start
        self.place = place
        self.size = self.closes_at = -1
        self.written = 0
        self._fail = fail
        self._paths = paths
        awaited: object = getattr(sink, "__await__", None)  # PERF: faster than isinstance(sink, Awaitable)
        if awaited is None:
            self._state = OPEN
            self.sink = cast("Sink", sink)
        else:
            self._state = OPENING
            self._opening = cast("Awaitable[Sink]", sink)

    def may_block(self, size: int, /) -> bool:
        """Whether writing `size` bytes may wait for a disk or a network without awaiting it."""
        if self._state in (OPENING, FAILED):
            return False  # what opens asynchronously writes asynchronously
        closes = self.closes_at >= 0  # with this write, or one soon after it
        return _may_block(self.sink, size) or (closes and _may_block(self.sink, 0))

    def write(self, data: bytes, /) -> Awaitable[None]:
        """Write `data`, and close the sink if that was all; no data: take the next step of the table.

        What it returns need not be awaited unless the sink is asynchronous. Any error ends the whole form.
        """
        try:
            # PERF: what nearly always happens goes without generators (benchmarks/spooled.py::files100).
            if data and self._state == OPEN:
                count = self.sink.write(data)
                if count != len(data) and count is not DONE and (count is not None or self._is_raw):
                    return settle(self._guarded(self._finish_write(data, count)))
                self.written += len(data)
                if self.written != self.closes_at:
                    return DONE
                self._state = CLOSING
                result = self.sink.close()
                if result is not None:
                    return settle(self._guarded(self._finish_close(result)))
                self._state = CLOSED
                return DONE
            return settle(self._guarded(self._go_on(data)))
        except BaseException as error:
            self._fail(error)
            raise

    def _guarded(self, steps: Steps) -> Steps:
        """`steps`, whose error ends the form."""
        try:
            yield from steps
        except BaseException as error:
            self._fail(error)
            raise

    def _go_on(self, data: bytes) -> Steps:
        """Write `data`, or take one step; what is not open yet is opened before."""
        if self._state == OPENING:
            self.sink = cast("Sink", (yield self._opening))
            self._state = OPEN
        if self._state == FAILED or (data and self._state != OPEN):
            raise LocalError(f"file {self.start.name!r}: nothing can be written, it is {self._state}")
        if data:
            yield from self._finish_write(data, self.sink.write(data))
        elif self._state == OPEN:
            if self.written != self.size:
                raise LocalError(
                    f"file {self.start.name!r}: {self.written} of {self.size} bytes were written; "
                    "a driver carries out every Write, in order, and awaits it if its sink is asynchronous"
                )
            self._state = CLOSING
            yield from self._finish_close(self.sink.close())
        elif self._state == CLOSED and (commit := self._commit) is not None:
            self._state = COMMITTING
            yield commit()
            self._state = COMMITTED
            self._claim_path()
        elif self._state == COMMITTED and (finish := self._finish) is not None:
            self._state = FINISHING
            yield finish()
            self._state = FINISHED

    def _claim_path(self) -> None:
        """Refuse the form if another of its files has been committed to the same path."""
        path: str | None = getattr(self.sink, "committed_path", None)
        if path is None:
            return
        if path in self._paths:
            raise FileExistsError(errno.EEXIST, "two files of a form go to one path", path)
        self._paths.add(path)

    def _finish_write(self, data: bytes, count: object) -> Steps:
        """Do the rest of a write that gave `count`, and close the sink if that was all of the file."""
        yield from _write_rest(self.sink, data, count)
        self.written += len(data)
        if self.written == self.closes_at:
            self._state = CLOSING
            yield from self._finish_close(self.sink.close())

    def _finish_close(self, result: object) -> Steps:
        """Wait for a close that gave `result`."""
        yield result
        self._state = CLOSED

    @property
    def steps_left(self) -> int:
        """How many empty writes are between here and the commit, or, if that is done, the end; at most."""
        state = self._state
        if state in (OPENING, OPEN):
            return 2
        if state in (CLOSED, COMMITTED):
            return int((self._commit if state == CLOSED else self._finish) is not None)
        return int(state != FINISHED)

    @property
    def may_finish(self) -> bool:
        """Whether the sink may have a step after the commit."""
        return self._state == OPENING or self._finish is not None

    @property
    def _is_raw(self) -> bool:
        return isinstance(self.sink, RawIOBase)

    @property
    def _autocommit(self) -> bool:
        return getattr(self.sink, "autocommit", False) is True

    @property
    def _commit(self) -> Callable[[], object] | None:
        commit: Callable[[], object] | None = getattr(self.sink, "commit", None)
        return None if commit is None or self._autocommit else commit

    @property
    def _finish(self) -> Callable[[], object] | None:
        finish: Callable[[], object] | None = getattr(self.sink, "finish", None)
        return None if self._commit is None else finish

    def endings(self) -> Iterator[Callable[[], object]]:
        """What must be called, each whether or not the ones before it failed, so that nothing is left."""
        state, self._state = self._state, FAILED
        if state == OPENING:
            give_up = getattr(self._opening, "close", None) or getattr(self._opening, "cancel", None)
            if give_up is not None:  # a coroutine that has not begun, or a future
                yield cast("Callable[[], object]", give_up)
        if state in (OPENING, FINISHED):
            return
        discard: Callable[[], object] | None = getattr(self.sink, "discard", None)
        if discard is None or not self._autocommit:
            if state == OPEN:
                yield self.sink.close
            if discard is not None:
                yield discard
        elif state == OPEN:
            yield from self._recall(discard)
        elif state == CLOSING:  # the close has failed
            yield discard

    def _recall(self, discard: Callable[[], object]) -> Iterator[Callable[[], object]]:
        """How to end a file that `close` would publish: unclosed, unless it cannot be discarded."""
        discarded = False

        def try_discard() -> object:
            nonlocal discarded
            result = discard()
            discarded = True
            return result

        yield try_discard
        if not discarded:
            yield self.sink.close


class DiscardSink:
    """A sink for files that nobody wants: they are counted against the limits, and thrown away."""

    __slots__ = ()

    def may_block(self, size: int, /) -> bool:  # noqa: ARG002  # whatever the size
        """Never."""
        return False

    def write(self, data: bytes, /) -> int:
        """Forget `data`."""
        return len(data)

    def close(self) -> None:
        """Do nothing."""


class HashingSink:
    """Any `sink`, and the digest of what goes through to it, for `Upload.digest`.

    `algorithm` is a name that `hashlib.new` knows. Everything else that the sink can do shows through.

    >>> sink = HashingSink(DiscardSink(), "sha256")
    >>> _ = sink.write(b"hello")
    >>> sink.digest.hex()[:16]
    '2cf24dba5fb0a30e'
    """

    def __init__(self, sink: Sink, algorithm: str = "sha256") -> None:
        self.sink = sink
        self._hash = hashlib.new(algorithm, usedforsecurity=False)

    @property
    def digest(self) -> bytes:
        """The digest of the bytes so far."""
        return self._hash.digest()

    def may_block(self, size: int, /) -> bool:
        """Whether the sink may."""
        return _may_block(self.sink, size)

    def write(self, data: bytes, /) -> Awaitable[None]:
        """Hash `data`, and write all of it to the sink."""
        self._hash.update(data)
        return settle(write_fully(self.sink, data))

    def close(self) -> object:
        """Close the sink."""
        return self.sink.close()

    def __getattr__(self, name: str) -> object:
        return getattr(self.sink, name)
