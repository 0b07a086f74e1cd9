"""A command that is started again whenever a Python file changes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_PAUSE: Final = 0.3  # seconds between two looks at the files
_PATIENCE: Final = 2.0  # seconds for requests in progress, when the code has changed
_IGNORED: Final = frozenset({"node_modules", "__pycache__", "site-packages"})


def run_again_on_changes() -> int:
    """Run this command without `--reload`, and again after each change; the exit status of the last one."""
    kept = [part for part in sys.orig_argv[1:] if len(part) < 3 or not "--reload".startswith(part)]
    return supervise([sys.executable, *kept], Path.cwd())


def supervise(command: list[str], directory: Path) -> int:
    """Run a command, and again whenever a file below `directory` changes, until it is to stop."""
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell ignores the first
        signal.signal(number, _interrupt)
    watching = changes(directory)
    next(watching)  # what changes from now on is seen
    process = subprocess.Popen(command)  # noqa: S603  # this very command
    try:
        for changed in watching:
            if changed:
                sys.stderr.write(f"{changed} has changed: starting again\n")
                _end(process)
                process = subprocess.Popen(command)  # noqa: S603  # this very command
    except KeyboardInterrupt:
        if process.poll() is None and sys.stdin is not None and not sys.stdin.isatty():
            process.terminate()  # a terminal has told it already
    return process.wait()


def changes(directory: Path) -> Iterator[str]:
    """The name of a Python file that has changed, or "" when none has for a while; without an end."""
    if find_spec("watchfiles") is not None:  # it is told by the system, and need not look
        watch: Callable[..., Iterator[set[tuple[object, str]]]] = import_module("watchfiles").watch
        for changed in watch(directory, rust_timeout=round(_PAUSE * 1000), yield_on_timeout=True):
            yield min((path for _, path in changed if path.endswith(".py")), default="")
        return
    before = dict(_files(directory))
    yield ""
    while True:
        time.sleep(_PAUSE)
        now = dict(_files(directory))
        yield min((path for path, _ in now.items() ^ before.items()), default="")
        before = now


def _files(directory: Path) -> Iterator[tuple[str, int]]:
    """The Python files below a directory, with the times of their last changes."""
    for root, directories, names in os.walk(directory):
        directories[:] = [name for name in directories if name[:1] != "." and name not in _IGNORED]
        for name in names:
            if name.endswith(".py"):
                path = Path(root, name)
                try:
                    yield str(path), path.stat().st_mtime_ns
                except FileNotFoundError:  # it was there a moment ago
                    continue


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
