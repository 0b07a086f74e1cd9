"""The content of a request as one object: counted, decoded, read once."""

from __future__ import annotations

import gzip
import zlib
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from toolkit.sansio.errors.base import LimitExceeded, MalformedHeader, RemoteError, UnsupportedCharset
from toolkit.sansio.errors.http import LengthRequired
from toolkit.sansio.exchange.body import (
    CHUNK,
    ClientDisconnect,
    ContentConsumed,
    InvalidContent,
    RequestBody,
    decode_text,
    validated,
)
from toolkit.sansio.exchange.content import IncompleteContent, MalformedContent, UnsupportedCoding
from toolkit.sansio.exchange.request import Request
from toolkit.sansio.headers import Headers
from toolkit.sansio.limits import BodyLimits, FormLimits

LIMITS = BodyLimits()


def read(body: RequestBody, *chunks: bytes, limits: BodyLimits = LIMITS) -> bytes:
    """Drive it as an adapter does: the last chunk is the last one."""
    pieces = body.open(limits)
    left = list(chunks)
    while body.unread:
        chunk = left.pop(0)
        pieces += body.feed(chunk, more=bool(left))
    return body.keep(pieces)


class TestReading:
    @pytest.mark.parametrize("length", [None, 6])
    def test_all_of_it(self, length: int | None) -> None:
        body = RequestBody(length)
        assert not body.complete
        assert read(body, b"abc", b"", b"def", b"") == b"abcdef"
        assert (body.complete, body.received, body.data) == (True, 6, b"abcdef")

    def test_no_content_needs_no_reading(self) -> None:
        body = RequestBody(0)
        assert body.complete
        assert read(body) == b""

    def test_what_is_kept_can_be_read_again(self) -> None:
        body = RequestBody()
        read(body, b"abc")
        assert read(body) == b"abc"
        assert body.open(LIMITS) == [b"abc"]

    def test_what_nobody_has_begun_to_read_can_be_dropped(self) -> None:
        body = RequestBody(3)
        assert body.drop()
        assert not body.complete
        with pytest.raises(ContentConsumed, match="dropped when the response began"):
            body.open(LIMITS)

    def test_what_has_lost_its_reader_is_dropped(self) -> None:
        body = RequestBody()
        body.open(LIMITS)
        readers: list[object] = [object()]
        body.reader = lambda: readers[0]
        assert not body.drop()
        readers[0] = None
        assert body.drop()

    def test_what_is_being_read_is_not_dropped(self) -> None:
        body = RequestBody(3)
        body.open(LIMITS)
        assert not body.drop()
        body.feed(b"abc", more=False)
        assert body.drop()

    def test_what_is_kept_is_limited_again(self) -> None:
        body = RequestBody()
        read(body, b"abc")
        with pytest.raises(LimitExceeded) as caught:
            body.open(BodyLimits(max_decoded=2))
        assert (caught.value.limit, caught.value.actual) == ("max_decoded", 3)

    def test_a_stream_is_gone(self) -> None:
        body = RequestBody()
        body.open(LIMITS)
        body.feed(b"abc", more=False)
        with pytest.raises(ContentConsumed, match="and not kept"):
            body.open(LIMITS)

    def test_what_has_failed_has_not_come_to_its_end(self) -> None:
        body = RequestBody(3)
        body.open(LIMITS)
        body.check()
        with pytest.raises(IncompleteContent) as first:
            body.feed(b"ab", more=False)
        with pytest.raises(ContentConsumed, match="still cannot") as caught:
            body.check()
        assert caught.value.__cause__ is first.value

    def test_two_readers_at_once(self) -> None:
        body = RequestBody()
        body.open(LIMITS)
        with pytest.raises(ContentConsumed, match="being read"):
            body.open(LIMITS)

    def test_a_failure_stays(self) -> None:
        body = RequestBody(3)
        body.open(LIMITS)
        with pytest.raises(IncompleteContent):
            body.feed(b"ab", more=False)
        assert not body.unread
        assert not body.complete
        with pytest.raises(ContentConsumed) as caught:
            body.open(LIMITS)
        assert isinstance(caught.value.__cause__, IncompleteContent)

    def test_what_is_given_up_is_a_failure(self) -> None:
        body = RequestBody()
        body.open(LIMITS)
        error = KeyboardInterrupt()
        body.give_up(error)
        assert body.drop()
        with pytest.raises(ContentConsumed, match="see the cause") as caught:
            body.open(LIMITS)
        assert caught.value.__cause__ is error

    def test_whoever_leaves_with_an_error_gives_up(self) -> None:
        body = RequestBody()
        body.open(LIMITS)
        with body:
            body.check()
        with pytest.raises(ZeroDivisionError), body:
            raise ZeroDivisionError
        with pytest.raises(ContentConsumed) as caught:
            body.check()
        assert isinstance(caught.value.__cause__, ZeroDivisionError)

    def test_what_was_kept_cannot_be_given_up(self) -> None:
        body = RequestBody()
        read(body, b"abc")
        body.give_up(ValueError())
        assert body.complete
        assert body.open(LIMITS) == [b"abc"]

    def test_a_disconnect(self) -> None:
        body = RequestBody()
        body.open(LIMITS)
        body.fail(ClientDisconnect("gone"))
        assert not body.unread
        with pytest.raises(ContentConsumed):
            body.open(LIMITS)


