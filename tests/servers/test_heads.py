from __future__ import annotations

from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, cast

import h11
import httpx
import pytest

from tests.servers.catalogue import SERVERS, Can
from tests.servers.launching import running
from tests.servers.wire import Wire
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.catalogue import Server
    from tests.servers.launching import Running
    from tests.servers.wire import Reply

PATHS = {
    "/raw/plain": "/raw/plain",
    "/raw/caf%C3%A9/%E2%82%AC": "/raw/café/€",
    "/raw/latin%E9/%FF": "/raw/latin\ufffd/\ufffd",
    "/raw/a%20b%3Fc%23d%25e": "/raw/a b?c#d%e",
    "/raw/a;p=1,2/@x:y+z": "/raw/a;p=1,2/@x:y+z",
    "/raw/a%2Fb/c": "/raw/a/b/c",
}


def facts(reply: Reply | None) -> dict[str, Any]:
    assert reply is not None
    assert reply.status == 200, reply
    return cast("dict[str, Any]", reply.json())


def known(target: str, server: Server) -> str:
    """What an application can know of a path as it was sent."""
    return target if Can.RAW_PATH in server.can else target.replace("%2F", "/")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])
def test_method(server: Running, method: str) -> None:
    with Wire(server.port) as wire:
        assert facts(wire.exchange(method, "/echo", body=b""))["method"] == method


@pytest.mark.parametrize("handler", ["own", "other"])
@pytest.mark.parametrize("target", PATHS)
def test_path(server: Running, target: str, handler: str) -> None:
    with Wire(server.port) as wire:
        said = facts(wire.exchange("GET", target, [("X-Handler", handler)]))
    assert said["path"] == PATHS[target]
    assert said["raw_path"] == known(target, server.server)
    assert said["root_path"] == ""


def test_route(server: Running) -> None:
    with Wire(server.port) as wire:
        assert facts(wire.exchange("GET", "/echo/caf%C3%A9/b"))["rest"] == "café/b"
    with Wire(server.port) as wire:
        missed = wire.exchange("GET", "/echo/%FF")
        assert missed is not None
        assert missed.status == 404
    with Wire(server.port) as wire:
        refused = wire.exchange("GET", "/digest")
        assert refused is not None
        assert (refused.status, refused.get("allow")) == (405, "OPTIONS, POST")


def test_query(server: Running) -> None:
    query = "a=1&a=2&b=%C3%A9&c=x+y&d=%FF&e&%2F=%26"
    with Wire(server.port) as wire:
        said = facts(wire.exchange("GET", f"/echo?{query}"))
    assert said["query_string"] == query
    assert said["args"] == [
        ["a", "1"], ["a", "2"], ["b", "é"], ["c", "x y"], ["d", "\ufffd"], ["e", ""], ["/", "&"],
    ]  # fmt: skip


def test_headers(server: Running) -> None:
    sent = [("X-One", "1"), ("X-Empty", ""), ("X-Latin", "caf\xe9"), ("Accept", "text/html"), ("X-Two", "a")]
    lines = [*sent, ("x-two", "b"), ("Content-Type", "text/plain")]
    with Wire(server.port) as wire:
        raw = [(name, value.encode("latin-1")) for name, value in lines]
        said = facts(wire.exchange("GET", "/echo", cast("list[tuple[str, str]]", raw)))
    got: dict[str, str] = {}
    for name, value in said["headers"]:
        got[name] = f"{got[name]}, {value}" if name in got else value
    assert got["host"] == "example.test"
    assert got["x-one"] == "1"
    assert got["x-empty"] == ""
    assert got["x-latin"] == ("caf\xe9" if Can.LATIN in server.server.can else "")
    assert got["x-two"].replace(", ", ",") == "a,b"
    assert got["content-type"] == "text/plain"
    assert said["url"] == "http://example.test/echo"
    assert said["client"] == "127.0.0.1"
    assert said["scheme"] == "http"


@pytest.mark.parametrize("lines", [["a=1; b=2; a=3"], ["a=1; b=2", "a=3"]])
def test_cookies(server: Running, lines: list[str]) -> None:
    if len(lines) > 1 and Can.COOKIE_LINES not in server.server.can:
        return  # it makes one header of them with a comma, which is part of a value then
    with Wire(server.port) as wire:
        reply = wire.exchange("GET", "/echo", [("Cookie", line) for line in lines])
    assert facts(reply)["cookies"] == [["a", "1"], ["b", "2"], ["a", "3"]]
    assert reply is not None
    assert reply.getlist("set-cookie") == ["first=1", "second=2; Path=/"]


