"""Object storage: the example, and the file objects of fsspec as they are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.leaks import nothing_left
from toolkit.sansio.errors.base import IncompleteForm
from toolkit.sansio.forms.collector import FormCollector

pytest.importorskip("moto", reason="moto is not installed")
pytest.importorskip("s3fs", reason="s3fs is not installed")
fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")

EXAMPLE = Path(__file__).parent.parent / "examples" / "object_storage.py"


def test_a_part_is_there_while_it_arrives() -> None:
    result = subprocess.run(
        [sys.executable, EXAMPLE], check=True, capture_output=True, text=True, timeout=120
    )
    lines = result.stdout.splitlines()
    progress = [match for line in lines if (match := re.match(r"(\d+) MiB came, (\d) parts .*: (.*)", line))]
    assert [match[2] for match in progress] == ["1", "2", "3", "4"]
    assert {match[3] for match in progress} == {"[]"}
    rest = lines[len(progress) :]
    assert rest[0] == "the form is complete, objects: ['uploads/film.mp4'], 25165824 bytes"
    assert rest[1].startswith("sha256 on the way: 95aeaae0")
    assert rest[2].startswith("answered with 400: the closing delimiter is missing")
    assert rest[3] == "a broken upload leaves 0 parts, objects: []"
    assert rest[4] == "answered with 415 Unsupported Media Type: text/html is not wanted here"


BODY = b'--B\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\ncontent\r\n--B--\r\n'


def store(body: bytes, path: Path, **options: object) -> None:
    fs = fsspec.filesystem("file")
    collector = FormCollector(
        "multipart/form-data; boundary=B", open_sink=lambda _: fs.open(path, "wb", **options)
    )
    with collector:
        for write in collector.feed(body):
            write.sink.write(write.data)
        collector.finish()


@pytest.mark.parametrize("autocommit", [True, False])
def test_a_file_of_fsspec_is_a_sink(tmp_path: Path, autocommit: bool) -> None:
    store(BODY, tmp_path / "file", autocommit=autocommit)
    assert (tmp_path / "file").read_bytes() == b"content"


@pytest.mark.parametrize("cut", [3, 10, 20])
def test_a_broken_form_leaves_none(tmp_path: Path, cut: int) -> None:
    with nothing_left(tmp_path), pytest.raises(IncompleteForm):
        store(BODY[:-cut], tmp_path / "file", autocommit=False)
