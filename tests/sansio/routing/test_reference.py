"""The compiled router against the naive one, on rule sets and paths that hypothesis makes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.sansio.routing import naive
from tests.sansio.routing.naive import NaiveRule
from toolkit.sansio.errors.http import MethodNotAllowed, NotFound, Redirect
from toolkit.sansio.routing.errors import AmbiguousRules, BuildError
from toolkit.sansio.routing.results import Match
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule

WRITTEN = {"any": "any(a, b):", "two": "string(length=2):", "string": ""}

literals = st.sampled_from(["a", "b", "a-", "-", ".", "1", "é", "a/b", "x.y"]).filter(
    lambda text: text != "."
)
glue = st.sampled_from(["-", ".", "--", "a", "1"])
kinds = st.sampled_from(["string", "string", "int", "any", "slug", "two", "path"])
host_kinds = st.sampled_from(["string", "int", "any"])


@st.composite
def segments(draw: st.DrawFn, kinds: st.SearchStrategy[str] = kinds) -> list[tuple[str, ...]]:
    """A literal, a variable, or several variables with literals between and perhaps around them."""
    shape = draw(st.sampled_from(["lit", "lit", "var", "var", "mixed"]))
    if shape == "lit":
        return [("lit", draw(literals))]
    if shape == "var":
        return [("var", "", draw(kinds))]
    parts: list[tuple[str, ...]] = [("lit", draw(glue))] if draw(st.booleans()) else []
    parts.append(("var", "", draw(kinds)))
    for _ in range(draw(st.integers(0, 2))):
        parts += [("lit", draw(glue)), ("var", "", draw(kinds))]
    return [*parts, ("lit", draw(glue))] if draw(st.booleans()) else parts


def named(all_segments: list[list[tuple[str, ...]]], prefix: str) -> list[list[tuple[str, ...]]]:
    numbers = iter(range(99))
    return [
        [part if part[0] == "lit" else ("var", f"{prefix}{next(numbers)}", part[2]) for part in segment]
        for segment in all_segments
    ]


def written(part: tuple[str, ...]) -> str:
    if part[0] == "lit":
        return part[1].replace("/", "%2F")
    return f"<{WRITTEN.get(part[2], part[2] + ':')}{part[1]}>"


@st.composite
def rules(draw: st.DrawFn) -> NaiveRule:
    path = named(draw(st.lists(segments(), max_size=3)), draw(st.sampled_from("pq")))
    host = draw(st.none() | st.lists(segments(host_kinds), min_size=1, max_size=2))
    if host is not None:
        host = [
            segment for segment in host if ("lit", "a/b") not in segment and ("lit", "x.y") not in segment
        ]
        host = [[part for part in segment if "." not in part[1]] for segment in host]
        if (
            any(not segment for segment in host)
            or not host
            or draw(st.integers(0, 3))
            or any(a[0] == b[0] == "var" for segment in host for a, b in pairwise(segment))
        ):
            host = None
    websocket = draw(st.integers(0, 5)) == 0
    rule = NaiveRule(
        0,
        path,
        draw(st.booleans()) or not path,
        None
        if websocket
        else draw(st.none() | st.frozensets(st.sampled_from(["GET", "POST", "HEAD"]), min_size=1)),
        draw(st.sampled_from(["strict", "redirect", "ignore"])),
        None if host is None else named(host, "h"),
        websocket,
    )
    if not path:
        rule.slash = True
    rule.text = "".join("/" + "".join(map(written, segment)) for segment in path) + "/" * rule.slash
    return rule


path_segments = st.one_of(
    st.sampled_from(
        ["a", "b", "1", "12", "a-b", "1-2", "a.b", "a-a-1", "a%2Fb", "x.y", "%C3%A9", "", "--", "."]
    ),
    st.text(alphabet="ab1-./é%", max_size=5).map(lambda text: text.replace("%", "%25").replace("/", "%2f")),
)
paths = st.lists(path_segments, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
hosts = st.none() | st.sampled_from(["a", "a.b", "1.a", "x.b", "a-b", "a.b.c"])


def make(described: list[NaiveRule]) -> tuple[Router[int], list[NaiveRule]]:
    """A router and the rules that it took: the indistinguishable are refused."""
    router = Router[int]()
    kept: list[NaiveRule] = []
    for number, one in enumerate(described):
        one.number = number
        host = None if one.host is None else ".".join("".join(map(written, label)) for label in one.host)
        rule = Rule(
            one.text,
            number,
            methods=one.methods,
            host=host,
            websocket=one.websocket,
            slashes=one.slashes,  # type: ignore[arg-type]
        )
        try:
            router.add(rule)
        except AmbiguousRules:
            continue
        kept.append(one)
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


@settings(max_examples=400, deadline=None)
@given(st.lists(rules(), max_size=8), st.lists(paths, min_size=1, max_size=6), st.data())
def test_the_compiled_router_is_the_naive_one(
    described: list[NaiveRule], asked: list[str], data: st.DataObject
) -> None:
    router, kept = make(described)
    for path in asked:
        method = data.draw(st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "BREW"]))
        host = data.draw(hosts)
        websocket = data.draw(st.integers(0, 4)) == 0
        expected = naive.resolve(kept, path, method, host, websocket=websocket)
        assert ours(router, path, method, host, websocket=websocket) == expected, (path, method, host)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(rules(), max_size=8), st.lists(paths, min_size=1, max_size=4), st.randoms(use_true_random=False)
)
def test_order_of_registration_does_not_matter(
    described: list[NaiveRule], asked: list[str], random: object
) -> None:
    router, kept = make(described)
    turned = list(kept)
    random.shuffle(turned)  # type: ignore[attr-defined]
    other = Router[int]()
    for one in turned:
        other.add(next(rule for rule in router._routes if rule.rule.endpoint == one.number).rule)  # type: ignore[arg-type]
        other.resolve("/a")  # adding goes on after matching has begun
    for path in asked:
        assert ours(router, path, "GET", None, websocket=False) == ours(
            other, path, "GET", None, websocket=False
        )


VALUES = {
    "string": st.text(alphabet="ab1-./é%~ \\", min_size=1, max_size=4),
    "two": st.text(alphabet="ab-/é", min_size=2, max_size=2),
    "slug": st.text(alphabet="ab-_1", min_size=1, max_size=4),
    "int": st.integers(0, 10**18 - 1),
    "any": st.sampled_from("ab"),
    "path": st.lists(st.text(alphabet="ab.é%", min_size=1, max_size=3), min_size=1, max_size=3).map("/".join),
}


@settings(max_examples=400, deadline=None)
@given(rules(), st.data())
def test_what_is_built_is_matched_with_the_same_parameters(described: NaiveRule, data: st.DataObject) -> None:
    assume(described.host is None)
    router, _ = make([described])
    variables = [part for segment in described.segments for part in segment if part[0] == "var"]
    params = {name: data.draw(VALUES[kind]) for _, name, kind in variables}
    try:
        url = router.build(0, params)
    except BuildError as error:
        reason = str(error)
        assert "would be read back" in reason or "a segment cannot be" in reason or "path" in described.text
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
