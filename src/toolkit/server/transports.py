"""What the transport of a connection knows of its two ends, and how it is broken off."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, Final

from toolkit.gateway import Endpoints

if TYPE_CHECKING:
    from asyncio import BaseTransport, Transport

    from toolkit.server.settings import Settings

_RESET: Final = struct.pack("ii", 1, 0)  # of SO_LINGER: on, for no time


def endpoints_of(transport: BaseTransport, settings: Settings) -> Endpoints:
    """What is known of the two ends of a connection; nothing of a client that has reset it already."""
    scheme, root_path = "https" if settings.ssl is not None else "http", settings.root_path
    if settings.unix is not None:
        return Endpoints(scheme, None, (settings.unix, None), root_path)
    return Endpoints(scheme, _address(transport, "peername"), _address(transport, "sockname"), root_path)


def _address(transport: BaseTransport, end: str) -> tuple[str, int] | None:
    """A host and a port; an address of IPv6 has two more parts."""
    known: tuple[str, int] | None = transport.get_extra_info(end)
    return known and known[:2]


def name_of(endpoints: Endpoints) -> str:
    """The client, in a log."""
    return endpoints.client[0] if endpoints.client else "-"


def reset(transport: Transport) -> None:
    """Break off at once: the system forgets, too, what it has not sent, and the client gets a reset."""
    sock: socket.socket = transport.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


class Uptake:
    """What a client takes of what is sent to it; nothing for `timeout` seconds is too slow."""

    def __init__(self, timeout: float) -> None:
        self.sent = 0  # bytes given to the transport
        self._timeout = timeout
        self._taken = 0  # bytes gone from it
        self._deadline = inf

    def is_too_slow(self, unsent: int, now: float) -> bool:
        """Whether nothing was taken for too long, of which so many bytes are still in the transport."""
        taken = self.sent - unsent
        if taken != self._taken:
            self._taken = taken
            self._deadline = now + self._timeout
        return now >= self._deadline
