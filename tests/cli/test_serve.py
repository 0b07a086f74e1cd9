from __future__ import annotations

import logging
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from tests.servers.launching import ROOT
from tests.support.waiting import PATIENCE, until
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
def one(argument): ...
def make(): return app
async def make_soon(): return app
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
    (tmp_path / "exits_for_test.py").write_text("raise SystemExit\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken_for_test").mkdir()
    (tmp_path / "broken_for_test" / "__init__.py").write_text("import no_such_module_at_all\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["missing_for_test:app"], 2, "there is no module 'missing_for_test' here or on the path"),
        (["served_for_test.py:app"], 2, "did you mean 'served_for_test'?"),
        (["./served_for_test.py:app"], 2, "did you mean 'served_for_test'?"),
        (["served_for_test.more:app"], 2, "served_for_test is no package"),
        ([".served_for_test:app"], 2, "there is no module '.served_for_test'"),
        (["served_for_test"], 2, "an app is named MODULE:NAME, such as served_for_test:app"),
        (["served_for_test.py"], 2, "an app is named MODULE:NAME, such as served_for_test:app"),
        ([":"], 2, "an app is named MODULE:NAME, such as app:app, not ':'"),
        (["served_for_test:ap"], 2, "served_for_test has no 'ap'; it has app, make, make_soon, number, one"),
        (["served_for_test:number.x"], 2, "served_for_test has no 'number.x'; it has as_integer_ratio"),
        (["served_for_test:number"], 2, "served_for_test:number is no application: it is of type int"),
        (["served_for_test:one"], 2, "a WSGI or an ASGI application: say --wsgi or --asgi"),
        (["served_for_test:make"], 2, "takes no arguments, as an application does; name what it returns"),
        (["served_for_test:make", "--wsgi"], 2, "takes no arguments, as an application does"),
        (["served_for_test:make_soon"], 2, "takes no arguments, as an application does"),
        (["broken_for_test:app"], 1, "broken_for_test cannot be imported"),
        (["broken_for_test.web:app"], 1, "broken_for_test.web cannot be imported"),
        (["exits_for_test:app"], 1, "exits_for_test exits when it is imported"),
        (["served_for_test:app", "--unix", "no/such.sock"], 1, "make its directory first"),
        (["served_for_test:app", "--unix", "folder"], 1, "folder is there already and is no socket"),
        (["served_for_test:app", "--cert", "no.pem"], 2, "no such file: no.pem; make one with: openssl req"),
        (
            ["served_for_test:app", "--cert", "served_for_test.py"],
            2,
            "is no certificate with its key, in PEM (name the",
        ),
        (["served_for_test:app", "--cert", "folder"], 2, "folder cannot be read: Is a directory"),
        (
            ["served_for_test:app", "--cert", "served_for_test.py", "--key", "no.pem"],
            2,
            "no such file: no.pem;",
        ),
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
    ("arguments", "says"),
    [
        (["--port", "x"], "--port: a whole number from 0 to 65535 is needed, not 'x'"),
        (["--port", "70000"], "--port: a whole number from 0 to 65535 is needed, not '70000'"),
        (["--workers", "2"], "--workers: there is 1, not '2': servers for production have more"),
        (["--wsgi", "--asgi"], "--asgi: not allowed with argument --wsgi"),
    ],
)
def test_options_that_are_none(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["serve", "served_for_test:app", *arguments])
    assert left.value.code == 2
    assert f"error: argument {says}" in capsys.readouterr().err


def test_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port: int = other.getsockname()[1]
        assert main(["serve", "served_for_test:app", "--port", str(port)]) == 1
    assert "is in use: stop what listens there, or choose another" in capsys.readouterr().err


def test_the_traceback_of_a_module_that_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "broken_for_test:app"]) == 1
    assert "ModuleNotFoundError: No module named 'no_such_module_at_all'" in capsys.readouterr().err


@pytest.mark.parametrize("command", [[], ["serve"], ["routes"], ["demo"]])
def test_help_is_text_for_80_columns(
    command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main([*command, "--help"])
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "`" not in text


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, says in (
        (["--version"], "toolkit "),
        (["serve", "--help"], "gunicorn, uvicorn"),
        (["serve", "--help"], "\nRun an application on the built-in server"),
        (["routes", "--help"], "\nShow the rules of a router"),
        (["demo", "--help"], "\nUpload files in a browser"),
    ):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 0
        assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "end"),
    [([], signal.SIGINT), (["--reload"], signal.SIGINT), (["--reload"], signal.SIGTERM)],
)
def test_it_serves(options: list[str], end: signal.Signals, tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    process = _serve(errors, *options)
    try:
        assert _text(errors, 1) == b"one"
        if options:
            (tmp_path / "new").write_text(APP.format(text="two"))
            (tmp_path / "new").replace(tmp_path / "served_for_test.py")  # one change, not two
            assert _text(errors, 2) == b"two"
    finally:
        process.send_signal(end)
        assert process.wait(PATIENCE) == 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_tls_with_the_certificate_that_is_advised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--cert", "cert.pem", "--key", "key.pem"]
    assert main(["serve", "served_for_test:app", *options]) == 2
    advice = capsys.readouterr().err.partition("make one with: ")[2]
    subprocess.run(shlex.split(advice), check=True, capture_output=True)
    trust = ssl.create_default_context(cafile="cert.pem")
    trust.check_hostname = False
    process = _serve(tmp_path / "errors", *options)
    try:
        assert _text(tmp_path / "errors", 1, trust) == b"one"
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0


def _serve(errors: Path, *options: str) -> subprocess.Popen[bytes]:
    """The command in a process of its own, on a free port."""
    with errors.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "toolkit", "serve", "served_for_test:app", "--port", "0", *options],
            stderr=file,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}", "PYTHONDONTWRITEBYTECODE": "1"},
        )


def _text(errors: Path, times: int, trust: ssl.SSLContext | None = None) -> bytes:
    """What it answers, when it has started so many times."""
    found = until(
        lambda: (urls := re.findall(r"Listening on (\S+)", errors.read_text()))[times - 1 :] and urls,
        what="it listens",
    )
    with urlopen(found[-1], context=trust) as reply:  # noqa: S310  # our own server
        text: bytes = reply.read()
    return text
