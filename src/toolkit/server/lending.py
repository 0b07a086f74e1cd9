"""The socket of a connection in the hands of a thread, so that content comes with no event loop in between.

A thread that reads content waits for it anyway; to hand it over would only add two changes of threads for
every piece. While a socket is lent, the loop reads nothing from it, and the thread reads content alone, no
byte after it. So everything else stays with the loop: the state of the connection, what is sent, what comes
next. And what is wrong: a thread that cannot go on gives the socket back, and the loop sees for itself.
"""

from __future__ import annotations

import os
import select
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from asyncio import BaseTransport
    from socket import socket

    from toolkit.sansio.http11.server import ServerConnection
    from toolkit.server.settings import Settings

_GLANCE: Final = 0.5  # seconds after which a thread that waits sees that the loan is over


def are_lent(settings: Settings) -> bool:
    """Whether sockets are lent: those of TLS carry more than content, and Windows lacks the calls."""
    return settings.ssl is None and hasattr(select, "poll") and hasattr(os, "readv")


class Loan:
    """The right of a thread to read `left` bytes of content, until it is ended. `read` blocks the thread.

    `broken` says that the connection is.
    """

    def __init__(
        self, wire: ServerConnection, transport: BaseTransport, time: float, settings: Settings
    ) -> None:
        self.left: int = wire.unread or 0
        self._time = time
        self._timed = self.left  # when `_time` was told
        self.broken = False
        self._wire = wire
        self._settings = settings
        sock: socket = transport.get_extra_info("socket")
        self._descriptor = sock.fileno()
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)
        self._lock = Lock()  # held while something is taken: when it is over, the descriptor may be another's
        self._over = False
        self._dry = False  # the last read took all that was there: another would find nothing

    # On the loop.

    def settle(self) -> bool:
        """Count what was taken since the last time; whether the content is whole."""
        left = self.left
        self._wire.count_content((self._wire.unread or 0) - left)
        return not left

    @property
    def is_over(self) -> bool:
        """Whether it was ended, here or in the thread."""
        return self._over

    def end(self) -> None:
        """Nothing is taken from now on: the socket may be read here, or closed."""
        with self._lock:
            self._over = True

    # In the thread.

    def read(self, target: memoryview) -> int | None:
        """Put content into `target`: how many bytes, 0 at its end. None: it is over, or over now."""
        while not self._dry or self._wait():
            with self._lock:
                if self._over or not self.left:
                    return None if self.left else 0
                room = target[: self.left]
                try:
                    size = os.readv(self._descriptor, [room])
                except BlockingIOError:
                    self._dry = True
                    continue
                except OSError:
                    self.broken = True
                    break
                if not size:
                    break
                self._dry = size < len(room)
                self.left -= size
                return size
        self.end()
        return None

    def _wait(self) -> bool:
        """Wait for more, though not for long; whether the client has time left.

        The descriptor may be closed and belong to another connection by now: `read` looks again.
        """
        if self.time > 0 and not self._over:
            began = monotonic()
            self._poll.poll(min(self.time, _GLANCE) * 1000)
            self._time -= monotonic() - began
        return self.time > 0

    @property
    def time(self) -> float:
        """What the client may take for what comes next, in seconds: less by the waiting, more by what came.

        It is told when it matters, and not for every piece.
        """
        came, self._timed = self._timed - self.left, self.left
        if came:
            self._time = self._settings.time_after(came, self._time)
        return self._time
