"""The same four jobs as applications of everyone: see `benchmarks.exchange`.

small    GET /users/<int>?tab=…, one cookie and one header are read, five bytes are answered
json     a JSON value is parsed and answered
form     a hundred fields are parsed and counted
headers  a request of 33 lines: the last one is read
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

import toolkit.asgi
import toolkit.wsgi
from toolkit.sansio.exchange.response import Response
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule

App = Callable[..., Any]
Job = Literal["small", "json", "form", "headers"]

LAST = "the value of line 24"
WANTED = (7, "keys", "dark", "0123456789")
DUMP = {"ensure_ascii": False, "separators": (",", ":")}


def _is_wanted(*values: object) -> None:
    if values != WANTED:
        raise AssertionError(values)


def _bare_wsgi() -> App:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        body = b"hello"
        if path == "/json":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        elif path == "/form":
            body = b"%d" % (environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).count(b"&") + 1)
        elif path == "/headers":
            body = b"28"
        length = str(len(body))
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", length)])
        return [body]

    return app


def _bare_asgi() -> App:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        body = b"hello"
        if path == "/json":
            body = (await receive())["body"]
        elif path == "/form":
            body = b"%d" % ((await receive())["body"].count(b"&") + 1)
        elif path == "/headers":
            body = b"28"
        head = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})

    return app


def _toolkit_wsgi() -> App:
    def user(request: toolkit.wsgi.Request, id: int) -> Response:  # noqa: A002  # the route's word
        _is_wanted(id, request.args["tab"], request.cookies["theme"], request.headers["X-Token"])
        return Response.text("hello")

    def value(request: toolkit.wsgi.Request) -> Response:
        return Response.json(request.json())

    def form(request: toolkit.wsgi.Request) -> Response:
        return Response.text(str(len(request.form())))

    def headers(request: toolkit.wsgi.Request) -> Response:
        return Response.text("28" if request.headers["X-Header-24"] == LAST else "")

    router: Router[Callable[..., Response]] = Router(
        [Rule("/users/<int:id>", user), Rule("/json", value), Rule("/form", form), Rule("/headers", headers)]
    )

    @toolkit.wsgi.application
    def app(request: toolkit.wsgi.Request) -> Response:
        match = router.match(request.raw_path, request.method)
        return match.endpoint(request, **match.params)

    return app


def _toolkit_asgi() -> App:
    async def user(request: toolkit.asgi.Request, id: int) -> Response:  # noqa: A002  # the route's word
        _is_wanted(id, request.args["tab"], request.cookies["theme"], request.headers["X-Token"])
        return Response.text("hello")

    async def value(request: toolkit.asgi.Request) -> Response:
        return Response.json(await request.json())

    async def form(request: toolkit.asgi.Request) -> Response:
        return Response.text(str(len(await request.form())))

    async def headers(request: toolkit.asgi.Request) -> Response:
        return Response.text("28" if request.headers["X-Header-24"] == LAST else "")

    router: Router[Callable[..., Any]] = Router(
        [Rule("/users/<int:id>", user), Rule("/json", value), Rule("/form", form), Rule("/headers", headers)]
    )

    @toolkit.asgi.application
    async def app(request: toolkit.asgi.Request) -> Response:
        match = router.match(request.raw_path, request.method)
        response: Response = await match.endpoint(request, **match.params)
        return response

    return app


def _falcon_wsgi() -> App:
    import falcon

    class User:
        def on_get(self, request: Any, response: Any, id: int) -> None:  # noqa: A002
            _is_wanted(id, request.get_param("tab"), request.cookies["theme"], request.get_header("X-Token"))
            response.text = "hello"

    class Value:
        def on_post(self, request: Any, response: Any) -> None:
            response.data = json.dumps(request.get_media(), **DUMP).encode()  # type: ignore[arg-type]

    class Form:
        def on_post(self, request: Any, response: Any) -> None:
            response.text = str(len(request.get_media()))

    class Headers:
        def on_get(self, request: Any, response: Any) -> None:
            response.text = "28" if request.get_header("X-Header-24") == LAST else ""

    app = falcon.App()
    app.add_route("/users/{id:int}", User())
    app.add_route("/json", Value())
    app.add_route("/form", Form())
    app.add_route("/headers", Headers())
    return app


def _falcon_asgi() -> App:
    import falcon.asgi

    class User:
        async def on_get(self, request: Any, response: Any, id: int) -> None:  # noqa: A002
            _is_wanted(id, request.get_param("tab"), request.cookies["theme"], request.get_header("X-Token"))
            response.text = "hello"

    class Value:
        async def on_post(self, request: Any, response: Any) -> None:
            response.data = json.dumps(await request.get_media(), **DUMP).encode()  # type: ignore[arg-type]

    class Form:
        async def on_post(self, request: Any, response: Any) -> None:
            response.text = str(len(await request.get_media()))

    class Headers:
        async def on_get(self, request: Any, response: Any) -> None:
            response.text = "28" if request.get_header("X-Header-24") == LAST else ""

    app = falcon.asgi.App()
    app.add_route("/users/{id:int}", User())
    app.add_route("/json", Value())
    app.add_route("/form", Form())
    app.add_route("/headers", Headers())
    return app


def _bottle() -> App:
    import bottle

    request = bottle.request

    def user(id: int) -> str:  # noqa: A002
        _is_wanted(id, request.query["tab"], request.cookies["theme"], request.headers["X-Token"])
        return "hello"

    def value() -> str:
        return json.dumps(request.json, **DUMP)  # type: ignore[arg-type]

    def form() -> str:
        return str(len(request.forms))

    def headers() -> str:
        return "28" if request.headers["X-Header-24"] == LAST else ""

    app: App = bottle.Bottle()
    for path, method, handler in (
        ("/users/<id:int>", "GET", user),
        ("/json", "POST", value),
        ("/form", "POST", form),
        ("/headers", "GET", headers),
    ):
        app.route(path, method, handler)  # type: ignore[attr-defined]
    return app


def _werkzeug() -> App:
    from werkzeug.routing import Map
    from werkzeug.routing import Rule as WerkzeugRule
    from werkzeug.wrappers import Request as WerkzeugRequest
    from werkzeug.wrappers import Response as WerkzeugResponse

    paths = {"user": "/users/<int:id>", "json": "/json", "form": "/form", "headers": "/headers"}
    rules = Map([WerkzeugRule(path, endpoint=name) for name, path in paths.items()])

    @WerkzeugRequest.application
    def app(request: WerkzeugRequest) -> WerkzeugResponse:
        endpoint, params = rules.bind_to_environ(request.environ).match()
        if endpoint == "user":
            _is_wanted(
                params["id"], request.args["tab"], request.cookies["theme"], request.headers["X-Token"]
            )
            return WerkzeugResponse("hello", mimetype="text/plain")
        if endpoint == "json":
            return WerkzeugResponse(json.dumps(request.json, **DUMP))  # type: ignore[arg-type]
        if endpoint == "form":
            return WerkzeugResponse(str(len(request.form)))
        return WerkzeugResponse("28" if request.headers["X-Header-24"] == LAST else "")

    return app


def _flask() -> App:
    import flask

    app = flask.Flask("benchmark")
    request = flask.request

    @app.get("/users/<int:id>")
    def user(id: int) -> str:  # noqa: A002
        _is_wanted(id, request.args["tab"], request.cookies["theme"], request.headers["X-Token"])
        return "hello"

    @app.post("/json")
    def value() -> str:
        return json.dumps(request.json, **DUMP)  # type: ignore[arg-type]

    @app.post("/form")
    def form() -> str:
        return str(len(request.form))

    @app.get("/headers")
    def headers() -> str:
        return "28" if request.headers["X-Header-24"] == LAST else ""

    return app


def _starlette() -> App:
    from starlette.requests import Request as StarletteRequest  # noqa: TC002  # where rivals are imported
    from starlette.responses import PlainTextResponse
    from starlette.responses import Response as StarletteResponse
    from starlette.routing import Route
    from starlette.routing import Router as StarletteRouter

    async def user(request: StarletteRequest) -> StarletteResponse:
        _is_wanted(
            request.path_params["id"],
            request.query_params["tab"],
            request.cookies["theme"],
            request.headers["X-Token"],
        )
        return PlainTextResponse("hello")

    async def value(request: StarletteRequest) -> StarletteResponse:
        return StarletteResponse(json.dumps(await request.json(), **DUMP))  # type: ignore[arg-type]

    async def form(request: StarletteRequest) -> StarletteResponse:
        return PlainTextResponse(str(len(await request.form())))

    async def headers(request: StarletteRequest) -> StarletteResponse:
        return PlainTextResponse("28" if request.headers["X-Header-24"] == LAST else "")

    return StarletteRouter(
        [
            Route("/users/{id:int}", user),
            Route("/json", value, methods=["POST"]),
            Route("/form", form, methods=["POST"]),
            Route("/headers", headers),
        ]
    )


def _litestar() -> App:
    from litestar import Litestar, MediaType, get, post
    from litestar import Request as LitestarRequest
    from litestar import Response as LitestarResponse

    @get("/users/{id:int}", media_type=MediaType.TEXT)
    async def user(request: LitestarRequest[Any, Any, Any], id: int) -> str:  # noqa: A002
        _is_wanted(id, request.query_params["tab"], request.cookies["theme"], request.headers["X-Token"])
        return "hello"

    @post("/json", status_code=200)
    async def value(request: LitestarRequest[Any, Any, Any]) -> LitestarResponse[bytes]:
        content = json.dumps(await request.json(), **DUMP).encode()  # type: ignore[arg-type]
        return LitestarResponse(content, media_type="application/json")

    @post("/form", status_code=200, media_type=MediaType.TEXT)
    async def form(request: LitestarRequest[Any, Any, Any]) -> str:
        return str(len(await request.form()))

    @get("/headers", media_type=MediaType.TEXT)
    async def headers(request: LitestarRequest[Any, Any, Any]) -> str:
        return "28" if request.headers["X-Header-24"] == LAST else ""

    for handler in (user, value, form, headers):
        namespace = {"LitestarRequest": LitestarRequest, "LitestarResponse": LitestarResponse, "Any": Any}
        handler.fn.__globals__.update(namespace)
    return Litestar([user, value, form, headers], openapi_config=None)


WSGI: dict[str, Callable[[], App]] = {
    "bare": _bare_wsgi,
    "toolkit": _toolkit_wsgi,
    "falcon": _falcon_wsgi,
    "bottle": _bottle,
    "werkzeug": _werkzeug,
    "flask": _flask,
}
ASGI: dict[str, Callable[[], App]] = {
    "bare": _bare_asgi,
    "toolkit": _toolkit_asgi,
    "falcon": _falcon_asgi,
    "starlette": _starlette,
    "litestar": _litestar,
}
