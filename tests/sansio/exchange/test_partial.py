from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.errors.http import PreconditionFailed, RangeNotSatisfiable
from toolkit.sansio.exchange.partial import Representation, Selection
from toolkit.sansio.fields.etags import ETag
from toolkit.sansio.fields.parameters import parse_options
from toolkit.sansio.fields.ranges import ContentRange, Range
from toolkit.sansio.forms.parts import PartData, PartDecoder, PartStart
from toolkit.sansio.headers import Headers

CONTENT = bytes(range(256)) * 8
THEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
FILE = Representation(len(CONTENT), "image/png", ETag("v1"), THEN)
VALIDATORS = [("ETag", '"v1"'), ("Last-Modified", "Mon, 06 May 2024 07:08:09 GMT")]


def select(method: str = "GET", **fields: str) -> Selection:
    return FILE.select(method, Headers({name.replace("_", "-"): value for name, value in fields.items()}))


def body(selection: Selection) -> bytes:
    return b"".join(head + CONTENT[start:stop] for head, start, stop in selection.pieces) + selection.tail


def test_all_of_it() -> None:
    selection = select()
    assert selection.status == 200
    assert body(selection) == CONTENT
    assert list(selection.fields) == [
        ("Content-Type", "image/png"),
        ("Content-Length", "2048"),
        ("Accept-Ranges", "bytes"),
        *VALIDATORS,
    ]


def test_without_validators() -> None:
    fields = Representation(0).select("GET", Headers()).fields
    assert [name for name, _ in fields] == ["Content-Type", "Content-Length", "Accept-Ranges"]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-", 100, 2048),
        ("bytes=-5", 2043, 2048),
        ("bytes=-9999", 0, 2048),
        ("bytes=2000-9999", 2000, 2048),
        ("bytes=0-9, 10-19, 5-7", 0, 20),
        ("bytes=5000-, 7-8", 7, 9),
    ],
)
def test_one_range(asked: str, start: int, stop: int) -> None:
    selection = select(Range=asked)
    assert selection.status == 206
    assert body(selection) == CONTENT[start:stop]
    fields = dict(selection.fields)
    assert fields["Content-Range"] == f"bytes {start}-{stop - 1}/2048"
    assert fields["Content-Length"] == str(stop - start) == str(selection.length)
    assert fields["Content-Type"] == "image/png"


@pytest.mark.parametrize("asked", ["lines=1-2", "bytes=5-4", "bytes", "", "bytes=" + "0-1," * 200])
def test_a_range_to_be_ignored(asked: str) -> None:
    assert select(Range=asked).status == 200


def test_a_range_applies_to_get_only() -> None:
    assert select("HEAD", Range="bytes=0-1").status == 200


@pytest.mark.parametrize("asked", ["bytes=2048-", "bytes=9999-99999", "bytes=-0"])
def test_a_range_outside(asked: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as caught:
        select(Range=asked)
    assert caught.value.field_lines() == [("Content-Range", "bytes */2048")]


@pytest.mark.parametrize(
    ("validator", "status"),
    [
        ('"v1"', 206),
        ("Mon, 06 May 2024 07:08:09 GMT", 206),
        ('W/"v1"', 200),
        ('"v2"', 200),
        ("Mon, 06 May 2024 07:08:08 GMT", 200),
        ("nonsense", 200),
    ],
)
def test_if_range(validator: str, status: int) -> None:
    assert select(Range="bytes=5-", If_Range=validator).status == status


def test_preconditions_come_before_ranges() -> None:
    selection = select(Range="bytes=5-", If_None_Match='"v1"')
    assert (selection.status, list(selection.fields), body(selection)) == (304, VALIDATORS, b"")
    with pytest.raises(PreconditionFailed):
        select(Range="bytes=9999-", If_Match='"v2"')


spans = st.tuples(st.integers(0, 2100), st.integers(0, 400)).map(lambda pair: (pair[0], sum(pair)))


@given(st.lists(spans, min_size=1, max_size=6))
def test_any_ranges_give_their_bytes(asked: list[tuple[int, int]]) -> None:
    """Whatever is asked for comes, and what is sent is what its Content-Range says."""
    wanted = {at for first, last in asked for at in range(first, min(last + 1, 2048))}
    try:
        selection = select(Range=str(Range(asked)))
    except RangeNotSatisfiable:
        assert not wanted
        return
    fields = dict(selection.fields)
    content = body(selection)
    assert fields["Content-Length"] == str(len(content)) == str(selection.length)
    parts = [(fields["Content-Range"], content)] if "Content-Range" in fields else several(fields, content)
    sent: list[int] = []
    for place, part in parts:
        where = ContentRange.parse(place)
        assert where.start is not None
        assert where.stop is not None
        assert part == CONTENT[where.start : where.stop]
        sent += range(where.start, where.stop)
    assert wanted <= set(sent)
    assert len(sent) == len(set(sent))


def several(fields: dict[str, str], content: bytes) -> list[tuple[str, bytes]]:
    """The parts of a multipart/byteranges body, read by our own decoder."""
    kind, params = parse_options(fields["Content-Type"])
    assert kind == "multipart/byteranges"
    decoder = PartDecoder(params["boundary"])
    parts: list[tuple[str, bytes]] = []
    for event in decoder.feed(content):
        if isinstance(event, PartStart):
            assert event.headers.get("content-type") == "image/png"
            parts.append((event.headers.get("content-range") or "", b""))
        elif isinstance(event, PartData):
            parts[-1] = (parts[-1][0], parts[-1][1] + event.data)
    decoder.finish()
    assert len(parts) > 1
    return parts


def test_the_boundary_can_be_chosen() -> None:
    selection = FILE.select("GET", Headers({"Range": "bytes=0-1, 1000-1001"}), boundary="B")
    assert dict(selection.fields)["Content-Type"] == "multipart/byteranges; boundary=B"
    assert body(selection) == (
        b"--B\r\nContent-Type: image/png\r\nContent-Range: bytes 0-1/2048\r\n\r\n\x00\x01\r\n"
        b"--B\r\nContent-Type: image/png\r\nContent-Range: bytes 1000-1001/2048\r\n\r\n\xe8\xe9\r\n"
        b"--B--\r\n"
    )
