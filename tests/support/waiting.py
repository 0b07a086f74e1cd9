"""Waiting for what happens elsewhere: in another thread, or another process."""

from __future__ import annotations

import socket
import time
from secrets import randbelow
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PATIENCE = 100.0  # seconds that anything may take on a machine with too much to do


def until(probe: Callable[[], T], what: str) -> T:
    """The first true value of `probe`; fails when that takes too long, saying `what` did not happen."""
    end = time.monotonic() + PATIENCE
    while not (value := probe()):
        assert time.monotonic() < end, f"not within {PATIENCE} s: {what}"
        time.sleep(0.01)
    return value


def free_port() -> int:
    """A port on which nobody listens, for a server that has to be told one.

    It is none of those that a system gives out by itself (from 32768 on, or higher): no other test's
    connection takes it before the server does.
    """
    while True:
        with socket.socket() as probe:
            port = 20_000 + randbelow(12_000)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
