"""Routing: matching over published route tables, growth with the number of routes, building routers and URLs.

Every path is a fresh string with values of its own, so that no cache of whole paths answers; a rival that
does not find the right route is not timed. Tables are of `TOOLKIT_VECTORS` (or `../shared/vectors`); without
them a table of the same shape is made.

A match with variables is `split`, one object and one dictionary, half of its time together; no compiled
router in Python goes below, while those in Cython and Rust do not pay for steps of the interpreter. Where the
rest goes, what was tried, and what would move it is told in `docs/explanation/routing.md`.
"""

from __future__ import annotations

import itertools
import json
import os
from functools import partial
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, Any

from benchmarks._route_rivals import BUILDERS, RIVALS, Table, convert, pointed
from benchmarks.harness import Scenario, rival
from toolkit.sansio.routing import Router, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOCK = thread_time  # nothing waits here

_VECTORS = Path(os.environ.get("TOOLKIT_VECTORS", Path(__file__).parents[2] / "shared" / "vectors"))
_POOL = 16  # how many variants of each path are gone through before a text comes again


def table(name: str) -> Table:
    """A published table, or one of its shape."""
    path = _VECTORS / "routes" / f"{name}.json"
    if path.is_file():
        return [(method, route) for method, route in json.loads(path.read_text("utf-8"))]
    return synthetic(200)


