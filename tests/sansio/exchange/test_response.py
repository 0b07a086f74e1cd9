from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.asgi_scope import ScopeHeaders
from toolkit.sansio.errors.base import InvalidHeader, LimitExceeded, MalformedForm, ToolkitError
from toolkit.sansio.errors.http import HTTPError, MethodNotAllowed, NotFound, Redirect
from toolkit.sansio.exchange.events import ServerSentEvent
from toolkit.sansio.exchange.response import InvalidResponse, Response, UnsafeRedirect, encode_chunk
from toolkit.sansio.fields.accept import Accept
from toolkit.sansio.fields.content_disposition import ContentDisposition
from toolkit.sansio.fields.cookies import SetCookie
from toolkit.sansio.fields.etags import ETag
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.headers import Headers
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.sansio.exchange.content import JSON
    from toolkit.sansio.exchange.response import Body, HeaderSource


def test_text_is_utf8_and_has_its_type() -> None:
    response = Response("Zürich")
    assert response.body == "Zürich".encode()
    assert response.content_type == MediaType("text", "plain", {"charset": "utf-8"})


@pytest.mark.parametrize(
    ("response", "content_type"),
    [
        (Response(), None),
        (Response(b"bytes"), None),
        (Response("text", content_type="text/csv"), "text/csv"),
        (Response("text", headers={"Content-Type": "text/css"}), "text/css"),
        (Response.text("a"), "text/plain; charset=utf-8"),
        (Response.html("a"), "text/html; charset=utf-8"),
        (Response.html("a", headers={"content-type": "text/html"}), "text/html"),
        (Response.json(1), "application/json"),
        (Response.problem(400), "application/problem+json"),
        (Response.empty(), None),
        (Response.redirect("/"), None),
    ],
)
def test_content_types(response: Response, content_type: str | None) -> None:
    assert response.headers.get("Content-Type") == content_type


def test_headers_are_copied_and_checked() -> None:
    headers = Headers({"X-A": "1"})
    response = Response(headers=headers)
    response.headers.add("X-B", "2")
    assert len(headers) == 1
    with pytest.raises(InvalidHeader, match="X-A"):
        Response(headers={"X-A": "1\r\nX-Evil: 2"})
    with pytest.raises(InvalidHeader):
        Response("a", content_type="text/plain\r\nX-Evil: 2")


def test_headers_can_be_replaced_and_are_checked_and_copied_then_too() -> None:
    response = Response.text("hello")
    lines = Headers({"X-A": "1"})
    response.headers = lines
    lines["X-A"] = "2"
    assert response.lines() == [("X-A", "1")]
    with pytest.raises(InvalidHeader):
        response.headers = {"X-A": "1\r\nX-B: 2"}


def headers_of(source: HeaderSource) -> Response:
    response = Response()
    response.headers = source
    return response


def typed_of(name: str, value: object) -> Response:
    response = Response()
    setattr(response, name, value)
    return response


def cookie_of(cookie: SetCookie) -> Response:
    response = Response()
    response.set_cookie(cookie)
    return response


WAYS_IN: dict[str, Callable[[str], Response]] = {
    "value": lambda text: Response(headers={"X-A": text}),
    "name": lambda text: Response(headers=[(text, "1")]),
    "view": lambda text: Response(headers=ScopeHeaders([(b"x-a", text.encode())])),
    "assigned": lambda text: headers_of({"X-A": text}),
    "content type": lambda text: Response(b"", content_type=text),
    "location": lambda text: Response.redirect(f"/{text}"),
    "error's field": lambda text: Response.from_error(NotFound(headers=[("X-A", text)])),
    "error's location": lambda text: Response.from_error(Redirect(text)),
    "error's methods": lambda text: Response.from_error(MethodNotAllowed([text])),
    "media type": lambda text: typed_of("content_type", MediaType("text", "plain", {"a": text})),
    "file name": lambda text: typed_of(
        "content_disposition", ContentDisposition("attachment", filename=text)
    ),
    "etag": lambda text: typed_of("etag", ETag(text)),
    "cookie": lambda text: cookie_of(SetCookie("a", text)),
    "cookie's path": lambda text: cookie_of(SetCookie("a", "b", path=f"/{text}")),
    "received cookie": lambda text: cookie_of(SetCookie.parse(f"a=b; x={text}")),
}


@pytest.mark.parametrize("way", WAYS_IN)
@given(st.text(st.sampled_from('a \r\n\0\x7f\t:;,"\\%é€\u2028\ud800'), max_size=6))
@example("a\r\nX-Evil: 1")
def test_no_header_comes_in_by_another(way: str, text: str) -> None:
    """Whatever text is put in wherever: it is refused, or the lines have nothing that ends one."""
    try:
        response = WAYS_IN[way](text)
    except (ToolkitError, ValueError, TypeError):
        return
    for name, value in response.lines():
        assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]", value)


