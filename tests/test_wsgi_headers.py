from __future__ import annotations

from wsgiref.headers import Headers as WsgirefHeaders

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.headers import Headers
from toolkit.wsgi import EnvironHeaders, raw_headers, to_environ

Lines = list[tuple[str, str]]

NAMES = ["Accept", "Content-Type", "Content-Length", "X-A", "X-B-C", "Cookie"]
LINES: st.SearchStrategy[Lines] = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.text("yz \xe9\x80", min_size=1, max_size=3).map(str.strip).filter(bool)
    ),
    max_size=8,
)

NOT_HEADERS: dict[str, object] = {
    "REQUEST_METHOD": "GET",
    "wsgi.version": (1, 0),
    "SERVER_PROTOCOL": "HTTP/1.1",
}


@given(LINES)
def test_the_view_shows_what_headers_of_the_same_lines_have_combined(lines: Lines) -> None:
    headers = Headers(lines)
    view = EnvironHeaders({**NOT_HEADERS, **to_environ(headers)})
    names = list(dict.fromkeys(name for name, _ in lines))
    for name in [*NAMES, *map(str.lower, NAMES), *map(str.upper, NAMES), "E", "\u20ac", ""]:
        combined = headers.combined(name)
        assert view.get(name) == view.combined(name) == combined
        assert view.get(name, "default") == (combined or "default")
        assert view.getlist(name) == ([] if combined is None else [combined])
        assert (name in view) == (name in headers)
        if name in headers:
            assert view[name] == combined
    assert view.items() == [(name, headers.combined(name)) for name in names]
    assert view.keys() == list(view) == names
    assert view.values() == [headers.combined(name) for name in names]
    assert len(view) == len(names)
    assert view == Headers(view.items())
    assert (view == headers) is (len(names) == len(lines))


@given(LINES)
def test_to_environ_is_the_inverse_of_the_view(lines: Lines) -> None:
    environ = to_environ(Headers(lines))
    assert to_environ(Headers(EnvironHeaders(environ))) == environ


def test_content_type_and_length_have_no_prefix_and_may_be_empty() -> None:
    view = EnvironHeaders(
        {
            "CONTENT_TYPE": "",
            "CONTENT_LENGTH": "5",
            "HTTP_CONTENT_TYPE": "spoofed",
            "HTTP_CONTENT_LENGTH": "7",
            "HTTP_A": "",
        }
    )
    assert view.items() == [("Content-Length", "5"), ("A", "")]
    assert view.get("Content-Type", "none") == "none"
    assert "Content-Type" not in view
    assert view["content-length"] == "5"
    assert view["A"] == ""


def test_underscores_neither_come_in_nor_go_out() -> None:
    view = EnvironHeaders({"HTTP_X_A": "1"})
    assert view["X-A"] == "1"
    assert "X_A" not in view
    assert to_environ(Headers([("X_A", "1"), ("X-B", "2")])) == {"HTTP_X_B": "2"}


@pytest.mark.parametrize("name", ["\xdf", "\u017f", "\u0131"])
def test_capitals_that_only_unicode_knows(name: str) -> None:
    environ = {"HTTP_" + name.upper(): "1"}
    assert name not in EnvironHeaders(environ)


def test_a_missing_name_is_a_plain_key_error() -> None:
    with pytest.raises(KeyError) as caught:
        EnvironHeaders({})["A"]
    assert type(caught.value) is KeyError
    assert caught.value.args == ("A",)
    assert 5 not in EnvironHeaders({})


def test_the_view_is_live() -> None:
    environ = {"HTTP_A": "1"}
    view = EnvironHeaders(environ)
    environ["HTTP_A"] = "2"
    assert view["A"] == "2"


def test_its_repr_can_be_pasted_and_shows_no_other_variables() -> None:
    view = EnvironHeaders({**NOT_HEADERS, "HTTP_A": "1", "HTTP_SET_COOKIE": "a", "CONTENT_TYPE": "b/c"})
    assert "SERVER_PROTOCOL" not in repr(view)
    assert eval(repr(view)) == view  # noqa: S307  # the point


def test_raw_headers_are_exactly_what_start_response_takes() -> None:
    class Text(str):
        __slots__ = ()

    headers = Headers([(Text("Set-Cookie"), Text("a=1")), ("Set-Cookie", "b=2")])
    raw = raw_headers(headers)
    assert raw == [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    assert type(raw) is list
    assert {type(line) for line in raw} == {tuple}
    assert {type(text) for line in raw for text in line} == {str}
    assert WsgirefHeaders(raw).get_all("set-cookie") == ["a=1", "b=2"]
    raw.clear()
    assert len(headers) == 2


def test_what_the_server_has_combined() -> None:
    headers = EnvironHeaders({"HTTP_VARY": "a, b", "HTTP_SET_COOKIE": "a=1, b=2", "CONTENT_LENGTH": ""})
    assert headers.combined("Vary") == "a, b"
    assert headers.combined("Content-Length") is None
    for _ in range(2):
        with pytest.raises(ValueError, match="cannot be combined"):
            headers.combined("Set-cookie")
