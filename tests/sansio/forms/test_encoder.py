"""The encoder: what it sends, what it refuses, and that the decoder gives the same events back."""

from __future__ import annotations

from base64 import b64decode
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sansio.forms.cutting import merged
from tests.support import vectors
from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.forms.encoder import (
    DEFAULT_BOUNDARY,
    MultipartEncoder,
    choose_boundary,
    encode_urlencoded,
    normalise_newlines,
)
from toolkit.sansio.forms.events import Field, FileData, FileEnd, FileStart, FormEvent
from toolkit.sansio.forms.multipart import MultipartDecoder
from toolkit.sansio.forms.urlencoded import UrlencodedDecoder

if TYPE_CHECKING:
    from collections.abc import Callable

# What a name cannot hold on the way there and back: other controls, and what looks like an escape.
NAMES = (
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32))) + "\x7f")
    )
    | st.text('a\\"\r\n\t;= é€')
).filter(lambda name: not any(escape in name.upper() for escape in ("%22", "%0D", "%0A")))
TYPES = st.sampled_from(["text/plain", "image/png", 'text/plain; charset="utf-8"', "application/x; a=b"])
FIELDS = st.tuples(NAMES, st.binary()).map(lambda pair: Field(*pair))


@st.composite
def files(draw: st.DrawFn) -> list[FormEvent]:
    pieces = draw(st.lists(st.binary(min_size=1), max_size=4))
    start = FileStart(draw(NAMES), draw(NAMES), draw(TYPES))
    return [start, *map(FileData, pieces), FileEnd(sum(map(len, pieces)))]


FORMS = st.lists(FIELDS.map(lambda field: [field]) | files(), max_size=8).map(
    lambda items: [event for item in items for event in item]
)


def encoded(events: list[FormEvent], boundary: str | None = None) -> bytes:
    encoder = MultipartEncoder(boundary)
    return b"".join(map(encoder.encode, events)) + encoder.finish()


@given(FORMS)
def test_decoding_is_the_inverse(events: list[FormEvent]) -> None:
    decoder = MultipartDecoder(DEFAULT_BOUNDARY)
    decoded = decoder.feed(encoded(events))
    decoder.finish()
    assert merged(decoded) == merged(events)


@given(FORMS)
def test_the_length_is_known_ahead(events: list[FormEvent]) -> None:
    encoder = MultipartEncoder()
    length = len(encoded(events))
    assert encoder.measure(events) == length
    assert encoder.measure([event for event in events if not isinstance(event, FileData)]) == length


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_urlencoded_decoding_is_the_inverse(pairs: list[tuple[str, str]]) -> None:
    try:
        body = encode_urlencoded(pairs)
    except UnicodeEncodeError:
        return
    decoder = UrlencodedDecoder()
    events = decoder.feed(body) + decoder.finish()
    assert [(event.name, event.text) for event in events if isinstance(event, Field)] == pairs


def test_content_type() -> None:
    assert MultipartEncoder("a b").content_type == 'multipart/form-data; boundary="a b"'
    assert MultipartEncoder().content_type == f"multipart/form-data; boundary={DEFAULT_BOUNDARY}"


def test_headers_of_an_event_are_sent() -> None:
    field = Field(
        "a", b"1", {"Content-Type": "text/plain; charset=latin-1", "X-Note": "é"}, charset="latin-1"
    )
    body = encoded([field], "B")
    assert b"\r\nContent-Type: text/plain; charset=latin-1\r\nX-Note: \xc3\xa9\r\n" in body
    decoder = MultipartDecoder("B")
    assert [(event.name, event.text) for event in decoder.feed(body) if isinstance(event, Field)] == [
        ("a", "1")
    ]


@pytest.mark.parametrize("charset", ["latin-1", "cp1252", "iso8859-15", "ascii", "utf-8", "ISO-8859-1"])
@pytest.mark.parametrize("before", [[], [Field("_charset_", b"latin-1")]], ids=["alone", "after _charset_"])
def test_the_charset_of_a_field_is_sent(charset: str, before: list[FormEvent]) -> None:
    text = "é" if charset != "ascii" else "e"
    field = Field("a", text.encode(charset), charset=charset)
    decoded = MultipartDecoder("B").feed(encoded([*before, field], "B"))
    assert [event.text for event in decoded if isinstance(event, Field) and event.name == "a"] == [text]
    again = MultipartDecoder("B").feed(encoded(decoded, "B"))
    assert again == decoded


def test_a_charset_is_only_sent_where_it_must_be() -> None:
    assert b"Content-Type" not in encoded(
        [Field("_charset_", b"latin-1"), Field("a", b"1", charset="latin1")]
    )
    assert b'name="a"\r\nContent-Type: text/plain; charset=iso-8859-1\r\n' in encoded(
        [Field("a", b"\xe9", charset="latin-1")]
    )


