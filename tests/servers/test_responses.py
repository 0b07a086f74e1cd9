from __future__ import annotations

import shutil
import subprocess
from hashlib import sha256
from http.client import HTTPConnection
from secrets import token_hex
from typing import TYPE_CHECKING

import h11
import pytest

from tests.servers.catalogue import Can
from tests.servers.launching import DOWNLOAD
from tests.servers.wire import Wire
from tests.support.waiting import PATIENCE, until

if TYPE_CHECKING:
    from tests.servers.launching import Running

BOTH = pytest.mark.parametrize("handler", ["own", "other"])
LINKS = ["</style.css>; rel=preload; as=style", "</app.js>; rel=preload"]


def fine_afterwards(server: Running, wire: Wire) -> None:
    """The next request is answered as it should be: on the same connection, if that is still open."""
    if wire.reusable:
        reply = wire.exchange("GET", "/raw/next")
        if reply is not None:
            assert (reply.status, b'"/raw/next"' in reply.body) == (200, True)
    wire.socket.close()
    with Wire(server.port) as another:
        reply = another.exchange("GET", "/raw/other")
        assert reply is not None
        assert (reply.status, b'"/raw/other"' in reply.body) == (200, True)


@BOTH
@pytest.mark.parametrize("kind", ["blocking", "awaiting"])
def test_streaming(server: Running, kind: str, handler: str) -> None:
    """Each chunk arrives before the next one is made."""
    gate = f"gate-{token_hex(4)}"
    lines = [("Host", "example.test"), ("X-Handler", handler)]
    with Wire(server.port) as wire:
        wire.send(h11.Request(method="GET", target=f"/streamed?kind={kind}&gate={gate}", headers=lines))
        wire.send(h11.EndOfMessage())
        reply = wire.head()
        assert reply is not None
        content, got = wire.content(reply), b""
        while got != b"first":
            got += next(content)
        (server.files / gate).touch()
        assert b"".join(content) == b"second"
        assert reply.whole


@BOTH
def test_file(server: Running, handler: str) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.request("GET", "/file", headers={"X-Handler": handler})
    response = connection.getresponse()
    assert response.status == 200
    assert response.getheader("Content-Length") == str(DOWNLOAD)
    digest, size = sha256(), 0
    while data := response.read(1024 * 1024):
        digest.update(data)
        size += len(data)
    connection.close()
    with (server.files / "download.bin").open("rb") as file:
        expected = sha256()
        while data := file.read(1024 * 1024):
            expected.update(data)
    assert (size, digest.digest()) == (DOWNLOAD, expected.digest())


@BOTH
def test_client_leaves_in_a_download(server: Running, handler: str) -> None:
    for _ in range(3):
        with Wire(server.port) as wire:
            wire.send(
                h11.Request(method="GET", target="/file", headers=[("Host", "x"), ("X-Handler", handler)]),
                h11.EndOfMessage(),
            )
            wire.socket.recv(1000)
    with Wire(server.port) as another:
        fine_afterwards(server, another)
    until(lambda: not server.open_files(server.files), what="the file is closed")


@BOTH
@pytest.mark.parametrize(
    ("what", "status", "body"),
    [
        ("http", 404, b"Nothing here."),
        ("remote", 400, b"X-Test"),
        ("unexpected", 500, b""),
        ("before", 500, b""),
    ],
)
def test_error(server: Running, what: str, status: int, body: bytes, handler: str) -> None:
    with Wire(server.port) as wire:
        reply = wire.exchange("GET", f"/raises/{what}", [("X-Handler", handler)])
        ability = {"before": Can.REPLACES, "unexpected": Can.FAULTS}.get(what)
        if ability is None or ability in server.server.can:
            assert reply is not None
            assert (reply.status, reply.whole) == (status, True)
        if reply is not None:  # else the connection was closed, which is an answer, too
            assert body in reply.body
            assert b"Deliberate" not in reply.body
        fine_afterwards(server, wire)


@BOTH
@pytest.mark.parametrize("what", ["after", "after-chunked"])
def test_broken_response(server: Running, what: str, handler: str) -> None:
    """A response that fails in the middle looks like it: no client takes it for a whole one."""
    with Wire(server.port) as wire:
        reply = wire.exchange("GET", f"/raises/{what}", [("X-Handler", handler)])
        if reply is not None:
            assert reply.body in {b"", b"first"}
            assert not reply.whole or (what == "after-chunked" and Can.BREAKS not in server.server.can)
        wire.reusable = False
        fine_afterwards(server, wire)


@BOTH
def test_early_hints(server: Running, handler: str) -> None:
    with Wire(server.port) as wire:
        reply = wire.exchange("GET", "/hints", [("X-Handler", handler)])
        assert reply is not None
        sent = reply.body == b"true"
        hints = [value for _, lines in reply.informational for name, value in lines if name == "link"]
        assert hints == (LINKS if sent else [])
        assert sent is (Can.EARLY_HINTS in server.server.can - server.server.http2)
        fine_afterwards(server, wire)


@BOTH
def test_trailers(server: Running, handler: str) -> None:
    """Without them the response is the same."""
    with Wire(server.port) as wire:
        reply = wire.exchange("GET", "/trailers", [("TE", "trailers"), ("X-Handler", handler)])
        assert reply is not None
        assert reply.body == b"onetwo"
        assert reply.whole
        assert bool(reply.trailers) is (Can.TRAILERS in server.server.can - server.server.http2)
        fine_afterwards(server, wire)


def _curl_http2(server: Running, path: str) -> str:
    command = ["curl", "-sS", "-D", "-", "--http2-prior-knowledge", "-H", "TE: trailers"]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}{path}"],
        check=True,
        capture_output=True,
        timeout=PATIENCE,
        text=True,
    )
    return done.stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="without curl")
def test_http2(server: Running) -> None:
    """Where HTTP/2 has early hints and trailers, they get there."""
    if Can.TRAILERS not in server.server.http2:
        return
    said = _curl_http2(server, "/trailers")
    assert said.startswith("HTTP/2 200")
    assert "onetwo" in said
    assert f"x-digest: {sha256(b'onetwo').hexdigest()}" in said
    said = _curl_http2(server, "/hints")
    assert said.startswith("HTTP/2 103")
    assert all(f"link: {link}" in said for link in LINKS)


def test_pipelining(server: Running) -> None:
    """Requests sent together are answered in their order, or the connection is closed."""
    requests = b"".join(
        b"GET /raw/%d HTTP/1.1\r\nHost: x\r\n%s\r\n"
        % (number, b"Connection: close\r\n" if number == 3 else b"")
        for number in range(1, 4)
    )
    with Wire(server.port) as wire:
        wire.socket.sendall(requests)
        answers = wire.rest()
    order = [answers.find(b'"/raw/%d"' % number) for number in (1, 2, 3)]
    seen = [place for place in order if place >= 0]
    assert seen
    assert order[: len(seen)] == sorted(seen)
