"""The multipart decoder: what it makes of bodies, in both lanes, at every cut, and within its limits."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import random
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sansio.forms.bodies import BAD, CLIENTS, CLOSE, ODD, field, file, part
from tests.sansio.forms.cutting import (
    at,
    by_bytes,
    every_cut,
    general,
    in_fast_lane,
    merged,
    outcome,
    random_cuts,
)
from tests.support.timing import assert_linear_in
from toolkit.sansio.errors.base import (
    IncompleteForm,
    LimitExceeded,
    LocalError,
    MalformedForm,
    UnsupportedCharset,
)
from toolkit.sansio.forms import multipart, plain
from toolkit.sansio.forms.events import Field, FileData, FileEnd, FileStart, FormEvent
from toolkit.sansio.forms.multipart import MultipartDecoder
from toolkit.sansio.limits import FormLimits

if TYPE_CHECKING:
    from collections.abc import Callable

B = partial(MultipartDecoder, "B")
GENERAL = partial(general, "B")
BODIES = {**CLIENTS, **ODD, **{name: case[0] for name, case in BAD.items()}}


def decode(body: bytes, **limits: int) -> list[FormEvent]:
    decoder = MultipartDecoder("B", limits=FormLimits(**limits))
    events = decoder.feed(body)
    decoder.finish()
    return events


def told(body: bytes) -> list[tuple[str, ...]]:
    """The names and the texts of a form's fields, the names and the file names of its files."""
    parts: list[tuple[str, ...]] = []
    for event in decode(body):
        if isinstance(event, Field):
            parts.append((event.name, event.text))
        elif isinstance(event, FileStart):
            parts.append((event.name, event.filename, event.content_type))
    return parts


# -- what it makes of what clients send ----------------------------------------------------------------


def test_a_form() -> None:
    body = field("a", b"1") + file("f", "x.txt", b"hello", "text/html") + field("b", b"") + CLOSE
    assert decode(body) == [
        Field("a", b"1"),
        FileStart("f", "x.txt", "text/html"),
        FileData(b"hello"),
        FileEnd(5),
        Field("b", b""),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("empty", []),
        ("fields", [("a", "1"), ("b", ""), ("a", "2\r\n3")]),
        (
            "files",
            [("f", "a.txt", "text/plain"), ("x", "1"), ("f", "b.txt", "text/plain"), ("f", "", "text/plain")],
        ),
        ("chrome", [("é", "1"), ("f", 'ü" \r\n.txt', "text/plain"), ('a"b\r\n%41', "1")]),
        ("firefox 3", [("f", 'say "hi" \\o/ 100%22', "text/plain")]),
        (
            "internet explorer",
            [("f", "C:\\dir\\file.txt", "text/plain"), ("f", "\\\\host\\dir\\", "text/plain"), ("a\\", "1")],
        ),
        ("aiohttp", [("a", "é"), ("f", "a.png", "image/png")]),
        ("axios", [("user[name]", "1"), ("f", "ü.png", "image/png"), ("f", "a", "application/octet-stream")]),
        ("requests", [("f", "ü €.txt", "application/octet-stream"), ("g", "b", "text/plain")]),
        ("okhttp", [("a", "1"), ("f", "a", "image/png")]),
        (".NET", [("a", "1"), ("f", "ü.txt", "application/octet-stream")]),
        ("java", [("a", "1"), ("f", "x", "text/plain")]),
        ("filename first", [("f", "a", "application/octet-stream")]),
        ("empty content", [("a", ""), ("f", "x", "a/b")]),
        ("_charset_", [("_charset_", "ISO-8859-1"), ("a", "é")]),
        ("charset", [("a", "é"), ("b", "é")]),
        ("empty charsets", [("_charset_", " "), ("a", "é"), ("_charset_", "latin1"), ("b", "é")]),
    ],
)
def test_clients(name: str, expected: list[tuple[str, ...]]) -> None:
    assert told(CLIENTS[name]) == expected


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_stay_in_the_fast_lane(name: str) -> None:
    decoder = B()
    decoder.feed(CLIENTS[name])
    decoder.finish()
    assert in_fast_lane(decoder)


@pytest.mark.parametrize("name", ODD)
def test_odd_bodies_go_to_the_general_lane(name: str) -> None:
    decoder = B()
    decoder.feed(ODD[name])
    decoder.finish()
    assert not in_fast_lane(decoder)


