from __future__ import annotations

import pytest

from toolkit.sansio.errors.base import InvalidHeader
from toolkit.sansio.exchange.framing import frame, hint_lines
from toolkit.sansio.exchange.machine import ContentLengthError, ExchangeError
from toolkit.sansio.exchange.response import Response


@pytest.mark.parametrize(
    ("response", "method", "length", "has_content"),
    [
        (Response(b"hello"), "GET", 5, True),
        (Response(b"hello"), "HEAD", 5, False),
        (Response(b""), "GET", 0, True),
        (Response(b"", 204), "GET", None, False),
        (Response(b"", 205), "GET", 0, True),
        (Response(b"hello", 204), "GET", None, False),
        (Response(b"hello", 204), "HEAD", None, False),
        (Response(b"hello", 200), "CONNECT", None, False),
        (Response(b"hello", 404), "CONNECT", 5, True),
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
    lines, *rest = frame(response, method)
    assert rest == [length, has_content]
    declared = [value for name, value in lines if name.lower() == "content-length"]
    assert declared == ([] if length is None else [str(length)])
    assert response.headers.items() == before


def test_the_lines_are_those_of_the_response_and_a_length() -> None:
    lines, _, _ = frame(Response.text("hi", 201), "GET")
    assert lines == [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "2")]


@pytest.mark.parametrize("declared", ["4", "6"])
def test_a_wrong_length_is_found_before_anything_leaves(declared: str) -> None:
    with pytest.raises(ContentLengthError):
        frame(Response(b"hello", headers={"content-length": declared}), "GET")


@pytest.mark.parametrize("declared", ["", "-1", "5, 5", "0x5", "1" * 30])
def test_a_length_that_is_none_is_refused(declared: str) -> None:
    with pytest.raises(InvalidHeader, match="decimal digits"):
        frame(Response(b"hello", headers={"Content-Length": declared}), "GET")


def test_two_lengths_are_refused_even_where_they_agree() -> None:
    response = Response(b"hello", headers=[("Content-Length", "5"), ("content-length", "5")])
    with pytest.raises(InvalidHeader, match="one length"):
        frame(response, "GET")


@pytest.mark.parametrize(("method", "status"), [("GET", 204), ("HEAD", 204), ("CONNECT", 200)])
@pytest.mark.parametrize("body", [b"", (b"",)])
def test_where_a_length_is_forbidden_none_is_declared(
    method: str, status: int, body: bytes | tuple[bytes]
) -> None:
    with pytest.raises(InvalidHeader, match="has no length"):
        frame(Response(body, status, {"Content-Length": "0"}), method)


def test_how_content_is_transferred_is_the_servers_affair() -> None:
    with pytest.raises(InvalidHeader, match="server"):
        frame(Response(b"a", headers={"transfer-encoding": "chunked", "X-17-letters-long": "a"}), "GET")


@pytest.mark.parametrize("body", [b"a", [b"a"]])
def test_a_request_to_reset_the_view_has_no_content(body: bytes | list[bytes]) -> None:
    with pytest.raises(ExchangeError, match="205"):
        frame(Response(body, 205), "GET")


@pytest.mark.parametrize("status", [-1, 0, 99, 100, 101, 103, 199, 1000])
@pytest.mark.parametrize("body", [b"", (b"",)])
def test_a_status_that_is_not_final_is_refused(status: int, body: bytes | tuple[bytes, ...]) -> None:
    with pytest.raises(ExchangeError, match="not a final status"):
        frame(Response(body, status), "GET")


def test_hints_are_links() -> None:
    assert hint_lines(["</a.css>", "</b.js>"]) == [("Link", "</a.css>"), ("Link", "</b.js>")]
    with pytest.raises(InvalidHeader):
        hint_lines(["</a.css>\r\nX-Evil: 1"])
