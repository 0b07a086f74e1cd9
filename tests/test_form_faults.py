"""Whatever fails, and whenever it does: no descriptor is left, no file, and nothing of the form."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.leaks import descriptors, needs_proc, nothing_left
from toolkit import placing, storage
from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.forms.collector import FormCollector
from toolkit.storage import HashingSink, PathSink, SpooledSink

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from io import BufferedReader

    from toolkit.sansio.forms.data import FormData
    from toolkit.sansio.forms.events import FileStart
    from toolkit.sansio.forms.sinks import OpenSink, Sink

pytestmark = needs_proc

CONTENT = bytes(range(256)) * 20
BODY = (
    b"".join(
        b'--B\r\nContent-Disposition: form-data; name="%d"; filename="%d"\r\n\r\n%s\r\n'
        % (number, number, CONTENT)
        for number in range(3)
    )
    + b"--B--\r\n"
)
CHUNKS = [BODY[at : at + 1000] for at in range(0, len(BODY), 1000)]
ERRORS = [errno.ENOSPC, errno.EIO, errno.EMFILE]


def drive(open_sink: OpenSink) -> FormData:
    collector = FormCollector("multipart/form-data; boundary=B", open_sink=open_sink)
    with collector:
        for chunk in CHUNKS:
            for write in collector.feed(chunk):
                write.sink.write(write.data)
        return collector.finish()


async def drive_async(open_sink: OpenSink) -> FormData:
    collector = FormCollector("multipart/form-data; boundary=B", open_sink=open_sink)
    async with collector:
        for chunk in CHUNKS:
            for write in collector.feed(chunk):
                await write.sink.write(write.data)
        for write in collector.end():
            await write.sink.write(write.data)
        return collector.finish()


DRIVERS: list[Callable[[OpenSink], FormData]] = [drive, lambda open_sink: asyncio.run(drive_async(open_sink))]


def to_files(directory: Path) -> OpenSink:
    """One file of each kind."""

    def open_sink(start: FileStart) -> Sink:
        if start.name == "0":
            return SpooledSink(directory, max_memory=1500)
        if start.name == "1":
            return PathSink(directory / start.filename)
        return HashingSink(PathSink(directory / start.filename))

    return open_sink


class FaultySystem:
    """`os`, of which one call fails: the one after `healthy` good ones."""

    CALLS = ("open", "writev", "write", "close", "link", "replace", "unlink")

    def __init__(self, healthy: int, error: int) -> None:
        self.calls: list[str] = []
        self.healthy = healthy
        self.error = error

    def __getattr__(self, name: str) -> object:
        real = getattr(os, name)
        if name not in self.CALLS:
            return real

        def call(*args: object, **kwargs: object) -> object:
            self.calls.append(name)
            fails = len(self.calls) == self.healthy + 1
            if not fails:
                return real(*args, **kwargs)
            if name in ("close", "unlink"):  # what frees something has freed it even when it fails
                real(*args, **kwargs)
            raise OSError(self.error, os.strerror(self.error), name)

        return call


@pytest.mark.parametrize("nameless", [True, False])
@pytest.mark.parametrize("old", [{}, {"1": b"old"}], ids=["new", "replaced"])
@pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.__getitem__)
def test_every_call_of_the_system_fails_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, old: dict[str, bytes], nameless: bool
) -> None:
    monkeypatch.setattr(storage, "_BLOCK", 1024)
    if not nameless:
        monkeypatch.setattr(storage, "_NAMELESS", 0)
    healthy = 0
    failed: set[str] = set()
    while True:
        system = FaultySystem(healthy, error)
        for module in (storage, placing):
            monkeypatch.setattr(module, "os", system)
        form = None
        with nothing_left(tmp_path):
            for name, content in old.items():
                (tmp_path / name).write_bytes(content)
            try:
                form = drive(to_files(tmp_path))
                form.close()
            except OSError as caught:
                assert caught.errno == error  # noqa: PT017  # whether it fails is what is to be found out
                failed.add(system.calls[healthy])
            there = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
            assert there == ({"1": CONTENT, "2": CONTENT} if form else old)
            for name in there:
                (tmp_path / name).unlink()
        if healthy >= len(system.calls):
            break
        healthy += 1
    assert failed >= {"open", "writev", "close", "link"}
    assert not old or "replace" in failed
    assert healthy > 12


class Fault(OSError):
    """The one that was injected."""


class Witness:
    """A sink that counts what happens to all of its kind, and fails at one operation of all."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.calls: list[str] = []
        run.sinks.append(self)

    def write(self, data: bytes, /) -> object:
        return self.run.does(self, "write", len(data))

    def close(self) -> object:
        return self.run.does(self, "close")

    def commit(self) -> object:
        return self.run.does(self, "commit")

    def discard(self) -> object:
        return self.run.does(self, "discard")


class Run:
    """One form: its sinks, and after how many operations something fails."""

    def __init__(self, healthy: int, *, awaited: bool) -> None:
        self.sinks: list[Witness] = []
        self.healthy = healthy
        self.awaited = awaited
        self.done = 0

    def open_sink(self, _: FileStart) -> Sink:
        self.count()
        return Witness(self)

    def count(self) -> None:
        self.done += 1
        if self.done > self.healthy:  # and from now on: everything that cleans up fails, too
            raise Fault(errno.EIO, f"operation {self.done}")

    def does(self, sink: Witness, what: str, result: object = None) -> object:
        sink.calls.append(what)
        if not self.awaited:
            self.count()
            return result
        return self.later(result)

    async def later(self, result: object) -> object:
        await asyncio.sleep(0)
        self.count()
        return result


