"""Connections cost open files, of which the system allows for so many."""

from __future__ import annotations

import resource
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.server.apps import APPS
from tests.server.launching import process
from tests.support.waiting import PATIENCE
from toolkit.server import Server, Settings

if TYPE_CHECKING:
    from pathlib import Path

GET = b"GET /alive HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def test_the_limit_is_raised_as_far_as_is_needed() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2000:
        pytest.skip("too few descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, hard))
    try:
        with Server(APPS["wsgi"], Settings(port=0, max_connections=1000)):
            assert 1000 < resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 2000
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_where_it_cannot_be_raised_idle_connections_make_room(protocol: str, tmp_path: Path) -> None:
    with process(protocol, tmp_path, open_files=400) as server, ExitStack() as stack:
        for _ in range(420):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE))
        sock = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE))
        sock.sendall(GET)
        assert sock.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert "Cannot accept" not in server.said
        assert "At most 200 connections at once: the system allows for 400 open files" in server.said
