"""Bodies made of values, each encoded when it is sent: event streams, JSON Lines.

The values come from an iterable or an asynchronous one, and so do the bytes. It is closed with the body.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")

Values: TypeAlias = Iterable[T] | AsyncIterable[T]
"""Where the values of a stream come from."""


class EncodedStream(Generic[T]):
    """The bytes of `values`, one chunk for each."""

    def __init__(self, values: Iterable[T], encode: Callable[[T], bytes]) -> None:
        self._source = values
        self._values = iter(values)
        self._encode = encode

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        return self._encode(next(self._values))

    def close(self) -> None:
        """Close where the values come from, if that can be."""
        closer: Callable[[], object] | None = getattr(self._source, "close", None)
        if closer is not None:
            closer()


class AsyncEncodedStream(Generic[T]):
    """The same, awaited."""

    def __init__(self, values: AsyncIterable[T], encode: Callable[[T], bytes]) -> None:
        self._source = values
        self._values = aiter(values)
        self._encode = encode

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        return self._encode(await anext(self._values))

    async def aclose(self) -> None:
        """Close where the values come from, if that can be."""
        closer: Callable[[], Awaitable[object]] | None = getattr(self._source, "aclose", None)
        if closer is not None:
            await closer()


def encoded(values: Values[T], encode: Callable[[T], bytes]) -> EncodedStream[T] | AsyncEncodedStream[T]:
    """A body of `values`, each as `encode` writes it.

    >>> list(encoded([1, 2], b"%d;".__mod__))
    [b'1;', b'2;']
    """
    if isinstance(values, AsyncIterable):
        return AsyncEncodedStream(values, encode)
    return EncodedStream(values, encode)
