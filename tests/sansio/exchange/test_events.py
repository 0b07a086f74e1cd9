from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.timing import assert_linear_in
from toolkit.sansio.errors.base import LimitExceeded
from toolkit.sansio.exchange.events import EventDecoder, ServerSentEvent

# The examples of WHATWG HTML section 9.2.6, what a browser makes of them, and the last event id.
STREAM = b"""data: YHOO
data: +2
data: 10

: test stream

data: first event
id: 1

data:second event
id

data:  third event

"""
EMPTY = b"data\n\ndata\ndata\n\ndata:"


@pytest.mark.parametrize(
    ("event", "sent"),
    [
        (ServerSentEvent("a"), b"data: a\n\n"),
        (ServerSentEvent(""), b"data: \n\n"),
        (ServerSentEvent(" a"), b"data:  a\n\n"),
        (ServerSentEvent("a\r\nb\rc\nd\n"), b"data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"),
        (ServerSentEvent("a\u2028b\x0bc"), "data: a\u2028b\x0bc\n\n".encode()),
        (ServerSentEvent("é", "añadir", id="ü"), "event: añadir\nid: ü\ndata: é\n\n".encode()),
        (ServerSentEvent(id=""), b"id: \n\n"),
        (ServerSentEvent(retry=1500), b"retry: 1500\n\n"),
        (ServerSentEvent(comment=""), b": \n\n"),
        (ServerSentEvent(comment="a\rdata: b"), b": a\n: data: b\n\n"),
        (ServerSentEvent("a", "b", "c", 0, "d"), b": d\nevent: b\nid: c\nretry: 0\ndata: a\n\n"),
    ],
)
def test_what_is_sent(event: ServerSentEvent, sent: bytes) -> None:
    assert event.encode() == sent


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "has data"),
        ({"event": "news"}, "has data"),
        ({"data": "a", "event": ""}, "not empty"),
        ({"data": "a", "event": "a\ndata: b"}, "one line"),
        ({"data": "a", "event": "a\r"}, "one line"),
        ({"data": "a", "id": "1\n\ndata: b"}, "one line"),
        ({"data": "a", "id": "1\0"}, "NUL"),
        ({"retry": -1}, "negative"),
    ],
)
def test_what_cannot_be_sent(fields: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ServerSentEvent(**fields)  # type: ignore[arg-type]


def test_a_lone_surrogate_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        ServerSentEvent("\ud800").encode()


def test_the_examples_of_the_standard() -> None:
    decoder = EventDecoder()
    assert decoder.feed(STREAM) == [
        ServerSentEvent("YHOO\n+2\n10"),
        ServerSentEvent("first event", id="1"),
        ServerSentEvent("second event", id=""),
        ServerSentEvent(" third event", id=""),
    ]
    assert EventDecoder().feed(EMPTY) == [ServerSentEvent(""), ServerSentEvent("\n")]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"\xef\xbb\xbfdata: a\n\n", [ServerSentEvent("a")]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),  # the second one is part of a name
        (b"\n\xef\xbb\xbfdata: a\n\n", []),
        (b"data: a\r\rdata: b\r\n\r\ndata: c\n\r", [ServerSentEvent(text) for text in "abc"]),
        (b"event: x\n\ndata: a\n\n", [ServerSentEvent("a")]),
        (b"event: x\ndata: a\n\ndata: b\n\n", [ServerSentEvent("a", "x"), ServerSentEvent("b")]),
        (b"Data: a\ndata : b\nfoo\n: data: c\n\n", []),
        (b"id: 1\nid: 2\0\ndata: a\n\n", [ServerSentEvent("a", id="1")]),
        (b"data: \xff\n\n", [ServerSentEvent("\ufffd")]),
        (b"data: \xc3\xa9\n\n", [ServerSentEvent("é")]),
        (b"data: broken off\n", []),
    ],
)
def test_what_is_read_in_every_cut(stream: bytes, events: list[ServerSentEvent]) -> None:
    for cut in range(len(stream) + 1):
        decoder = EventDecoder()
        assert decoder.feed(stream[:cut]) + decoder.feed(stream[cut:]) == events
    decoder = EventDecoder()
    assert [event for octet in stream for event in decoder.feed(bytes([octet]))] == events


def test_what_holds_for_the_next_connection() -> None:
    decoder = EventDecoder()
    assert (decoder.last_id, decoder.retry) == (None, None)
    decoder.feed(b"id: 7\nretry: 1500\nretry: 1e3\nretry: -1\nretry:\n")
    assert (decoder.last_id, decoder.retry) == ("7", 1500)


lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"))
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"))


@given(st.lists(st.builds(ServerSentEvent, texts, lines.filter(bool), lines)), st.integers(1, 20))
def test_the_two_are_inverses(events: list[ServerSentEvent], size: int) -> None:
    stream = b"".join(event.encode() for event in events)
    decoder = EventDecoder()
    found = [event for at in range(0, len(stream), size) for event in decoder.feed(stream[at : at + size])]
    assert found == events


@pytest.mark.parametrize("stream", [b"data: 12345", b"data: 1\ndata", b"12345678912"])
def test_an_event_is_limited(stream: bytes) -> None:
    limited = EventDecoder(max_event=10)
    assert limited.feed(stream[:-1]) == []
    with pytest.raises(LimitExceeded, match="max_event"):
        limited.feed(stream[-1:])


def test_what_is_not_held_is_not_limited() -> None:
    limited = EventDecoder(max_event=10)
    assert limited.feed(b": beat\n" * 10 + b"data: 1\n\n" * 10) == [ServerSentEvent("1")] * 10


@pytest.mark.parametrize("piece", [b"data: a\n", b"\r", b": c\n", b"aaaaaaaa", b"data: a\n\n"])
def test_it_is_linear(piece: bytes) -> None:
    def feed(count: int) -> None:
        decoder = EventDecoder(max_event=1 << 30)
        for _ in range(count):
            decoder.feed(piece)

    assert_linear_in(1_000, lambda count: partial(feed, count))
