"""Clients that mean harm, many of them in one thread, and a probe that measures what the others notice.

That is measured in processor time of the server: how long others wait on a machine that does nothing else.
"""

from __future__ import annotations

import select
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.server.launching import Process

_PAUSE = 0.2  # seconds between two things that a client says
PROBE = b"GET /probe HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass
class Client:
    """One client: what it says at first, and again and again; whether it reads; when it was closed."""

    kind: str
    first: bytes = b""
    again: bytes = b""
    reads: bool = True
    closed: float | None = None
    """Seconds from its start until the server closed the connection."""
    received: bytes = b""
    started: float = 0.0
    socket: socket.socket = field(default_factory=lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))


class Herd:
    """Clients on one server, driven until all of them are closed or the time is over."""

    def __init__(self, server: Process, clients: list[Client]) -> None:
        self._server = server
        self.clients = clients
        self.began = 0.0
        """When all had said their first word, and their hearing began."""
        self.probes: list[float] = []
        """Seconds that each request of the probe took."""
        self.work: list[float] = []
        """Seconds of processor time that the server has spent meanwhile."""

    def run(self, seconds: float, *, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Let them loose. `meanwhile` is called once, when all are connected and have said something."""
        poll = select.poll()
        waiting: dict[int, Client] = {}
        for number, client in enumerate(self.clients):
            self._begin(client)
            if number % 20 == 0:
                self._probe()
            waiting[client.socket.fileno()] = client
            # Who does not read hears of the end only: an error, or a hang-up.
            poll.register(client.socket, select.POLLIN if client.reads else 0)
        meanwhile()
        self.began = time.monotonic()
        end = time.monotonic() + seconds
        spoken = 0.0
        while waiting and time.monotonic() < end:
            self._probe()
            for descriptor, _ in poll.poll(5):
                if self._hear(waiting[descriptor]):
                    poll.unregister(descriptor)
                    del waiting[descriptor]
            if time.monotonic() - spoken > _PAUSE:
                spoken = time.monotonic()
                for client in waiting.values():
                    if client.again:
                        self._say(client)
        for client in self.clients:
            client.socket.close()

    def _begin(self, client: Client) -> None:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.socket.connect(("127.0.0.1", self._server.port))
        client.started = time.monotonic()
        client.socket.settimeout(PATIENCE)
        client.socket.sendall(client.first)
        client.socket.settimeout(0)

    def _hear(self, client: Client) -> bool:
        """Whether the connection is over."""
        try:
            data = client.socket.recv(4096) if client.reads else b""
        except BlockingIOError:
            return False
        except ConnectionError:
            data = b""
        client.received += data
        if not data:
            client.closed = time.monotonic() - client.started
        return not data

    def _say(self, client: Client) -> None:
        with suppress(OSError):
            client.socket.send(client.again)

    def _probe(self) -> None:
        start, before = time.monotonic(), self._server.processor_time()
        with socket.create_connection(("127.0.0.1", self._server.port), PATIENCE) as probe:
            probe.sendall(PROBE)
            assert probe.recv(4096).startswith(b"HTTP/1.1 200 ")
        self.probes.append(time.monotonic() - start)
        self.work.append(self._server.processor_time() - before)

    @property
    def p99(self) -> float:
        """Seconds of processor time that 99 of 100 probes waited for at most."""
        return sorted(self.work)[int(len(self.work) * 0.99)]
