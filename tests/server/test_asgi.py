"""What an ASGI application may do, and what becomes of one that does what it may not."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from tests.server.raw import connect, hear_until, say
from tests.support.waiting import PATIENCE, until
from toolkit.sansio.errors.base import LocalError
from toolkit.server import Server, Settings, StartError

if TYPE_CHECKING:
    from toolkit.asgi_scope import ASGIApplication, Message, Receive, Scope, Send

GET = b"GET /%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
START: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
BODY = {"type": "http.response.body", "body": b"x", "more_body": True}


def asked(app: ASGIApplication, request: bytes = GET % b"") -> bytes:
    with Server(app, Settings(port=0), interface="asgi") as server:
        return say(server, request)


def only_http(scope: Scope) -> None:
    if scope["type"] != "http":
        raise NotImplementedError


def test_scope_and_state() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            scope["state"]["made"] = ["at startup"]
            for phase in ("startup", "shutdown"):
                seen.append(await receive())
                await send({"type": f"lifespan.{phase}.complete"})
            return
        seen.append(scope)
        await send(START)
        await send({"type": "http.response.body"})

    asked(app, GET % b"a%2Fb?c")
    startup, scope, shutdown = seen
    assert (startup["type"], shutdown["type"]) == ("lifespan.startup", "lifespan.shutdown")
    assert (scope["raw_path"], scope["path"], scope["query_string"]) == (b"/a%2Fb", "/a/b", b"c")
    assert scope["headers"] == [(b"host", b"x"), (b"connection", b"close")]
    assert scope["state"] == {"made": ["at startup"]}
    assert set(scope["extensions"]) == {"http.response.early_hint", "http.response.trailers"}


@pytest.mark.parametrize("message", ["no database", ""])
def test_a_startup_that_fails_stops_the_server(message: str) -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": message})

    with pytest.raises(StartError, match=message or "it says not why"), Server(app, Settings(port=0)):
        pass


def test_a_shutdown_that_fails_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        raise OSError("the database is gone")

    with Server(app, Settings(port=0)):
        pass
    assert "the database is gone" in caplog.text


def test_disconnects_are_received_and_sends_fail(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        only_http(scope)
        seen.append(await receive())
        seen.append(await receive())
        await send(START)
        while True:
            await send(BODY)
            await asyncio.sleep(0)

    with Server(app, Settings(port=0)) as server:
        with closing(connect(server)) as sock:
            sock.sendall(GET % b"")
            until(lambda: seen, what="it is called")
        until(lambda: server.connections == 0, what="it has ended")
    assert seen[1:] == [{"type": "http.disconnect"}]
    assert "Traceback" not in caplog.text


def test_an_application_that_ends_when_its_client_leaves_is_right(caplog: pytest.LogCaptureFixture) -> None:
    ended = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        only_http(scope)
        await send(START)
        await send(BODY)
        while (await receive())["type"] != "http.disconnect":
            pass
        ended.set()

    with Server(app, Settings(port=0)) as server:
        with closing(connect(server)) as sock:
            sock.sendall(GET % b"")
            hear_until(sock, b"x")
        assert ended.wait(PATIENCE)
        until(lambda: server.connections == 0, what="it has ended")
    assert not caplog.records


def test_a_client_that_shuts_down_its_side_counts_as_gone_and_gets_what_is_sent() -> None:
    seen: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        only_http(scope)
        seen.extend([await receive(), await receive()])
        await send(START)
        for _ in range(3):
            await send(BODY)
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b"y"})

    with Server(app, Settings(port=0)) as server:
        heard = say(server, GET % b"", shut=True)
    assert seen[1:] == [{"type": "http.disconnect"}]
    assert heard.endswith(b"1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1\r\ny\r\n0\r\n\r\n")


def test_an_old_client_that_shuts_down_its_side_takes_no_part_for_the_whole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In HTTP/1.0 the end of the connection is that of a response."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        only_http(scope)
        await send(START)
        await send(BODY)
        while (await receive())["type"] != "http.disconnect":
            pass

    with Server(app, Settings(port=0)) as server, closing(connect(server)) as sock:
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        hear_until(sock, b"\r\n\r\nx")
        sock.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionResetError):
            sock.recv(1)
    assert not caplog.records


def test_who_sends_without_a_pause_hears_that_the_client_has_left() -> None:
    reset, sent = threading.Event(), list[int]()

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        only_http(scope)
        await send(START)
        await send(BODY)
        reset.wait(PATIENCE)  # the loop hears of nothing meanwhile
        for number in range(1000):
            await send(BODY)
            sent.append(number)

    with Server(app, Settings(port=0)) as server:
        with closing(connect(server)) as sock:
            sock.sendall(GET % b"")
            hear_until(sock, b"x")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        reset.set()
        until(lambda: server.connections == 0, "it has ended")
    assert len(sent) < 3


def test_who_sends_waits_for_who_reads() -> None:
    sent: list[int] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        only_http(scope)
        await send(START)
        for number in range(1000):
            await send({**BODY, "body": b"x" * 100_000})
            sent.append(number)
        await send({"type": "http.response.body"})

    with Server(app, Settings(port=0)) as server, closing(connect(server)) as sock:
        sock.sendall(GET % b"")
        hear_until(sock, b"xxx")
        threading.Event().wait(0.3)
        assert len(sent) < 500  # the sockets of both sides hold some megabytes
        rest = 0
        while data := sock.recv(1_000_000):
            rest += len(data)
        assert rest > 99_000_000


def test_trailers_may_come_in_several_messages() -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        only_http(scope)
        await send({**START, "trailers": True})
        await send({"type": "http.response.body", "body": b"x"})
        first = {"type": "http.response.trailers", "headers": [(b"a", b"1")], "more_trailers": True}
        await send(first)
        await send({"type": "http.response.trailers", "headers": [(b"b", b"2")]})

    assert asked(app).endswith(b"\r\n\r\n1\r\nx\r\n0\r\na: 1\r\nb: 2\r\n\r\n")


def test_all_who_wait_are_woken() -> None:
    got: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        only_http(scope)
        await receive()

        async def wait() -> None:
            got.append((await receive())["type"])

        waiting = [asyncio.ensure_future(wait()) for _ in range(3)]
        waiting[1].cancel()
        await send(START)
        await send(BODY)
        await asyncio.wait(waiting)

    with Server(app, Settings(port=0)) as server:
        with closing(connect(server)) as sock:
            sock.sendall(GET % b"")
            hear_until(sock, b"x")
        until(lambda: len(got) == 2, what="both are told")
    assert got == ["http.disconnect"] * 2


def test_all_who_send_are_woken() -> None:
    count, size = 40, 1_000_000

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        only_http(scope)
        await send(START)
        await asyncio.gather(*(send({**BODY, "body": b"x" * size}) for _ in range(count)))
        await send({"type": "http.response.body"})

    with Server(app, Settings(port=0)) as server, closing(connect(server)) as sock:
        sock.sendall(GET % b"")
        heard = 0
        while data := sock.recv(1_000_000):
            heard += len(data)
    assert heard > count * size


async def ends_at_once(scope: Scope, _receive: Receive, _send: Send) -> None:
    only_http(scope)


async def content_first(scope: Scope, _receive: Receive, send: Send) -> None:
    only_http(scope)
    await send(BODY)


async def started_twice(scope: Scope, _receive: Receive, send: Send) -> None:
    only_http(scope)
    await send(START)
    await send(START)


async def injected(scope: Scope, _receive: Receive, send: Send) -> None:
    only_http(scope)
    await send({**START, "headers": [(b"x", b"a\r\nset-cookie: b=c")]})
    await send({"type": "http.response.body"})


async def unknown(scope: Scope, _receive: Receive, send: Send) -> None:
    only_http(scope)
    await send({"type": "http.response.nonsense"})


async def too_long(scope: Scope, _receive: Receive, send: Send) -> None:
    only_http(scope)
    await send({**START, "headers": [(b"content-length", b"1")]})
    with suppress(LocalError):
        await send({"type": "http.response.body", "body": b"too long"})
    await send({"type": "http.response.body", "body": b"x"})


async def cancelled(scope: Scope, _receive: Receive, _send: Send) -> None:
    only_http(scope)
    raise asyncio.CancelledError


async def exits(scope: Scope, _receive: Receive, _send: Send) -> None:
    only_http(scope)
    sys.exit()


FAULTS = [
    ends_at_once, content_first, started_twice, injected, unknown, too_long, cancelled, exits,
]  # fmt: skip


@pytest.mark.parametrize("app", FAULTS, ids=lambda app: app.__name__)
def test_a_fault_before_anything_was_sent_is_a_500(
    app: ASGIApplication, caplog: pytest.LogCaptureFixture
) -> None:
    heard = asked(app)
    assert heard.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert b"set-cookie" not in heard
    assert "the application failed" in caplog.text


def test_a_fault_later_breaks_the_response_off(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        only_http(scope)
        await send(START)
        await send(BODY)
        raise ValueError

    heard = asked(app)
    assert heard.endswith(b"\r\n\r\n1\r\nx\r\n")
    assert "ValueError" in caplog.text
