from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import partial
from hashlib import sha256
from secrets import token_hex
from socket import SHUT_WR
from typing import TYPE_CHECKING

import h11
import httpx
import pytest

from tests.servers.catalogue import Can
from tests.servers.launching import BLOCK
from tests.servers.wire import Wire
from tests.support.waiting import PATIENCE, until

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from tests.servers.launching import Running

BOTH = pytest.mark.parametrize("handler", ["own", "other"])
MIB = 1024 * 1024
UPLOAD = 1024 * MIB if os.environ.get("TOOLKIT_SLOW") else 256 * MIB
post = partial(httpx.post, timeout=PATIENCE)
HEADROOM = 48 * MIB  # what a server may take more for an upload of any size


def url(server: Running, path: str) -> str:
    return f"http://127.0.0.1:{server.port}{path}"


@BOTH
def test_urlencoded(server: Running, handler: str) -> None:
    data = {"name": "Zoë", "tag": ["a", "b"], "empty": ""}
    reply = post(url(server, "/form"), data=data, headers={"X-Handler": handler})
    assert reply.json() == [["name", "Zoë"], ["tag", "a"], ["tag", "b"], ["empty", ""]]


@BOTH
def test_multipart(server: Running, handler: str) -> None:
    photo, note = BLOCK + b"\r\n--", b"\r\n" * 1000
    files = [("photo", ("Zoë.jpg", photo, "image/jpeg")), ("notes", ("a.txt", note, "text/plain"))]
    reply = post(url(server, "/form"), data={"title": "Ünïcode"}, files=files, headers={"X-Handler": handler})
    assert reply.json() == [
        ["title", "Ünïcode"],
        ["photo", "Zoë.jpg", len(photo), sha256(photo).hexdigest()],
        ["notes", "a.txt", len(note), sha256(note).hexdigest()],
    ]
    until(lambda: not server.stored(), what="the temporary files are gone")


@BOTH
def test_json_is_read_twice(server: Running, handler: str) -> None:
    reply = post(url(server, "/json"), json={"a": [1, "é"]}, headers={"X-Handler": handler})
    value, text = reply.json()
    assert value == json.loads(text) == {"a": [1, "é"]}


@BOTH
@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_content(server: Running, size: int, handler: str) -> None:
    data = os.urandom(size)
    reply = post(url(server, "/digest"), content=data, headers={"X-Handler": handler})
    assert reply.json() == [size, sha256(data).hexdigest()]


