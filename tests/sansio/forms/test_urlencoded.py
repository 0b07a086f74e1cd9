"""The urlencoded decoder: WHATWG's parser, streamed, within limits."""

from __future__ import annotations

import re
import tracemalloc
from functools import partial
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sansio.forms.cutting import at, by_bytes, every_cut, outcome
from tests.support.timing import assert_linear_in
from toolkit.sansio.errors.base import LimitExceeded, LocalError, UnsupportedCharset
from toolkit.sansio.forms.events import Field
from toolkit.sansio.forms.urlencoded import PairDecoder, UrlencodedDecoder
from toolkit.sansio.limits import FormLimits

ATOMS = [b"&", b"=", b"%", b"+", b"4", b"1", b"a", b"%C3%A9", b"\xff", b"&a=b"]
# Escapes of separators, in either case, and of bytes that are no text; raw bytes of one; backslashes.
ODD = b"%26 %3D %3d %25 %C3 %a9 \xc3 \xa9 %00 \\ \\x41 %2B %%".split()
BODIES = st.lists(st.sampled_from(ATOMS)).map(b"".join)
ODD_BODIES = st.lists(st.sampled_from(ATOMS + ODD)).map(b"".join)


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
    assert pairs(b"%C3%A9", charset="") == pairs(b"%C3%A9", charset=" ") == [("é", "")]
    with pytest.raises(UnsupportedCharset, match="send utf-8"):
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


@given(ODD_BODIES, st.lists(st.integers(0, 60)), st.sampled_from(["utf-8", "latin-1", "cp1252", "ascii"]))
def test_a_run_of_fields_is_read_as_each_of_them_alone(body: bytes, cuts: list[int], charset: str) -> None:
    expected = [pair for piece in body.split(b"&") for pair in pairs(piece, charset=charset)]
    pieces = at(body, [cut % (len(body) + 1) for cut in cuts])
    for chunks in ([body], pieces, list(by_bytes(body))):
        assert pairs(*chunks, charset=charset) == expected
        decoder = PairDecoder(charset=charset)
        assert [pair for chunk in chunks for pair in decoder.feed(chunk)] + decoder.finish() == expected


@given(ODD_BODIES, st.sampled_from(["utf-8", "latin-1"]))
def test_one_field_is_what_the_standard_says(body: bytes, charset: str) -> None:
    name, _, value = (
        re.sub(rb"%([0-9a-fA-F]{2})", lambda match: bytes([int(match[1], 16)]), text.replace(b"+", b" "))
        for text in body.replace(b"&", b"").partition(b"=")
    )
    expected = [(name.decode(charset, "replace"), value.decode(charset, "replace"))]
    assert pairs(body.replace(b"&", b""), charset=charset) == (expected if body.replace(b"&", b"") else [])


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
@pytest.mark.parametrize("kind", [UrlencodedDecoder, PairDecoder])
def test_limits(
    kind: type[UrlencodedDecoder | PairDecoder], limits: FormLimits, where: tuple[str, int, int]
) -> None:
    make = partial(kind, limits=limits)
    every_cut(make, LIMITED)
    with pytest.raises(LimitExceeded) as caught:
        make().feed(LIMITED)
    assert (caught.value.limit, caught.value.offset, caught.value.part, caught.value.name) == (*where, None)


@pytest.mark.parametrize("chunk", [b"&", b"&" * 10_000, b"a&" + b"&" * 10_000 + b"b&"])
def test_separators_are_not_kept(chunk: bytes) -> None:
    """They are charged nothing, and so cost nothing."""
    decoder = PairDecoder()
    tracemalloc.start()
    for _ in range(100_000 if len(chunk) == 1 else 100):
        decoder.feed(chunk)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 100_000
    assert decoder.finish() == [(letter, "") for letter in "ab" * 100 if letter.encode() in chunk]


def test_within_limits() -> None:
    limits = FormLimits(max_body=len(LIMITED), max_items=4, max_form_memory=12, item_cost=0)
    assert len(every_cut(partial(UrlencodedDecoder, limits=limits), LIMITED).events) == 4


@pytest.mark.parametrize("atom", [b"a=1&", b"&", b"%", b"%41", b"%26&%", b"+", b"=", b"a"])
def test_time_is_linear(atom: bytes) -> None:
    limits = FormLimits(max_form_memory=1 << 30, max_items=1 << 30)

    def run(count: int) -> None:
        decoder = UrlencodedDecoder(limits=limits)
        body = atom * count
        for start in range(0, len(body), 4096):
            decoder.feed(body[start : start + 4096])
        decoder.finish()

    assert_linear_in(25_000, lambda count: partial(run, count))
