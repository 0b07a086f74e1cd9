from __future__ import annotations

import pickle
from typing import Any

import pytest

from toolkit.sansio.errors.http import Redirect
from toolkit.sansio.routing.errors import AmbiguousRules, BuildError, RuleError
from toolkit.sansio.routing.groups import Group, Shortcuts
from toolkit.sansio.routing.results import Match
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule


@pytest.mark.parametrize(
    "path",
    [
        "users",
        "//",
        "/a//b",
        "/./a",
        "/../a",
        "/%2e%2e",
        "/a?b",
        "/a#b",
        "/<",
        "/a>",
        "/<a><b>",
        "/<a b>",
        "/<int(:a>",
        "/<int(1 2):a>",
        "/<int(min=1, 2):a>",
        "/<int(min=1, min=2):a>",
        "/<a>/<a>",
        "/%zz",
        "/%ff",
        "/a" * 65,
    ],
)
def test_paths_outside_the_grammar(path: str) -> None:
    with pytest.raises(RuleError):
        Rule(path, "x")


@pytest.mark.parametrize(
    ("path", "match"),
    [
        ("/<nothing:a>", "no converter 'nothing'"),
        ("/<int(colour=1):a>", "int: "),
        ("/<int(min=9, max=1):a>", "int: "),
        ("/<int(min=-1):a>", "signed"),
        ("/<any:a>", "any: "),
        ("/<any(1):a>", "any: "),
        ("", "only in a group"),
    ],
)
def test_rules_that_no_router_takes(path: str, match: str) -> None:
    with pytest.raises(RuleError, match=match):
        Router([Rule(path, "x")])


@pytest.mark.parametrize(
    "options",
    [
        {"methods": "GET"},
        {"methods": []},
        {"methods": ["G ET"]},
        {"websocket": True, "methods": ["GET"]},
        {"slashes": "maybe"},
        {"host": "a..b"},
        {"host": "a:80"},
        {"defaults": {"a": 1}},
        {"build_only": True, "alias": True},
    ],
)
def test_options_that_contradict(options: dict[str, Any]) -> None:
    with pytest.raises(RuleError):
        Router([Rule("/<a>", "x", **options)])


def test_host_variables_are_of_one_label() -> None:
    with pytest.raises(RuleError, match="one label"):
        Router([Rule("/", "x", host="<path:a>.org")])


def test_arguments_of_converters() -> None:
    router = Router(
        [
            Rule("/<any(about, 'a b', \"c,d\"):page>", "any"),
            Rule("/f/<float(min=-0.5, max=1.5, signed=True):x>", "float"),
        ]
    )
    assert router.match("/a%20b").params == {"page": "a b"}
    assert router.match("/c,d").params == {"page": "c,d"}
    assert router.match("/f/-0.5").params == {"x": -0.5}


def test_literals_are_read_like_paths() -> None:
    router = Router([Rule("/café/a%2Fb/%3Cx%3E/100%25", "x")])
    assert router.match("/caf%C3%A9/a%2fb/%3Cx%3E/100%25").endpoint == "x"
    assert router.match("/café/a%2Fb/<x>/100%25").endpoint == "x"
    assert router.build("x") == "/caf%C3%A9/a%2Fb/%3Cx%3E/100%25"


def test_rules_are_values() -> None:
    rule = Rule("/a/<b>", "x", methods=["get"], host="h", defaults={"c": 1}, slashes="strict")
    assert rule == Rule("/a/<b>", "x", methods=["GET"], host="h", defaults={"c": 1}, slashes="strict")
    copy = pickle.loads(pickle.dumps(rule))  # noqa: S301  # our own
    assert hash(rule) == hash(copy)
    assert copy == rule == eval(repr(rule))  # noqa: S307  # a repr that can be pasted back
    assert rule != Rule("/a/<b>", "x")
    assert rule != "rule"
    assert len(rule.segments) == 3
    with pytest.raises(AttributeError):
        rule.path = "/b"
    with pytest.raises(AttributeError):
        del rule.path


def test_indistinguishable_rules_are_refused_with_both_in_the_message() -> None:
    first = Rule("/a/<b>", "first", methods=["GET", "POST"])
    router = Router([first])
    with pytest.raises(AmbiguousRules, match=r"'second'.*'first'") as caught:
        router.add(Rule("/a/<other>", "second", methods=["GET"]))
    assert (caught.value.other, len(router)) == (first, 1)
    with pytest.raises(AmbiguousRules):
        router.add(Group("/a", [Rule("/new", "new"), Rule("/<x>", "third", methods=["POST"])]))
    assert len(router) == 1  # all of a group or none
    router.add(Rule("/a/new", "new"))
    for other in (
        Rule("/a/<b>", "x", methods=["PUT"]),
        Rule("/a/<b>", "x"),
        Rule("/a/<b>/", "x", methods=["GET"]),
        Rule("/a/<b>", "x", host="h", methods=["GET"]),
        Rule("/a/<b>", "x", websocket=True),
        Rule("/a/<string(max=9):b>", "x", methods=["GET"]),
        Rule("/a/<b>", "y", build_only=True),
    ):
        router.add(other)


