"""What a client sends, keeps and follows: the same for both interfaces, blocking or not."""

from __future__ import annotations

import io
import threading
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.testing.apps import CHUNKS, ECHOES, RUNNERS, json_of
from toolkit.interfaces import interface_of
from toolkit.sansio.errors.base import LocalError, MalformedURL
from toolkit.sansio.exchange.machine import ExchangeError
from toolkit.sansio.fields.cookie_jar import CookieJar
from toolkit.sansio.headers import Headers
from toolkit.sansio.url.model import URL
from toolkit.testing.agent import redirect
from toolkit.testing.async_client import AsyncClient
from toolkit.testing.body import Body
from toolkit.testing.client import Client
from toolkit.testing.errors import TooManyRedirects
from toolkit.testing.messages import Request, Response
from toolkit.testing.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.testing.body import File


@pytest.fixture(params=ECHOES)
def echo(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return ECHOES[request.param]


@pytest.fixture(params=[False, True, Wire(piece=1)], ids=["in memory", "wire", "byte by byte"])
def client(echo: Callable[..., Any], request: pytest.FixtureRequest) -> Client:
    return Client(echo, wire=request.param)


def seen(response: Response) -> dict[str, Any]:
    assert response.status == 200
    return json_of(response.json())


def test_a_plain_request(client: Client) -> None:
    assert seen(client.get("/a%20b/%C3%A9?x=1")) == {
        "method": "GET",
        "root": "",
        "path": "/a b/é",
        "query": "x=1",
        "scheme": "http",
        "client": ["127.0.0.1", 50000],
        "server": ["localhost", 80],
        "headers": {"host": "localhost"},
        "body": "",
        "extra": None,
    }


@pytest.mark.parametrize("method", ["get", "options", "post", "put", "patch", "delete", "query"])
def test_methods(client: Client, method: str) -> None:
    response = getattr(client, method)("/")
    assert seen(response)["method"] == method.upper()
    expects_content = method in {"post", "put", "patch", "query"}
    assert seen(response)["headers"].get("content-length") == ("0" if expects_content else None)


def test_a_response_to_head_has_no_content(client: Client) -> None:
    response = client.head("/")
    assert (response.status, response.content) == (200, b"")


def test_a_method_is_a_token(client: Client) -> None:
    with pytest.raises(LocalError, match="token"):
        client.request("GET /", "/")


def test_parameters_go_behind_the_query(client: Client) -> None:
    assert seen(client.get("/?a=1", params={"b": ["2", "3"], "c": None}))["query"] == "a=1&b=2&b=3"
    assert seen(client.get("/", params=[("b", "é")]))["query"] == "b=%C3%A9"


def test_where_the_server_is(echo: Callable[..., Any]) -> None:
    client = Client(
        echo,
        base_url="https://example.org:8443/",
        client=("10.0.0.1", 1),
        extra={"extra": "given"},
    )
    found = seen(client.get("path"))
    assert found["scheme"] == "https"
    assert found["server"] == ["example.org", 8443]
    assert found["headers"]["host"] == "example.org:8443"
    assert found["client"] == ["10.0.0.1", 1]
    assert found["extra"] == "given"


def test_a_root_path_is_where_the_application_is_mounted(echo: Callable[..., Any]) -> None:
    client = Client(echo, base_url="http://localhost/api/", root_path="/api")
    found = seen(client.get("users"))
    assert (found["root"], found["path"]) == ("/api", "/users")
    with pytest.raises(LocalError, match="not below the root path"):
        client.get("/apiary")


def test_a_base_url_is_absolute() -> None:
    with pytest.raises(LocalError, match="absolute"):
        Client(ECHOES["wsgi"], base_url="/api")
    with pytest.raises(LocalError, match="not one of"):
        Client(ECHOES["wsgi"]).get("mailto:somebody")


def test_headers_of_a_request_replace_those_of_the_client(echo: Callable[..., Any]) -> None:
    client = Client(echo, headers={"X-A": "1", "X-B": "1"})
    headers = seen(client.get("/", headers={"x-a": "2", "Host": "other"}))["headers"]
    assert (headers["x-a"], headers["x-b"], headers["host"]) == ("2", "1", "other")


def test_credentials_in_the_url(client: Client) -> None:
    headers = seen(client.get("http://user:pw@localhost/"))["headers"]
    assert headers["authorization"] == "Basic dXNlcjpwdw=="
    assert headers["host"] == "localhost"


# Content.


def test_json(client: Client) -> None:
    found = seen(client.post("/", json={"a": ["é", None]}))
    assert found["body"].encode("latin-1").decode() == '{"a":["é",null]}'
    assert found["headers"]["content-type"] == "application/json"
    assert seen(client.post("/", json=None))["body"] == "null"


def test_an_urlencoded_form(client: Client) -> None:
    found = seen(client.post("/", form={"a": "1 2", "b": ["3", "4"]}))
    assert found["body"] == "a=1+2&b=3&b=4"
    assert found["headers"]["content-type"] == "application/x-www-form-urlencoded"
    assert seen(client.post("/", form=[("a", "1"), ("a", "2")]))["body"] == "a=1&a=2"


def test_files_make_a_multipart_form(client: Client) -> None:
    files: dict[str, File | list[File]] = {
        "one": b"content",
        "two": [("n.txt", "text", "text/plain"), ("m.bin", io.BytesIO(b"file"))],
        "three": io.StringIO("é"),
    }
    found = seen(client.post("/", form={"title": "a"}, files=files))
    kind = found["headers"]["content-type"]
    assert kind.startswith("multipart/form-data; boundary=")
    body = found["body"]
    assert body.endswith(f"--{kind.partition('=')[2]}--\r\n")
    for part in (
        'name="title"\r\n\r\na\r\n',
        'name="one"; filename="one"\r\nContent-Type: application/octet-stream\r\n\r\ncontent\r\n',
        'name="two"; filename="n.txt"\r\nContent-Type: text/plain\r\n\r\ntext\r\n',
        'name="two"; filename="m.bin"\r\nContent-Type: application/octet-stream\r\n\r\nfile\r\n',
        'name="three"; filename="three"\r\nContent-Type: application/octet-stream\r\n\r\n\xc3\xa9\r\n',
    ):
        assert part in body
    assert seen(client.post("/", files=[("f", b"1")]))["headers"]["content-length"]


def test_content(client: Client) -> None:
    found = seen(client.post("/", content="é"))
    assert found["body"].encode("latin-1").decode() == "é"
    assert found["headers"] == {"host": "localhost", "content-length": "2"}
    assert seen(client.post("/", content=bytearray(b"abc")))["body"] == "abc"


def test_content_in_chunks(client: Client) -> None:
    found = seen(client.post("/", content=[b"a", b"", b"bc"]))
    assert found["body"] == "abc"
    assert found["headers"]["transfer-encoding"] == "chunked"
    assert "content-length" not in found["headers"]
    assert seen(client.post("/", content=iter([b"a", b"b"])))["body"] == "ab"


def test_content_in_chunks_with_a_length(client: Client) -> None:
    found = seen(client.post("/", content=Body([b"a", b"bcd"]), headers={"Content-Length": "3"}))
    assert found["body"] == "abc"
    assert "transfer-encoding" not in found["headers"]


def test_two_kinds_of_content_are_one_too_many(client: Client) -> None:
    with pytest.raises(TypeError, match="exclude each other"):
        client.post("/", json={}, content=b"")


# Responses.


@pytest.mark.parametrize("kind", CHUNKS)
def test_a_streamed_response(kind: str) -> None:
    client = Client(CHUNKS[kind](b"a\r\nb", b"", b"c\xc3", b"\xa9\nd"))
    with client.stream("GET", "/") as response:
        assert (response.status, response.headers["Content-Type"]) == (200, "text/plain")
        assert list(response.iter_bytes()) == [b"a\r\nb", b"c\xc3", b"\xa9\nd"]
        with pytest.raises(ExchangeError, match="read once"):
            response.iter_bytes()
        assert repr(response) == "<StreamedResponse 200 [('Content-Type', 'text/plain')]>".replace(
            "Content-Type", response.headers.keys()[0]
        )
    with client.stream("GET", "/") as response:
        assert list(response.iter_text()) == ["a\r\nb", "c", "é\nd"]
    with client.stream("GET", "/") as response:
        assert list(response.iter_lines()) == ["a", "bcé", "d"]
    with client.stream("GET", "/") as response:
        assert response.read() == client.get("/")


@pytest.mark.parametrize("kind", CHUNKS)
def test_text_that_ends_in_the_middle_of_a_character(kind: str) -> None:
    client = Client(CHUNKS[kind](b"\xc3"))
    with client.stream("GET", "/") as response, pytest.raises(UnicodeDecodeError):
        list(response.iter_text())
    with pytest.raises(UnicodeDecodeError):
        _ = client.get("/").text


def test_a_response_is_a_value() -> None:
    response = Response(200, {"Content-Type": "text/plain; charset=latin-1"}, b"\xe9")
    assert response == Response(200, [("content-type", "text/plain; charset=latin-1")], b"\xe9")
    assert response != Response(200, trailers={"A": "1"})
    assert response != "something else"
    assert response.text == "é"
    assert eval(repr(response)) == response  # noqa: S307  # our own
    assert repr(Response(204, trailers={"A": "1"})) == "Response(204, [], b'', trailers=[('A', '1')])"
    assert Response(200, {"Content-Type": "nonsense"}).charset == "utf-8"
    assert str(response.url) == "http://localhost/"


# Cookies.


def test_cookies_are_kept_and_sent(client: Client) -> None:
    response = client.get("/set")
    assert response.cookies["sid"].httponly
    assert [line for line, _ in response.refused_cookies] == ["evil=1; Domain=com"]
    assert seen(client.get("/"))["headers"]["cookie"] == "sid=1"
    assert seen(client.get("/", cookies={"lang": "en"}))["headers"]["cookie"] == "sid=1; lang=en"
    assert seen(client.get("/"))["headers"]["cookie"] == "sid=1"
    assert "cookie" not in seen(client.get("http://other.example/"))["headers"]
    client.jar.clear()
    client.set_cookie("a", "b")
    assert seen(client.get("/deep/down"))["headers"]["cookie"] == "a=b"


def test_a_cookie_that_a_browser_would_not_take(echo: Callable[..., Any]) -> None:
    client = Client(echo, base_url="http://a.example/")
    client.jar.store(["a=1; Secure"], "https", "a.example", "/", datetime.now(timezone.utc))
    with pytest.raises(LocalError, match=r"'a' is refused for http://a\.example/: would overlay"):
        client.set_cookie("a", "b")


def test_the_clock_of_the_cookies_is_injected(echo: Callable[..., Any]) -> None:
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    jar = CookieJar()
    jar.store(["a=1; Max-Age=60"], "http", "localhost", "/", now)
    client = Client(echo, jar=jar, clock=lambda: now)
    assert seen(client.get("/"))["headers"]["cookie"] == "a=1"
    now += timedelta(seconds=61)
    assert "cookie" not in seen(client.get("/"))["headers"]


# Redirects.


def test_redirects_are_followed_when_asked_for(client: Client) -> None:
    assert client.get("/to/303/end").status == 303
    response = client.get("/to/303/end", follow_redirects=True)
    assert seen(response)["path"] == "/end"
    assert seen(response)["headers"]["cookie"] == "from=redirect"
    assert [(one.status, one.content) for one in response.history] == [(303, b"moved")]
    assert str(response.url) == "http://localhost/end"


@pytest.mark.parametrize(
    ("status", "method", "becomes"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (301, "PUT", "PUT"),
        (302, "DELETE", "DELETE"),
        (303, "PUT", "GET"),
        (303, "QUERY", "GET"),
        (302, "QUERY", "QUERY"),
        (303, "GET", "GET"),
        (300, "GET", None),
    ],
)
def test_what_becomes_of_the_method(client: Client, status: int, method: str, becomes: str | None) -> None:
    response = client.request(method, f"/to/{status}/end", content="text", follow_redirects=True)
    if becomes is None:
        assert not response.history
        return
    found = seen(response)
    assert (found["method"], found["body"]) == (becomes, "text" if becomes == method else "")
    assert ("content-length" in found["headers"]) is (becomes == method)


def test_head_stays_head() -> None:
    request = redirect(Request("HEAD", URL("http://a/")), 303, URL("http://a/b"))
    assert request.method == "HEAD"


def test_content_that_cannot_be_sent_again(client: Client) -> None:
    with pytest.raises(LocalError, match="cannot be sent again"):
        client.post("/to/307/", content=iter([b"a"]), follow_redirects=True)
    assert seen(client.post("/to/307/", content=[b"a"], follow_redirects=True))["body"] == "a"
    assert seen(client.post("/to/303/", content=iter([b"a"]), follow_redirects=True))["body"] == ""


def test_what_is_told_to_another_origin(client: Client) -> None:
    headers = {"Authorization": "Bearer x", "X-Kept": "1", "Cookie": "c=1"}
    here = seen(client.get("/to/303/end", headers=headers, follow_redirects=True))
    assert here["headers"]["authorization"] == "Bearer x"
    assert here["headers"]["cookie"] == "from=redirect; c=1"
    there = seen(client.get("/to/303//other.example/end", headers=headers, follow_redirects=True))
    assert "authorization" not in there["headers"]
    assert "cookie" not in there["headers"]
    assert there["headers"]["x-kept"] == "1"
    assert there["headers"]["host"] == "other.example"


def test_a_chain_without_end(echo: Callable[..., Any]) -> None:
    client = Client(echo, follow_redirects=True, max_redirects=1)
    with pytest.raises(TooManyRedirects, match="more than 1 redirects; the next one leads to") as caught:
        client.get("/to/303/to/303/end")
    assert caught.value.maximum == 1


def test_redirects_that_cannot_be_followed(client: Client) -> None:
    assert client.get("/to/303app://callback", follow_redirects=True).status == 303
    with pytest.raises(MalformedURL):
        client.get("/to/303http://[", follow_redirects=True)


def test_a_streamed_request_follows_as_well(client: Client) -> None:
    with client.stream("GET", "/to/303/end", follow_redirects=True) as response:
        assert len(response.history) == 1
        assert response.read().history == response.history


# Kinds of applications and clients.


class Callable2:
    def __call__(self, environ: object, start_response: object) -> object: ...


class Callable3:
    async def __call__(self, *_args: object) -> None: ...


class Variadic:
    def __init__(self, app: Callable[..., object]) -> None:
        self.app = app

    def __call__(self, *args: object) -> object:
        return self.app(*args)


async def wrapped(_prefix: str, _scope: object, _receive: object, _send: object) -> None: ...


def test_interfaces_are_found_out() -> None:
    assert interface_of(Callable2()) == "wsgi"
    assert interface_of(Callable3()) == "asgi"
    assert interface_of(partial(wrapped, "x")) == "asgi"
    for unknown in (threading.active_count, seen, type):
        with pytest.raises(LocalError, match="say interface="):
            interface_of(unknown)
    assert Client(Variadic(ECHOES["wsgi"]), interface="wsgi").get("/").status == 200
    assert Client(Variadic(ECHOES["asgi"]), interface="asgi").get("/").status == 200


@pytest.mark.parametrize("runner", RUNNERS)
def test_the_asynchronous_client_has_the_same_calls(runner: str, echo: Callable[..., Any]) -> None:
    async def test() -> None:
        async with AsyncClient(echo, follow_redirects=True) as client:
            for method in ("get", "options", "post", "put", "patch", "delete", "query"):
                assert seen(await getattr(client, method)("/"))["method"] == method.upper()
            assert (await client.head("/")).content == b""
            response = await client.post("/to/307/end", json={"a": 1})
            assert seen(response)["body"] == '{"a":1}'
            assert len(response.history) == 1
            client.set_cookie("a", "b")
            assert "a=b" in seen(await client.get("/"))["headers"]["cookie"]
            assert len(client.jar) == 2

    RUNNERS[runner](test)


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("kind", CHUNKS)
def test_the_asynchronous_client_streams(runner: str, kind: str) -> None:
    async def test() -> None:
        client = AsyncClient(CHUNKS[kind](b"a\r\nb", b"", b"c\xc3", b"\xa9\nd"))
        async with client.stream("GET", "/") as response:
            assert [data async for data in response.iter_bytes()] == [b"a\r\nb", b"c\xc3", b"\xa9\nd"]
        async with client.stream("GET", "/") as response:
            assert [text async for text in response.iter_text()] == ["a\r\nb", "c", "é\nd"]
        async with client.stream("GET", "/") as response:
            assert [line async for line in response.iter_lines()] == ["a", "bcé", "d"]
        async with client.stream("GET", "/") as response:
            async for data in response.iter_bytes():
                assert data == b"a\r\nb"
                break

    RUNNERS[runner](test)


def test_a_blocking_client_in_an_asynchronous_test() -> None:
    async def test() -> None:
        with Client(ECHOES["asgi"]) as client:
            assert client.get("/").status == 200

    RUNNERS["asyncio"](test)


def test_no_thread_is_left() -> None:
    before = threading.active_count()
    client = Client(ECHOES["asgi"])
    client.get("/")
    assert threading.active_count() <= before
    client.close()
    client.close()
    assert client.get("/").status == 200


def test_headers_are_not_the_callers() -> None:
    headers = Headers({"A": "1"})
    client = Client(ECHOES["wsgi"], headers=headers)
    client.get("/", headers=headers)
    assert headers == Headers({"A": "1"})
