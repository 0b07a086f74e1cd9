"""A response that the thread sends that made it: once, whole, in order, and never to anybody else."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import threading
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.server.apps import APPS, BLOCK
from tests.server.raw import connect, hear, hear_until, say
from tests.support.waiting import PATIENCE, until
from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.http11.events import EndOfResponse, ResponseHead
from toolkit.server import Server, Settings, reply
from toolkit.server.answering import Turn
from toolkit.server.connection import Connection
from toolkit.server.hub import Hub

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from pathlib import Path

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from toolkit.sansio.http11.events import ServerSent

Pair: TypeAlias = "tuple[socket.socket, socket.socket]"

GET = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
PLAIN = [("Content-Type", "text/plain")]
CHECK = Connection.check


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[Turn]:
    """The turns that there were."""
    made: list[Turn] = []
    make: Callable[..., None] = Turn.__init__

    def record(self: Turn, *args: object) -> None:
        make(self, *args)
        made.append(self)

    monkeypatch.setattr(Turn, "__init__", record)
    return made


@pytest.fixture(autouse=True)
def _timeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at the time, which ends a turn; and what is done then has to be done before."""

    def look_away(_self: Connection, _now: float) -> None:
        pass

    monkeypatch.setattr(Connection, "check", look_away)


class App:
    """Says where it was asked; a request for `/wait` has to wait until `gate` is open."""

    def __init__(self, headers: list[tuple[str, str]] = PLAIN) -> None:
        self.headers = headers
        self.called, self.gate, self.done = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/wait":
            self.called.set()
            assert self.gate.wait(PATIENCE)
        start_response("200 OK", list(self.headers))
        if path == "/large":
            return [BLOCK * 40]
        return Part(path.encode(), self.done.set)


class Part(list[bytes]):
    """All of a response, and what is called when it is closed."""

    def __init__(self, data: bytes, close: Callable[[], object]) -> None:
        super().__init__([data])
        self.close = close


def bodies(heard: bytes) -> list[bytes]:
    return [part.partition(b"\r\n\r\n")[2] for part in heard.split(b"HTTP/1.1 200 OK")[1:]]


def test_one_response_after_the_other_on_one_connection(
    turns: list[Turn], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "toolkit.access")
    with Server(App(), Settings(port=0)) as server, closing(connect(server)) as sock:
        for path in (b"a", b"b"):
            sock.sendall(GET % path)
            assert b"Content-Length: 2\r\n" in hear_until(sock, b"/" + path)
        sock.sendall(LAST)
        assert bodies(hear(sock)) == [b"/last"]
    assert [turn.answered for turn in turns] == [True] * 3
    lines = [record.getMessage().partition('"')[2] for record in caplog.records]
    assert lines == [f'GET /{path} HTTP/1.1" 200 {len(path) + 1}' for path in ("a", "b", "last")]


@pytest.mark.parametrize(
    ("request_", "headers"),
    [(LAST, []), (b"GET / HTTP/1.0\r\n\r\n", []), (GET % b"", [("Connection", "close")])],
    ids=["client", "old client", "application"],
)
def test_a_connection_that_ends_with_its_response_ends_at_once(
    request_: bytes, headers: list[tuple[str, str]], turns: list[Turn]
) -> None:
    with Server(App(PLAIN + headers), Settings(port=0)) as server:
        assert say(server, request_).partition(b"\r\n\r\n")[2].startswith(b"/")
    assert [turn.answered for turn in turns] == [True]


