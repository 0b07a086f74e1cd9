from __future__ import annotations

import errno
import hashlib
import io
import os
import resource
import stat
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.leaks import descriptors, needs_proc, nothing_left
from toolkit import placing, storage
from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.forms.data import Upload
from toolkit.sansio.forms.events import FileStart
from toolkit.storage import HashingSink, PathSink, SpooledSink, spool

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


pytestmark = needs_proc

CONTENT = bytes(range(256)) * 40
BLOCK = storage.MAX_MEMORY
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # nothing with a name is made there


@pytest.fixture(params=["nameless", "unlinked", "unsupported"])
def files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way to make a temporary file: `O_TMPFILE`, none in the system, none in the file system."""
    if request.param == "unlinked":
        monkeypatch.setattr(storage, "_NAMELESS", 0)
    elif request.param == "unsupported":
        real = os.open

        def refuse(path: str, flags: int, mode: int = 0o777) -> int:
            if flags & os.O_TMPFILE == os.O_TMPFILE:
                raise OSError(errno.EOPNOTSUPP, "no such thing here")
            return real(path, flags, mode)

        monkeypatch.setattr(os, "open", refuse)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def content(sink: SpooledSink | PathSink) -> bytes:
    with sink.open() as reader:
        return reader.read()


class Without:
    """`os` without one function: it is refused."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        return self._refuse if name == self._name else getattr(os, name)

    def _refuse(self, *_: object, **__: object) -> object:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


SinkT = TypeVar("SinkT", bound="SpooledSink | PathSink")


def filled(sink: SinkT, *chunks: bytes) -> SinkT:
    for chunk in chunks:
        assert sink.write(chunk) == len(chunk)
    sink.close()
    return sink


