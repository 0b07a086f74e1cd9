from __future__ import annotations

import json
import subprocess
from hashlib import sha256
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.server.apps import APPS, BLOCK
from tests.servers.launching import until
from toolkit.sansio.errors.base import LocalError
from toolkit.server import Server, Settings, StartError

if TYPE_CHECKING:
    from pathlib import Path


def curl(*arguments: str, data: bytes = b"") -> str:
    return subprocess.run(
        ["curl", "-s", "--max-time", "20", *arguments], input=data, check=True, capture_output=True
    ).stdout.decode()


def test_requests_on_one_connection(server: Server) -> None:
    with httpx.Client(base_url=server.url) as client:
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
    reply = httpx.get(f"{server.url}/boom")
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
