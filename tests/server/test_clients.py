"""Clients that others have made, and some thousand requests of many at once."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.client import HTTPConnection
from io import BytesIO
from typing import TYPE_CHECKING
from wsgiref.validate import validator

import pytest

from tests.server.apps import APPS, BLOCK, wsgi
from toolkit.files import file_response
from toolkit.server import Server, Settings
from toolkit.wsgi import Request, application

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from toolkit.sansio.exchange.response import Response

DATA = BLOCK * 20
DIGEST = [len(DATA), sha256(DATA).hexdigest()]
PATIENT = Settings(
    port=0, header_timeout=120, keep_alive_timeout=120, body_timeout=120, write_timeout=120
)  # where a machine is slow, no connection is lost for that
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="without curl")


@pytest.fixture
def server(protocol: str) -> Iterator[Server]:
    # `APPS` are watched here only: what the validator gives has no length, which the server makes use of.
    app = validator(wsgi) if protocol == "wsgi" else APPS[protocol]
    with Server(app, PATIENT) as running:
        yield running


def curl(*arguments: str, data: bytes = b"") -> bytes:
    """What curl writes, with what it tells of the connection (`-v`) where that is asked for."""
    command = ["curl", "-sS", "--max-time", "120", *arguments]
    return subprocess.run(command, input=data, check=True, stdout=subprocess.PIPE).stdout


@needs_curl
def test_curl_waits_for_100_continue(server: Server) -> None:
    sent = ["-H", "Expect: 100-continue", "--expect100-timeout", "120", "-i", "--data-binary", "@-"]
    for data in (b"little", DATA):
        said = curl(*sent, f"{server.url}/digest", data=data)
        assert said.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
        assert json.loads(said.rpartition(b"\r\n\r\n")[2]) == [len(data), sha256(data).hexdigest()]
    said = curl(*sent, f"{server.url}/unread", data=DATA)
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert said.endswith(b"POST /unread")


@needs_curl
def test_curl_keeps_its_connection(server: Server) -> None:
    urls = [f"{server.url}/{number}" for number in range(3)]
    said = curl("-w", " %{num_connects}\n", "-T", "-", f"{server.url}/digest", *urls, data=DATA).decode()
    digest, *others = said.splitlines()
    assert digest == f"{json.dumps(DIGEST, separators=(',', ':'))} 1"
    assert others == ["GET /0 0", "GET /1 0", "GET /2 0"]


@needs_curl
def test_curl_asks_for_ranges(tmp_path: Path) -> None:
    path = tmp_path / "film"
    path.write_bytes(DATA)

    @application
    def app(request: Request) -> Response:
        return file_response(request, path.open("rb"))

    with Server(app, PATIENT) as server:
        assert curl("-r", "5-9", server.url) == DATA[5:10]
        assert curl("-r", "-3", server.url) == DATA[-3:]
        assert DATA[70_000:70_010] in curl("-r", "0-9,70000-70009", server.url)
        assert curl("-r", "99999999-", "-o", "/dev/null", "-w", "%{http_code}", server.url) == b"416"
        (tmp_path / "part").write_bytes(DATA[:1000])
        curl("-C", "-", "-o", str(tmp_path / "part"), server.url)
    assert (tmp_path / "part").read_bytes() == DATA


def test_aiohttp(server: Server) -> None:
    aiohttp = pytest.importorskip("aiohttp")

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(DATA), 100_000):
            yield DATA[start : start + 100_000]

    async def main() -> list[object]:
        connector = aiohttp.TCPConnector(limit=1)
        async with aiohttp.ClientSession(server.url, connector=connector) as session:
            answers: list[object] = []
            for content in (chunks(), BytesIO(DATA)):
                async with session.post("/digest", data=content) as reply:
                    answers.append(await reply.json())
            async with session.post("/digest", data=chunks(), expect100=True) as reply:
                answers.append(await reply.json())
            for number in range(3):
                async with session.get(f"/{number}") as reply:
                    answers.append(await reply.text())
            async with session.get("/large?50") as reply:
                answers.append(await reply.read() == BLOCK * 50)
            answers.append(server.connections)
            return answers

    assert asyncio.run(main()) == [DIGEST, DIGEST, DIGEST, "GET /0", "GET /1", "GET /2", True, 1]


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "new"])
def test_some_thousand_requests(server: Server, *, kept: bool) -> None:
    """Sixteen clients at once: each request has its own answer, and no other."""
    headers = {} if kept else {"Connection": "close"}

    def ask(client: int) -> int:
        connection = HTTPConnection("127.0.0.1", port, timeout=120)
        right = 0
        for number in range(125):
            connection.request("GET", f"/{client}/{number}", headers=headers)
            right += connection.getresponse().read() == b"GET /%d/%d" % (client, number)
        connection.close()
        return right

    port = int(server.url.rpartition(":")[2])
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(ask, range(16))) == 2000
