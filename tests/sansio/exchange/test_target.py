"""The request target as servers tell it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.exchange.target import sent_below
from toolkit.sansio.percent import quote_segment, unquote


@pytest.mark.parametrize(
    ("sent", "root", "path", "below"),
    [
        ("/", "", "/", "/"),
        ("/a", "", "/a", "/a"),
        ("/a?b/c", "", "/a", "/a"),
        ("/a%2Fb", "", "/a/b", "/a%2Fb"),
        ("/app/a%2Fb", "/app", "/app/a/b", "/a%2Fb"),
        ("/app", "/app", "/app", ""),
        ("/%61pp/", "/app", "/app/", "/"),
        ("/100%", "", "/100%", "/100%"),
        ("/a%2Fb/c%20d", "/a/b", "/a/b/c d", None),  # the slash of the root was encoded
        ("/a%2Fb", "", "/c", None),
        ("http://example.org/a", "", "/a", None),
        ("*", "", "*", "*"),
    ],
)
def test_what_was_sent(sent: str, root: str, path: str, below: str | None) -> None:
    assert sent_below(sent, root, path) == below


SEGMENTS = st.lists(st.text(alphabet="a/%é \\", max_size=4), max_size=4)


@given(SEGMENTS, SEGMENTS)
def test_every_escape_is_kept(root: list[str], below: list[str]) -> None:
    """Whatever was sent below a root without encoded slashes comes back as it was."""
    root = [segment.replace("/", "") for segment in root]
    sent_root, sent = ("".join(f"/{quote_segment(segment)}" for segment in part) for part in (root, below))
    decoded = unquote(sent_root), unquote(sent_root + sent)
    assert sent_below(f"{sent_root}{sent}?query", *decoded) == sent