@pytest.mark.parametrize("awaited", [False, True])
def test_everything_fails_from_some_operation_on(awaited: bool) -> None:
    healthy = 0
    while True:
        run = Run(healthy, awaited=awaited)
        try:
            DRIVERS[awaited](run.open_sink)
        except Fault as caught:
            assert f"operation {healthy + 1}" in str(caught)  # noqa: PT017  # the first error is the one raised
            later: list[str] = getattr(caught, "__notes__", [])
            assert len(later) == run.done - healthy - 1
            assert all(f"operation {healthy + 2 + index}" in text for index, text in enumerate(later))
            for sink in run.sinks:
                assert sink.calls.count("close") == 1
                assert sink.calls.count("discard") == 1
                assert sink.calls[-1] == "discard"
        else:
            break
        healthy += 1
    assert healthy == sum(len(sink.calls) for sink in run.sinks) + 3
    assert all(sink.calls[-2:] == ["close", "commit"] for sink in run.sinks)


@pytest.mark.parametrize("driver", DRIVERS)
def test_two_files_for_one_path_are_refused(tmp_path: Path, driver: Callable[[OpenSink], FormData]) -> None:
    (tmp_path / "same").write_bytes(b"old")
    with nothing_left(tmp_path), pytest.raises(FileExistsError):
        driver(lambda _: PathSink(tmp_path / "same"))
    assert (tmp_path / "same").read_bytes() == b"old"


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("nameless", [True, False])
def test_forms_that_fail_beside_others_undo_nothing_of_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driver: Callable[[OpenSink], FormData], nameless: bool
) -> None:
    if not nameless:
        monkeypatch.setattr(storage, "_NAMELESS", 0)
    target = tmp_path / "same"
    target.write_bytes(b"old")

    def receive(fails: bool) -> bool:
        with suppress(FileExistsError):
            driver(lambda part: PathSink(target if part.name == "1" or fails else tmp_path / "a" / part.name))
            return True
        return False

    (tmp_path / "a").mkdir()
    with nothing_left(tmp_path):
        with ThreadPoolExecutor(8) as pool:
            refused = list(pool.map(receive, [True] * 100))
        assert not any(refused)
        assert target.read_bytes() == b"old"
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(receive, [False, True] * 100)) == [True, False] * 100
    assert target.read_bytes() == CONTENT
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["0", "2", "a", "same"]


def test_a_failed_form_takes_nothing_more(tmp_path: Path) -> None:
    collector = FormCollector("multipart/form-data; boundary=B", open_sink=to_files(tmp_path / "missing"))
    writes = [write for chunk in CHUNKS for write in collector.feed(chunk)]
    with nothing_left(tmp_path), pytest.raises(FileNotFoundError):  # noqa: PT012  # some write of many
        for write in writes:
            write.sink.write(write.data)
    with pytest.raises(LocalError):
        collector.feed(b"")
    with pytest.raises(LocalError):
        collector.finish()


@contextmanager
def limited(kind: int, value: int) -> Generator[None, None, None]:
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (value, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("buffering", [0, -1])
@pytest.mark.parametrize("driver", DRIVERS)
def test_a_full_device(tmp_path: Path, driver: Callable[[OpenSink], FormData], buffering: int) -> None:
    def open_sink(start: FileStart) -> Sink:
        if start.name == "2":
            device: Sink = Path("/dev/full").open("wb", buffering=buffering)  # noqa: SIM115  # the form closes it
            return device
        return PathSink(tmp_path / start.filename)

    with nothing_left(tmp_path), pytest.raises(OSError, match="No space left") as caught:
        driver(open_sink)
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize("driver", DRIVERS)
def test_the_system_gives_no_more_room(tmp_path: Path, driver: Callable[[OpenSink], FormData]) -> None:
    with (
        nothing_left(tmp_path),
        limited(resource.RLIMIT_FSIZE, 3000),
        pytest.raises(OSError, match="too large"),
    ):
        driver(to_files(tmp_path))


@pytest.mark.parametrize("driver", DRIVERS)
def test_the_system_gives_no_more_descriptors(tmp_path: Path, driver: Callable[[OpenSink], FormData]) -> None:
    with nothing_left(tmp_path):
        opened: list[BufferedReader] = []

        def open_sink(start: FileStart) -> Sink:
            if start.name == "2":
                with suppress(OSError):
                    while True:
                        opened.append(Path(os.devnull).open("rb"))  # noqa: SIM115  # closed below
            return to_files(tmp_path)(start)  # type: ignore[return-value]  # none of them is awaited

        with limited(resource.RLIMIT_NOFILE, len(descriptors()) + 20):
            with pytest.raises(OSError, match="Too many") as caught:
                driver(open_sink)
            for file in opened:
                file.close()
        assert caught.value.errno == errno.EMFILE


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="files without a name are needed")
def test_a_process_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from toolkit.storage import PathSink, SpooledSink\n"
        "path, spooled = PathSink(sys.argv[1] + '/file'), SpooledSink(sys.argv[1])\n"
        "path.write(bytes(1 << 20)), spooled.write(bytes(1 << 20)), path.close()\n"
        f"os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
    )
    result = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert result.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []
