"""The input stream of a WSGI environ: a body, delivered as its script says (PEP 3333)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from toolkit.sansio.errors.base import LocalError
from toolkit.testing.body import Delivery, Disconnect
from toolkit.testing.errors import ClientDisconnected
from toolkit.testing.wsgi_rules import INPUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.testing.body import Body
    from toolkit.testing.errors import Watch


class Input:
    """`wsgi.input`. It has no `close`: an application may not close it.

    `length` is the Content-Length, None for chunked content. With a Content-Length, an application that
    asks for more than is left breaks a rule: there are servers on which it would wait forever.
    """

    def __init__(self, body: Body, length: int | None, watch: Watch) -> None:
        if not isinstance(body.chunks, Iterable):
            raise LocalError("asynchronous content is for ASGI applications")
        self._body = body
        self._chunks = iter(body.chunks)
        self._left = length
        self._watch = watch
        self._delivery = Delivery(self._left)
        self._cut: Disconnect | None = None
        self._buffer = bytearray()

    @property
    def is_cut(self) -> bool:
        """Whether the application has come to where the client stopped sending."""
        return self._cut is not None

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes, fewer at the end; all that is left without a size."""
        wanted = self._wanted(size)
        is_short = self._body.short_reads and size is not None and size >= 0
        while len(self._buffer) < wanted and not (is_short and self._buffer) and self._fill():
            pass
        return self._take(wanted)

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next line with its LF, or up to `size` bytes of it."""
        limit = self._limit(size)
        searched = 0
        while (end := self._buffer.find(b"\n", searched, limit)) < 0:
            searched = len(self._buffer)
            if searched >= limit or not self._fill():
                return self._take(limit)
        return self._take(end + 1)

    def readlines(self, hint: int | None = -1, /) -> list[bytes]:
        """All lines that are left, or as many as make `hint` bytes."""
        lines: list[bytes] = []
        total = 0
        while line := self.readline():
            lines.append(line)
            total += len(line)
            if hint is not None and 0 < hint <= total:
                break
        return lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _wanted(self, size: int | None) -> int:
        """How many bytes a read is for; it may not be for more than are left."""
        wanted = self._limit(size)
        if size is not None and size >= 0 and self._left is not None:
            self._watch.demand(
                wanted <= self._left,
                INPUT,
                "read({}) where {} bytes are left of Content-Length: an application does not read past it",
                wanted,
                self._left,
            )
        return wanted

    def _limit(self, size: int | None) -> int:
        return size if size is not None and size >= 0 else 1 << 62

    def _take(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        if self._left is not None:
            self._left -= len(data)
        return data

    def _fill(self) -> bool:
        """Let another chunk come in; False at the end of the stream."""
        if self._delivery.ended:
            return False
        then = self._body.then
        try:
            for chunk in self._chunks:
                self._buffer += self._delivery.take(chunk)
                return True
        except ClientDisconnected:
            then = then or Disconnect()
        if self._cut is None:
            self._cut = self._delivery.finish(then)
        if self._cut is not None and self._left is None:
            # Of chunked content one cannot see otherwise that it is not whole.
            raise ClientDisconnected("the client has gone before the last chunk")
        return False
