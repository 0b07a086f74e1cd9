"""The two lanes of a response: the ordinary one writes what h11 would, and all that follows is the same."""

from __future__ import annotations

from enum import Enum
from itertools import chain
from operator import methodcaller
from typing import TYPE_CHECKING

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sansio.http11.corpus import CHUNKED, HEAD, get
from tests.sansio.http11.driving import answer
from toolkit.sansio.errors.base import LocalError, RemoteError
from toolkit.sansio.errors.http import ServiceUnavailable
from toolkit.sansio.exchange.machine import ContentLengthError, ExchangeError
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11 import writer
from toolkit.sansio.http11.events import (
    ConnectionClosed,
    Data,
    EndOfResponse,
    Informational,
    RequestReceived,
    ResponseHead,
    Signal,
)
from toolkit.sansio.http11.server import ServerConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from toolkit.sansio.http11.events import ServerSent

    Step: TypeAlias = ServerSent | Callable[[ServerConnection], object]

CLOSE = get("/", "Host: a", "Connection: close")
UPGRADE = get("/", "Host: a", "Connection: upgrade", "Upgrade: h2c")
POST = HEAD + b"Content-Length: 5\r\n\r\n"
WAITING = HEAD + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
NEXT = get("/next")


def head(*fields: tuple[str, str], status: int = 200) -> ResponseHead:
    return ResponseHead(status, Headers(fields))


LENGTH = ("Content-Length", "2")
HINTS = Informational(103, Headers({"Link": "</a>"}))
SWITCH = Informational(101, Headers({"Upgrade": "h2c", "Connection": "upgrade"}))
ORDINARY: list[tuple[bytes, ServerSent]] = [
    (get(), head(LENGTH)),
    (get(), head(("X", "caf\xe9"), ("content-length", "02"), ("X", ""))),
    (get(), head(("Content-Length", "0"), status=205)),
    (get(), head(LENGTH, status=500)),
    (get(), head(status=204)),
    (get(), head(("Transfer-Encoding", "chunked"), LENGTH, status=204)),
    (get(), head(status=304)),
    (get(), head(LENGTH, status=304)),
    (get(method="HEAD"), head(LENGTH)),
    (POST, head(LENGTH)),
    (POST + b"hello", head(LENGTH)),
    (UPGRADE, head(LENGTH)),
    (get(), head(LENGTH, ("connection", "close"))),
    (get(version="HTTP/1.0"), head(LENGTH)),
    (CLOSE, head(LENGTH, ("connection", "Keep-Alive"), ("Connection", "Close"))),
    (CLOSE, head(status=204)),
    (WAITING, head(LENGTH)),
    (b"", head(LENGTH)),
]
UNUSUAL: list[tuple[bytes, ServerSent]] = [
    (get(), head()),
    (get(), head(("Transfer-Encoding", "chunked"))),
    (get(), head(("Transfer-Encoding", "Chunked"), status=304)),
    (get(), head(LENGTH, ("connection", "Close"))),
    (get(), head(LENGTH, ("Connection", "x"))),
    (get(), head(LENGTH, ("Connection", "close, x"))),
    (get(), head(LENGTH, ("Connection", "close"), ("Connection", "x"))),
    (get(), head(LENGTH, ("Host", "a"))),
    (get(method="HEAD"), head()),
    (get(version="HTTP/1.0"), head()),
    (CLOSE, head()),
    (CLOSE, head(LENGTH, ("Connection", "x"))),
    (b"", head()),
    (get("a:80", method="CONNECT"), head(status=200)),
    (get("a:80", method="CONNECT"), head(status=204)),
    (get("a:80", method="CONNECT"), head(LENGTH, status=403)),
    (get(), HINTS),
    (UPGRADE, SWITCH),
]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[h11.Connection]:
    """The connections of h11 that were needed."""
    connections: list[h11.Connection] = []
    make = h11.Connection

    def connection(role: type[h11.SERVER]) -> h11.Connection:
        connections.append(make(role))
        return connections[-1]

    monkeypatch.setattr(h11, "Connection", connection)
    return connections


def take(connection: ServerConnection) -> list[object]:
    """The events that come, up to what is no event; or a peer's fault."""
    events: list[object] = []
    try:
        while not isinstance(event := connection.next_event(), Signal | ConnectionClosed):
            events.append(event)
    except RemoteError as error:
        return [*events, str(error)]
    return [*events, event]


