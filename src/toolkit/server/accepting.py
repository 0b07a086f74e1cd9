"""From a listening socket to connections.

asyncio's own servers lose a connection that comes while they are closed, and tell of a lack of descriptors by
a traceback: so this is ours.
"""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING, Final

from toolkit.server.connection import Connection
from toolkit.server.logs import SERVER

if TYPE_CHECKING:
    import socket

    from toolkit.server.hub import Hub

_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_AT_ONCE: Final = 64
_PAUSE: Final = 0.5  # seconds until there may be a free descriptor


class Acceptor:
    """Takes the connections of listening sockets, until it is stopped."""

    def __init__(self, hub: Hub, sockets: list[socket.socket]) -> None:
        self._hub = hub
        self._sockets = sockets
        self._opening: set[asyncio.Task[None]] = set()
        for sock in sockets:
            sock.setblocking(False)  # noqa: FBT003  # its name says what it is
            hub.loop.add_reader(sock, self._accept, sock)

    async def stop(self) -> None:
        """Take no more; those that are on their way arrive first, or fail."""
        for sock in self._sockets:
            self._hub.loop.remove_reader(sock)
        self._sockets.clear()
        if self._opening:
            await asyncio.wait(self._opening, timeout=1)
        for task in self._opening:
            task.cancel()

    def _accept(self, sock: socket.socket) -> None:
        """Take those that have come, but not so many that others have to wait for it."""
        for _ in range(_AT_ONCE):
            try:
                client, _ = sock.accept()
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    SERVER.warning("Cannot accept connections for now: %s", error.strerror)
                    self._hub.loop.remove_reader(sock)
                    self._hub.loop.call_later(_PAUSE, self._go_on, sock)
                return
            client.setblocking(False)  # noqa: FBT003  # the same
            task = self._hub.loop.create_task(self._open(client))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    def _go_on(self, sock: socket.socket) -> None:
        if sock in self._sockets:
            self._hub.loop.add_reader(sock, self._accept, sock)

    async def _open(self, client: socket.socket) -> None:
        """Make a connection of it; with TLS, after the handshake."""
        settings = self._hub.settings
        timeout = settings.header_timeout if settings.ssl is not None else None
        try:
            await self._hub.loop.connect_accepted_socket(
                lambda: Connection(self._hub), client, ssl=settings.ssl, ssl_handshake_timeout=timeout
            )
        except OSError as error:  # no TLS, or not in time
            SERVER.info("A connection could not be opened: %s", error)
