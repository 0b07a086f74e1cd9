from __future__ import annotations

import pickle
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.support.timing import assert_grows, assert_linear_in
from toolkit.sansio.errors.http import MethodNotAllowed, NotFound, Redirect
from toolkit.sansio.routing import state
from toolkit.sansio.routing.converters import Converter, Domain
from toolkit.sansio.routing.errors import RuleError
from toolkit.sansio.routing.groups import Group
from toolkit.sansio.routing.patterns import Binder
from toolkit.sansio.routing.results import (
    Match,
    OptionsAnswer,
    RouteNotFound,
    RouteRedirect,
    WebSocketMismatch,
)
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import METHODS, Rule
from toolkit.sansio.routing.state import lane_of
from toolkit.sansio.routing.tables import Tables, normal_host
from toolkit.sansio.routing.writing import FORWARD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType

    from toolkit.sansio.routing.hosts import HostLanes
    from toolkit.sansio.routing.lane import Lane


def location(router: Router[str], path: str, method: str = "GET") -> str:
    result = router.resolve(path, method)
    assert isinstance(result, RouteRedirect)
    assert result.status == 308
    return result.location


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


def test_encoded_paths() -> None:
    router = Router([Rule("/<a>/<b>", "ab"), Rule("/f/<path:p>", "f"), Rule("/%2e%2ex", "x")])
    assert router.match("/a%2Fb/%C3%A9").params == {"a": "a/b", "b": "é"}
    assert router.match("/f/a%2Fb/c").params == {"p": "a/b/c"}
    for path in (
        "/a/..",
        "/./b",
        "/%2e%2E/b",
        "/a/%2e",
        "/f/../x",
        "/f/a%2F..%2Fb/c",
        "/a/%ff",
        "/a/%zz",
        "/a/%",
    ):
        assert isinstance(router.resolve(path), NotFound), path
    assert router.match("/..x").endpoint == "x"
    assert router.match("/.a/b.").params == {"a": ".a", "b": "b."}


def test_a_refusing_converter_lets_the_next_rule_try() -> None:
    router = Router(
        [
            Rule("/<int(max=9):n>", "digit"),
            Rule("/<date:day>", "date"),
            Rule("/<name>", "name"),
            Rule("/<int:n>/edit", "edit"),
            Rule("/<name>/show", "show"),
        ]
    )
    assert [router.match(path).endpoint for path in ("/9", "/10", "/2026-02-28", "/2026-02-30")] == [
        "digit",
        "name",
        "date",
        "name",
    ]
    assert router.match("/7/show").params == {"name": "7"}


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


def test_near_misses_on_demand() -> None:
    router = Router([Rule("/users/<id>", "user"), Rule("/articles", "articles")])
    result = router.resolve("/user/7/x")
    assert isinstance(result, RouteNotFound)
    assert (result.path, result.near(), str(result)) == ("/user/7/x", ["/users/<id>"], "404 Not Found")
    copy = pickle.loads(pickle.dumps(result))  # noqa: S301  # our own
    assert (copy.path, copy.near()) == ("/user/7/x", [])


def test_match_values() -> None:
    match = Router([Rule("/<a>", "x")]).match("/1")
    assert match == Match("x", {"a": "1"}, Rule("/<a>", "x"))
    assert match != Match("x", {"a": "1", "more": 1}, Rule("/<a>", "x"))
    assert match != "match"
    assert repr(match) == "Match('x', {'a': '1'}, Rule('/<a>', 'x'))"
    match match:
        case Match(endpoint, params):
            assert (endpoint, params) == ("x", {"a": "1"})


def test_the_generated_code_can_be_read() -> None:
    router = Router([Rule(f"/svc{n}/<int:id>/x", n) for n in range(9)] + [Rule("/a/<b>", 10)])
    assert router.source.count("def find(") == 1
    assert "svc7" not in router.source  # data, not code
    assert repr(router) == "<Router of 10 rules>"
    assert len(router) == 10


