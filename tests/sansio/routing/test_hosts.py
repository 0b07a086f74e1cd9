"""Rules for hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.sansio.routing.results import (
    Match,
    WebSocketMismatch,
)
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule
from toolkit.sansio.routing.tables import normal_host

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest


def test_hosts() -> None:
    router = Router(
        [
            Rule("/", "any"),
            Rule("/", "www", host="WWW.example.org"),
            Rule("/", "tenant", host="<tenant>.example.org"),
            Rule("/", "number", host="<int:n>.example.org"),
            Rule("/x", "x", methods=["POST"], host="<tenant>.example.org"),
            Rule("/x", "x", methods=["GET"]),
        ]
    )
    expected = {
        None: "any",
        "other.org": "any",
        "www.EXAMPLE.org:8080": "www",
        "acme.example.org.": "tenant",
        "7.example.org": "number",
        ".example.org": "any",
    }
    assert {host: router.match("/", host=host).endpoint for host in expected} == expected
    assert router.match("/", host="acme.example.org").params == {"tenant": "acme"}
    assert router.allowed("/x", host="acme.example.org") == ("GET", "HEAD", "OPTIONS", "POST")
    for other in ("a.b.example.org", "acme.example.net"):
        assert router.allowed("/x", host=other) == ("GET", "HEAD", "OPTIONS")
    assert normal_host("[::1]:80") == "[::1]"
    assert normal_host("[::1]") == "[::1]"
    router.add(Rule("/new", "new", host="www.example.org"))
    router.add(Rule("/new", "tenant new", host="<tenant>.example.org"))
    assert router.match("/new", host="www.example.org").endpoint == "new"
    assert router.match("/new", host="b.example.org").endpoint == "tenant new"
    assert router.match("/", host="b.example.org").endpoint == "tenant"


def test_hosts_have_fast_lanes() -> None:
    router = Router(
        [
            Rule("/", "home"),
            Rule("/<page>", "page"),
            Rule("/", "admin", host="admin.example.org"),
            Rule("/<int:id>", "admin-id", host="admin.example.org", methods=["GET"]),
            Rule("/", "shop", host="<tenant>.example.org"),
            Rule("/<item>/<int:n>", "item", host="<tenant>.example.org"),
            Rule("/<item>", "other", host="<shop>.example.org"),
        ]
    )
    for _ in range(3):
        assert found(router, "/", None) == ("home", {})
        assert found(router, "/", "example.net:80") == ("home", {})
        assert found(router, "/", "Admin.example.org") == ("admin", {})
        assert found(router, "/5", "admin.example.org") == ("admin-id", {"id": 5})
        assert found(router, "/a", "admin.example.org") == ("other", {"shop": "admin", "item": "a"})
        assert found(router, "/a/b", "admin.example.org") is None
        assert found(router, "/", "a.example.org") == ("shop", {"tenant": "a"})
        assert found(router, "/x/7", "b.example.org:8080") == ("item", {"tenant": "b", "item": "x", "n": 7})
        assert found(router, "/x", "c.example.org") == ("other", {"shop": "c", "item": "x"})
    assert "host[0]" in router.source
    assert isinstance(router.resolve("/", host="a.example.org", websocket=True), WebSocketMismatch)


def found(router: Router[str], path: str, host: str | None) -> tuple[str, Mapping[str, object]] | None:
    result = router.resolve(path, host=host)
    return (result.endpoint, result.params) if isinstance(result, Match) else None


def test_hosts_that_are_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.sansio.routing.hosts._HOSTS", 2)
    router = Router([Rule("/<x>", "x", host="<tenant>.org"), Rule("/<y>", "y")])
    for host in ("a.org", "b.org", "c.org", "a.org", "net", "b.org") * 2:
        expected = ("x", {"tenant": host[0], "x": "1"}) if host != "net" else ("y", {"y": "1"})
        assert found(router, "/1", host) == expected
