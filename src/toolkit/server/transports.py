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
    """What is known of the two ends of a connection; an address of IPv6 has two more parts."""
    scheme, root_path = "https" if settings.ssl is not None else "http", settings.root_path
    if settings.unix is not None:
        return Endpoints(scheme, None, (settings.unix, None), root_path)
    client: tuple[str, int] = transport.get_extra_info("peername")[:2]
    server: tuple[str, int] = transport.get_extra_info("sockname")[:2]
    return Endpoints(scheme, client, server, root_path)


def reset(transport: Transport) -> None:
    """Break off at once: the system forgets, too, what it has not sent, and the client gets a reset."""
    sock: socket.socket = transport.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
