"""The response to a request in the hands of the thread that made it, so that no event loop comes in between.

To hand a response over costs two changes of threads, which take longer than to send it. So while an
application runs and the client says nothing more, its thread has the turn: a small response that is made in
one piece it sends by itself. Whatever the loop has to do with the connection meanwhile ends the turn, and the
loop sends the response. Nor is the loop woken for what was sent: it learns of it when it next has to do with
the connection, which is when the client goes on, or when somebody looks at the time.
"""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import BaseTransport
    from collections.abc import Callable, Sequence
    from socket import socket

    from toolkit.sansio.http11.events import ServerSent


class Turn:
    """The right of a thread to send one whole response, until it is ended.

    `answered` says that it did, and `rest` is what the socket did not take of it at once. `pieces` and `log`
    are the connection's: what it does with a response is under the lock of the turn.
    """

    def __init__(
        self,
        transport: BaseTransport,
        pieces: Callable[[Sequence[ServerSent]], list[bytes]],
        log: Callable[[], object],
    ) -> None:
        self.answered = False
        self.rest = b""
        sock: socket = transport.get_extra_info("socket")
        self._descriptor = sock.fileno()
        self._pieces = pieces
        self._log = log
        self._lock = Lock()  # when the turn is over, the descriptor may be another's
        self._over = False

    def end(self) -> None:
        """On the loop: the thread sends nothing from now on."""
        with self._lock:
            self._over = True

    def answer(self, events: Sequence[ServerSent]) -> bool:
        """In the thread: send a whole response; False: it is over, and the loop has to. Never blocks.

        Raises what `ServerConnection.send` raises: then nothing was sent.
        """
        with self._lock:
            if self._over:
                return False
            pieces = self._pieces(events)
            self._over = self.answered = True
            sent = 0
            with suppress(OSError):  # the socket is full, or broken, as the loop will find
                sent = os.writev(self._descriptor, pieces)
            if sent < sum(map(len, pieces)):
                self.rest = b"".join(pieces)[sent:]
            self._log()
            return True