def test_lines_are_a_new_list() -> None:
    response = Response.text("hello")
    response.lines().clear()
    response.headers["X-A"] = "1"
    response.lines().clear()
    assert response.lines() == [("Content-Type", "text/plain; charset=utf-8"), ("X-A", "1")]
    assert Response.text("hello").lines() == [("Content-Type", "text/plain; charset=utf-8")]


def test_json_is_compact_utf8_and_strict() -> None:
    assert Response.json({"ä": [1.5, None]}, 201).body == '{"ä":[1.5,null]}'.encode()
    with pytest.raises(ValueError, match="JSON"):
        Response.json(float("nan"))
    with pytest.raises(ValueError, match="surrogates"):
        Response.json("\ud800")
    endless: list[JSON] = []
    endless.append(endless)
    with pytest.raises(RecursionError):
        Response.json(endless)


def test_problem_details() -> None:
    response = Response.problem(409, "Taken.", type="https://example.org/taken", title="Seat taken", seat=7)
    assert response.status == 409
    assert isinstance(response.body, bytes)
    assert json.loads(response.body) == {
        "type": "https://example.org/taken",
        "status": 409,
        "title": "Seat taken",
        "detail": "Taken.",
        "seat": 7,
    }
    assert Response.problem(799).body == b'{"status":799,"title":"Unknown"}'


@pytest.mark.parametrize(
    ("location", "sent"),
    [
        ("/a b", "/a%20b"),
        ("/caf\u00e9?q=ü#ß", "/caf%C3%A9?q=%C3%BC#%C3%9F"),
        ("/a%20b%", "/a%20b%25"),
        ("https://example.org/[x]", "https://example.org/[x]"),
        ("/a\r\nX-Evil: 1", "/a%0D%0AX-Evil:%201"),
        ('/"<>\\^`{|}', "/%22%3C%3E%5C%5E%60%7B%7C%7D"),
    ],
)
def test_a_location_is_made_safe_for_the_wire(location: str, sent: str) -> None:
    assert Response.from_error(Redirect(location)) == Response.redirect(location)
    response = Response.redirect(location)
    assert (response.status, response.headers["Location"], response.body) == (303, sent, b"")


def test_redirects_can_keep_the_method() -> None:
    assert Response.redirect("/", 307).status == 307


@pytest.mark.parametrize("status", [200, 201, 299, 304, 305, 306, 400])
def test_a_redirect_has_a_status_of_one(status: int) -> None:
    with pytest.raises(ValueError, match="redirect"):
        Response.redirect("/", status)


@pytest.mark.parametrize(
    "location", ["javascript:alert(1)", "JavaScript://x/%0Aalert(1)", "data:,a", "vbscript:a"]
)
def test_a_redirect_runs_no_script(location: str) -> None:
    with pytest.raises(ValueError, match="script"):
        Response.redirect(location)
    with pytest.raises(ValueError, match="script"):
        Response.from_error(Redirect(location))


@pytest.mark.parametrize("location", ["com.example.app:/done", "/javascript:a", "?a=data:", "data"])
def test_other_redirects_go_anywhere(location: str) -> None:
    assert Response.redirect(location).headers["Location"] == location


@pytest.mark.parametrize("body", [{"a": 1}, None, 7, object(), Response])
def test_what_is_no_body_is_refused(body: object) -> None:
    with pytest.raises(InvalidResponse, match="body") as caught:
        Response(body)  # type: ignore[arg-type]  # as a caller without a type checker may
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("status", ["200", None, 200.0])
def test_what_is_no_status_is_refused(status: object) -> None:
    with pytest.raises(InvalidResponse, match="status"):
        Response(b"", status)  # type: ignore[arg-type]  # the same


@pytest.mark.parametrize("body", [bytearray(b"abc"), memoryview(b"abc")])
def test_other_bytes_are_bytes(body: bytearray | memoryview) -> None:
    assert Response(body).body == b"abc"


@pytest.mark.parametrize("chunk", ["é", "é".encode(), bytearray("é".encode()), memoryview("é".encode())])
def test_a_chunk_becomes_bytes(chunk: object) -> None:
    assert encode_chunk(chunk) == b"\xc3\xa9"
    assert type(encode_chunk(chunk)) is bytes


@pytest.mark.parametrize("chunk", [None, 1, [b"a"], ServerSentEvent("a")])
def test_what_is_no_chunk_is_refused(chunk: object) -> None:
    with pytest.raises(InvalidResponse, match=r"is no chunk of a response$"):
        encode_chunk(chunk)