def test_lifespan(server: Running) -> None:
    with Wire(server.port) as wire:
        said = facts(wire.exchange("GET", "/echo"))
    assert said["state"] == ({"started": True} if server.server.protocol == "asgi" else {})


@pytest.mark.parametrize("code", [200, 201, 299, 400, 404, 418, 422, 451, 500, 503, 599])
def test_status(server: Running, code: int) -> None:
    with Wire(server.port) as wire:
        reply = wire.exchange("GET", f"/status/{code}")
    assert reply is not None
    assert reply.status == code
    assert reply.body == f"status {code}".encode()
    assert reply.whole


@pytest.mark.parametrize("code", [204, 304])
def test_statuses_without_content(server: Running, code: int) -> None:
    with Wire(server.port) as wire:
        reply = wire.exchange("GET", f"/status/{code}")
        assert reply is not None
        assert (reply.status, reply.body, reply.whole) == (code, b"", True)
        assert reply.get("content-length") in ({None} if code == 204 else {None, "0"})
        assert reply.get("transfer-encoding") is None
        _goes_on(wire, server)


@pytest.mark.parametrize("target", ["/ready", "/file", "/trailers", "/status/404", "/missing"])
def test_head(server: Running, target: str) -> None:
    with Wire(server.port) as wire:
        reply = wire.exchange("HEAD", target)
        assert reply is not None
        assert (reply.body, reply.whole) == (b"", True)
        _goes_on(wire, server)
    with Wire(server.port) as wire:
        wire.send(
            h11.Request(method="GET", target=target, headers=[("Host", "example.test")]), h11.EndOfMessage()
        )
        got = wire.head()
    assert got is not None
    assert reply.status == got.status
    for name in ("content-type", "content-length"):
        assert reply.get(name) == got.get(name)


def test_keep_alive(server: Running) -> None:
    with Wire(server.port) as wire:
        first = wire.exchange("GET", "/raw/1")
        assert facts(first)["path"] == "/raw/1"
        second = _goes_on(wire, server)
        assert (second is not None) is (Can.KEEP_ALIVE in server.server.can)


def _goes_on(wire: Wire, server: Running) -> Reply | None:
    """The connection is right after what came before: the next request is answered, or it is closed."""
    if not wire.reusable:
        return None
    reply = wire.exchange("GET", "/raw/next")
    if reply is not None or Can.KEEP_ALIVE in server.server.can:
        assert facts(reply)["path"] == "/raw/next"
    return reply


def test_clients(server: Running) -> None:
    """What stands here for all clients that people use: the same answer to each."""
    connection = HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/raw/caf%C3%A9?a=1", headers={"Cookie": "a=1"})
    response = connection.getresponse()
    by_stdlib = response.read()
    connection.close()
    assert (response.status, len(response.headers.get_all("Set-Cookie") or [])) == (200, 2)
    with httpx.Client(
        base_url=f"http://127.0.0.1:{server.port}", cookies={"a": "1"}, timeout=PATIENCE
    ) as client:
        answer = client.get("/raw/café", params={"a": "1"})
        assert answer.status_code == 200
        assert dict(answer.cookies) == {"first": "1", "second": "2"}
    for content in (answer.json(), httpx.Response(200, content=by_stdlib).json()):
        assert (content["path"], content["args"], content["cookies"]) == (
            "/raw/café",
            [["a", "1"]],
            [["a", "1"]],
        )


@pytest.mark.parametrize("server_type", [
    pytest.param(
        server,
        id=server.name.replace(" ", "-"),
        marks=[
            pytest.mark.xdist_group(f"server {server}"),
            pytest.mark.skipif(bool(server.missing), reason=f"without {', '.join(server.missing)}"),
        ],
    )
    for server in SERVERS
    if Can.ROOT_PATH in server.can
])  # fmt: skip
def test_root_path(server_type: Server, tmp_path: Path) -> None:
    prefix = "/mounted" if server_type.strips else ""
    with running(server_type.at_mount(), tmp_path) as mounted:
        for target, path in PATHS.items():
            with Wire(mounted.port) as wire:
                said = facts(wire.exchange("GET", f"{prefix}{target}?a=1"))
            assert said["root_path"] == "/mounted"
            assert said["path"] == path
            assert said["raw_path"] == (raw := known(target, server_type))
            assert said["url"] == f"http://example.test/mounted{raw}?a=1"
