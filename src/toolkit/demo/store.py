"""The directory that uploads go to: which files are in it, and under which names new ones may come."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from toolkit.sansio.errors.http import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.storage import PathSink


class StoredFile(NamedTuple):
    """One file: its size in bytes, when it was stored, and its SHA-256 in hex, if we saw it come."""

    name: str
    size: int
    modified: datetime
    sha256: str | None


class Store:
    """The files of one directory, by name. Hidden ones, links, subdirectories, and names that are no text
    are not its business.

    Its methods may be called by any thread.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = Path(directory)
        self._lock = threading.Lock()
        self._digests: dict[str, tuple[int, str]] = {}  # with the time of the file, which may be replaced

    def files(self) -> list[StoredFile]:
        """All files, the newest first."""
        found = [(facts.st_mtime_ns, name, facts) for name, facts in self._scan()]
        return [
            StoredFile(
                name,
                facts.st_size,
                datetime.fromtimestamp(facts.st_mtime, timezone.utc),
                self._digest(name, modified),
            )
            for modified, name, facts in sorted(found, key=lambda item: item[:2], reverse=True)
        ]

    def _scan(self) -> Iterator[tuple[str, os.stat_result]]:
        with os.scandir(self.directory) as entries:
            for entry in entries:
                try:
                    facts = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # deleted meanwhile
                    continue
                if S_ISREG(facts.st_mode) and entry.name[0] != "." and _is_text(entry.name):
                    yield entry.name, facts

    def open(self, name: str) -> BinaryIO:
        """A file, to read. Raises `NotFound`."""
        try:
            return self._path(name).open("rb")
        except FileNotFoundError:  # deleted at this moment
            raise NotFound from None

    def delete(self, name: str) -> None:
        """Delete a file; whoever reads it right now can go on. Raises `NotFound`."""
        try:
            self._path(name).unlink()
            self._digests.pop(name, None)
        except FileNotFoundError:
            raise NotFound from None

    def _path(self, name: str) -> Path:
        """Where a file is, if `files` tells of it: no other name leads anywhere."""
        if all(name != known for known, _ in self._scan()):
            raise NotFound
        return self.directory / name

    def publish(self, sink: PathSink) -> Path:
        """Let a file that is complete appear, under its name if that is free, else under the next one.

        Two files of one name are `cat.png` and `cat-2.png`. Where another process takes the name at this
        very moment it keeps it: that is a `FileExistsError`.
        """
        path = Path(sink.path)
        with self._lock:
            number = 1
            while os.path.lexists(sink.path):
                number += 1
                sink.path = str(path.with_name(f"{path.stem}-{number}{path.suffix}"))
            sink.commit()
        return Path(sink.path)

    def remember(self, path: Path, sha256: str) -> None:
        """Keep the digest of a file that has just come."""
        with suppress(FileNotFoundError):  # somebody was quick to delete it
            self._digests[path.name] = path.stat().st_mtime_ns, sha256

    def _digest(self, name: str, modified: int) -> str | None:
        known, sha256 = self._digests.get(name, (None, None))
        return sha256 if known == modified else None


def _is_text(name: str) -> bool:
    """Whether a name is UTF-8: what the system gives for other bytes can be told to nobody."""
    return not any("\ud800" <= character <= "\udfff" for character in name)
