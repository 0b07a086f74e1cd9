"""What others do to the directory in the same moment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from toolkit.demo.store import Store
from toolkit.sansio.errors.http import NotFound


def test_a_file_that_is_deleted_as_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(path: Path, *_arguments: object) -> None:
        raise FileNotFoundError(path)

    (tmp_path / "a").touch()
    monkeypatch.setattr(Path, "open", gone)
    monkeypatch.setattr(Path, "unlink", gone)
    with pytest.raises(NotFound):
        Store(tmp_path).open("a")
    with pytest.raises(NotFound):
        Store(tmp_path).delete("a")


def test_a_file_that_is_deleted_as_soon_as_it_is_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.remember(tmp_path / "a", "beef")
    assert store.files() == []


def test_a_digest_is_that_of_one_version(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (tmp_path / "a").write_bytes(b"1")
    store.remember(tmp_path / "a", "beef")
    assert [file.sha256 for file in store.files()] == ["beef"]
    os.utime(tmp_path / "a", (1, 1))
    assert [file.sha256 for file in store.files()] == [None]
