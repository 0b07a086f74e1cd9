"""What the demo leaves behind when it is killed in mid-upload, or the disk is full: nothing."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from tests.demo.serving import begin_upload, fill_disk, needs_prlimit, served
from tests.support.waiting import PATIENCE, until

httpx = pytest.importorskip("httpx")


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="files without a name are Linux's")
@pytest.mark.parametrize("name", ["built-in-wsgi", "built-in-asgi"])
def test_kill_9_in_mid_upload_leaves_nothing(name: str, tmp_path: Path) -> None:
    with served(name, tmp_path / "files") as server:
        connection = begin_upload(server, "0123456789", bytes(6_000_000), announced=8_000_000)

        def is_written() -> bool:
            """Whether it holds a file of some megabytes that has no name."""
            nameless: list[int] = []
            for descriptor in Path(f"/proc/{server.process.pid}/fd").iterdir():
                with suppress(OSError):
                    if "(deleted)" in str(descriptor.readlink()):
                        nameless.append(descriptor.stat().st_size)
            return max(nameless, default=0) > 4_000_000

        until(is_written, "the first megabytes are on the disk")
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        connection.close()
        assert server.files() == []


@needs_prlimit
@pytest.mark.parametrize("name", ["built-in-wsgi", "built-in-asgi"])
def test_a_full_disk_is_507_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    with served(name, tmp_path / "files") as server:
        fill_disk(server)
        files = [("a", ("a.bin", bytes(500_000))), ("b", ("b.bin", bytes(3_000_000)))]
        answer = httpx.post(f"{server.url}/uploads/0123456789", files=files, timeout=PATIENCE)
        assert answer.status_code == 507
        assert server.files() == []
        assert (
            "The disk is full." in httpx.get(f"{server.url}/uploads/0123456789/events", timeout=PATIENCE).text
        )
        small = httpx.post(
            f"{server.url}/uploads/abcdefghij", files={"a": ("a.bin", bytes(500_000))}, timeout=PATIENCE
        )
        assert small.status_code == 201
        assert server.files() == ["a.bin"]
