"""Rules that can never match: some that were thought of, and a world in which all requests are tried."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sansio.routing.test_converters import Even
from tests.support.timing import assert_linear_in
from toolkit.sansio.routing.errors import AmbiguousRules
from toolkit.sansio.routing.results import Match
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import SLASHES, Rule

if TYPE_CHECKING:
    from collections.abc import Callable


def test_shadowed_rules() -> None:
    router = Router(
        [
            Rule("/<any(a, b):x>", "x"),
            Rule("/a", "a"),
            Rule("/b", "b"),
            Rule("/w/<a>", "w", methods=["GET"]),
            Rule("/v/a/<x>", "narrow"),
            Rule("/v/<any(a):k>/b", "never"),
            Rule("/k/<int:n>", "int"),
            Rule("/n/<any('1', '2'):d>", "words"),
            Rule("/n/<int:d>", "ints"),
        ]
    )
    assert [(rule.endpoint, [other.endpoint for other in others]) for rule, others in router.shadowed()] == [
        ("never", ["narrow"]),
        ("x", ["a", "b"]),
    ]
    twice = Router(
        [
            Rule("/<str:a>", "later", host="x.org"),
            Rule("/<string:a>", "earlier"),
            Rule("/<a>/x", "other"),
            Rule("/<str:a>/x", "never", methods=["GET"]),
            Rule("/<int:n>-<m>", "mixed"),
            Rule("/only", "built", build_only=True),
            Rule("/live", "live", websocket=True),
        ]
    )
    assert [rule.endpoint for rule, _ in twice.shadowed()] == []
    assert [
        rule.endpoint
        for rule, _ in Router([Rule("/<str:a>", "first"), Rule("/<string:a>", "second")]).shadowed()
    ] == ["second"]
    assert [
        rule.endpoint
        for rule, _ in Router([Rule("/<any('1'):a>/<x>", "f"), Rule("/<int(digits=1):a>/y", "s")]).shadowed()
    ] == []
    assert [
        rule.endpoint for rule, _ in Router([Rule("/<int:a>/<x>", "f"), Rule("/<uuid:a>/y", "s")]).shadowed()
    ] == []


def test_shadows_of_words_and_numbers() -> None:
    router = Router(
        [
            Rule("/p/<x>", "all"),
            Rule("/<any(p):z>/<any(a, b):k>", "words"),
            Rule("/q/<int(max=5):x>", "some"),
            Rule("/<any(q):z>/<int(digits=1):k>", "more"),
        ]
    )
    assert [rule.endpoint for rule, _ in router.shadowed()] == ["words"]


def test_a_rule_that_alone_ignores_the_slash_is_not_shadowed() -> None:
    rules = [
        Rule("/a/<x>", "strict", slashes="strict"),
        Rule("/<any(a):p>/<int:y>", "ignore", slashes="ignore"),
    ]
    router = Router(rules)
    assert router.match("/a/5/").endpoint == "ignore"
    assert router.shadowed() == []


def never(*rules: Rule[str], **options: object) -> dict[str, list[str]]:
    """The endpoints that never match, with those that come before."""
    router = Router(rules, **options)  # type: ignore[arg-type]
    return {str(rule.endpoint): [str(one.endpoint) for one in others] for rule, others in router.shadowed()}


def test_several_rules_share_the_methods() -> None:
    both = Rule("/<any(a):x>", "both", methods=["GET", "POST"])
    get = Rule("/a", "get", methods=["GET"])
    assert never(both, get) == {}
    assert never(both, get, Rule("/a", "post", methods=["POST"])) == {"both": ["get", "post"]}
    assert never(Rule("/<any(a):x>", "head", methods=["HEAD"]), get) == {"head": ["get"]}
    assert never(Rule("/<any(a):x>", "every"), get, Rule("/a", "post", methods=["POST"])) == {}


def test_several_rules_share_the_words_of_several_variables() -> None:
    grid = Rule("/<any(a, b):x>/<any(c, d):y>", "grid")
    some = [Rule("/a/<str:y>", "a"), Rule("/b/c", "bc")]
    assert never(grid, *some) == {}
    assert never(grid, *some, Rule("/b/d", "bd")) == {"grid": ["a", "bc", "bd"]}


def test_several_rules_share_the_numbers() -> None:
    low, high = Rule("/<int(max=4):x>", "low"), Rule("/<int(min=5, max=9):x>", "high")
    assert never(Rule("/<int(max=9):x>", "all"), low, high) == {"all": ["low", "high"]}
    assert never(Rule("/<int(max=10):x>", "more"), low, high) == {}
    assert never(Rule("/<int(max=9, signed=True):x>", "signed"), low, high) == {}
    digits = [Rule(f"/{digit}", digit) for digit in "01234"]
    assert never(Rule("/<int(digits=1):x>", "digit"), high, *digits) == {"digit": [*"01234", "high"]}
    assert never(Rule("/<int(max=4):x>", "zeros"), *digits) == {}  # "04" is a 4 as well
    assert never(Rule("/v/<int(digits=2):x>", "v"), Rule("/<any(v):z>/<int(digits=3):x>", "z")) == {}


def test_several_rules_share_the_hosts() -> None:
    any_host = Rule("/", "any", host="<any(a, b):x>.org")
    one = Rule("/", "a", host="a.org")
    assert never(any_host, one) == {}
    assert never(any_host, one, Rule("/", "b", host="b.org")) == {"any": ["a", "b"]}


def test_two_rules_for_the_two_spellings() -> None:
    loose = Rule("/<any(a):x>", "loose", slashes="ignore")
    plain = Rule("/a", "plain", slashes="strict", methods=["GET"])
    slash = Rule("/a/", "slash", slashes="strict")
    assert never(loose, plain, slash) == {}
    assert never(loose, Rule("/a", "plain"), slash) == {"loose": ["plain", "slash"]}


def test_more_cases_than_anybody_looks_at() -> None:
    words = ", ".join(f"w{number}" for number in range(1001))
    many = Rule(f"/<any({words}):x>", "many")
    assert never(many, *[Rule(f"/w{number}", f"w{number}") for number in range(1001)]) == {}
    assert never(Rule(f"/<any(v):z>/<any({words}):x>", "z"), Rule("/v/<x>", "v")) == {"z": ["v"]}
    assert never(Rule("/<any(v):z>/<int(digits=4):x>", "z"), Rule("/v/<int:x>", "v")) == {"z": ["v"]}


def test_a_segment_of_several_variables_is_covered_by_the_same() -> None:
    one = Rule("/v/<x>.<y>", "one")
    assert never(Rule("/<any(v):z>/<a>.<b>", "same"), one) == {"same": ["one"]}
    assert never(Rule("/<any(v):z>/<a>-<b>", "other"), one) == {}
    assert never(Rule("/<any(v):z>/<a>.<path:b>", "rest"), Rule("/v/<x>.<path:y>", "one")) == {
        "rest": ["one"]
    }


def test_what_a_subclass_refuses_is_left_to_others() -> None:
    even = Rule("/v/<even:x>", "even")
    assert never(even, Rule("/<any(v):z>/<int:x>", "int"), converters={"even": Even}) == {}


WORLD = ["a", "b", "0", "1", "2", "00", "01", "02", "c", "~", "~~"]
WORDS = """a b 0 <any(a,b):{}> <any('0','1'):{}> <int(digits=1):{}> <int(max=1):{}> <int(max=0):{}>
<int(min=1):{}> <int:{}> <slug:{}> <string(max=1):{}> <{}>"""
segments = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=2)


@st.composite
def rules(draw: st.DrawFn) -> Rule[str]:
    path = [segment.format(name) for segment, name in zip(draw(segments), "xy", strict=False)]
    return Rule(
        "/" + "/".join(path) + draw(st.sampled_from(["", "", "/"])),
        "",
        methods=draw(st.sampled_from([None, ["GET"], ["POST"], ["HEAD"], ["GET", "POST"]])),
        slashes=draw(st.sampled_from(SLASHES)),
    )


@given(st.lists(rules(), max_size=9))
def test_what_is_reported_never_matches_and_all_else_does(made: list[Rule[str]]) -> None:
    router = Router[str]()
    for rule in made:
        with suppress(AmbiguousRules):
            router.add(rule)
    met: set[int] = set()
    for path in ("/" + "/".join(parts) for count in (1, 2) for parts in product(WORLD, repeat=count)):
        for method in ("GET", "POST", "HEAD", "BREW"):
            for found in (router.resolve(path, method), router.resolve(path + "/", method)):
                if isinstance(found, Match):
                    met.add(id(found.rule))
    reported = {id(rule) for rule, _ in router.shadowed()}
    assert reported.isdisjoint(met)
    # Where the slash is ignored, a rule at the same place may have one spelling; that is not looked at.
    assert all(id(rule) in met | reported for rule in router if rule.slashes != "ignore")


MANY: list[Callable[[int], Rule[int]]] = [
    lambda number: Rule(f"/page{number}", number),
    lambda number: Rule(f"/service{number}/<int:id>/<x>", number),
    lambda number: Rule(f"/api/<int:id>/service{number}", number),
    lambda number: Rule(f"/file{number}-<name>", number),
    lambda number: Rule(f"/file{number}/<path:name>", number),
    lambda number: Rule("/", number, host=f"<tenant>.site{number}.org"),
]


@pytest.mark.parametrize("make", MANY)
def test_rules_are_compared_with_those_that_they_may_meet(make: Callable[[int], Rule[int]]) -> None:
    def report(size: int) -> Callable[[], object]:
        return Router(
            [*map(make, range(size)), Rule("/<x>", size), Rule("/<any(v):a>/<b>/<c>", size)]
        ).shadowed

    assert_linear_in(200, report)
