"""A client for the terminal: files go to the demo as one form, streamed, with a progress bar.

The form is made by the toolkit's own encoder and sent by `http.client`. The digests that the server tells are
compared with what was read here.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, BinaryIO, TextIO

from toolkit.sansio.errors.base import ToolkitError
from toolkit.sansio.forms.encoder import MultipartEncoder
from toolkit.sansio.forms.events import FileData, FileEnd, FileStart
from toolkit.sansio.url.model import URL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from http.client import HTTPResponse
    from pathlib import Path

    from typing_extensions import Self

    from toolkit.sansio.forms.events import FormEvent

BLOCK = 256 * 1024
TIMEOUT = 60.0  # seconds in which something must move
LOOK = 0.1  # seconds between two states of the bar


class SendError(Exception):
    """What went wrong, in a sentence for the terminal."""


@dataclass
class Source:
    """A file to send; its digest grows while it is read."""

    path: Path
    size: int

    def __post_init__(self) -> None:
        self.hash = hashlib.sha256()

    def events(self) -> Iterator[FormEvent]:
        """The file as a part of a form, without its content."""
        name = os.fsencode(self.path.name).decode("utf-8", "replace")
        yield FileStart("file", name, "application/octet-stream")
        yield FileEnd(self.size)

    def blocks(self) -> Iterator[bytes]:
        """The content."""
        with self.path.open("rb", buffering=0) as file:
            yield from self._read(file)

    def _read(self, file: BinaryIO) -> Iterator[bytes]:
        left = self.size
        while left:
            data = file.read(min(BLOCK, left))
            if not data:
                raise SendError(f"{self.path} has become shorter meanwhile")
            left -= len(data)
            self.hash.update(data)
            yield data


def send(paths: Sequence[Path], url: str, terminal: TextIO) -> None:
    """Send files to the demo at `url`, telling how it goes. Raises `SendError`."""
    sources = [_source(path) for path in paths]
    encoder = MultipartEncoder(f"toolkit-{secrets.token_hex(16)}")
    total = encoder.measure(event for source in sources for event in source.events())
    started = time.perf_counter()
    try:
        with closing(_connect(url)) as connection:
            connection.putrequest("POST", f"{URL(url).path.rstrip('/')}/uploads/{secrets.token_hex(16)}")
            connection.putheader("Content-Type", encoder.content_type)
            connection.putheader("Content-Length", str(total))
            connection.putheader("Accept", "application/json")
            connection.endheaders()
            response = _exchange(connection, _body(encoder, sources), Bar(total, terminal))
            answer = response.read()
    except ConnectionRefusedError as error:
        raise SendError(f"{url}: nobody listens there; start one with: python -m toolkit demo") from error
    except ConnectionError as error:
        raise SendError(f"{url}: the connection broke before there was an answer") from error
    except (OSError, HTTPException) as error:
        raise SendError(
            f"{url}: {getattr(error, 'strerror', None) or str(error) or type(error).__name__}"
        ) from error
    seconds = time.perf_counter() - started
    if response.status != 201:
        raise SendError(f"{url} answered {response.status} {response.reason}: {_detail(answer)}")
    terminal.write(f"Sent {size(total)} in {seconds:.2f} s: {size(total / seconds)}/s\n")
    _compare(sources, answer, terminal)


def _source(path: Path) -> Source:
    try:
        with path.open("rb") as file:
            return Source(path, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise SendError(f"{path}: {error.strerror}") from error


def _connect(url: str) -> HTTPConnection:
    try:
        parsed = URL(url)
    except ToolkitError as error:
        raise SendError(str(error)) from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise SendError(f"{url} is no URL to send to: one begins with http:// or https://")
    kind = HTTPSConnection if parsed.scheme == "https" else HTTPConnection
    return kind(parsed.host, parsed.port, timeout=TIMEOUT)


def _body(encoder: MultipartEncoder, sources: Sequence[Source]) -> Iterator[bytes]:
    """The form, piece by piece."""
    for source in sources:
        start, end = source.events()
        yield encoder.encode(start)
        for block in source.blocks():
            yield encoder.encode(FileData(block))
        yield encoder.encode(end)
    yield encoder.finish()


def _exchange(connection: HTTPConnection, body: Iterator[bytes], bar: Bar) -> HTTPResponse:
    """Send the content, and get the response. A server that wants no more says so before the end."""
    with suppress(ConnectionError), bar:
        for piece in body:
            connection.send(piece)
            bar.advance(len(piece))
    return connection.getresponse()


def _detail(answer: bytes) -> str:
    """What an error says of itself."""
    try:
        problem = json.loads(answer)
        return str(problem.get("detail") or problem.get("title"))
    except (ValueError, AttributeError):
        return answer.decode("utf-8", "replace").strip()[:200]


def _compare(sources: Sequence[Source], answer: bytes, terminal: TextIO) -> None:
    """Tell what was stored, and whether it is what was sent."""
    for source, stored in zip(sources, json.loads(answer)["files"], strict=True):
        if stored["sha256"] != source.hash.hexdigest():
            raise SendError(f"{source.path.name} arrived damaged: its SHA-256 is {stored['sha256']}")
        terminal.write(f"{stored['name']}: {size(source.size)}, SHA-256 {stored['sha256']}, the same here\n")


class Bar:
    """A progress bar, if it is on a terminal; it goes when it is left."""

    def __init__(self, total: int, terminal: TextIO) -> None:
        self._total = total
        self._done = 0
        self._terminal = terminal
        self._shown = terminal.isatty()
        self._started = self._looked = time.perf_counter()

    def advance(self, count: int) -> None:
        """So many more bytes have gone."""
        self._done += count
        now = time.perf_counter()
        if self._shown and now - self._looked >= LOOK:
            self._looked = now
            self._terminal.write(f"\r\x1b[K{self.line(now - self._started)}")
            self._terminal.flush()

    def line(self, seconds: float, width: int | None = None) -> str:
        """How it stands after so many seconds: a bar, percent, MB/s, time left."""
        rate = self._done / seconds
        left = round((self._total - self._done) / rate) if rate else 0
        share = self._done / self._total
        done = f"{size(self._done)} of {size(self._total)}"
        text = f" {share:4.0%}  {done}  {size(rate)}/s  {left // 60}:{left % 60:02} left"
        room = max(0, min(40, (width or shutil.get_terminal_size().columns) - len(text) - 1))
        filled = round(share * room)
        return "█" * filled + "░" * (room - filled) + text

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._shown:
            self._terminal.write("\r\x1b[K")
            self._terminal.flush()


def size(count: float) -> str:
    """A number of bytes for people.

    >>> size(999), size(1_500), size(268_435_456), size(2_147_483_648)
    ('999 B', '1.5 kB', '268.4 MB', '2.1 GB')
    """
    for unit in ("B", "kB", "MB"):
        if count < 999.95:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
