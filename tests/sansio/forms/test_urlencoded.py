"""The urlencoded decoder: WHATWG's parser, streamed, within limits."""

from __future__ import annotations

from functools import partial
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sansio.forms.cutting import at, by_bytes, every_cut, outcome
from tests.support.timing import assert_grows
from toolkit.sansio.errors.base import LimitExceeded, LocalError, UnsupportedCharset
from toolkit.sansio.forms.events import Field
from toolkit.sansio.forms.urlencoded import UrlencodedDecoder
from toolkit.sansio.limits import FormLimits

BODIES = st.lists(
    st.sampled_from([b"&", b"=", b"%", b"+", b"4", b"1", b"a", b"%C3%A9", b"\xff", b"&a=b"])
).map(b"".join)


def pairs(*pieces: bytes, charset: str = "utf-8") -> list[tuple[str, str]]:
    decoder = UrlencodedDecoder(charset=charset)
    events = [event for piece in pieces for event in decoder.feed(piece)] + decoder.finish()
    return [(event.name, event.text) for event in events if isinstance(event, Field)]


def test_a_form() -> None:
    assert pairs(b"a=1&b=x+y%21&&c&=d&e=f=g") == [
        ("a", "1"), ("b", "x y!"), ("c", ""), ("", "d"), ("e", "f=g"),
    ]  # fmt: skip


def test_an_escape_may_be_cut() -> None:
    assert pairs(b"a=%4", b"1") == pairs(b"a=%", b"41") == [("a", "A")]
    assert pairs(b"%4") == [("%4", "")]


def test_charset() -> None:
    assert pairs(b"%E9=\xe9", charset="ISO-8859-1") == [("é", "é")]
    assert pairs(b"%E9=\xe9") == [("\ufffd", "\ufffd")]
    with pytest.raises(UnsupportedCharset):
        UrlencodedDecoder(charset="utf-16")


def test_fields_have_no_headers() -> None:
    (event,) = UrlencodedDecoder().feed(b"a=1&")
    assert isinstance(event, Field)
    assert len(event.headers) == 0


@given(BODIES, st.lists(st.integers(0, 60)))
def test_every_cut_gives_what_the_standard_library_gives(body: bytes, cuts: list[int]) -> None:
    expected = outcome(UrlencodedDecoder, [body])
    assert outcome(UrlencodedDecoder, by_bytes(body)) == expected
    assert outcome(UrlencodedDecoder, at(body, [cut % (len(body) + 1) for cut in cuts])) == expected
    assert pairs(body) == parse_qsl(
        body.decode("utf-8", "surrogateescape"), keep_blank_values=True, errors="replace"
    ) or (
        b"\xff" in body  # it takes text: raw bytes are not its business
    )


def test_the_last_field_comes_at_the_end() -> None:
    decoder = UrlencodedDecoder()
    assert decoder.feed(b"a=1&b=2") == [Field("a", b"1", b"")]
    assert decoder.finish() == [Field("b", b"2", b"")]


def test_the_end() -> None:
    decoder = UrlencodedDecoder()
    assert decoder.feed(b"") == decoder.finish() == []
    for call in (decoder.finish, partial(decoder.feed, b"")):
        with pytest.raises(LocalError):
            call()


LIMITED = b"aa=1&&b=22&c&&d=4"


@pytest.mark.parametrize(
    ("limits", "where"),
    [
        (FormLimits(max_body=16), ("max_body", 16, 4)),
        (FormLimits(max_items=3), ("max_items", 14, 4)),
        (FormLimits(max_items=0), ("max_items", 0, 1)),
        (FormLimits(max_form_memory=11, item_cost=0), ("max_form_memory", 14, 4)),
        (FormLimits(max_form_memory=25, item_cost=10), ("max_form_memory", 6, 2)),
        (FormLimits(max_form_memory=5, item_cost=10), ("max_form_memory", 0, 1)),
    ],
)
def test_limits(limits: FormLimits, where: tuple[str, int, int]) -> None:
    make = partial(UrlencodedDecoder, limits=limits)
    every_cut(make, LIMITED)
    with pytest.raises(LimitExceeded) as caught:
        make().feed(LIMITED)
    assert (caught.value.limit, caught.value.offset, caught.value.part, caught.value.name) == (*where, None)


def test_within_limits() -> None:
    limits = FormLimits(max_body=len(LIMITED), max_items=4, max_form_memory=12, item_cost=0)
    assert len(every_cut(partial(UrlencodedDecoder, limits=limits), LIMITED).events) == 4


@pytest.mark.parametrize("atom", [b"a=1&", b"&", b"%", b"%41", b"+", b"=", b"a"])
def test_time_is_linear(atom: bytes) -> None:
    limits = FormLimits(max_form_memory=1 << 30, max_items=1 << 30)

    def run(count: int) -> None:
        decoder = UrlencodedDecoder(limits=limits)
        body = atom * count
        for start in range(0, len(body), 4096):
            decoder.feed(body[start : start + 4096])
        decoder.finish()

    assert_grows(partial(run, 100_000), partial(run, 400_000), 8)  # linear: 4, quadratic: 16
