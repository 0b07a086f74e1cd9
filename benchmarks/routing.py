"""Routing: matching over published route tables, growth with the number of routes, building routers and URLs.

Every path is a fresh string with values of its own, so that no cache of whole paths answers; a rival that
does not find the right route is not timed. Tables are of `TOOLKIT_VECTORS` (or `../shared/vectors`); without
them a table of the same shape is made.
"""

from __future__ import annotations

import itertools
import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Scenario, rival
from toolkit.sansio.routing import Router, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Table = list[tuple[str, str]]

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


def convert(route: str, variable: Callable[[str], str]) -> str:
    return "/".join(variable(part[1:]) if part[:1] == ":" else part for part in route.split("/"))


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


# Each contender: a table -> (find(path, method), what a result says: the endpoint, or None).


def toolkit(routes: Table) -> Any:
    router = Router(
        [Rule(convert(route, "<{}>".format), route, methods=[method]) for method, route in routes]
    )
    router.resolve("/")
    return router.resolve, lambda result: getattr(result, "endpoint", None)


def falcon(routes: Table) -> Any:
    import falcon.routing

    router = falcon.routing.CompiledRouter()
    methods: dict[str, list[str]] = {}
    for method, route in routes:
        methods.setdefault(route, []).append(method)
    for route, of in methods.items():
        handlers = {f"on_{method.lower()}": _handler for method in of}
        router.add_route(convert(route, "{{{}}}".format), type(route, (), handlers)())
    find = router.find

    def look(path: str, method: str) -> Any:
        found = find(path)
        return found and (found[1].get(method), found)

    return (
        look,
        lambda result: result and convert(result[1][3], lambda name: name).replace("{", ":").replace("}", ""),
    )


def _handler(self: Any, req: Any, resp: Any, **params: Any) -> None: ...


def pymatchit(routes: Table) -> Any:
    import pymatchit

    new: Any = vars(pymatchit)["PyRouter"]
    routers: dict[str, Any] = {}
    for method, route in routes:
        routers.setdefault(method, new()).insert(convert(route, "{{{}}}".format), route)
    return (lambda path, method: routers[method].at(path)), lambda result: result and result[0]


def xrtr(routes: Table) -> Any:
    from xrtr import RadixTree

    tree = RadixTree()
    for method, route in routes:
        tree.insert(route, route, [method])
    return tree.get, lambda result: result[0]


def autoroutes(routes: Table) -> Any:
    from autoroutes import Routes

    router = Routes()
    for method, route in routes:
        router.add(convert(route, "{{{}}}".format), **{method: route})

    def look(path: str, method: str) -> Any:
        payload, params = router.match(path)
        return payload and payload.get(method), params

    return look, lambda result: result[0]


def werkzeug(routes: Table) -> Any:
    from werkzeug.exceptions import HTTPException
    from werkzeug.routing import Map, Rule

    rules = Map(
        [Rule(convert(route, "<{}>".format), endpoint=route, methods=[method]) for method, route in routes]
    )
    match = rules.bind("localhost").match

    def look(path: str, method: str) -> Any:
        try:
            return match(path, method)
        except HTTPException:
            return None

    return look, lambda result: result and result[0]


def starlette(routes: Table) -> Any:
    from starlette.routing import Match, Route

    made = [
        Route(convert(route, "{{{}}}".format), _endpoint, methods=[method], name=route)
        for method, route in routes
    ]

    def look(path: str, method: str) -> Any:
        scope = {"type": "http", "path": path, "root_path": "", "method": method}
        for route in made:
            match, found = route.matches(scope)
            if match is Match.FULL:
                return route.name, found
        return None

    return look, lambda result: result and result[0]


def _endpoint(request: Any) -> Any: ...


RIVALS: dict[str, Callable[[Table], Any]] = {
    "falcon": falcon,
    "pymatchit (Rust)": pymatchit,
    "xrtr (Cython)": xrtr,
    "autoroutes (Cython)": autoroutes,
    "werkzeug": werkzeug,
    "starlette": starlette,
}


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
    if len(routes) <= 1000:
        for one in ("pymatchit (Rust)", "werkzeug", "starlette"):
            contenders |= rival(one, lambda one=one: make(RIVALS[one]))  # type: ignore[misc]
    return Scenario(name, contenders)


