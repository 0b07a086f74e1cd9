"""A file as an answer: on both adapters, by all ways that they have to send one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.leaks import descriptors, needs_proc
from toolkit import asgi, wsgi
from toolkit.files import describe, file_response
from toolkit.testing import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolkit.sansio.exchange.response import Response
    from toolkit.testing.transport import App

CONTENT = bytes(range(256)) * 1024
pytestmark = needs_proc


@pytest.fixture(params=["wsgi", "asgi"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    """A client of both kinds of application. In the end no file must be open."""
    path = tmp_path / "file.bin"
    path.write_bytes(CONTENT)

    def answer(request: wsgi.Request) -> Response:
        return file_response(
            request, path.open("rb"), content_type="image/png", filename="é.png", headers={"X-Own": "1"}
        )

    async def awaited(request: asgi.Request) -> Response:
        return file_response(
            request, path.open("rb"), content_type="image/png", filename="é.png", headers={"X-Own": "1"}
        )

    app: App = wsgi.application(answer) if request.param == "wsgi" else asgi.application(awaited)
    yield Client(app)
    assert str(path) not in descriptors().values()


def test_whole(client: Client) -> None:
    response = client.get("/")
    assert (response.status, response.content) == (200, CONTENT)
    assert response.headers["Content-Length"] == str(len(CONTENT))
    assert response.headers["Content-Disposition"].endswith("filename*=UTF-8''%C3%A9.png")
    assert response.headers["X-Own"] == "1"


def test_head(client: Client) -> None:
    response = client.head("/")
    assert (response.status, response.content) == (200, b"")
    assert response.headers["Content-Length"] == str(len(CONTENT))


@pytest.mark.parametrize(("asked", "start"), [("bytes=1000-", 1000), ("bytes=0-", 0), ("bytes=-7", -7)])
def test_the_rest(client: Client, asked: str, start: int) -> None:
    response = client.get("/", headers={"Range": asked})
    assert (response.status, response.content) == (206, CONTENT[start:])


def test_the_middle_and_resuming(client: Client) -> None:
    first = client.get("/", headers={"Range": "bytes=0-99999"})
    again = {"Range": "bytes=100000-", "If-Range": first.headers["ETag"]}
    second = client.get("/", headers=again)
    assert (first.status, second.status) == (206, 206)
    assert first.content + second.content == CONTENT
    assert client.get("/", headers={**again, "If-Range": '"other"'}).content == CONTENT


def test_several_ranges(client: Client) -> None:
    response = client.get("/", headers={"Range": "bytes=0-1, 1000-70000, -3"})
    assert response.status == 206
    assert response.headers["Content-Type"].startswith("multipart/byteranges")
    assert response.headers["Content-Length"] == str(len(response.content))
    assert b"Content-Range: bytes 1000-70000/262144\r\n\r\n" + CONTENT[1000:70001] in response.content


def test_nothing_is_left_open_where_nothing_is_sent(client: Client) -> None:
    etag = client.get("/").headers["ETag"]
    assert client.get("/", headers={"If-None-Match": etag}).status == 304
    assert client.get("/", headers={"If-Match": '"other"'}).status == 412
    refused = client.get("/", headers={"Range": "bytes=999999-"})
    assert client.head("/", headers={"Range": "bytes=0-1, 1000-2000"}).status == 200
    assert (refused.status, refused.headers["Content-Range"]) == (416, "bytes */262144")
    assert "Content-Disposition" not in client.get("/", headers={"If-None-Match": etag}).headers


def test_a_version_has_a_tag_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "file"
    tags = set[str]()
    for content in (b"one", b"three"):
        path.write_bytes(content)
        with path.open("rb") as file:
            tags.add(str(describe(file).etag))
    assert len(tags) == 2
