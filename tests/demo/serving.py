"""The demo as a process of its own, on the built-in server and on others."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.support.waiting import PATIENCE, free_port, until

if TYPE_CHECKING:
    from collections.abc import Generator

ROOT = Path(__file__).parents[2]
HEAD = b'--B\r\nContent-Disposition: form-data; name="f"; filename="broken.bin"\r\n\r\n'

_DEMO = ["-m", "toolkit", "demo", "--port", "{port}", "--directory", "{directory}"]
_APP = "examples.upload.app"
SERVERS = {
    "built-in-wsgi": [*_DEMO, "--wsgi"],
    "built-in-asgi": [*_DEMO, "--asgi"],
    "gunicorn": ["-m", "gunicorn", "-k", "gthread", "--threads=16", "-b", "127.0.0.1:{port}", f"{_APP}:wsgi"],
    "uvicorn": ["-m", "uvicorn", "--port", "{port}", f"{_APP}:asgi"],
}  # fmt: skip
OTHERS = {
    "waitress": ["-m", "waitress", "--listen=127.0.0.1:{port}", "--threads=16", f"{_APP}:wsgi"],
    "granian": ["-m", "granian", "--interface", "asgi", "--port", "{port}", f"{_APP}:asgi"],
    "hypercorn": ["-m", "hypercorn", "--bind", "127.0.0.1:{port}", f"{_APP}:asgi"],
}
"""Servers where one test is enough."""


class Served(NamedTuple):
    """A demo that runs: where it answers, where its files go, its process."""

    name: str
    url: str
    port: int
    directory: Path
    process: subprocess.Popen[bytes]

    def files(self) -> list[str]:
        """Everything in its directory, hidden files as well."""
        return sorted(path.name for path in self.directory.iterdir())


def each(servers: dict[str, list[str]]) -> list[object]:
    """The servers as parameters of a fixture or test."""
    return [
        pytest.param(
            name,
            marks=(
                pytest.mark.xdist_group(f"demo on {name}"),
                pytest.mark.skipif(
                    command[1] != "toolkit" and find_spec(command[1]) is None, reason=f"without {command[1]}"
                ),
            ),
        )
        for name, command in servers.items()
    ]


@contextmanager
def served(name: str, directory: Path) -> Generator[Served, None, None]:
    """The demo on a server, for the time of the block."""
    directory.mkdir(exist_ok=True)
    port = free_port()
    command = [part.format(port=port, directory=directory) for part in (SERVERS | OTHERS)[name]]
    environment = {**os.environ, "UPLOADS": str(directory), "TMPDIR": str(directory.parent)}
    with (directory.parent / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until(lambda: process.poll() is not None or _answers(port), f"{name} answers")
        yield Served(name, f"http://127.0.0.1:{port}", port, directory, process)
    finally:
        _stop(process)


needs_prlimit = pytest.mark.skipif(
    not hasattr(resource, "prlimit"), reason="only Linux limits other processes"
)


def fill_disk(server: Served) -> None:
    """Let no file of a process grow beyond a megabyte: as good as a full disk, and nobody else's."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))


def begin_upload(server: Served, token: str, content: bytes, *, announced: int) -> socket.socket:
    """A connection on which an upload has begun, and goes no further than `content`."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    lines = [
        f"POST /uploads/{token} HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "Content-Type: multipart/form-data; boundary=B",
        f"Content-Length: {announced}",
        "",
        "",
    ]
    connection.sendall("\r\n".join(lines).encode() + HEAD + content)
    return connection


def _answers(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        try:
            connection.request("GET", "/files")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
