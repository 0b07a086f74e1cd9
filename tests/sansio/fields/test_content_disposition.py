from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.content_disposition import ContentDisposition, safe_filename
from toolkit.sansio.fields.parameters import Parameters
from toolkit.sansio.grammar import TCHAR

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
FORM_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\t\r\n"\\%20D2A'))
NAMES = st.text(st.sampled_from(sorted(TCHAR)), min_size=1).filter(
    lambda name: name[-1] != "*" and name.lower() not in ("name", "filename")
)


def _others(values: st.SearchStrategy[str]) -> st.SearchStrategy[Parameters]:
    return st.dictionaries(NAMES.map(str.lower), values, max_size=2).map(Parameters)


DISPOSITIONS = st.builds(
    ContentDisposition,
    st.sampled_from(["attachment", "inline", "X-Other"]),
    st.none() | TEXTS,
    st.none() | TEXTS,
    _others(TEXTS),
) | st.builds(
    ContentDisposition,
    st.just("form-data"),
    st.none() | FORM_TEXTS,
    st.none() | FORM_TEXTS,
    _others(FORM_TEXTS),
)


@given(st.lists(st.sampled_from(["\\", "%", "22", "0D", "0a", '"', "C:", "a"])).map("".join))
def test_what_looks_like_escapes_comes_back(text: str) -> None:
    value = ContentDisposition("form-data", text, text)
    assert ContentDisposition.parse(str(value)) == value


@each_of("jshttp/content-disposition-parse.json")
def test_jshttp_parse(case: dict[str, Any]) -> None:
    header, expected = case["input"]["header"], case["expected"]
    if not isinstance(header, str):  # what their writer makes of something: here ours
        source: dict[str, Any] = case["input"]["header"]["a"][0]
        header = str(ContentDisposition(source["type"], **source["parameters"]))
    value = ContentDisposition.parse(header)
    # They give an extended parameter under both of its names.
    parameters = {name: text for name, text in expected["parameters"].items() if name[-1] != "*"}
    assert value.type == expected["type"]
    assert value.filename == parameters.pop("filename", None)
    assert value.name == parameters.pop("name", None)
    assert value.params == Parameters(parameters)


@each_of("jshttp/content-disposition-create.json")
def test_jshttp_create(case: dict[str, Any]) -> None:
    filename: str | None = case["input"]["filename"]
    options: dict[str, Any] = case["input"]["options"] or {}
    kind = options.get("type", "attachment")
    if case["expected"].get("result") == "error":
        with pytest.raises(ValueError, match="token"):
            ContentDisposition(kind, filename)
    else:
        assert str(ContentDisposition(kind, filename)) == case["expected"]["header"]


@each_of("rfc-examples/content-disposition.json")
def test_rfc_examples(case: dict[str, Any]) -> None:
    value = ContentDisposition.parse(case["input"]["header"])
    assert (value.type, value.filename) == (case["expected"]["type"], case["expected"]["filename"])


def is_disposition(case: dict[str, Any]) -> bool:
    return case["input"]["kind"] == "disposition" and "header" in case["input"]


@each_of("hapi/header-params.json", where=is_disposition)
def test_hapi(case: dict[str, Any]) -> None:
    source, expected = case["input"], case["expected"]
    if expected["result"] == "error":
        with pytest.raises(MalformedHeader):
            ContentDisposition.parse(source["header"])
        return
    value = ContentDisposition.parse(source["header"])
    found = {"name": value.name, "filename": value.filename, **value.params}
    assert found.items() >= expected.get("params", {}).items()


@given(DISPOSITIONS)
def test_parse_and_str_are_inverses(value: ContentDisposition) -> None:
    assert ContentDisposition.parse(str(value)) == value
    assert hash(ContentDisposition.parse(str(value))) == hash(value)
    assert eval(repr(value)) == value  # noqa: S307  # that is what a repr is for
    assert "\r" not in str(value)
    assert "\n" not in str(value)


@given(st.text(st.characters()) | st.text(st.sampled_from('form-data;="\\% 20dn')).map("form-data;{}".format))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    try:
        value = ContentDisposition.parse(text)
    except MalformedHeader:
        return
    assert ContentDisposition.parse(str(value)) == value