def test_a_connection_that_is_idle_after_it_is_closed_in_time(
    turns: list[Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(connection: Connection, now: float) -> None:
        if turns[0].answered:
            CHECK(connection, now)

    monkeypatch.setattr(Connection, "check", look)
    with Server(App(), Settings(port=0, keep_alive_timeout=0.2)) as server:
        assert bodies(say(server, GET % b"a")) == [b"/a"]


def test_a_connection_that_is_idle_after_it_is_closed_when_the_server_stops(turns: list[Turn]) -> None:
    settings = Settings(port=0, shutdown_timeout=10 * PATIENCE)
    with Server(App(), settings) as server, closing(connect(server)) as sock:
        sock.sendall(GET % b"a")
        hear_until(sock, b"/a")
        server.stop()
        assert hear(sock) == b""
    assert [turn.answered for turn in turns] == [True]


def test_what_comes_while_the_server_stops_is_the_last(turns: list[Turn]) -> None:
    settings = Settings(port=0, shutdown_timeout=10 * PATIENCE)
    server = Server(App(), settings)
    with server, closing(connect(server)) as sock, closing(connect(server)) as idle:
        sock.sendall(GET % b"a" + (GET % b"b")[:5])
        hear_until(sock, b"/a")
        server.stop()
        assert hear(idle) == b""
        sock.sendall((GET % b"b")[5:])
        heard = hear(sock)
    assert b"Connection: close\r\n" in heard
    assert bodies(heard) == [b"/b"]
    assert [turn.answered for turn in turns] == [False]


@pytest.mark.parametrize("early", [True, False], ids=["with the first", "while the first is answered"])
def test_a_request_that_does_not_wait_for_its_turn_is_answered_after_the_first(
    early: bool, turns: list[Turn]
) -> None:
    with Server(app := App(), Settings(port=0)) as server, closing(connect(server)) as sock:
        sock.sendall(GET % b"wait" + LAST * early)
        assert app.called.wait(PATIENCE)
        if not early:
            sock.sendall(LAST)
            until(lambda: vars(turns[0])["_over"], what="the loop has received it")
        app.gate.set()
        assert bodies(hear(sock)) == [b"/wait", b"/last"]
    assert [turn.answered for turn in turns] == [False, True]


def test_a_client_that_has_shut_down_its_side_is_answered_by_the_loop(turns: list[Turn]) -> None:
    with Server(app := App(), Settings(port=0)) as server, closing(connect(server)) as sock:
        sock.sendall(GET % b"wait")
        assert app.called.wait(PATIENCE)
        sock.shutdown(socket.SHUT_WR)
        until(lambda: vars(turns[0])["_over"], what="the loop has received it")
        app.gate.set()
        assert bodies(hear(sock)) == [b"/wait"]
    assert [turn.answered for turn in turns] == [False]


def test_nobody_else_gets_the_answer_to_a_client_that_is_gone(
    turns: list[Turn], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "toolkit")
    with Server(app := App(), Settings(port=0)) as server:
        with closing(connect(server)) as sock:
            sock.sendall(GET % b"wait")
            assert app.called.wait(PATIENCE)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        until(lambda: server.connections == 0, what="the connection is gone")
        assert vars(turns[0])["_over"]
        with closing(connect(server)) as sock:  # it has the descriptor of the other, most likely
            app.gate.set()
            assert app.done.wait(PATIENCE)
            sock.sendall(LAST)
            assert bodies(hear(sock)) == [b"/last"]
    assert [turn.answered for turn in turns] == [False, True]
    assert '"GET /wait' not in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("taken", [10, 0, None], ids=["a part", "nothing", "full"])
def test_the_loop_sends_what_the_socket_does_not_take_at_once(
    taken: int | None, turns: list[Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    def writev(descriptor: int, pieces: Sequence[bytes]) -> int:
        if taken is None:
            raise BlockingIOError
        return os.write(descriptor, pieces[0][:taken])

    monkeypatch.setattr("toolkit.server.answering.os.writev", writev)
    with Server(App(), Settings(port=0)) as server, closing(connect(server)) as sock:
        sock.sendall(GET % b"a")
        heard = hear_until(sock, b"/a")
        sock.sendall(LAST)
        assert bodies(heard + hear(sock)) == [b"/a", b"/last"]
    assert [(turn.answered, not turn.rest) for turn in turns] == [(True, False)] * 2


def test_what_is_large_is_left_to_the_loop_and_what_follows_waits_for_it(turns: list[Turn]) -> None:
    with Server(App(), Settings(port=0)) as server, closing(connect(server)) as sock:
        sock.sendall(GET % b"large")
        heard = hear_until(sock, BLOCK * 40)
        sock.sendall((GET % b"large") * 4 + LAST)
        assert bodies(heard + hear(sock)) == [BLOCK * 40] * 5 + [b"/last"]
    assert turns[0].answered is False  # the others may have no turn at all


def test_tls_is_the_affair_of_the_loop(certificate: Path, turns: list[Turn]) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    trust = ssl.create_default_context(cafile=str(certificate.with_suffix(".pem.crt")))
    with (
        Server(App(), Settings(port=0, ssl=context)) as server,
        trust.wrap_socket(connect(server), server_hostname="localhost") as sock,
    ):
        sock.sendall(LAST)
        assert bodies(hear(sock)) == [b"/last"]
    assert turns == []


def test_a_response_to_head_has_no_content(turns: list[Turn]) -> None:
    with Server(App(), Settings(port=0)) as server:
        heard = say(server, LAST.replace(b"GET", b"HEAD"))
    assert heard.endswith(b"\r\n\r\n")
    assert b"Content-Length: 5\r\n" in heard
    assert [turn.answered for turn in turns] == [True]


def test_a_hint_comes_before_the_response(turns: list[Turn]) -> None:
    closed = threading.Event()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        vars(server)["_loop"].call_soon_threadsafe(closed.wait, PATIENCE)  # it sends nothing before that
        environ["wsgi.early_hints"]([("Link", "</style.css>; rel=preload")])
        start_response("200 OK", PLAIN)
        return Part(b"hello", closed.set)

    with Server(app, Settings(port=0)) as server:
        hint, _, rest = say(server, LAST).partition(b"\r\n\r\n")
    assert hint == b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload"
    assert bodies(rest) == [b"hello"]
    assert [turn.answered for turn in turns] == [False]


def test_what_is_written_after_the_response_goes_nowhere(
    turns: list[Turn], caplog: pytest.LogCaptureFixture
) -> None:
    closed = threading.Event()

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response("200 OK", PLAIN)

        def close() -> None:
            try:
                write(b"more")
            finally:
                closed.set()

        return Part(b"hello", close)

    with Server(app, Settings(port=0)) as server, closing(connect(server)) as sock:
        sock.sendall(GET % b"")
        hear_until(sock, b"hello")
        assert closed.wait(PATIENCE)
        sock.sendall(LAST)
        assert bodies(hear(sock)) == [b"hello"]
    assert [turn.answered for turn in turns] == [True] * 2
    assert "the application failed" not in caplog.text


@pytest.mark.parametrize("path", [b"a", b"large"], ids=["by its thread", "by the loop"])
def test_a_log_that_fails_costs_no_response(
    path: bytes, turns: list[Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(reply, "log_access", fail)
    body = BLOCK * 40 if path == b"large" else b"/" + path
    with Server(App(), Settings(port=0)) as server, closing(connect(server)) as sock:
        for _ in range(2):
            sock.sendall(GET % path)
            assert bodies(hear_until(sock, body)) == [body]
        sock.sendall(LAST.replace(b"last", path))
        assert bodies(hear(sock)) == [body]
    assert turns[0].answered is (path == b"a")  # that it failed may end the turn of what follows


def test_uploads_that_are_whole_are_answered_in_the_thread(turns: list[Turn]) -> None:
    post = b"POST /digest HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
    with Server(APPS["wsgi"], Settings(port=0)) as server:
        assert b"HTTP/1.1 200 OK" in say(server, post)
    assert [turn.answered for turn in turns] == [True]


class End:
    """A transport, as far as anybody looks at it here."""

    def __init__(self, sock: socket.socket, unsent: int = 0) -> None:
        self.get_extra_info = {"socket": sock}.get
        self.get_write_buffer_size = lambda: unsent


RESPONSE: list[ServerSent] = [ResponseHead(200), EndOfResponse()]


@pytest.fixture
def pair() -> Generator[Pair, None, None]:
    here, there = socket.socketpair()
    with closing(here), closing(there):
        here.setblocking(False)  # noqa: FBT003  # its name says what it is
        yield here, there


def turn_on(sock: socket.socket, log: list[str], *pieces: bytes) -> Turn:
    def give(events: Sequence[ServerSent]) -> list[bytes]:
        assert events == RESPONSE
        if not pieces:
            raise LocalError("it cannot be sent")
        return list(pieces)

    return Turn(End(sock), give, lambda: log.append("logged"))  # type: ignore[arg-type]  # it needs no more


def test_a_turn_is_for_one_response(pair: Pair) -> None:
    here, there = pair
    turn = turn_on(here, log := list[str](), b"head", b"content")
    assert [turn.answer(RESPONSE), turn.answer(RESPONSE)] == [True, False]
    assert there.recv(100) == b"headcontent"
    assert (turn.answered, turn.rest, log) == (True, b"", ["logged"])


def test_nothing_is_sent_when_a_turn_is_over(pair: Pair) -> None:
    here, there = pair
    turn = turn_on(here, log := list[str](), b"head")
    turn.end()
    assert not turn.answer(RESPONSE)
    assert (turn.answered, log) == (False, [])
    here.close()
    assert there.recv(100) == b""


def test_a_response_that_is_no_response_leaves_the_turn_as_it_was(pair: Pair) -> None:
    turn = turn_on(pair[0], log := list[str]())
    with pytest.raises(LocalError):
        turn.answer(RESPONSE)
    assert (turn.answered, turn.rest, log) == (False, b"", [])


def test_a_socket_that_is_full_leaves_the_rest(pair: Pair) -> None:
    here, there = pair
    large = BLOCK * 100
    turn = turn_on(here, [], b"head", large)
    assert turn.answer(RESPONSE)
    assert 0 < len(turn.rest) < len(large)
    again = turn_on(here, [], b"second")
    assert again.answer(RESPONSE)
    assert again.rest == b"second"
    there.close()
    broken = turn_on(here, [], b"third")
    assert broken.answer(RESPONSE)
    assert broken.rest == b"third"


@pytest.mark.parametrize("unsent", [0, 1])
def test_there_is_no_turn_before_what_was_sent_has_left(unsent: int, pair: Pair) -> None:
    loop = SimpleNamespace(time=lambda: 0.0)
    hub = Hub(Settings(unix="x"), None, loop, 10)  # type: ignore[arg-type]  # it needs no more of them
    connection = Connection(hub)
    connection.connection_made(End(pair[0], unsent))  # type: ignore[arg-type]  # the same
    assert (connection.turn() is None) is bool(unsent)
