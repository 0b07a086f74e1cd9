from __future__ import annotations

import gzip
import json
import zlib
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.timing import assert_linear_in
from toolkit.sansio.errors.base import LimitExceeded
from toolkit.sansio.exchange.content import (
    JSON,
    ContentDecoder,
    IncompleteContent,
    MalformedContent,
    UnsupportedCoding,
    parse_json,
)
from toolkit.sansio.limits import BodyLimits

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1024 * 1024


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    "deflate": zlib.compress,
}


def decode(data: bytes, *codings: str, step: int = 1 << 30, limits: BodyLimits | None = None) -> bytes:
    decoder = ContentDecoder(codings, limits=limits or BodyLimits())
    out = [piece for start in range(0, len(data), step) for piece in decoder.feed(data[start : start + step])]
    decoder.finish()
    assert decoder.received == len(data)
    assert decoder.decoded == sum(map(len, out))
    assert all(out)
    return b"".join(out)


@pytest.mark.parametrize("coding", CODINGS)
@given(data=st.binary(max_size=300), step=st.integers(1, 50))
def test_what_was_packed_comes_out(coding: str, data: bytes, step: int) -> None:
    assert decode(CODINGS[coding](data), coding, step=step) == data


@given(data=st.binary(max_size=300), step=st.integers(1, 50))
def test_bare_deflate_is_read_too(data: bytes, step: int) -> None:
    packed = bare_deflate(data)
    if packed[0] & 0x0F != 8:
        assert decode(packed, "deflate", step=step) == data


@given(data=st.binary(max_size=100))
def test_codings_come_off_in_reverse_order(data: bytes) -> None:
    assert decode(gzip.compress(zlib.compress(data)), "deflate", "gzip") == data


def test_several_gzip_members_are_one_content() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two")
    for step in (1, 7, 1000):
        assert decode(packed, "gzip", step=step) == b"one two"


def test_gzip_members_are_limited() -> None:
    limits = BodyLimits(max_members=3)
    assert decode(gzip.compress(b"a") * 3, "gzip", limits=limits) == b"aaa"
    for step in (1, 1000):
        with pytest.raises(LimitExceeded, match="max_members is limited to 3, received at least 4"):
            decode(gzip.compress(b"a") * 4, "gzip", step=step, limits=limits)


def test_empty_members_cost_linear_time() -> None:
    def call(size: int) -> Callable[[], object]:
        return partial(decode, gzip.compress(b"") * size, "gzip", limits=BodyLimits(max_members=size))

    assert_linear_in(2_000, call)


@pytest.mark.parametrize("size", [64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 128 * 1024, MIB])
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_pieces_are_bounded_and_nothing_is_left_inside(size: int, coding: str) -> None:
    limits = BodyLimits(max_ratio=2000)
    decoder = ContentDecoder([coding], limits=limits)
    pieces = decoder.feed(CODINGS[coding](bytes(size)))
    decoder.finish()
    assert sum(map(len, pieces)) == size
    assert max(map(len, pieces)) <= 64 * 1024


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_no_content_at_all_is_whole(coding: str) -> None:
    assert decode(b"", coding) == b""


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_an_empty_chunk_is_no_end(coding: str) -> None:
    assert ContentDecoder([coding]).feed(b"") == []


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_content_that_is_cut_anywhere_is_incomplete(coding: str) -> None:
    packed = CODINGS[coding](b"hello hello hello")
    for end in range(1, len(packed)):
        with pytest.raises(IncompleteContent, match=f"{coding} content ends before its end"):
            decode(packed[:end], coding)


@pytest.mark.parametrize(
    ("coding", "data"), [("gzip", b"hello"), ("deflate", b"\x78\x00x"), ("deflate", b"\xff")]
)
def test_content_in_another_coding_is_malformed(coding: str, data: bytes) -> None:
    with pytest.raises(MalformedContent, match=f"not {coding}") as error:
        decode(data, coding)
    assert error.value.status == 400


def test_bytes_after_the_end_are_malformed() -> None:
    with pytest.raises(MalformedContent, match="goes on"):
        decode(zlib.compress(b"a") + b"more", "deflate")
    with pytest.raises(MalformedContent, match="not gzip"):
        decode(gzip.compress(b"a") + b"more", "gzip")


