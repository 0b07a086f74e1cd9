"""The slash at the end of a path, and empty segments."""

from __future__ import annotations

import pytest

from tests.sansio.routing.redirecting import location
from toolkit.sansio.errors.http import NotFound, Redirect
from toolkit.sansio.routing.results import (
    Match,
    RouteNotFound,
)
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule


@pytest.mark.parametrize("policy", ["strict", "redirect", "ignore"])
def test_slash_policy_of_router_and_rule(policy: str) -> None:
    router = Router(
        [Rule("/a", "a"), Rule("/b/", "b"), Rule("/c/<path:p>/", "c"), Rule("/d/<x>", "d", slashes="strict")],
        slashes=policy,  # type: ignore[arg-type]
    )
    assert router.match("/a").endpoint == "a"
    assert isinstance(router.resolve("/d/x/"), NotFound)
    results = [router.resolve(path) for path in ("/a/", "/b", "/c/x/y")]
    if policy == "ignore":
        assert [result.endpoint for result in results if isinstance(result, Match)] == ["a", "b", "c"]
    elif policy == "redirect":
        assert [result.location for result in results if isinstance(result, Redirect)] == [
            "/a",
            "/b/",
            "/c/x/y/",
        ]
    else:
        assert all(isinstance(result, NotFound) for result in results)


def test_unknown_policy() -> None:
    with pytest.raises(ValueError, match="strict"):
        Router(slashes="maybe")  # type: ignore[arg-type]


def test_slashes_are_redirected_only_for_methods_that_would_be_taken() -> None:
    router = Router(
        [
            Rule("/a/", "a", methods=["GET"]),
            Rule("/b", "get", methods=["GET"]),
            Rule("/b/", "post", methods=["POST"]),
        ]
    )
    assert location(router, "/a") == "/a/"
    assert isinstance(router.resolve("/a", "POST"), NotFound)
    assert location(router, "/b", method="POST") == "/b/"


def test_merged_slashes() -> None:
    router = Router([Rule("/a/b", "ab"), Rule("/p/<path:p>", "p"), Rule("/s/", "s")])
    assert location(router, "//a///b") == "/a/b"
    assert location(router, "/s//") == "/s/"
    assert location(router, "//s") == "/s/"
    assert router.match("/p/a//b").params == {"p": "a//b"}
    assert location(router, "/p//a") == "/p/a"
    assert isinstance(router.resolve("//x"), NotFound)
    assert isinstance(Router([Rule("/a/b", "ab")], merge_slashes=False).resolve("/a//b"), NotFound)


def test_slashes_in_the_fast_lane() -> None:
    router = Router(
        [Rule("/a/<x>/", "a"), Rule("/b/<x>/y", "b"), Rule("/<int:i>/", "int"), Rule("/<s>/", "s")]
    )
    assert location(router, "/a/5") == "/a/5/"
    assert location(router, "/5") == "/5/"
    assert isinstance(router.resolve("/c/5/y"), NotFound)
    assert isinstance(router.resolve("/b/5/z/"), NotFound)


def test_a_variable_is_not_empty_at_the_end() -> None:
    router = Router([Rule("/users/<name>", "user", methods=["GET"], slashes="strict")])
    for _ in range(3):
        assert isinstance(router.resolve("/users/"), NotFound)
        assert isinstance(router.resolve("/users/", "PUT"), NotFound)
        assert isinstance(router.resolve("/users"), NotFound)


@pytest.mark.parametrize(
    ("pattern", "path"), [("/files/<x>/", "/files/"), ("/<x>/<y>/", "/b/"), ("/<x>/<y>", "/b/")]
)
def test_a_variable_is_not_empty_where_the_slash_is_ignored(pattern: str, path: str) -> None:
    router = Router([Rule(pattern, "e", methods=["GET"], slashes="ignore")])
    for method in ("GET", "PUT", "OPTIONS"):
        answers = [type(router.resolve(path, method)) for _ in range(3)]
        assert answers == [RouteNotFound] * 3, method