class TestSpooledSink:
    @given(st.lists(st.binary(max_size=30)), st.integers(0, 100))
    def test_is_a_joined_list_of_chunks(self, chunks: list[bytes], max_memory: int) -> None:
        sink = filled(SpooledSink(max_memory=max_memory), *chunks)
        whole = b"".join(chunks)
        assert content(sink) == whole
        assert sink.in_memory == (len(whole) <= max_memory)

    def test_what_is_small_opens_nothing(self) -> None:
        before = descriptors()
        sink = filled(spool(FileStart("a", "b")), bytes(storage.MAX_MEMORY))
        assert sink.in_memory
        assert descriptors() == before

    @pytest.mark.usefixtures("files")
    def test_a_temporary_file_has_no_name_and_dies_with_its_sink(self, tmp_path: Path) -> None:
        with nothing_left(tmp_path):
            sink = filled(SpooledSink(tmp_path, max_memory=10), CONTENT, CONTENT)
            assert not sink.in_memory
            assert names(tmp_path) == []
            del sink

    @pytest.mark.usefixtures("files")
    def test_a_temporary_file_needs_its_directory(self, tmp_path: Path) -> None:
        sink = SpooledSink(tmp_path / "missing", max_memory=0)
        with nothing_left(tmp_path), pytest.raises(FileNotFoundError):
            sink.write(b"x")

    def test_release_and_discard_free_everything_and_do_no_harm_twice(self, tmp_path: Path) -> None:
        with nothing_left(tmp_path):
            sink = filled(SpooledSink(tmp_path, max_memory=10), CONTENT)
            sink.release()
            sink.discard()
            assert sink.in_memory

    @pytest.mark.parametrize("max_memory", [10, 1 << 20])
    def test_what_was_released_is_neither_read_nor_saved(self, tmp_path: Path, max_memory: int) -> None:
        target = tmp_path / "file"
        target.write_bytes(b"old")
        with nothing_left(tmp_path):
            sink = filled(SpooledSink(tmp_path, max_memory=max_memory), CONTENT)
            upload = Upload(FileStart("a", "b"), sink, len(CONTENT))
            reader = upload.open()
            upload.close()
            with pytest.raises(LocalError, match="before it is closed"):
                upload.open()
            with pytest.raises(LocalError, match="before it is closed"):
                upload.read()
            with pytest.raises(LocalError, match="before it is closed"):
                upload.save(target)
            assert target.read_bytes() == b"old"
            assert reader.read() == CONTENT
            reader.close()

    def test_what_was_written_does_not_change_with_its_buffer(self) -> None:
        buffer = bytearray(b"abc")
        sink = SpooledSink()
        sink.write(buffer)  # type: ignore[arg-type]  # a careless caller
        buffer[:] = b"xyz"
        sink.close()
        assert content(sink) == b"abc"

    def test_readers_are_independent_and_survive_the_sink(self, tmp_path: Path) -> None:
        before = descriptors()
        sink = filled(SpooledSink(tmp_path, max_memory=10), CONTENT)
        with sink.open() as first, sink.open() as second:
            sink.release()
            assert first.read(10) == CONTENT[:10]
            assert second.read() == CONTENT
            assert first.read() == CONTENT[10:]
            assert first.readable()
            assert os.fstat(first.fileno()).st_size == len(CONTENT)
        assert descriptors() == before

    @given(st.lists(st.tuples(st.integers(-20, 120), st.sampled_from((0, 1, 2)), st.integers(0, 50))))
    def test_a_reader_seeks_like_any_file(self, moves: list[tuple[int, int, int]]) -> None:
        sink = filled(SpooledSink(max_memory=0), CONTENT[:100])
        with sink.open() as reader, io.BytesIO(CONTENT[:100]) as model:
            for offset, whence, size in moves:
                target = (0, model.tell(), 100)[whence] + offset
                if target >= 0:
                    assert reader.seek(offset, whence) == model.seek(target)
                    assert reader.tell() == model.tell()
                    assert reader.read(size) == model.read(size)

    def test_a_reader_may_be_closed_twice(self) -> None:
        sink = filled(SpooledSink(max_memory=0), b"abc")
        before = descriptors()
        with sink.open() as reader:
            raw: object = getattr(reader, "raw", None)
            assert isinstance(raw, io.RawIOBase)
            raw.close()
            raw.close()
        assert descriptors() == before

    def test_a_reader_does_not_seek_before_the_start(self) -> None:
        with filled(SpooledSink(max_memory=0), b"abc").open() as reader:
            with pytest.raises(ValueError, match="negative seek position -1"):
                reader.seek(-1)
            assert reader.seek(0, os.SEEK_CUR) == 0

    def test_the_default_directory_is_that_of_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
        with pytest.raises(FileNotFoundError):
            SpooledSink(max_memory=0).write(b"x")
        monkeypatch.delenv("TMPDIR")
        filled(SpooledSink(max_memory=0), b"x").release()

    def test_a_name_that_cannot_be_removed_leaves_no_descriptor(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(path: str) -> None:
            raise OSError(errno.EIO, path)

        monkeypatch.setattr(storage, "_NAMELESS", 0)
        before = descriptors()
        with monkeypatch.context() as patch:
            patch.setattr(os, "unlink", fail)
            with pytest.raises(OSError, match="upload"):
                SpooledSink(tmp_path, max_memory=0).write(b"x")
        assert descriptors() == before


class TestSave:
    @pytest.mark.parametrize("max_memory", [10, 1 << 20])
    @pytest.mark.usefixtures("files")
    def test_puts_the_content_there(self, tmp_path: Path, max_memory: int) -> None:
        target = tmp_path / "saved"
        sink = filled(SpooledSink(tmp_path, max_memory=max_memory), CONTENT, CONTENT)
        sink.save(target)
        assert target.read_bytes() == CONTENT * 2
        assert names(tmp_path) == ["saved"]
        assert content(sink) == CONTENT * 2

    @pytest.mark.usefixtures("files")
    def test_replaces_what_is_there(self, tmp_path: Path) -> None:
        target = tmp_path / "saved"
        target.write_bytes(b"old")
        filled(SpooledSink(tmp_path, max_memory=10), CONTENT).save(target)
        assert target.read_bytes() == CONTENT
        assert names(tmp_path) == ["saved"]

    @pytest.mark.parametrize("max_memory", [10, 1 << 20])
    @pytest.mark.usefixtures("files")
    def test_at_the_same_time_replaces_what_is_there(self, tmp_path: Path, max_memory: int) -> None:
        target = tmp_path / "saved"

        def save(_: int) -> None:
            filled(SpooledSink(tmp_path, max_memory=max_memory), CONTENT).save(target)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(save, range(200)))
        assert target.read_bytes() == CONTENT
        assert names(tmp_path) == ["saved"]

    def test_twice_makes_two_files(self, tmp_path: Path) -> None:
        sink = filled(SpooledSink(tmp_path, max_memory=10), CONTENT)
        sink.save(tmp_path / "one")
        sink.save(str(tmp_path / "two"))
        (tmp_path / "one").write_bytes(b"changed")
        assert (tmp_path / "two").read_bytes() == CONTENT

    def test_to_another_file_system(self, tmp_path: Path) -> None:
        if not SHARED_MEMORY.is_dir() or SHARED_MEMORY.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("there is no second file system")
        filled(SpooledSink(SHARED_MEMORY, max_memory=10), CONTENT).save(tmp_path / "saved")
        assert (tmp_path / "saved").read_bytes() == CONTENT

    @pytest.mark.parametrize("max_memory", [10, 1 << 20])
    @pytest.mark.usefixtures("files")
    def test_leaves_nothing_when_it_fails(self, tmp_path: Path, max_memory: int) -> None:
        sink = filled(SpooledSink(tmp_path, max_memory=max_memory), CONTENT)
        (tmp_path / "directory").mkdir()
        with nothing_left(tmp_path):
            for target in (tmp_path / "missing" / "saved", tmp_path / "directory"):
                with pytest.raises(OSError, match=r"saved|directory"):
                    sink.save(target)

    @pytest.mark.usefixtures("files")
    def test_permissions_are_those_of_any_new_file(self, tmp_path: Path) -> None:
        ordinary = tmp_path / "ordinary"
        ordinary.touch()
        filled(SpooledSink(tmp_path, max_memory=10), CONTENT).save(tmp_path / "saved")
        filled(PathSink(tmp_path / "path"), CONTENT).commit()
        modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        assert modes == {stat.S_IMODE(ordinary.stat().st_mode)}


