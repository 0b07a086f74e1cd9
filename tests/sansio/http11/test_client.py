"""The client's end: what it sends, what it takes and refuses, and both ends talking to each other."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sansio.http11.driving import EMPTY, Fault, answer, every_cut, merged, read_responses
from toolkit.sansio.errors.base import InvalidHeader, RemoteError
from toolkit.sansio.exchange.content import IncompleteContent
from toolkit.sansio.exchange.machine import ExchangeError
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.client import ClientConnection
from toolkit.sansio.http11.errors import MessageError
from toolkit.sansio.http11.events import (
    ConnectionClosed,
    Data,
    EndOfRequest,
    EndOfResponse,
    Informational,
    RequestHead,
    RequestReceived,
    ResponseHead,
    ResponseReceived,
    Signal,
)
from toolkit.sansio.http11.server import ServerConnection

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST = Headers({"Host": "example.org"})
UPGRADE = HOST | {"Connection": "Upgrade", "Upgrade": "websocket"}
OK = b"HTTP/1.1 200 OK\r\n"


def asking(method: str = "GET", headers: Headers = HOST, target: str = "/") -> ClientConnection:
    """A client that has sent a request without content."""
    connection = ClientConnection()
    assert connection.send(RequestHead(method, target, headers)).startswith(
        f"{method} {target} HTTP/1.1\r\n".encode()
    )
    assert connection.send(EndOfRequest()) == b""
    return connection


def events(connection: ClientConnection) -> list[object]:
    """All that there is now, the signal last."""
    found: list[object] = []
    while not isinstance(event := connection.next_event(), Signal | ConnectionClosed):
        found.append(event)
    return [*found, event]


def test_requests_one_after_the_other() -> None:
    connection = ClientConnection()
    assert connection.next_event() is Signal.NEED_DATA
    for _ in range(2):
        head = RequestHead("POST", "/a", HOST | {"Content-Length": "2"})
        assert connection.send(head) == b"POST /a HTTP/1.1\r\nHost: example.org\r\nContent-Length: 2\r\n\r\n"
        assert connection.send(Data(b"hi")) == b"hi"
        assert connection.send(EndOfRequest()) == b""
        connection.receive_data(
            b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"Content-Length: 3\r\n\r\nabc"
        )
        assert events(connection) == [
            Informational(103, Headers({"Link": "</a>"})),
            ResponseReceived(200, Headers({"Content-Length": "3"}), "OK", "1.1", 3),
            Data(b"abc"),
            EndOfResponse(),
            Signal.NEED_DATA,
        ]
    connection.receive_eof()
    assert connection.next_event() == ConnectionClosed()


def test_chunked_both_ways() -> None:
    connection = ClientConnection()
    connection.send(RequestHead("POST", "/", HOST | {"Transfer-Encoding": "chunked"}))
    assert connection.send(Data(b"hello")) == b"5\r\nhello\r\n"
    assert connection.send(EndOfRequest(Headers({"X": "1"}))) == b"0\r\nX: 1\r\n\r\n"
    connection.receive_data(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: 1\r\n\r\n")
    response = ResponseReceived(200, Headers({"Transfer-Encoding": "chunked"}), "OK", "1.1", None)
    assert events(connection) == [
        response,
        Data(b"hello"),
        EndOfResponse(Headers({"X": "1"})),
        Signal.NEED_DATA,
    ]


@pytest.mark.parametrize(
    ("method", "head", "length"),
    [
        ("HEAD", OK + b"Content-Length: 5\r\n\r\n", 0),
        ("HEAD", OK + b"Transfer-Encoding: chunked\r\n\r\n", 0),
        ("GET", b"HTTP/1.1 204 \r\n\r\n", 0),
        ("GET", b"HTTP/1.1 304\r\nContent-Length: 5\r\n\r\n", 0),
    ],
)
def test_responses_without_content(method: str, head: bytes, length: int) -> None:
    connection = asking(method)
    connection.receive_data(head)
    response, *rest = events(connection)
    assert isinstance(response, ResponseReceived)
    assert response.content_length == length
    assert rest == [EndOfResponse(), Signal.NEED_DATA]


@pytest.mark.parametrize(
    "head",
    [
        OK,
        b"HTTP/1.0 200 OK\r\n",
        OK + b"Connection: close\r\n",
        b"HTTP/1.0 200\r\nConnection: keep-alive\r\n",
    ],
)
def test_a_response_that_ends_with_the_connection(head: bytes) -> None:
    connection = asking()
    connection.receive_data(head + b"\r\nab")
    assert events(connection)[1:] == [Data(b"ab"), Signal.NEED_DATA]
    connection.receive_data(b"cd")
    connection.receive_eof()
    assert events(connection) == [Data(b"cd"), EndOfResponse(), ConnectionClosed()]
    with pytest.raises(ExchangeError):
        connection.send(RequestHead("GET", "/", HOST))


@pytest.mark.parametrize("head", [OK + b"Connection: close\r\n", b"HTTP/1.0 200 OK\r\n"])
def test_a_server_that_closes(head: bytes) -> None:
    connection = asking()
    connection.receive_data(head + b"Content-Length: 1\r\n\r\nxy")
    assert events(connection)[1:] == [Data(b"x"), EndOfResponse(), Signal.CLOSE]
    connection.receive_eof()
    assert connection.next_event() == ConnectionClosed()


def test_a_response_before_the_request_is_whole() -> None:
    connection = ClientConnection()
    connection.send(RequestHead("POST", "/", HOST | {"Content-Length": "2"}))
    connection.receive_data(OK + b"Content-Length: 0\r\n\r\n")
    assert events(connection)[1:] == [EndOfResponse(), Signal.NEED_DATA]
    connection.receive_data(OK)
    assert connection.next_event() is Signal.PAUSED
    connection.send(Data(b"hi"))
    connection.send(EndOfRequest())
    assert connection.next_event() is Signal.NEED_DATA
    connection = ClientConnection()
    connection.send(RequestHead("POST", "/", HOST | {"Content-Length": "2"}))
    connection.receive_data(OK + b"Content-Length: 0\r\n\r\n")
    connection.receive_eof()
    assert events(connection)[1:] == [EndOfResponse(), ConnectionClosed()]


def test_events_out_of_turn() -> None:
    for event in (Data(b"x"), EndOfRequest()):
        with pytest.raises(ExchangeError):
            ClientConnection().send(event)
    connection = asking()
    with pytest.raises(ExchangeError):
        connection.send(RequestHead("GET", "/", HOST))
    with pytest.raises(ExchangeError, match="nothing to hand over"):
        connection.hand_over()


@pytest.mark.parametrize(
    "headers",
    [
        Headers.adopt([("Host", "a\r\nX: 1")]),
        HOST | {"Content-Length": "x"},
        HOST | Headers([("Content-Length", "5"), ("Content-Length", "5")]),
        HOST | {"Content-Length": "5", "Transfer-Encoding": "chunked"},
        HOST | {"Transfer-Encoding": "gzip"},
    ],
)
def test_heads_that_no_server_takes(headers: Headers) -> None:
    with pytest.raises(InvalidHeader):
        ClientConnection().send(RequestHead("POST", "/", headers))


@pytest.mark.parametrize(
    ("method", "target"), [("G T", "/"), ("GET", "/ "), ("GET", "/\r\n"), ("", "/"), ("GET", "")]
)
def test_request_lines_that_are_none(method: str, target: str) -> None:
    with pytest.raises(ExchangeError):
        ClientConnection().send(RequestHead(method, target, HOST))


def test_trailers_that_are_none() -> None:
    connection = ClientConnection()
    connection.send(RequestHead("POST", "/", HOST | {"Transfer-Encoding": "chunked"}))
    with pytest.raises(InvalidHeader):
        connection.send(EndOfRequest(Headers({"Host": "b"})))


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 099 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1  200 OK\r\n\r\n",
        b"HTTP/1.1 200 \x00\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"\r\n" + OK + b"\r\n",
        OK + b"X : 1\r\n\r\n",
        OK + b"X: 1\r\n 2\r\n\r\n",
        OK + b"Content-Length: 5, 5\r\n\r\n",
        OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        OK + b"Content-Length: 5\r\n\r\nabcd",
        OK + b"Transfer-Encoding: chunked\r\n\r\n4 \r\nabcd\r\n0\r\n\r\n",
        OK + b"X: 1\r\n",
        OK[:5],
        OK + b"X: " + b"x" * 17000,
        b"HTTP/1.1 200 " + b"x" * 9000,
        b"HTTP/1.1 100 Continue\r\n\r\n",  # to nothing
    ],
)
def test_responses_that_are_refused(raw: bytes) -> None:
    assert isinstance(
        every_cut(raw, read_responses).end if len(raw) < 1000 else read_responses([raw]).end, Fault
    )


def test_an_error_stays() -> None:
    connection = asking()
    connection.receive_data(b"x\r\n")
    for _ in range(2):
        with pytest.raises(MessageError, match="status line"):
            connection.next_event()
        connection.receive_data(OK)


def test_a_server_that_goes_away() -> None:
    connection = asking()
    connection.receive_eof()
    with pytest.raises(MessageError, match="ended before"):
        connection.next_event()
    connection = asking()
    connection.receive_data(OK + b"Content-Length: 5\r\n\r\nx")
    connection.receive_eof()
    assert isinstance(connection.next_event(), ResponseReceived)
    assert connection.next_event() == Data(b"x")
    with pytest.raises(IncompleteContent):
        connection.next_event()


def test_a_response_that_nobody_asked_for() -> None:
    outcome = every_cut(
        b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 2\r\n\r\nno", read_responses, eof=False
    )
    assert outcome.content == b"no"
    assert isinstance(outcome.events[-1], EndOfResponse)


def test_a_switch_to_another_protocol() -> None:
    connection = asking(headers=UPGRADE)
    connection.receive_data(b"HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x00")
    response, signal = events(connection)
    assert isinstance(response, Informational)
    assert signal is Signal.SWITCHED
    assert connection.hand_over() == b"\x81\x00"
    connection = asking()
    connection.receive_data(b"HTTP/1.1 101 \r\nUpgrade: websocket\r\n\r\n")
    with pytest.raises(MessageError, match="101 was not sent"):
        connection.next_event()


def test_a_tunnel() -> None:
    connection = asking("CONNECT", Headers({"Host": "a:80"}), "a:80")
    connection.receive_data(OK + b"\r\n\x16")
    response, signal = events(connection)
    assert isinstance(response, ResponseReceived)
    assert signal is Signal.SWITCHED
    assert connection.hand_over() == b"\x16"


# Both ends.


def pump(data: bytes, cuts: Sequence[int], to: ServerConnection | ClientConnection) -> list[object]:
    """Send bytes in pieces; the events that come of them, without signals."""
    found: list[object] = []
    for start, end in pairwise([0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]):
        to.receive_data(data[start:end])
        while not isinstance(event := to.next_event(), Signal | ConnectionClosed):
            found.append(event)
    return list(merged(found))


class Message(NamedTuple):
    """A message that either end may send."""

    headers: Headers
    content: list[bytes]
    trailers: Headers
    chunked: bool

    @property
    def length(self) -> int | None:
        return None if self.chunked else sum(map(len, self.content))

    @property
    def framed(self) -> Headers:
        chunked = {"Transfer-Encoding": "chunked"}
        return self.headers | (chunked if self.chunked else {"Content-Length": str(self.length)})

    @property
    def data(self) -> list[Data]:
        return [Data(piece) for piece in self.content]

    @property
    def sent_trailers(self) -> Headers:
        return self.trailers if self.chunked else Headers()


names = st.text("abcXYZ-_!~", min_size=1, max_size=10).map(lambda name: "X-" + name)
values = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20
).map(lambda value: value.strip(" "))
fields = st.lists(st.tuples(names, values), max_size=5).map(Headers)
contents = st.lists(st.binary(min_size=1, max_size=50), max_size=4)
messages = st.builds(Message, fields, contents, fields, st.booleans())


@given(
    exchanges=st.lists(st.tuples(messages, messages), min_size=1, max_size=3),
    cuts=st.lists(st.integers(0, 400), max_size=5),
)
def test_whatever_one_end_says_the_other_hears(
    exchanges: list[tuple[Message, Message]], cuts: list[int]
) -> None:
    client, server = ClientConnection(), ServerConnection()
    for asked, answered in exchanges:
        headers = HOST | asked.framed
        end = EndOfRequest(asked.sent_trailers)
        raw = client.send(RequestHead("POST", "/", headers))
        raw += b"".join(client.send(data) for data in asked.data) + client.send(end)
        head = RequestReceived("POST", "/", headers, content_length=asked.length)
        assert pump(raw, cuts, server) == [*merged([head, *asked.data]), end]

        back = EndOfResponse(answered.sent_trailers)
        raw = server.send(ResponseHead(200, answered.framed))
        raw += b"".join(server.send(data) for data in answered.data) + server.send(back)
        response = ResponseReceived(200, answered.framed, "OK", content_length=answered.length)
        assert pump(raw, cuts, client) == [*merged([response, *answered.data]), back]
        assert server.next_event() is Signal.NEED_DATA


def test_a_conversation_about_continuing() -> None:
    client, server = ClientConnection(), ServerConnection()
    head = RequestHead("POST", "/", HOST | {"Expect": "100-continue", "Content-Length": "2"})
    server.receive_data(client.send(head))
    assert isinstance(server.next_event(), RequestReceived)
    assert server.wants_continue
    assert pump(server.send(Informational(100)), (), client) == [Informational(100)]
    assert pump(client.send(Data(b"hi")) + client.send(EndOfRequest()), (), server) == [
        Data(b"hi"),
        EndOfRequest(),
    ]
    received = pump(answer(server), (), client)
    assert received == [ResponseReceived(200, EMPTY, "OK"), EndOfResponse()]


def test_a_client_understands_the_answer_to_an_error() -> None:
    client, server = ClientConnection(), ServerConnection()
    server.receive_data(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(RemoteError) as error:
        server.next_event()
    response, data, end = pump(server.error_response(error.value), (), client)
    assert isinstance(response, ResponseReceived)
    assert (response.status, end) == (400, EndOfResponse())
    assert isinstance(data, Data)
    assert data.data.startswith(b"400 Bad Request\nHost: ")
    assert client.next_event() is Signal.CLOSE
