"""Uploads as those who watch them see them: streams of server-sent events.

An upload is not told of every chunk: at a gigabyte a second that would be thousands of events. It is looked
at ten times a second, by each stream for itself; so those who receive wait for nobody who watches.

The streams sleep with asyncio, on WSGI servers too; an ASGI server that runs on trio cannot send them.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toolkit.sansio.errors.http import Conflict, ServiceUnavailable
from toolkit.sansio.exchange.events import ServerSentEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator

    from toolkit.sansio.exchange.content import JSON

INTERVAL = 0.1  # seconds between two looks at an upload
HEARTBEAT = 5.0  # seconds of silence after which a stream says that it is alive, and finds out whether it is
EARLY_HEARTBEAT = 1.0  # the same before an upload begins: whoever left before keeps no place for long
PATIENCE = 15.0  # seconds that an upload may take to begin
KEPT = 100  # uploads that are over and can still be looked at


class Transfer:
    """One upload, from its first byte to its end. One thread writes, and any number read.

    What happened stays in `log`, to which events are only ever added; the id of an event is its place there,
    so that a stream that broke off can go on where it ended. How much came is a number, which changes.
    """

    def __init__(self, total: int | None) -> None:
        self.total = total
        self.received = 0
        self.log: list[ServerSentEvent] = []
        self.over = False
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self._began

    def tell(self, event: str, **data: JSON) -> None:
        """Add an event to the log."""
        self.log.append(ServerSentEvent(json.dumps(data), event, id=str(len(self.log) + 1)))

    def end(self, event: str, **data: JSON) -> None:
        """Add the last event."""
        self.tell(event, bytes=self.received, seconds=round(self.seconds, 3), **data)
        self.over = True

    def progress(self, rate: float) -> ServerSentEvent:
        """How far it is. The next look tells more, so it has no id."""
        data = {"received": self.received, "total": self.total, "rate": round(rate)}
        return ServerSentEvent(json.dumps(data), "progress")


class Transfers:
    """The uploads that go on, and some that are over, by a token that their clients chose."""

    def __init__(self, max_streams: int) -> None:
        self._transfers: dict[str, Transfer] = {}
        self._lock = threading.Lock()
        self._streams = threading.BoundedSemaphore(max_streams)

    def begin(self, token: str, total: int | None) -> Transfer:
        """A new upload. Raises `Conflict` where there is, or was, another one of that token."""
        with self._lock:
            if token in self._transfers:
                raise Conflict("There is an upload with this token already: choose another one.")
            over = [token for token, transfer in self._transfers.items() if transfer.over]
            for old in over[:-KEPT]:
                del self._transfers[old]
            transfer = self._transfers[token] = Transfer(total)
        return transfer

    async def follow(self, token: str, after: int = 0) -> AsyncIterator[ServerSentEvent]:
        """The events of an upload from the one `after` that place in its log, until it is over.

        It may begin before the upload does. Raises `ServiceUnavailable` where there are too many streams:
        under WSGI each takes a thread.
        """
        with self._place():
            yield ServerSentEvent(retry=1000)
            for look in range(1, round(PATIENCE / INTERVAL)):
                if (transfer := self._transfers.get(token)) is not None:
                    async for event in _watch(transfer, after):
                        yield event
                    return
                if look % round(EARLY_HEARTBEAT / INTERVAL) == 0:
                    yield ServerSentEvent(comment="")
                await asyncio.sleep(INTERVAL)

    @contextmanager
    def _place(self) -> Generator[None, None, None]:
        if not self._streams.acquire(blocking=False):
            raise ServiceUnavailable("Too many streams are open.", retry_after=5)
        try:
            yield
        finally:
            self._streams.release()


async def _watch(transfer: Transfer, after: int) -> AsyncIterator[ServerSentEvent]:
    """The events of an upload, until it is over."""
    received, rate, silence = 0, 0.0, 0.0
    looked = time.monotonic() - transfer.seconds  # when it was last seen growing
    over = False
    while not over:
        over = transfer.over  # asked before the log is read, so that the last event is in it
        for event in transfer.log[after:]:
            after += 1
            yield event
        if (news := transfer.received - received) and not over:
            now = time.monotonic()
            speed = news / max(now - looked, INTERVAL)
            rate = rate * 0.7 + speed * 0.3 if rate else speed  # bytes per second, smoothed
            received, looked = received + news, now
            yield transfer.progress(rate)
        silence = 0.0 if news else silence + INTERVAL
        if silence > HEARTBEAT:
            silence = 0.0
            yield ServerSentEvent(comment="")
        await asyncio.sleep(INTERVAL)