def test_odd_bodies() -> None:
    assert told(CLIENTS["preamble"]) == [("a", "1")]
    assert told(ODD["padding"]) == [("a", "1"), ("f", "x", "text/plain")]
    assert told(ODD["folded"]) == [("a", "1"), ("b", "1")]
    assert told(ODD["base64"]) == [("a", "MQ==")]


def test_headers_are_those_received() -> None:
    (event,) = decode(part('X: 1\ncontent-disposition: form-data; name="a"\nX: 2') + CLOSE)
    assert isinstance(event, Field)
    assert event.headers.raw == b'X: 1\r\ncontent-disposition: form-data; name="a"\r\nX: 2'
    assert event.headers.get_all("x") == ["1", "2"]


# -- cuts and lanes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BODIES)
def test_every_cut_of_everything_in_both_lanes(name: str) -> None:
    body = BODIES[name]
    expected = every_cut(B, body)
    assert every_cut(GENERAL, body) == expected


def test_random_cuts() -> None:
    rng = random.Random(7578)  # noqa: S311  # cuts are no secret
    expected = {name: outcome(B, [body]) for name, body in BODIES.items()}
    rounds = 100_000 // len(BODIES) + 1
    for name, body in BODIES.items():
        random_cuts(B, body, rng, times=rounds, expected=expected[name])


_ATOMS = st.sampled_from(
    [
        b"--B", b"\r\n--B",
        b"\r\n", b"\r", b"\n", b"--", b"-", b" ", b"\t", b":", b";", b'"', b"\\", b"%22", b"=",
        b"a", b"\xff", b"\0", b"\r\n\r\n", b"--B\r\n", b"X: y", b"; filename*=utf-8''x",
        b'Content-Disposition: form-data; name="a"', b'content-disposition: form-data; name=b; filename="c"',
        b"Content-Type: text/plain", b"Content-Length: 1", field("a"), file("f", "g"), CLOSE,
    ]
)  # fmt: skip
SOUP = st.lists(_ATOMS, max_size=14).map(b"".join)
LIMITS = st.builds(
    FormLimits,
    max_body=st.sampled_from([40, 200, 10_000]),
    max_form_memory=st.sampled_from([60, 300, 10_000]),
    item_cost=st.sampled_from([0, 50]),
    max_items=st.sampled_from([0, 1, 2, 9]),
    max_files=st.sampled_from([0, 1, 9]),
    max_file_size=st.sampled_from([None, 0, 5]),
    max_files_size=st.sampled_from([None, 0, 8]),
    max_part_headers=st.sampled_from([1, 2, 8]),
    max_part_header_size=st.sampled_from([20, 70, 4096]),
    max_preamble=st.sampled_from([0, 5, 1024]),
)


@given(SOUP, LIMITS, st.lists(st.integers(0, 200), max_size=4))
def test_lanes_and_cuts_agree_on_anything(body: bytes, limits: FormLimits, cuts: list[int]) -> None:
    make = partial(MultipartDecoder, "B", limits=limits)
    expected = outcome(make, [body])
    assert outcome(partial(general, "B", limits=limits), [body]) == expected
    assert outcome(make, at(body, [cut % (len(body) + 1) for cut in cuts])) == expected
    assert outcome(make, (body[i : i + 1] for i in range(len(body)))) == expected


def test_a_chunk_that_ends_in_a_delimiter_adds_nothing_to_the_file() -> None:
    body = file("f", "a", b"content") + b"--B--"
    start = body.index(b"\r\n--B--")
    for cut in range(start, len(body)):
        events = merged(B().feed(body[:cut]))
        assert events[:2] == (FileStart("f", "a", "text/plain"), FileData(b"content"))
        assert events[2:] in ((), (FileEnd(7),))


LONG = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
LONG_DELIMITER = f"\r\n--{LONG}".encode()


