from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING

from tests.support.waiting import PATIENCE, until
from toolkit.server import workers as workers_module
from toolkit.server.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable

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
            gate.wait(PATIENCE)
            done.append(number)

        for number in range(30):
            workers.submit(partial(call, number))
        await loop.run_in_executor(None, until_ten)
        await asyncio.sleep(0.1)
        count = threads()
        gate.set()
        await loop.run_in_executor(None, workers.stop, PATIENCE)
        return count, done

    count, done = asyncio.run(main())
    assert count == 10
    assert sorted(done) == list(range(30))


def test_quick_calls_need_few_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "_PATIENCE", PATIENCE)  # a busy machine lets any call wait

    async def main() -> int:
        loop = asyncio.get_running_loop()
        workers, most = Workers(loop, 100), 0
        for _ in range(200):
            future = loop.create_future()
            workers.submit(partial(finish, loop, future))
            await future
            most = max(most, threads())
        await loop.run_in_executor(None, workers.stop, PATIENCE)
        return most

    assert asyncio.run(main()) <= 4


def test_a_call_that_raises_is_told_of_and_costs_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        workers, future = Workers(loop, 1), loop.create_future()
        workers.submit(partial(int, "x"))
        workers.submit(partial(finish, loop, future))
        await asyncio.wait_for(future, PATIENCE)
        await loop.run_in_executor(None, workers.stop, PATIENCE)

    asyncio.run(main())
    assert "ValueError" in caplog.text


def test_a_system_that_has_no_more_threads_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start, asked = threading.Thread.start, list[str]()

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("toolkit-worker"):
            asked.append(thread.name)
            if len(asked) < 4:
                raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        workers, future = Workers(loop, 10), loop.create_future()
        workers.submit(partial(finish, loop, future))
        await asyncio.wait_for(future, PATIENCE)
        await loop.run_in_executor(None, workers.stop, PATIENCE)

    asyncio.run(main())
    assert len(asked) == 4
    assert caplog.text.count("Cannot start a thread for now: can't start new thread") == 1
    assert "Traceback" not in caplog.text


def test_results_come_in_order_and_one_that_fails_keeps_no_other(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        workers, done, came = Workers(loop, 2), loop.create_future(), list[int]()

        def call() -> None:
            for number in range(100):
                workers.post(partial(came.append, number))
                workers.post(partial(int, "x"))
            workers.post(partial(done.set_result, None))

        workers.submit(call)
        await asyncio.wait_for(done, PATIENCE)
        await loop.run_in_executor(None, workers.stop, PATIENCE)
        return came

    assert asyncio.run(main()) == list(range(100))
    assert "a result could not be delivered" in caplog.text


def test_a_loop_that_is_awake_is_not_woken_for_each_result(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> int:
        loop = asyncio.get_running_loop()
        workers, done = Workers(loop, 1), loop.create_future()
        awake, posted = threading.Event(), threading.Event()
        woken, wake = list[object](), loop.call_soon_threadsafe

        def count(call: Callable[[], object]) -> None:
            woken.append(call)
            wake(call)

        monkeypatch.setattr(loop, "call_soon_threadsafe", count)

        def hold_the_loop() -> None:
            awake.set()
            posted.wait(PATIENCE)

        def call() -> None:
            workers.post(hold_the_loop)
            awake.wait(PATIENCE)
            for _ in range(100):
                workers.post(lambda: None)
            workers.post(partial(done.set_result, None))
            posted.set()

        workers.submit(call)
        await asyncio.wait_for(done, PATIENCE)
        monkeypatch.undo()
        await loop.run_in_executor(None, workers.stop, PATIENCE)
        return len(woken)

    assert asyncio.run(main()) == 1
