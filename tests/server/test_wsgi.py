"""What a WSGI application may do, and what becomes of one that does what it may not."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.server.raw import connect, hear_until, say
from tests.support.waiting import PATIENCE, until
from toolkit.server import Server, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

GET = b"GET /%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
PLAIN = [("Content-Type", "text/plain")]


def asked(app: WSGIApplication, request: bytes = GET % b"") -> bytes:
    with Server(app, Settings(port=0)) as server:
        return say(server, request)


def test_environ() -> None:
    seen: dict[str, object] = {}

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.update(environ)
        start_response("200 OK", PLAIN)
        return []

    with Server(app, Settings(port=0, root_path="/root")) as server:
        say(server, GET % b"root/a%20b?c=d")
        port = server.url.rpartition(":")[2]
    facts = {name: value for name, value in seen.items() if name.isupper()}
    facts.pop("REMOTE_PORT")
    assert facts == {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/root", "PATH_INFO": "/a b", "QUERY_STRING": "c=d",
        "REQUEST_URI": "/root/a%20b?c=d", "RAW_URI": "/root/a%20b?c=d", "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": port, "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "x",
        "HTTP_CONNECTION": "close", "SERVER_SOFTWARE": "toolkit",
    }  # fmt: skip
    assert seen["wsgi.multithread"] is True
    assert seen["wsgi.input_terminated"] is True


def test_content_is_read_as_from_a_file() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        content = environ["wsgi.input"]
        parts = [content.read(3), content.readline(), content.readlines(), content.read(), content.read(1)]
        start_response("200 OK", PLAIN)
        return [repr(parts).encode()]

    for filler in (b"", b"x" * 100_000):  # whole before the application is called, and not
        data = b"abcd\ne\nf" + filler
        head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(data)
        expected = repr([b"abc", b"d\n", [b"e\n", b"f" + filler], b"", b""]).encode()
        assert asked(app, head + data).endswith(b"\r\n\r\n" + expected)


def test_the_length_of_a_single_part_is_told() -> None:
    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", PLAIN)
        return [b"hello"]

    assert b"Content-Length: 5\r\n" in asked(app)


def test_an_application_that_asks_for_chunks_gets_them() -> None:
    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Transfer-Encoding", "chunked")])
        return [b"hello"]

    assert asked(app).endswith(b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")


def test_parts_are_sent_as_they_are_made_and_the_iterable_is_closed() -> None:
    gate, closed = threading.Event(), threading.Event()

    class Parts:
        def __iter__(self) -> Iterator[bytes]:
            yield b"first"
            gate.wait(PATIENCE)
            yield b""
            yield b"second"

        def close(self) -> None:
            closed.set()

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", PLAIN)(b"written")
        return Parts()

    with Server(app, Settings(port=0)) as server, closing(connect(server)) as sock:
        sock.sendall(GET % b"")
        hear_until(sock, b"first")
        gate.set()
        assert hear_until(sock, b"0\r\n\r\n").endswith(b"6\r\nsecond\r\n0\r\n\r\n")
        assert closed.wait(PATIENCE)


def test_a_client_that_leaves_ends_the_iterable() -> None:
    closed = threading.Event()

    def parts() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 10_000
        finally:
            closed.set()

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", PLAIN)
        return parts()

    with Server(app, Settings(port=0)) as server:
        with closing(connect(server)) as sock:
            sock.sendall(GET % b"")
            hear_until(sock, b"xxx")
        assert closed.wait(PATIENCE)


def test_a_client_that_leaves_within_its_content_is_an_error_to_who_reads() -> None:
    errors: list[str] = []

    def app(environ: WSGIEnvironment, _start_response: StartResponse) -> Iterable[bytes]:
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            errors.append(str(error))
            raise
        return []

    with Server(app, Settings(port=0)) as server:
        with closing(connect(server)) as sock:
            sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + b"x" * 100_000)
        until(lambda: errors, what="the application is told")
    assert errors == ["the client went away before its request was whole"]


def no_start(_environ: WSGIEnvironment, _start_response: StartResponse) -> Iterable[bytes]:
    return [b"x"]


def started_twice(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    start_response("200 OK", PLAIN)
    return []


def no_status(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("fine", PLAIN)
    return []


def injected(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("X", "a\r\nSet-Cookie: b=c")])
    return []


def no_iterable(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return None  # type: ignore[return-value]  # that is the fault


def no_bytes(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return ["text"]  # type: ignore[list-item]  # that is the fault


def number_as_value(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", 5)])  # type: ignore[list-item]  # that is the fault
    return [b"hello"]


def bytes_as_header(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [(b"X", b"y")])  # type: ignore[list-item]  # that is the fault
    return iter([b"x"])


def no_bytes_in_parts(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return iter(["text", b"more"])  # type: ignore[return-value]  # that is the fault


def too_long(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "3")])
    return [b"hello"]


def too_short(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "9")])
    return [b"hello"]


FAULTS = [
    no_start, started_twice, no_status, injected, no_iterable, no_bytes, number_as_value, bytes_as_header,
    no_bytes_in_parts, too_long, too_short,
]  # fmt: skip


@pytest.mark.parametrize("app", FAULTS, ids=lambda app: app.__name__)
def test_a_fault_before_anything_was_sent_is_a_500(
    app: WSGIApplication, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    heard = asked(app, GET.replace(b"Connection: close\r\n", b"") % b"first" + GET % b"second")
    assert heard.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert heard.count(b"HTTP/1.1 ") == 1  # and nothing after it
    assert b"Set-Cookie" not in heard
    assert "the application failed" in caplog.text
    assert [vars(record)["status"] for record in caplog.records if record.name == "toolkit.access"] == [500]


def test_a_fault_in_the_answer_to_head_has_no_content() -> None:
    heard = asked(too_short, b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 ")
    assert heard.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("parts", [1, 2], ids=["by its thread", "by the loop"])
def test_a_fault_after_the_response_is_told_though_nobody_sees_it(
    parts: int, caplog: pytest.LogCaptureFixture
) -> None:
    class Parts(list[bytes]):
        def close(self) -> None:
            raise RuntimeError("too late")

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "4")])
        return Parts([b"done", b""][:parts])

    with Server(app, Settings(port=0)) as server:
        assert say(server, GET % b"").endswith(b"\r\n\r\ndone")
        until(lambda: "RuntimeError: too late" in caplog.text, what="the fault is told")
    assert "the application failed" in caplog.text


def test_a_later_part_that_is_no_bytes_breaks_the_response_off(caplog: pytest.LogCaptureFixture) -> None:
    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", PLAIN)
        return iter([b"first", "text", b"third"])  # type: ignore[return-value]  # that is the fault

    heard = asked(app, GET.replace(b"Connection: close\r\n", b"") % b"" + GET % b"second")
    assert heard.endswith(b"\r\n\r\n5\r\nfirst\r\n")
    assert "content is bytes, and not str" in caplog.text


@pytest.mark.parametrize(("length", "parts"), [(3, [b"ab", b"cd"]), (5, [b"ab", b"cd"])])
def test_a_response_of_another_length_is_broken_off(
    length: int, parts: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", str(length))])
        return iter(parts)

    assert len(asked(app).partition(b"\r\n\r\n")[2]) < length
    assert "ContentLengthError" in caplog.text


def test_a_head_is_replaced_before_it_was_sent() -> None:
    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", PLAIN)
        try:
            int("x")
        except ValueError:
            start_response("400 Bad Request", PLAIN, sys.exc_info())
        return [b"sorry"]

    assert asked(app).startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_many_requests_at_once_need_no_more_threads_than_allowed() -> None:
    names: set[str] = set()

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        names.add(threading.current_thread().name)
        start_response("200 OK", PLAIN)
        return [json.dumps(sorted(names)).encode()]

    with Server(app, Settings(port=0, threads=3)) as server:
        sockets = [connect(server) for _ in range(30)]
        for sock in sockets:
            sock.sendall(GET % b"")
        for sock in sockets:
            hear_until(sock, b"]")
            sock.close()
    assert 1 <= len(names) <= 3
