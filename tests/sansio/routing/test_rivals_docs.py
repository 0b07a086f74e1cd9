"""What the documentation of other routers promises, in our syntax: shown to hold, or decided differently.

The differences are listed in docs/conformance/routing.md.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from toolkit.sansio.errors.http import MethodNotAllowed, NotFound, Redirect
from toolkit.sansio.routing.errors import AmbiguousRules, BuildError
from toolkit.sansio.routing.groups import Group
from toolkit.sansio.routing.results import Match, RouteRedirect
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping


def params(router: Router[Any], path: str, endpoint: str) -> Mapping[str, object]:
    match = router.match(path)
    assert match.endpoint == endpoint
    return match.params


class TestWerkzeug:
    """Rules with converters, strict slashes, defaults, hosts, submounts, alias, build_only, redirect_to."""

    blog = Router(
        [
            Rule("/", "index"),
            Rule("/<int:year>/", "archive"),
            Rule("/<int:year>/<int:month>/", "archive"),
            Rule("/<int:year>/<int:month>/<int:day>/", "archive"),
            Rule("/<int:year>/<int:month>/<int:day>/<slug>", "show"),
            Rule("/about", "about"),
            Rule("/feeds/", "feeds"),
            Rule("/feeds/<feed>.rss", "feed"),
        ]
    )

    def test_the_blog(self) -> None:
        assert params(self.blog, "/", "index") == {}
        assert params(self.blog, "/2026/", "archive") == {"year": 2026}
        assert params(self.blog, "/2026/2/28/", "archive") == {"year": 2026, "month": 2, "day": 28}
        assert params(self.blog, "/2026/2/28/hi", "show")["slug"] == "hi"
        assert params(self.blog, "/feeds/news.rss", "feed") == {"feed": "news"}
        assert isinstance(self.blog.resolve("/missing"), NotFound)

    def test_building_the_blog(self) -> None:
        assert self.blog.build("archive", {"year": 2026}) == "/2026/"
        assert self.blog.build("archive", {"year": 2026, "month": 2}) == "/2026/2/"
        assert self.blog.build("feed", {"feed": "my news"}) == "/feeds/my%20news.rss"
        assert (
            self.blog.build("about", host="example.org", scheme="http", external=True)
            == "http://example.org/about"
        )
        with pytest.raises(BuildError):
            self.blog.build("show", {"year": 2026})

    def test_a_missing_slash_is_redirected_with_308(self) -> None:
        redirect = self.blog.resolve("/feeds")
        assert isinstance(redirect, RouteRedirect)
        assert (redirect.location, redirect.status) == ("/feeds/", 308)
        assert redirect.within(query="a=1").location == "/feeds/?a=1"

    def test_an_additional_slash_is_redirected_too(self) -> None:
        redirect = self.blog.resolve("/about/")  # there: not found
        assert isinstance(redirect, Redirect)
        assert redirect.location == "/about"

    def test_merged_slashes(self) -> None:
        redirect = self.blog.resolve("//about")
        assert isinstance(redirect, Redirect)
        assert redirect.location == "/about"

    def test_converters(self) -> None:
        router = Router(
            [
                Rule("/s/<string(length=2):lang>", "lang"),
                Rule("/a/<any(about, help, imprint, class, 'foo,bar'):page>", "page"),
                Rule("/p/<path:wikipage>", "wiki"),
                Rule("/p/<path:wikipage>/edit", "edit"),
                Rule("/i/<int(digits=4):year>", "year"),
                Rule("/n/<int(signed=True):n>", "n"),
                Rule("/f/<float:x>", "float"),
                Rule("/u/<uuid:key>", "key"),
            ]
        )
        assert params(router, "/s/de", "lang") == {"lang": "de"}
        assert isinstance(router.resolve("/s/deu"), NotFound)
        assert params(router, "/a/foo,bar", "page") == {"page": "foo,bar"}
        assert params(router, "/p/a/b/edit", "edit") == {"wikipage": "a/b"}
        assert params(router, "/p/a/b", "wiki") == {"wikipage": "a/b"}
        assert router.build("year", {"year": 7}) == "/i/0007"
        assert params(router, "/n/-5", "n") == {"n": -5}
        assert params(router, "/f/1.5", "float") == {"x": 1.5}
        assert params(router, "/f/1", "float") == {"x": 1.0}  # there: only with a point
        key = "12345678-1234-5678-1234-567812345678"
        assert params(router, f"/u/{key}", "key") == {"key": UUID(key)}

    def test_defaults_redirect_to_the_short_form(self) -> None:
        router = Router([Rule("/all/", "all", defaults={"page": 1}), Rule("/all/page/<int:page>", "all")])
        assert params(router, "/all/", "all") == {"page": 1}
        redirect = router.resolve("/all/page/1")
        assert isinstance(redirect, Redirect)
        assert redirect.location == "/all/"
        assert router.build("all", {"page": 3}) == "/all/page/3"

    def test_methods(self) -> None:
        router = Router([Rule("/get", "get", methods=["GET"]), Rule("/post", "post", methods=["POST"])])
        assert router.match("/get", "HEAD").endpoint == "get"
        with pytest.raises(MethodNotAllowed) as caught:
            router.match("/post")
        assert set(caught.value.allowed) == {"POST", "OPTIONS"}

    def test_submounts_hosts_and_names(self) -> None:
        router = Router(
            [
                Group("/blog", [Rule("/", "index"), Rule("/entry/<slug>", "show")], name="blog"),
                Group("", [Rule("/", "home")], host="<user>.example.org", name="kb"),
            ]
        )
        assert params(router, "/blog/entry/hi", "blog.show") == {"slug": "hi"}
        assert router.match("/", host="ann.example.org").params == {"user": "ann"}
        assert router.build("kb.home", {"user": "ann"}, host="example.org") == "https://ann.example.org/"

    def test_websocket_alias_build_only_redirect_to(self) -> None:
        router = Router(
            [
                Rule("/ws", "comm", websocket=True),
                Rule("/users/", "users"),
                Rule("/u/", "users", alias=True),
                Rule("/uploads/<name>", "upload", build_only=True),
                Rule("/foo/<slug>", "foo", redirect_to="/bar/<slug>"),
            ]
        )
        assert router.match("/ws", websocket=True).endpoint == "comm"
        assert isinstance(router.resolve("/ws"), NotFound)  # there: a 400 of its own kind
        assert isinstance(router.resolve("/u/"), Redirect)
        assert isinstance(router.resolve("/uploads/x"), NotFound)
        assert isinstance(found := router.resolve("/foo/a"), Redirect)
        assert found.location == "/bar/a"

    def test_regular_expressions_of_no_linear_time(self) -> None:
        router = Router([Rule("/<a>-<b>-<c>.html", "abc")])
        assert isinstance(router.resolve("/" + "-" * 4000), NotFound)

    def test_text_is_not_made_of_other_values(self) -> None:
        with pytest.raises(BuildError, match="a str is needed"):  # there: str(value)
            self.blog.build("feed", {"feed": 5})


class TestFalcon:
    """URI templates, several fields in one segment, built-in converters, conflicts."""

    router = Router(
        [
            Rule("/user/<name>", "user"),
            Rule("/repos/<org>/<repo>/compare/<usr0>:<branch0>...<usr1>:<branch1>", "compare"),
            Rule("/<fname>.<ext>", "file"),
            Rule("/teams/<int(min=1):id>", "team"),
            Rule("/teams/default", "default team"),
            Rule("/prefix/<path:rest>", "prefix"),
        ]
    )

    def test_several_fields_in_a_segment(self) -> None:
        assert params(self.router, "/repos/o/r/compare/ann:master...bob:dev", "compare") == {
            "org": "o",
            "repo": "r",
            "usr0": "ann",
            "branch0": "master",
            "usr1": "bob",
            "branch1": "dev",
        }
        assert params(self.router, "/archive.tar.gz", "file") == {"fname": "archive.tar", "ext": "gz"}

    def test_literals_win_over_fields(self) -> None:
        assert params(self.router, "/teams/default", "default team") == {}
        assert params(self.router, "/teams/42", "team") == {"id": 42}
        assert isinstance(self.router.resolve("/teams/0"), NotFound)
        assert params(self.router, "/prefix/a/b", "prefix") == {"rest": "a/b"}

    def test_conflicts(self) -> None:
        with pytest.raises(AmbiguousRules):
            Router([Rule("/books/<isbn>", "a"), Rule("/books/<title>", "b")])
        # there: two converters in one place are refused; here the narrower one comes first
        both = Router([Rule("/books/<int:id>", "id"), Rule("/books/<title>", "title")])
        assert (both.match("/books/7").endpoint, both.match("/books/x").endpoint) == ("id", "title")

    def test_a_path_is_one_segment_at_least(self) -> None:
        assert isinstance(self.router.resolve("/prefix/"), NotFound)  # there: the empty text

    def test_converters(self) -> None:
        router = Router(
            [
                Rule("/int/<int(digits=8, min=1, max=99999999):n>", "int"),
                Rule("/uuid/<uuid:key>", "uuid"),
                Rule("/float/<float(min=0, max=1):x>", "float"),
                Rule("/dt/<date:day>", "date"),  # there: any format of strptime
            ]
        )
        assert params(router, "/int/00000042", "int") == {"n": 42}
        assert isinstance(router.resolve("/int/42"), NotFound)
        assert isinstance(router.resolve("/int/00000000"), NotFound)
        assert params(router, "/float/0.5", "float") == {"x": 0.5}
        for text in ("nan", "inf", "1.5"):
            assert isinstance(router.resolve(f"/float/{text}"), NotFound)
        assert params(router, "/dt/2026-02-28", "date") == {"day": date(2026, 2, 28)}
        key = "12345678-1234-5678-1234-567812345678"
        assert params(router, f"/uuid/{key}", "uuid") == {"key": UUID(key)}
        # there: 32 digits without hyphens are one too
        assert isinstance(router.resolve(f"/uuid/{key.replace('-', '')}"), NotFound)

    def test_the_slash_at_the_end_matters_unless_ignored(self) -> None:
        assert isinstance(Router([Rule("/a", "a")], slashes="strict").resolve("/a/"), NotFound)
        assert isinstance(Router([Rule("/a", "a")], slashes="ignore").resolve("/a/"), Match)


class TestStarlette:
    """Routes with convertors, mounts, hosts, reverse lookups, and an order that does not matter here."""

    router = Router(
        [
            Rule("/", "homepage"),
            Rule("/users/<username>", "user"),
            Rule("/users/me", "me"),
            Rule("/floor/<float:height>", "floor"),
            Rule("/static/<path:path>", "static"),
            Group("/accounts", [Rule("/", "list"), Rule("/<int:id>", "detail")], name="accounts"),
            Rule("/ws/<room>", "chat", websocket=True),
        ]
    )

    def test_the_more_specific_rule_wins_whatever_the_order(self) -> None:
        assert params(self.router, "/users/me", "me") == {}  # there: the one that comes first
        assert params(self.router, "/users/you", "user") == {"username": "you"}

    def test_convertors_and_mounts(self) -> None:
        assert params(self.router, "/static/css/a.css", "static") == {"path": "css/a.css"}
        assert params(self.router, "/floor/1.25", "floor") == {"height": 1.25}
        assert params(self.router, "/accounts/7", "accounts.detail") == {"id": 7}

    def test_hosts(self) -> None:
        site, api = [Rule("/", "page")], [Rule("/", "list"), Rule("/<int:id>", "item")]
        router = Router[str](
            [Group("", site, host="www.example.org"), Group("", api, name="api", host="<sub>.example.org")]
        )
        assert router.match("/", host="www.example.org").endpoint == "page"
        match = router.match("/7", host="acme.example.org:8000")
        assert (match.endpoint, match.params) == ("api.item", {"sub": "acme", "id": 7})
        assert isinstance(router.resolve("/", host="example.net"), NotFound)
        built = router.build("api.item", {"sub": "acme", "id": 7}, host="www.example.org", scheme="http")
        assert built == "http://acme.example.org/7"

    def test_reverse_lookups(self) -> None:
        assert self.router.build("accounts.detail", {"id": 7}) == "/accounts/7"
        assert self.router.build("static", {"path": "a/b.css"}) == "/static/a/b.css"
        assert self.router.build("user", {"username": "a/b"}) == "/users/a%2Fb"  # there: refused

    def test_slashes_are_redirected_both_ways(self) -> None:
        for path, location in (("/accounts", "/accounts/"), ("/users/you/", "/users/you")):
            redirect = self.router.resolve(path)
            assert isinstance(redirect, Redirect)
            assert (redirect.location, redirect.status) == (location, 308)  # there: 307

    def test_websockets_and_methods(self) -> None:
        assert self.router.match("/ws/lobby", websocket=True).params == {"room": "lobby"}
        router = Router([Rule("/x", "x", methods=["POST"])])
        assert isinstance(router.resolve("/x"), MethodNotAllowed)
