"""The demo on real servers, with plain clients: live progress, faults, two uploads at once, resuming."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.demo.serving import HEAD, SERVERS, Served, begin_upload, each, served
from tests.support.waiting import PATIENCE, until
from toolkit.sansio.exchange.events import EventDecoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

httpx = pytest.importorskip("httpx")

CONTENT = secrets.token_bytes(1024 * 1024) * 8
DIGEST = hashlib.sha256(CONTENT).hexdigest()
KIND = {"Content-Type": "multipart/form-data; boundary=B"}


@pytest.fixture(scope="module", params=each(SERVERS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(request.param, tmp_path_factory.mktemp("demo") / "files") as running:
        yield running


@pytest.fixture(autouse=True)
def _empty(server: Served) -> Iterator[None]:
    yield
    for path in server.directory.iterdir():
        path.unlink()


def test_upload_list_download_delete(server: Served) -> None:
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
        files = [("file", ("a.bin", CONTENT)), ("file", ("b.txt", b"hello")), ("file", ("a.bin", b"other"))]
        answer = client.post(f"/uploads/{secrets.token_hex(8)}", files=files, data={"title": "Zürich"})
        assert answer.status_code == 201
        assert answer.json()["fields"] == [{"name": "title", "value": "Zürich"}]
        assert [(file["name"], file["size"]) for file in answer.json()["files"]] == [
            ("a.bin", len(CONTENT)), ("b.txt", 5), ("a-2.bin", 5),
        ]  # fmt: skip
        assert answer.json()["files"][0]["sha256"] == DIGEST
        assert {file["name"] for file in client.get("/files").json()} == {"a.bin", "b.txt", "a-2.bin"}
        assert client.get("/files/a.bin").content == CONTENT
        several = client.get("/files/a.bin", headers={"Range": "bytes=0-9, 5000000-5000009"})
        assert several.status_code == 206
        assert CONTENT[5000000:5000010] in several.content
        assert client.delete("/files/a.bin").status_code == 204
        assert client.get("/files/a.bin").status_code == 404
    assert server.files() == ["a-2.bin", "b.txt"]


def test_progress_is_seen_while_it_happens(server: Served) -> None:
    """A stream that is opened before the upload tells of it while its client still sends."""
    token, half = secrets.token_hex(8), threading.Event()

    def body() -> Iterator[bytes]:
        yield HEAD + CONTENT[: len(CONTENT) // 2]
        assert half.wait(PATIENCE)
        yield CONTENT[len(CONTENT) // 2 :] + b"\r\n--B--\r\n"

    length = len(HEAD) + len(CONTENT) + len(b"\r\n--B--\r\n")

    def send() -> int:
        headers = {**KIND, "Content-Length": str(length)}
        answer = httpx.post(
            f"{server.url}/uploads/{token}", content=body(), headers=headers, timeout=PATIENCE
        )
        return int(answer.status_code)

    told: list[str] = []
    decoder = EventDecoder()
    with (
        ThreadPoolExecutor(1) as pool,
        httpx.stream("GET", f"{server.url}/uploads/{token}/events", timeout=PATIENCE) as stream,
    ):
        sending = pool.submit(send)
        for chunk in stream.iter_raw():
            for event in decoder.feed(chunk):
                told.append(event.event)
                if event.event == "progress":
                    half.set()
        assert sending.result() == 201
    assert "progress" in told[1:-1]
    assert [event for event in told if event != "progress"] == ["file", "received", "stored"]
    assert decoder.retry == 1000


def test_an_upload_that_breaks_off_leaves_nothing(server: Served) -> None:
    token = secrets.token_hex(8)
    connection = begin_upload(server, token, CONTENT[:4_000_000], announced=8_000_000)
    with httpx.stream("GET", f"{server.url}/uploads/{token}/events", timeout=PATIENCE) as stream:
        decoder = EventDecoder()
        for chunk in stream.iter_raw():
            events = decoder.feed(chunk)
            if any(event.event == "progress" for event in events):
                connection.close()
            if any(event.event == "failed" for event in events):
                break
        else:
            pytest.fail("the stream did not tell that it failed")
    assert server.files() == []


def test_two_uploads_at_the_same_time(server: Served) -> None:
    def upload(number: int) -> str:
        content = bytes([number]) + CONTENT
        answer = httpx.post(
            f"{server.url}/uploads/{secrets.token_hex(8)}",
            files={"f": ("same.bin", content)},
            timeout=PATIENCE,
        )
        (file,) = answer.json()["files"]
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert (server.directory / file["name"]).read_bytes() == content
        return str(file["name"])

    with ThreadPoolExecutor(4) as pool:
        names = sorted(pool.map(upload, range(4)))
    assert names == ["same-2.bin", "same-3.bin", "same-4.bin", "same.bin"]


def test_streams_do_not_keep_uploads_waiting(server: Served) -> None:
    """As many streams as there may be, and one more, which is refused; an upload goes on beside them."""
    url = f"{server.url}/uploads"
    with httpx.Client(timeout=PATIENCE) as client, ThreadPoolExecutor(8) as pool:
        ready = threading.Barrier(9)

        def watch(number: int) -> bool:
            with client.stream("GET", f"{url}/nobody-begins-{number}/events") as stream:
                if stream.status_code == 503:
                    return False  # the place of a stream that an earlier test has left is not free yet
                chunks = stream.iter_raw()  # whoever drops it hangs up
                assert next(chunks) == b"retry: 1000\n\n"
                ready.wait(PATIENCE)
                ready.wait(PATIENCE)
                return True

        def watch_once_free(number: int) -> None:
            until(partial(watch, number), "there is a place for the stream")

        watching = [pool.submit(watch_once_free, number) for number in range(8)]
        ready.wait(PATIENCE)
        refused = client.get(f"{url}/nobody-begins-it/events")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert client.post(f"{url}/{secrets.token_hex(8)}", files={"f": ("a.txt", b"1")}).status_code == 201
        ready.wait(PATIENCE)
        for one in watching:
            one.result()

    def is_free() -> bool:
        with httpx.stream("GET", f"{url}/nobody-begins-it/events", timeout=PATIENCE) as stream:
            return bool(stream.status_code == 200)

    until(is_free, "the places of those who left are free")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_resumes_a_download(server: Served, tmp_path: Path) -> None:
    (server.directory / "film.bin").write_bytes(CONTENT)
    (tmp_path / "film.bin").write_bytes(CONTENT[:3_000_000])
    subprocess.run(
        ["curl", "-sS", "--fail", "-C", "-", "-O", f"{server.url}/files/film.bin"], cwd=tmp_path, check=True
    )
    assert (tmp_path / "film.bin").read_bytes() == CONTENT
