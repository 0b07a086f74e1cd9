"""Threads that run calls, made when they are needed, never more than so many.

Needed is a thread when a call has to wait: at once for the first few, and then only when it has waited for
some time. Threads that compute get nothing done by being many, for one of them runs at a time, and each more
slows the others down; threads that wait, for a slow client or a database, leave the others the processor.

For the same reason the loop and the threads tell each other of many things at once: a thread that is woken
while the loop has more to do, or the other way round, takes the interpreter from it and gives it back
(benchmarks/server.py::small).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from toolkit.server.logs import SERVER

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

_EAGER: Final = 4  # threads that are made without waiting
_PATIENCE: Final = 0.03  # seconds that a call waits before there is another thread


class Workers:
    """At most `maximum` threads. They are daemons: one that hangs does not keep the process."""

    def __init__(self, loop: AbstractEventLoop, maximum: int) -> None:
        self._loop = loop
        self._maximum = maximum
        self._calls: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._next: list[Callable[[], object]] = []  # calls of this turn of the loop
        self._results: deque[Callable[[], object]] = deque()  # what threads want to be called on the loop
        self._told = False  # the loop knows that there are results
        self._threads: list[threading.Thread] = []
        self._watching = False
        self._refused = False  # the system had no more threads
        self._lock = threading.Lock()
        self._submitted = 0
        self._begun = 0
        self._ended = 0

    def submit(self, call: Callable[[], object]) -> None:
        """Run a call as soon as there is a thread for it. To be called on the loop."""
        if not self._next:
            self._loop.call_soon(self._hand_over)
        self._next.append(call)

    def _hand_over(self) -> None:
        """Give the threads what came in one turn of the loop."""
        calls, self._next = self._next, []
        self._submitted += len(calls)
        for call in calls:
            self._calls.put(call)
        while (lacking := self._submitted - self._ended - len(self._threads)) > 0:
            if len(self._threads) >= min(_EAGER, self._maximum) or not self._add():
                break
        if lacking > 0 and not self._watching:
            self._watch()

    def post(self, result: Callable[[], object]) -> None:
        """Call something on the loop, in the order in which it was posted. To be called in a thread."""
        self._results.append(result)
        if not self._told:
            self._told = True
            self._loop.call_soon_threadsafe(self._take_results)

    def _take_results(self) -> None:
        for _ in range(len(self._results)):
            try:
                self._results.popleft()()
            except Exception:  # noqa: BLE001, PERF203  # whatever it is, others are not kept waiting for it
                SERVER.exception("a result could not be delivered")
        self._told = False
        if self._results:  # they were posted before that
            self._told = True
            self._loop.call_soon(self._take_results)

    def _watch(self) -> None:
        """See after a while whether what waits now has begun."""
        self._watching = len(self._threads) < self._maximum and self._begun < self._submitted
        if self._watching:
            self._loop.call_later(_PATIENCE, self._relieve, self._submitted)

    def _relieve(self, number: int) -> None:
        if self._begun < number:
            for _ in range(min(self._submitted - self._begun, self._maximum - len(self._threads))):
                if not self._add():
                    break
        self._watch()

    def _add(self) -> bool:
        """Start one more thread; whether the system had one, or what waits has to wait on."""
        name = f"toolkit-worker-{len(self._threads) + 1}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            if not self._refused:
                SERVER.warning("Cannot start a thread for now: %s", error)
            self._refused = True
            return False
        self._refused = False
        self._threads.append(thread)
        return True

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            with self._lock:
                self._begun += 1
            try:
                call()
            except BaseException:  # noqa: BLE001  # whatever it is, the thread goes on
                SERVER.exception("a worker thread was left with an exception")
            del call  # and what it holds, while waiting for the next one
            with self._lock:
                self._ended += 1

    def stop(self, timeout: float) -> None:
        """Let the threads end after what they do now; wait for `timeout` seconds at most."""
        for _ in self._threads:
            self._calls.put(None)
        end = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
