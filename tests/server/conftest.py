from __future__ import annotations

import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.server.apps import APPS
from tests.support.waiting import PATIENCE
from toolkit.server import Server, Settings

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Generator[None, None, None]:
    """No test leaves a thread or a descriptor."""
    threads, descriptors = set(threading.enumerate()), _descriptors()
    yield
    end = time.monotonic() + PATIENCE
    while set(threading.enumerate()) - threads or _descriptors() - descriptors:
        assert time.monotonic() < end, (set(threading.enumerate()) - threads, _descriptors() - descriptors)
        time.sleep(0.01)


def _descriptors() -> set[str]:
    found: set[str] = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.add(str(entry.readlink()))
    return found


@pytest.fixture(params=["wsgi", "asgi"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(protocol: str) -> Generator[Server, None, None]:
    with Server(APPS[protocol], Settings(port=0)) as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of localhost and its key, in one file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", path,
            "-out", f"{path}.crt",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    path.write_text(path.read_text() + path.with_suffix(".pem.crt").read_text())
    return path
