"""Defaults, aliases, `redirect_to`, rules that are only built; and redirects of a mounted application."""

from __future__ import annotations

import pickle

import pytest

from tests.sansio.routing.redirecting import location
from toolkit.sansio.errors.http import NotFound
from toolkit.sansio.routing.errors import RuleError
from toolkit.sansio.routing.results import (
    RouteRedirect,
)
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule


def test_redirects_never_leave_the_site() -> None:
    router = Router([Rule("/<name>/", "name"), Rule("/x/<path:p>/", "p")])
    assert location(router, "/\\evil.org") == "/%5Cevil.org/"
    assert location(router, "//evil.org/") == "/evil.org/"
    assert location(router, "/%2Fevil.org") == "/%2Fevil.org/"
    assert "\n" not in location(router, "/a%0d%0aSet-Cookie:x")


def test_redirects_within_a_mounted_application() -> None:
    redirect = Router([Rule("/a/", "a")]).resolve("/a")
    assert isinstance(redirect, RouteRedirect)
    assert redirect.within().location == "/a/"
    assert redirect.within("/r", "q=1").location == "/r/a/?q=1"
    assert RouteRedirect("https://x/?a=1").within("/r", "q=1").location == "https://x/?a=1&q=1"
    assert pickle.loads(pickle.dumps(redirect)).location == "/a/"  # noqa: S301  # our own


def test_defaults_aliases_and_canonical_redirects() -> None:
    router = Router(
        [
            Rule("/all/", "all", defaults={"page": 1}),
            Rule("/all/page/<int:page>", "all"),
            Rule("/users/<int:id>", "user"),
            Rule("/u/<int:id>", "user", alias=True),
            Rule("/lonely/<x>", "lonely", alias=True),
        ]
    )
    assert router.match("/all/").params == {"page": 1}
    assert location(router, "/all/page/1") == "/all/"
    assert router.match("/all/page/2").params == {"page": 2}
    assert location(router, "/u/7") == "/users/7"
    assert router.match("/lonely/a").endpoint == "lonely"
    assert [router.build("all", {"page": page}) for page in (1, 2)] == ["/all/", "/all/page/2"]
    router.add(Rule("/every/page/<int:page>", "all", methods=["GET"]))
    assert router.match("/every/page/1").params == {"page": 1}  # other methods: no canonical form
    kept = Router(list(router), redirect_defaults=False)
    assert kept.match("/all/page/1").params == {"page": 1}


def called(x: str) -> str:
    return f"/called/{x}"


def test_redirect_to() -> None:
    router = Router(
        [
            Rule("/old/<int:id>/<path:rest>", "old", redirect_to="/new/<rest>?id=<id>"),
            Rule("/away/<x>", "away", redirect_to="https://example.org/<x>"),
            Rule("/call/<x>", "call", redirect_to=called),
        ]
    )
    assert location(router, "/old/7/a/b%20c") == "/new/a/b%20c?id=7"
    assert location(router, "/away/a%2Fb") == "https://example.org/a%2Fb"
    assert location(router, "/call/1") == "/called/1"
    with pytest.raises(RuleError, match="names z"):
        router.add(Rule("/<x>", "x", redirect_to="/<z>"))


def test_build_only_rules_never_match() -> None:
    router = Router([Rule("/static/<path:name>", "static", build_only=True)])
    assert isinstance(router.resolve("/static/a"), NotFound)
    assert router.build("static", {"name": "a/b"}) == "/static/a/b"