def long_file(content: bytes) -> bytes:
    """A file, before and after a field, between delimiters that are longer than most pieces."""
    return (field("a") + file("f", "x", content) + field("b") + CLOSE).replace(b"--B", LONG_DELIMITER[2:])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        LONG_DELIMITER[:-1],
        LONG_DELIMITER[:5] + LONG_DELIMITER[:-1] + b"x",
        b"\r" * 50,
        b"\r\n" * 25,
        b"x" * 50 + LONG_DELIMITER[:9],
    ],
)
def test_content_that_resembles_a_delimiter_at_every_two_cuts(content: bytes) -> None:
    body = long_file(content)
    make = partial(MultipartDecoder, LONG)
    expected = every_cut(make, body)
    assert expected == every_cut(partial(general, LONG), body)
    start = body.index(b"text/plain") + 10
    places = range(start, start + len(content) + len(LONG_DELIMITER) + 10)
    for first in places:
        for second in places[first - start :: 3]:
            assert outcome(make, at(body, [first, second])) == expected, (first, second)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_what_is_kept_between_chunks(kind: Callable[[bytes], bytes]) -> None:
    """Of content nothing but what may begin a delimiter, even if that is all of the chunk."""
    for end in range(len(LONG_DELIMITER)):
        for before in (b"", b"x", b"x" * 100):
            decoder = MultipartDecoder(LONG)
            decoder.feed(long_file(b"content").split(b"content", maxsplit=1)[0] + b"y")
            events = decoder.feed(kind(before + LONG_DELIMITER[:end]))
            assert events == ([FileData(before)] if before else [])
            assert decoder.feed(kind(b"")) == []
            after = decoder.feed(kind(b"\r\n" + b"z" * 100))
            assert merged(after) == (FileData(LONG_DELIMITER[:end] + b"\r\n" + b"z" * 100),)


def test_the_limit_on_the_body_wherever_it_is() -> None:
    body = long_file(b"abc\r\n--def" * 5)
    for maximum in range(len(body)):
        limits = FormLimits(max_body=maximum)
        result = every_cut(partial(MultipartDecoder, LONG, limits=limits), body, pairs=False)
        assert result == outcome(partial(general, LONG, limits=limits), [body])
        assert result.error[2:5] == ("max_body", maximum, maximum + 1)
        assert result.error[7] == maximum


def test_the_limit_on_the_body_between_chunks_of_content() -> None:
    decoder = MultipartDecoder("B", limits=FormLimits(max_body=200))
    decoder.feed(file("f", "a", b"x")[:-2])
    room = 200 - len(file("f", "a", b"x")[:-2])
    assert decoder.feed(b"y" * room) == [FileData(b"y" * room)]
    with pytest.raises(LimitExceeded) as caught:
        decoder.feed(b"y")
    assert (caught.value.offset, caught.value.part, caught.value.name) == (200, 1, "f")
    for call in (partial(decoder.feed, b"y"), partial(decoder.feed, b""), decoder.finish):
        with pytest.raises(LocalError):
            call()


def test_an_interrupt_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    decoder = B()
    monkeypatch.setattr(multipart, "make_event", interrupt)
    with pytest.raises(KeyboardInterrupt):
        decoder.feed(CLIENTS["fields"])
    with pytest.raises(LocalError):
        decoder.feed(b"")


# -- what it is fed --------------------------------------------------------------------------------------


def test_kinds_of_bytes() -> None:
    body = CLIENTS["files"]
    expected = decode(body)
    for kind in (bytearray, memoryview):
        assert B().feed(kind(body)) == expected
    assert B().feed(type("Sub", (bytes,), {})(body)) == expected
    for wrong in ("text", 5, None, [1]):
        with pytest.raises(TypeError):
            B().feed(wrong)  # type: ignore[arg-type]


def test_a_buffer_may_change_after_it_was_fed() -> None:
    buffer = bytearray(file("f", "a", b"con"))[:-2]
    decoder = B()
    events = decoder.feed(buffer)
    buffer[:] = b"x" * len(buffer)
    events += decoder.feed(b"tent\r\n--B--")
    assert merged(events) == (FileStart("f", "a", "text/plain"), FileData(b"content"), FileEnd(7))


def test_a_chunk_that_is_content_is_passed_on_as_it_is() -> None:
    for decoder in (B(), GENERAL()):
        decoder.feed(file("f", "a", b"x")[:-2])
        chunk = b"y" * 1000
        (event,) = decoder.feed(chunk)
        assert isinstance(event, FileData)
        assert event.data is chunk or not in_fast_lane(decoder)


def test_the_end() -> None:
    decoder = B()
    decoder.feed(CLIENTS["fields"])
    decoder.finish()
    with pytest.raises(LocalError):
        decoder.feed(b"")
    with pytest.raises(LocalError):
        decoder.finish()