class TestPathSink:
    @pytest.mark.usefixtures("files")
    def test_the_file_appears_when_it_is_committed(self, tmp_path: Path) -> None:
        target = tmp_path / "file"
        before = descriptors()
        sink = filled(PathSink(target), CONTENT, CONTENT)
        assert not target.exists()
        sink.commit()
        assert target.read_bytes() == CONTENT * 2
        sink.finish()
        assert descriptors() == before
        assert names(tmp_path) == ["file"]
        assert content(sink) == CONTENT * 2

    @pytest.mark.usefixtures("files")
    def test_an_empty_file_is_a_file(self, tmp_path: Path) -> None:
        filled(PathSink(tmp_path / "file")).commit()
        assert (tmp_path / "file").read_bytes() == b""

    @pytest.mark.usefixtures("files")
    def test_a_name_without_a_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        filled(PathSink("file"), CONTENT).commit()
        assert (tmp_path / "file").read_bytes() == CONTENT

    @pytest.mark.usefixtures("files")
    def test_replaces_only_where_it_may(self, tmp_path: Path) -> None:
        target = tmp_path / "file"
        target.write_bytes(b"old")
        sink = filled(PathSink(target, replace=False), CONTENT)
        with pytest.raises(FileExistsError):
            sink.commit()
        sink.discard()
        assert target.read_bytes() == b"old"
        filled(PathSink(target), CONTENT).commit()
        assert target.read_bytes() == CONTENT
        filled(PathSink(tmp_path / "new", replace=False), CONTENT).commit()
        assert names(tmp_path) == ["file", "new"]

    @pytest.mark.parametrize("step", ["made", "written", "closed", "committed"])
    @pytest.mark.usefixtures("files")
    def test_discarding_leaves_nothing_whenever_it_happens(self, tmp_path: Path, step: str) -> None:
        with nothing_left(tmp_path):
            sink = PathSink(tmp_path / "file")
            if step != "made":
                sink.write(CONTENT)
            if step in ("closed", "committed"):
                sink.close()
            if step == "committed":
                sink.commit()
            sink.discard()
            sink.discard()

    def test_a_sink_that_is_forgotten_closes_its_file(self, tmp_path: Path) -> None:
        with nothing_left(tmp_path):
            sink = PathSink(tmp_path / "file")
            sink.write(CONTENT)
            del sink

    def test_save_copies(self, tmp_path: Path) -> None:
        sink = filled(PathSink(tmp_path / "file"), CONTENT)
        sink.commit()
        sink.save(tmp_path / "copy")
        assert (tmp_path / "copy").read_bytes() == CONTENT
        assert not (tmp_path / "copy").samefile(tmp_path / "file")

    @pytest.mark.usefixtures("files")
    def test_the_old_file_stays_until_the_form_is_good(self, tmp_path: Path) -> None:
        target = tmp_path / "file"
        target.write_bytes(b"old")
        with nothing_left(tmp_path):
            sink = filled(PathSink(target), CONTENT)
            sink.commit()
            assert target.read_bytes() == b"old"
            sink.discard()
            sink.discard()
            sink.finish()
            assert target.read_bytes() == b"old"

    @pytest.mark.usefixtures("files")
    def test_the_old_file_stays_when_it_cannot_be_replaced(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = tmp_path / "file"
        target.write_bytes(b"old")
        with nothing_left(tmp_path):
            sink = filled(PathSink(target), CONTENT)
            sink.commit()
            monkeypatch.setattr(placing, "os", Without("replace"))
            with pytest.raises(PermissionError):
                sink.finish()
            sink.discard()
            assert target.read_bytes() == b"old"

    @pytest.mark.parametrize("there", [True, False])
    def test_where_nothing_can_be_linked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
    ) -> None:
        monkeypatch.setattr(storage, "_NAMELESS", 0)
        monkeypatch.setattr(placing, "os", Without("link"))
        target = tmp_path / "file"
        if there:
            target.write_bytes(b"old")
        sink = filled(PathSink(target), CONTENT)
        sink.commit()
        sink.finish()
        assert target.read_bytes() == CONTENT
        assert names(tmp_path) == ["file"]

    @pytest.mark.usefixtures("files")
    def test_a_failed_commit_that_is_forgotten_keeps_the_old_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = tmp_path / "file"
        target.write_bytes(b"old")
        with nothing_left(tmp_path):
            sink = filled(PathSink(target, replace=False), CONTENT)
            monkeypatch.setattr(placing, "os", Without("link"))
            with pytest.raises(PermissionError):
                sink.commit()
            del sink
            assert target.read_bytes() == b"old"

    @pytest.mark.parametrize("written", [True, False])
    @pytest.mark.usefixtures("files")
    def test_only_what_is_closed_is_committed(self, tmp_path: Path, written: bool) -> None:
        with nothing_left(tmp_path):
            sink = PathSink(tmp_path / "file")
            if written:
                sink.write(CONTENT)
            with pytest.raises(LocalError, match="close"):
                sink.commit()
            sink.discard()
        sink = filled(PathSink(tmp_path / "file"), CONTENT)
        sink.commit()
        with pytest.raises(LocalError, match="once"):
            sink.commit()
        sink.finish()
        assert names(tmp_path) == ["file"]

    @pytest.mark.usefixtures("files")
    def test_what_is_final_is_not_undone(self, tmp_path: Path) -> None:
        target = tmp_path / "file"
        target.write_bytes(b"old")
        sink = filled(PathSink(target), CONTENT)
        sink.commit()
        sink.finish()
        assert names(tmp_path) == ["file"]
        sink.discard()
        assert target.read_bytes() == CONTENT

    def test_who_forgets_to_finish_does_so_with_the_sink(self, tmp_path: Path) -> None:
        target = tmp_path / "file"
        for content in (b"old", b"new"):
            sink = filled(PathSink(target), content)
            sink.commit()
            del sink
        assert target.read_bytes() == b"new"
        assert names(tmp_path) == ["file"]

    @pytest.mark.parametrize("old", [None, b"old"])
    @pytest.mark.usefixtures("files")
    def test_discarding_leaves_what_others_put_there(self, tmp_path: Path, old: bytes | None) -> None:
        target = tmp_path / "file"
        if old is not None:
            target.write_bytes(old)
        sink = filled(PathSink(target), CONTENT)
        sink.commit()
        (tmp_path / "other").write_bytes(b"of somebody else")
        (tmp_path / "other").replace(target)
        sink.discard()
        assert target.read_bytes() == b"of somebody else"
        assert names(tmp_path) == ["file"]

    @pytest.mark.usefixtures("files")
    def test_discarding_when_others_have_removed_it(self, tmp_path: Path) -> None:
        with nothing_left(tmp_path):
            sink = filled(PathSink(tmp_path / "file"), CONTENT)
            sink.commit()
            (tmp_path / "file").unlink()
            sink.discard()

    @pytest.mark.parametrize("old", [None, b"old"])
    @pytest.mark.parametrize("last", [0, 1])
    @pytest.mark.usefixtures("files")
    def test_of_two_for_one_path_the_last_to_be_final_stays(
        self, tmp_path: Path, old: bytes | None, last: int
    ) -> None:
        target = tmp_path / "file"
        if old is not None:
            target.write_bytes(old)
        sinks = [filled(PathSink(target), content) for content in (b"first", b"second")]
        for sink in sinks:
            sink.commit()
        sinks[1 - last].finish()
        sinks[last].finish()
        assert old is None or target.read_bytes() == (b"first", b"second")[last]
        assert names(tmp_path) == ["file"]

    @pytest.mark.parametrize("old", [None, b"old"])
    @pytest.mark.parametrize("refused", [0, 1])
    @pytest.mark.parametrize("before", [True, False])
    @pytest.mark.usefixtures("files")
    def test_of_two_for_one_path_one_is_discarded(
        self, tmp_path: Path, old: bytes | None, refused: int, before: bool
    ) -> None:
        target = tmp_path / "file"
        if old is not None:
            target.write_bytes(old)
        sinks = [filled(PathSink(target), content) for content in (b"first", b"second")]
        for sink in sinks:
            sink.commit()
        if before:
            sinks[refused].discard()
        sinks[1 - refused].finish()
        sinks[refused].discard()
        assert target.read_bytes() == (b"second", b"first")[refused]
        assert names(tmp_path) == ["file"]

    @pytest.mark.usefixtures("files")
    def test_what_must_not_replace_does_not(self, tmp_path: Path) -> None:
        target = tmp_path / "file"
        with nothing_left(tmp_path):
            first, second = (filled(PathSink(target, replace=False), CONTENT) for _ in range(2))
            first.commit()
            with pytest.raises(FileExistsError):
                second.commit()
            second.discard()
            assert target.read_bytes() == CONTENT
            first.discard()

    @pytest.mark.parametrize("newer", [None, b"newer"])
    def test_what_came_while_it_was_discarded_stays(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newer: bytes | None
    ) -> None:
        target, other = tmp_path / "file", tmp_path / "other"
        sink = filled(PathSink(target), CONTENT)
        sink.commit()
        other.write_bytes(b"of somebody else")

        def rename(_: str, hidden: str) -> None:
            other.replace(target)
            target.replace(hidden)
            if newer is not None:
                target.write_bytes(newer)

        monkeypatch.setattr(os, "rename", rename)
        sink.discard()
        assert target.read_bytes() == (newer or b"of somebody else")
        assert names(tmp_path) == ["file"]

    @pytest.mark.usefixtures("files")
    def test_a_symbolic_link_is_replaced_itself(self, tmp_path: Path) -> None:
        target, elsewhere = tmp_path / "file", tmp_path / "elsewhere"
        elsewhere.write_bytes(b"old")
        target.symlink_to("elsewhere")
        with nothing_left(tmp_path):
            sink = filled(PathSink(target), CONTENT)
            sink.commit()
            sink.discard()
        assert target.readlink() == Path("elsewhere")
        filled(PathSink(target), CONTENT).commit()
        assert not target.is_symlink()
        assert elsewhere.read_bytes() == b"old"

    @pytest.mark.usefixtures("files")
    def test_a_directory_is_not_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "file").mkdir()
        with nothing_left(tmp_path):
            sink = filled(PathSink(tmp_path / "file"), CONTENT)
            with pytest.raises(IsADirectoryError):
                sink.commit()
            sink.discard()

    @pytest.mark.usefixtures("files")
    def test_long_names(self, tmp_path: Path) -> None:
        target = tmp_path / ("é" * 120)
        target.write_bytes(b"old")
        filled(PathSink(target), CONTENT).commit()
        assert target.read_bytes() == CONTENT


