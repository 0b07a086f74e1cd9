from __future__ import annotations

from itertools import permutations

import pytest

from toolkit.sansio.routing.errors import BuildError
from toolkit.sansio.routing.groups import Group
from toolkit.sansio.routing.results import RouteRedirect
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule

ROUTER: Router[object] = Router[object](
    [
        Rule("/", "index"),
        Rule("/users/<int:id>", "user", methods=["GET"]),
        Rule("/users/<int:id>/<tab>", "user", methods=["GET"]),
        Rule("/save/<int:id>", "user", methods=["POST"]),
        Rule("/f/<path:name>", "file"),
        Rule("/x/<a>-<b>", "pair"),
        Rule("/live/<room>", "live", websocket=True),
        Rule("/", "shop", host="shop.example.org"),
        Rule("/<int:n>", "tenant", host="<tenant>-<int:shard>.example.org"),
        Rule("/d/<int(max=5):a>1<b>", "digits"),
        Rule("/hidden/.<a>", "hidden"),
        Rule("/t/<path:p>/a%2Fb/<q>.txt", "tail"),
    ]
)


def test_the_best_rule_for_the_parameters_and_the_method() -> None:
    assert ROUTER.build("user", {"id": 7}) == "/users/7"
    assert ROUTER.build("user", {"id": 7, "tab": "mail"}) == "/users/7/mail"
    assert ROUTER.build("user", {"id": 7, "tab": "mail"}, method="POST") == "/save/7?tab=mail"
    assert ROUTER.build("user", {"id": 7}, method="HEAD") == "/users/7"


def test_query_fragment_and_root_path() -> None:
    assert ROUTER.build("index", {"q": "a b", "n": [1, 2], "none": None}) == "/?q=a+b&n=1&n=2"
    assert ROUTER.build("index", {"q": 1}, query=[("z", "é")], fragment="a b") == "/?q=1&z=%C3%A9#a%20b"
    assert ROUTER.build("index", query={}, fragment="") == "/#"
    assert ROUTER.build("user", {"id": 7}, root_path="/my app/") == "/my%20app/users/7"
    with pytest.raises(TypeError):
        ROUTER.build("index", {"flag": True})


def test_quoting() -> None:
    assert ROUTER.build("file", {"name": "a b/ü%2F?#"}) == "/f/a%20b/%C3%BC%252F%3F%23"
    assert ROUTER.build("user", {"id": 1, "tab": "a/b"}) == "/users/1/a%2Fb"
    assert ROUTER.build("tail", {"p": "x/y", "q": "a/b"}) == "/t/x/y/a%2Fb/a%2Fb.txt"
    assert ROUTER.match("/t/x/y/a%2Fb/a%2Fb.txt").params == {"p": "x/y", "q": "a/b"}


def test_absolute_urls() -> None:
    assert (
        ROUTER.build("index", external=True, host="example.org:8080", scheme="http")
        == "http://example.org:8080/"
    )
    assert ROUTER.build("index", external=True, host="example.org") == "https://example.org/"
    assert ROUTER.build("live", {"room": "a"}, external=True, host="h") == "wss://h/live/a"
    assert ROUTER.build("index", host="h") == "/"
    assert ROUTER.build("shop") == "/"
    assert ROUTER.build("shop", host="shop.example.org:80") == "/"
    assert ROUTER.build("shop", host="shop.example.org:80", external=True) == "https://shop.example.org:80/"
    assert ROUTER.build("shop", host="www.example.org", scheme="http") == "http://shop.example.org/"
    params = {"n": 1, "tenant": "acme", "shard": 3}
    assert ROUTER.build("tenant", params, external=True) == "https://acme-3.example.org/1"
    assert ROUTER.match("/1", host="acme-3.example.org").params == params


@pytest.mark.parametrize(
    ("endpoint", "params", "text"),
    [
        ("usr", {}, "'user'"),
        ("zzzzzz", {}, "no rule has the endpoint 'zzzzzz'"),
        (5, {}, "no rule has the endpoint 5"),
        ("file", {}, "needs name"),
        ("user", {"tab": "x"}, "needs id"),
        ("user", {"id": "7"}, "an int is needed"),
        ("live", {"room": ""}, "room=''"),
        ("live", {"room": "."}, "a segment cannot be"),
        ("hidden", {"a": "."}, "a segment cannot be"),
        ("file", {"name": "../x"}, "name='../x'"),
        ("pair", {"a": "x", "b": "y-z"}, "read back"),
        ("digits", {"a": 1, "b": "1x"}, "read back"),
        ("tenant", {"n": 1, "tenant": "A", "shard": 1}, "no label"),
        ("tenant", {"n": 1, "tenant": "a.b", "shard": 1}, "no label"),
        ("live", {"room": "\ud800"}, "room"),
    ],
)
def test_what_cannot_be_built_says_why(endpoint: object, params: dict[str, object], text: str) -> None:
    with pytest.raises(BuildError) as caught:
        ROUTER.build(endpoint, params, host="h")
    assert text in str(caught.value)


def test_methods_and_defaults_in_reasons() -> None:
    router = Router(
        [Rule("/a", "a", methods=["GET"], defaults={"page": 1}), Rule("/b", "b", methods=["GET"])]
    )
    with pytest.raises(BuildError, match="does not take POST"):
        router.build("b", method="POST")
    with pytest.raises(BuildError, match="is for page=1"):
        router.build("a", {"page": 2})
    assert router.build("a", {"page": 1}) == "/a"