@pytest.mark.parametrize(
    ("raw", "event", "by_h11"),
    [(*case, False) for case in ORDINARY] + [(*case, True) for case in UNUSUAL],
)
def test_which_lane_a_response_takes(
    raw: bytes, event: ServerSent, by_h11: bool, made: list[h11.Connection]
) -> None:
    connection = ServerConnection()
    connection.receive_data(raw)
    take(connection)
    connection.send(event)
    assert len(made) == by_h11


def test_the_lanes_change_from_exchange_to_exchange(made: list[h11.Connection]) -> None:
    connection = ServerConnection()
    for count in (1, 2):
        connection.receive_data(get())
        take(connection)
        assert answer(connection) == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        assert take(connection) == [Signal.NEED_DATA]
        connection.receive_data(get())
        take(connection)
        sent = [connection.send(event) for event in (HINTS, head(), Data(b"a"), EndOfResponse())]
        assert sent[2:] == [b"1\r\na\r\n", b"0\r\n\r\n"]
        assert take(connection) == [Signal.NEED_DATA]
        assert len(made) == count


def test_a_response_that_is_not_as_long_as_it_says() -> None:
    connection = ServerConnection()
    connection.receive_data(get() + NEXT)
    take(connection)
    connection.send(head(LENGTH))
    assert connection.send(Data(b"a")) == b"a"
    with pytest.raises(ContentLengthError, match="less"):
        connection.send(EndOfResponse())
    with pytest.raises(ExchangeError, match="trailers"):
        connection.send(EndOfResponse(Headers({"X": "1"})))
    with pytest.raises(ContentLengthError, match="more"):
        connection.send(Data(b"bc"))
    with pytest.raises(ContentLengthError, match="less"):
        connection.send(EndOfResponse())
    assert connection.send(Data(b"b")) == b"b"
    assert connection.send(EndOfResponse()) == b""
    assert isinstance(connection.next_event(), RequestReceived)


def test_a_fault_after_the_head_of_an_ordinary_response_closes() -> None:
    connection = ServerConnection()
    connection.receive_data(CHUNKED)
    take(connection)
    assert connection.send(head(LENGTH)) == b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    connection.receive_data(b"x\r\n" + NEXT)
    [fault] = take(connection)
    assert "chunk" in str(fault)
    assert connection.send(Data(b"hi")) == b"hi"
    connection.send(EndOfResponse())
    assert take(connection) == [Signal.CLOSE]


def test_what_follows_a_request_that_may_switch_is_kept_until_the_response_tells() -> None:
    raw = get("/", "Host: a", "Connection: upgrade, close", "Upgrade: h2c") + b"early"
    connection = ServerConnection()
    connection.receive_data(raw)
    assert take(connection)[-1] is Signal.PAUSED
    connection.send(SWITCH)
    assert take(connection) == [Signal.SWITCHED]
    assert connection.hand_over() == b"early"
    connection = ServerConnection()
    connection.receive_data(raw)
    take(connection)
    connection.send(head(LENGTH))
    assert take(connection) == [Signal.NEED_DATA]


def test_nothing_is_kept_of_what_no_response_will_answer() -> None:
    for last in (head(LENGTH, ("Connection", "close")), None):
        connection = ServerConnection()
        connection.receive_data(get() + NEXT)
        assert take(connection)[-1] is Signal.PAUSED
        if last is None:
            connection.close_soon()
        else:
            connection.send(last)
        assert take(connection) == [Signal.NEED_DATA]


def test_what_else_is_said_of_the_connection_stands_where_it_closes() -> None:
    connection = ServerConnection()
    connection.receive_data(CLOSE)
    take(connection)
    fields = [("Upgrade", "h2c"), ("Connection", "keep-alive, upgrade"), LENGTH]
    assert connection.send(head(*fields, status=426)) == (
        b"HTTP/1.1 426 Upgrade Required\r\n"
        b"Upgrade: h2c\r\nContent-Length: 2\r\nConnection: close\r\nConnection: upgrade\r\n\r\n"
    )


class Status(int, Enum):
    FINE = 200


@pytest.mark.parametrize("fields", [[LENGTH], []])
def test_a_status_of_an_enumeration_is_written_as_a_number(fields: list[tuple[str, str]]) -> None:
    connection = ServerConnection()
    connection.receive_data(get())
    take(connection)
    assert connection.send(head(*fields, status=Status.FINE)).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_status_that_is_no_whole_number_is_not_written() -> None:
    connection = ServerConnection()
    connection.receive_data(get())
    take(connection)
    with pytest.raises(TypeError, match="float"):
        connection.send(head(LENGTH, status=200.0))  # type: ignore[arg-type]  # as an untyped caller may
    assert not connection.response_started


