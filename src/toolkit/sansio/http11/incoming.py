"""The bytes that a connection received and has not read: put in by pieces, taken out by meaning.

A line ends in CRLF and nothing else. What is not whole yet is kept, and searched once: the time is linear in
the bytes whatever the pieces. What is decided about bytes depends on no later byte, so that pieces never
matter: what comes first of a bare LF, the end, and the limit, counts.
"""

from __future__ import annotations

import re
from typing import NamedTuple, cast

from toolkit.sansio.errors.base import LimitExceeded
from toolkit.sansio.http11.errors import MessageError

_BARE_LF = re.compile(rb"(?<!\r)\n").search


class Bound(NamedTuple):
    """What bounds a line or a block: a limit's name, its bytes, its status; and the part of the message."""

    limit: str
    maximum: int
    status: int
    part: str

    def exceeded(self) -> LimitExceeded:
        """The error of going on beyond it."""
        return LimitExceeded(self.limit, self.maximum, self.maximum + 1, status=self.status)


class Incoming:
    """Received bytes, in order. `closed` says that no more will come."""

    __slots__ = ("_data", "_searched", "_start", "closed")

    def __init__(self) -> None:
        self._data: bytes | bytearray = b""
        self._start = 0  # what is before was taken
        self._searched = 0  # what is before holds no end of the line or block
        self.closed = False

    def __len__(self) -> int:
        return len(self._data) - self._start

    def add(self, data: bytes) -> None:
        """Put bytes in. Copies nothing when everything before was taken."""
        if not len(self):
            self._data = data
        elif isinstance(self._data, bytearray):
            del self._data[: self._start]
            self._data += data
        else:
            self._data = bytearray(memoryview(self._data)[self._start :])
            self._data += data
        self._searched -= self._start
        self._start = 0

    def clear(self) -> None:
        """Forget everything."""
        self.take(len(self))

    def first(self) -> int:
        """The first byte, as a number. There must be one."""
        return self._data[self._start]

    def starts_with(self, prefix: bytes) -> bool:
        """Whether the next bytes are `prefix`."""
        return self._data.startswith(prefix, self._start)

    def take(self, size: int) -> bytes:
        """At most `size` bytes, without a copy where they are all of one piece."""
        end = self._start + size
        taken = bytes(self._data[self._start : end])
        if end >= len(self._data):
            self._data, self._start, self._searched = b"", 0, 0
        else:
            self._start = self._searched = end
        return taken

    def take_head(self, most: int) -> str | None:
        """The next lines up to an empty one, when all is here, in at most `most` bytes without a bare LF.

        None, and nothing is taken, when it is not so: `take_line` and `take_block` then tell what is. After
        one attempt there is no other, as nothing is searched twice.
        PERF: nearly every head comes in one piece (benchmarks/http11.py::exchange).
        """
        data, start = self._data, self._start
        if self._searched > start:
            return None
        end = data.find(b"\r\n\r\n", start, start + most) + 4
        if end < 4 or data.count(b"\n", start, end) != data.count(b"\r\n", start, end):
            return None
        return self.take(end - start).decode("latin-1")

    def take_line(self, bound: Bound, *, reach: int | None = None) -> str | None:
        """The next line with its CRLF; None while it is not whole. `reach` is for less than the bound."""
        stop = self._start + (bound.maximum if reach is None else reach)
        end = self._data.find(b"\n", max(self._searched, self._start), stop) + 1
        if not end:
            self._none_before(stop, bound)
            return None
        if not self._data.endswith(b"\r\n", self._start, end):
            raise _bare_lf(bound.part, self.take(end - self._start))
        return self.take(end - self._start).decode("latin-1")

    def take_block(self, bound: Bound, *, reach: int | None = None) -> str | None:
        """The next lines, up to an empty one and with it, as `take_line` takes one."""
        if self.starts_with(b"\r\n"):
            return self.take(2).decode("latin-1")
        stop = self._start + (bound.maximum if reach is None else reach)
        # The end may have begun in the last bytes that were searched.
        end = self._data.find(b"\r\n\r\n", max(self._searched - 3, self._start), stop) + 4
        self._refuse_bare_lf(max(self._searched, self._start), stop if end < 4 else end, bound)
        if end < 4:
            self._none_before(stop, bound)
            return None
        return self.take(end - self._start).decode("latin-1")

    def _refuse_bare_lf(self, start: int, stop: int, bound: Bound) -> None:
        """Refuse the first LF without CR before it, from `start` to `stop`."""
        data = self._data
        # PERF: two counts cost a tenth of the search (benchmarks/http11.py::exchange). The first CR may stand
        # before what is searched.
        if data.count(b"\n", start, stop) == data.count(b"\r\n", max(start - 1, self._start), stop):
            return
        bare = cast("re.Match[bytes]", _BARE_LF(data, start, stop))  # there is one
        begin = data.rfind(b"\n", self._start, bare.start()) + 1
        raise _bare_lf(bound.part, bytes(data[max(begin, self._start) : bare.end()]))

    def _none_before(self, stop: int, bound: Bound) -> None:
        """There is no end before `stop`: remember that, and refuse if there can be none any more."""
        self._searched = len(self._data)
        if len(self._data) >= stop:
            raise bound.exceeded()


def _bare_lf(part: str, line: bytes) -> MessageError:
    return MessageError(part, "a line ends in CRLF, not in a bare LF", line.decode("latin-1"))