def test_groups_nest_and_can_be_mounted_twice() -> None:
    comments = Group("/comments", [Rule("", "list"), Rule("/<int:id>", "show")], name="comments")
    posts = Group("/posts/<slug:post>", [comments], name="posts", defaults={"kind": "post"}, host="h.org")
    router = Router(
        [Group("/v1", [posts], name="v1"), Group("/v2", [posts], name="v2", defaults={"new": True})]
    )
    match = router.match("/v2/posts/hello/comments/7", host="h.org")
    assert match.endpoint == "v2.posts.comments.show"
    assert match.params == {"post": "hello", "id": 7, "kind": "post", "new": True}
    assert router.build("v1.posts.comments.list", {"post": "a"}, host="h.org") == "/v1/posts/a/comments"
    assert repr(posts).startswith("Group('/posts/<slug:post>'")


def test_a_rule_wins_over_its_group() -> None:
    group = Group(
        "/g", [Rule("/", 5, host="own.org", defaults={"a": 2})], name="n", host="h", defaults={"a": 1}
    )
    (rule,) = group
    assert (rule.host, rule.defaults["a"], rule.endpoint) == ("own.org", 2, 5)


@pytest.mark.parametrize("prefix", ["a", "/a/", "/"])
def test_prefixes_that_cannot_be(prefix: str) -> None:
    with pytest.raises(RuleError):
        Group(prefix)


def test_shortcuts() -> None:
    router = Router[object]()
    group = Group[object]("/things")

    @group.get("")
    def index() -> None: ...

    group.post("", "create")
    for method in ("put", "patch", "delete", "query"):
        getattr(group, method)("/<int:id>", method)
    group.websocket("/live", "live")
    router.add(group)

    @router.route("/any", slashes="strict")
    def everything() -> None: ...

    assert router.match("/things").endpoint is index
    assert router.match("/things", "POST").endpoint == "create"
    for method in ("put", "patch", "delete", "query"):
        assert router.match("/things/7", method.upper()).endpoint == method
    assert router.match("/things/live", websocket=True).endpoint == "live"
    assert router.match("/any", "BREW").endpoint is everything


def test_shortcuts_need_somewhere_to_add_to() -> None:
    with pytest.raises(NotImplementedError):
        Shortcuts[str]().get("/", "x")


def show() -> None: ...


def pages() -> None: ...


def test_a_group_of_functions_is_mounted_twice() -> None:
    users = Group[object]("/users", name="users")
    users.get("/<int:id>", show)
    users.get("/u/<int:id>", show, alias=True)
    users.get("/<int:id>/first", pages, defaults={"page": 1})
    users.get("/<int:id>/page/<int:page>", pages)
    users.post("", show, name="create")
    users.put("", Match)
    users.delete("", 5)
    router = Router([Group("/v1", [Group("", [users])], name="v1"), Group("/v2", [users], name="v2")])
    for version in ("v1", "v2"):
        assert router.match(f"/{version}/users/7").endpoint is show
        assert router.build(f"{version}.users.show", {"id": 7}) == f"/{version}/users/7"
        assert router.build(f"{version}.users.create") == f"/{version}/users"
        assert router.build(f"{version}.users.Match") == f"/{version}/users"
        alias, default = (router.resolve(f"/{version}/users/{path}") for path in ("u/7", "7/page/1"))
        assert isinstance(alias, Redirect)
        assert isinstance(default, Redirect)
        assert (alias.location, default.location) == (f"/{version}/users/7", f"/{version}/users/7/first")
    with pytest.raises(BuildError, match=r"'v1\.users\.show' and 'v2\.users\.show' fit alike"):
        router.build(show, {"id": 7})
    assert router.build(5, {}) == "/v1/users"  # nothing else to call it by
    with pytest.raises(BuildError, match=r"v1\.users\.show"):
        router.build("v3.users.show")


def test_shortcuts_take_what_rules_take() -> None:
    group = Group[str]("/g")
    group.get("/a", "a", host="h.org", defaults={"x": 1}, slashes="ignore", name="n")
    group.websocket("/b", "b", alias=True)
    group.post("/c", "c", redirect_to="/d")
    group.put("/d", "d", build_only=True)
    assert list(group) == [
        Rule("/g/a", "a", methods=["GET"], host="h.org", defaults={"x": 1}, slashes="ignore", name="n"),
        Rule("/g/b", "b", websocket=True, alias=True),
        Rule("/g/c", "c", methods=["POST"], redirect_to="/d"),
        Rule("/g/d", "d", methods=["PUT"], build_only=True),
    ]


def test_names_are_of_the_value() -> None:
    rule = Rule("/a", "a", name="n")
    assert rule == eval(repr(rule)) == pickle.loads(pickle.dumps(rule))  # noqa: S301, S307  # our own
    assert rule != Rule("/a", "a")
