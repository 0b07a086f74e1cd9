"""Environs, scopes and response heads, as a server makes them of what it received and was given."""

from __future__ import annotations

import wsgiref.validate
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from toolkit.asgi_scope import ScopeRequest
from toolkit.gateway import (
    Endpoints,
    asgi_head,
    make_environ,
    make_scope,
    make_websocket_scope,
    split_target,
    wsgi_head,
)
from toolkit.sansio.errors.base import InvalidHeader
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.events import RequestReceived, ResponseHead
from toolkit.sansio.http11.server import ServerConnection
from toolkit.wsgi_environ import EnvironRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HERE = Endpoints("http", ("192.0.2.1", 4711), ("127.0.0.1", 8000))
MOUNTED = replace(HERE, root_path="/my%20app")


def received(target: str, *fields: str, method: str = "GET", version: str = "1.1") -> RequestReceived:
    """A request that has come through a connection."""
    connection = ServerConnection()
    lines = [f"{method} {target} HTTP/{version}", *(fields or ["Host: example.org"]), "", ""]
    connection.receive_data("\r\n".join(lines).encode("latin-1"))
    event = connection.next_event()
    assert isinstance(event, RequestReceived)
    return event


def environ_of(request: RequestReceived, endpoints: Endpoints = HERE, **extra: object) -> WSGIEnvironment:
    return make_environ(request, endpoints, None, extra)


@pytest.mark.parametrize(
    ("target", "path", "query", "authority"),
    [
        ("/", "/", "", None),
        ("/a%2Fb/?", "/a%2Fb/", "", None),
        ("/a?b?c", "/a", "b?c", None),
        ("/a?http://b/c", "/a", "http://b/c", None),
        ("//a", "//a", "", None),
        ("/http://a/b", "/http://a/b", "", None),
        ("http://a", "/", "", "a"),
        ("HTTPS://a:1/b/c?d/e", "/b/c", "d/e", "a:1"),
        ("http://a?b", "/", "b", "a"),
        ("http://[::1]:80/", "/", "", "[::1]:80"),
        ("*", "*", "", None),
        ("a:443", "", "", None),
    ],
)
def test_targets(target: str, path: str, query: str, authority: str | None) -> None:
    assert split_target(target) == (path, query, authority)


def test_an_environ() -> None:
    request = received(
        "/caf%C3%A9%2Fx?a=%20b", "Host: a", "X-A: 1", "Cookie: a=1", "cookie: b=2", "x-a: 2", "A_B: 3"
    )
    stream = object()
    assert make_environ(request, HERE, stream, {"wsgi.run_once": False}) == {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/caf\xc3\xa9/x",
        "QUERY_STRING": "a=%20b",
        "REQUEST_URI": "/caf%C3%A9%2Fx?a=%20b",
        "RAW_URI": "/caf%C3%A9%2Fx?a=%20b",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "REMOTE_PORT": "4711",
        "HTTP_HOST": "a",
        "HTTP_X_A": "1, 2",
        "HTTP_COOKIE": "a=1; b=2",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": stream,
        "wsgi.run_once": False,
    }


def test_an_environ_is_one_for_the_validator() -> None:
    class Stream:
        read = readline = readlines = __iter__ = write = writelines = flush = None

    validate: Any = wsgiref.validate
    said = {
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.errors": Stream(),
    }
    for endpoints in (HERE, Endpoints(server=("/run/app.sock", None)), replace(HERE, root_path="/a")):
        request = received("/a/b?c", "Host: a", "Content-Length: 5", "Content-Type: a/b", method="POST")
        validate.check_environ(make_environ(request, endpoints, Stream(), said))


def test_content_in_an_environ() -> None:
    fixed = environ_of(received("/", "Host: a", "Content-Length: 5", "Content-Type: a/b", method="POST"))
    assert (fixed["CONTENT_LENGTH"], fixed["CONTENT_TYPE"]) == ("5", "a/b")
    assert "wsgi.input_terminated" not in fixed
    chunked = environ_of(received("/", "Host: a", "Transfer-Encoding: chunked", method="POST"))
    assert chunked["wsgi.input_terminated"] is True
    assert "CONTENT_LENGTH" not in chunked


def test_ends_that_nobody_knows() -> None:
    environ = environ_of(received("/", version="1.0"), Endpoints("https"))
    assert "REMOTE_ADDR" not in environ
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("localhost", "443")
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.0"
    scope = make_scope(received("/", version="1.0"), Endpoints(), {})
    assert (scope["client"], scope["server"], scope["http_version"]) == (None, None, "1.0")
    assert make_scope(received("/", version="1.7"), Endpoints(), {})["http_version"] == "1.1"


