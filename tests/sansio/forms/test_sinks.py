from __future__ import annotations

import asyncio
import hashlib
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.forms.events import FileStart
from toolkit.sansio.forms.sinks import DiscardSink, HashingSink, PartSink, write_fully
from toolkit.sansio.forms.steps import DONE, settle

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from toolkit.sansio.forms.sinks import Sink
    from toolkit.sansio.forms.steps import Steps


class Stingy:
    """Takes as much of each write as it was told to, and then everything; awaited or not."""

    def __init__(self, sizes: list[int], *, awaited: bool = False) -> None:
        self.sizes = sizes
        self.awaited = awaited
        self.content = b""

    def write(self, data: bytes, /) -> object:
        size = min(self.sizes.pop(), len(data)) if self.sizes else len(data)
        self.content += data[:size]
        return self._later(size) if self.awaited else size

    async def _later(self, size: int) -> int:
        await asyncio.sleep(0)
        return size

    def close(self) -> None:
        pass


async def wait(awaitable: Awaitable[None]) -> None:
    await awaitable


@given(st.binary(max_size=50), st.lists(st.integers(1, 9)), st.booleans())
def test_write_fully_writes_everything_in_order(data: bytes, sizes: list[int], awaited: bool) -> None:
    sink = Stingy(sizes, awaited=awaited)
    rest = settle(write_fully(sink, data))
    if awaited:
        asyncio.run(wait(rest))
    else:
        assert rest is DONE
    assert sink.content == data


def test_what_is_done_can_be_awaited_any_number_of_times() -> None:
    asyncio.run(wait(DONE))
    asyncio.run(wait(DONE))


@pytest.mark.parametrize("awaited", [False, True])
def test_steps_see_the_errors_of_what_they_do(awaited: bool) -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise KeyError

    seen: list[object] = []
    missing: dict[str, object] = {}

    def steps() -> Steps:
        try:
            yield fail() if awaited else missing["key"]
        except KeyError:
            seen.append((yield "goes on"))

    asyncio.run(wait(settle(steps())))
    assert seen == ["goes on"]


def test_discarding() -> None:
    sink = DiscardSink()
    assert sink.write(b"content") == 7
    sink.close()
    assert not sink.may_block(1 << 30)


@pytest.mark.parametrize("awaited", [False, True])
def test_hashing_before_a_sink_that_takes_little(awaited: bool) -> None:
    stingy = Stingy([3, 2, 1], awaited=awaited)
    sink = HashingSink(stingy)
    asyncio.run(wait(sink.write(b"some content")))
    assert stingy.content == b"some content"
    assert sink.digest == hashlib.sha256(b"some content").digest()
    assert sink.close() is None
    assert not hasattr(sink, "commit")


class Coroutine:
    async def write(self, _: bytes, /) -> None:
        pass

    async def close(self) -> None:
        pass


class TestMayBlock:
    def part(self, sink: Sink | Awaitable[Sink]) -> PartSink:
        return PartSink(FileStart("f", "f"), sink, lambda _: None, 0, set())

    def test_a_sink_that_says_so(self) -> None:
        class Asked(Stingy):
            def may_block(self, size: int) -> bool:
                return size > 5

        part = self.part(Asked([]))
        assert (part.may_block(5), part.may_block(6)) == (False, True)

    def test_the_write_that_closes(self) -> None:
        class Publishing(Stingy):
            def may_block(self, size: int) -> bool:
                return not size

        part = self.part(Publishing([]))
        assert not part.may_block(5)
        part.size = part.closes_at = 5
        assert part.may_block(5)

    def test_a_sink_that_does_not_say(self) -> None:
        assert self.part(Stingy([])).may_block(1)
        assert not self.part(Coroutine()).may_block(1)

    def test_a_sink_that_is_hashed(self) -> None:
        assert self.part(HashingSink(Stingy([]))).may_block(1)
        assert not self.part(HashingSink(Coroutine())).may_block(1)
        assert not self.part(HashingSink(DiscardSink())).may_block(1)

    def test_a_sink_that_is_not_open(self) -> None:
        async def make() -> None:
            opening: asyncio.Future[Sink] = asyncio.get_running_loop().create_future()
            assert not self.part(opening).may_block(1)

        asyncio.run(make())
        part = self.part(Stingy([]))
        list(part.endings())
        assert not part.may_block(1)


class TestRawFilesThatDoNotBlock:
    """Their None means that nothing was taken."""

    @pytest.mark.parametrize("hashed", [False, True])
    @pytest.mark.parametrize("full", [False, True])
    def test_they_fail_rather_than_lose_bytes(self, *, hashed: bool, full: bool) -> None:
        receiving, sending = os.pipe()
        os.set_blocking(sending, False)
        failures: list[BaseException] = []
        with os.fdopen(receiving, "rb", 0), os.fdopen(sending, "wb", 0) as file:
            while full and file.write(b"x" * 65536) is not None:
                pass
            sink = HashingSink(file) if hashed else file
            part = PartSink(FileStart("a", "b"), sink, failures.append, 0, set())
            with pytest.raises(BlockingIOError):
                part.write(b"x" * 10_000_000)
        assert isinstance(failures[0], BlockingIOError)