def synthetic(count: int) -> Table:
    """Routes as services have them: half with a variable at the end, the others with more behind it."""
    shapes = ["/svc{}", "/svc{}/:id", "/svc{}/:id/items", "/svc{}/:id/items/:item", "/v1/:tenant/svc{}"]
    return [("GET", shapes[number % 5].format(number // 5)) for number in range(count)]


def value(variant: int, name: str) -> str:
    """What stands for a variable."""
    return f"{name}{variant}"


def paths(routes: Table) -> list[list[Any]]:
    """Variants of all paths, each cut in two: put together they are a string that nobody has hashed yet."""
    pool = []
    for variant in range(_POOL):
        made = [(method, convert(route, partial(value, variant))) for method, route in routes]
        pool.append([(method, path[:2], path[2:]) for method, path in made])
    return pool


def sweep(find: Callable[[str, str], object], pool: list[list[Any]]) -> Callable[[], object]:
    """A call that looks up one variant of each path, the next time another."""
    variants = itertools.cycle(pool)

    def run() -> None:
        for method, start, end in next(variants):
            find(start + end, method)

    return run


def toolkit(routes: Table) -> Any:
    router = Router([Rule(pointed(route), route, methods=[method]) for method, route in routes])
    router.resolve("/")
    return router.resolve, lambda result: getattr(result, "endpoint", None)


def _contest(
    name: str,
    routes: Table,
    asked: Table,
    rivals: list[str],
    *,
    expected: Callable[[str], object] = lambda route: route,
) -> Scenario:
    """All contenders on one table; who does not find `expected` for every path is left out."""
    pool = paths(asked)

    def contender(make: Callable[[Table], Any]) -> Callable[[], object]:
        find, says = make(routes)
        for (method, start, end), (_, route) in zip(pool[0], asked, strict=True):
            said = says(find(start + end, method))
            if said != expected(route):
                raise LookupError(f"{method} {start}{end} leads to {said!r}")
        return sweep(find, pool)

    contenders = {"toolkit": contender(toolkit)}
    for one in rivals:
        try:
            contenders |= rival(one, lambda make=RIVALS[one]: contender(make))  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001, PERF203  # whatever a rival cannot do, it is out of this race
            print(f"  ({one} is left out of {name}: {type(error).__name__}: {error})")
    return Scenario(name, contenders, items=len(asked))


def _building(name: str, routes: Table) -> Scenario:
    """Make a router of a table and match once."""

    def make(one: Callable[[Table], Any]) -> Callable[[], object]:
        one(routes[:1])
        return lambda: one(routes)[0]("/", "GET")

    contenders = {"toolkit": make(toolkit)}
    quick = ["pymatchit (Rust)", "aiohttp"]
    for one in quick if len(routes) > 1_000 else [*quick, "django", "starlette", "werkzeug"]:
        contenders |= rival(one, lambda one=one: make(RIVALS[one]))  # type: ignore[misc]
    return Scenario(name, contenders)


def _urls(routes: Table) -> Scenario:
    """Build the URL of every route."""
    names = list(dict.fromkeys(route for _, route in routes))
    router = Router([Rule(pointed(route), route) for route in names])
    params = [
        (route, {part[1:]: f"{part[1:]}-5" for part in route.split("/") if part[:1] == ":"})
        for route in names
    ]

    def contender(make: Callable[[list[str]], Any]) -> Callable[[], list[str]]:
        build = make(names)
        return lambda: [build(route, values) for route, values in params]

    expected = [convert(route, lambda name: f"{name}-5") for route in names]
    contenders: dict[str, Callable[[], object]] = {"toolkit": contender(lambda _: router.build)}
    for one, make in BUILDERS.items():
        contenders |= rival(one, lambda make=make: contender(make))  # type: ignore[misc]
    return Scenario("build: URLs", contenders, items=len(params), check=lambda urls: urls == expected)


def _wrong_methods(routes: Table) -> Scenario:
    """A method that no rule has."""
    wrong = paths([("BREW", route) for _, route in routes])
    contenders = {"toolkit": sweep(toolkit(routes)[0], wrong)}
    for one in ("falcon", "sanic-routing", "litestar", "werkzeug", "aiohttp"):
        contenders |= rival(one, lambda one=one: sweep(RIVALS[one](routes)[0], wrong))  # type: ignore[misc]
    return Scenario("405", contenders, items=len(routes))


def _ints() -> Scenario:
    """100 routes with an int."""
    pool = [[("GET", f"/s{n}", f"/{variant}{n}/x") for n in range(100)] for variant in range(_POOL)]
    router = Router([Rule(f"/s{n}/<int:id>/x", n) for n in range(100)])
    router.resolve("/")

    def of_falcon() -> Callable[[], object]:
        import falcon.routing

        other = falcon.routing.CompiledRouter()
        for n in range(100):
            other.add_route(f"/s{n}/{{id:int}}/x", type("R", (), {"on_get": lambda *_: None})())
        return sweep(lambda path, _: other.find(path), pool)

    def of_werkzeug() -> Callable[[], object]:
        from werkzeug.routing import Map
        from werkzeug.routing import Rule as Theirs

        rules = [Theirs(f"/s{n}/<int:id>/x", endpoint=n) for n in range(100)]
        return sweep(Map(rules).bind("localhost").match, pool)

    contenders = {"toolkit": sweep(router.resolve, pool), **rival("falcon", of_falcon)}
    return Scenario("int", contenders | rival("werkzeug", of_werkzeug), items=100)


def _growth(count: int) -> Iterator[Scenario]:
    """The same work in ever larger tables."""
    small = [
        "pymatchit (Rust)",
        "xrtr (Cython)",
        "autoroutes (Cython)",
        "falcon",
        "sanic-routing",
        "werkzeug",
    ]
    large = ["pymatchit (Rust)", "werkzeug", "aiohttp"]
    step = max(1, count // 32)
    routes = synthetic(count)
    yield _contest(f"{count} routes", routes, routes[::step][:32], small if count <= 1_000 else large)
    after = [("GET", f"/api/:id/svc{number}") for number in range(count)]
    yield _contest(
        f"{count} routes, literal after the variable", after, after[::step][:32], ["pymatchit (Rust)"]
    )


def scenarios() -> Iterator[Scenario]:
    """The scenarios, the most telling first."""
    fast = ["falcon", "pymatchit (Rust)", "xrtr (Cython)", "autoroutes (Cython)"]
    github = table("github")
    yield _contest("github", github, github, list(RIVALS))
    for name in ("gplus", "parse", "static"):
        yield _contest(name, table(name), table(name), fast)
    plain = [(method, route) for method, route in github if ":" not in route]
    yield _contest("static hits", github, plain, fast)
    strict = ["falcon", "sanic-routing", "litestar", "werkzeug", "django"]
    lost = [(method, f"/nowhere{route}") for method, route in github]
    yield _contest("404: first segment", github, lost, strict, expected=lambda _: None)
    deep = [(method, f"{route}/no/such/thing") for method, route in github]
    yield _contest("404: last segment", github, deep, strict, expected=lambda _: None)
    yield _wrong_methods(github)
    yield _ints()
    for count in (10, 100, 1_000, 10_000):
        yield from _growth(count)
    for count in (1_000, 10_000):
        yield _building(f"build: router of {count} routes", synthetic(count))
    yield _urls(github)