@pytest.mark.parametrize("codings", [["br"], ["gzip", "zstd"], ["gzip", "gzip", "gzip"], ["gzip;q=1"]])
def test_other_codings_are_refused(codings: list[str]) -> None:
    with pytest.raises(UnsupportedCoding, match="gzip and deflate") as error:
        ContentDecoder(codings)
    assert error.value.status == 415


def test_received_bytes_are_limited() -> None:
    limits = BodyLimits(max_body=10)
    assert decode(b"0123456789", limits=limits) == b"0123456789"
    with pytest.raises(LimitExceeded, match="max_body is limited to 10, received at least 11"):
        decode(b"0123456789a", limits=limits, step=1)


def test_decoded_bytes_are_limited() -> None:
    limits = BodyLimits(max_decoded=10)
    with pytest.raises(LimitExceeded, match="max_decoded"):
        decode(gzip.compress(b"0123456789a"), "gzip", limits=limits)


def test_a_bomb_is_stopped_by_its_ratio_while_it_is_small() -> None:
    packed = gzip.compress(bytes(64 * MIB))
    decoder = ContentDecoder(["gzip"], limits=BodyLimits(max_decoded=1 << 40))
    with pytest.raises(LimitExceeded) as error:
        decoder.feed(packed)
    assert error.value.limit == "max_ratio"
    assert decoder.decoded <= 100 * len(packed) + 64 * 1024


def test_a_ratio_is_forgiven_to_short_content() -> None:
    assert decode(gzip.compress(bytes(60_000)), "gzip") == bytes(60_000)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(value=json_values)
def test_json_round_trip(value: JSON) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'"\xff"', "byte 1"),
        ('"é"'.encode("latin-1"), "UTF-8"),
        ("{}".encode("utf-16"), "UTF-8"),
        (b" \r\n\t", r"Expecting value: line 2 column 2 \(char 4\)"),
        (b"[1] 2", r"Extra data: line 1 column 4 \(char 3\)"),
        (b"[1]\x0b", "Extra data"),
        (b"\x0c[1]", "Expecting value"),
        ("[1]\u2003".encode(), "Extra data"),
        (b"NaN", "NaN is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"[1e999]", "1e999 is more than a float holds"),
        (b"-1" + b"0" * 400 + b".0", "is more than a float holds"),
        (rb'"\ud800"', "half of a surrogate pair"),
        (rb'{"\uDFFF": 1}', "half of a surrogate pair"),
        (b'{"a": 1, "b": 2, "b": 3}', "the name 'b' comes twice"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_what_is_not_json(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedContent, match=reason):
        parse_json(data)


@given(value=json_values, before=st.text(" \t\r\n", max_size=3), after=st.text(" \t\r\n", max_size=3))
def test_json_may_have_whitespace_around_it(value: JSON, before: str, after: str) -> None:
    assert parse_json(f"{before}{json.dumps(value)}{after}".encode()) == value


def test_surrogates_in_pairs_and_small_numbers_are_json() -> None:
    assert parse_json(rb'["\ud83d\ude00", "\\ud800"]') == ["\N{GRINNING FACE}", "\\ud800"]
    assert parse_json(b"[1e308, 1e-999]") == [1e308, 0.0]


def test_an_integer_too_long_for_python_is_malformed() -> None:
    with pytest.raises(MalformedContent, match="not JSON"):
        parse_json(b"1" * 5000)


def test_the_last_of_duplicates_can_be_kept() -> None:
    assert parse_json(b'{"a": 1, "a": 2}', duplicates="last") == {"a": 2}


def test_a_late_duplicate_is_found_in_linear_time() -> None:
    def parse(data: bytes) -> None:
        with pytest.raises(MalformedContent, match="comes twice"):
            parse_json(data)

    def call(size: int) -> Callable[[], object]:
        names = ",".join(f'"{number}":0' for number in range(size))
        return partial(parse, f'{{{names},"{size - 1}":0}}'.encode())

    assert_linear_in(2_000, call)
