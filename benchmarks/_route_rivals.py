"""The routers that ours is measured against, each as a function of a route table.

It gives `find(path, method)` and `says(result)`: the route that a result stands for, or None. `find` does
what an application has to do to get from a path and a method to an endpoint with parameters, and no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Table = list[tuple[str, str]]


def convert(route: str, variable: Callable[[str], str]) -> str:
    """A route with its variables (`:name`) written otherwise."""
    return "/".join(variable(part[1:]) if part[:1] == ":" else part for part in route.split("/"))


def curly(route: str) -> str:
    return convert(route, "{{{}}}".format)


def pointed(route: str) -> str:
    return convert(route, "<{}>".format)


def by_route(routes: Table) -> dict[str, list[str]]:
    """The methods of each route."""
    methods: dict[str, list[str]] = {}
    for method, route in routes:
        methods.setdefault(route, []).append(method)
    return methods


def falcon(routes: Table) -> Any:
    import falcon.routing

    router = falcon.routing.CompiledRouter()
    for route, methods in by_route(routes).items():
        handlers = {f"on_{method.lower()}": _handler for method in methods}
        router.add_route(curly(route), type(route, (), handlers)())
    find = router.find

    def look(path: str, method: str) -> Any:
        found = find(path)
        return found and (found[1].get(method), found)

    return look, lambda result: result and result[1][3].replace("{", ":").replace("}", "")


def _handler(self: Any, req: Any, resp: Any, **params: Any) -> None: ...


def pymatchit(routes: Table) -> Any:
    import pymatchit

    new: Any = vars(pymatchit)["PyRouter"]
    routers: dict[str, Any] = {}
    for method, route in routes:
        routers.setdefault(method, new()).insert(curly(route), route)
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
        router.add(curly(route), **{method: route})

    def look(path: str, method: str) -> Any:
        payload, params = router.match(path)
        return payload and payload.get(method), params

    return look, lambda result: result[0]


def sanic(routes: Table) -> Any:
    from sanic_routing import BaseRouter
    from sanic_routing.exceptions import NoMethod, NotFound

    class Router(BaseRouter):
        def get(self, path: str, method: str) -> Any:
            return self.resolve(path=path, method=method)

    router = Router()
    for method, route in routes:
        router.add(pointed(route), lambda: None, methods=[method])
    router.finalize()

    def look(path: str, method: str) -> Any:
        try:
            return router.get(path, method)
        except (NoMethod, NotFound):
            return None

    return look, lambda result: result and "/" + result[0].path.replace("<", ":").replace(":str>", "")


def litestar(routes: Table) -> Any:
    from litestar import Litestar, route
    from litestar.exceptions import HTTPException

    def handler() -> None: ...

    handlers = [  # some names are its own: it refuses a variable called `state`
        route(convert(path, "{{p_{}:str}}".format), http_method=methods, name=path, sync_to_thread=False)(  # type: ignore[arg-type]
            handler
        )
        for path, methods in by_route(routes).items()
    ]
    find = Litestar(handlers, openapi_config=None).asgi_router.handle_routing

    def look(path: str, method: str) -> Any:
        try:
            return find(path=path, method=method)  # type: ignore[arg-type]
        except HTTPException:
            return None

    return look, lambda result: result and result[1].name


def werkzeug(routes: Table) -> Any:
    from werkzeug.exceptions import HTTPException
    from werkzeug.routing import Map, Rule

    rules = Map([Rule(pointed(route), endpoint=route, methods=[method]) for method, route in routes])
    match = rules.bind("localhost").match

    def look(path: str, method: str) -> Any:
        try:
            return match(path, method)
        except HTTPException:
            return None

    return look, lambda result: result and result[0]


class _Request:
    """What aiohttp reads of a request: the paths are of its `rel_url`, which is itself."""

    __slots__ = ("method", "path_safe", "raw_path", "rel_url")

    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.path_safe = self.raw_path = path
        self.rel_url = self


def aiohttp(routes: Table) -> Any:
    from aiohttp.web_urldispatcher import UrlDispatcher

    router = UrlDispatcher()

    async def handler(request: Any) -> Any: ...

    for method, route in routes:
        router.add_route(method, curly(route), handler)
    resolve: Any = router.resolve

    def look(path: str, method: str) -> Any:
        try:
            resolve(_Request(method, path)).send(None)
        except StopIteration as end:
            return end.value

    return (
        look,
        lambda result: (
            None
            if result.http_exception
            else result.route.resource.canonical.replace("{", ":").replace("}", "")
        ),
    )


def django(routes: Table) -> Any:
    from django.conf import settings
    from django.urls import Resolver404, path
    from django.urls.resolvers import RegexPattern, URLResolver

    if not settings.configured:
        settings.configure()
    patterns = [path(pointed(route)[1:], _view, name=route) for route in by_route(routes)]
    resolve = URLResolver(RegexPattern("^/"), patterns).resolve

    def look(path: str, _method: str) -> Any:
        try:
            return resolve(path)
        except Resolver404:
            return None

    return look, lambda result: result and result.url_name


def _view(request: Any, **params: Any) -> Any: ...


def starlette(routes: Table) -> Any:
    from starlette.routing import Match, Route

    made = [Route(curly(route), _endpoint, methods=[method], name=route) for method, route in routes]

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
    "sanic-routing": sanic,
    "litestar": litestar,
    "werkzeug": werkzeug,
    "aiohttp": aiohttp,
    "django": django,
    "starlette": starlette,
}

# Builders of URLs: a table of routes -> a function (route, parameters) -> URL.


def build_werkzeug(routes: list[str]) -> Any:
    from werkzeug.routing import Map, Rule

    return Map([Rule(pointed(route), endpoint=route) for route in routes]).bind("localhost").build


def build_bottle(routes: list[str]) -> Any:
    import bottle

    router = bottle.Router()
    for route in routes:
        router.add(pointed(route), "GET", None, name=route)
    return lambda route, params: router.build(route, **params)


def build_tornado(routes: list[str]) -> Any:
    from tornado.web import RequestHandler, URLSpec

    specs = {
        route: URLSpec(convert(route, lambda name: f"(?P<{name}>[^/]+)"), RequestHandler) for route in routes
    }
    return lambda route, params: specs[route].reverse(*params.values())


def build_wheezy(routes: list[str]) -> Any:
    from wheezy.routing import PathRouter

    router = PathRouter()
    router.add_routes([(curly(route), object, None, route) for route in routes])
    paths = router.path_map  # of `path_for`, which cannot build a route with a variable called `name`
    return lambda route, params: paths[route](params)


def build_django(routes: list[str]) -> Any:
    from django.conf import settings
    from django.urls import path
    from django.urls.resolvers import RegexPattern, URLResolver

    if not settings.configured:
        settings.configure()
    patterns = [path(pointed(route)[1:], _view, name=route) for route in routes]
    resolver = URLResolver(RegexPattern("^/"), patterns)
    return lambda route, params: "/" + resolver.reverse(route, **params)


def build_starlette(routes: list[str]) -> Any:
    from starlette.routing import Route, Router

    router = Router([Route(curly(route), _endpoint, name=route) for route in routes])
    return lambda route, params: router.url_path_for(route, **params)


BUILDERS: dict[str, Callable[[list[str]], Any]] = {
    "wheezy.routing": build_wheezy,
    "bottle": build_bottle,
    "tornado": build_tornado,
    "werkzeug": build_werkzeug,
    "django": build_django,
    "starlette": build_starlette,
}
