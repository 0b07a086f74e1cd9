"""The server's end through the life of a connection: order, keep-alive, pipelining, errors, upgrades."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.sansio.http11.corpus import CHUNKED, HEAD, get
from tests.sansio.http11.driving import EMPTY, LIMITS, answer, every_cut, serve
from toolkit.sansio.errors.base import InvalidHeader, LimitExceeded, RemoteError
from toolkit.sansio.errors.http import RequestTimeout, ServiceUnavailable
from toolkit.sansio.exchange.content import IncompleteContent
from toolkit.sansio.exchange.machine import ContentLengthError, ExchangeError
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.errors import MessageError
from toolkit.sansio.http11.events import (
    ConnectionClosed,
    Data,
    EndOfRequest,
    EndOfResponse,
    Informational,
    RequestReceived,
    ResponseHead,
    Signal,
)
from toolkit.sansio.http11.server import ServerConnection

if TYPE_CHECKING:
    from toolkit.sansio.http11.events import ServerSent

UPGRADE = get("/", "Host: a", "Connection: keep-alive, Upgrade", "Upgrade: WebSocket, h2c")


def receive(raw: bytes) -> tuple[ServerConnection, RequestReceived]:
    """A connection that has received a head."""
    connection = ServerConnection()
    connection.receive_data(raw)
    request = connection.next_event()
    assert isinstance(request, RequestReceived)
    return connection, request


def whole(raw: bytes) -> ServerConnection:
    """A connection that has received a request without content."""
    connection, _ = receive(raw)
    assert connection.next_event() == EndOfRequest()
    return connection


def test_a_request_is_told_as_it_is() -> None:
    raw = b"PUT /a?b HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n"
    raw += b"connection: close\r\n\r\nabc"
    connection, request = receive(raw)
    headers = Headers(
        [("Host", "a"), ("Expect", "100-continue"), ("Content-Length", "3"), ("connection", "close")]
    )
    assert request == RequestReceived(
        "PUT", "/a?b", headers, "1.1", 3, expects_continue=True, keeps_alive=False
    )
    assert repr(connection) == "<ServerConnection <Exchange PUT request=body response=idle>>"
    assert connection.next_event() == Data(b"abc")
    assert connection.next_event() == EndOfRequest()
    assert connection.next_event() is Signal.NEED_DATA


def test_content_is_not_copied() -> None:
    connection, _ = receive(HEAD + b"Content-Length: 2000\r\n\r\n")
    piece = bytes(1000)
    connection.receive_data(piece)
    event = connection.next_event()
    assert isinstance(event, Data)
    assert event.data is piece


@pytest.mark.parametrize("data", [bytearray(b"x"), memoryview(b"x")])
def test_what_is_received_may_be_any_bytes(data: bytes) -> None:
    connection, _ = receive(HEAD + b"Content-Length: 1\r\n\r\n")
    connection.receive_data(data)
    assert connection.next_event() == Data(b"x")


# Keep-alive and pipelining.


def test_a_kept_connection_takes_one_request_after_the_other() -> None:
    connection = ServerConnection()
    idle = [connection.is_idle]
    for _ in range(3):
        connection.receive_data(HEAD + b"Content-Length: 2\r\n\r\nhi")
        idle.append(connection.is_idle)
        assert isinstance(connection.next_event(), RequestReceived)
        assert connection.next_event() == Data(b"hi")
        assert connection.next_event() == EndOfRequest()
        assert answer(connection) == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        assert connection.next_event() is Signal.NEED_DATA
        idle.append(connection.is_idle)
    assert idle == [True, False, True, False, True, False, True]
    connection.receive_eof()
    assert connection.next_event() == ConnectionClosed()
    assert connection.next_event() == ConnectionClosed()


def test_pipelined_requests_wait_for_the_response() -> None:
    connection = ServerConnection()
    connection.receive_data(get("/1") + get("/2") + get("/3"))
    for target in ("/1", "/2", "/3"):
        event = connection.next_event()
        assert isinstance(event, RequestReceived)
        assert event.target == target
        assert connection.next_event() == EndOfRequest()
        if target != "/3":
            assert connection.next_event() is Signal.PAUSED
            connection.send(ResponseHead(200))
            connection.send(Data(b"x"))
            assert connection.next_event() is Signal.PAUSED
            connection.send(EndOfResponse())
    assert connection.next_event() is Signal.NEED_DATA


def test_pipelined_requests_in_every_cut() -> None:
    raw = (
        get("/1")
        + HEAD
        + b"Content-Length: 2\r\n\r\nhi"
        + CHUNKED
        + b"2;a\r\nho\r\n0\r\nX: 1\r\n\r\n\r\n"
        + get("/4")
    )
    outcome = every_cut(raw)
    assert [request.target for request in outcome.requests] == ["/1", "/", "/", "/4"]
    assert outcome.content == b"hiho"
    assert EndOfRequest(Headers({"X": "1"})) in outcome.events
    assert outcome.end == ConnectionClosed()


@pytest.mark.parametrize(
    "raw",
    [get("/", "Host: a", "Connection: close"), get("/", "Host: a", "Connection: x, Close"),
    get(version="HTTP/1.0"),
     get("/", "Host: a", "Connection: keep-alive", version="HTTP/1.0")],
)  # fmt: skip
def test_nothing_is_read_after_the_last_request(raw: bytes) -> None:
    connection = whole(raw + get("/never"))
    assert connection.next_event() is Signal.NEED_DATA
    assert b"\r\nConnection: close\r\n" in answer(connection)
    connection.receive_data(get("/never"))
    assert connection.next_event() is Signal.CLOSE
    connection.receive_eof()
    assert connection.next_event() is Signal.CLOSE


def test_a_response_can_end_the_connection() -> None:
    connection = whole(get() + get("/never"))
    connection.send(ResponseHead(200, EMPTY | {"Connection": "close"}))
    connection.send(EndOfResponse())
    assert connection.next_event() is Signal.CLOSE


def test_a_client_may_stop_sending_and_still_get_its_response() -> None:
    connection = whole(get())
    connection.receive_eof()
    assert connection.next_event() == ConnectionClosed()
    assert answer(connection)
    assert connection.next_event() == ConnectionClosed()


def test_close_soon() -> None:
    connection = ServerConnection()
    connection.close_soon()
    assert connection.next_event() is Signal.CLOSE
    connection = ServerConnection()
    connection.receive_data(get()[:-1])
    connection.close_soon()
    assert connection.next_event() is Signal.NEED_DATA  # what has begun is finished
    connection.receive_data(b"\n")
    assert isinstance(connection.next_event(), RequestReceived)
    assert connection.next_event() == EndOfRequest()
    head = connection.send(ResponseHead(200, EMPTY | {"Connection": "keep-alive"}))
    assert head == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    connection.send(EndOfResponse())
    assert connection.next_event() is Signal.CLOSE
    connection = whole(get())
    connection.send(ResponseHead(200, EMPTY))
    connection.close_soon()  # too late for the head, not for the connection
    connection.send(EndOfResponse())
    assert connection.next_event() is Signal.CLOSE


# Content that nobody read.


@pytest.mark.parametrize("framing", [b"Content-Length: 20\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
def test_a_little_unread_content_is_dropped(framing: bytes) -> None:
    connection, _ = receive(HEAD + framing)
    answer(connection)
    assert connection.next_event() is Signal.NEED_DATA
    content = b"14\r\n" + bytes(20) + b"\r\n0\r\n\r\n" if b"chunked" in framing else bytes(20)
    connection.receive_data(content[:10])
    assert connection.next_event() is Signal.NEED_DATA
    connection.receive_data(content[10:] + get("/next"))
    event = connection.next_event()
    assert isinstance(event, RequestReceived)
    assert event.target == "/next"


def test_much_unread_content_closes() -> None:
    connection, _ = receive(HEAD + b"Content-Length: 65537\r\n\r\n")
    answer(connection)
    assert connection.next_event() is Signal.CLOSE
    connection, _ = receive(HEAD + b"Content-Length: 65537\r\n\r\nx")
    assert connection.next_event() == Data(b"x")
    answer(connection)
    assert connection.next_event() is Signal.NEED_DATA  # 65536 are left, and that is the limit


def test_much_unread_chunked_content_closes() -> None:
    connection, _ = receive(CHUNKED)
    answer(connection)
    for _ in range(16):
        connection.receive_data(b"1000\r\n" + bytes(4096) + b"\r\n")
        assert connection.next_event() is Signal.NEED_DATA
    connection.receive_data(b"1\r\nx\r\n")
    for _ in range(2):
        assert connection.next_event() is Signal.CLOSE


def test_bad_content_after_the_response_closes() -> None:
    connection, _ = receive(CHUNKED)
    answer(connection)
    connection.receive_data(b"x\r\n")
    with pytest.raises(MessageError) as error:
        connection.next_event()
    assert connection.error_response(error.value) == b""
    assert connection.next_event() is Signal.CLOSE


# 100-continue.


def waiting() -> ServerConnection:
    connection, request = receive(HEAD + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    assert request.expects_continue
    assert connection.wants_continue
    return connection


def test_a_client_that_waits_is_told_to_go_on() -> None:
    connection = waiting()
    assert connection.send(Informational(100)) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert not connection.wants_continue
    connection.receive_data(b"hello")
    assert connection.next_event() == Data(b"hello")
    assert connection.next_event() == EndOfRequest()
    assert b"close" not in answer(connection)
    assert connection.next_event() is Signal.NEED_DATA


def test_a_client_that_does_not_wait_need_not_be_told() -> None:
    connection = waiting()
    connection.receive_data(b"h")
    assert connection.next_event() == Data(b"h")
    assert not connection.wants_continue


def test_a_client_that_waits_and_is_refused_cannot_go_on() -> None:
    connection = waiting()
    assert b"\r\nConnection: close\r\n" in answer(connection)
    assert connection.next_event() is Signal.CLOSE


@pytest.mark.parametrize(
    "raw",
    [
        get("/", "Host: a", "Expect: 100-continue"),
        HEAD + b"Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
        HEAD + b"Content-Length: 5\r\n\r\n",
    ],
)
def test_who_does_not_wait(raw: bytes) -> None:
    connection, request = receive(raw)
    assert not request.expects_continue
    assert not connection.wants_continue


# What is sent.


def test_a_response_of_unknown_length_is_chunked() -> None:
    connection = whole(get())
    head = connection.send(ResponseHead(200, Headers({"X": "1"}), "Fine"))
    assert head == b"HTTP/1.1 200 Fine\r\nX: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert connection.send(Data(b"hello")) == b"5\r\nhello\r\n"
    assert connection.send(Data(b"")) == b""
    assert connection.send(EndOfResponse(Headers({"X-Sum": "1"}))) == b"0\r\nX-Sum: 1\r\n\r\n"
    assert connection.next_event() is Signal.NEED_DATA


def test_a_response_of_unknown_length_to_http_1_0_ends_with_the_connection() -> None:
    connection = whole(get(version="HTTP/1.0"))
    assert connection.send(Informational(103, Headers({"Link": "</a>"}))) == b""
    head = connection.send(ResponseHead(200, Headers({"Transfer-Encoding": "chunked"})))
    assert head == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    assert connection.send(Data(b"hello")) == b"hello"
    assert connection.send(EndOfResponse(Headers({"X-Sum": "1"}))) == b""
    assert connection.next_event() is Signal.CLOSE


@pytest.mark.parametrize(
    ("method", "status", "fields", "head"),
    [
        ("HEAD", 200, {"Content-Length": "5"}, b"Content-Length: 5\r\n"),
        ("HEAD", 200, {}, b"Transfer-Encoding: chunked\r\n"),
        ("GET", 204, {"Content-Length": "0", "X": "1"}, b"X: 1\r\n"),
        ("GET", 204, {"Transfer-Encoding": "chunked"}, b""),
        ("GET", 304, {"Content-Length": "5"}, b"Content-Length: 5\r\n"),
        ("GET", 304, {}, b""),
    ],
)
def test_responses_without_content(method: str, status: int, fields: dict[str, str], head: bytes) -> None:
    connection = whole(get(method=method))
    sent = connection.send(ResponseHead(status, Headers(fields)))
    assert sent.partition(b"\r\n")[2] == head + b"\r\n"
    assert connection.send(Data(b"hello")) == b""
    assert connection.send(EndOfResponse(Headers({"X-Sum": "1"}))) == b""
    assert connection.next_event() is Signal.NEED_DATA


def test_informational_responses() -> None:
    connection = whole(get())
    hints = Informational(103, Headers([("Link", "</a>"), ("Content-Length", "5")]))
    assert connection.send(hints) == b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    assert connection.send(Informational(199)) == b"HTTP/1.1 199 \r\n\r\n"
    assert not connection.response_started
    assert answer(connection)


def test_statuses_that_nobody_registered() -> None:
    assert whole(get()).send(ResponseHead(299, EMPTY)) == b"HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n"


def test_obs_text_goes_out_as_it_came() -> None:
    connection = whole(get())
    head = connection.send(ResponseHead(200, EMPTY | {"X": "caf\xe9"}, "d\xe9j\xe0"))
    assert head == b"HTTP/1.1 200 d\xe9j\xe0\r\nContent-Length: 0\r\nX: caf\xe9\r\n\r\n"


BAD = [
    "a\r\nX: 1",
    "a\nX: 1",
    "a\r",
    "a\x00",
    " a",
    "a ",
    "\x0b",
    "\x1f",
    "\x7f",
    "\u20ac",
    "\r\n\r\nHTTP/1.1 200 OK",
]


@pytest.mark.parametrize("value", BAD)
def test_nobody_can_inject_a_line(value: str) -> None:
    adopted = Headers.adopt([("X", value)])  # past every check that headers have of their own
    connection = whole(get())
    for event in (Informational(103, adopted), ResponseHead(200, adopted)):
        with pytest.raises(InvalidHeader):
            connection.send(event)
    for name in ("a\r\nX", "a:", "a b", "", "a\x00", "\xe9"):
        with pytest.raises(InvalidHeader):
            connection.send(ResponseHead(200, Headers.adopt([(name, "a")])))
    if value.strip(" ") == value:
        with pytest.raises(InvalidHeader, match="reason phrase"):
            connection.send(ResponseHead(200, reason=value))
    connection.send(ResponseHead(200))  # nothing was sent yet
    with pytest.raises(InvalidHeader):
        connection.send(EndOfResponse(adopted))
    with pytest.raises(InvalidHeader, match="may not be a trailer"):
        connection.send(EndOfResponse(Headers({"Content-Length": "5"})))
    assert connection.send(EndOfResponse()) == b"0\r\n\r\n"


@pytest.mark.parametrize(
    "fields",
    [
        [("Content-Length", "5"), ("Content-Length", "5")],
        [("Content-Length", "5, 5")],
        [("Content-Length", "x")],
        [("Content-Length", "-1")],
        [("Content-Length", "5"), ("Transfer-Encoding", "chunked")],
        [("Transfer-Encoding", "gzip")],
        [("Transfer-Encoding", "gzip, chunked")],
    ],
)
def test_framing_that_no_client_could_read(fields: list[tuple[str, str]]) -> None:
    connection = whole(get())
    with pytest.raises(InvalidHeader):
        connection.send(ResponseHead(200, Headers(fields)))
    assert not connection.response_started


def test_content_is_as_long_as_announced() -> None:
    connection = whole(get())
    connection.send(ResponseHead(200, Headers({"Content-Length": "5"})))
    assert connection.send(Data(b"hel")) == b"hel"
    with pytest.raises(ContentLengthError, match="less"):
        connection.send(EndOfResponse())
    with pytest.raises(ExchangeError, match="trailers"):
        connection.send(EndOfResponse(Headers({"X-Sum": "1"})))
    with pytest.raises(ContentLengthError, match="more"):
        connection.send(Data(b"low"))


@pytest.mark.parametrize("event", [Data(b"x"), EndOfResponse(), Informational(100), Informational(101)])
def test_nothing_is_sent_before_a_request_but_a_response(event: ServerSent) -> None:
    with pytest.raises(ExchangeError):
        ServerConnection().send(event)


@pytest.mark.parametrize(
    "event",
    [
        Data(b"x"),
        EndOfResponse(),
        Informational(200),
        Informational(99),
        Informational(101),
        ResponseHead(199),
        ResponseHead(1000),
    ],
)
def test_events_out_of_turn(event: ServerSent) -> None:
    connection = whole(get())
    with pytest.raises(ExchangeError):
        connection.send(event)
    assert answer(connection)  # as if nothing had been tried


@pytest.mark.parametrize("event", [Data(b"x"), EndOfResponse(), Informational(100), ResponseHead(200)])
def test_nothing_is_sent_after_a_response(event: ServerSent) -> None:
    connection = whole(get())
    answer(connection)
    with pytest.raises(ExchangeError):
        connection.send(event)


# Errors.


def test_the_answer_to_an_error() -> None:
    connection = ServerConnection()
    connection.receive_data(b"GET / HTTP/9.9\r\n")
    with pytest.raises(MessageError) as error:
        connection.next_event()
    assert str(error.value) == (
        "request line: the versions spoken here are HTTP/1.0 and HTTP/1.1 (received 'GET / HTTP/9.9\\r\\n')"
    )
    assert (error.value.part, error.value.received) == ("request line", "GET / HTTP/9.9\r\n")
    sent = connection.error_response(error.value, Headers({"Date": "now"}))
    assert sent == (
        b"HTTP/1.1 505 HTTP Version Not Supported\r\nDate: now\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Length: 128\r\nConnection: close\r\n\r\n"
        b"505 HTTP Version Not Supported\n" + str(error.value).encode() + b"\n"
    )
    assert connection.error_response(error.value) == b""
    assert connection.next_event() is Signal.CLOSE


def test_the_application_may_answer_an_error_itself() -> None:
    connection, _ = receive(CHUNKED + b"5\r\nhello\r\nx\r\n")
    assert connection.next_event() == Data(b"hello")
    for _ in range(2):
        with pytest.raises(MessageError):
            connection.next_event()
    assert not connection.wants_continue
    assert b"\r\nConnection: close\r\n" in connection.send(ResponseHead(400, EMPTY))
    with pytest.raises(MessageError):
        connection.next_event()
    connection.send(EndOfResponse())
    assert connection.next_event() is Signal.CLOSE


def test_no_answer_once_a_response_has_begun() -> None:
    connection, _ = receive(CHUNKED)
    connection.send(ResponseHead(200))
    connection.receive_data(b"x\r\n")
    with pytest.raises(MessageError) as error:
        connection.next_event()
    assert connection.error_response(error.value) == b""


def test_answers_that_the_driver_decides_on() -> None:
    connection = ServerConnection()
    connection.receive_data(b"GET / HT")
    assert connection.next_event() is Signal.NEED_DATA
    assert connection.error_response(RequestTimeout()).startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert connection.next_event() is Signal.CLOSE
    sent = ServerConnection().error_response(ServiceUnavailable("full", retry_after=5))
    assert b"\r\nRetry-After: 5\r\n" in sent
    assert sent.endswith(b"\r\n\r\n503 Service Unavailable\nfull\n")


def test_a_response_to_nothing_is_the_last() -> None:
    connection = ServerConnection()
    assert b"\r\nConnection: close\r\n" in answer(connection)
    connection.receive_data(get("/never"))
    assert connection.next_event() is Signal.CLOSE
    connection = ServerConnection()
    connection.send(ResponseHead(200))
    connection.receive_data(get("/never"))
    assert connection.next_event() is Signal.CLOSE


def test_no_content_in_the_answer_to_head() -> None:
    connection, _ = receive(HEAD.replace(b"POST", b"HEAD") + b"Transfer-Encoding: chunked\r\n\r\nx\r\n")
    with pytest.raises(MessageError) as error:
        connection.next_event()
    assert connection.error_response(error.value).endswith(b"\r\n\r\n")


def test_what_the_peer_sent_is_shown_shortened() -> None:
    with pytest.raises(MessageError) as error:
        receive(get("/" + "\x7f" * 1000))
    assert str(error.value).endswith("…)")
    assert len(str(error.value)) < 450


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"GET", MessageError),
        (b"\r", MessageError),
        (b"GET / HTTP/1.1\r\n", MessageError),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", MessageError),
        (HEAD + b"Content-Length: 5\r\n\r\n", IncompleteContent),
        (HEAD + b"Content-Length: 5\r\n\r\nhell", IncompleteContent),
        (CHUNKED, IncompleteContent),
        (CHUNKED + b"5\r\nhello", IncompleteContent),
        (CHUNKED + b"5\r\nhello\r\n0\r\n", IncompleteContent),
        (CHUNKED + b"0\r\nX: 1\r\n", IncompleteContent),
    ],
)
def test_a_request_that_is_cut_short(raw: bytes, kind: type[RemoteError]) -> None:
    outcome = every_cut(raw)
    assert outcome.status == 400
    assert getattr(outcome.end, "kind", "") == kind.__name__


def test_empty_lines_around_requests() -> None:
    assert every_cut(b"").end == ConnectionClosed()
    assert every_cut(b"\r\n").end == ConnectionClosed()
    assert len(every_cut(get() + b"\r\n" + get() + b"\r\n").requests) == 2
    assert every_cut(get() + b"\r\n\r\n" + get()).status == 400


# Limits.


def test_the_limit_of_the_request_line() -> None:
    line = "/" + "a" * (8192 - len("GET / HTTP/1.1\r\n"))
    assert serve([get(line)]).status is None
    assert serve([get(line + "a")]).status == 414
    assert serve([b"G" * 8191], eof=False).end is Signal.NEED_DATA
    assert serve([b"G" * 8192], eof=False).status == 414


def test_the_limit_of_the_header_block() -> None:
    space = 16384 - len("Host: a\r\nX: \r\n\r\n")
    assert serve([get("/", "Host: a", "X: " + "x" * space)]).status is None
    assert serve([get("/", "Host: a", "X: " + "x" * (space + 1))]).status == 431
    assert serve([get("/", "Host: a", "X: " + "x" * 20000)[:16399]], eof=False).end is Signal.NEED_DATA
    assert serve([get("/", "Host: a", "X: " + "x" * 20000)[:16400]], eof=False).status == 431


SMALL = replace(
    LIMITS, max_request_line=20, max_header_block=40, max_fields=3, max_chunk_extras=12, max_body=8
)


@pytest.mark.parametrize(
    ("raw", "status", "limit"),
    [
        (b"GET /123 HTTP/1.1\r\nHost: a\r\n\r\n", None, ""),
        (b"GET /12345 HTTP/1.1\r\nHost: a\r\n\r\n", 414, "max_request_line"),
        (b"GET /1234567890", None, ""),
        (b"GET /" + b"1" * 15, 414, "max_request_line"),
        (get("/", "Host: a", "X: " + "x" * 24), None, ""),
        (get("/", "Host: a", "X: " + "x" * 25), 431, "max_header_block"),
        (get("/", "Host: a", "A: ", "B: "), None, ""),
        (get("/", "Host: a", "A: ", "B: ", "C: "), 431, "max_fields"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n12345678", None, ""),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123456789", 413, "max_body"),
    ],
)
def test_limits_in_every_cut(raw: bytes, status: int | None, limit: str) -> None:
    outcome = every_cut(raw, limits=SMALL, eof=False)
    assert outcome.status == status
    assert limit in str(outcome.end)


SMALL_CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "status", "limit"),
    [
        (b"8\r\n12345678\r\n0\r\n\r\n", None, ""),
        (b"9\r\n123456789\r\n0\r\n\r\n", 413, "max_body"),
        (b"4\r\n1234\r\n5\r\n12345\r\n0\r\n\r\n", 413, "max_body"),
        (b"1;abcde\r\n1\r\n1;abcde\r\n1\r\n0\r\n\r\n", None, ""),
        (b"1;abcde\r\n1\r\n1;abcdef\r\n1\r\n0\r\n\r\n", 413, "max_chunk_extras"),
        (b"1;abcde\r\n1\r\n0;abcdef\r\n\r\n", 413, "max_chunk_extras"),
        (b"1;" + b"a" * 40, 413, "max_chunk_extras"),
        (b"1" * 40, 413, "max_chunk_extras"),
        (b"0\r\nX: 1234567\r\n\r\n", None, ""),
        (b"0\r\nX: 12345678\r\n\r\n", 431, "max_chunk_extras"),
        (b"0;abcd\r\nX: 12\r\n\r\n", None, ""),
        (b"0;abcd\r\nX: 123\r\n\r\n", 431, "max_chunk_extras"),
        (b"0\r\nA:\r\nB:\r\nC:\r\nD:\r\n\r\n", 431, "max_chunk_extras"),
    ],
)
def test_limits_of_chunked_content_in_every_cut(raw: bytes, status: int | None, limit: str) -> None:
    outcome = every_cut(SMALL_CHUNKED + raw, limits=replace(SMALL, max_header_block=80), eof=False)
    assert outcome.status == status
    assert limit in str(outcome.end)


def test_the_limit_of_trailer_fields() -> None:
    limits = replace(LIMITS, max_fields=2)
    raw = SMALL_CHUNKED + b"0\r\nA:\r\nB:\r\n"
    assert every_cut(raw + b"\r\n", limits=limits).status is None
    assert every_cut(raw + b"C:\r\n\r\n", limits=limits).status == 431


def test_limits_are_errors_with_data() -> None:
    connection = ServerConnection(SMALL)
    connection.receive_data(b"G" * 100)
    with pytest.raises(LimitExceeded) as error:
        connection.next_event()
    assert (error.value.limit, error.value.maximum, error.value.actual) == ("max_request_line", 20, 21)


# Upgrades.


def test_a_switch_to_another_protocol() -> None:
    connection, request = receive(UPGRADE)
    assert request.upgrade == ("websocket", "h2c")
    assert connection.next_event() == EndOfRequest()
    assert connection.next_event() is Signal.NEED_DATA
    connection.receive_data(b"\x81\x00")  # a client that does not wait
    assert connection.next_event() is Signal.PAUSED
    with pytest.raises(ExchangeError, match="still speaks HTTP"):
        connection.hand_over()
    sent = connection.send(Informational(101, Headers({"Upgrade": "websocket", "Connection": "Upgrade"})))
    assert sent == b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    assert connection.response_started
    assert connection.next_event() is Signal.SWITCHED
    connection.receive_data(b"\x82")
    assert connection.next_event() is Signal.SWITCHED
    assert connection.hand_over() == b"\x81\x00\x82"
    assert connection.hand_over() == b""
    with pytest.raises(ExchangeError):
        answer(connection)


def test_a_switch_waits_for_the_content() -> None:
    connection, _ = receive(UPGRADE.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n"))
    connection.send(Informational(101, Headers({"Upgrade": "h2c", "Connection": "Upgrade"})))
    connection.receive_data(b"hi!")
    with pytest.raises(ExchangeError, match="still speaks HTTP"):
        connection.hand_over()
    assert connection.next_event() == Data(b"hi")
    assert connection.next_event() == EndOfRequest()
    assert connection.next_event() is Signal.SWITCHED
    assert connection.hand_over() == b"!"


def test_an_upgrade_that_is_declined() -> None:
    connection = whole(UPGRADE + get("/next"))
    assert connection.next_event() is Signal.PAUSED
    answer(connection)
    assert isinstance(connection.next_event(), RequestReceived)


@pytest.mark.parametrize(
    "raw", [get("/", "Host: a", "Upgrade: h2c"), UPGRADE.replace(b"HTTP/1.1", b"HTTP/1.0"),
            get("/", "Host: a", "Connection: upgrade")]
)  # fmt: skip
def test_what_is_no_offer_to_upgrade(raw: bytes) -> None:
    connection, request = receive(raw)
    assert request.upgrade == ()
    with pytest.raises(ExchangeError, match="asks for an upgrade"):
        connection.send(Informational(101))


def test_a_tunnel() -> None:
    connection = whole(get("example.org:443", method="CONNECT") + b"\x16\x03")
    assert connection.next_event() is Signal.PAUSED
    assert connection.send(ResponseHead(200, Headers({"Content-Length": "5"}))) == b"HTTP/1.1 200 OK\r\n\r\n"
    assert connection.send(Data(b"hello")) == b""
    assert connection.send(EndOfResponse()) == b""
    assert connection.next_event() is Signal.SWITCHED
    assert connection.hand_over() == b"\x16\x03"


def test_a_tunnel_that_is_refused() -> None:
    connection = whole(get("example.org:443", method="CONNECT"))
    connection.send(ResponseHead(405, EMPTY))
    connection.send(EndOfResponse())
    assert connection.next_event() is Signal.NEED_DATA


def test_content_that_the_driver_takes_is_counted() -> None:
    connection, _ = receive(get("/", "Host: a", "Content-Length: 5", method="POST") + b"a")
    with pytest.raises(ExchangeError, match="after what was received"):
        connection.count_content(1)
    assert connection.next_event() == Data(b"a")
    assert connection.unread == 4
    connection.count_content(0)
    connection.count_content(3)
    assert connection.next_event() is Signal.NEED_DATA
    with pytest.raises(ExchangeError, match="an announced length"):
        connection.count_content(2)
    with pytest.raises(ExchangeError, match="an announced length"):
        connection.count_content(-1)
    connection.count_content(1)
    assert connection.unread == 0
    assert connection.next_event() == EndOfRequest()
    with pytest.raises(ExchangeError, match="an announced length"):
        connection.count_content(1)


def test_chunks_cannot_be_counted() -> None:
    connection, _ = receive(CHUNKED)
    assert connection.unread is None
    with pytest.raises(ExchangeError, match="an announced length"):
        connection.count_content(1)


def test_who_waits_to_be_told_to_go_on_has_sent_content_that_is_counted() -> None:
    head = get("/", "Host: a", "Content-Length: 5", "Expect: 100-continue", method="POST")
    connection, _ = receive(head)
    assert connection.wants_continue
    connection.count_content(5)
    assert not connection.wants_continue
