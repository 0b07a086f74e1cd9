"""Matching: which rule, which values."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import pytest

from toolkit.sansio.errors.http import NotFound, Redirect
from toolkit.sansio.routing.converters import Converter, Domain
from toolkit.sansio.routing.results import (
    Match,
    RouteNotFound,
)
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable


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


def test_near_misses_on_demand() -> None:
    router = Router([Rule("/users/<id>", "user"), Rule("/articles", "articles")])
    result = router.resolve("/user/7/x")
    assert isinstance(result, RouteNotFound)
    assert (result.path, result.near(), str(result)) == ("/user/7/x", ["/users/<id>"], "404 Not Found")
    other = pickle.loads(pickle.dumps(result))  # noqa: S301  # our own
    assert (other.path, other.near()) == ("/user/7/x", [])


@pytest.mark.parametrize("double", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_router_is_not_doubled_but_made_of_the_same_rules(double: Callable[[object], object]) -> None:
    router = Router([Rule("/a", "a"), Rule("/b", "b", build_only=True)])
    with pytest.raises(TypeError, match=r"Router\(router\)"):
        double(router)
    other = Router(router)
    other.add(Rule("/c", "c"))
    assert (other.match("/c").endpoint, other.build("b")) == ("c", "/b")
    assert isinstance(router.resolve("/c"), RouteNotFound)


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


def test_an_empty_path_stays_the_root_once_the_rules_are_compiled() -> None:
    router = Router([Rule("/", "index"), Rule("/users", "users")])
    assert [router.match("").endpoint for _ in range(3)] == ["index"] * 3


@pytest.mark.parametrize("path", ["a/users/7", "http:/users/7", "*/users/7", "//users/7", "users/7"])
def test_what_does_not_begin_with_a_slash_is_not_found(path: str) -> None:
    router = Router([Rule("/users/<int:id>", "user"), Rule("/teams/<name>", "team")])
    router.resolve("/")
    assert isinstance(router.resolve(path), NotFound | Redirect)
    assert isinstance(router.resolve(path.replace("users", "teams")), NotFound | Redirect)


def test_a_fixed_path_is_no_excuse_for_a_malformed_escape() -> None:
    router = Router([Rule("/a%25", "a"), Rule("/b", "b")])
    for _ in range(3):
        assert isinstance(router.resolve("/a%"), NotFound)
        assert router.match("/a%25").endpoint == "a"
        assert router.match("/%62").endpoint == "b"


def test_a_subclass_may_match_otherwise() -> None:
    class Traced(Router[str]):
        def match(  # pyright: ignore[reportIncompatibleVariableOverride]
            self, path: str, method: str = "GET", host: str | None = None, websocket: bool = False
        ) -> Match[str]:
            return super().match("/v1" + path, method, host, websocket)

    router = Traced([Rule("/v1/<x>", "x")])
    assert [router.match("/1").params for _ in range(3)] == [{"x": "1"}] * 3


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


@pytest.mark.parametrize(
    "text",
    ["5\n", "5%0A", "1_0", "\u0663", "%D9%A3", "\u00b2", "\uff15", "+5", "-5", "%205", "9" * 19, "9" * 5000],
)
def test_an_int_is_ascii_digits_for_the_generated_code_too(text: str) -> None:
    router = Router(
        [
            Rule("/alone/<int:n>", "int"),
            Rule("/bound/<int(max=99):n>", "int"),
            Rule("/split/<int:n>.<x>", "int"),
            Rule("/host", "int", host="<int:n>.example.org"),
            Rule("/<kind>/<n>", "text"),
        ]
    )
    for _ in range(3):
        assert router.match("/alone/007").params == {"n": 7}
        assert router.match("/alone/" + "9" * 18).params == {"n": 10**18 - 1}
        for path in (f"/alone/{text}", f"/bound/{text}", f"/split/{text}.x"):
            assert router.match(path).endpoint == "text"
        assert isinstance(router.resolve("/host", host=f"{text}.example.org"), NotFound)
