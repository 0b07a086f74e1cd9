from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

import pytest

from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.forms.data import FormData, Upload
from toolkit.sansio.forms.events import FileStart
from toolkit.sansio.multidict import ImmutableMultiDict

if TYPE_CHECKING:
    from pathlib import Path


class Memory:
    """The least of a sink that can give back what it took."""

    digest: object = b"\x01\x02"

    def __init__(self, content: bytes = b"content") -> None:
        self.content = content
        self.saved: list[object] = []
        self.released = 0

    def write(self, data: bytes, /) -> None:
        self.content += data

    def close(self) -> None:
        pass

    def open(self) -> BinaryIO:
        return io.BytesIO(self.content)

    def save(self, path: object) -> None:
        self.saved.append(path)

    def release(self) -> None:
        self.released += 1


class Blind:
    """The least of a sink."""

    def write(self, data: bytes, /) -> None:
        pass

    def close(self) -> None:
        pass


def upload(sink: Memory | Blind | None = None, *, filename: str = "../a b.txt", size: int = 7) -> Upload:
    start = FileStart("file", filename, "text/plain", [("X-Note", "7")])
    return Upload(start, sink or Memory(), size)


class TestUpload:
    def test_tells_what_the_client_told(self) -> None:
        file = upload()
        assert (file.name, file.filename, file.content_type, file.size) == (
            "file",
            "../a b.txt",
            "text/plain",
            7,
        )
        assert file.headers["x-note"] == "7"
        assert file.safe_filename == "a b.txt"
        assert repr(file) == "<Upload 'file': '../a b.txt', text/plain, 7 bytes>"

    def test_gives_the_content_back(self, tmp_path: Path) -> None:
        sink = Memory()
        file = upload(sink)
        assert file.read() == file.open().read() == b"content"
        file.save(tmp_path)
        assert sink.saved == [tmp_path]
        assert file.digest == b"\x01\x02"
        file.close()
        assert sink.released == 1

    def test_whose_sink_cannot(self) -> None:
        file = upload(Blind())
        for call in (file.open, file.read, lambda: file.save("x")):
            with pytest.raises(LocalError, match="upload 'file' went into a Blind, which has no"):
                call()
        assert file.digest is None
        file.close()

    @pytest.mark.parametrize(("filename", "size", "truth"), [("", 0, False), ("a", 0, True), ("", 1, True)])
    def test_is_true_unless_no_file_was_chosen(self, filename: str, size: int, truth: bool) -> None:
        assert bool(upload(filename=filename, size=size)) is truth


class TestFormData:
    def test_keeps_fields_and_files_in_order(self) -> None:
        first, second = upload(), upload()
        form = FormData([("a", "1"), ("f", first), ("a", "2"), ("g", second), ("f", "3")])
        assert form["f"] is first
        assert form.getlist("f") == [first, "3"]
        assert form.items(multi=True)[1:3] == [("f", first), ("a", "2")]
        assert form.fields == ImmutableMultiDict([("a", "1"), ("a", "2"), ("f", "3")])
        assert form.files.items(multi=True) == [("f", first), ("g", second)]
        assert isinstance(form.copy(), FormData)

    def test_closes_its_uploads(self) -> None:
        sinks = [Memory(), Memory()]
        with FormData([("f", upload(sinks[0])), ("a", "1"), ("f", upload(sinks[1]))]) as form:
            assert form["a"] == "1"
        assert [sink.released for sink in sinks] == [1, 1]

    def test_closes_all_of_them_whatever_happens(self) -> None:
        class Failing(Memory):
            def release(self) -> None:
                super().release()
                raise OSError(self.content)

        sinks: list[Memory] = [Memory(), Failing(b"1"), Failing(b"2")]
        form = FormData([("f", upload(sink)) for sink in sinks])
        with pytest.raises(OSError, match="2"):
            form.close()
        assert [sink.released for sink in sinks] == [1, 1, 1]