@pytest.mark.parametrize(
    ("text", "name", "filename"),
    [
        ('form-data; name="a%22b"; filename="c%0D%0Ad"', 'a"b', "c\r\nd"),
        ('form-data; name="a\\%22b"', "a%22b", None),
        ('form-data; name="a\\"b\\\\c"', 'a"b\\c', None),
        ('form-data; name="a%20b"', "a%20b", None),
        ('form-data; name=a; filename="C:\\d%20ir\\f.txt"', "a", "C:\\d%20ir\\f.txt"),
        ("form-data; name=a; name*=utf-8''b", "a", None),
        ("form-data; name=a; filename=b; filename*=utf-8''c%22", "a", 'c"'),
        ('form-data; name="caf\xe9"; filename="€"', "caf\xe9", "€"),
        ('attachment; name="a%22b"', "a%22b", None),
    ],
)
def test_the_dialect_of_forms(text: str, name: str, filename: str | None) -> None:
    value = ContentDisposition.parse(text)
    assert (value.name, value.filename) == (name, filename)


def test_the_dialect_of_forms_is_what_browsers_write() -> None:
    value = ContentDisposition("form-data", name='a"b\r\n', filename="€ % 100%25.txt")
    assert str(value) == 'form-data; name="a%22b%0D%0A"; filename="€ % 100%25.txt"'


@pytest.mark.parametrize(
    ("filename", "text"),
    [
        ("a.txt", "attachment; filename=a.txt"),
        ("a b.txt", 'attachment; filename="a b.txt"'),
        ("100%.txt", "attachment; filename=100%.txt"),
        ("a%41.txt", "attachment; filename=a%41.txt; filename*=UTF-8''a%2541.txt"),
        ("é.txt", "attachment; filename=\"?.txt\"; filename*=UTF-8''%C3%A9.txt"),
        ("a\nb", "attachment; filename=\"a?b\"; filename*=UTF-8''a%0Ab"),
    ],
)
def test_for_download(filename: str, text: str) -> None:
    assert str(ContentDisposition.for_download(filename)) == text
    assert ContentDisposition.parse(text).filename == filename
    assert ContentDisposition.for_download(filename, inline=True).type == "inline"


@pytest.mark.parametrize(
    ("kind", "name", "parameters"),
    [
        ("a b", None, {}),
        ("form-data", "a\x00", {}),
        ("form-data", None, {"x": "\x7f"}),
        ("attachment", "\ud800", {}),
        ("attachment", None, {"name": "x"}),
        ("attachment", None, {"x*": "x"}),
    ],
)
def test_what_cannot_be_sent_is_refused(kind: str, name: str | None, parameters: dict[str, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each has a text of its own
        ContentDisposition(kind, name=name, params=Parameters(parameters))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("plan.pdf", "plan.pdf"),
        ("", "file"),
        (".", "file"),
        ("...", "file"),
        ("/", "file"),
        ("a/", "file"),
        ("../../etc/passwd", "passwd"),
        (r"C:\a\b.txt", "b.txt"),
        (r"\\server\share\b.txt", "b.txt"),
        ("c:b.txt", "c_b.txt"),
        ("a.txt::$DATA", "a.txt__$DATA"),
        (".htaccess", "htaccess"),
        (" . .a", "a"),
        ("a. . ", "a"),
        ("a\x00b\r\n.txt", "ab.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("\ufeff\u200b", "file"),
        ("\ud800a", "a"),
        ('<a>:"|?*', "_a______"),
        ("con", "_con"),
        ("COM1.tar.gz", "_COM1.tar.gz"),
        ("lpt¹ .txt", "_lpt¹ .txt"),
        ("console", "console"),
        ("été.txt", "été.txt"),
        ("CON" + " " * 300 + "x", "_CON"),
        ("a" * 300 + "." + "b" * 300, "a" * 200),
        ("é" * 300 + ".jpeg", "é" * 97 + ".jpeg"),
        ("CON." + "b" * 196, "_CON." + "b" * 195),
    ],
)
def test_safe_filename(name: str, safe: str) -> None:
    assert safe_filename(name) == safe


@given(st.text(st.characters() | st.sampled_from("./\\ :CON")), st.integers(32, 300))
def test_safe_filename_is_safe(name: str, max_bytes: int) -> None:
    safe = safe_filename(name, max_bytes=max_bytes)
    assert safe
    assert len(safe.encode()) <= max_bytes
    assert not set(safe) & set('/\\<>:"|?*')
    assert all(char >= " " for char in safe)
    assert safe[0] not in ". "
    assert safe[-1] not in ". "
    assert safe_filename(safe, max_bytes=max_bytes) == safe


def test_safe_filename_has_options() -> None:
    assert safe_filename("..", default="upload") == "upload"
    with pytest.raises(ValueError, match="32"):
        safe_filename("a", max_bytes=31)


@pytest.mark.parametrize("unit", ['"', "\\", ";", "%22", '%22;a="', '\\"'])
def test_time_is_linear(unit: str) -> None:
    assert_linear(ContentDisposition.parse, unit, lead='form-data; filename="C:\\', tail='"')
