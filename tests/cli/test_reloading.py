from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from toolkit.cli import reloading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["told by the system", "looking"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either way to hear of changes; the first needs watchfiles."""
    if request.param == "looking":
        monkeypatch.setattr(reloading, "find_spec", {"watchfiles": None}.get)
    elif find_spec("watchfiles") is None:
        pytest.skip("without watchfiles")


def wait_for(path: Path, watching: Iterator[str]) -> None:
    """Wait until it is told of; one change may be told of twice, and of several the first by name."""
    assert any(name == str(path) for name in watching)


@pytest.mark.usefixtures("_way")
def test_python_files_that_come_change_and_go(tmp_path: Path) -> None:
    path = tmp_path / "package" / "module.py"
    path.parent.mkdir()
    path.write_text("1")
    os.utime(path, (1, 1))
    watching = reloading.changes(tmp_path)
    assert next(watching) == ""
    path.with_name("notes.txt").write_text("no code")
    path.write_text("2")
    wait_for(path, watching)
    new = path.with_name("before_it.py")
    new.write_text("3")
    wait_for(new, watching)
    new.unlink()
    wait_for(new, watching)