@pytest.mark.parametrize("host", [None, "", "a/b", "a@b", "a b"])
def test_absolute_urls_need_a_host(host: str | None) -> None:
    with pytest.raises(BuildError, match="needs a host"):
        ROUTER.build("index", external=True, host=host)


def test_parameters_of_texts() -> None:
    assert ROUTER.read_params("user", {"id": "7", "q": "x"}) == {"id": 7, "q": "x"}
    assert ROUTER.read_params("user", {"id": "x"}) == {"id": "x"}
    assert ROUTER.read_params("nothing", {"id": "x"}) == {"id": "x"}


def test_a_websocket_rule_takes_no_method() -> None:
    router = Router(
        [Rule("/x/<id>", "e", methods=["PUT"]), Rule("/ws/<id>/live", "e", websocket=True), Rule("/y", "any")]
    )
    assert router.build("e", {"id": "1"}, method="PUT") == "/x/1"
    assert router.build("e", {"id": "1"}) == "/ws/1/live"
    assert router.build("any", method="PUT") == "/y"
    with pytest.raises(BuildError, match="does not take GET"):
        router.build("e", {"id": "1"}, method="GET")


def test_an_alias_of_a_websocket_rule_leads_to_it() -> None:
    router = Router(
        [
            Rule("/new", "socket", websocket=True),
            Rule("/old", "socket", websocket=True, alias=True),
        ]
    )
    result = router.resolve("/old", websocket=True)
    assert isinstance(result, RouteRedirect)
    assert result.location == "/new"


BEST: list[tuple[list[Rule[str]], dict[str, object], str]] = [
    ([Rule("/", "f"), Rule("/all", "f", defaults={"page": 1})], {}, "/"),
    ([Rule("/", "f"), Rule("/all", "f", defaults={"page": 1})], {"page": 1}, "/all"),
    ([Rule("/all", "f", defaults={"a": 1, "b": 2}), Rule("/of/<int:a>", "f")], {"a": 1}, "/of/1"),
    ([Rule("/all", "f", defaults={"a": 1}), Rule("/of/<int:a>", "f")], {"a": 1}, "/all"),
]


@pytest.mark.parametrize(("rules", "params", "expected"), BEST)
def test_what_is_built_has_no_parameters_that_were_not_given(
    rules: list[Rule[str]], params: dict[str, object], expected: str
) -> None:
    for ordered in permutations(rules):
        router = Router(ordered)
        assert router.build("f", params) == expected
        assert router.match(expected).params == params


def test_an_alias_leads_to_its_rule_whichever_came_first() -> None:
    rules = [
        Rule("/", "f"),
        Rule("/", "f", methods=["PUT"]),
        Rule("/", "f", methods=["GET"]),
        Rule("/", "f", methods=["HEAD"]),
        Rule("/old", "f", alias=True),
    ]
    for ordered in permutations(rules):
        router = Router(ordered)
        for method in ("PUT", "GET", "HEAD", "POST"):
            result = router.resolve("/old", method)
            assert isinstance(result, RouteRedirect), (ordered, method)


def test_a_scheme_does_not_depend_on_which_rule_came_first() -> None:
    for ordered in permutations([Rule("/chat", "f", websocket=True), Rule("/chat", "f")]):
        assert Router(ordered).build("f", host="a.org", external=True) == "https://a.org/chat"


def handler() -> None:
    """An endpoint that is a function."""


def mounted(*rules: Rule[object]) -> Router[object]:
    """A router in which the rules are mounted twice."""
    return Router([Group("/v1", rules, name="v1"), Group("/v2", rules, name="v2")])


def test_a_function_that_is_mounted_twice_is_built_by_name() -> None:
    router = mounted(Rule("/<id>", handler), Rule("/", handler, defaults={"id": "1"}))
    with pytest.raises(BuildError, match=r"'v1\.handler' and 'v2\.handler' fit alike") as caught:
        router.build(handler, {"id": "7"})
    assert caught.value.nearest == ("v1.handler", "v2.handler")
    with pytest.raises(BuildError, match="fit alike"):
        router.build(handler)
    assert router.build("v2.handler", {"id": "7"}) == "/v2/7"
    assert router.build("v2.handler", {"id": "1"}) == "/v2/"


def test_a_function_means_the_rule_without_a_name() -> None:
    for ordered in permutations([Rule("/users", handler), Rule("/people", handler, name="people")]):
        assert Router(ordered).build(handler) == "/users"


def test_names_do_not_matter_where_only_one_url_fits() -> None:
    assert mounted(Rule("/", handler, build_only=True)).build("v1.handler") == "/v1/"
    same = [Rule("/a", handler, methods=[method], name=method) for method in ("GET", "PUT")]
    assert Router(same).build(handler) == "/a"
    apart = [Rule(f"/{method}", handler, methods=[method], name=method) for method in ("GET", "PUT")]
    assert Router(apart).build(handler, method="PUT") == "/PUT"
    longer = [Rule("/<a>", handler, name="a"), Rule("/<a>/<b>", handler, name="ab")]
    assert Router(longer).build(handler, {"a": "1", "b": "2"}) == "/1/2"
    refused = [Rule("/i/<int:a>", handler, name="int"), Rule("/t/<a>", handler, name="text")]
    assert Router(refused).build(handler, {"a": "x"}) == "/t/x"
    assert Router(refused).build(handler, {"a": 1}) == "/i/1"
    fixed = [Rule(f"/{a}", handler, defaults={"a": a}, name=a) for a in "xy"]
    assert Router(fixed).build(handler, {"a": "y"}) == "/y"
