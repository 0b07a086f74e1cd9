"""What heads mean: Content-Disposition in the spellings of three decades, and charsets."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.errors.base import MalformedForm, RemoteError, UnsupportedCharset
from toolkit.sansio.fields.content_disposition import ContentDisposition
from toolkit.sansio.forms.events import FileStart
from toolkit.sansio.forms.heads import describe, find_charset, lowered, read_disposition, read_strict
from toolkit.sansio.forms.plain import read_plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('form-data; name="a"', ("a", None)),
        ('form-data; name=""', ("", None)),
        ('form-data; name="a"; filename=""', ("a", "")),
        ('FORM-DATA ;NAME = "a" ; FileName=b.txt ;', ("a", "b.txt")),
        ("form-data;;name=a;", ("a", None)),
        ("form-data; name=a; filename=sam:ple.sql", ("a", "sam:ple.sql")),
        ('form-data; name="a"; filename="a;b=c"', ("a", "a;b=c")),
        ('form-data; filename="name=x"; name="a"', ("a", "name=x")),
        ('form-data; name="a\\"b\\\\c"; x=y', ('a"b\\c', None)),
        ('form-data; name="a\\"; filename="b\\"', ("a\\", "b\\")),
        ('form-data; name=a; filename="C:\\dir\\"', ("a", "C:\\dir\\")),
        ('form-data; name="%22%0D%0A%0d%41%"', ('"\r\n\r%41%', None)),
        ("form-data; name=%22", ("%22", None)),
        ("form-data; name=a; filename=\"_.txt\"; filename*=UTF-8''%C3%BC.txt", ("a", "ü.txt")),
        ("form-data; name=a; filename*=iso-8859-1'de'%FC.txt; filename=x", ("a", "ü.txt")),
        ("form-data; name=a; filename*=utf-8''%FF; filename=x", ("a", "x")),
        ("form-data; name=a; filename*=utf-8''%22%5C", ("a", '"\\')),
        ("form-data; name=a; name*=utf-8''b", ("a", None)),
    ],
)
def test_dispositions(value: str, expected: tuple[str, str | None]) -> None:
    assert read_disposition(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "", "form-data", "attachment; name=a", "form-data name=a", 'form-data; name="a',
        'form-data; name="a"b',
        "form-data; name", "form-data; =a", "form-data; name=a b", "form-data; name=a; name=b",
        "form-data; filename=a", "form-data; name=a; filename*=x", "form-data; name=a; filename*=utf-8''%00",
    ],
)  # fmt: skip
def test_bad_dispositions(value: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-zC]"):
        read_disposition(value)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("UTF-8", "utf-8"),
        (" utf8 ", "utf-8"),
        ("US-ASCII", "ascii"),
        ("Latin1", "latin-1"),
        ("windows-1252", "cp1252"),
        ("", None),
        ("\t ", None),
    ],
)
def test_charsets(label: str, name: str | None) -> None:
    assert find_charset(label) == name


def test_a_charset_that_is_not_read() -> None:
    with pytest.raises(UnsupportedCharset, match="charset ' UTF-7' is not supported") as caught:
        find_charset(" UTF-7", offset=5, part=1, name="a")
    assert (caught.value.charset, caught.value.offset, caught.value.part) == (" UTF-7", 5, 1)


def test_escapes_are_the_same_wherever_they_are_read() -> None:
    value = 'form-data; name="%0d%0a%22%0D%0A%27%2522"'
    assert read_disposition(value) == ('\r\n"\r\n%27%2522', None)
    assert ContentDisposition.parse(value).name == '\r\n"\r\n%27%2522'


@pytest.mark.parametrize(
    "block",
    [
        b"", b"no colon", b"X-Other: 1",
        b"Content-Type: a\r\nContent-Type: b", b"Content-Type : a", b"\xff: a",
        b"Content-Type: a\r\n b", b"Content-Type: a\nb", b"Content-Type: \0", b"Content-Length: 01",
        b"Content-Length: 1 ", b"Content-Length: -1", b" Content-Type: a",
        b"Content-Transfer-Encoding: base64",
    ],
)  # fmt: skip
def test_what_is_not_strict(block: bytes) -> None:
    assert read_strict(block) is None


_VALUES = st.text(st.sampled_from('ab/;="\\%20DA é\t\x7f\0\r'), max_size=12)
_HEADS = st.one_of(
    st.builds('\r\nContent-Disposition: form-data; name="{}"'.format, _VALUES),
    st.builds(
        '\r\nContent-Disposition: form-data; name="{}"; filename="{}"\r\nContent-Type: {}'.format,
        _VALUES, _VALUES, _VALUES,
    ),
)  # fmt: skip


@given(_HEADS)
def test_shortcuts_say_what_the_long_way_says(text: str) -> None:
    head = text.encode()
    plain = read_plain(head)
    if plain is None:
        return
    fields = read_strict(head[2:])
    assert fields is not None
    described = describe(fields, offset=0, part=1)
    if isinstance(plain, FileStart):
        assert described == (*plain[:3], None)
        assert plain == FileStart(*plain[:3], head[2:])
    else:
        assert described == (plain, None, "", None)


@pytest.mark.parametrize(
    "head",
    [
        b'name="\xff"',
        b'name="\xff"; filename=""\r\nContent-Type: a',
        b'name="a"; filename="\xff"\r\nContent-Type: a',
        b'name="a"; filename="b"',
        b'name="_charset_"',
        b'name="' + b"a" * 1000 + b'"',
    ],
)
def test_what_shortcuts_leave(head: bytes) -> None:
    assert read_plain(b"\r\nContent-Disposition: form-data; " + head) is None


@given(st.text())
def test_any_disposition_is_read_or_refused(value: str) -> None:
    try:
        name, filename = read_disposition("form-data;" + value)
    except ValueError:
        return
    assert isinstance(name, str)
    assert filename is None or isinstance(filename, str)


def test_describe() -> None:
    fields = lowered(
        [("Content-Disposition", ' form-data; name="a" '), ("CONTENT-TYPE", "a/b; charset=latin1; x=y")]
    )
    assert describe(fields, offset=0, part=1) == ("a", None, "a/b; charset=latin1; x=y", "latin-1")
    file = [("content-disposition", "form-data; name=a; filename=b"), ("content-type", "a/b; charset=utf-16")]
    assert describe(file, offset=0, part=1) == ("a", "b", "a/b; charset=utf-16", None)
    with pytest.raises(MalformedForm):
        describe([], offset=0, part=1)
    assert issubclass(MalformedForm, RemoteError)
