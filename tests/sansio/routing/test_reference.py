"""The compiled router against the naive one, on rule sets and paths that hypothesis makes."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import count

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.sansio.routing import naive
from toolkit.sansio.errors.http import MethodNotAllowed, NotFound, Redirect
from toolkit.sansio.routing.errors import AmbiguousRules, BuildError
from toolkit.sansio.routing.results import Match
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import SLASHES, Rule

GLUE = ["-", "--", "a", "1"]
LITERALS = ["a", "b", "a-", "-", "1", "é"]
KINDS = ["<*>", "<*>", "<int:*>", "<any(a, b):*>"]


@st.composite
def segments(draw: st.DrawFn, literals: list[str], glue: list[str], kinds: list[str]) -> str:
    """A literal, a variable, or several variables with literals between and perhaps around them."""
    first, between = draw(st.sampled_from(kinds)), st.sampled_from(glue)
    shape = draw(st.sampled_from(["literal", "literal", "variable", "variable", "several"]))
    if shape != "several":
        return first if shape == "variable" else draw(st.sampled_from(literals))
    more = draw(st.lists(st.tuples(between, st.sampled_from(kinds)), max_size=2))
    ends = st.just("") | between
    return "".join([draw(ends), first, *map("".join, more), draw(ends)])


def named(text: str, names: str) -> str:
    """The rule with names for its variables."""
    numbers = count()
    return re.sub(r"\*", lambda _: f"{names}{next(numbers)}", text)


path_kinds = [*KINDS, "<slug:*>", "<string(length=2):*>", "<path:*>"]
rule_paths = st.lists(segments([*LITERALS, "a%2Fb", "x.y"], [*GLUE, "."], path_kinds), max_size=3)
rule_hosts = st.lists(segments(LITERALS, GLUE, KINDS), min_size=1, max_size=2).map(".".join)


@st.composite
def rules(draw: st.DrawFn) -> Rule[int]:
    path = "".join("/" + segment for segment in draw(rule_paths))
    websocket = draw(st.integers(0, 5)) == 0
    methods = st.none() | st.frozensets(st.sampled_from(["GET", "POST", "HEAD"]), min_size=1)
    return Rule(
        named(path + ("/" if not path or draw(st.booleans()) else ""), draw(st.sampled_from("pq"))),
        0,
        methods=None if websocket else draw(methods),
        host=None if draw(st.integers(0, 3)) else named(draw(rule_hosts), "h"),
        websocket=websocket,
        slashes=draw(st.sampled_from(SLASHES)),
    )


path_segments = st.one_of(
    st.sampled_from(
        ["a", "b", "1", "12", "a-b", "1-2", "a.b", "a-a-1", "a%2Fb", "x.y", "%C3%A9", "", "--", "."]
    ),
    st.text(alphabet="ab1-./é%", max_size=5).map(lambda text: text.replace("%", "%25").replace("/", "%2f")),
)
paths = st.lists(path_segments, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


@st.composite
def paths_of(draw: st.DrawFn, rules: list[Rule[int]]) -> str:
    """A path that one of the rules is likely to take, perhaps but for the slash at its end."""
    values = st.sampled_from(["a", "b", "1", "12", "ab", "a-b", "a-b-a", "1-1", "1.1", "a--", "a%2Fb", "a/b"])
    path = re.sub("<[^>]*>", lambda _: draw(values), draw(st.sampled_from(rules)).path)
    return path + draw(st.sampled_from(["", "", "/"]))


hosts = st.none() | st.sampled_from(["a", "a.b", "1.a", "x.b", "a-b", "a.b.c"])


def make(described: list[Rule[int]]) -> tuple[Router[int], list[Rule[int]]]:
    """A router and the rules that it took, with their numbers: the indistinguishable are refused."""
    router = Router[int]()
    kept: list[Rule[int]] = []
    for number, one in enumerate(described):
        rule = one.replace(path=one.path, endpoint=number, host=one.host, defaults={}, name=None)
        with suppress(AmbiguousRules):
            router.add(rule)
            kept.append(rule)
    router.resolve("/")  # from now on the compiled code answers what it can
    return router, kept


def ours(
    router: Router[int], path: str, method: str, host: str | None, *, websocket: bool
) -> tuple[object, ...]:
    result = router.resolve(path, method, host=host, websocket=websocket)
    if isinstance(result, Match):
        return ("match", result.endpoint, result.params)
    if isinstance(result, Redirect):
        return ("redirect", result.location)
    if isinstance(result, MethodNotAllowed):
        return ("405", result.allowed)
    assert isinstance(result, NotFound)
    return ("404",)


@settings(max_examples=4 * settings().max_examples, deadline=None)
@given(st.lists(rules(), min_size=1, max_size=8), st.data())
def test_the_compiled_router_is_the_naive_one(described: list[Rule[int]], data: st.DataObject) -> None:
    router, kept = make(described)
    for path in data.draw(st.lists(paths | paths_of(kept), min_size=1, max_size=8)):
        method = data.draw(st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "BREW"]))
        host = data.draw(hosts)
        websocket = data.draw(st.integers(0, 4)) == 0
        expected = naive.resolve(kept, path, method, host, websocket=websocket)
        assert ours(router, path, method, host, websocket=websocket) == expected, (path, method, host)


@settings(max_examples=2 * settings().max_examples, deadline=None)
@given(
    st.lists(rules(), max_size=8), st.lists(paths, min_size=1, max_size=4), st.randoms(use_true_random=False)
)
def test_order_of_registration_does_not_matter(
    described: list[Rule[int]], asked: list[str], random: object
) -> None:
    router, kept = make(described)
    turned = list(kept)
    random.shuffle(turned)  # type: ignore[attr-defined]
    other = Router[int]()
    for one in turned:
        other.add(one)
        other.resolve("/a")  # adding goes on after matching has begun
    for path in asked:
        assert ours(router, path, "GET", None, websocket=False) == ours(
            other, path, "GET", None, websocket=False
        )


VALUES = {
    "": st.text(alphabet="ab1-./é%~ \\", min_size=1, max_size=4),
    "string(length=2)": st.text(alphabet="ab-/é", min_size=2, max_size=2),
    "slug": st.text(alphabet="ab-_1", min_size=1, max_size=4),
    "int": st.integers(0, 10**18 - 1),
    "any(a, b)": st.sampled_from("ab"),
    "path": st.lists(st.text(alphabet="ab.é%", min_size=1, max_size=3), min_size=1, max_size=3).map("/".join),
}


@settings(max_examples=4 * settings().max_examples, deadline=None)
@given(rules(), st.data())
def test_what_is_built_is_matched_with_the_same_parameters(described: Rule[int], data: st.DataObject) -> None:
    assume(described.host is None)
    router, _ = make([described])
    variables = [part for segment in naive.parts(described.path, "/") for part in segment if part[1]]
    params = {name: data.draw(VALUES[kind]) for kind, name, _ in variables}
    try:
        url = router.build(0, params)
    except BuildError as error:
        reason = str(error)
        assert "would be read back" in reason or "a segment cannot be" in reason or "path" in described.path
        return
    assert url.isascii()
    match = router.match(
        url, "GET" if not described.methods else min(described.methods), websocket=described.websocket
    )
    assert (match.endpoint, match.params) == (0, params)
    assert url.startswith("/")


@pytest.mark.parametrize("path", ["", "*", "http://x/", "users"])
def test_what_is_no_path_is_not_found(path: str) -> None:
    router = Router([Rule("/", "index"), Rule("/users", "users")])
    assert isinstance(router.resolve(path), Match if path == "" else NotFound)