@pytest.mark.parametrize("make", [B, GENERAL])
def test_after_an_error(make: partial[MultipartDecoder]) -> None:
    decoder = make()
    with pytest.raises(MalformedForm):
        decoder.feed(b"--Bx")
    with pytest.raises(LocalError):
        decoder.feed(b"")
    with pytest.raises(LocalError):
        decoder.finish()


# -- bad input --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BAD)
def test_bad_bodies(name: str) -> None:
    body, reason, offset, number, control = BAD[name]
    with pytest.raises((MalformedForm, IncompleteForm, UnsupportedCharset)) as caught:
        decode(body)
    error = caught.value
    assert (error.reason, error.offset, error.part, error.name) == (reason, offset, number, control)
    kinds = {"the closing": IncompleteForm, "the first": IncompleteForm, "charset": UnsupportedCharset}
    assert type(error) is next(
        (kind for start, kind in kinds.items() if reason.startswith(start)), MalformedForm
    )
    assert error.status == (415 if isinstance(error, UnsupportedCharset) else 400)


def test_every_prefix_is_incomplete() -> None:
    for body in (CLIENTS["files"], CLIENTS["preamble"], ODD["padding"]):
        end = body.index(b"--B--") + 5
        for cut in range(end):
            with pytest.raises(IncompleteForm):
                decode(body[:cut])
        decode(body[:end])


@pytest.mark.parametrize("boundary", ["", b"", "é", b"\xff", "a b ", 'quote"', "line\r\n", "\ud800"])
def test_bad_boundaries(boundary: str | bytes) -> None:
    with pytest.raises(MalformedForm):
        MultipartDecoder(boundary)


def test_long_boundaries() -> None:
    MultipartDecoder("b" * 70)
    with pytest.raises(LimitExceeded) as caught:
        MultipartDecoder("b" * 71)
    assert (caught.value.limit, caught.value.maximum, caught.value.actual) == ("max_boundary", 70, 71)


# -- limits ----------------------------------------------------------------------------------------------

LIMITED = field("a", b"12") + file("f", "x", b"abc") + field("b", b"3") + file("g", "y", b"defg") + CLOSE


@pytest.mark.parametrize(
    ("limit", "least", "where"),
    [
        ("max_body", len(LIMITED), (None, 4, None)),
        ("max_items", 4, (199, 4, None)),
        ("max_files", 2, (199, 4, "g")),
        ("max_file_size", 4, (199, 4, "g")),
        ("max_files_size", 7, (199, 4, "g")),
        ("max_part_headers", 2, (53, 2, None)),
        ("max_part_header_size", 80, (53, 2, None)),
    ],
)
def test_limits(limit: str, least: int, where: tuple[int | None, int, str | None]) -> None:
    limits = FormLimits(item_cost=0)
    expected = decode(LIMITED)
    assert decode(LIMITED, **{limit: least}) == expected
    tight = replace(limits, **{limit: least - 1})
    with pytest.raises(LimitExceeded) as caught:
        MultipartDecoder("B", limits=tight).feed(LIMITED)
    error = caught.value
    offset, number, name = where
    assert (error.limit, error.maximum, error.actual, error.status) == (limit, least - 1, least, 413)
    assert (error.offset, error.part, error.name) == (least - 1 if offset is None else offset, number, name)
    assert every_cut(partial(B, limits=tight), LIMITED) == every_cut(partial(GENERAL, limits=tight), LIMITED)


@pytest.mark.parametrize(
    ("sizes", "limit"), [((2, 7), "max_file_size"), ((3, 6), "max_files_size"), ((2, 6), "max_file_size")]
)
def test_of_the_limits_on_files_the_one_reached_first(sizes: tuple[int, int], limit: str) -> None:
    tight = FormLimits(max_file_size=sizes[0], max_files_size=sizes[1])
    body = file("f", "x", b"12") + file("g", "y", b"12") + file("h", "z", b"abcdefgh") + CLOSE
    expected = every_cut(partial(B, limits=tight), body)
    assert expected == every_cut(partial(GENERAL, limits=tight), body)
    assert limit in expected.error


