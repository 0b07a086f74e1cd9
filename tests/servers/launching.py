"""Servers as processes: started on a free port, known to be ours, watched through /proc, and stopped."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import closing, contextmanager, suppress
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from tests.support.waiting import PATIENCE, free_port, until

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.servers.catalogue import Server

ROOT = Path(__file__).parents[2]
DOWNLOAD = 100 * 1024 * 1024
BLOCK = bytes(range(256)) * 4096
_ATTEMPTS = 3  # ports: another server may take one before ours does


class Running:
    """A server that answers. `files` is where its application looks for files, `temporary` its TMPDIR."""

    def __init__(self, server: Server, directory: Path) -> None:
        self.server = server
        self.files = directory / "files"
        self.temporary = directory / "tmp"
        self.files.mkdir(parents=True, exist_ok=True)
        self.temporary.mkdir(exist_ok=True)
        with (self.files / "download.bin").open("wb") as file:
            for number in range(DOWNLOAD // len(BLOCK)):
                file.write(number.to_bytes(8, "big") + BLOCK[8:])
        self.log = directory / "log"
        self.lived = 0  # bytes of its log when it was told to stop
        self.token = token_hex(8)
        self.port, self.process = self._start()
        self._own = self.open_files(self.temporary)  # workers of gunicorn keep one to show that they live

    def _start(self) -> tuple[int, subprocess.Popen[bytes]]:
        for _ in range(_ATTEMPTS):
            port = free_port()
            process = self._spawn(port)
            try:
                until(partial(self._settled, process, port), what=f"{self.server} is up")
                if process.poll() is None:
                    return port, process
            except BaseException:
                _stop(process)
                raise
            _stop(process)
        raise AssertionError(f"{self.server} did not start:\n{self.log.read_text(encoding='utf-8')}")

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            **self.server.environment,
            "PYTHONPATH": os.pathsep.join(
                [str(ROOT / "src"), str(ROOT)]
            ),  # the code that is tested, wherever it is
            "TOOLKIT_SERVER_FILES": str(self.files),
            "TOOLKIT_SERVER_TOKEN": self.token,
            "TMPDIR": str(self.temporary),
        }
        command = [part.replace("{port}", str(port)) for part in self.server.command]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its own process group: whatever it starts can be found and stopped
            )

    def _settled(self, process: subprocess.Popen[bytes], port: int) -> bool:
        return process.poll() is not None or self._answers(port)

    def _answers(self, port: int) -> bool:
        for path in ("/ready", "/mounted/ready"):
            connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            with suppress(OSError, HTTPException), closing(connection):
                connection.request("GET", path)
                if connection.getresponse().read() == self.token.encode():
                    return True
        return False

    def stop(self) -> None:
        """End it and all that it started."""
        self.lived = self.log.stat().st_size
        _stop(self.process)

    # What is known of its processes.

    def pids(self) -> list[int]:
        """The processes of its group."""
        found: list[int] = []
        for directory in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                if os.getpgid(int(directory.name)) == self.process.pid:
                    found.append(int(directory.name))
        return found

    def peak_memory(self) -> int:
        """The most that any of its processes ever held in memory, in bytes."""
        return max(_status(pid, "VmHWM:") for pid in self.pids()) * 1024

    def stored(self) -> set[str]:
        """What is in its temporary directory, and what it holds open there without a name; not its own."""
        files = {str(path) for path in self.temporary.iterdir()}
        return (files | self.open_files(self.temporary)) - self._own

    def open_files(self, directory: Path) -> set[str]:
        """What its processes hold open in a directory."""
        found: set[str] = set()
        for pid in self.pids():
            with suppress(OSError):
                for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                    with suppress(OSError):
                        found.add(str(descriptor.readlink()))
        return {target for target in found if target.startswith(str(directory))}

    def records(self, name: str) -> bool:
        """Whether the application has left this record."""
        return (self.files / name).exists()

    def recorded(self, name: str) -> str:
        """What the application recorded; waits for it."""
        until(lambda: self.records(name), what=f"the application records {name}")
        return (self.files / name).read_text(encoding="utf-8")


@contextmanager
def running(server: Server, directory: Path) -> Generator[Running, None, None]:
    """A server for the time of a block. What the block says of its log, it says with the server down."""
    process = Running(server, directory)
    try:
        yield process
    finally:
        process.stop()


def _status(pid: int, key: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(key):
                return int(line.split()[1])
    return 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process group: by request, and if that does not help, by force."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
