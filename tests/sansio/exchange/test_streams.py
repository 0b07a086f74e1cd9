from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from toolkit.sansio.exchange.events import ServerSentEvent
from toolkit.sansio.exchange.response import Response
from toolkit.sansio.exchange.streams import AsyncEncodedStream, EncodedStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator


class Counter:
    """Numbers that know whether they were closed."""

    closed = False

    def __iter__(self) -> Iterator[int]:
        return iter(range(3))

    def close(self) -> None:
        self.closed = True


class AsyncCounter:
    """The same, awaited."""

    closed = False

    async def __aiter__(self) -> AsyncIterator[int]:
        for number in range(3):
            yield number

    async def aclose(self) -> None:
        self.closed = True


def lines_of(values: Iterable[float]) -> EncodedStream[float]:
    body = Response.json_lines(values).body
    assert isinstance(body, EncodedStream)
    return cast("EncodedStream[float]", body)


def test_values_are_encoded_when_they_are_sent_and_closed_with_the_body() -> None:
    numbers = Counter()
    body = lines_of(numbers)
    assert next(body) == b"0\n"
    assert list(body) == [b"1\n", b"2\n"]
    body.close()
    assert numbers.closed


def test_the_same_awaited() -> None:
    async def walk() -> list[bytes]:
        numbers = AsyncCounter()
        body = Response.json_lines(numbers).body
        assert isinstance(body, AsyncEncodedStream)
        found = [chunk async for chunk in body]
        await body.aclose()
        assert numbers.closed
        return found

    assert asyncio.run(walk()) == [b"0\n", b"1\n", b"2\n"]


def test_what_cannot_be_closed_need_not_be() -> None:
    class Bare:
        def __aiter__(self) -> Bare:
            return self

        async def __anext__(self) -> int:
            raise StopAsyncIteration

    lines_of([1]).close()
    awaited = Response.json_lines(Bare()).body
    assert isinstance(awaited, AsyncEncodedStream)
    asyncio.run(awaited.aclose())


def test_a_value_that_is_no_json_is_an_error() -> None:
    body = lines_of([float("nan")])
    with pytest.raises(ValueError, match="JSON"):
        next(body)


def test_the_fields_of_an_event_stream() -> None:
    response = Response.events([ServerSentEvent("a")])
    assert response.headers.items() == [
        ("Content-Type", "text/event-stream"),
        ("Cache-Control", "no-store"),
        ("X-Accel-Buffering", "no"),
    ]
    own = Response.events([], {"Cache-Control": "no-cache", "X-Accel-Buffering": "yes"})
    assert own.headers["Cache-Control"] == "no-cache"
    assert own.headers.getlist("X-Accel-Buffering") == ["yes"]
