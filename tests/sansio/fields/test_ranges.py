"""Range, Content-Range and If-Range against the vectors, a naive model of slices, and themselves."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.etags import ETag
from toolkit.sansio.fields.ranges import MAX_POSITION, ContentRange, IfRange, Range, select_ranges

POSITIONS = st.integers(0, 40) | st.integers(0, MAX_POSITION)
RANGES = st.lists(
    st.tuples(POSITIONS, POSITIONS).map(lambda pair: (min(pair), max(pair)))
    | st.tuples(POSITIONS, st.none())
    | st.tuples(st.none(), POSITIONS),
    min_size=1,
    max_size=8,
)
MODIFIED = datetime(1994, 11, 15, 12, 45, 26, tzinfo=timezone.utc)


@each_of("rfc-examples/range.json", "jshttp/range-parser.json")
def test_vectors(case: dict[str, Any]) -> None:
    text, size = case["input"]["header"], case["input"]["size"]
    gap = 0 if case["input"].get("options") else None  # the only option is "combine"
    expected = case["expected"]
    if expected["result"] in ("invalid", "error"):
        with pytest.raises(MalformedHeader):
            Range.parse(text)
        assert select_ranges(text, size) is None
    elif expected["result"] == "unsatisfiable":
        assert Range.parse(text).resolve(size) == select_ranges(text, size) == ()
    elif expected["result"] == "ignore":
        assert select_ranges(text, size) is None
    else:
        spans = Range.parse(text).resolve(size, gap=gap)
        assert [[start, stop - 1] for start, stop in spans] == expected["ranges"]


@given(RANGES, st.sampled_from(["bytes", "items", "X-Unit"]))
def test_a_range_is_read_back(ranges: list[tuple[int | None, int | None]], unit: str) -> None:
    value = Range(ranges, unit)
    assert Range.parse(str(value)) == value
    assert eval(repr(value)) == value  # noqa: S307  # that is what a repr is for


def naive_positions(text: str, length: int) -> set[int]:
    """The positions that are asked for, one by one."""
    found: set[int] = set()
    for spec in text.removeprefix("bytes=").split(","):
        first, last = spec.strip().split("-")
        if not first:
            found |= set(range(max(0, length - int(last)), length))
        else:
            found |= {at for at in range(length) if int(first) <= at and (not last or at <= int(last))}
    return found


@given(RANGES, st.integers(0, 50), st.integers(0, 10))
def test_resolving_finds_the_positions_asked_for(
    ranges: list[tuple[int | None, int | None]], length: int, gap: int
) -> None:
    asked = Range(ranges)
    wanted = naive_positions(str(asked), length)
    apart = asked.resolve(length)
    assert {at for start, stop in apart for at in range(start, stop)} == wanted
    exact = asked.resolve(length, gap=0)
    assert sorted(at for start, stop in exact for at in range(start, stop)) == sorted(wanted)
    joined = sorted(asked.resolve(length, gap=gap))
    assert wanted <= {at for start, stop in joined for at in range(start, stop)}
    assert all(before[1] + gap < after[0] for before, after in pairwise(joined))


@given(st.text() | st.text("bytes=0123456789-, \t", max_size=30).map("bytes=".__add__), st.integers(0, 2000))
def test_any_text_is_ranges_or_ignored(text: str, length: int) -> None:
    spans = select_ranges(text, length)
    for start, stop in spans or ():
        assert 0 <= start < stop <= length


def test_a_suffix_longer_than_all_is_all() -> None:
    assert Range.parse("bytes=-2000").resolve(1000) == ((0, 1000),)


def test_positions_beyond_any_file() -> None:
    assert Range.parse("bytes=0-" + "9" * 5000).resolve(10) == ((0, 10),)
    assert Range.parse("bytes=-" + "9" * 5000).resolve(10) == ((0, 10),)
    assert Range.parse("bytes=" + "9" * 5000 + "-").resolve(10) == ()
    assert Range.parse("bytes=" + "0" * 5000 + "5-").resolve(10) == ((5, 10),)
    assert Range.parse("bytes=" + "0" * 5000 + "-").resolve(10) == ((0, 10),)


def test_too_many_ranges_are_ignored() -> None:
    text = "bytes=" + ",".join(f"{at}-{at}" for at in range(0, 20_000, 200))
    assert len(select_ranges(text, 20_000) or ()) == 100
    assert select_ranges(text + ",0-0", 20_000) is None
    assert select_ranges(text, 20_000, max_ranges=99) is None


def test_near_ranges_are_joined() -> None:
    assert select_ranges("bytes=0-9, 90-99", 1000) == ((0, 100),)
    assert select_ranges("bytes=0-9, 91-99", 1000) == ((0, 10), (91, 100))
    assert select_ranges("bytes=0-9, 90-99", 1000, gap=0) == ((0, 10), (90, 100))


def test_units_compare_without_regard_to_case() -> None:
    assert select_ranges("BYTES=0-4", 10) == ((0, 5),)
    assert select_ranges("items=0-4", 10) is None


@pytest.mark.parametrize(
    ("ranges", "unit"),
    [
        ([], "bytes"),
        ([(None, None)], "bytes"),
        ([(5, 4)], "bytes"),
        ([(-1, 4)], "bytes"),
        ([(None, -4)], "bytes"),
        ([(0, MAX_POSITION + 1)], "bytes"),
        ([(MAX_POSITION + 1, None)], "bytes"),
        ([(0, 1)], "a b"),
    ],
)
def test_a_range_that_cannot_be_sent_is_refused(ranges: list[tuple[int, int]], unit: str) -> None:
    with pytest.raises(ValueError, match="range"):
        Range(ranges, unit)


@pytest.mark.parametrize("half", [2.5, 1.0, True, "1"])  # what arithmetic and carelessness yield
def test_positions_are_ints(half: int) -> None:
    with pytest.raises(TypeError, match="int"):
        Range([(0, half)])
    with pytest.raises(TypeError, match="int"):
        Range([(half, None)])
    with pytest.raises(TypeError, match="int"):
        ContentRange(0, half)


def test_a_range_is_a_value() -> None:
    value = Range([(0, 1)])
    assert value == Range([[0, 1]])  # type: ignore[list-item]  # kept as a tuple all the same
    assert hash(value) == hash(Range([(0, 1)], "BYTES"))
    assert value != Range([(0, 1)], "items")
    assert value != "bytes=0-1"
    assert repr(Range([(0, 1)], "items")) == "Range([(0, 1)], 'items')"


@pytest.mark.parametrize(
    "text", ["", "bytes", "bytes=", "bytes= , ", "=0-1", "b s=0-1", "bytes=0-1,x", "bytes=-", "bytes=2-1"]
)
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(MalformedHeader, match="Range: a range"):
        Range.parse(text)


@given(st.lists(st.sampled_from(["0-1", "5-", "-3", "", " ", "1-0", "-", "9" * 19 + "-", "x", " 2-3\t"])))
def test_members_mean_the_same_wherever_they_stand(members: list[str]) -> None:
    def read(specs: str) -> list[tuple[int | None, int | None]] | None:
        try:
            return [*Range.parse(f"bytes={specs}").ranges]
        except MalformedHeader:
            return None

    alone = [read(member) for member in members if member.strip()]
    expected = [ranges[0] for ranges in alone if ranges] or None
    assert read(",".join(members)) == (None if None in alone else expected)


def test_a_thousand_ranges_are_enough() -> None:
    asked = Range.parse("bytes=" + ",".join(["0-1"] * 1000))
    assert Range.parse(str(asked)) == asked
    with pytest.raises(MalformedHeader, match="more than 1000 ranges"):
        Range.parse(f"{asked}, 0-1")
    with pytest.raises(ValueError, match="not 1001"):
        Range([*asked.ranges, (0, 1)])


def test_a_length_is_not_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        Range([(0, 1)]).resolve(-1)


@pytest.mark.parametrize("unit", ["0-,", "1-2,", "9", ",", "-", "0", " ", "5-4,"])
def test_time_is_linear(unit: str) -> None:
    assert_linear(lambda text: select_ranges(text, 1000, max_ranges=10**9), unit, lead="bytes=")


@each_of("rfc-examples/content-range.json")
def test_content_range_vectors(case: dict[str, Any]) -> None:
    expected = case["expected"]
    if expected["result"] == "error":
        with pytest.raises(MalformedHeader):
            ContentRange.parse(case["input"]["header"])
        return
    value = ContentRange.parse(case["input"]["header"])
    last = None if value.stop is None else value.stop - 1
    assert (value.unit, value.start, last, value.length) == (
        expected["unit"],
        expected["start"],
        expected["end"],
        expected["size"],
    )
    assert str(value) == case["input"]["header"]


@given(st.integers(0, MAX_POSITION - 1), st.data(), st.sampled_from(["bytes", "Items"]))
def test_a_content_range_is_read_back(start: int, data: st.DataObject, unit: str) -> None:
    stop = data.draw(st.integers(start + 1, MAX_POSITION))
    length = data.draw(st.none() | st.integers(stop, MAX_POSITION))
    for value in (ContentRange(start, stop, length, unit), ContentRange(length=start, unit=unit)):
        assert ContentRange.parse(str(value)) == value
        assert eval(repr(value)) == value  # noqa: S307  # that is what a repr is for


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bytes",
        "bytes  0-1/2",
        "bytes=0-1/2",
        "bytes 0-1/ 2",
        "bytes 1-/2",
        "b/s 0-1/2",
        "bytes 0-9/" + "9" * 20,
    ],
)
def test_what_is_no_content_range(text: str) -> None:
    with pytest.raises(MalformedHeader, match="Content-Range"):
        ContentRange.parse(text)


@pytest.mark.parametrize(
    "arguments",
    [(), (0, None), (None, 1), (1, 1), (-1, 1), (0, 2, 1), (0, 2**63), (None, None, -1), (0, 1, 1, "a b")],
)
def test_a_content_range_that_cannot_be_sent_is_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"range|length"):
        ContentRange(*arguments)


@given(
    st.builds(ETag, st.text("abc,*W/", max_size=4), st.booleans())
    | st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001  # aware by zones
)
def test_an_if_range_is_read_back(validator: ETag | datetime) -> None:
    value = IfRange(validator)
    assert IfRange.parse(str(value)) == value


@pytest.mark.parametrize("text", ["", "abc", '"a', "*", '"a", "b"', "Tue, 15 Nov 1994 12:45:26"])
def test_what_is_no_if_range(text: str) -> None:
    with pytest.raises(MalformedHeader):
        IfRange.parse(text)


def test_if_range_needs_strong_validators() -> None:
    assert IfRange(ETag("a")).matches(etag=ETag("a"), last_modified=MODIFIED)
    assert not IfRange(ETag("a")).matches(etag=ETag("b"), last_modified=MODIFIED)
    assert not IfRange(ETag("a", weak=True)).matches(etag=ETag("a", weak=True))
    assert not IfRange(ETag("a")).matches(last_modified=MODIFIED)
    assert IfRange(MODIFIED).matches(etag=ETag("a"), last_modified=MODIFIED + timedelta(milliseconds=999))
    assert not IfRange(MODIFIED).matches(last_modified=MODIFIED + timedelta(seconds=1))
    assert not IfRange(MODIFIED).matches(last_modified=MODIFIED - timedelta(seconds=1))
    assert not IfRange(MODIFIED).matches(etag=ETag("a"))


def test_an_if_range_date_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        IfRange(datetime(1994, 11, 15))  # noqa: DTZ001  # the point