def test_what_is_assigned_is_checked_like_what_is_given() -> None:
    response = Response(b"", 204)
    given: list[tuple[Any, Body]] = [
        ("é", "é".encode()),
        (bytearray(b"a"), b"a"),
        (b"b", b"b"),
        (["c"], ["c"]),
    ]
    for body, taken in given:
        response.body = body
        assert response.body == taken
    response.status = HTTPStatus.CREATED
    assert response == Response(["c"], 201)
    bodies: list[Any] = [{"a": 1}, None, 5]
    for body in bodies:
        with pytest.raises(InvalidResponse, match=r"is no body of a response \(see `Response.json`\)"):
            response.body = body
    with pytest.raises(InvalidResponse, match="'200' is no status"):
        response.status = "200"  # type: ignore[assignment]  # as a caller without a type checker may
    assert response == Response(["c"], 201)


def test_a_status_of_an_enumeration_is_written_as_a_number() -> None:
    class Status(int, Enum):
        FINE = 299

    assert repr(Response(b"", Status.FINE)) == "Response(b'', 299, [])"


def test_bodies_and_statuses_of_a_subclass() -> None:
    class Special(bytes):
        pass

    response = Response(Special(b"abc"), HTTPStatus.CREATED)
    assert (response.body, response.status) == (b"abc", 201)


@pytest.mark.parametrize(
    "location", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_redirect_can_be_kept_within_a_host(location: str) -> None:
    with pytest.raises(UnsafeRedirect, match=r"leaves 'example\.org'") as error:
        Response.redirect(location, within="example.org")
    assert error.value.status == 400
    assert Response.redirect("/ok", within="example.org").headers["Location"] == "/ok"


def test_errors_become_text_by_default() -> None:
    response = Response.from_error(NotFound("No user 7."))
    assert response == Response("404 Not Found\nNo user 7.\n", 404)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/html", "text/html; charset=utf-8"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
        ("application/json", "application/problem+json"),
        ("application/problem+json", "application/problem+json"),
        ("*/*", "text/plain; charset=utf-8"),
        ("image/png", "text/plain; charset=utf-8"),
    ],
)
def test_errors_are_told_as_the_client_prefers(accept: str, content_type: str) -> None:
    response = Response.from_error(NotFound("<7>"), Accept.parse(accept))
    assert response.headers["Content-Type"] == content_type
    assert isinstance(response.body, bytes)
    assert (b"<7>" in response.body) is ("html" not in content_type)


def test_what_an_error_carries_becomes_fields() -> None:
    assert Response.from_error(MethodNotAllowed(["GET", "HEAD"])).headers["Allow"] == "GET, HEAD"
    redirect = Response.from_error(Redirect("/a", 308))
    assert redirect == Response(b"", 308, {"Location": "/a"})
    redirect = Response.from_error(Redirect("/é\r\nb: c", headers=[("X-A", "é")]))
    assert redirect.headers.items() == [("Location", "/%C3%A9%0D%0Ab:%20c"), ("X-A", "é")]


def test_an_error_without_content_has_no_type() -> None:
    match = Router([Rule("/a", "a", methods=["GET"])]).resolve("/a", "OPTIONS")
    assert isinstance(match, HTTPError)
    assert Response.from_error(match, Accept.parse("text/html")) == Response(
        b"", 204, {"Allow": "GET, HEAD, OPTIONS"}
    )


def test_errors_of_the_peer_are_answered_with_their_status_and_reason() -> None:
    response = Response.from_error(LimitExceeded("max_items", 3, 4))
    assert response.status == 413
    assert response.body == b"413 Content Too Large\nmax_items is limited to 3, received at least 4\n"
    assert Response.from_error(MalformedForm("no name")).status == 400


def test_cookies_are_lines_of_their_own() -> None:
    response = Response()
    response.set_cookie(SetCookie("a", "1", path="/"))
    response.set_cookie(SetCookie("b", "2"))
    assert response.headers.getlist("Set-Cookie") == ["a=1; Path=/", "b=2"]
    assert response.cookies == [SetCookie("a", "1", path="/"), SetCookie("b", "2")]


def test_typed_fields() -> None:
    response = Response()
    response.etag = ETag("v1")
    response.expires = datetime(2030, 1, 1, tzinfo=timezone.utc)
    assert response.headers.items() == [("ETag", '"v1"'), ("Expires", "Tue, 01 Jan 2030 00:00:00 GMT")]


def test_equality_and_repr() -> None:
    assert Response("a") == Response.text("a")
    assert Response("a") != Response("b")
    assert Response("a") != Response("a", 201)
    assert Response("a") != Response("a", headers={"X": "1"})
    assert Response() != 200
    response = Response("a", 201, {"X": "1"})
    assert eval(repr(response)) == response  # noqa: S307  # our own repr
    with pytest.raises(TypeError, match="unhashable"):
        hash(response)


def test_statuses_of_errors_survive() -> None:
    assert Response.from_error(HTTPError(499, "gone")).status == 499
