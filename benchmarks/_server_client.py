"""Servers as processes, and the client that loads them: plain sockets, as little Python as can be."""

from __future__ import annotations

import atexit
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks._server_apps import SERVERS, TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: benchmark\r\nAccept: */*\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n"
BLOCK = bytes(1024 * 1024)


class Loaded:
    """A running server, and what is asked of it."""

    def __init__(self, name: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        command = [sys.executable, "-m", "benchmarks._server_apps", name, str(self.port)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        atexit.register(self.stop)
        self._sockets: list[socket.socket | None] = []
        self._wait()

    def stop(self) -> None:
        """End the server."""
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _wait(self) -> None:
        end = time.monotonic() + 30
        while True:
            if self.process.poll() is not None:
                raise ImportError("it does not start")
            try:
                return self._connect().close()
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def _connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 60)

    def get(self, connections: int, rounds: int) -> int:
        """Ask over `connections` at once, `rounds` times; how many right answers there were.

        Connections are kept where the server keeps them, as a browser would.
        """
        self._sockets += [None] * (connections - len(self._sockets))
        right = 0
        for _ in range(rounds):
            for index in range(connections):
                sock = self._sockets[index] or self._connect()
                self._sockets[index] = sock
                sock.sendall(GET)
            for index in range(connections):
                right += self._receive(index)
        return right

    def _receive(self, index: int) -> bool:
        """Whether the answer that comes is right."""
        sock = self._sockets[index]
        assert sock is not None
        answer = sock.recv(65536)
        while not answer.endswith(TEXT) and (more := sock.recv(65536)):
            answer += more
        if answer.startswith(b"HTTP/1.0") or b"onnection: close" in answer:
            sock.close()
            self._sockets[index] = None
        return answer.startswith(b"HTTP/1.") and answer.endswith(TEXT)

    def close(self) -> None:
        """Close the connections that are kept."""
        for sock in self._sockets:
            if sock is not None:
                sock.close()
        self._sockets.clear()

    def upload(self, size: int) -> int:
        """Send so many bytes; how many the server says it got."""
        with self._connect() as sock:
            sock.sendall(POST % size)
            for _ in range(size // len(BLOCK)):
                sock.sendall(BLOCK)
            answer = b""
            while not answer.partition(b"\r\n\r\n")[2].endswith(b"\n") and (more := sock.recv(65536)):
                answer += more
        return int(answer.partition(b"\r\n\r\n")[2])


def loaded() -> Callable[[str], Loaded]:
    """Servers by name, each started once."""
    running: dict[str, Loaded] = {}

    def start(name: str) -> Loaded:
        if name not in running:
            if name not in SERVERS:
                raise KeyError(name)
            running[name] = Loaded(name)
        return running[name]

    return start
