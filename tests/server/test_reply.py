"""What is kept of a response while it is sent."""

from __future__ import annotations

import pytest

from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.exchange.machine import ContentLengthError
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.events import Data, EndOfResponse, ResponseHead
from toolkit.sansio.http11.server import ServerConnection
from toolkit.server.reply import Reply

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
LARGE = b"x" * 40_000


def reply(request: bytes = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") -> Reply:
    wire = ServerConnection()
    wire.receive_data(request)
    wire.next_event()
    return Reply(wire)


def head(size: int, kind: str = "text/plain") -> ResponseHead:
    fields = {"Content-Length": str(size)} if kind == "text/plain" else {"Content-Type": kind}
    return ResponseHead(200, Headers(fields))


def test_small_pieces_go_out_in_one() -> None:
    sent = reply()
    assert sent.pieces(head(4), Data(b"ab"), Data(b"cd"), EndOfResponse()) == [HEAD % 4 + b"abcd"]
    assert (sent.status, sent.size, sent.begun, sent.has_all) == (200, 4, True, True)


def test_large_ones_are_not_copied() -> None:
    pieces = reply().pieces(head(len(LARGE)), Data(LARGE), EndOfResponse())
    assert pieces == [HEAD % len(LARGE), LARGE]
    assert pieces[1] is LARGE


def test_nothing_follows_what_could_not_be_sent() -> None:
    sent = reply()
    with pytest.raises(ContentLengthError):
        sent.pieces(head(1), Data(b"too long"))
    assert (sent.begun, sent.broken, sent.has_all) == (False, True, False)
    with pytest.raises(LocalError, match="nothing can follow it"):
        sent.pieces(Data(b"x"))


def test_what_has_no_end_of_its_own() -> None:
    events, text = reply(), reply()
    assert not events.is_endless
    events.pieces(head(0, "Text/Event-Stream; charset=utf-8"))
    text.pieces(head(1))
    assert (events.is_endless, text.is_endless) == (True, False)


def test_an_old_client_knows_the_end_by_a_length_or_by_closing() -> None:
    old = b"GET / HTTP/1.0\r\n\r\n"
    events, text = reply(old), reply(old)
    assert not events.ends_by_closing
    events.pieces(head(0, "text/event-stream"))
    text.pieces(head(1))
    assert (events.ends_by_closing, text.ends_by_closing) == (True, False)


def test_it_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "toolkit.access")
    sent = reply()
    sent.log("client", None)
    sent.pieces(head(1), Data(b"x"))
    for _ in range(2):
        sent.log("client", None)
    assert [record.getMessage().rpartition('"')[2] for record in caplog.records] == [" 200 1"]
