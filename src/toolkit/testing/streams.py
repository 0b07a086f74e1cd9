"""Responses whose content is taken as it comes: `StreamedResponse`, and its asynchronous twin."""

from __future__ import annotations

import codecs
from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from toolkit.sansio.exchange.machine import ExchangeError
from toolkit.sansio.headers import Headers
from toolkit.testing.messages import Context, Head, Part, Response, ResponseHead, Trailers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

T = TypeVar("T")


class _Streamed(ResponseHead):
    """What both twins have in common. The content can be taken once."""

    def __init__(self, head: Head, context: Context) -> None:
        super().__init__(head.status, head.headers, **context)
        self._context = context
        self._is_taken = False
        self.trailers = Headers()
        """The trailer section: empty before the end of the content, and when none came."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status} {self.headers.items()!r}>"

    def _take(self) -> None:
        if self._is_taken:
            raise ExchangeError("the content was taken already: a stream is read once")
        self._is_taken = True

    def _content_of(self, part: Part) -> bytes:
        """The content of a part; trailers are kept."""
        if isinstance(part, bytes):
            return part
        if isinstance(part, Trailers):
            self.trailers.extend(part.headers)
        return b""

    def _whole(self, content: bytes) -> Response:
        return Response(self.status, self.headers, content, trailers=self.trailers, **self._context)


class Decoder(Protocol[T]):
    """What makes items of bytes, without regard to how they are cut."""

    def feed(self, data: bytes) -> list[T]:
        """The items that are complete now."""
        ...

    def finish(self) -> list[T]:
        """The end of the content: the items that are left."""
        ...


class Octets:
    """Bytes, as they are."""

    def feed(self, data: bytes) -> list[bytes]:
        """The same bytes; nothing for none."""
        return [data] if data else []

    def finish(self) -> list[bytes]:
        """Nothing is left."""
        return []


class Text:
    """Text in a charset; UnicodeDecodeError where it is not."""

    def __init__(self, charset: str) -> None:
        self._decoder = codecs.getincrementaldecoder(charset)()

    def feed(self, data: bytes) -> list[str]:
        """The characters that are complete."""
        text = self._decoder.decode(data)
        return [text] if text else []

    def finish(self) -> list[str]:
        """What is left may be no character."""
        text = self._decoder.decode(b"", final=True)
        return [text] if text else []


class Lines:
    """Lines of text without their ends, which are LF or CRLF."""

    def __init__(self, charset: str) -> None:
        self._text = Text(charset)
        self._rest = ""

    def feed(self, data: bytes) -> list[str]:
        """The lines that are complete."""
        *lines, self._rest = "".join([self._rest, *self._text.feed(data)]).split("\n")
        return [line.removesuffix("\r") for line in lines]

    def finish(self) -> list[str]:
        """The last line, if it has no end."""
        rest = "".join([self._rest, *self._text.finish()])
        return [rest] if rest else []


class StreamedResponse(_Streamed):
    """A response whose content comes while it is iterated over, once, in the application's own chunks."""

    def __init__(self, head: Head, parts: Iterator[Part], context: Context) -> None:
        super().__init__(head, context)
        self._parts = parts

    def iter_bytes(self) -> Iterator[bytes]:
        """The content, chunk by chunk, as the application sends it; empty chunks are left out."""
        return self._items(Octets())

    def iter_text(self) -> Iterator[str]:
        """The content as text in the declared charset, chunk by chunk."""
        return self._items(Text(self.charset))

    def iter_lines(self) -> Iterator[str]:
        """The content as lines of text, without their ends (LF or CRLF)."""
        return self._items(Lines(self.charset))

    def read(self) -> Response:
        """The whole response."""
        return self._whole(b"".join(self.iter_bytes()))

    def _items(self, decoder: Decoder[T]) -> Iterator[T]:
        self._take()
        return self._decoded(decoder)

    def _decoded(self, decoder: Decoder[T]) -> Iterator[T]:
        for part in self._parts:
            yield from decoder.feed(self._content_of(part))
        yield from decoder.finish()


class AsyncStreamedResponse(_Streamed):
    """The asynchronous twin of `StreamedResponse`."""

    def __init__(self, head: Head, parts: AsyncIterator[Part], context: Context) -> None:
        super().__init__(head, context)
        self._parts = parts

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """The content, chunk by chunk, as the application sends it; empty chunks are left out."""
        return self._items(Octets())

    def iter_text(self) -> AsyncIterator[str]:
        """The content as text in the declared charset, chunk by chunk."""
        return self._items(Text(self.charset))

    def iter_lines(self) -> AsyncIterator[str]:
        """The content as lines of text, without their ends (LF or CRLF)."""
        return self._items(Lines(self.charset))

    async def read(self) -> Response:
        """The whole response."""
        return self._whole(b"".join([data async for data in self.iter_bytes()]))

    def _items(self, decoder: Decoder[T]) -> AsyncIterator[T]:
        self._take()
        return AsyncItems(self._parts, self._content_of, decoder)


class AsyncItems(Generic[T]):
    """An asynchronous iterator that is no generator: it may be left at any time without being closed."""

    def __init__(
        self, parts: AsyncIterator[Part], content_of: Callable[[Part], bytes], decoder: Decoder[T]
    ) -> None:
        self._parts = parts
        self._content_of = content_of
        self._decoder = decoder
        self._items: deque[T] = deque()
        self._is_over = False

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        while not self._items:
            if self._is_over:
                raise StopAsyncIteration
            part = await anext(self._parts, None)
            self._is_over = part is None
            if part is None:
                self._items.extend(self._decoder.finish())
            else:
                self._items.extend(self._decoder.feed(self._content_of(part)))
        return self._items.popleft()
