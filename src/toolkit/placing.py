"""How a file that is complete gets its name, all or nothing, and how that is undone.

What lives here: links and renames. Nothing here opens, reads or writes a file.
"""
# ruff: noqa: PTH105, PTH108, PTH118  # pathlib adds 8 ms to the import of every adapter

from __future__ import annotations

import os
import stat
from typing import TypeAlias

Path: TypeAlias = "str | os.PathLike[str]"
Identity: TypeAlias = "tuple[int, int]"
"""What a file is, whatever it is called: its device, and its number there."""

DESCRIPTORS = "/proc/self/fd"


def beside(path: Path) -> str:
    """A name that nobody guesses, in the directory of `path`."""
    text: str = os.fspath(path)
    directory, name = os.path.split(text)
    return os.path.join(directory, f".{name[:50]}.{os.urandom(8).hex()}")


def link(descriptor: int, path: Path, *, replace: bool) -> None:
    """Give a nameless file the name `path`."""
    source = f"{DESCRIPTORS}/{descriptor}"
    try:
        # Only with a directory's descriptor (of no use here) does Python follow the symbolic link.
        os.link(source, path, src_dir_fd=descriptor, follow_symlinks=True)
    except FileExistsError:
        if not replace:
            raise
        name = beside(path)
        os.link(source, name, src_dir_fd=descriptor, follow_symlinks=True)
        rename(name, path, replace=True)


def rename(name: str, path: Path, *, replace: bool) -> None:
    """Give the file `name` the name `path` instead; if that fails, it has none."""
    try:
        if replace:
            os.replace(name, path)
            return
        os.link(name, path)
    except BaseException:
        os.unlink(name)
        raise
    os.unlink(name)


def identity(file: Path | int) -> Identity | None:
    """What is at a path, or has this descriptor; None if nothing is there."""
    try:
        status = os.fstat(file) if isinstance(file, int) else os.lstat(file)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def set_aside(path: Path) -> str | None:
    """Give what is at `path` a second, hidden name, which is returned; None if there is nothing to keep."""
    name = beside(path)
    try:
        os.link(path, name, follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError:  # a file system without links, or a file of somebody else
        if stat.S_ISDIR(os.lstat(path).st_mode):
            return None  # it will not be replaced
        os.replace(path, name)
    return name


def put_back(path: Path, ours: Identity | None, aside: str | None) -> None:
    """Take what is `ours` away from `path`, and put back what was set aside; what others put there stays."""
    there = None if ours is None else identity(path)
    if there not in (None, ours):
        if aside is not None:
            os.unlink(aside)
    elif aside is not None:
        os.replace(aside, path)
    elif there is not None:
        os.unlink(path)
