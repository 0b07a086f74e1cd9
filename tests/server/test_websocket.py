"""Handshakes that are none, and frames, on a plain socket. Sessions: tests/servers/test_websockets.py."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Event, Ping, Pong, TextMessage

import toolkit.asgi
from tests.server.raw import connect, hear_until, say
from toolkit.sansio.exchange.response import Response
from toolkit.server import Server, Settings

if TYPE_CHECKING:
    import socket
    from collections.abc import Generator

    from toolkit.asgi_scope import Message, Receive, Scope, Send

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def echo(websocket: toolkit.asgi.WebSocket) -> None:
    await websocket.accept()
    async for message in websocket:
        await websocket.send(message)


@toolkit.asgi.application(websocket=echo)
async def app(_request: toolkit.asgi.Request) -> Response:
    return Response.text("no session")


@pytest.fixture
def server() -> Generator[Server, None, None]:
    with Server(app, Settings(port=0, max_message=1000)) as running:
        yield running


def shake(server: Server) -> socket.socket:
    sock = connect(server)
    sock.sendall(HANDSHAKE)
    head = hear_until(sock, b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head  # the example of RFC 6455 section 1.3
    return sock


def talk(sock: socket.socket, *events: Event) -> Event:
    frames = Connection(ConnectionType.CLIENT)
    for event in events:
        sock.sendall(frames.send(event))
    while True:
        frames.receive_data(sock.recv(65536))
        for event in frames.events():
            return event


def test_pings_and_messages_in_fragments(server: Server) -> None:
    with closing(shake(server)) as sock:
        assert talk(sock, Ping(b"are you there")) == Pong(b"are you there")
        parts = [TextMessage(part, message_finished=part == "c") for part in "abc"]
        assert talk(sock, *parts) == TextMessage("abc")
        assert talk(sock, CloseConnection(1000, "bye")) == CloseConnection(1000, "bye")
        assert sock.recv(1) == b""


def test_a_message_that_is_too_big(server: Server) -> None:
    with closing(shake(server)) as sock:
        answer = talk(sock, TextMessage("x" * 600, message_finished=False), TextMessage("x" * 600))
        assert isinstance(answer, CloseConnection)
        assert answer.code == 1009


def test_frames_that_are_none(server: Server) -> None:
    with closing(shake(server)) as sock:
        sock.sendall(b"\xff\xff\xff\xff")
        assert sock.recv(1000)[:1] == b"\x88"


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"Version: 13", b"Version: 8", b"426"),
        (b"Key: dGhlIHNhbXBsZSBub25jZQ==", b"Key: short", b"400"),
        (b"GET", b"PUT", b"400"),
        (b"Connection: Upgrade", b"Connection: close", b"200"),
        (b"HTTP/1.1", b"HTTP/1.0", b"200"),
    ],
)
def test_handshakes_that_are_none(server: Server, old: bytes, new: bytes, status: bytes) -> None:
    assert say(server, HANDSHAKE.replace(old, new), shut=True).startswith(b"HTTP/1.1 " + status)


def test_without_wsproto(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("toolkit.server.asgi.find_spec", dict[str, object]().get)
    assert say(server, HANDSHAKE).startswith(b"HTTP/1.1 501 ")
    assert "pip install wsproto" in caplog.text


def test_an_application_that_fails_or_leaves(caplog: pytest.LogCaptureFixture) -> None:
    async def bare(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.connect"
        if scope["path"] == "/accept":
            await send({"type": "websocket.accept"})
        if scope["query_string"]:
            raise ValueError

    with Server(bare, Settings(port=0)) as server:
        for target, answer in ((b"/", b"HTTP/1.1 500 "), (b"/?fail", b"HTTP/1.1 500 ")):
            assert say(server, HANDSHAKE.replace(b"/ws", target)).startswith(answer)
        for target, code in ((b"/accept", 1000), (b"/accept?fail", 1011)):
            with closing(connect(server)) as sock:
                sock.sendall(HANDSHAKE.replace(b"/ws", target))
                frame = hear_until(sock, code.to_bytes(2, "big")).partition(b"\r\n\r\n")[2]
                assert frame == b"\x88\x02" + code.to_bytes(2, "big")
    assert "left a handshake unanswered" in caplog.text
    assert "ValueError" in caplog.text


DENIAL: list[Message] = [
    {"type": "websocket.http.response.start", "status": 403, "headers": []},
    {"type": "websocket.http.response.body", "body": b"no", "more_body": True},
    {"type": "websocket.http.response.body", "body": b"t here"},
]


@pytest.mark.parametrize(("count", "answer"), [(1, b"HTTP/1.1 500 "), (2, b"HTTP/1.1 403 ")])
def test_an_application_that_leaves_in_the_middle_of_a_denial(
    count: int, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def bare(_scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.connect"
        for message in DENIAL[:count]:
            await send(message)

    with Server(bare, Settings(port=0)) as server:
        heard = say(server, HANDSHAKE)
    assert heard.startswith(answer)
    assert not heard.endswith(b"0\r\n\r\n")
    assert "ended before its denial was whole" in caplog.text


@pytest.mark.parametrize("count", [2, 3])
def test_a_client_that_shuts_down_its_side_gets_what_is_sent_of_a_denial(
    count: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def bare(_scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await send(DENIAL[0])
        await send(DENIAL[1])
        assert (await receive())["type"] == "websocket.disconnect"
        for message in DENIAL[2:count]:
            await send(message)

    with Server(bare, Settings(port=0)) as server:
        heard = say(server, HANDSHAKE, shut=True)
    assert heard.endswith(b"2\r\nno\r\n" + (b"6\r\nt here\r\n0\r\n\r\n" if count == 3 else b""))
    assert not caplog.records
