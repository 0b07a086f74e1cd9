from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from toolkit.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--port", "99999"], "--port: a whole number from 0 to 65535 is needed, not '99999'"),
        (["--sample", "-5"], "--sample: a whole number from 1 to 65535 is needed, not '-5'"),
        (["--sample", "0"], "--sample: a whole number from 1 to 65535 is needed, not '0'"),
    ],
)
def test_options_that_are_none(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["demo", *arguments])
    assert left.value.code == 2
    assert f"error: argument {says}" in capsys.readouterr().err


def test_a_directory_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.touch()
    for place in (file, file / "below"):
        assert main(["demo", "--port", "0", "--directory", str(place)]) == 1
        assert capsys.readouterr().err == f"toolkit demo: files cannot go to {place}: it is no directory\n"
