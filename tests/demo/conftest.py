"""The demo in memory, as both kinds of application."""

from __future__ import annotations

from typing import TYPE_CHECKING
from wsgiref.validate import validator

import pytest

from toolkit.demo.app import Demo, asgi_app, wsgi_app
from toolkit.testing import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    directory = tmp_path / "files"
    directory.mkdir()
    return directory


@pytest.fixture
def demo(directory: Path) -> Demo:
    return Demo(directory, max_streams=1)


@pytest.fixture(params=["wsgi", "asgi"])
def client(request: pytest.FixtureRequest, demo: Demo) -> Iterator[Client]:
    """A client of the demo; every response that it gets must be one that browsers run nothing of."""
    app = validator(wsgi_app(demo)) if request.param == "wsgi" else asgi_app(demo)
    with Client(app) as client:
        yield client
