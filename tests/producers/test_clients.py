"""What HTTP clients send, captured by running them, comes out as it went in."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.producers.capture import Capture, File, capture, decoded
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Pairs = list[tuple[str, str]]
    Files = list[tuple[str, File]]
    Send = Callable[[str, Pairs, Files], object]

CONTENT = bytes(range(256)) * 10 + b"\r\n--boundary\r\n--"
LARGE = File("large.bin", "application/octet-stream", CONTENT * 4000)  # 10 MiB
PLAIN_FIELDS = [
    ("a", "1"),
    ("empty", ""),
    ("a", "2"),
    ("text", "line\r\nline\n\x00é€😀"),
    ("arr[x][]", "%41+&=;"),
]
PLAIN_FILES = [
    ("file", File("a.txt", "text/plain", b"text")),
    ("file", File("empty.bin", "application/octet-stream", b"")),
    ("image", File("b.png", "image/png", CONTENT)),
]
NAMES = ["with space", 'quo"te', "ünï€😀", "semi;colon", "per%cent", "it's", "a,b"]


@pytest.fixture
def server() -> Iterator[Capture]:
    with capture() as running:
        yield running


def by_curl(url: str, fields: Pairs, files: Files, directory: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    arguments = [curl, "--silent", "--show-error", "--fail"]
    for number, (name, value) in enumerate(fields):
        path = directory / f"field{number}"
        path.write_bytes(value.encode())
        arguments += ["--form", f"{name}=<{path}"]
    for number, (name, file) in enumerate(files):
        path = directory / f"file{number}"
        path.write_bytes(file.content)
        filename = file.filename.replace("\\", "\\\\").replace('"', '\\"')
        arguments += ["--form", f'{name}=@{path};type={file.content_type};filename="{filename}"']
    subprocess.run([*arguments, url], check=True, stdout=subprocess.DEVNULL)


def by_requests(url: str, fields: Pairs, files: Files) -> None:
    requests = pytest.importorskip("requests")
    requests.post(url, data=fields, files=_triples(files), timeout=PATIENCE)


def by_urllib3(url: str, fields: Pairs, files: Files) -> None:
    urllib3 = pytest.importorskip("urllib3")
    pool = urllib3.PoolManager()
    pool.request("POST", url, fields=[*fields, *_triples(files)]).close()
    pool.clear()


def by_httpx(url: str, fields: Pairs, files: Files) -> None:
    httpx = pytest.importorskip("httpx")
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    httpx.post(url, data=data, files=_triples(files), timeout=PATIENCE)


def by_aiohttp(url: str, fields: Pairs, files: Files) -> None:
    aiohttp = pytest.importorskip("aiohttp")

    async def send() -> None:
        # Left to itself it percent-encodes file names as a whole, which nobody can tell from percent signs.
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        for name, value in fields:
            form.add_field(name, value)
        for name, file in files:
            content = io.BytesIO(file.content)
            form.add_field(name, content, filename=file.filename, content_type=file.content_type)
        async with aiohttp.ClientSession() as session, session.post(url, data=form):
            pass

    asyncio.run(send())


def _triples(files: Files) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [(name, (file.filename, file.content, file.content_type)) for name, file in files]


CLIENTS = {"requests": by_requests, "urllib3": by_urllib3, "httpx": by_httpx, "aiohttp": by_aiohttp}


@pytest.fixture(params=["curl", *CLIENTS])
def send(request: pytest.FixtureRequest, tmp_path: Path) -> Send:
    if request.param == "curl":
        return lambda url, fields, files: by_curl(url, fields, files, tmp_path)
    return CLIENTS[request.param]


def grouped(fields: Pairs) -> Pairs:
    """The pairs in the order in which httpx can send them, which takes a dictionary."""
    return [pair for name in dict(fields) for pair in fields if pair[0] == name]


def test_fields_and_files(server: Capture, send: Send) -> None:
    send(server.url, grouped(PLAIN_FIELDS), PLAIN_FILES)
    assert decoded(server.last()) == [*grouped(PLAIN_FIELDS), *PLAIN_FILES]


def check_names(server: Capture, send: Send, names: list[str], arriving: list[str] | None = None) -> None:
    fields = [(name, "x") for name in names]
    files = [(name, File(name, "text/plain", b"")) for name in names]
    send(server.url, fields, files)
    arriving = arriving or names
    files = [(name, File(name, "text/plain", b"")) for name in arriving]
    assert decoded(server.last()) == [*((name, "x") for name in arriving), *files]


def test_names(server: Capture, send: Send) -> None:
    check_names(server, send, NAMES)


def test_names_with_newlines(server: Capture, send: Send) -> None:
    names = ["new\nline", "c\rr", "both\r\n"]
    if send is by_aiohttp:
        with pytest.raises(ValueError, match="control character"):
            check_names(server, send, names)
    else:
        check_names(server, send, names)


def test_names_with_backslashes(server: Capture, send: Send) -> None:
    names = ["back\\slash", "\\\\two", "C:\\dir\\file.txt"]
    # Some double backslashes, which by WHATWG are characters like any other.
    doubling = send in (by_aiohttp, by_httpx)
    check_names(server, send, names, [name.replace("\\", "\\" * 2) for name in names] if doubling else None)


def test_a_large_file(server: Capture, send: Send) -> None:
    send(server.url, [("a", "1")], [("file", LARGE), ("file", LARGE)])
    assert decoded(server.last()) == [("a", "1"), ("file", LARGE), ("file", LARGE)]


URLENCODED = [("a", "1"), ("empty", ""), ("a", "+ &=%;é€😀\r\n"), ("b", "x" * 100_000)]


@pytest.mark.parametrize("client", ["curl", "requests", "httpx"])
def test_urlencoded(server: Capture, client: str) -> None:
    if client == "curl":
        arguments = [part for pair in URLENCODED for part in ("--data-urlencode", "=".join(pair))]
        curl = shutil.which("curl")
        if curl is None:
            pytest.skip("curl is not installed")
        subprocess.run([curl, "--silent", *arguments, server.url], check=True, stdout=subprocess.DEVNULL)
        expected = URLENCODED
    else:
        module = pytest.importorskip(client)
        data = {name: [value for key, value in URLENCODED if key == name] for name, _ in URLENCODED}
        module.post(server.url, data=data, timeout=PATIENCE)
        expected = grouped(URLENCODED)
    assert decoded(server.last()) == expected
