"""How a response begins, and its body as chunks, whatever it is made of, for an adapter to send one by one.

A body is an iterable or an asynchronous iterable of bytes or text, or a file. Each kind walks in either
world: what may block does so in a worker thread where there is an event loop, what must be awaited is
awaited on a loop of its own where there is none.
"""

from __future__ import annotations

import os
from enum import Enum
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, NamedTuple, cast

from toolkit.bridges.base import bridge
from toolkit.sansio.exchange.body import CHUNK
from toolkit.sansio.exchange.framing import frame
from toolkit.sansio.exchange.machine import Exchange

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator

    from toolkit.bridges.base import Bridge, Loop
    from toolkit.sansio.exchange.response import Body, ReadableFile, Response

    Chunk = bytes | str

_WITHOUT_LENGTH = frozenset({204, 304})  # a file's length is not added there (RFC 9110 section 8.6)


class Extent(NamedTuple):
    """The part of a real file that is a body: from where it stands to its end, in bytes."""

    offset: int
    size: int
    path: str | None
    """Its absolute path, if it has one that still leads to it."""


class Beginning(NamedTuple):
    """What is known of a response before its body is walked."""

    lines: list[tuple[str, str]]
    """Its header lines."""
    length: int | None
    """The bytes that they declare, if they do."""
    has_content: bool
    """Whether content may follow them."""
    file: Extent | None
    """The body, if it is a real file."""
    exchange: Exchange
    """What counts the content; the head is sent, as far as it knows."""


def begin(response: Response, method: str, *, has_trailers: bool = False) -> Beginning:
    """How `response` begins as an answer to `method`: as `frame` says, with the length of a real file.

    Not with that where trailers are to follow, which only content without a length can have.
    """
    lines, length, has_content = frame(response, method)
    file = as_file(response.body)
    extent = None if file is None else extent_of(file)
    if length is None and not has_trailers and extent is not None and response.status not in _WITHOUT_LENGTH:
        length = extent.size
        lines.append(("Content-Length", str(length)))
    exchange = Exchange(method)
    exchange.send_head(response.status, length)
    return Beginning(lines, length, has_content, extent, exchange)


def as_file(body: Body) -> ReadableFile | None:
    """The body, if it is to be read as a file."""
    return cast("ReadableFile", body) if hasattr(body, "read") else None


def extent_of(file: ReadableFile) -> Extent | None:
    """Where a real file stands, and how much of it is left; None for anything else that can be read."""
    try:
        real = cast("BinaryIO", file)
        offset = real.tell()
        facts = os.fstat(real.fileno())
    except (AttributeError, OSError, ValueError):  # ValueError: io.UnsupportedOperation, and closed files
        return None
    if not S_ISREG(facts.st_mode) or facts.st_size < offset:
        return None
    return Extent(offset, facts.st_size - offset, _path_of(file, facts))


def _path_of(file: ReadableFile, facts: os.stat_result) -> str | None:
    path: object = getattr(file, "name", None)
    if not isinstance(path, str) or not os.path.isabs(path):  # noqa: PTH117  # no pathlib, for its import time
        return None
    try:
        return path if os.path.samestat(os.stat(path), facts) else None  # noqa: PTH116  # the same
    except OSError:
        return None


def file_chunks(file: ReadableFile, count: int | None) -> Iterator[bytes]:
    """What is read from a file: `count` bytes at most, if it is given."""
    while count is None or count > 0:
        data = file.read(CHUNK if count is None else min(CHUNK, count))
        if not data:
            return
        if count is not None:
            count -= len(data)
        yield data


def chunks(body: Body, length: int | None, loop: Loop) -> Iterator[Chunk]:
    """The chunks of a body, each of which may block. What must be awaited is, on `loop`."""
    if isinstance(body, bytes):
        return iter((body,))
    file = as_file(body)
    if file is not None:
        return file_chunks(file, length)
    if hasattr(body, "__aiter__"):
        return _Blocking(aiter(cast("AsyncIterable[Chunk]", body)), loop)
    return iter(cast("Iterable[Chunk]", body))


def async_chunks(body: Body, length: int | None, over: Bridge | None = None) -> AsyncIterator[Chunk]:
    """The chunks of a body, each of which is awaited. What may block goes `over` a bridge."""
    if isinstance(body, (bytes, list, tuple)):
        return _Ready(iter((body,) if isinstance(body, bytes) else cast("Iterable[Chunk]", body)))
    if hasattr(body, "__aiter__"):
        return aiter(cast("AsyncIterable[Chunk]", body))
    file = as_file(body)
    if file is None:
        return _Threaded(iter(cast("Iterable[Chunk]", body)), over or bridge())
    return _Threaded(file_chunks(file, length), over or bridge())


class _Ready:
    """An iterator that does not block, as an asynchronous one."""

    __slots__ = ("_iterator",)

    def __init__(self, iterator: Iterator[Chunk]) -> None:
        self._iterator = iterator

    def __aiter__(self) -> _Ready:
        return self

    async def __anext__(self) -> Chunk:
        for chunk in self._iterator:
            return chunk
        raise StopAsyncIteration


class _Threaded:
    """An iterator whose steps may block, as an asynchronous one: each step is taken in a worker thread."""

    __slots__ = ("_bridge", "_iterator")

    def __init__(self, iterator: Iterator[Chunk], over: Bridge) -> None:
        self._iterator = iterator
        self._bridge = over

    def __aiter__(self) -> _Threaded:
        return self

    async def __anext__(self) -> Chunk:
        chunk = await self._bridge.in_thread(_next, self._iterator)
        if chunk is END:
            raise StopAsyncIteration
        return chunk


class _Blocking:
    """An asynchronous iterator as one whose steps block, on a loop of our own."""

    __slots__ = ("_iterator", "_loop")

    def __init__(self, iterator: AsyncIterator[Chunk], loop: Loop) -> None:
        self._iterator = iterator
        self._loop = loop

    def __iter__(self) -> _Blocking:
        return self

    def __next__(self) -> Chunk:
        chunk = self._loop.run(_anext(self._iterator))
        if chunk is END:
            raise StopIteration
        return chunk


class _End(Enum):
    """What stands for the end of a body, as StopIteration cannot leave a thread: nothing that is a chunk."""

    END = "end"


END: Final = _End.END


def _next(iterator: Iterator[Chunk]) -> Chunk | Literal[_End.END]:
    """The next chunk, or the end."""
    return next(iterator, END)


async def _anext(iterator: AsyncIterator[Chunk]) -> Chunk | Literal[_End.END]:
    """The same."""
    return await anext(iterator, END)


def close(body: Body, loop: Loop) -> None:
    """Close a body: `close`, or `aclose` on a loop, or nothing if it has neither."""
    closer: Callable[[], object] | None = getattr(body, "close", None)
    if closer is not None:
        closer()
    elif hasattr(body, "aclose"):
        loop.run(aclose(body))


async def aclose(body: Body | AsyncIterator[Chunk]) -> None:
    """Close a body, or what walks it: `aclose`, or `close`, or nothing if it has neither.

    A `close` that may block does so: files close at once, and the generators of synchronous handlers have
    little to do at their end.
    """
    awaited: Callable[[], Awaitable[object]] | None = getattr(body, "aclose", None)
    if awaited is not None:
        await awaited()
        return
    closer: Callable[[], object] | None = getattr(body, "close", None)
    if closer is not None:
        closer()
