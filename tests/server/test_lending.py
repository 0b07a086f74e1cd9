"""Content that a thread reads from the socket by itself: nothing is lost, taken twice, or too late."""

from __future__ import annotations

import os
import select
import socket
import struct
import threading
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.server.apps import APPS, BLOCK
from tests.server.raw import connect, hear, hear_until, say
from tests.support.waiting import until
from toolkit.sansio.http11.events import EndOfRequest
from toolkit.sansio.http11.server import ServerConnection
from toolkit.server import Server, Settings, lending, reply
from toolkit.server.lending import Loan

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from io import BufferedReader
    from pathlib import Path
    from types import ModuleType

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

POST = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n"
LAST = b"Connection: close\r\n"
GET = b"GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
CONTENT = BLOCK * 40  # 2.5 MiB: more than a socket holds
PLAIN = [("Content-Type", "text/plain")]
DIGEST = sha256(CONTENT).hexdigest().encode()
ENOUGH = 70_000  # bytes that are worth a thread
BEGUN = 100_000


class App:
    """Reads `size` bytes, all if None, and says what they were; `error` is what it met instead."""

    def __init__(self, size: int | None = None, *, begins: bool = False) -> None:
        self.size = size
        self.begins = begins
        self.error: OSError | None = None
        self.stream: BufferedReader | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.stream = environ["wsgi.input"]
        if environ["REQUEST_METHOD"] == "GET":
            start_response("200 OK", PLAIN)
            return [b"next"]
        if self.begins:
            start_response("200 OK", PLAIN)(b"begun ")
        try:
            content = environ["wsgi.input"].read(*([] if self.size is None else [self.size]))
        except OSError as error:
            self.error = error
            raise
        if not self.begins:
            start_response("200 OK", PLAIN)
        return [sha256(content).hexdigest().encode()]

    @property
    def reads(self) -> bool:
        """Whether it has begun to."""
        return self.stream is not None and vars(self.stream.raw)["begun"]


@pytest.fixture
def lent(monkeypatch: pytest.MonkeyPatch) -> list[Loan]:
    """The loans that there were."""
    loans: list[Loan] = []
    make: Callable[..., None] = Loan.__init__

    def record(self: Loan, *args: object) -> None:
        loans.append(self)
        make(self, *args)

    monkeypatch.setattr(Loan, "__init__", record)
    return loans


@contextmanager
def reading(server: Server, app: App, size: int = len(CONTENT)) -> Generator[socket.socket, None, None]:
    """A client that has sent the first `BEGUN` bytes of its content, and an application that reads them."""
    app.stream = None
    with closing(connect(server)) as sock:
        sock.sendall(POST % (b"/", size, b"") + CONTENT[:ENOUGH])
        until(lambda: app.reads, what="the application reads")
        sock.sendall(CONTENT[ENOUGH:BEGUN])
        yield sock


