"""Threads that run calls, made when they are needed, never more than so many."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING

from toolkit.server.logs import SERVER

if TYPE_CHECKING:
    from collections.abc import Callable


class Workers:
    """At most `maximum` threads. They are daemons: one that hangs does not keep the process."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._free = 0  # threads, less the calls that run or wait

    def submit(self, call: Callable[[], None]) -> None:
        """Run a call as soon as there is a thread for it. To be called by one thread only."""
        self._calls.put(call)
        with self._lock:
            self._free -= 1
            if self._free >= 0 or len(self._threads) >= self._maximum:
                return
            self._free += 1
        name = f"toolkit-worker-{len(self._threads) + 1}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            try:
                call()
            except BaseException:  # noqa: BLE001  # whatever it is, the thread goes on
                SERVER.exception("a worker thread was left with an exception")
            del call  # and what it holds, while waiting for the next one
            with self._lock:
                self._free += 1

    def stop(self, timeout: float) -> None:
        """Let the threads end after what they do now; wait for `timeout` seconds at most."""
        for _ in self._threads:
            self._calls.put(None)
        end = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
