"""The clients with the applications of others: what they do, they do by the rules."""

# ruff: noqa: ANN401  # what is imported at run time has no types
from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.testing.apps import RUNNERS, json_of
from toolkit import asgi, wsgi
from toolkit.sansio.exchange.response import Response as Answer
from toolkit.testing.async_client import AsyncClient
from toolkit.testing.body import Body, Disconnect
from toolkit.testing.client import Client
from toolkit.testing.errors import ResponseLost

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator


def flask_app() -> Any:
    flask = pytest.importorskip("flask")
    app = flask.Flask(__name__)

    def form() -> Any:
        files = {name: [file.filename, file.read().decode()] for name, file in flask.request.files.items()}
        return {"form": flask.request.form.to_dict(), "files": files, "cookies": dict(flask.request.cookies)}

    def login() -> Any:
        response = flask.redirect("/stream")
        response.set_cookie("sid", "1", httponly=True)
        return response

    def stream() -> Any:
        return iter(["a", "b"])

    def fails() -> Any:
        raise ValueError("no")

    app.add_url_rule("/form", view_func=form, methods=["POST"])
    for view in (login, stream, fails):
        app.add_url_rule(f"/{view.__name__}", view_func=view)
    return app


def starlette_app() -> Any:
    pytest.importorskip("starlette")
    pytest.importorskip("multipart")
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, RedirectResponse, StreamingResponse
    from starlette.routing import Route, WebSocketRoute

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncGenerator[dict[str, str], None]:
        yield {"db": "open"}

    async def form(request: Any) -> Any:
        async with request.form() as form:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            files = {
                name: [value.filename, (await value.read()).decode()]
                for name, value in form.items()
                if not isinstance(value, str)
            }
        return JSONResponse({"form": fields, "files": files, "cookies": request.cookies})

    async def login(_request: Any) -> Any:
        response = RedirectResponse("/stream", 302)
        response.set_cookie("sid", "1", httponly=True)
        return response

    async def stream(_request: Any) -> Any:
        async def content() -> AsyncIterator[str]:
            for text in ("a", "b"):
                yield text

        return StreamingResponse(content())

    async def fails(_request: Any) -> Any:
        raise ValueError("no")

    async def upper(websocket: Any) -> None:
        await websocket.accept()
        await websocket.send_json({"db": websocket.state.db})
        while True:
            await websocket.send_text((await websocket.receive_text()).upper())

    return Starlette(
        routes=[
            Route("/form", form, methods=["POST"]),
            Route("/login", login),
            Route("/stream", stream),
            Route("/fails", fails),
            WebSocketRoute("/upper", upper),
        ],
        lifespan=lifespan,
    )


APPS = {"flask": flask_app, "starlette": starlette_app}


@pytest.fixture(params=APPS)
def app(request: pytest.FixtureRequest) -> Any:
    return APPS[request.param]()


def test_a_session_in_a_browser(app: Any) -> None:
    with Client(app, follow_redirects=True) as client:
        response = client.get("/login")
        assert (response.text, len(response.history)) == ("ab", 1)
        assert response.history[0].cookies["sid"].httponly
        response = client.post("/form", form={"a": "1"}, files={"f": ("n.txt", b"content")})
        assert json_of(response.json()) == {
            "form": {"a": "1"},
            "files": {"f": ["n.txt", "content"]},
            "cookies": {"sid": "1"},
        }
        assert client.post("/form", form={"a": "1"}).status == 200
        assert client.get("/nowhere").status == 404
        assert client.head("/stream").content == b""
        with client.stream("GET", "/stream") as streamed:
            assert list(streamed.iter_bytes()) == [b"a", b"b"]


def test_failures(app: Any) -> None:
    app.testing = True  # flask's way to let exceptions through
    with pytest.raises(ValueError, match="no"):
        Client(app).get("/fails")


@pytest.mark.parametrize("runner", RUNNERS)
def test_without_blocking(app: Any, runner: str) -> None:
    async def test() -> None:
        async with AsyncClient(app, follow_redirects=True) as client:
            assert (await client.get("/login")).text == "ab"
            async with client.stream("GET", "/stream") as streamed:
                assert [text async for text in streamed.iter_text()] == ["a", "b"]

    RUNNERS[runner](test)


def test_websockets_of_starlette() -> None:
    with Client(starlette_app()) as client, client.websocket("/upper") as session:
        assert session.receive_json() == {"db": "open"}
        session.send_text("hello")
        assert session.receive_text() == "HELLO"


def test_an_upload_to_starlette_that_is_cut() -> None:
    client = Client(starlette_app())
    body = Body([b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'], then=Disconnect())
    with pytest.raises(ResponseLost):
        client.post("/form", content=body, headers={"Content-Type": "multipart/form-data; boundary=B"})


def test_falcon() -> None:
    falcon = pytest.importorskip("falcon")
    asgi = pytest.importorskip("falcon.asgi")

    class Sync:
        def on_post(self, request: Any, response: Any) -> None:
            response.media = request.media

    class Async:
        async def on_post(self, request: Any, response: Any) -> None:
            response.media = await request.media

        async def on_websocket(self, _request: Any, websocket: Any) -> None:
            await websocket.accept()
            while True:
                await websocket.send_text((await websocket.receive_text()).upper())

    for app, resource in ((falcon.App(), Sync()), (asgi.App(), Async())):
        app.add_route("/", resource)
        with Client(app) as client:
            assert client.post("/", json={"a": 1}).json() == {"a": 1}
            assert client.get("/").status == 405
            if isinstance(resource, Async):
                with client.websocket("/") as session:
                    session.send_text("hello")
                    assert session.receive_text() == "HELLO"


def test_toolkit() -> None:
    """The same handler on both interfaces."""

    def handler(request: wsgi.Request | asgi.ThreadedRequest) -> Answer:
        return Answer.text(f"{request.method} {request.path} {request.args.get('a')}")

    for application in (wsgi.application, asgi.application):
        client = Client(application(handler))
        assert client.get("/café?a=1").text == "GET /café 1"
        assert client.head("/").content == b""
