"""Our applications behind other people's bridges and clients: a2wsgi, asgiref and httpx."""
# ruff: noqa: ANN401  # signatures are given by what is played

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from wsgiref.validate import validator

import httpx
import pytest

from tests.support.asgi import Exchange as AsyncExchange
from tests.support.asgi import http_scope
from tests.support.wsgi import Exchange, make_environ
from toolkit import asgi, wsgi
from toolkit.sansio.errors.http import Conflict
from toolkit.sansio.exchange.response import Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

a2wsgi = pytest.importorskip("a2wsgi")
asgiref_wsgi = pytest.importorskip("asgiref.wsgi")


def chunks() -> Iterator[str]:
    yield "a"
    yield "b"


async def async_chunks() -> AsyncIterator[str]:
    for chunk in chunks():
        yield chunk


@wsgi.application
def wsgi_app(request: wsgi.Request) -> Response:
    if request.path == "/stream":
        return Response(chunks(), content_type="text/plain")
    if request.path == "/conflict":
        raise Conflict
    return Response.json([request.method, request.path, request.args.get("x"), request.text()])


@asgi.application
async def asgi_app(request: asgi.Request) -> Response:
    if request.path == "/stream":
        return Response(async_chunks(), content_type="text/plain")
    if request.path == "/conflict":
        raise Conflict
    return Response.json([request.method, request.path, request.args.get("x"), await request.text()])


ECHO = '["POST","/é","1","hello"]'.encode()


def post(path: str) -> dict[str, Any]:
    return http_scope("POST", path, [("Content-Length", "5"), ("Content-Type", "text/plain")])


@pytest.mark.parametrize("bridge", [a2wsgi.WSGIMiddleware, asgiref_wsgi.WsgiToAsgi])
def test_wsgi_behind_asgi(bridge: Any) -> None:
    app = bridge(wsgi_app)

    async def check() -> None:
        exchange = await AsyncExchange(b"hello").call(app, post("/é?x=1"))
        assert (exchange.status, exchange.body) == (200, ECHO)
        assert (await AsyncExchange(b"hello").call(app, post("/stream"))).body == b"ab"
        assert (await AsyncExchange(b"hello").call(app, post("/conflict"))).status == 409

    asyncio.run(check())


def test_asgi_behind_wsgi() -> None:
    app = a2wsgi.ASGIMiddleware(asgi_app)
    environ = make_environ("POST", "/\xc3\xa9?x=1", [("Content-Type", "text/plain")], b"hello")
    exchange = Exchange().call(app, environ)
    assert (exchange.status, exchange.body, exchange.error) == (200, ECHO, None)
    assert Exchange().call(app, make_environ(path="/stream")).body == b"ab"
    assert Exchange().call(app, make_environ(path="/conflict")).status == 409


def test_httpx_on_wsgi() -> None:
    transport = httpx.WSGITransport(validator(wsgi_app))
    with httpx.Client(transport=transport, base_url="http://example.org") as client:
        # httpx gives the text of a path, where PEP 3333 wants its octets: nothing but ASCII works.
        assert client.post("/e?x=1", content=b"hello").json() == ["POST", "/e", "1", "hello"]
        assert client.get("/stream").text == "ab"
        assert client.get("/conflict").status_code == 409


def test_httpx_on_asgi() -> None:
    async def check() -> None:
        transport = httpx.ASGITransport(asgi_app)
        async with httpx.AsyncClient(transport=transport, base_url="http://example.org") as client:
            assert (await client.post("/é?x=1", content=b"hello")).content == ECHO
            assert (await client.get("/stream")).text == "ab"
            assert (await client.get("/conflict")).status_code == 409

    asyncio.run(check())