def test_memory_counts_everything_that_is_kept() -> None:
    body = field("a", b"12") + file("f", "x", b"abc" * 100) + CLOSE
    kept = body.index(b"abc") + 2  # nothing of the file's content, and a CRLF before the first delimiter
    decode(body, max_form_memory=kept + 200, item_cost=100)
    for maximum, cost, number, name in (
        (kept + 199, 100, 2, "f"),
        (kept, 0, 0, ""),
        (kept - 1, 0, 2, "f"),
        (99, 100, 1, "a"),
    ):
        limits = FormLimits(max_form_memory=maximum, item_cost=cost)
        for make in (B, GENERAL):
            result = outcome(partial(make, limits=limits), [body])
            assert result.error[2:3] + result.error[8:] == (
                ("max_form_memory", number, name) if number else ()
            )


def test_limits_are_reached_before_the_content_is_kept() -> None:
    decoder = MultipartDecoder("B", limits=FormLimits(max_form_memory=1000, item_cost=0))
    decoder.feed(field("a", b"x" * 900)[:-2])
    with pytest.raises(LimitExceeded):
        decoder.feed(b"x" * 100_000)
    assert len(decoder._value) < 1000


def test_many_small_fields_are_limited_together() -> None:
    body = b"".join(field(f"f{i}", b"x" * 200_000) for i in range(6)) + CLOSE
    with pytest.raises(LimitExceeded):
        decode(body)


def test_so_few_bytes_that_no_limit_matters() -> None:
    least = field("", b"")
    count = multipart._HARMLESS // len(least) + 1
    events = decode(least * count + CLOSE)
    assert len(events) == count
    assert every_cut(GENERAL, least * count + CLOSE, pairs=False).events == tuple(events)


@pytest.mark.parametrize("before", [b"", b"\r\n", b"Hello!\r\n", b"x", b"--Bx\r\n"])
@pytest.mark.parametrize(
    "parts",
    [
        file("f", "x", b"0123456789" * 1000)[:-2],
        field("a") + file("f", "x", b"0123456789" * 1000) + field("b"),
        field("a", b"0123456789" * 1000),
        part("X: y\nContent-Disposition: form-data; name=a", b"0123456789" * 1000) + field("b"),
        b"--B--" + b"x" * 10_000,
    ],
)
def test_a_large_first_chunk(before: bytes, parts: bytes) -> None:
    body = before + parts + (b"" if parts.endswith(b"x") else b"\r\n" * (parts[-1:] == b"9") + CLOSE)
    assert len(body) > multipart._SMALL
    expected = outcome(GENERAL, [body])
    for cut in (0, 1, 5, 60, 5000, 10_000, len(body)):
        assert outcome(B, [body[:cut], body[cut:]]) == expected


def test_the_preamble() -> None:
    body = b"x" * 1000 + b"\r\n" + field("a") + CLOSE
    assert decode(body, max_preamble=1002) == [Field("a", b"1")]
    tight = FormLimits(max_preamble=1001)
    with pytest.raises(LimitExceeded) as caught:
        MultipartDecoder("B", limits=tight).feed(body)
    assert (caught.value.limit, caught.value.offset, caught.value.part) == ("max_preamble", 1001, 0)
    every_cut(partial(B, limits=tight), body)


def test_the_memo_of_names_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_MAX_NAMES", 3)
    plain.NAMES.clear()
    names = [f"n{i}" for i in range(10)] + ["x" * 500, "_charset_"]
    body = b"".join(field(name, b"utf-8") for name in names) + CLOSE
    assert [event.name for event in decode(body) if isinstance(event, Field)] == names
    assert 1 <= len(plain.NAMES) <= 3
    assert all(len(head) <= plain._MAX_NAME for head in plain.NAMES)


# -- time and memory ---------------------------------------------------------------------------------------


def test_memory_is_constant_for_ten_gigabytes() -> None:
    command = [sys.executable, "-m", "tests.sansio.forms.ten_gigabytes"]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    allocated, grown = map(int, result.stdout.split())
    assert allocated <= 512 * 1024
    assert grown <= 8 * 1024 * 1024


def test_memory_for_what_is_cut_into_bytes() -> None:
    body = field("a", b"x" * 100_000)[:-2]
    tracemalloc.start()
    try:
        decoder = B()
        for i in range(len(body)):
            decoder.feed(body[i : i + 1])
        assert tracemalloc.get_traced_memory()[1] <= 512 * 1024
    finally:
        tracemalloc.stop()


