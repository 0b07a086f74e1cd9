"""The generic part decoder: mixed, byteranges, and the tolerant grammar."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sansio.forms.cutting import every_cut, merged, outcome
from toolkit.sansio.errors.base import IncompleteForm, LimitExceeded, LocalError, MalformedForm
from toolkit.sansio.forms.events import PartHeaders
from toolkit.sansio.forms.parts import PartData, PartDecoder, PartEnd, PartStart, held_back
from toolkit.sansio.limits import FormLimits

RANGES = (
    b"--B\r\nContent-Type: application/pdf\r\nContent-Range: bytes 500-502/8000\r\n\r\nabc\r\n"
    b"--B\r\nContent-Type: application/pdf\r\nContent-Range: bytes 7000-7001/8000\r\n\r\nxy\r\n--B--"
)
MIXED = (
    b"A preamble.\r\n\r\n--B\r\n\r\nNo header fields, and a line end.\r\n\r\n--B \t\r\n"
    b"Content-Type: text/plain;\r\n charset=us-ascii\r\n\r\n--B\r\n\r\n\r\n--B-- \r\nAn epilogue.\r\n--B\r\n"
)


def test_byteranges() -> None:
    result = every_cut(partial(PartDecoder, b"B"), RANGES)
    assert result.events == (
        PartStart(PartHeaders(b"Content-Type: application/pdf\r\nContent-Range: bytes 500-502/8000"), 1, 0),
        PartData(b"abc"),
        PartEnd(3),
        PartStart(
            PartHeaders(b"Content-Type: application/pdf\r\nContent-Range: bytes 7000-7001/8000"), 2, 78
        ),
        PartData(b"xy"),
        PartEnd(2),
    )


def test_mixed() -> None:
    result = every_cut(partial(PartDecoder, "B"), MIXED)
    assert [type(event) for event in result.events].count(PartEnd) == 3
    assert merged(result.events)[1:3] == (PartData(b"No header fields, and a line end.\r\n"), PartEnd(35))
    folded = result.events[3]
    assert isinstance(folded, PartStart)
    assert folded.headers["content-type"] == "text/plain; charset=us-ascii"


def test_kinds_of_bytes() -> None:
    expected = PartDecoder("B").feed(RANGES)
    assert PartDecoder("B").feed(bytearray(RANGES)) == PartDecoder("B").feed(memoryview(RANGES)) == expected
    with pytest.raises(TypeError):
        PartDecoder("B").feed("text")  # type: ignore[arg-type]


def test_the_end() -> None:
    decoder = PartDecoder("B")
    decoder.feed(RANGES)
    assert decoder.number == 2
    decoder.finish()
    for call in (decoder.finish, partial(decoder.feed, b"")):
        with pytest.raises(LocalError):
            call()


def test_incomplete() -> None:
    for cut in range(len(RANGES)):
        decoder = PartDecoder("B")
        decoder.feed(RANGES[:cut])
        with pytest.raises(IncompleteForm) as caught:
            decoder.finish()
        assert caught.value.offset == cut


def test_after_an_error() -> None:
    decoder = PartDecoder("B")
    with pytest.raises(MalformedForm):
        decoder.feed(b"--Bad")
    with pytest.raises(LocalError):
        decoder.feed(b"")


@pytest.mark.parametrize(
    ("limits", "where"),
    [
        (FormLimits(max_body=20), ("max_body", 20, 1)),
        (FormLimits(max_body=0), ("max_body", 0, 0)),
        (FormLimits(max_items=1), ("max_items", 78, 2)),
        (FormLimits(max_part_headers=1), ("max_part_headers", 0, 1)),
        (FormLimits(max_part_header_size=60), ("max_part_header_size", 0, 1)),
    ],
)
def test_limits(limits: FormLimits, where: tuple[str, int, int]) -> None:
    make = partial(PartDecoder, "B", limits=limits)
    every_cut(make, RANGES)
    with pytest.raises(LimitExceeded) as caught:
        make().feed(RANGES)
    assert (caught.value.limit, caught.value.offset, caught.value.part) == where


def test_padding_is_limited() -> None:
    make = partial(PartDecoder, "B", limits=FormLimits(max_part_header_size=5))
    assert not outcome(make, [b"--B" + b" " * 5 + b"\r\n\r\n\r\n--B--"]).error
    result = every_cut(make, b"--B" + b" " * 6 + b"\r\n\r\n\r\n--B--")
    assert result.error[2] == "max_part_header_size"


def test_the_start_may_be_elsewhere() -> None:
    decoder = PartDecoder("B", offset=1000, part=7)
    (start, *_) = decoder.feed(RANGES)
    assert isinstance(start, PartStart)
    assert (start.number, start.offset) == (8, 1000)


@given(st.lists(st.sampled_from([b"--B", b"\r\n", b"\r", b"\n", b"-", b"x", b"B"]), max_size=8).map(b"".join))
def test_any_preamble(body: bytes) -> None:
    limits = FormLimits(max_preamble=6)
    every_cut(partial(PartDecoder, "B", limits=limits), b"x" * 5 + body, pairs=len(body) < 20)
    every_cut(partial(PartDecoder, "B", limits=limits), body, pairs=len(body) < 20)
    every_cut(partial(PartDecoder, "B"), body + b"\r\n\r\n--B--", pairs=len(body) < 20)


def test_an_interrupt_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = PartDecoder("B")
    with monkeypatch.context() as patch:
        patch.setattr(decoder, "_advance", interrupted)
        with pytest.raises(KeyboardInterrupt):
            decoder.feed(b"--B\r\n")
    with pytest.raises(LocalError):
        decoder.feed(b"--B\r\n")


def interrupted(*_: object) -> int:
    raise KeyboardInterrupt


def test_held_back() -> None:
    delimiter = b"\r\n--B"
    for length in range(len(delimiter)):
        assert held_back(b"x" + delimiter[:length], delimiter) == length
    assert held_back(b"", delimiter) == 0
    assert held_back(b"\r\n-x", delimiter) == 0
    assert held_back(b"\r\r", delimiter) == 1