@pytest.mark.parametrize(
    "field",
    [
        Field("a", b"1", charset="utf-16"),
        Field("a", b"1", charset=""),
        Field("a", b"1", {"Content-Type": "text/plain"}, charset="latin-1"),
        Field("a", b"1", {"Content-Type": "text/plain; charset=latin-1"}),
        Field("a", b"1", {"Content-Type": "text/plain; charset=utf-16"}),
        Field("_charset_", b"utf-16"),
    ],
)
def test_charsets_that_would_not_be_read(field: Field) -> None:
    with pytest.raises(LocalError):
        MultipartEncoder().encode(field)


@pytest.mark.parametrize("name", ["", "Content-Disposition ", "X: y", "X\tY", "é", ":"])
@pytest.mark.parametrize("make", [partial(Field, "a", b"1"), partial(FileStart, "a", "b", "c/d")])
def test_what_is_no_name_of_a_header_field(make: Callable[..., FormEvent], name: str) -> None:
    with pytest.raises(LocalError, match="the name of a header field is a token"):
        MultipartEncoder().encode(make(headers={name: "1"}))


@pytest.mark.parametrize("boundary", ["", "a" * 71, "end ", 'quote"', "é", "\r\n"])
def test_what_is_no_boundary(boundary: str) -> None:
    with pytest.raises(LocalError):
        MultipartEncoder(boundary)


@pytest.mark.parametrize(
    "events",
    [
        [FileData(b"x")],
        [FileEnd(0)],
        [FileStart("a", "b"), Field("c", b"")],
        [FileStart("a", "b")],
        [FileStart("a", "b"), FileData(b"x"), FileEnd(2)],
        [Field("nul\0", b"")],
        [Field("\ud800", b"")],
        [FileStart("a", "bell\a")],
        [Field("a", b"", {"X-Note": "a\r\nb: c"})],
        [Field("a", b"one\r\n--B two")],
        [Field("a", b"--B")],
        [FileStart("a", "b"), FileData(b"--B"), FileEnd(3)],
        [FileStart("a", "b"), FileData(b"one\r\n--B"), FileEnd(8)],
        [FileStart("a", "b"), *[FileData(bytes((octet,))) for octet in b"one\r\n--B"], FileEnd(8)],
        [FileStart("a", "b"), FileData(b"one\r"), FileData(b"\n--B two"), FileEnd(12)],
    ],
)
def test_what_cannot_be_sent(events: list[FormEvent]) -> None:
    with pytest.raises(LocalError):
        encoded(events, "B")


def test_nothing_after_the_end() -> None:
    encoder = MultipartEncoder()
    encoder.finish()
    with pytest.raises(LocalError):
        encoder.finish()
    with pytest.raises(LocalError):
        encoder.encode(Field("a", b""))


@given(st.lists(st.binary()))
def test_a_chosen_boundary_is_in_no_content(contents: list[bytes]) -> None:
    first = choose_boundary(*contents)
    second = choose_boundary(*contents, first.encode())
    assert first == choose_boundary(*contents)
    assert first != second
    assert not any(first.encode() in content for content in contents)


def test_a_boundary_is_chosen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck:
        """A digest that gives the same at first."""

        rounds = 0

        def update(self, data: bytes) -> None:
            self.rounds += data.startswith(b"----")

        def hexdigest(self) -> str:
            return f"{self.rounds:064}"[::-1]

    monkeypatch.setattr("hashlib.sha256", Stuck)
    assert choose_boundary(b"x----ToolkitFormBoundary-" + b"0" * 32) == "----ToolkitFormBoundary-1" + "0" * 31


def events_of(data: dict[str, Any]) -> list[FormEvent]:
    """The events for the input of a vector, which lists entries, or is one."""
    if "entries" not in data:
        file = {"filename": data.get("filename"), "content_type": data.get("content_type")}
        value = {**file, "body": data.get("file_body", "")} if "filename" in data else data["value"]
        data = {"entries": [[data["name"], value]]}
    events: list[FormEvent] = []
    for name, value in data["entries"]:
        control = normalise_newlines(name)
        if isinstance(value, str):
            events.append(Field(control, normalise_newlines(value).encode()))
            continue
        content = value["body"].encode()
        events.append(FileStart(control, value["filename"], value["content_type"]))
        events += [FileData(content)] if content else []
        events.append(FileEnd(len(content)))
    return events


@vectors.each_of("wpt/form-multipart-encode.json")
def test_vectors(case: dict[str, Any]) -> None:
    body = b64decode(case["expected"]["body_b64"])
    assert encoded(events_of(case["input"]), case["input"]["boundary"]) == body


@vectors.each_of("wpt/form-urlencoded-encode.json")
def test_urlencoded_vectors(case: dict[str, Any]) -> None:
    data = case["input"]
    value = data["value"] if "value" in data else data["filename"]
    body = encode_urlencoded([(normalise_newlines(data["name"]), normalise_newlines(value))])
    assert body == b64decode(case["expected"]["body_b64"])
