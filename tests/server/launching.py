"""The server as a process of its own: `python -m tests.server.launching PROTOCOL NAME=VALUE …` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

ROOT = Path(__file__).parents[2]


class Process:
    """A server that listens. `errors` is where it tells things."""

    def __init__(self, command: list[str], errors: Path, environment: dict[str, str]) -> None:
        self.errors = errors
        with errors.open("wb") as file:
            self.popen = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=file, env={**os.environ, **environment}
            )
        assert self.popen.stdout is not None
        self.url = self.popen.stdout.readline().decode().strip()
        assert self.url, errors.read_text()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def said(self) -> str:
        return self.errors.read_text()

    def status(self, key: str) -> int:
        """A number of /proc/PID/status, such as VmRSS in KiB."""
        for line in Path(f"/proc/{self.popen.pid}/status").read_text().splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1])
        raise KeyError(key)

    def processor_time(self) -> float:
        """Seconds that it has run on any processor so far."""
        return time.clock_gettime(
            (~self.popen.pid << 3) | 2
        )  # what clock_getcpuclockid(3) gives for a process

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.popen.pid}/fd").iterdir()))


@contextmanager
def process(
    protocol: str,
    directory: Path,
    *,
    temporary: Path | None = None,
    open_files: int | None = None,
    **settings: float,
) -> Generator[Process, None, None]:
    """A server of the tests' application for the time of a block."""
    options = [f"{name}={value}" for name, value in settings.items()]
    command = [sys.executable, "-m", "tests.server.launching", protocol, *options]
    if open_files is not None:
        command = ["sh", "-c", f'ulimit -n {open_files}; exec "$@"', "sh", *command]
    running = Process(command, directory / "errors", {} if temporary is None else {"TMPDIR": str(temporary)})
    try:
        yield running
    finally:
        running.popen.kill()
        running.popen.wait()
        assert running.popen.stdout is not None
        running.popen.stdout.close()


def main() -> None:
    from tests.server.apps import APPS
    from toolkit.server import Server, Settings, log_to

    class Announced(Server):
        def listening(self) -> None:
            print(self.url, flush=True)  # noqa: T201  # the test reads it

    log_to()
    numbers = {name: float(value) for name, _, value in (option.partition("=") for option in sys.argv[2:])}
    whole = {"port": 0, "max_connections": 0, "threads": 0}
    settings = {name: int(value) if name in whole else value for name, value in numbers.items()}
    Announced(APPS[sys.argv[1]], Settings(**{"port": 0, **settings})).run()  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