@BOTH
def test_chunked(server: Running, handler: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"one"
        yield BLOCK
        yield b"two"

    reply = post(url(server, "/digest"), content=chunks(), headers={"X-Handler": handler})
    if Can.CHUNKED in server.server.can:
        data = b"".join(chunks())
        assert reply.json() == [len(data), sha256(data).hexdigest()]
    else:
        assert reply.status_code == 411


def test_chunked_form(server: Running) -> None:
    request = httpx.Request("POST", url(server, "/form"), files={"file": ("a", BLOCK)}, data={"a": "1"})
    request.read()
    content = request.content
    headers = {"Content-Type": request.headers["Content-Type"]}
    reply = post(url(server, "/form"), content=iter([content[:7], content[7:]]), headers=headers)
    if Can.CHUNKED in server.server.can:
        assert reply.json() == [["a", "1"], ["file", "a", len(BLOCK), sha256(BLOCK).hexdigest()]]
    else:
        assert reply.status_code == 411


@BOTH
@pytest.mark.parametrize("chunked", [False, True])
def test_limit(server: Running, handler: str, chunked: bool) -> None:
    content = iter([b"a", b"b"]) if chunked else b"ab"
    reply = post(url(server, "/limited"), content=content, headers={"X-Handler": handler})
    assert reply.status_code == (413 if not chunked or Can.CHUNKED in server.server.can else 411)


def test_expect_continue(server: Running) -> None:
    with Wire(server.port) as wire:
        lines = [("Host", "example.test"), ("Content-Length", "5"), ("Expect", "100-continue")]
        wire.send(h11.Request(method="POST", target="/digest", headers=lines))
        wire.send(h11.Data(data=b"hello"), h11.EndOfMessage())
        reply = wire.reply()
    assert reply is not None
    assert reply.json() == [5, sha256(b"hello").hexdigest()]


@pytest.fixture(scope="session")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Path, str], None, None]:
    """A file of `UPLOAD` bytes, no two blocks of which are the same, and its digest."""
    path = tmp_path_factory.mktemp("large") / "upload.bin"
    digest = sha256()
    with path.open("wb") as file:
        for number in range(UPLOAD // len(BLOCK)):
            block = number.to_bytes(8, "big") + BLOCK[8:]
            digest.update(block)
            file.write(block)
    yield path, digest.hexdigest()
    path.unlink()


@pytest.mark.skipif(not shutil.which("curl"), reason="without curl")
def test_large_upload(server: Running, large_file: tuple[Path, str]) -> None:
    """Constant memory, whatever the size; and nothing is left of it afterwards."""
    source, digest = large_file
    post(url(server, "/form"), files={"file": ("small", BLOCK * 4)})  # whatever is loaded once
    before = server.peak_memory()
    curl = subprocess.run(
        ["curl", "-sS", "-F", "title=large", "-F", f"file=@{source}", url(server, "/form")],
        check=True, capture_output=True, timeout=500,
    )  # fmt: skip
    assert json.loads(curl.stdout) == [
        ["title", "large"], ["file", "upload.bin", UPLOAD, digest],
    ]  # fmt: skip
    assert server.peak_memory() - before < HEADROOM
    until(lambda: not server.stored(), what="the temporary files are gone")


@BOTH
@pytest.mark.parametrize("size", [10, 100_000, 2_000_000])
def test_unread_content(server: Running, size: int, handler: str) -> None:
    """The next request on the connection is answered, or there is none: never an answer to the content."""
    content = (b"GET /raw/smuggled HTTP/1.1\r\nHost: x\r\n\r\n" * (size // 40 + 1))[:size]
    with Wire(server.port) as wire:
        first = wire.exchange("POST", "/ignored", [("X-Handler", handler)], content)
        if first is None:
            return  # closed with content on the way: TCP may take the response back
        assert (first.status, first.body) == (200, b"ignored")
        if wire.reusable and Can.KEEPS_UNREAD in server.server.can:
            second = wire.exchange("GET", "/raw/second")
            if second is not None:
                assert second.status == 200
                assert json.loads(second.body)["path"] == "/raw/second"


HEAD = "POST /form?record={name} HTTP/1.1\r\nHost: x\r\nContent-Type: {type}\r\n{length}\r\n\r\n"
CUT = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b"x" * 3_000_000


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_cut_content(server: Running, framing: str) -> None:
    """The handler sees an error, not a part of a form; nothing stays stored."""
    if framing == "chunked" and Can.CHUNKED not in server.server.can:
        return
    name = token_hex(4)
    chunked = framing == "chunked"
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(CUT) + 100}"
    head = HEAD.format(name=name, type="multipart/form-data; boundary=b", length=length)
    with Wire(server.port) as wire:
        wire.socket.sendall(head.encode() + (b"%x\r\n" % (len(CUT) + 100) if chunked else b"") + CUT)
    if server.server.cut is None:
        until(lambda: not server.stored(), what="nothing is kept")
        assert not server.records(name)
        return
    seen = server.server.cut.split(" or ")
    if chunked and Can.KNOWS_CUT not in server.server.can:
        seen = ["IncompleteForm"]  # to the server that is the end of the content: only the form tells
    assert server.recorded(name) in seen
    until(lambda: not server.stored(), what="the temporary file is gone")


@pytest.mark.parametrize("length", ["5, 6", "-1", "+5", "5\r\nContent-Length: 6", "1_0", "0x5"])
def test_lying_length(server: Running, length: str) -> None:
    """Content whose end nobody can know is refused, by the server or by the application."""
    answers = _lying(server, f"Content-Length: {length}", b"a=1&b=2&c=3")
    assert b" 200 " not in answers


def test_two_lengths(server: Running) -> None:
    """Content-Length and Transfer-Encoding: refused, or read as chunked (RFC 9112 section 6.3)."""
    hidden = b"GET /raw/hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    content = b"3\r\na=1\r\n0\r\n\r\n" + hidden
    both = f"Content-Length: {len(content)}\r\nTransfer-Encoding: chunked"
    first = _lying(server, both, content).partition(b"HTTP/1.1 ")[2]
    if Can.REFUSES_BOTH in server.server.can:
        assert first.startswith(b"4")
    else:
        assert first.startswith(b"200 ")
        assert b'[["a","1"]]' in first


def _lying(server: Running, length: str, content: bytes) -> bytes:
    head = HEAD.format(name=token_hex(4), type="application/x-www-form-urlencoded", length=length)
    with Wire(server.port) as wire:
        wire.socket.sendall(head.encode() + content)
        wire.socket.shutdown(SHUT_WR)
        return wire.rest()
