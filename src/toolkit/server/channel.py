"""The bytes of a connection and their time: what is received or held back, sent or too much, soon or late.

What the bytes mean is the affair of the `Connection` on it.
"""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING, cast

from typing_extensions import override

from toolkit.server.transports import Uptake, endpoints_of, reset

if TYPE_CHECKING:
    from toolkit.gateway import Endpoints
    from toolkit.server.hub import Hub


class Channel(asyncio.Protocol):
    """A transport, and the time of the client on it. `endpoints` is what is known of its two ends."""

    endpoints: Endpoints

    def __init__(self, hub: Hub) -> None:
        self.settings = hub.settings
        self._hub = hub
        self._deadline = inf  # of what the client has to do
        self._uptake = Uptake(hub.settings.write_timeout)
        self._held = False  # nothing is received
        self._full = False  # nothing more should be sent

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.endpoints = endpoints_of(transport, self.settings)

    @override
    def pause_writing(self) -> None:
        self._full = True

    @property
    def is_full(self) -> bool:
        """Whether more was sent than the client has taken, or it is gone: wait for `resume` or `lose`."""
        return self._full or self._transport.is_closing()

    def hold(self) -> None:
        """Receive nothing: there is enough."""
        self._held = True
        self._deadline = inf
        self._transport.pause_reading()

    def _receive(self) -> None:
        if self._held:
            self._held = False
            self._transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._uptake.sent += len(data)
        self._transport.write(data)

    def expect(self, seconds: float) -> None:
        """Something has to come within so many seconds."""
        self._deadline = self._hub.loop.time() + seconds

    def _earn(self, size: int) -> None:
        """Content came, and the next has its time: more where much came, or a byte now and then would do."""
        now = self._hub.loop.time()
        self._deadline = now + self.settings.time_after(size, self._deadline - now)

    def abort(self) -> None:
        """Break off at once: the system forgets, too, what it has not sent, and the client gets a reset."""
        reset(self._transport)
