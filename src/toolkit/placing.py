"""How a file that is complete gets its name, all or nothing, and how that is undone.

What lives here: links and renames. Nothing here opens, reads or writes a file.
"""
# ruff: noqa: PTH104, PTH105, PTH108, PTH118  # pathlib adds 8 ms to the import of every adapter

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TypeAlias

Path: TypeAlias = "str | os.PathLike[str]"
Identity: TypeAlias = "tuple[int, int]"
"""What a file is, whatever it is called: its device, and its number there."""

DESCRIPTORS = "/proc/self/fd"
# Why a file cannot appear where another one may be replaced: the name is taken, or nothing can be linked.
_IN_THE_WAY = (errno.EEXIST, errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS)


def beside(path: Path) -> str:
    """A name that nobody guesses, in the directory of `path`."""
    text: str = os.fspath(path)
    directory, name = os.path.split(text)
    return os.path.join(directory, f".{name[:50]}.{os.urandom(8).hex()}")


def appear(file: int | str, path: Path) -> None:
    """Give a file, which is nameless or has another name, the name `path`, which must be free."""
    if isinstance(file, str):
        os.link(file, path)
    else:
        # Only with a directory's descriptor (of no use here) does Python follow the symbolic link.
        os.link(f"{DESCRIPTORS}/{file}", path, src_dir_fd=file, follow_symlinks=True)


def put(descriptor: int, path: Path) -> None:
    """Give a nameless file the name `path`, whatever had it before."""
    try:
        appear(descriptor, path)
    except FileExistsError:
        name = beside(path)
        appear(descriptor, name)
        move(name, path)


def move(name: str, path: Path) -> None:
    """Give the file `name` the name `path` instead, whatever had it before; if that fails, it has none."""
    try:
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def claim(file: int | str, path: Path, *, replace: bool) -> str | None:
    """Give a file the name `path` if that is free; else, to `replace` what is there, a hidden one: which."""
    try:
        appear(file, path)
    except OSError as error:
        if not replace or error.errno not in _IN_THE_WAY:
            raise
        if _is_directory(path):  # which no file can replace
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path)) from None
        if isinstance(file, str):
            return file
        name = beside(path)
        appear(file, name)
        return name
    if isinstance(file, str):
        os.unlink(file)
    return None


def _is_directory(path: Path) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False


def identity(file: Path | int) -> Identity | None:
    """What is at a path, or has this descriptor; None if nothing is there."""
    try:
        status = os.fstat(file) if isinstance(file, int) else os.lstat(file)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def take_away(path: Path, ours: Identity) -> None:
    """Remove the file at `path` if it is `ours`; what others put there stays."""
    if identity(path) != ours:
        return
    name = beside(path)
    with suppress(FileNotFoundError):
        os.rename(path, name)
        if identity(name) != ours:  # somebody was quick to replace it
            with suppress(FileExistsError):
                os.link(name, path, follow_symlinks=False)
        os.unlink(name)
