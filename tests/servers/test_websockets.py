from __future__ import annotations

import os
import socket
from secrets import token_hex
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.servers.catalogue import Can
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

    from tests.servers.launching import Running


def opened(server: Running, path: str = "/ws/echo", *subprotocols: str) -> ClientConnection:
    if Can.WEBSOCKET not in server.server.can:
        pytest.skip(f"{server.server} has no WebSockets")
    return connect(
        f"ws://127.0.0.1:{server.port}{path}",
        subprotocols=[*subprotocols] or None,  # type: ignore[list-item]  # a NewType of str
        open_timeout=PATIENCE,
        close_timeout=PATIENCE,
        compression=None,
        proxy=None,
    )


def test_echo(server: Running) -> None:
    with opened(server) as client:
        data = os.urandom(100_000)
        for message in ("text", "Zoë €", "", b"\x00\xff", b"", data, "x" * 100_000):
            client.send(message)
            assert client.recv(timeout=PATIENCE) == message


def test_handshake(server: Running) -> None:
    with opened(server, "/ws/caf%C3%A9%2Fb?a=1", "chat.v1", "chat.v2") as client:
        assert client.subprotocol == "chat.v2"
        assert client.response is not None
        sent = client.response.headers.get("X-Path")
        assert sent == ("/ws/caf%C3%A9%2Fb" if Can.ACCEPT_HEADERS in server.server.can else None)
    with opened(server, "/ws/echo", "chat.v1") as client:
        assert client.subprotocol is None


@pytest.mark.parametrize(
    ("say", "code", "reason"), [("close", 4001, "as asked"), ("return", 1000, ""), ("fail", 1011, "")]
)
def test_server_closes(server: Running, say: str, code: int, reason: str) -> None:
    with opened(server) as client:
        client.send(say)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=PATIENCE)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (code, reason)


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1001, "away"), (4321, "bye")])
def test_client_closes(server: Running, code: int, reason: str) -> None:
    name = token_hex(4)
    with opened(server, f"/ws/echo?record={name}") as client:
        client.send("hello")
        assert client.recv(timeout=PATIENCE) == "hello"
        client.close(code, reason)
    seen = str(code) if Can.CLOSE_CODES in server.server.can else "1006"
    assert server.recorded(name).split()[0] == seen


def test_client_vanishes(server: Running) -> None:
    name = token_hex(4)
    with opened(server, f"/ws/echo?record={name}") as client:
        client.send("hello")
        assert client.recv(timeout=PATIENCE) == "hello"
        client.socket.shutdown(socket.SHUT_RDWR)
        assert server.recorded(name).split()[0] in {"1005", "1006"}


@pytest.mark.parametrize(
    ("path", "status"), [("/ws/denied", 401), ("/ws/forbidden", 403), ("/ws/broken", 500)]
)
def test_denial(server: Running, path: str, status: int) -> None:
    with pytest.raises(InvalidStatus) as refused, opened(server, path):
        pass
    response = refused.value.response
    if Can.DENIAL in server.server.can:
        assert response.status_code == status
        if status == 401:
            assert response.headers["WWW-Authenticate"] == "Basic"
            assert response.body == b"not here"
    else:
        assert response.status_code == 403


def test_denial_in_pieces(server: Running) -> None:
    if Can.STREAMED_DENIAL not in server.server.can:
        pytest.skip(f"{server.server} takes a denial in one piece only")
    with pytest.raises(InvalidStatus) as refused, opened(server, "/ws/streamed"):
        pass
    response = refused.value.response
    assert (response.status_code, response.body) == (404, b"x" * 3000)


def test_too_big(server: Running) -> None:
    with opened(server) as client:
        client.send(b"x" * (1024 * 1024 + 1))
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
