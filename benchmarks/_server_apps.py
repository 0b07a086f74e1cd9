"""The applications of the server benchmark, in the plain words of their protocols, and their servers.

`python -m benchmarks._server_apps NAME PORT` serves until it is killed; NAME is of `SERVERS`, none logs.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CHUNK = 256 * 1024
TEXT = b"Hello, world!\n"


def wsgi(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Say hello, or the number of bytes that were sent."""
    body = TEXT
    if environ["REQUEST_METHOD"] == "POST":
        read, left = environ["wsgi.input"].read, int(environ["CONTENT_LENGTH"])
        size = left
        while left and (data := read(min(left, CHUNK))):
            left -= len(data)
        body = b"%d\n" % (size - left)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


async def asgi(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
    """The same."""
    assert scope["type"] == "http"
    body = TEXT
    if scope["method"] == "POST":
        size, more = 0, True
        while more:
            message = await receive()
            size += len(message["body"])
            more = message["more_body"]
        body = b"%d\n" % size
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def toolkit_wsgi(port: int) -> None:
    from toolkit.server import Server, Settings

    Server(wsgi, Settings(port=port)).run()


def toolkit_asgi(port: int) -> None:
    from toolkit.server import Server, Settings

    Server(cast("Any", asgi), Settings(port=port)).run()


def werkzeug(port: int) -> None:
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    make_server("127.0.0.1", port, wsgi, threaded=True).serve_forever()


def wsgiref(port: int) -> None:
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    class Patient(WSGIServer):
        request_queue_size = 128  # it is 5, and clients that do not fit wait for a second

    make_server("127.0.0.1", port, wsgi, server_class=Patient, handler_class=Quiet).serve_forever()


def waitress(port: int) -> None:
    from waitress import serve

    serve(wsgi, host="127.0.0.1", port=port, max_request_body_size=1 << 32, _quiet=True)


def gunicorn(port: int) -> None:
    from gunicorn.app.wsgiapp import run

    bind = f"--bind=127.0.0.1:{port}"
    sys.argv = ["gunicorn", bind, "--log-level=error", "--timeout=300", "benchmarks._server_apps:wsgi"]
    run()


def uvicorn(port: int) -> None:
    import uvicorn

    uvicorn.run(
        asgi,
        port=port,
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
    )


def hypercorn(port: int) -> None:
    import asyncio

    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind, config.loglevel = [f"127.0.0.1:{port}"], "ERROR"
    asyncio.run(serve(cast("Any", asgi), config))


SERVERS: dict[str, Callable[[int], None]] = {
    "toolkit wsgi": toolkit_wsgi,
    "toolkit asgi": toolkit_asgi,
    "werkzeug": werkzeug,
    "wsgiref": wsgiref,
    "waitress": waitress,
    "gunicorn sync": gunicorn,
    "uvicorn h11": uvicorn,
    "hypercorn": hypercorn,
}

if __name__ == "__main__":
    SERVERS[sys.argv[1]](int(sys.argv[2]))
