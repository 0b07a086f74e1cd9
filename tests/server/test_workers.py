from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING

from tests.servers.launching import until
from toolkit.server.workers import Workers

if TYPE_CHECKING:
    import pytest


def threads() -> int:
    return sum(thread.name.startswith("toolkit-worker") for thread in threading.enumerate())


def until_ten() -> None:
    until(lambda: threads() == 10, what="there are ten threads")


def finish(loop: asyncio.AbstractEventLoop, future: asyncio.Future[None]) -> None:
    loop.call_soon_threadsafe(future.set_result, None)


def test_calls_that_wait_get_threads_and_no_more_than_allowed() -> None:
    async def main() -> tuple[int, list[int]]:
        loop = asyncio.get_running_loop()
        workers, gate, done = Workers(loop, 10), threading.Event(), list[int]()

        def call(number: int) -> None:
            gate.wait(10)
            done.append(number)

        for number in range(30):
            workers.submit(partial(call, number))
        await loop.run_in_executor(None, until_ten)
        await asyncio.sleep(0.1)
        count = threads()
        gate.set()
        await loop.run_in_executor(None, workers.stop, 10.0)
        return count, done

    count, done = asyncio.run(main())
    assert count == 10
    assert sorted(done) == list(range(30))


def test_quick_calls_need_few_threads() -> None:
    async def main() -> int:
        loop = asyncio.get_running_loop()
        workers, most = Workers(loop, 100), 0
        for _ in range(200):
            future = loop.create_future()
            workers.submit(partial(finish, loop, future))
            await future
            most = max(most, threads())
        await loop.run_in_executor(None, workers.stop, 10.0)
        return most

    assert asyncio.run(main()) <= 4


def test_a_call_that_raises_is_told_of_and_costs_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        workers, future = Workers(loop, 1), loop.create_future()
        workers.submit(partial(int, "x"))
        workers.submit(partial(finish, loop, future))
        await asyncio.wait_for(future, 10)
        await loop.run_in_executor(None, workers.stop, 10.0)

    asyncio.run(main())
    assert "ValueError" in caplog.text
