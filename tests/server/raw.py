"""A client that says exactly what it is told to, and hears everything."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING

from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from toolkit.server import Server


def connect(server: Server) -> socket.socket:
    if server.url.startswith("unix:"):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(PATIENCE)
        sock.connect(server.url.removeprefix("unix:"))
        return sock
    host, _, port = server.url.partition("://")[2].rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), PATIENCE)


def hear(sock: socket.socket) -> bytes:
    """Everything until the server closes."""
    heard = b""
    try:
        while data := sock.recv(65536):
            heard += data
    except ConnectionResetError:
        pass
    return heard


def hear_until(sock: socket.socket, end: bytes) -> bytes:
    """Everything until something was said."""
    heard = b""
    while end not in heard:
        data = sock.recv(65536)
        assert data, heard
        heard += data
    return heard


def say(server: Server, data: bytes, *, shut: bool = False) -> bytes:
    """Say something, and hear everything until the server closes."""
    with closing(connect(server)) as sock:
        sock.sendall(data)
        if shut:
            sock.shutdown(socket.SHUT_WR)
        return hear(sock)