# Both lanes, on whatever is asked and answered.

requests = st.sampled_from(
    [raw for raw, _ in ORDINARY + UNUSUAL] + [CHUNKED, POST + b"he", CHUNKED + b"1\r\na\r\n0\r\n\r\n"]
)
names = st.sampled_from(["X", "set-cookie", "Content-Length", "Transfer-Encoding", "Connection", "Host"])
values = st.sampled_from(
    ["0", "2", "5", "chunked", "Chunked", "close", "Close", "close, x", "keep-alive", "a\r\nb", "é", "€"]
) | st.text(st.characters(max_codepoint=255), max_size=5)
fields = st.lists(st.tuples(names, values) | st.sampled_from([LENGTH, LENGTH, ("X", "1")]), max_size=4)
heads = st.sampled_from(
    [event for _, event in ORDINARY + UNUSUAL if isinstance(event, ResponseHead)]
) | st.builds(
    ResponseHead,
    st.sampled_from([200, 200, 200, 204, 205, 304, 404, 299, 101, 1000]),
    fields.map(Headers.adopt),
    st.sampled_from(["", "", "", "Fine", "d\xe9j\xe0", "a\r\nb"]),
)
contents = st.builds(Data, st.sampled_from([b"hi", b"hi", b"h", b"", b"hello"]))
ends = st.builds(EndOfResponse, st.sampled_from([Headers(), Headers(), Headers({"X-Sum": "1"})]))
responses = st.tuples(heads, st.lists(contents, max_size=2), ends).map(
    lambda parts: [parts[0], *parts[1], parts[2]]
)
others = st.sampled_from(
    [
        HINTS,
        Informational(100),
        SWITCH,
        ServerConnection.close_soon,
        ServerConnection.receive_eof,
        methodcaller("error_response", ServiceUnavailable()),
        *(methodcaller("receive_data", data) for data in (b"hello", b"x", NEXT)),
    ]
)
steps = st.lists(responses | others.map(lambda step: [step]), max_size=5).map(
    lambda parts: list(chain(*parts))
)


def told(raw: bytes, steps: Sequence[Step]) -> list[object]:
    """All that a connection sends and gives, when one does these things."""
    connection = ServerConnection()
    connection.receive_data(raw)
    results = take(connection)
    for step in steps:
        try:
            results.append(step(connection) if callable(step) else connection.send(step))
        except LocalError as error:
            results.append(repr(error))
        results += [*take(connection), repr(connection), connection.is_idle, connection.response_started]
    return results


def never(*_: object) -> bool:
    return False


@given(raw=requests, pipelined=st.sampled_from([b"", NEXT]), steps=steps)
def test_both_lanes_are_the_same_to_whoever_drives_them(
    raw: bytes, pipelined: bytes, steps: list[Step]
) -> None:
    results = told(raw + pipelined, steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "is_ordinary", never)
        assert told(raw + pipelined, steps) == results


texts = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f"), max_size=20)
FRAMING = {"connection", "content-length", "host", "transfer-encoding"}
tokens = st.from_regex(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,12}", fullmatch=True)


@given(
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    status=st.integers(200, 999),
    fields=st.lists(st.tuples(tokens, texts), max_size=5),
    content=st.binary(max_size=20),
)
def test_an_ordinary_response_is_that_of_h11(
    method: str, status: int, fields: list[tuple[str, str]], content: bytes
) -> None:
    lines = [(name, value) for name, value in fields if name.lower() not in FRAMING]
    if status != 204:
        lines.insert(len(lines) // 2, ("Content-Length", str(len(content))))
    raw = get(method=method)
    ours, wire = ServerConnection(), h11.Connection(h11.SERVER)
    ours.receive_data(raw)
    take(ours)
    wire.receive_data(raw)
    assert isinstance(wire.next_event(), h11.Request)
    assert isinstance(wire.next_event(), h11.EndOfMessage)
    sent = [ours.send(event) for event in (ResponseHead(status, Headers(lines), "Fine"), Data(content))]
    sent.append(ours.send(EndOfResponse()))
    response = h11.Response(
        status_code=status,
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines],
        reason="Fine",
    )
    has_content = method != "HEAD" and status not in {204, 304}
    assert sent == [
        wire.send(response),
        wire.send(h11.Data(data=content)) if has_content else b"",
        wire.send(h11.EndOfMessage()),
    ]
    assert wire.our_state is h11.DONE
    assert take(ours) == [Signal.NEED_DATA]