def test_a_scope() -> None:
    request = received("/caf%C3%A9%2Fx?a=%20b", "Host: a", "X-A: \xe9", "x-a: 2", method="PUT")
    assert make_scope(request, HERE, {"state": {}}) == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": "PUT",
        "scheme": "http",
        "path": "/caf\xe9/x",
        "raw_path": b"/caf%C3%A9%2Fx",
        "query_string": b"a=%20b",
        "root_path": "",
        "headers": [(b"host", b"a"), (b"x-a", b"\xe9"), (b"x-a", b"2")],
        "client": ("192.0.2.1", 4711),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


@pytest.mark.parametrize(("scheme", "expected"), [("http", "ws"), ("https", "wss"), ("ws", "ws")])
def test_the_scope_of_a_websocket(scheme: str, expected: str) -> None:
    request = received("/chat", "Host: a", "Sec-WebSocket-Protocol: a, b", "sec-websocket-protocol: c")
    scope = make_websocket_scope(request, replace(HERE, scheme=scheme), {"extensions": {}})
    assert (scope["type"], scope["scheme"], scope["subprotocols"]) == ("websocket", expected, ["a", "b", "c"])
    assert "method" not in scope
    assert scope["extensions"] == {}
    assert make_websocket_scope(received("/"), HERE, {})["subprotocols"] == []


@pytest.mark.parametrize("sent", ["/my%20app/a%2Fb", "/a%2Fb"])
def test_a_mounted_application(sent: str) -> None:
    """The root path is the application's, whether or not a proxy has taken it off the target."""
    environ = environ_of(received(sent + "?q"), MOUNTED)
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/my app", "/a/b")
    assert environ["RAW_URI"] == "/my%20app/a%2Fb?q"
    assert EnvironRequest(environ).raw_path == "/a%2Fb"
    scope = make_scope(received(sent + "?q"), MOUNTED, {})
    assert (scope["root_path"], scope["path"]) == ("/my app", "/my app/a/b")
    assert scope["raw_path"] == b"/my%20app/a%2Fb"
    assert ScopeRequest(scope).raw_path == "/a%2Fb"


@pytest.mark.parametrize(
    ("path", "info"), [("/my%20app", ""), ("/my%20app/", "/"), ("/my%20apple", "/my apple")]
)
def test_the_edges_of_a_mount(path: str, info: str) -> None:
    environ = environ_of(received(path), MOUNTED)
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/my app", info)
    assert make_scope(received(path), MOUNTED, {})["path"] == "/my app" + info


def test_the_host_of_an_absolute_target_is_the_one_that_counts() -> None:
    request = received("http://a.example:81/b?c", "Accept: */*", "Host: b.example")
    environ = environ_of(request)
    assert (environ["HTTP_HOST"], environ["PATH_INFO"], environ["QUERY_STRING"]) == (
        "a.example:81",
        "/b",
        "c",
    )
    scope = make_scope(request, HERE, {})
    assert scope["headers"] == [(b"host", b"a.example:81"), (b"accept", b"*/*")]
    assert (scope["path"], scope["raw_path"]) == ("/b", b"/b")


@pytest.mark.parametrize(
    ("target", "method", "path"), [("*", "OPTIONS", "*"), ("example.org:443", "CONNECT", "")]
)
def test_targets_without_a_path(target: str, method: str, path: str) -> None:
    assert environ_of(received(target, method=method))["PATH_INFO"] == path
    assert make_scope(received(target, method=method), HERE, {})["path"] == path


def test_heads_of_responses() -> None:
    lines = [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    head = wsgi_head("418 I'm a teapot", lines)
    assert head == ResponseHead(418, Headers(lines), "I'm a teapot")
    lines.clear()  # they are the application's, who may use the list for something else
    assert len(head.headers) == 3
    raw = [(b"content-type", b"text/plain"), [b"x", b"\xe9"]]
    assert asgi_head(200, raw) == ResponseHead(200, Headers([("content-type", "text/plain"), ("x", "\xe9")]))
    assert asgi_head(204) == ResponseHead(204)


@pytest.mark.parametrize(
    "status", ["", "20 OK", "2000 OK", "abc OK", "199 OK", "100 Continue", "+20 OK", "٢٠٠ OK", "200\tOK"]
)
def test_a_status_of_wsgi_that_is_none(status: str) -> None:
    with pytest.raises(InvalidHeader):
        wsgi_head(status, [])


@pytest.mark.parametrize("status", ["200", "200 "])
def test_a_status_of_wsgi_without_a_reason(status: str) -> None:
    assert wsgi_head(status, []) == ResponseHead(200)
