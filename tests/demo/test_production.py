"""The same application on the production servers that the page is not tried on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.demo.serving import OTHERS, each, served
from tests.support.waiting import PATIENCE
from toolkit.sansio.exchange.events import EventDecoder

if TYPE_CHECKING:
    from pathlib import Path

httpx = pytest.importorskip("httpx")

CONTENT = bytes(range(256)) * 4096 * 4
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("name", each(OTHERS))
def test_upload_events_download_resume_delete(name: str, tmp_path: Path) -> None:
    with served(name, tmp_path / "files") as server, httpx.Client(timeout=PATIENCE) as client:
        upload = f"{server.url}/uploads/0123456789"
        answer = client.post(upload, files={"film": ("a film.bin", CONTENT)}, data={"title": "Zürich"})
        assert answer.status_code == 201
        assert answer.json()["files"] == [{"name": "a film.bin", "size": len(CONTENT), "sha256": DIGEST}]
        events = EventDecoder().feed(client.get(f"{upload}/events").content)
        assert [event.event for event in events] == ["file", "received", "stored"]
        path = f"{server.url}/files/a%20film.bin"
        first = client.get(path, headers={"Range": "bytes=0-999999"})
        rest = client.get(path, headers={"Range": "bytes=1000000-", "If-Range": first.headers["ETag"]})
        assert (first.status_code, rest.status_code) == (206, 206)
        assert first.content + rest.content == CONTENT
        assert client.delete(path).status_code == 204
        assert server.files() == []
