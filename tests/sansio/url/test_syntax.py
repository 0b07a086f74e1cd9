"""The generic syntax against naive transcriptions of RFC 3986 sections 5.2.2 to 5.3."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from toolkit.sansio.errors.base import MalformedURL
from toolkit.sansio.url.syntax import Parts, guard, read, remove_dot_segments, resolve, unsplit


def split(text: str) -> Parts:
    return read(text)[0]


PATHS = st.lists(st.sampled_from(["", ".", "..", "a", "b:c", "...", "%2e"]), max_size=8).map("/".join)


def naive_remove_dot_segments(path: str) -> str:
    """RFC 3986 section 5.2.4, word by word."""
    output = ""
    while path:
        if path.startswith("../"):  # 2A
            path = path[3:]
        elif path.startswith(("./", "/./")):  # 2A, 2B
            path = path[2:]
        elif path == "/.":
            path = "/"
        elif path.startswith("/../"):  # 2C
            path = path[3:]
            output = output[: max(output.rfind("/"), 0)]
        elif path == "/..":
            path = "/"
            output = output[: max(output.rfind("/"), 0)]
        elif path in {".", ".."}:  # 2D
            path = ""
        else:  # 2E
            end = path.find("/", 1)
            end = len(path) if end < 0 else end
            output += path[:end]
            path = path[end:]
    return output


def naive_resolve(base: Parts, r: Parts) -> Parts:
    """RFC 3986 section 5.2.2, word by word."""
    if r.scheme is not None:
        scheme, authority, path, query = r.scheme, r.authority, naive_remove_dot_segments(r.path), r.query
    else:
        if r.authority is not None:
            authority, path, query = r.authority, naive_remove_dot_segments(r.path), r.query
        else:
            if r.path == "":
                path = base.path
                query = r.query if r.query is not None else base.query
            else:
                if r.path.startswith("/"):
                    path = naive_remove_dot_segments(r.path)
                else:
                    path = naive_remove_dot_segments(naive_merge(base, r.path))
                query = r.query
            authority = base.authority
        scheme = base.scheme  # type: ignore[assignment]
    return Parts(scheme, authority, path, query, r.fragment)


def naive_merge(base: Parts, path: str) -> str:
    if base.authority is not None and base.path == "":
        return "/" + path
    head, slash, _ = base.path.rpartition("/")
    return head + slash + path


@given(PATHS)
def test_remove_dot_segments_is_that_of_the_rfc(path: str) -> None:
    assert remove_dot_segments(path) == naive_remove_dot_segments(path)
    if path.startswith("/"):
        assert remove_dot_segments(remove_dot_segments(path)) == remove_dot_segments(path)


@st.composite
def references(draw: st.DrawFn, *, absolute: bool = False) -> str:
    scheme = draw(st.sampled_from(["http:", "x:"] if absolute else ["http:", "x:", "", "", ""]))
    authority = draw(st.sampled_from(["//h", "//u@h:1", "", ""]))
    path = draw(PATHS)
    if authority and path and not path.startswith("/"):
        path = "/" + path
    if not authority and path.startswith("//"):
        path = "/." + path
    if not authority and not scheme and ":" in path.partition("/")[0]:
        path = "./" + path
    return (
        scheme
        + authority
        + path
        + draw(st.sampled_from(["", "?", "?q"]))
        + draw(st.sampled_from(["", "#", "#f"]))
    )


@given(references(absolute=True), references())
def test_resolve_is_that_of_the_rfc(base: str, reference: str) -> None:
    assert resolve(split(base), split(reference)) == naive_resolve(split(base), split(reference))


@given(references(), references())
def test_the_target_has_a_text(base: str, reference: str) -> None:
    target = guard(resolve(split(base), split(reference)))
    assert split(unsplit(target)) == target


@given(references())
def test_split_is_the_inverse_of_unsplit(text: str) -> None:
    assert unsplit(split(text)) == text


def test_guards() -> None:
    assert unsplit(guard(Parts("x", None, "//a", None, None))) == "x:/.//a"
    assert unsplit(guard(Parts(None, None, "a:b/c", None, None))) == "./a:b/c"
    assert unsplit(guard(Parts(None, None, "a/b:c", None, None))) == "a/b:c"


@pytest.mark.parametrize(
    "piece", ["%", "/../", "/./", "&", "=", "[", "@", ":", "//", "a:", "?", "#", "\\", "é", "a@", ".", "%41"]
)
@pytest.mark.parametrize("prefix", ["", "http://", "http://h/", "x:", "http://h/?", "//"])
def test_time_is_linear(prefix: str, piece: str) -> None:
    def attempt(text: str) -> None:
        try:
            parts = split(text)
        except MalformedURL:
            return
        unsplit(guard(resolve(parts, parts._replace(scheme=None, authority=None))))

    assert_linear(attempt, piece, lead=prefix)