class TestLength:
    def test_shorter_than_announced(self) -> None:
        with pytest.raises(IncompleteContent, match=r"less content \(2 bytes\) than announced \(3\)"):
            read(RequestBody(3), b"ab")

    def test_longer_than_announced(self) -> None:
        with pytest.raises(MalformedContent, match=r"more content \(4 bytes\) than announced \(3\)"):
            read(RequestBody(3), b"ab", b"cd")

    def test_room(self) -> None:
        body = RequestBody(CHUNK + 10)
        body.open(BodyLimits(max_body=10**9, max_decoded=10**9))
        assert (body.room, body.missing) == (CHUNK, CHUNK + 10)
        body.feed(b"x" * CHUNK, more=True)
        assert (body.room, body.missing) == (10, 10)
        assert (RequestBody().room, RequestBody().missing) == (CHUNK, None)


class TestLimits:
    def test_announced(self) -> None:
        body = RequestBody(11)
        with pytest.raises(LimitExceeded) as caught:
            body.open(BodyLimits(max_body=10))
        assert (caught.value.limit, caught.value.maximum, caught.value.actual) == ("max_body", 10, 11)
        assert read(body, b"x" * 11) == b"x" * 11  # another call may allow more

    @pytest.mark.parametrize("limit", ["max_body", "max_decoded"])
    def test_without_a_length(self, limit: str) -> None:
        body = RequestBody()
        with pytest.raises(LimitExceeded) as caught:
            read(body, b"x" * 6, b"x" * 6, b"", limits=BodyLimits(**{limit: 10}))
        assert (caught.value.limit, caught.value.actual) == (limit, 12)

    def test_decoded(self) -> None:
        body = RequestBody(None, ["gzip"])
        with pytest.raises(LimitExceeded) as caught:
            read(body, gzip.compress(b"x" * 1000), limits=BodyLimits(max_decoded=999))
        assert caught.value.limit == "max_decoded"

    def test_of_a_form(self) -> None:
        body = RequestBody(1000)
        with pytest.raises(LimitExceeded):
            body.open_form(FormLimits(max_body=999), LIMITS)
        assert body.open_form(FormLimits(max_body=10**12), BodyLimits(max_body=1)) == []

    def test_of_a_form_that_are_those_of_any_content(self) -> None:
        limits = FormLimits(max_body=999), BodyLimits(max_body=999, max_decoded=999)
        with pytest.raises(LimitExceeded):
            RequestBody(1000).open_form(*limits)
        assert RequestBody(999).open_form(*limits) == []


class TestCodings:
    def test_are_taken_off(self) -> None:
        packed = gzip.compress(b"hello" * 100)
        body = RequestBody(len(packed), ["gzip"])
        assert read(body, packed[:10], packed[10:]) == b"hello" * 100

    def test_cut_short(self) -> None:
        packed = zlib.compress(b"hello" * 100)[:-4]
        with pytest.raises(IncompleteContent):
            read(RequestBody(len(packed), ["deflate"]), packed)

    def test_unknown(self) -> None:
        body = RequestBody(3, ["br"])
        with pytest.raises(UnsupportedCoding):
            body.open(LIMITS)


class TestOfARequest:
    def test_length_and_codings(self) -> None:
        request = Request("POST", headers={"Content-Length": "37", "Content-Encoding": "gzip"})
        body = RequestBody.of(request, terminated=False)
        assert body.length == 37
        assert (
            read(
                RequestBody.of(Request("POST", headers={"Content-Encoding": "gzip"}), terminated=True),
                gzip.compress(b"a"),
            )
            == b"a"
        )

    def test_codings_after_an_empty_line(self) -> None:
        headers = [("Content-Encoding", ""), ("Content-Encoding", "gzip")]
        body = RequestBody.of(Request("POST", headers=headers), terminated=True)
        assert read(body, gzip.compress(b"a")) == b"a"

    def test_nothing_announced(self) -> None:
        assert RequestBody.of(Request(), terminated=False).length == 0
        assert RequestBody.of(Request(), terminated=True).length is None

    def test_chunked(self) -> None:
        request = Request("POST", headers={"Transfer-Encoding": "chunked"})
        assert RequestBody.of(request, terminated=True).length is None
        with pytest.raises(LengthRequired):
            RequestBody.of(request, terminated=False)

    @pytest.mark.parametrize("terminated", [True, False])
    def test_both(self, terminated: bool) -> None:
        request = Request("POST", headers={"Transfer-Encoding": "chunked", "Content-Length": "3"})
        with pytest.raises(MalformedHeader, match="not together with Content-Length"):
            RequestBody.of(request, terminated=terminated)

    @pytest.mark.parametrize("length", ["-1", "+1", "1_0", "", " 1 2", "0x1", "٣", "1, 2", "9" * 20])
    def test_lengths_that_are_none(self, length: str) -> None:
        request = Request("POST", headers=Headers.adopt([("Content-Length", length)]))
        with pytest.raises(MalformedHeader):
            RequestBody.of(request, terminated=True)


