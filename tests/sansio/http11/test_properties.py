"""Whatever bytes come, in whatever pieces: events or one error, the same for every cut, in linear time."""

from __future__ import annotations

import random
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sansio.http11.corpus import CHUNKED, HEAD, cases, get, valid
from tests.sansio.http11.driving import Fault, Outcome, by_bytes, every_cut, read_responses, serve
from tests.support.timing import assert_linear_in
from toolkit.sansio.errors.base import LimitExceeded, LocalError, RemoteError
from toolkit.sansio.errors.http import ServiceUnavailable
from toolkit.sansio.exchange.machine import ExchangeError
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.errors import MessageError
from toolkit.sansio.http11.events import (
    ConnectionClosed,
    Data,
    EndOfResponse,
    Informational,
    RequestReceived,
    ResponseHead,
    Signal,
)
from toolkit.sansio.http11.incoming import Bound, Incoming
from toolkit.sansio.http11.server import ServerConnection
from toolkit.sansio.limits import ConnectionLimits

SMALL = ConnectionLimits(
    max_request_line=40, max_header_block=60, max_fields=3, max_chunk_extras=10, max_body=20
)

if TYPE_CHECKING:
    from collections.abc import Callable

# Pieces of requests, so that what hypothesis makes of them is often almost one.
words = st.sampled_from([
    b"GET", b"POST", b"HEAD", b"CONNECT", b" ", b" ", b"/", b"*", b"a:80", b"http://a/", b" HTTP/1.1",
    b" HTTP/1.0", b"\r\n",
    b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"Host: a", b"Host:", b"Content-Length: 5", b"Content-Length: 0",
    b"X: 1",
    b"Transfer-Encoding: chunked", b"Connection: close", b"Expect: 100-continue", b"Upgrade: h2c",
    b"hello", b"5", b"0",
    b"0\r\n\r\n", b"5\r\nhello\r\n", b";a=b", b'="\\"', b"\x00", b"\xff", b"\t",
    b"GET / HTTP/1.1\r\nHost: a\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 103 x\r\n\r\n",
])  # fmt: skip
inputs = st.lists(words | st.binary(max_size=8), max_size=25).map(b"".join)
limits = st.sampled_from([ConnectionLimits(), SMALL])


def judged(outcome: Outcome) -> None:
    """An input has a lawful end, and a lawful answer."""
    if isinstance(outcome.end, Fault):
        assert outcome.end.status in {400, 413, 414, 417, 431, 501, 505}
    else:
        assert isinstance(outcome.end, Signal | ConnectionClosed)
    for request in outcome.requests:
        assert request.http_version == "1.0" or len(request.headers.getlist("Host")) == 1


@given(raw=inputs, limits=limits, eof=st.booleans())
def test_any_bytes_to_a_server_in_every_cut(raw: bytes, limits: ConnectionLimits, eof: bool) -> None:
    judged(every_cut(raw, limits=limits, eof=eof))


@given(raw=inputs, limits=limits, eof=st.booleans())
def test_any_bytes_to_a_client_in_every_cut(raw: bytes, limits: ConnectionLimits, eof: bool) -> None:
    judged(every_cut(raw, read_responses, limits=limits, eof=eof))


@given(data=st.data(), raw=st.sampled_from([case.raw for case in cases() if len(case.raw) < 500]))
def test_a_request_with_a_byte_changed(data: st.DataObject, raw: bytes) -> None:
    at = data.draw(st.integers(0, len(raw) - 1))
    changed = raw[:at] + data.draw(st.binary(max_size=2)) + raw[at + 1 :]
    judged(every_cut(changed))


sent = st.sampled_from(
    [
        Informational(100),
        Informational(101, Headers({"Upgrade": "h2c"})),
        Informational(200),
        ResponseHead(200),
        ResponseHead(200, Headers({"Content-Length": "5"})),
        ResponseHead(200, Headers({"Content-Length": "0", "Connection": "close"})),
        ResponseHead(204, Headers({"Content-Length": "0"})),
        ResponseHead(304, Headers({"Transfer-Encoding": "chunked"})),
        ResponseHead(99),
        Data(b"hello"),
        Data(b""),
        EndOfResponse(),
        EndOfResponse(Headers({"X": "1"})),
        EndOfResponse(Headers({"Host": "a"})),
    ]
)
pieces = st.sampled_from([case.raw for case in cases() if len(case.raw) < 500]) | words
others = st.sampled_from(["next", "next", "next", "eof", "error", "soon", "hand over"])
actions = st.lists(
    st.tuples(st.just("receive"), pieces) | st.tuples(st.just("send"), sent) | st.tuples(others, st.none()),
    max_size=40,
)


@given(actions=actions)
def test_whatever_a_driver_does(actions: list[tuple[str, Any]]) -> None:
    """A peer's fault is a `RemoteError` of `next_event`, a driver's a `LocalError` of `send`."""
    connection = ServerConnection()
    for action, value in actions:
        if action == "receive":
            connection.receive_data(value)
        elif action == "send":
            with suppress(LocalError):
                connection.send(value)
        elif action == "next":
            with suppress(RemoteError):
                connection.next_event()
        elif action == "eof":
            connection.receive_eof()
        elif action == "error":
            started = connection.response_started
            answer = connection.error_response(ServiceUnavailable())
            assert (answer == b"") is started
            assert answer[:13] in {b"", b"HTTP/1.1 503 "}
        elif action == "soon":
            connection.close_soon()
        else:
            with suppress(ExchangeError):
                connection.hand_over()


