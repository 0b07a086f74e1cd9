"""Events: frozen, equal when they say the same, hashable, and with a repr that can be pasted back."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from toolkit.sansio.forms.events import Field, FileData, FileEnd, FileStart, PartHeaders

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.sansio.forms.events import FormEvent

HEADERS = PartHeaders(b"Content-Type: text/plain\r\nX-A: 1\r\nx-a: 2\r\nFolded: a\r\n b\r\n\tc\r\nno colon")

SAMPLES: list[Callable[[], Any]] = [
    lambda: Field("a", b"1"),
    lambda: Field("a", b"1", b""),
    lambda: Field("a", b"1", {"X": "y"}, charset="latin-1"),
    lambda: Field("a", b"1", [("X", "y"), ("X", "z")]),
    lambda: FileStart("a", "b.txt"),
    lambda: FileStart("a", "b.txt", "text/plain", b"X: y"),
    lambda: FileStart("1", ""),
    lambda: FileData(b"1"),
    lambda: FileEnd(1),
    lambda: PartHeaders(b"A: b"),
    lambda: PartHeaders([("A", "b"), ("A", "c")]),
    lambda: ("a", b"1", None, "utf-8"),
    lambda: (1,),
    lambda: (b"1",),
]


@pytest.mark.parametrize("make", SAMPLES)
def test_values(make: Callable[[], Any]) -> None:
    event, others = make(), [sample() for sample in SAMPLES]
    assert [event == other for other in others].count(True) == 1
    assert [event != other for other in others].count(False) == 1
    assert hash(event) == hash(make())
    assert eval(repr(event)) == event  # noqa: S307  # reprs of our own
    assert copy.deepcopy(event) == event == copy.copy(event)
    assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301  # our own


@pytest.mark.parametrize("event", [Field("a", b""), FileStart("a", "b"), FileData(b"1"), FileEnd(1)])
def test_frozen(event: FormEvent) -> None:
    for name in (*type(event).__match_args__, "other"):
        with pytest.raises(AttributeError):
            setattr(event, name, 1)


def test_headers_are_implied() -> None:
    assert Field('a"\r\n', b"").headers.raw == b'Content-Disposition: form-data; name="a%22%0D%0A"'
    assert FileStart("a", "b", "c/d").headers["content-type"] == "c/d"
    assert FileStart("a", "b").headers["content-disposition"] == 'form-data; name="a"; filename="b"'
    assert Field("a", b"") == Field("a", b"", b'content-disposition: form-data; name="a"')
    assert Field("a", b"", b"").headers == PartHeaders()


def test_text() -> None:
    assert Field("a", b"\xe9", charset="latin-1").text == "é"
    assert Field("a", b"\xe9").text == "\ufffd"
    assert Field("a", b"").charset == "utf-8"


def test_matching() -> None:
    match Field("a", b"1"):
        case Field(name, value, headers):
            assert (name, value, headers) == ("a", b"1", Field("a", b"1").headers)
    match FileStart("a", "b", "c/d"):
        case FileStart(name, filename, content_type, _):
            assert (name, filename, content_type) == ("a", "b", "c/d")
    match FileData(b"1"), FileEnd(1):
        case FileData(data), FileEnd(size):
            assert (data, size) == (b"1", 1)


def test_part_headers() -> None:
    assert HEADERS["CONTENT-TYPE"] == "text/plain"
    assert HEADERS["X-A"] == "1"
    assert HEADERS.get_all("X-A") == ["1", "2"]
    assert HEADERS["folded"] == "a b c"
    assert list(HEADERS) == ["Content-Type", "X-A", "Folded"]
    assert len(HEADERS) == 3
    assert "nothing" not in HEADERS
    assert dict(HEADERS)["X-A"] == "1"
    assert HEADERS.pairs[2] == ("x-a", "2")
    assert PartHeaders({"A": "é"}).raw == b"A: \xc3\xa9"
    assert PartHeaders(b"a: 1") == PartHeaders([("A", "1")])
    assert HEADERS != {"A": "1"}
    with pytest.raises(KeyError):
        HEADERS["nothing"]
