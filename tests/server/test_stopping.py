"""How a server comes to its end."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.server.apps import APPS
from tests.server.launching import process
from tests.server.raw import connect, hear, hear_until
from tests.support.waiting import PATIENCE, until
from toolkit.asgi import Request, application
from toolkit.sansio.exchange.response import Response
from toolkit.server import Server, Settings
from toolkit.server import server as server_module
from toolkit.server.asgi import ASGIGateway
from toolkit.server.wsgi import WSGIGateway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
    from pathlib import Path

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from toolkit.asgi_scope import Receive, Scope, Send
    from toolkit.server.handling import Gateway
    from toolkit.server.hub import Hub

LONG = 10 * PATIENCE  # seconds that no test waits for
GET = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"


def test_what_is_in_progress_is_finished_and_idle_connections_are_closed() -> None:
    called, gate = threading.Event(), threading.Event()

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        called.set()
        gate.wait(PATIENCE)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    with Server(app, Settings(port=0, shutdown_timeout=PATIENCE)) as server:
        idle, busy = connect(server), connect(server)
        with closing(idle), closing(busy):
            busy.sendall(GET % b"")
            assert called.wait(PATIENCE)
            server.stop()
            assert hear(idle) == b""
            gate.set()
            heard = hear(busy)
    assert heard.endswith(b"\r\n\r\ndone")
    assert b"Connection: close\r\n" in heard


def test_the_path_of_a_unix_socket_belongs_to_the_next_server_while_the_last_one_ends(tmp_path: Path) -> None:
    called, gate, path = threading.Event(), threading.Event(), tmp_path / "socket"

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        called.set()
        gate.wait(PATIENCE)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    settings = Settings(unix=str(path), shutdown_timeout=PATIENCE)
    with Server(app, settings) as server, closing(connect(server)) as busy:
        busy.sendall(GET % b"")
        assert called.wait(PATIENCE)
        server.stop()
        until(lambda: not path.exists(), what="it does not listen any more")
        with Server(APPS["wsgi"], settings) as following:
            gate.set()
            assert hear(busy).endswith(b"\r\n\r\ndone")
            server.__exit__()
            connect(following).close()
        assert not path.exists()


def test_what_takes_too_long_is_broken_off(protocol: str) -> None:
    with Server(APPS[protocol], Settings(port=0, shutdown_timeout=0.2)) as server:
        sock = connect(server)
        sock.sendall(GET % b"endless")
        hear_until(sock, b"200 OK")
    with closing(sock):
        assert not hear(sock).endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_the_application_has_what_is_left_of_the_time(protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = WSGIGateway if protocol == "wsgi" else ASGIGateway
    timeouts: list[float] = []
    stop: Callable[[Gateway, float], Awaitable[None]] = gateway.stop  # type: ignore[assignment]  # its own

    async def record(self: Gateway, timeout: float) -> None:
        timeouts.append(timeout)
        await stop(self, timeout)

    monkeypatch.setattr(gateway, "stop", record)
    with Server(APPS[protocol], Settings(port=0, shutdown_timeout=0.5)) as server:
        sock = connect(server)
        sock.sendall(GET % b"endless")
        hear_until(sock, b"200 OK")
    sock.close()
    assert timeouts[0] < 0.5


@pytest.mark.parametrize("request_bytes", [GET % b"", POST + b"ab"], ids=["get", "post that is not whole"])
def test_a_stream_of_events_ends_early(request_bytes: bytes) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        await receive()
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"event", "more_body": True})
        assert await receive() == {"type": "http.disconnect"}
        told.set()

    told = threading.Event()
    with Server(app, Settings(port=0, shutdown_timeout=LONG)) as server, closing(connect(server)) as sock:
        sock.sendall(request_bytes)
        hear_until(sock, b"event")
        server.stop()
        assert told.wait(PATIENCE)


def test_a_response_with_an_end_of_its_own_may_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    @application
    async def app(_request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            yield b"begun "
            await asyncio.get_running_loop().run_in_executor(None, gate.wait, PATIENCE)
            yield b"whole"

        return Response(parts(), headers={"Content-Length": "11"})

    def shut(hub: Hub) -> None:
        tell(hub)
        hub.loop.call_soon(gate.set)  # after who was told has heard of it

    tell: Callable[[Hub], None] = vars(server_module)["_shut"]
    monkeypatch.setattr(server_module, "_shut", shut)
    with Server(app, Settings(port=0, shutdown_timeout=LONG)) as server, closing(connect(server)) as sock:
        sock.sendall(GET % b"")
        hear_until(sock, b"begun ")
        server.stop()
        assert hear(sock) == b"whole"


def test_signals(protocol: str, tmp_path: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        with process(protocol, tmp_path) as running:
            running.popen.send_signal(number)
            assert running.popen.wait(PATIENCE) == 0
            assert "Traceback" not in running.said


def test_a_second_signal_does_not_wait(protocol: str, tmp_path: Path) -> None:
    with (
        process(protocol, tmp_path, shutdown_timeout=LONG, write_timeout=LONG) as running,
        closing(_endless(running.port)),
    ):
        running.popen.send_signal(signal.SIGINT)
        until(lambda: "once more to stop at once" in running.said, what="it is told")
        running.popen.send_signal(signal.SIGINT)
        running.popen.wait(PATIENCE)


def _endless(port: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
    sock.sendall(GET % b"endless")
    hear_until(sock, b"200 OK")
    return sock
