"""What the transport of a connection knows of its two ends, and how it is broken off."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
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
