from __future__ import annotations

import json
import socket
import subprocess
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from tests.server.apps import APPS, BLOCK
from tests.server.launching import process
from tests.support.waiting import PATIENCE, until
from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.exchange.response import Response
from toolkit.server import Server, Settings, StartError
from toolkit.wsgi import Request, application


def curl(*arguments: str, data: bytes = b"") -> str:
    return subprocess.run(
        ["curl", "-s", "--max-time", "120", *arguments], input=data, check=True, capture_output=True
    ).stdout.decode()


def test_requests_on_one_connection(server: Server) -> None:
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
        assert [client.get(f"/{number}").text for number in range(3)] == ["GET /0", "GET /1", "GET /2"]


def test_content_with_a_length_and_in_chunks(server: Server, tmp_path: Path) -> None:
    data = BLOCK * 50
    (tmp_path / "data").write_bytes(data)
    expected = [len(data), sha256(data).hexdigest()]
    assert json.loads(curl("-T", str(tmp_path / "data"), f"{server.url}/digest")) == expected
    assert json.loads(curl("-T", "-", f"{server.url}/digest", data=data)) == expected


def test_head_and_http_1_0(server: Server) -> None:
    head = curl("-I", f"{server.url}/large?2")
    assert "HTTP/1.1 200 OK" in head
    assert f"content-length: {2 * len(BLOCK)}" in head.lower()
    old = curl("-0", "-i", f"{server.url}/old")
    assert old.startswith("HTTP/1.1 200 OK")
    assert "connection: close" in old.lower()
    assert old.endswith("GET /old")


def test_a_failing_application_is_a_plain_500(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    reply = httpx.get(f"{server.url}/boom", timeout=PATIENCE)
    assert (reply.status_code, reply.text) == (500, "500 Internal Server Error\n")
    until(lambda: "Deliberate" in caplog.text, what="the developer is told")
    assert "GET /boom HTTP/1.1" in caplog.text


def test_a_port_in_use(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    with (
        pytest.raises(StartError, match=f"127.0.0.1 port {port} is in use: "),
        Server(APPS["wsgi"], Settings(port=port)),
    ):
        pass


def test_a_server_runs_once(server: Server) -> None:
    with pytest.raises(LocalError, match="runs once"):
        server.__enter__()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="without /dev/full")
def test_a_full_disk_is_a_507(caplog: pytest.LogCaptureFixture) -> None:
    @application
    def app(request: Request) -> Response:
        with Path("/dev/full").open("wb") as file:
            file.writelines(request.stream())
        return Response(b"")

    with Server(app, Settings(port=0)) as running:
        assert httpx.post(running.url, content=BLOCK, timeout=PATIENCE).status_code == 507
    assert "No space left on device" in caplog.text


def test_an_upload_that_is_killed_leaves_no_file(protocol: str, tmp_path: Path) -> None:
    """The temporary files of a form have no name: a process that is killed takes them with it."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    head = (
        b"POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    )
    with process(protocol, tmp_path, temporary=temporary) as running:
        open_files = Path(f"/proc/{running.popen.pid}/fd")
        with socket.create_connection(("127.0.0.1", running.port)) as sock:
            sock.sendall(head + b"x" * 3_000_000)
            until(
                lambda: any(str(temporary) in str(link.readlink()) for link in open_files.iterdir()),
                what="it stores",
            )
            running.popen.kill()
            running.popen.wait()
    assert list(temporary.iterdir()) == []
