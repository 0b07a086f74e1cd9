"""The life of a connection, over real sockets."""

from __future__ import annotations

import asyncio
import select
import socket
import struct
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.server.apps import APPS, BLOCK
from tests.server.raw import connect, hear, hear_until, say
from tests.support.waiting import until
from toolkit.sansio.limits import ConnectionLimits
from toolkit.server import Server, Settings
from toolkit.server.transports import endpoints_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from toolkit.asgi_scope import Receive, Scope, Send

GET = b"GET /%s HTTP/1.1\r\nHost: x\r\n%s\r\n"
LAST = b"Connection: close\r\n"

FAULTS = {
    "no request": (b"hello\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "bare lf": (b"GET / HTTP/1.1\nHost: x\n\n", 400),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
    "cut head": (b"GET / HTTP/1.1\r\nHos", 400),
    "large content": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", 413),
    "long target": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "expectation": (b"GET / HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n", 417),
    "many fields": (GET % (b"", b"A: b\r\n" * 101), 431),
    "large head": (GET % (b"", b"A: " + b"b" * 17000 + b"\r\n"), 431),
    "coding": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    "proxy": (b"CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n", 501),
    "version": (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    "tls": (b"\x16\x03\x01\x02\x00\x01", 400),
}


@pytest.fixture
def strict(protocol: str) -> Generator[Server, None, None]:
    limits = replace(ConnectionLimits(), max_body=1000)
    with Server(APPS[protocol], Settings(port=0, limits=limits)) as server:
        yield server


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_answered_and_nothing_after_it_is_dispatched(
    strict: Server, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    data, status = FAULTS[fault]
    heard = say(strict, data + (b"" if fault == "cut head" else GET % (b"after", LAST)), shut=True)
    assert heard.startswith(b"HTTP/1.1 %d " % status), heard
    assert heard.count(b"\r\n\r\n") == 1
    assert b"Connection: close\r\n" in heard
    assert b"Date: " in heard
    assert "/after" not in caplog.text
    assert f" {status} " in caplog.text


def test_a_malformed_chunk_ends_the_request(server: Server) -> None:
    data = b"POST /digest HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n"
    heard = say(server, data)
    assert heard.startswith(b"HTTP/1.1 400 ")
    assert b"chunk: its line is" in heard


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    heard = say(server, b"".join(GET % (b"%d" % number, b"" if number < 5 else LAST) for number in range(6)))
    bodies = [part.partition(b"\r\n\r\n")[2] for part in heard.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [b"GET /%d" % number for number in range(6)]


def test_content_that_comes_after_its_pipelined_head_is_read(server: Server) -> None:
    """While the first request is answered, nothing more is received: after that there must be again."""
    post = b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
    with closing(connect(server)) as sock:
        sock.sendall(GET % (b"first", b"") + post)
        assert hear_until(sock, b"GET /first").endswith(b"GET /first")
        sock.sendall(b"hello")
        assert b"HTTP/1.1 200 OK" in hear_until(sock, b"]")


def test_a_little_unread_content_is_dropped(server: Server) -> None:
    post = b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000
    heard = say(server, post + GET % (b"second", LAST))
    assert b"POST /unread" in heard
    assert heard.endswith(b"GET /second")


def test_a_large_upload_that_nobody_reads_still_hears_the_answer(server: Server) -> None:
    with closing(connect(server)) as sock:
        sock.sendall(b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n")
        sock.sendall(b"x" * 1_000_000)
        heard = hear(sock)
    assert b"POST /unread" in heard
    assert b"Connection: close\r\n" in heard


def test_continue_is_said_when_the_application_reads(server: Server) -> None:
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    with closing(connect(server)) as sock:
        sock.sendall(head % b"/digest")
        assert hear_until(sock, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"hello")
        assert b"HTTP/1.1 200 OK" in hear_until(sock, b"]")
    heard = say(server, head.replace(b"5", b"100000") % b"/unread")
    assert heard.startswith(b"HTTP/1.1 200 OK")
    assert b"100 Continue" not in heard


def test_who_is_not_told_to_go_on_has_time() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"o", "more_body": True})
        leaving = asyncio.ensure_future(receive())
        assert not (await asyncio.wait([leaving], timeout=1.0))[0]
        leaving.cancel()
        await send({"type": "http.response.body", "body": b"k"})

    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    with Server(app, Settings(port=0, body_timeout=0.2)) as server:
        assert say(server, head).endswith(b"ok")


def test_what_is_wrong_with_content_that_nobody_reads_is_not_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    with Server(APPS["asgi"], Settings(port=0)) as server, closing(connect(server)) as sock:
        sock.sendall(b"POST /unread HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        hear_until(sock, b"POST /unread")
        sock.sendall(b"zz\r\n")
        assert hear(sock) == b""
    assert [record.getMessage() for record in caplog.records if '" 400 ' in record.getMessage()] == []


def test_who_asks_whether_to_send_little_holds_no_thread() -> None:
    head = b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    with Server(APPS["wsgi"], Settings(port=0, threads=1)) as server, closing(connect(server)) as sock:
        sock.sendall(head)
        assert hear_until(sock, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert say(server, GET % (b"other", LAST)).endswith(b"GET /other")
        sock.sendall(b"hello")
        assert b"HTTP/1.1 200 OK" in hear_until(sock, b"]")


def test_a_client_that_has_shut_down_its_side_is_answered(server: Server) -> None:
    assert say(server, GET % (b"half", b""), shut=True).endswith(b"GET /half")


def test_a_slow_head_is_a_408_on_a_connection_that_was_used(
    protocol: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "toolkit.access")
    with Server(APPS[protocol], Settings(port=0, header_timeout=3)) as server:
        heard = say(server, GET % (b"first", b"") + b"GET /slow HTTP/1.1\r\nHo")
    assert b"GET /firstHTTP/1.1 408 Request Timeout\r\n" in heard
    assert '"-" 408 ' in caplog.text


def test_content_byte_by_byte_is_a_408_in_the_end(protocol: str) -> None:
    settings = Settings(port=0, body_timeout=0.5, body_rate=1_000_000)
    with Server(APPS[protocol], settings) as server, closing(connect(server)) as sock:
        sock.sendall(b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n")
        while not select.select([sock], [], [], 0.02)[0]:  # each pause is far shorter than the timeout
            sock.sendall(b"x")
        assert hear_until(sock, b"\r\n\r\n").startswith(b"HTTP/1.1 408 ")


def test_content_that_is_slow_but_comes_is_taken(protocol: str) -> None:
    settings = Settings(port=0, body_timeout=30, body_rate=1)
    with Server(APPS[protocol], settings) as server, closing(connect(server)) as sock:
        sock.sendall(b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n")
        for _ in range(20):
            time.sleep(0.02)
            sock.sendall(b"x")
        assert hear_until(sock, b"]").startswith(b"HTTP/1.1 200 ")


def test_old_clients(server: Server) -> None:
    heard = say(server, b"GET /old HTTP/1.0\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 200 OK\r\n")
    assert heard.endswith(b"GET /old")


def test_a_slow_client_gets_all_of_a_large_response(server: Server) -> None:
    with closing(connect(server)) as sock:
        sock.sendall(GET % (b"large?100", LAST))
        time.sleep(0.2)
        body = hear(sock).partition(b"\r\n\r\n")[2]
    assert body == BLOCK * 100


def test_resets_are_nobodys_affair(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    for data in (
        b"",
        b"GET",
        GET % (b"endless", b""),
        b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
    ):
        with closing(connect(server)) as sock:
            sock.sendall(data)
            time.sleep(0.05)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert say(server, GET % (b"alive", LAST)).endswith(b"GET /alive")
    until(lambda: server.connections == 0, what="all connections are gone")
    assert "Traceback" not in caplog.text


def test_one_connection_too_many(protocol: str) -> None:
    with Server(APPS[protocol], Settings(port=0, max_connections=2)) as server:
        busy = [connect(server) for _ in range(2)]
        for sock in busy:
            sock.sendall(GET % (b"endless", b""))
            hear_until(sock, b"200 OK")
        heard = say(server, GET % (b"third", LAST))
        assert heard.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 1\r\n" in heard
        busy.pop().close()
        until(lambda: server.connections == 1, what="there is room")
        with closing(connect(server)) as idle:
            idle.sendall(GET % (b"idle", b""))
            hear_until(idle, b"GET /idle")
            assert say(server, GET % (b"fourth", LAST)).endswith(b"GET /fourth")
            assert hear(idle) == b""  # it made room
        for sock in busy:
            sock.close()


def test_the_access_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "toolkit.access")
    say(server, GET % (b"a%22?q=1", LAST))
    until(lambda: caplog.records, what="there is a line")
    record = caplog.records[0]
    assert record.getMessage().startswith("127.0.0.1 - - [")
    assert record.getMessage().endswith('"GET /a%22?q=1 HTTP/1.1" 200 7')
    assert vars(record)["status"] == 200


def test_a_client_that_was_gone_when_it_was_accepted(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> list[object]:
        loop = asyncio.get_running_loop()
        with closing(socket.create_server(("127.0.0.1", 0))) as listening:
            client = socket.create_connection(listening.getsockname())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            accepted, _ = listening.accept()
        accepted.settimeout(0)
        await until_reset(accepted)
        transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, accepted)
        known = endpoints_of(transport, Settings())
        transport.abort()
        return [known.client, known.scheme]

    async def until_reset(sock: socket.socket) -> None:
        try:
            while True:
                sock.getpeername()
                await asyncio.sleep(0.01)
        except OSError:
            pass

    assert asyncio.run(main()) == [None, "http"]
    assert "Traceback" not in caplog.text
