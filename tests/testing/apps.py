"""Bare applications of both interfaces that tell what they were asked: no framework, no toolkit."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

import trio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
    from typing import TypeAlias

    Environ: TypeAlias = dict[str, Any]
    StartResponse: TypeAlias = Callable[..., Callable[[bytes], object]]
    Message: TypeAlias = MutableMapping[str, Any]
    Receive: TypeAlias = Callable[[], Awaitable[Message]]
    Send: TypeAlias = Callable[[Message], Awaitable[None]]
    WSGIApp: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]
    ASGIApp: TypeAlias = Callable[[Message, Receive, Send], Coroutine[Any, Any, None]]

TEXT = [("Content-Type", "text/plain")]
RAW_TEXT = [(b"content-type", b"text/plain")]


def raw(lines: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in lines]


def answer(path: str, seen: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """What both applications answer: a redirect to `/to/STATUS`, a cookie, or what was seen."""
    if path.startswith("/to/"):
        return (
            int(path[4:7]),
            [("Location", path[7:] or "/"), ("Set-Cookie", "from=redirect; Path=/")],
            b"moved",
        )
    lines = [("Content-Type", "application/json")]
    if path == "/set":
        lines += [("Set-Cookie", "sid=1; Path=/; HttpOnly"), ("Set-Cookie", "evil=1; Domain=com")]
    return 200, lines, json.dumps(seen).encode()


def wsgi_echo(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body = stream.read()
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    headers = {
        key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key[:5] == "HTTP_"
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    if environ.get("CONTENT_LENGTH"):
        headers["content-length"] = environ["CONTENT_LENGTH"]
    path = environ["PATH_INFO"].encode("latin-1").decode()
    seen = {
        "method": environ["REQUEST_METHOD"],
        "root": environ["SCRIPT_NAME"],
        "path": path,
        "query": environ["QUERY_STRING"],
        "scheme": environ["wsgi.url_scheme"],
        "client": [environ["REMOTE_ADDR"], int(environ["REMOTE_PORT"])],
        "server": [environ["SERVER_NAME"], int(environ["SERVER_PORT"])],
        "headers": headers,
        "body": body.decode("latin-1"),
        "extra": environ.get("extra"),
    }
    status, lines, content = answer(path, seen)
    start_response(f"{status} Whatever", lines)
    return [content]


async def asgi_echo(scope: Message, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    body = b""
    more = True
    while more:
        message = await receive()
        assert message["type"] == "http.request"
        body += message["body"]
        more = message["more_body"]
    path = scope["path"].removeprefix(scope["root_path"])
    seen = {
        "method": scope["method"],
        "root": scope["root_path"],
        "path": path,
        "query": scope["query_string"].decode(),
        "scheme": scope["scheme"],
        "client": list(scope["client"]),
        "server": list(scope["server"]),
        "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
        "body": body.decode("latin-1"),
        "extra": scope.get("extra"),
    }
    status, lines, content = answer(path, seen)
    await send({"type": "http.response.start", "status": status, "headers": raw(lines)})
    await send({"type": "http.response.body", "body": content})


def wsgi_chunks(*chunks: bytes) -> WSGIApp:
    """An application that answers with these chunks."""

    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", TEXT)
        yield from chunks

    return app


def asgi_chunks(*chunks: bytes) -> ASGIApp:
    """The same."""

    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": RAW_TEXT})
        for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})

    return app


def run_asyncio(function: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(function())


def run_trio(function: Callable[[], Coroutine[Any, Any, None]]) -> None:
    trio.run(function)


RUNNERS = {"asyncio": run_asyncio, "trio": run_trio}
ECHOES: dict[str, Callable[..., Any]] = {"wsgi": wsgi_echo, "asgi": asgi_echo}
CHUNKS: dict[str, Callable[..., Callable[..., Any]]] = {"wsgi": wsgi_chunks, "asgi": asgi_chunks}


def json_of(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value)
