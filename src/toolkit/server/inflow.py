"""The content of a request on its way to a thread: what `wsgi.input` reads.

`feed`, `lend`, `end` and `cut` are for the loop; what is read blocks a thread. In between there is a buffer,
which tells the loop to hold when it is full. After what is in it the thread reads a socket that was lent, and
when it cannot go on, what the loop feeds again.
"""

from __future__ import annotations

import io
from collections import deque
from threading import Condition, Lock
from typing import TYPE_CHECKING, Final

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

    from toolkit.server.lending import Loan

CAPACITY: Final = 1024 * 1024
"""Bytes that may wait for a thread: four times what a socket gives at once, so that neither side waits."""

_PIECE: Final = 64 * 1024  # bytes to ask for at a time where all are wanted


class Inflow(io.RawIOBase):
    """A raw stream, to be read through `io.BufferedReader`.

    `wanted` is called in the thread that reads: when it begins to wait for the first time, when there is room
    again after `feed` said that there was none, and when a loan is given back. A content that was cut short
    is an OSError.
    """

    def __init__(self, wanted: Callable[[], object]) -> None:
        super().__init__()
        self.begun = False  # somebody reads: until then the loop sees to it that the client is not too slow
        self._wanted = wanted
        self._changed = Condition(Lock())
        self._pieces: deque[memoryview] = deque()
        self._size = 0
        self._loan: Loan | None = None
        self._asleep = True  # the loop waits to be told that content is wanted
        self._ended = False
        self._cut = False

    def feed(self, data: bytes) -> bool:
        """Put content in; whether there is room for more."""
        with self._changed:
            self._pieces.append(memoryview(data))
            self._size += len(data)
            self._asleep = self._size >= CAPACITY
            self._changed.notify()
            return not self._asleep

    def lend(self, loan: Loan) -> None:
        """Let the thread read what comes after the content that was put in."""
        with self._changed:
            self._loan = loan
            self._asleep = False
            self._changed.notify()

    def end(self) -> None:
        """The content is whole."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def cut(self) -> None:
        """No more comes. Where the content was not whole, reading on is an error."""
        with self._changed:
            self._cut = not self._ended
            if self._loan is not None:
                self._loan.end()
            self._changed.notify()

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: WriteableBuffer, /) -> int:
        target = memoryview(buffer)
        self.begun = True
        size = None
        while size is None:
            loan = self._loan
            if loan is None or self._pieces:
                size = self._take(target)
            else:  # PERF: without the lock, as nothing is fed meanwhile (benchmarks/server.py::upload)
                size = loan.read(target)
                if size is None:
                    self._give_back(loan)
        return size

    @override
    def readall(self) -> bytes:
        # The method that is inherited asks for 8 KiB at a time.
        return b"".join(iter(lambda: self.read(_PIECE) or b"", b""))

    def _take(self, target: memoryview) -> int | None:
        """Put what was fed into `target`, when there is some: how many bytes. None: it is in the socket."""
        with self._changed:
            while not self._pieces:
                if self._loan is not None:
                    return None
                if self._cut:
                    raise ConnectionResetError("the client went away before its request was whole")
                if self._ended:
                    return 0
                self._wake()
                self._changed.wait()
            piece = self._pieces[0]
            size = min(len(piece), len(target))
            target[:size] = piece[:size]
            if size == len(piece):
                self._pieces.popleft()
            else:
                self._pieces[0] = piece[size:]
            self._size -= size
            if self._size < CAPACITY // 2:
                self._wake()
            return size

    def _give_back(self, loan: Loan) -> None:
        """It is over: the loop is to feed what comes."""
        with self._changed:
            if self._loan is loan:  # and not the next one
                self._loan, self._asleep = None, True

    def _wake(self) -> None:
        if self._asleep and not self._ended:
            self._asleep = False
            self._wanted()