def test_no_byte_after_the_content_is_taken(lent: list[Loan]) -> None:
    with Server(app := App(), Settings(port=0)) as server, reading(server, app) as sock:
        sock.sendall(CONTENT[BEGUN:] + POST % (b"/", len(CONTENT), b"") + CONTENT + GET)
        heard = hear(sock)
    bodies = [part.partition(b"\r\n\r\n")[2] for part in heard.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [DIGEST] * 2 + [b"next"]
    assert all(loan.left == 0 for loan in lent)
    assert lent


def test_through_a_unix_socket(tmp_path: Path, lent: list[Loan]) -> None:
    settings = Settings(unix=str(tmp_path / "socket"))
    with Server(app := App(), settings) as server, reading(server, app) as sock:
        sock.sendall(CONTENT[BEGUN:] + GET)
        heard = hear(sock)
    assert DIGEST in heard
    assert heard.endswith(b"next")
    assert lent


@pytest.mark.parametrize(("module", "name"), [(select, "poll"), (os, "readv")])
def test_where_the_system_lacks_a_call_nothing_is_lent(
    module: ModuleType, name: str, lent: list[Loan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(module, name)
    with Server(app := App(), Settings(port=0)) as server, reading(server, app) as sock:
        sock.sendall(CONTENT[BEGUN:] + GET)
        heard = hear(sock)
    assert DIGEST in heard
    assert heard.endswith(b"next")
    assert not lent


def test_chunks_are_not_lent(lent: list[Loan]) -> None:
    head = b"POST /digest HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = (b"%x\r\n" % len(BLOCK) + BLOCK + b"\r\n") * 40 + b"0\r\n\r\n"
    with Server(APPS["wsgi"], Settings(port=0)) as server:
        heard = say(server, head + chunks + GET)
    assert DIGEST in heard
    assert heard.endswith(b"GET /next")
    assert not lent


def test_who_asks_whether_to_send_is_told_when_the_application_reads(lent: list[Loan]) -> None:
    expectation = b"Expect: 100-continue\r\n"
    with Server(App(), Settings(port=0)) as server, closing(connect(server)) as sock:
        sock.sendall(POST % (b"/", len(CONTENT), expectation))
        assert hear_until(sock, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(CONTENT + GET)
        heard = hear(sock)
    assert DIGEST in heard
    assert heard.endswith(b"next")
    assert lent


def test_a_response_may_begin_before_its_request_is_whole(lent: list[Loan]) -> None:
    with Server(app := App(begins=True), Settings(port=0)) as server, reading(server, app) as sock:
        hear_until(sock, b"begun ")
        sock.sendall(CONTENT[BEGUN:] + GET)
        heard = hear(sock)
    assert DIGEST in heard
    assert heard.endswith(b"next")
    assert lent


@pytest.mark.parametrize(("left", "goes_on"), [(1, True), (60_000, True), (1_000_000, False)])
def test_what_the_application_leaves_is_dropped_or_ends_the_connection(
    left: int, goes_on: bool, lent: list[Loan]
) -> None:
    app = App(len(CONTENT) - left)
    with Server(app, Settings(port=0)) as server, reading(server, app) as sock:
        sock.sendall(CONTENT[BEGUN:-left])
        heard = hear_until(sock, sha256(CONTENT[:-left]).hexdigest().encode())
        assert (LAST in heard) is not goes_on
        with suppress(ConnectionError):
            sock.sendall(CONTENT[-left:] + GET)
        assert hear(sock).endswith(b"next") is goes_on
    assert lent


def test_a_wish_that_is_heard_after_the_loan_does_not_end_it(lent: list[Loan]) -> None:
    """It was on its way to the loop when content came, and the thread had the socket."""
    with Server(app := App(), Settings(port=0)) as server, reading(server, app) as sock:
        until(lambda: lent and lent[0].left == len(CONTENT) - BEGUN, what="the application waits")
        assert app.stream is not None
        vars(app.stream.raw)["_wanted"]()
        assert say(server, GET).endswith(b"next")  # by now the loop has heard it
        assert not lent[0].is_over
        sock.sendall(CONTENT[BEGUN:] + GET)
        assert DIGEST in hear(sock)
    assert len(lent) == 1


def test_a_client_that_ends_within_its_content_hears_of_it(lent: list[Loan]) -> None:
    with Server(app := App(), Settings(port=0)) as server, reading(server, app) as sock:
        sock.shutdown(socket.SHUT_WR)
        assert hear(sock).startswith(b"HTTP/1.1 400 ")
    assert str(app.error) == "the client went away before its request was whole"
    assert lent


def test_a_client_that_is_reset_within_its_content_is_not_answered(
    lent: list[Loan], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "toolkit")
    with Server(app := App(), Settings(port=0)) as server:
        with reading(server, app) as sock:
            until(lambda: lent and lent[0].left == len(CONTENT) - BEGUN, what="all is read")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        until(lambda: app.error, what="the application is told")
        until(lambda: server.connections == 0, what="the connection is gone")
    assert [record for record in caplog.records if record.name == "toolkit.access"] == []
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("again", [b"", b"x"], ids=["silent", "byte by byte"])
def test_a_client_that_is_too_slow_is_a_408(again: bytes, lent: list[Loan]) -> None:
    settings = Settings(port=0, body_timeout=3.0, body_rate=1_000_000)
    with Server(app := App(), settings) as server, reading(server, app, 100_000_000) as sock:
        while not select.select([sock], [], [], 0.02)[0]:
            sock.sendall(again)
        assert hear_until(sock, b"\r\n\r\n").startswith(b"HTTP/1.1 408 ")
    assert isinstance(app.error, ConnectionResetError)
    assert lent


def test_who_is_broken_off_leaves_no_thread_that_reads(lent: list[Loan]) -> None:
    app = App()
    with Server(app, Settings(port=0, shutdown_timeout=0.1)) as server, reading(server, app) as sock:
        until(lambda: lent and lent[0].left == len(CONTENT) - BEGUN, what="the application waits")
        server.stop()
        assert hear(sock) == b""
        until(lambda: app.error, what="the application is told")


def test_a_thread_hears_of_the_end_whatever_becomes_of_the_log(
    lent: list[Loan], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(reply, "log_access", fail)
    app = App(begins=True)
    with Server(app, Settings(port=0, shutdown_timeout=0.1)) as server, reading(server, app) as sock:
        until(lambda: lent and lent[0].left == len(CONTENT) - BEGUN, what="the application waits")
        server.stop()
        assert hear(sock).endswith(b"begun \r\n")
        until(lambda: app.error, what="the application is told")
    assert not lent[0].broken


def test_who_reads_on_after_the_response_takes_nothing_of_what_follows(lent: list[Loan]) -> None:
    app, errors = App(BEGUN), list[Exception]()
    size = BEGUN + 1000

    def read_on(stream: BufferedReader) -> None:
        try:
            stream.read()
        except OSError as error:
            errors.append(error)

    with Server(app, Settings(port=0)) as server, reading(server, app, size) as sock:
        sock.sendall(CONTENT[: size - BEGUN - 10])
        hear_until(sock, sha256(CONTENT[:BEGUN]).hexdigest().encode())
        until(lambda: vars(lent[0])["_over"], what="the response is whole")
        assert app.stream is not None
        reader = threading.Thread(target=read_on, args=[app.stream])
        reader.start()
        sock.sendall(CONTENT[:10] + GET)
        assert hear(sock).endswith(b"next")
        reader.join(60)
    assert [type(error) for error in errors] == [ConnectionResetError]
    assert lent


class End:
    """A transport, as far as a loan looks at it."""

    def __init__(self, sock: socket.socket) -> None:
        self.get_extra_info = {"socket": sock}.get


Lent: TypeAlias = "tuple[Loan, ServerConnection, socket.socket, socket.socket]"


@pytest.fixture
def pair() -> Generator[Lent, None, None]:
    """A socket that is lent for ten bytes of content, the connection that waits for them, and both ends."""
    wire = ServerConnection()
    wire.receive_data(POST % (b"/", 10, b""))
    wire.next_event()
    here, there = socket.socketpair()
    with closing(here), closing(there):
        here.setblocking(False)  # noqa: FBT003  # its name says what it is
        loan = Loan(wire, End(here), 30, Settings())  # type: ignore[arg-type]  # it needs no more of it
        yield loan, wire, here, there


def read(loan: Loan, size: int = 8) -> bytes | None:
    target = bytearray(size)
    taken = loan.read(memoryview(target))
    return None if taken is None else bytes(target[:taken])


def test_a_loan_is_for_the_content_alone(pair: Lent) -> None:
    loan, wire, here, there = pair
    there.sendall(b"abcd")
    assert read(loan) == b"abcd"
    assert wire.unread == 10
    assert not loan.settle()
    assert wire.unread == 6
    there.sendall(b"efghijklmn")
    assert [read(loan), read(loan)] == [b"efghij", b""]
    assert loan.settle()
    assert wire.next_event() == EndOfRequest()
    assert here.recv(10) == b"klmn"


def test_nothing_is_taken_when_a_loan_is_over(pair: Lent) -> None:
    loan, _, here, there = pair
    ending = threading.Timer(0.1, loan.end)
    ending.start()
    assert read(loan) is None
    ending.join()
    there.sendall(b"abcd")
    assert read(loan) is None
    assert here.recv(10) == b"abcd"
    assert not loan.broken


def test_only_waiting_takes_the_time_of_a_client(pair: Lent, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([100.0, 110.0, 500.0, 519.0, 600.0, 611.0])
    monkeypatch.setattr(lending, "monotonic", times.__next__)
    loan = pair[0]
    assert read(loan) is None
    assert loan.time == -10
    assert not loan.broken


def test_what_comes_earns_time_for_what_is_next_but_no_more_than_the_first_of_it_had(pair: Lent) -> None:
    _, wire, here, there = pair
    settings = Settings(body_timeout=20, body_rate=2)
    loan = Loan(wire, End(here), 17, settings)  # type: ignore[arg-type]  # the same
    there.sendall(b"abcdefghij")
    assert [(read(loan, 2), loan.time), (read(loan, 1), loan.time)] == [(b"ab", 18), (b"c", 18.5)]
    assert [read(loan, 1), read(loan, 1), loan.time] == [b"d", b"e", 19.5]
    assert [read(loan), loan.time] == [b"fghij", 20]
    assert [read(loan), loan.time, loan.broken] == [b"", 20, False]


def test_a_socket_that_fails_is_broken(pair: Lent) -> None:
    loan, _, here, there = pair
    here.close()
    assert read(loan) is None
    assert loan.broken
    there.close()
