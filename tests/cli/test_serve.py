from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from tests.servers.launching import ROOT, until
from toolkit.__main__ import main
from toolkit.server.logs import ACCESS, SERVER

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

APP = """
def app(environ, start_response):
    start_response("200 OK", [])
    return [b"{text}"]
number = 7
"""


@pytest.fixture(autouse=True)
def _logs() -> Generator[None, None, None]:
    """What the command sets up is taken down."""
    yield
    for logger in (ACCESS, SERVER):
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


@pytest.fixture(autouse=True)
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "served_for_test.py").write_text(APP.format(text="one"))
    (tmp_path / "broken_for_test.py").write_text("import no_such_module_at_all\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["missing_for_test:app"], 2, "there is no module 'missing_for_test' here or on the path"),
        (["served_for_test.py:app"], 2, "did you mean 'served_for_test'?"),
        (["served_for_test"], 2, "an application is named MODULE:NAME, such as app:app"),
        (["served_for_test:ap"], 2, "served_for_test has no 'ap'; it has app, number"),
        (["served_for_test:number"], 2, "served_for_test:number is no application: a int cannot be called"),
        (["broken_for_test:app"], 1, "broken_for_test cannot be imported"),
        (["served_for_test:app", "--cert", "no.pem"], 2, "no such file: no.pem; make one with: openssl req"),
        (["served_for_test:app", "--cert", "served_for_test.py"], 2, "is no certificate with its key"),
        (["served_for_test:app", "--key", "no.pem"], 2, "--key needs the certificate"),
        (
            ["served_for_test:app", "--host", "no-such-host.invalid"],
            1,
            "no such host: 'no-such-host.invalid'",
        ),
    ],
)
def test_mistakes_are_told_in_one_line(
    arguments: list[str], status: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *arguments]) == status
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("toolkit serve: ")
    assert says in last


@pytest.mark.parametrize(
    "arguments", [["--port", "x"], ["--port", "70000"], ["--workers", "2"], ["--wsgi", "--asgi"]]
)
def test_options_that_are_none(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["serve", "served_for_test:app", *arguments])
    assert left.value.code == 2
    assert "error: argument" in capsys.readouterr().err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, says in ((["--version"], "toolkit "), (["serve", "--help"], "gunicorn, uvicorn")):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 0
        assert says in capsys.readouterr().out


@pytest.mark.parametrize("options", [[], ["--reload"]])
def test_it_serves(options: list[str], tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    with errors.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "toolkit", "serve", "served_for_test:app", "--port", "0", *options],
            stderr=file,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}", "PYTHONDONTWRITEBYTECODE": "1"},
        )
    try:
        assert _text(errors, 1) == b"one"
        if options:
            (tmp_path / "served_for_test.py").write_text(APP.format(text="two"))
            assert _text(errors, 2) == b"two"
    finally:
        process.terminate()
        assert process.wait(20) == 0


def _text(errors: Path, times: int) -> bytes:
    """What it answers, when it has started so many times."""
    found = until(
        lambda: (urls := re.findall(r"Listening on (\S+)", errors.read_text()))[times - 1 :] and urls,
        what="it listens",
    )
    with urlopen(found[-1]) as reply:  # noqa: S310  # our own server
        text: bytes = reply.read()
    return text
