"""The client for the terminal, and the command around it."""

from __future__ import annotations

import hashlib
import io
import os
import pty
import socket
import subprocess
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.support.waiting import PATIENCE, free_port
from toolkit.__main__ import main
from toolkit.demo.app import Demo, asgi_app, wsgi_app
from toolkit.demo.sending import Bar, SendError, Source, send
from toolkit.server.server import Server
from toolkit.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = bytes(range(256)) * 4096 * 3


class Terminal(io.StringIO):
    """A stream that takes itself for a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(params=["wsgi", "asgi"])
def url(request: pytest.FixtureRequest, demo: Demo) -> Iterator[str]:
    app = wsgi_app(demo) if request.param == "wsgi" else asgi_app(demo)
    with Server(app, Settings(port=0)) as server:
        yield server.url


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film é.bin"
    path.write_bytes(CONTENT)
    return path


def test_files_arrive_and_are_compared(url: str, film: Path, tmp_path: Path, directory: Path) -> None:
    (tmp_path / "empty").touch()
    told = io.StringIO()
    send([film, tmp_path / "empty"], url, told)
    assert (directory / film.name).read_bytes() == CONTENT
    assert (directory / "empty").read_bytes() == b""
    assert hashlib.sha256(CONTENT).hexdigest() in told.getvalue()
    assert told.getvalue().startswith("Sent 3.1 MB in ")
    assert "\r" not in told.getvalue()


def test_a_name_that_is_no_text(url: str, tmp_path: Path, directory: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    try:
        path.write_bytes(b"1")
    except OSError:
        pytest.skip("this file system has no such names")
    send([path], url, io.StringIO())
    assert (directory / "caf\ufffd.txt").read_bytes() == b"1"


def test_a_terminal_sees_a_bar(film: Path, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.demo.sending.LOOK", 0.0)
    told = Terminal()
    with Server(wsgi_app(demo), Settings(port=0)) as server:
        send([film], f"{server.url}/", told)
    states = told.getvalue().split("\r\x1b[K")
    assert any("MB/s" in state and "█" in state and "left" in state for state in states)
    assert states[-1].startswith("Sent ")


def test_how_a_bar_stands() -> None:
    bar = Bar(4_000_000, Terminal())
    bar.advance(1_000_000)
    text = "  25%  1.0 MB of 4.0 MB  500.0 kB/s  0:06 left"
    assert bar.line(2.0, 120) == "█" * 10 + "░" * 30 + text
    assert len(bar.line(2.0, 80)) == 79
    assert bar.line(2.0, 30) == text
    assert Bar(1, Terminal()).line(2.0, 30).endswith("  0 B/s  0:00 left")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://localhost/", "no URL to send to"),
        ("localhost:8000", "no URL to send to"),
        ("http://", "no URL to send to|a host"),
        ("http://local host/", "local host"),
    ],
)
def test_what_is_no_url(film: Path, url: str, reason: str) -> None:
    with pytest.raises(SendError, match=reason):
        send([film], url, io.StringIO())


def test_a_server_that_is_not_there(film: Path) -> None:
    port = free_port()
    with pytest.raises(SendError, match=f"http://127.0.0.1:{port}: nobody listens there; start"):
        send([film], f"http://127.0.0.1:{port}", io.StringIO())


def test_a_file_that_is_not_there(url: str, tmp_path: Path) -> None:
    with pytest.raises(SendError, match="missing: No such file"):
        send([tmp_path / "missing"], url, io.StringIO())
    with pytest.raises(SendError, match="Is a directory"):
        send([tmp_path], url, io.StringIO())


def test_a_file_that_shrinks(film: Path) -> None:
    source = Source(film, len(CONTENT) + 1)
    with pytest.raises(SendError, match="shorter"):
        list(source.blocks())


def test_what_a_server_refuses(url: str, film: Path) -> None:
    with pytest.raises(SendError, match="answered 404 Not Found: Not Found"):
        send([film], f"{url}/elsewhere", io.StringIO())


def answer_once(answer: bytes, *, take: int) -> tuple[str, threading.Thread]:
    """A server that takes some bytes, answers, and closes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with closing(listener), closing(listener.accept()[0]) as connection:
            taken = 0
            while taken < take:
                taken += len(connection.recv(65536))
            connection.sendall(answer)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}", thread


@pytest.mark.parametrize(
    ("head", "body", "reason"),
    [
        (
            "507 Insufficient Storage",
            b'{"detail": "The disk is full."}',
            "507 Insufficient Storage: The disk is full.",
        ),
        ("502 Bad Gateway", b"<h1>sorry</h1>", "502 Bad Gateway: <h1>sorry</h1>"),
        ("400 Bad Request", b"[]", r"400 Bad Request: \[\]"),
        ("201 Created", b'{"files": [{"name": "a", "sha256": "beef"}]}', "damaged: its SHA-256 is beef"),
    ],
)
def test_answers(film: Path, head: str, body: bytes, reason: str) -> None:
    answer = f"HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    url, thread = answer_once(answer, take=100_000)
    with pytest.raises(SendError, match=reason):
        send([film], url, io.StringIO())
    thread.join()


def test_what_is_no_http(film: Path) -> None:
    url, thread = answer_once(b"nonsense\r\n\r\n", take=100_000)
    with pytest.raises(SendError, match="nonsense"):
        send([film], url, io.StringIO())
    thread.join()


def test_a_server_that_leaves(film: Path) -> None:
    url, thread = answer_once(b"", take=100_000)
    with pytest.raises(SendError, match=f"{url}: the connection broke before there was an answer"):
        send([film], url, io.StringIO())
    thread.join()


# ---------------------------------------------------------------- the command


def test_the_command_sends(url: str, film: Path, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--send", str(film), "--to", url]) == 0
    assert "the same here" in capsys.readouterr().out
    assert (directory / film.name).read_bytes() == CONTENT
    assert main(["demo", "--send", "missing", "--to", url]) == 1
    assert capsys.readouterr().err == "toolkit demo: missing: No such file or directory\n"


@pytest.mark.parametrize("interface", ["--wsgi", "--asgi"])
def test_a_sample_ends_where_nobody_looks_on(tmp_path: Path, interface: str) -> None:
    command = [sys.executable, "-m", "toolkit", "demo", interface, "--port", "0", "--sample", "2"]
    run = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert run.returncode == 0, run.stderr
    assert "Sent 2.1 MB" in run.stdout
    assert "the same here" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_sample_goes_on_serving_on_a_terminal(tmp_path: Path) -> None:
    """It says where it is, and Ctrl-C ends it well; what was stored goes with it."""
    control, terminal = pty.openpty()
    command = [sys.executable, "-m", "toolkit", "demo", "--port", "0", "--sample", "2"]
    process = subprocess.Popen(
        command,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        start_new_session=True,
    )
    os.close(terminal)
    seen = b""
    while b"Ctrl-C ends it" not in seen:
        seen += os.read(control, 4096)
    assert b"the same here" in seen
    process.terminate()
    assert process.wait(PATIENCE) == 0
    os.close(control)
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        assert main(["demo", "--port", port, "--directory", str(tmp_path / "new")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("toolkit demo: ")
    assert error.count("\n") == 1
