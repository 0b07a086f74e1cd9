from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.asgi import ScopeHeaders, raw_headers
from toolkit.sansio.headers import Headers

Raw = list[tuple[bytes, bytes]]

RAW: st.SearchStrategy[Raw] = st.lists(
    st.tuples(
        st.sampled_from([b"a", b"b-c", b"x-d"]),
        st.text("yz \xe9\x80", max_size=3).map(lambda text: text.strip(" ").encode("latin-1")),
    ),
    max_size=8,
)


@given(RAW, st.sampled_from([list, tuple, iter]))
def test_the_view_shows_what_headers_of_the_same_lines_have(
    raw: Raw, form: type[list[tuple[bytes, bytes]]]
) -> None:
    headers = Headers([(name.decode(), value.decode("latin-1")) for name, value in raw])
    view = ScopeHeaders(form(raw))
    for name in ["A", "a", "B-c", "b-c", "X-D", "E", "\u20ac", "\ud800"]:
        # The first look-up, and one after others: they are made in different ways.
        assert view.getlist(name) == headers.getlist(name) == ScopeHeaders(raw).getlist(name)
        assert headers.get(name) == ScopeHeaders(raw).get(name)
        assert view.get(name) == headers.get(name)
        assert view.get(name, "default") == headers.get(name, "default")
        assert view.combined(name) == headers.combined(name)
        assert (name in view) == (name in headers)
        if name in headers:
            assert view[name] == headers[name] == ScopeHeaders(raw)[name]
            assert name in ScopeHeaders(raw)
    assert view.items() == headers.items()
    assert view.keys() == headers.keys()
    assert view.values() == headers.values()
    assert list(view) == list(headers)
    assert len(view) == len(headers)
    assert view == headers
    assert headers == view
    assert Headers(view) == headers


@given(RAW)
def test_raw_headers_are_the_inverse_of_the_view(raw: Raw) -> None:
    assert raw_headers(Headers(ScopeHeaders(raw))) == raw


def test_names_go_out_in_lower_case() -> None:
    assert raw_headers(Headers([("Content-TYPE", "a/B"), ("X", "\xe9")])) == [
        (b"content-type", b"a/B"),
        (b"x", b"\xe9"),
    ]


def test_a_missing_name_is_a_plain_key_error() -> None:
    with pytest.raises(KeyError) as caught:
        ScopeHeaders([])["A"]
    assert type(caught.value) is KeyError
    assert caught.value.args == ("A",)
    assert 5 not in ScopeHeaders([])
    assert "\u212a" not in ScopeHeaders([(b"k", b"")])  # which `lower` makes a "k"


def test_nothing_is_decoded_that_nobody_reads() -> None:
    class Undecodable(bytes):
        __slots__ = ()

        def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
            raise AssertionError((encoding, errors))

    view = ScopeHeaders([(Undecodable(b"a"), Undecodable(b"1")), (Undecodable(b"b"), b"2")])
    assert view["B"] == "2"
    assert "A" in view
    assert len(view) == 2


def test_pairs_may_be_lists() -> None:
    raw: list[tuple[bytes, bytes]] = [[b"a", b"1"]]  # type: ignore[list-item]  # pyright: ignore[reportAssignmentType]
    assert ScopeHeaders(raw)["A"] == "1"


def test_its_repr_can_be_pasted() -> None:
    view = ScopeHeaders([(b"a", b"1")])
    assert eval(repr(view)) == view  # noqa: S307  # the point
