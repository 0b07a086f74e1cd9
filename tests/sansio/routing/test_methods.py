"""Methods: which rule takes one, what is allowed, and WebSocket handshakes."""

from __future__ import annotations

import pytest

from toolkit.sansio.errors.http import MethodNotAllowed
from toolkit.sansio.routing.results import (
    Match,
    OptionsAnswer,
    RouteNotFound,
    WebSocketMismatch,
)
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import METHODS, Rule


def test_a_static_path_does_not_hide_another_method() -> None:
    router = Router(
        [Rule("/users/me", "me", methods=["GET"]), Rule("/users/<id>", "drop", methods=["DELETE"])]
    )
    assert router.match("/users/me").endpoint == "me"
    assert router.match("/users/me", "DELETE") == Match(
        "drop", {"id": "me"}, Rule("/users/<id>", "drop", methods=["DELETE"])
    )
    with pytest.raises(MethodNotAllowed) as caught:
        router.match("/users/me", "POST")
    assert caught.value.allowed == ("DELETE", "GET", "HEAD", "OPTIONS")
    assert caught.value.field_lines() == [("Allow", "DELETE, GET, HEAD, OPTIONS")]
    assert str(caught.value) == "405 Method Not Allowed"


def test_options_are_answered_from_the_table() -> None:
    router = Router([Rule("/a", "a", methods=["GET"]), Rule("/b", "b", methods=["OPTIONS"])])
    answer = router.resolve("/a", "OPTIONS")
    assert isinstance(answer, OptionsAnswer)
    assert (answer.status, answer.allowed, answer.as_text(), answer.as_html()) == (
        204,
        ("GET", "HEAD", "OPTIONS"),
        "",
        "",
    )
    assert router.match("/b", "OPTIONS").endpoint == "b"
    silent = Router([Rule("/a", "a", methods=["QUERY"])], automatic_options=False)
    refused = silent.resolve("/a", "OPTIONS")
    assert isinstance(refused, MethodNotAllowed)
    assert (refused.status, refused.allowed) == (405, ("QUERY",))
    assert router.allowed("/a") == ("GET", "HEAD", "OPTIONS")
    assert router.allowed("/%ff") == router.allowed("/zzz") == ()
    assert Router([Rule("/any", "any")]).allowed("/any") == tuple(sorted(METHODS))


def test_head_is_implied_by_get_unless_named() -> None:
    router = Router(
        [
            Rule("/a", "get", methods=["GET"]),
            Rule("/a", "head", methods=["HEAD"]),
            Rule("/a", "any"),
            Rule("/b", "b", methods=["GET"]),
        ]
    )
    assert [router.match("/a", method).endpoint for method in ("GET", "HEAD", "POST")] == [
        "get",
        "head",
        "any",
    ]
    assert router.match("/b", "HEAD").endpoint == "b"


def test_websocket_rules_stand_apart() -> None:
    router = Router(
        [
            Rule("/live", "page", methods=["GET"]),
            Rule("/live", "socket", websocket=True),
            Rule("/ws", "ws", websocket=True),
        ]
    )
    assert router.match("/live").endpoint == "page"
    assert router.match("/live", websocket=True).endpoint == "socket"
    assert isinstance(router.resolve("/ws"), WebSocketMismatch)
    with pytest.raises(WebSocketMismatch):
        Router([Rule("/live", "page")]).match("/live", websocket=True)
    assert not isinstance(router.resolve("/none"), WebSocketMismatch)


def test_the_cache_of_allow_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.sansio.routing.router._CACHED", 1)
    router = Router([Rule("/a", "a", methods=["GET"]), Rule("/b", "b", methods=["PUT"])])
    assert [router.allowed(path) for path in ("/a", "/b", "/a")] == [
        ("GET", "HEAD", "OPTIONS"),
        ("OPTIONS", "PUT"),
        ("GET", "HEAD", "OPTIONS"),
    ]


def test_a_wrong_method_is_one_before_and_after_the_rules_are_compiled() -> None:
    router = Router([Rule("/a/<x>", "a", methods=["POST"])])
    for _ in range(3):
        result = router.resolve("/a/5", "PUT")
        assert isinstance(result, MethodNotAllowed)
        assert result.allowed == ("OPTIONS", "POST")


def test_a_fixed_path_leaves_other_methods_to_a_variable() -> None:
    router = Router(
        [
            Rule("/users/me", "me", methods=["GET"]),
            Rule("/users/<name>", "user", methods=["PUT"]),
            Rule("/users/all", "all", defaults={"page": 1}),
            Rule("/users/<int:id>/<x>", "x"),
            Rule("/teams", "teams", methods=["GET"]),
        ]
    )
    for _ in range(3):  # searched, then by the generated code
        assert router.match("/users/me", "PUT").params == {"name": "me"}
        assert router.match("/users/all", "PUT").params == {"page": 1}
        assert allowed(router, "/users/me") == ("GET", "HEAD", "OPTIONS", "PUT")
        assert allowed(router, "/teams") == ("GET", "HEAD", "OPTIONS")


def allowed(router: Router[str], path: str) -> tuple[str, ...]:
    result = router.resolve(path, "BREW")
    assert isinstance(result, MethodNotAllowed)
    return result.allowed


def test_allow_is_of_all_rules_for_a_path() -> None:
    router = Router(
        [
            Rule("/items/new", "form", methods=["GET"]),
            Rule("/items/<slug:name>", "search", methods=["QUERY"]),
            Rule("/items/<name>", "save", methods=["PUT", "PURGE"]),
            Rule("/<path:rest>", "drop", methods=["DELETE"]),
            Rule("/items/<name>", "live", websocket=True),
        ]
    )
    for _ in range(3):
        assert allowed(router, "/items/new") == ("DELETE", "GET", "HEAD", "OPTIONS", "PURGE", "PUT", "QUERY")
        assert allowed(router, "/items/old") == ("DELETE", "OPTIONS", "PURGE", "PUT", "QUERY")
        assert allowed(router, "/items/%C3%A9") == ("DELETE", "OPTIONS", "PURGE", "PUT")
        assert router.match("/items/new", "QUERY").endpoint == "search"
        answer = router.resolve("/items/new", "OPTIONS")
        assert isinstance(answer, OptionsAnswer)
        assert answer.allowed == allowed(router, "/items/new")


def test_a_mismatch_of_protocols_is_told_from_a_path_that_is_not_there() -> None:
    router = Router(
        [
            Rule("/rooms/<int:id>", "room", methods=["GET"], host="<tenant>.example.org"),
            Rule("/rooms/<int:id>/live", "live", websocket=True),
        ]
    )
    for _ in range(3):
        plain = router.resolve("/rooms/7/live", "POST", host="a.example.org")
        live = router.resolve("/rooms/7", host="a.example.org", websocket=True)
        assert isinstance(plain, WebSocketMismatch)
        assert isinstance(live, WebSocketMismatch)
        assert (plain.status, plain.path, live.path) == (404, "/rooms/7/live", "/rooms/7")
        for path in ("/rooms/x", "/rooms/x/live"):
            for websocket in (False, True):
                lost = router.resolve(path, host="a.example.org", websocket=websocket)
                assert type(lost) is RouteNotFound