def _urls(routes: Table) -> Scenario:
    """Build the URL of every route."""
    rules = {convert(route, "<{}>".format): route for _, route in routes}
    router = Router([Rule(path, route) for path, route in rules.items()])
    params = [
        (route, {part[1:]: f"{part[1:]}-5" for part in route.split("/") if part[:1] == ":"})
        for route in rules.values()
    ]

    def ours() -> list[str]:
        return [router.build(route, values) for route, values in params]

    def theirs() -> Callable[[], list[str]]:
        from werkzeug.routing import Map
        from werkzeug.routing import Rule as Theirs

        build = Map([Theirs(path, endpoint=route) for path, route in rules.items()]).bind("localhost").build
        return lambda: [build(route, values) for route, values in params]

    expected = [convert(route, lambda name: f"{name}-5") for route, _ in params]
    contenders: dict[str, Callable[[], object]] = {"toolkit": ours, **rival("werkzeug", theirs)}
    return Scenario("build: URLs", contenders, items=len(params), check=lambda urls: urls == expected)


def _ints() -> Scenario:
    """100 routes with an int."""
    pool = [[("GET", f"/s{n}", f"/{variant}{n}/x") for n in range(100)] for variant in range(_POOL)]
    router = Router([Rule(f"/s{n}/<int:id>/x", n) for n in range(100)])
    router.resolve("/")

    def theirs() -> Callable[[], object]:
        import falcon.routing

        other = falcon.routing.CompiledRouter()
        for n in range(100):
            other.add_route(f"/s{n}/{{id:int}}/x", type("R", (), {"on_get": _handler})())
        return sweep(lambda path, _: other.find(path), pool)

    return Scenario("int", {"toolkit": sweep(router.resolve, pool), **rival("falcon", theirs)}, items=100)


def scenarios() -> Iterator[Scenario]:
    """The scenarios, the most telling first."""
    fast = ["falcon", "pymatchit (Rust)", "xrtr (Cython)", "autoroutes (Cython)"]
    github = table("github")
    yield _contest("github", github, github, [*fast, "werkzeug", "starlette"])
    for name in ("gplus", "parse"):
        yield _contest(name, table(name), table(name), fast)
    plain = [(method, route) for method, route in github if ":" not in route]
    yield _contest("static hits", github, plain, fast)
    lost = [(method, f"/nowhere{route}") for method, route in github]
    yield _contest("404: first segment", github, lost, ["falcon", "werkzeug"], expected=lambda _: None)
    deep = [(method, f"{route}/no/such/thing") for method, route in github]
    yield _contest("404: last segment", github, deep, ["falcon", "werkzeug"], expected=lambda _: None)
    brewed = [("BREW", route) for _, route in github]
    router = Router(
        [Rule(convert(route, "<{}>".format), route, methods=[method]) for method, route in github]
    )
    router.resolve("/")
    wrong = paths(brewed)
    yield Scenario(
        "405",
        {
            "toolkit": sweep(router.resolve, wrong),
            **rival("falcon", lambda: sweep(falcon(github)[0], wrong)),
            **rival("werkzeug", lambda: sweep(werkzeug(github)[0], wrong)),
        },
        items=len(brewed),
    )
    yield _ints()
    for count in (10, 100, 1_000, 10_000):
        routes = synthetic(count)
        step = max(1, count // 32)
        rivals = ["falcon", "pymatchit (Rust)"] if count <= 1_000 else ["pymatchit (Rust)"]
        yield _contest(f"{count} routes", routes, routes[::step][:32], rivals)
        after = [("GET", f"/api/:id/svc{number}") for number in range(count)]
        yield _contest(
            f"{count} routes, literal after the variable", after, after[::step][:32], ["pymatchit (Rust)"]
        )
    for count in (1_000, 10_000):
        yield _building(f"build: router of {count} routes", synthetic(count))
    yield _urls(github)