def test_many_shapes_below_one_node() -> None:
    rules = [
        Rule(f"/{a}/<int:x>/{b}/<y>", (a, b), methods=["GET"]) for a in "abcdefghij" for b in ("p", "q", "r")
    ] + [Rule("/<slug:s>/<x>/p/<uuid:y>", "uuid"), Rule("/a/<float:x>/p/<y>", "float")]
    router = Router(rules)
    router.resolve("/")
    for a in "abcdefghij":
        for b in ("p", "q", "r"):
            assert router.match(f"/{a}/7/{b}/z") == Match(
                (a, b), {"x": 7, "y": "z"}, Rule(f"/{a}/<int:x>/{b}/<y>", (a, b), methods=["GET"])
            )
    assert router.match("/a/1.5/p/z").endpoint == "float"
    assert isinstance(router.resolve("/b/x/p/z"), NotFound)


def test_adding_from_threads_loses_nothing_and_readers_see_whole_routers() -> None:
    router = Router[object]([Rule("/base/<x>", "base", methods=["GET"])])
    failures: list[object] = []

    def add(start: int) -> None:
        for number in range(start, start + 150):
            router.add(Rule(f"/r{number}/<int:id>", number))
            if router.match(f"/r{number}/5").endpoint != number:
                failures.append(number)

    def read() -> None:
        for _ in range(1500):
            if router.match("/base/y").params != {"x": "y"}:
                failures.append("base")  # noqa: PERF401  # matching again and again is what it is about

    threads = [Thread(target=add, args=(start,)) for start in (0, 1000, 2000)] + [
        Thread(target=read) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(router) == 451
    assert all(
        router.match(f"/r{n}/1").endpoint == n for start in (0, 1000, 2000) for n in range(start, start + 150)
    )


ADDED: list[Callable[[str], list[Rule[object]]]] = [
    lambda name: [Rule(f"/{name}/<x>", name)],
    lambda name: [Rule(f"/{name}/", name, defaults={"x": "x"}), Rule(f"/{name}/<x>", name)],
    lambda name: [Rule(f"/{name}/<x>", name), Rule(f"/{name}s/<x>", name, alias=True)],
    lambda name: [Rule(f"/{name}/<x>", name, redirect_to="/<x>")],
    lambda name: [Rule(f"/{name}/<x>", name, host="<tenant>.example.org")],
    lambda name: [Rule(f"/{name}/<x>" + "/y" * number, name) for number in range(20)],
]


@pytest.mark.parametrize("make", ADDED)
def test_adding_is_cheap_while_matching(make: Callable[[str], list[Rule[object]]]) -> None:
    rules = [Rule(f"/a{n}/<x>", n) for n in range(1000)]
    router = Router[object](rules)
    router.match("/a1/x")
    names = iter(range(1_000_000))

    def add_and_match() -> None:
        for _ in range(10):
            name = f"b{next(names)}"
            router.add(Group("", make(name)))
            result = router.resolve(f"/{name}/x", host="a.example.org")
            assert isinstance(result, Match | Redirect)

    # Less than half a compilation in all, not one for each of ten.
    assert_grows(lambda: Router(rules).match("/a1/x"), add_and_match, 2)


def test_what_is_added_later_is_canonical_too() -> None:
    router = Router[str]([Rule("/all/page/<int:page>", "all"), Rule("/other", "other", defaults={"x": 1})])
    assert router.match("/all/page/1").params == {"page": 1}
    router.add(Rule("/all/", "all", defaults={"page": 1}))
    assert location(router, "/all/page/1") == "/all/"
    router.add(Rule("/every/<int:page>", "all"))
    assert location(router, "/every/1") == "/all/"
    router.add(Rule("/everything", "all", defaults={"page": 1}, alias=True))
    assert location(router, "/everything") == "/all/"
    assert [router.match("/all/page/2").params for _ in range(9)] == [{"page": 2}] * 9
    assert location(router, "/all/page/1") == "/all/"


LINEAR: list[tuple[str, Callable[[int], str]]] = [
    ("/<a>-<b>-<c>.html", lambda n: "/" + "-" * n),
    ("/<a>-<b>-<c>.html", lambda n: "/" + "-" * n + ".html"),
    ("/<slug:a>-<int:b>-<slug:c>.html", lambda n: "/" + "a-1-" * (n // 4) + "!.html"),
    ("/<slug:a>--<slug:b>--<int:c>", lambda n: "/" + "-" * n + "x"),
    ("/<path:a>/x/<path:b>/y", lambda n: "/x" * (n // 2)),
    ("/<path:a>/<int:n>/<path:b>/y", lambda n: "/1" * (n // 2)),
    ("/<a>", lambda n: "/" + "a" * n),
    ("/<a>", lambda n: "/%41" * (n // 4)),
]


@pytest.mark.parametrize(("path", "text"), LINEAR)
def test_matching_is_linear_in_the_path(path: str, text: Callable[[int], str]) -> None:
    router = Router([Rule(path, "x"), Rule("/a/b/c/d/e/f/g", "static")])
    assert_linear_in(4_000, lambda size: partial(router.resolve, text(size)))


def test_wildcard_siblings_do_not_multiply() -> None:
    kinds = [f"string(max={n})" for n in range(1, 201)]

    def router(depth: int) -> Router[str]:
        return Router(
            [Rule("".join(f"/<{kind}:a{n}>" for n in range(depth)) + "/end", kind) for kind in kinds]
        )

    shallow, deep = router(3), router(12)
    little, much = "/" + "a/" * 3 + "nope", "/" + "a/" * 12 + "nope"
    assert_grows(
        lambda: shallow.resolve(little), lambda: deep.resolve(much), 40
    )  # 4 levels for each one: 6, all ways: millions


@pytest.mark.parametrize("path", ["/a" * 4096, "/x" * 4095 + "/", "/%2F" * 2048])
def test_rules_for_the_rest_of_a_path_read_it_once(path: str) -> None:
    few, many = (
        Router([Rule(f"/<path:p>/e{number}", number) for number in range(count)]) for count in (10, 200)
    )
    assert isinstance(many.resolve(path), NotFound)
    assert many.match("/a" * 4096 + "/e7").endpoint == 7
    assert_grows(lambda: few.resolve(path), lambda: many.resolve(path), 6)


def test_rules_with_a_short_end_read_the_end() -> None:
    few, many = (
        Router([Rule(f"/<path:p>/<string(max={number}):end>", number) for number in range(1, count)])
        for count in (11, 201)
    )
    path = "/x" * 3996 + "y" * 200
    assert isinstance(many.resolve(path), NotFound)
    assert many.match(path[:-1]).endpoint == 200
    assert_grows(lambda: few.resolve(path), lambda: many.resolve(path), 6)


def test_slashes_in_the_fast_lane() -> None:
    router = Router(
        [Rule("/a/<x>/", "a"), Rule("/b/<x>/y", "b"), Rule("/<int:i>/", "int"), Rule("/<s>/", "s")]
    )
    assert location(router, "/a/5") == "/a/5/"
    assert location(router, "/5") == "/5/"
    assert isinstance(router.resolve("/c/5/y"), NotFound)
    assert isinstance(router.resolve("/b/5/z/"), NotFound)


def test_parameters_of_like_rules_keep_their_names() -> None:
    names = {"a": "x", "b": "y", "c": "z"}
    router = Router([Rule(f"/{letter}/<{name}>", letter) for letter, name in names.items()])
    router.resolve("/")
    assert all(router.match(f"/{letter}/1").params == {name: "1"} for letter, name in names.items())


def test_splits() -> None:
    router = Router([Rule("/<int:a>-<b>", "ab"), Rule("/s/<string(length=2):a>-<string(max=3):b>", "s")])
    assert isinstance(router.resolve("/x-1"), NotFound)
    assert router.match("/1-x-y").params == {"a": 1, "b": "x-y"}
    assert router.match("/s/ab-cde").params == {"a": "ab", "b": "cde"}
    assert isinstance(router.resolve("/s/ab-cdef"), NotFound)
    assert isinstance(router.resolve("/s/abc-d"), NotFound)
    one = Router([Rule("/v<string(length=2):n>.x", "v")])
    assert one.match("/v12.x").params == {"n": "12"}
    assert isinstance(one.resolve("/v123.x"), NotFound)


class Few(Converter[str]):
    """Characters of a few, with slashes among them or not."""

    def __init__(self, *, slashes: bool) -> None:
        self.domain = Domain("ab/", slashes=slashes)

    def parse(self, text: str) -> str:
        return text

    def format(self, value: str) -> str:
        return value


def test_slashes_in_domains() -> None:
    router = Router([Rule("/<few(slashes=True):p>/-<few(slashes=False):q>", "pq")], converters={"few": Few})
    assert router.match("/a/b%2Fa/-a%2Fb").params == {"p": "a/b/a", "q": "a/b"}
    assert isinstance(router.resolve("/a/-a/b"), NotFound)
    assert isinstance(router.resolve("/c/-a"), NotFound)


def test_the_cache_of_allow_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.sansio.routing.router._CACHED", 1)
    router = Router([Rule("/a", "a", methods=["GET"]), Rule("/b", "b", methods=["PUT"])])
    assert [router.allowed(path) for path in ("/a", "/b", "/a")] == [
        ("GET", "HEAD", "OPTIONS"),
        ("OPTIONS", "PUT"),
        ("GET", "HEAD", "OPTIONS"),
    ]


def test_an_empty_path_stays_the_root_once_the_rules_are_compiled() -> None:
    router = Router([Rule("/", "index"), Rule("/users", "users")])
    assert [router.match("").endpoint for _ in range(3)] == ["index"] * 3


def test_a_wrong_method_is_one_before_and_after_the_rules_are_compiled() -> None:
    router = Router([Rule("/a/<x>", "a", methods=["POST"])])
    for _ in range(3):
        result = router.resolve("/a/5", "PUT")
        assert isinstance(result, MethodNotAllowed)
        assert result.allowed == ("OPTIONS", "POST")


@pytest.mark.parametrize("path", ["a/users/7", "http:/users/7", "*/users/7", "//users/7", "users/7"])
def test_what_does_not_begin_with_a_slash_is_not_found(path: str) -> None:
    router = Router([Rule("/users/<int:id>", "user"), Rule("/teams/<name>", "team")])
    router.resolve("/")
    assert isinstance(router.resolve(path), NotFound | Redirect)
    assert isinstance(router.resolve(path.replace("users", "teams")), NotFound | Redirect)


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


def test_a_fixed_path_is_no_excuse_for_a_malformed_escape() -> None:
    router = Router([Rule("/a%25", "a"), Rule("/b", "b")])
    for _ in range(3):
        assert isinstance(router.resolve("/a%"), NotFound)
        assert router.match("/a%25").endpoint == "a"
        assert router.match("/%62").endpoint == "b"


def allowed(router: Router[str], path: str) -> tuple[str, ...]:
    result = router.resolve(path, "BREW")
    assert isinstance(result, MethodNotAllowed)
    return result.allowed


def test_functions_that_are_kept_know_later_rules() -> None:
    router = Router[str]()
    match, resolve = router.match, router.resolve
    for number in range(40):
        router.add(Rule(f"/r{number}/<x>", f"r{number}"))
        for _ in range(2):
            assert match(f"/r{number}/1").endpoint == f"r{number}"
            assert resolve(f"/r{number}/1") == match(f"/r{number}/1")
    assert match is router.match
    with pytest.raises(NotFound):
        match("/none")
    with pytest.raises(MethodNotAllowed):
        Router([Rule("/a", "a", methods=["GET"])]).match("/a", "PUT")


def test_a_subclass_may_match_otherwise() -> None:
    class Traced(Router[str]):
        def match(  # pyright: ignore[reportIncompatibleVariableOverride]
            self, path: str, method: str = "GET", host: str | None = None, websocket: bool = False
        ) -> Match[str]:
            return super().match("/v1" + path, method, host, websocket)

    router = Traced([Rule("/v1/<x>", "x")])
    assert [router.match("/1").params for _ in range(3)] == [{"x": "1"}] * 3


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


def test_many_literals_at_many_places() -> None:
    letters = "abcdefghijklmn"
    rules = [
        Rule(f"/{a}/<x>/{b}/<{kind}:y>", (a, b, kind))
        for a in letters
        for b in letters
        for kind in ("int", "slug")
    ]
    router = Router(rules)
    for a, b in zip(letters, reversed(letters), strict=True):
        for _ in range(2):
            assert router.match(f"/{a}/1/{b}/5").endpoint == (a, b, "int")
            assert router.match(f"/{a}/1/{b}/x").endpoint == (a, b, "slug")
            assert isinstance(router.resolve(f"/{a}/1/z/5"), NotFound)
            assert isinstance(router.resolve(f"/{a}/1/{b}/"), NotFound)
            assert isinstance(router.resolve(f"/{a}//{b}/5"), NotFound)
    assert router.source.count("def find(") > 1
    assert "m = k(s, method, host)" in router.source


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


class Interrupted:
    """A lane whose code is looked at while another thread does something: on each copy the next of these."""

    def __init__(self, lane: Lane | HostLanes, during: list[Callable[[], object]]) -> None:
        self.lane = lane
        self.during = during
        self.source = lane.source
        self.settle = lane.settle

    @property
    def code(self) -> Interrupted:
        return self

    def replace(self) -> CodeType:
        if self.during:
            thread = Thread(target=self.during.pop(0))
            thread.start()
            thread.join()
        return self.lane.code.replace()


def test_a_slow_reader_does_not_hide_what_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[object] = []
    router = Router([Rule("/old", "old")])
    during: list[Callable[[], object]] = [
        lambda: router.add(Rule("/new", "new")),
        lambda: answers.append(router.resolve("/new")),
    ]

    def interrupted(tables: Tables) -> Interrupted:
        return Interrupted(lane_of(tables), during)

    monkeypatch.setattr(state, "lane_of", interrupted)
    assert router.match("/old").endpoint == "old"
    (answer,) = answers
    assert isinstance(answer, Match)
    assert router.match("/new").endpoint == "new"


class Assigned:
    """A function that somebody else hears of when it is given code."""

    def __init__(self, then: Callable[[], object]) -> None:
        self.codes: list[CodeType] = []
        self.then = then

    @property
    def __code__(self) -> CodeType:
        return self.codes[-1]

    @__code__.setter
    def __code__(self, code: CodeType) -> None:
        self.codes.append(code)
        if len(self.codes) == 1:
            self.then()


def test_a_lane_that_is_made_while_rules_are_added_is_used() -> None:
    router = Router([Rule("/old", "old")])
    assert router.match("/old").endpoint == "old"  # there is a lane that has to give way
    functions = Assigned(lambda: router.allowed("/old")), Assigned(lambda: None)
    router._functions = functions  # type: ignore[assignment]
    router.add(Rule("/new", "new"))
    for function in functions:
        assert function.codes[-1].co_consts != FORWARD.co_consts


SIBLINGS: list[Callable[[int], Rule[int]]] = [
    lambda number: Rule(f"/v{number}-<x>", number),
    lambda number: Rule(f"/v{number}-<path:x>", number),
    lambda number: Rule("/", number, host=f"<tenant>.s{number}.org"),
]


@pytest.mark.parametrize("make", SIBLINGS)
def test_siblings_do_not_multiply(make: Callable[[int], Rule[int]]) -> None:
    binder = Binder({}, "strict")
    routes = [binder.bind(make(number)) for number in range(4000)]
    assert_grows(lambda: Tables(routes[::8]), lambda: Tables(routes), 8**1.5)