UNLIMITED = FormLimits(
    max_body=1 << 40,
    max_form_memory=1 << 40,
    max_items=1 << 40,
    max_files=1 << 40,
    max_part_headers=1 << 40,
    max_part_header_size=1 << 40,
    max_preamble=1 << 40,
)
NASTY: dict[str, Callable[[int], bytes]] = {
    "CR": lambda n: file("f", "a", b"\r" * n) + CLOSE,
    "CRLF": lambda n: file("f", "a", b"\r\n" * (n // 2)) + CLOSE,
    "near delimiters": lambda n: file("f", "a", b"\r\n--" * (n // 4)) + CLOSE,
    "dashes": lambda n: file("f", "a", b"-" * n) + CLOSE,
    "tiny fields": lambda n: field("a", b"") * (n // 52) + CLOSE,
    "tiny odd parts": lambda n: part("X: y\nContent-Disposition: form-data; name=a") * (n // 400) + CLOSE,
    "one long head": lambda n: field("a" * n) + CLOSE,
    "many header lines": lambda n: (
        part("X: y\n" * (n // 40) + "Content-Disposition: form-data; name=a") + CLOSE
    ),
    "long parameters": lambda n: (
        part("Content-Disposition: form-data; name=a" + '; b="\\"' * (n // 64)) + CLOSE
    ),
    "backslashes": lambda n: part('Content-Disposition: form-data; name=a; b="' + "\\" * n + '"') + CLOSE,
    "folds": lambda n: part("Content-Disposition: form-data;" + "\n " * (n // 400) + " name=a") + CLOSE,
    "preamble": lambda n: b"-" * n + b"\r\n" + field("a") + CLOSE,
    "padding": lambda n: b"--B" + b" " * n + b"\r\n" + field("a")[5:] + CLOSE,
    "spaces": lambda n: part("Content-Disposition: form-data;" + " " * n + "; name=a") + CLOSE,
}

HEADS = {"one long head", "many header lines", "long parameters", "backslashes", "folds", "padding", "spaces"}


@pytest.mark.parametrize("name", NASTY)
def test_time_is_linear(name: str) -> None:
    # A head in progress is bounded by its limit, which is lifted here; so heads come whole.
    chunk = 1 << 30 if name in HEADS else 65536

    def run(body: bytes, make: partial[MultipartDecoder]) -> None:
        decoder = make()
        for start in range(0, len(body), chunk):
            decoder.feed(body[start : start + chunk])
        try:
            decoder.finish()
        except IncompleteForm:  # pragma: no cover
            raise AssertionError from None

    size = 60_000
    make = partial(MultipartDecoder, "B", limits=UNLIMITED)
    call: Callable[[bytes], object] = partial(run, make=make)
    try:
        call(NASTY[name](size))
    except MalformedForm:
        call = partial(_outcome_of, make)
    assert_linear_in(size, lambda size: partial(call, NASTY[name](size)))


@pytest.mark.parametrize("line", [b"", b"-", b"--", b"\r"], ids=repr)
def test_time_of_heads_that_come_byte_by_byte_is_linear(line: bytes) -> None:
    def run(size: int) -> None:
        decoder = MultipartDecoder("B", limits=FormLimits(max_part_header_size=1 << 16))
        for octet in b"--B\r\nA: b\r\n%s" % line:
            decoder.feed(bytes((octet,)))
        for _ in range(size):
            decoder.feed(b"x")

    assert_linear_in(1_000, lambda size: partial(run, size))


def test_many_lines_of_a_head_are_not_waited_for() -> None:
    decoder = MultipartDecoder("B")
    decoder.feed(b"--B\r\n" + b"a:\r\n" * 9)
    assert in_fast_lane(decoder)
    decoder.feed(b"a:\r\n")
    assert not in_fast_lane(decoder)
    with pytest.raises(LimitExceeded):
        decoder.feed(b"\r\n\r\n")


def test_nothing_in_the_middle_of_anything() -> None:
    body = field("a", b"a value") + file("f", "x", b"content") + CLOSE
    whole = outcome(B, [body])
    assert outcome(B, [piece for octet in by_bytes(body) for piece in (b"", octet)]) == whole


def _outcome_of(make: partial[MultipartDecoder], body: bytes) -> object:
    return outcome(make, [body])