def test_random_cuts_of_a_long_conversation() -> None:
    rng = random.Random(7)  # noqa: S311  # the same cuts every time
    raw = b"".join(case.raw for case in valid() if b"/1.0" not in case.raw and b"CONNECT" not in case.raw)
    expected = serve([raw])
    assert len(expected.requests) > 100
    for _ in range(20):
        cuts = sorted(rng.randrange(len(raw)) for _ in range(rng.choice((1, 10, 1000))))
        edges = pairwise([0, *cuts, len(raw)])
        assert serve([raw[a:b] for a, b in edges]) == expected


# The received bytes.

LINE = Bound("line", 10, 414, "line")


@given(pieces=st.lists(st.binary(max_size=5)), sizes=st.lists(st.integers(0, 7)))
def test_bytes_come_out_as_they_went_in(pieces: list[bytes], sizes: list[int]) -> None:
    incoming, expected = Incoming(), b""
    for piece, size in zip(pieces, sizes, strict=False):
        incoming.add(piece)
        expected += piece
        assert len(incoming) == len(expected)
        assert incoming.starts_with(expected[:3])
        assert incoming.take(size) == expected[:size]
        expected = expected[size:]
        if expected:
            assert incoming.first() == expected[0]
    incoming.clear()
    assert len(incoming) == 0


def test_lines_and_blocks() -> None:
    incoming = Incoming()
    incoming.add(b"one\r\ntwo\r\nthree\r\n\r\n\r\nfour")
    assert incoming.take_line(LINE) == "one\r\n"
    assert incoming.take_block(Bound("block", 20, 431, "block")) == "two\r\nthree\r\n\r\n"
    assert incoming.take_block(LINE) == "\r\n"
    assert incoming.take_line(LINE) is None
    incoming.add(b"\r")
    assert incoming.take_line(LINE, reach=6) is None
    incoming.add(b"\nfive\n")
    assert incoming.take_line(LINE, reach=6) == "four\r\n"
    with pytest.raises(MessageError, match="bare LF"):
        incoming.take_line(LINE)
    incoming.add(b"123456789")
    assert incoming.take_line(LINE) is None
    incoming.add(b"0")
    with pytest.raises(LimitExceeded) as error:
        incoming.take_line(LINE)
    assert (error.value.limit, error.value.maximum, error.value.status) == ("line", 10, 414)


def test_the_bare_lf_that_comes_first_is_the_one_to_blame() -> None:
    raw = get("/", "Host: a", "A: 1", "B: 2\nC: 3", "D: 4\nE: 5")
    assert "'B: 2\\n'" in getattr(every_cut(raw).end, "text", "")


# Time.


WIDE = ConnectionLimits(
    max_request_line=10**7, max_header_block=10**7, max_fields=10**6, max_chunk_extras=10**7
)


def served(raw: bytes, *, piecewise: bool, limits: ConnectionLimits = WIDE) -> Callable[[], object]:
    pieces = by_bytes(raw) if piecewise else [raw]
    return lambda: serve(pieces, limits=limits, eof=False)


@pytest.mark.parametrize("piecewise", [False, True], ids=["whole", "byte by byte"])
@pytest.mark.parametrize(
    ("lead", "unit", "tail"),
    [
        (b"", b"G", b""),
        (b"GET /", b"a", b""),
        (b"GET /", b"%41", b" HTTP/1.1\r\nHost: a\r\n\r\n"),
        (b"GET /?", b"a", b"# HTTP/1.1\r\nHost: a\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", b"X: 1\r\n", b"\r\n"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", b"X:\r\n", b""),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", b"X: 1\r\n", b"bad\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX:", b" \t", b"\x00\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX:", b" a", b" \r\n\r\n"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", b"X", b"\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nHost: ", b"a.", b"\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: ", b"a,", b"\r\n\r\n"),
        (CHUNKED, b"1\r\na\r\n", b""),
        (CHUNKED, b"1;a=b\r\na\r\n", b""),
        (CHUNKED + b"1", b";a=b", b""),
        (CHUNKED + b"1;a=", b'"\\"', b"\r\n"),
        (CHUNKED + b'1;a="', b'\\"', b"\x00\r\n"),
        (CHUNKED + b"0\r\n", b"X: 1\r\n", b"\r\n"),
        (HEAD + b"Content-Length: 1000000\r\n\r\n", b"a", b""),
    ],
)
def test_time_grows_with_the_input(lead: bytes, unit: bytes, tail: bytes, piecewise: bool) -> None:
    size = 500 if piecewise else 20_000
    assert_linear_in(size, lambda size: served(lead + unit * (size // len(unit)) + tail, piecewise=piecewise))


def test_time_grows_with_the_number_of_requests() -> None:
    assert_linear_in(20, lambda count: served(get("/", "Host: a") * count, piecewise=False))


def test_one_byte_chunks_come_as_one_piece() -> None:
    connection = ServerConnection()
    connection.receive_data(CHUNKED + b"1\r\na\r\n" * 1000 + b"0\r\n\r\n")
    assert isinstance(connection.next_event(), RequestReceived)
    event = connection.next_event()
    assert getattr(event, "data", None) == b"a" * 1000


def test_large_chunks_are_not_joined() -> None:
    connection = ServerConnection()
    connection.receive_data(CHUNKED + b"8000\r\n" + bytes(0x8000) + b"\r\n1\r\na\r\n0\r\n\r\n")
    assert isinstance(connection.next_event(), RequestReceived)
    assert connection.next_event() == Data(bytes(0x8000))
    assert connection.next_event() == Data(b"a")