Make: TypeAlias = "Callable[[Path], SpooledSink | PathSink]"


def spooled_beside(path: Path) -> SpooledSink:
    return SpooledSink(path.parent, max_memory=0)


@pytest.fixture(params=[spooled_beside, PathSink])
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


@contextmanager
def limited(kind: int, value: int) -> Generator[None, None, None]:
    """Make the system itself refuse."""
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (value, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


class TestBlocks:
    @pytest.mark.parametrize("skew", [0, 1, 300])
    @pytest.mark.parametrize("size", [1000, 5000, 65536, 300_000, 1_000_000])
    def test_are_written_at_multiples_of_their_size(
        self, tmp_path: Path, make: Make, size: int, skew: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = CONTENT * 300
        written: list[int] = []
        real = os.writev

        def record(descriptor: int, pieces: list[bytes]) -> int:
            written.append(sum(map(len, pieces)))
            return real(descriptor, pieces)

        monkeypatch.setattr(os, "writev", record)
        sink = make(tmp_path / "file")
        for chunk in (whole[:skew], *(whole[at : at + size] for at in range(skew, len(whole), size))):
            assert sink.write(chunk) == len(chunk)
        sink.close()
        if isinstance(sink, PathSink):
            sink.commit()
        assert content(sink) == whole
        assert len(written) <= len(whole) // BLOCK + 1
        if size == 65536:
            assert {count % BLOCK for count in written[:-1]} == {0}

    @given(st.lists(st.binary(max_size=40)), st.integers(0, 100), st.integers(1, 50))
    def test_lose_nothing(self, chunks: list[bytes], room: int, block: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(storage, "_BLOCK", block)
            patch.setattr(storage, "_SMALL", 5)
            sink = filled(SpooledSink(max_memory=room), *chunks)
            assert content(sink) == b"".join(chunks)
            sink.release()

    def test_may_be_of_very_many_chunks(self, tmp_path: Path) -> None:
        sink = filled(SpooledSink(tmp_path, max_memory=1 << 21), *[bytes(1000)] * 3000)
        assert not sink.in_memory
        assert content(sink) == bytes(3_000_000)
        sink.release()

    def test_small_chunks_cost_what_they_are_long(self) -> None:
        sink = SpooledSink()
        tracemalloc.start()
        try:
            for number in range(100_000):
                sink.write(number.to_bytes(2, "big", signed=False) if number < 65536 else b"xx")
            assert tracemalloc.get_traced_memory()[0] < 300_000
        finally:
            tracemalloc.stop()


class TestMayBlock:
    """Asked by drivers on an event loop: what would use the disk is done in a thread."""

    def test_a_spooled_file_only_beyond_its_memory(self, tmp_path: Path) -> None:
        sink = SpooledSink(tmp_path, max_memory=10)
        assert not sink.may_block(10)
        assert sink.may_block(11)
        sink.write(b"x" * 10)
        assert not sink.may_block(0)
        assert sink.may_block(1)
        sink.write(b"x")
        assert sink.may_block(0)
        assert not sink.may_block(100)
        assert sink.may_block(BLOCK)

    def test_a_path_whenever_a_block_is_full_or_it_is_closed(self, tmp_path: Path) -> None:
        sink = PathSink(tmp_path / "file")
        assert not sink.may_block(100)
        assert sink.may_block(0)
        assert sink.may_block(BLOCK)


def test_hashing_a_file(tmp_path: Path) -> None:
    sink = HashingSink(PathSink(tmp_path / "file"), "blake2b")
    sink.write(CONTENT)
    sink.write(CONTENT)
    sink.close()
    assert isinstance(sink.sink, PathSink)
    sink.sink.commit()
    assert sink.digest == hashlib.blake2b(CONTENT * 2).digest()
    assert (tmp_path / "file").read_bytes() == CONTENT * 2
    assert hasattr(sink, "commit")
    assert not hasattr(sink, "release")


class TestShortWrites:
    @pytest.mark.parametrize("size", [1, 7, 1000])
    def test_are_continued(
        self, tmp_path: Path, make: Make, size: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = os.write

        def write_little(descriptor: int, data: bytes) -> int:
            return real(descriptor, bytes(data)[:size])

        def gather_little(descriptor: int, pieces: list[bytes]) -> int:
            return real(descriptor, b"".join(pieces)[:size])

        monkeypatch.setattr(os, "write", write_little)
        monkeypatch.setattr(os, "writev", gather_little)
        sink = filled(make(tmp_path / "file"), CONTENT[:500], CONTENT[500:1500])
        if isinstance(sink, PathSink):
            sink.commit()
        assert content(sink) == CONTENT[:1500]

    def test_of_nothing_are_an_error(
        self, tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def write_nothing(_: int, __: object) -> int:
            return 0

        monkeypatch.setattr(os, "writev", write_nothing)
        monkeypatch.setattr(os, "write", write_nothing)
        with pytest.raises(OSError, match="10240 bytes could not be written"):
            filled(make(tmp_path / "file"), CONTENT)

    def test_before_the_system_refuses(self, tmp_path: Path, make: Make) -> None:
        with nothing_left(tmp_path), limited(resource.RLIMIT_FSIZE, 15_000):
            sink = make(tmp_path / "file")
            sink.write(CONTENT * 2)
            with pytest.raises(OSError, match="too large") as caught:
                sink.close()
            assert caught.value.errno == errno.EFBIG
            sink.discard()


def test_no_descriptor_to_be_had(tmp_path: Path, make: Make) -> None:
    with nothing_left(tmp_path):
        highest = max(int(name) for name in descriptors())
        with limited(resource.RLIMIT_NOFILE, 3), pytest.raises(OSError, match="Too many") as caught:
            filled(make(tmp_path / "file"), CONTENT)
        assert caught.value.errno == errno.EMFILE
        assert highest > 2
