"""What must be the same before and after: open descriptors, and the files of a directory."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="descriptors are counted in /proc")


def descriptors() -> dict[str, str]:
    """Every open descriptor of this process, and what it leads to."""
    found: dict[str, str] = {}
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  # its own descriptor is among them
        with suppress(FileNotFoundError):
            found[name] = os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115  # not a path to follow
    return found


@contextmanager
def nothing_left(directory: Path) -> Generator[None, None, None]:
    """Fail if the block leaves a descriptor open, or changes what is in `directory`."""
    opened, files = descriptors(), sorted(directory.rglob("*"))
    yield
    assert descriptors() == opened
    assert sorted(directory.rglob("*")) == files