class TestText:
    def test_charsets(self) -> None:
        assert decode_text("é".encode(), None) == "é"
        assert decode_text("é".encode("latin-1"), "iso-8859-1") == "é"
        assert decode_text(b"e", "us-ascii") == "e"

    def test_bytes_outside_the_charset(self) -> None:
        with pytest.raises(MalformedContent, match="byte 1 is not"):
            decode_text(b"a\xff", None)
        with pytest.raises(MalformedContent, match="us-ascii"):
            decode_text(b"a\xff", "us-ascii")

    def test_unknown_charset(self) -> None:
        with pytest.raises(UnsupportedCharset) as caught:
            decode_text(b"a", "utf-7")
        assert caught.value.status == 415


class TestValidators:
    def test_a_value(self) -> None:
        assert validated([1, 2], len) == 2  # type: ignore[arg-type]  # any callable will do

    @pytest.mark.parametrize("error", [ValueError("no"), TypeError("no")])
    def test_a_refusal(self, error: Exception) -> None:
        def refuse(_: object) -> object:
            raise error

        with pytest.raises(InvalidContent, match="no") as caught:
            validated({}, refuse)
        assert caught.value.status == 422
        assert caught.value.reason == "no"
        assert caught.value.__cause__ is error

    def test_a_bug_is_not_a_refusal(self) -> None:
        def bug(value: object) -> object:
            raise KeyError(value)

        with pytest.raises(KeyError):
            validated("x", bug)


@given(
    st.lists(st.binary(max_size=20), min_size=1),
    st.one_of(st.none(), st.integers(0, 100)),
    st.integers(0, 100),
)
def test_it_is_all_there_or_an_error(chunks: list[bytes], length: int | None, maximum: int) -> None:
    """The naive model: all of it came, as long as announced and not too long; or nothing is kept."""
    whole = b"".join(chunks)
    body = RequestBody(length)
    try:
        data = read(body, *chunks, limits=BodyLimits(max_body=maximum))
    except RemoteError:
        assert body.data is None
        assert len(whole) > maximum or length not in {None, len(whole)} or (length or 0) > maximum
    else:
        assert data == whole[: length if length == 0 else None]
        assert len(data) <= maximum


class AnyUse(RuleBasedStateMachine):
    """Any calls in any order: content is read once, whole, or there is an error; what was kept stays."""

    @initialize(length=st.sampled_from([None, 0, 3]))
    def announce(self, length: int | None) -> None:
        self.body = RequestBody(length)
        self.came = b""
        self.pieces: list[bytes] | None = None  # what the one reader has, once there was one
        self.over = False  # whether there can be no reader any more

    @rule(maximum=st.integers(0, 6))
    def open(self, maximum: int) -> None:
        limits = BodyLimits(max_body=maximum, max_decoded=maximum)
        if self.body.data is not None and len(self.came) <= maximum:
            assert self.body.open(limits) == [self.came]
        elif self.body.data is not None:
            with pytest.raises(LimitExceeded):
                self.body.open(limits)
        elif self.pieces is not None or self.over:
            with pytest.raises(ContentConsumed):
                self.body.open(limits)
        elif (self.body.length or 0) > maximum:
            with pytest.raises(LimitExceeded):
                self.body.open(limits)
        else:
            self.pieces = self.body.open(limits)
            self.maximum = maximum

    @precondition(lambda self: self.body.unread)
    @rule(data=st.binary(max_size=3), more=st.booleans())
    def feed(self, data: bytes, more: bool) -> None:
        assert self.pieces is not None
        self.came += data
        size, length = len(self.came), self.body.length
        wrong = size > self.maximum or (
            length is not None and (size > length or (not more and size < length))
        )
        with pytest.raises(RemoteError) if wrong else nullcontext():
            self.pieces += self.body.feed(data, more=more)
        assert self.body.unread is (more and not wrong)
        self.over = wrong

    @precondition(lambda self: self.pieces is not None and not self.over and not self.body.unread)
    @rule()
    def keep(self) -> None:
        assert self.pieces is not None
        assert self.body.keep(self.pieces) == self.came

    @precondition(lambda self: not self.over)
    @rule()
    def give_up(self) -> None:
        """A reader that has all of it gives up nothing."""
        reading = self.body.unread
        self.body.give_up(ZeroDivisionError())
        self.over = self.over or reading

    @precondition(lambda self: not self.over)
    @rule()
    def drop(self) -> None:
        assert self.body.drop() is not self.body.unread
        self.over = self.over or self.pieces is None

    @invariant()
    def it_never_ends_in_silence(self) -> None:
        with pytest.raises(ContentConsumed) if self.over and self.pieces is not None else nullcontext():
            self.body.check()

    @invariant()
    def what_is_kept_is_all_there_is(self) -> None:
        assert self.body.data in (None, self.came)
        assert self.body.data is None or self.body.length in {None, len(self.came)}


TestAnyUse = AnyUse.TestCase
