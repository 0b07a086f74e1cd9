from __future__ import annotations

import pytest

from toolkit.sansio.errors.base import InvalidHeader
from toolkit.sansio.exchange.framing import Head, frame
from toolkit.sansio.exchange.machine import ContentLengthError
from toolkit.sansio.exchange.response import Response


@pytest.mark.parametrize(
    ("response", "method", "length", "has_content"),
    [
        (Response(b"hello"), "GET", 5, True),
        (Response(b"hello"), "HEAD", 5, False),
        (Response(b""), "GET", 0, True),
        (Response(b"", 204), "GET", None, False),
        (Response(b"", 205), "GET", 0, True),
        (Response(b"", 304), "GET", None, False),
        (Response(b"hello", 304), "GET", 5, False),
        (Response(b"", 404), "GET", 0, True),
        (Response([b"a", b"b"]), "GET", None, True),
        (Response([b"a", b"b"], headers={"Content-Length": "2"}), "GET", 2, True),
        (Response(b"", headers={"Content-Length": "7"}), "HEAD", 7, False),
        (Response(b"", 304, {"Content-Length": "7"}), "GET", 7, False),
    ],
)
def test_the_head_says_how_much_content_follows(
    response: Response, method: str, length: int | None, has_content: bool
) -> None:
    before = response.headers.items()
    head = frame(response, method)
    assert (head.length, head.has_content) == (length, has_content)
    declared = [value for name, value in head.headers if name.lower() == "content-length"]
    assert declared == ([] if length is None else [str(length)])
    assert response.headers.items() == before


def test_the_head_has_status_and_fields() -> None:
    assert frame(Response.text("hi", 201), "GET") == Head(
        201, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "2")], 2, has_content=True
    )


@pytest.mark.parametrize("declared", ["4", "6"])
def test_a_wrong_length_is_found_before_anything_leaves(declared: str) -> None:
    with pytest.raises(ContentLengthError):
        frame(Response(b"hello", headers={"content-length": declared}), "GET")


@pytest.mark.parametrize("declared", ["", "-1", "5, 5", "0x5", "1" * 30])
def test_a_length_that_is_none_is_refused(declared: str) -> None:
    with pytest.raises(InvalidHeader, match="decimal digits"):
        frame(Response(b"hello", headers={"Content-Length": declared}), "GET")
