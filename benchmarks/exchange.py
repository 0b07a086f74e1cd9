"""One request through an application, in process: falcon, bottle, werkzeug, flask, starlette and litestar.

`create` is only the request object, before anybody reads it; then come whole applications. `bare` is a
function that answers without reading the request: what a protocol costs before anybody does anything. ASGI
applications are driven by hand, without an event loop, so that only their own steps count. Every application
does the same work and answers with the same bytes.

What limits `small`: in instructions (cachegrind, CPython 3.12) WSGI takes 66,400, 6.7 times `bare`, where
falcon takes 78,300 and werkzeug 385,700; ASGI takes 95,900, 5.1 times `bare`, where starlette takes 144,300.
In time that is 8.5 and 5.8 times `bare`; falcon takes 1.3 and 1.1 times as long, werkzeug 11, starlette 1.85.
On WSGI the cookies are 11,000 of them, the query 8,000, the route 7,000, the head of the response 7,000 and
the response object 6,000; ASGI adds 5,000 for the headers and 8,000 for two messages and their coroutines.
Each is a handful of calls with nothing to leave out: to read the private parts of a response in `frame`
instead of calling it, for one, gains half a percent.

What limits `json`: an object whose names must differ is built from pairs, which takes twice the instructions
of building it at once. Falcon, which keeps the last of them, is even with us for all its compiled code.

What limits `form`: of 73 us on WSGI, 22 make 200 texts and 100 pairs of them, 5 a dictionary for `len`, and 6
count what came against the limits before anything is made of it. Falcon takes 30 us: Cython has compiled its
parser, which fills a dictionary at once and counts nothing. To split at all separators in one call and to
pair the texts with `zip`, where the separators alternate, saves a quarter of the parsing; to find out that
they do costs nearly as much, even by `bytes.translate`: that leaves 3 % of the job for 100 fields, and a loss
below 30. `map(str.partition, …)` gains nothing.
"""

from __future__ import annotations

from functools import partial
from io import BytesIO
from operator import eq
from time import thread_time
from typing import TYPE_CHECKING, Any, TypeAlias

from benchmarks._exchange_rivals import ASGI, WSGI
from benchmarks.harness import Scenario, rival

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks._exchange_rivals import App, Job

CLOCK = thread_time

HEADERS = {
    "Host": "example.org",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "de,en-US;q=0.7,en;q=0.3",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Connection": "keep-alive",
    "Cookie": "session=abcdefghijklmnopqrstuvwxyz; theme=dark",
    "X-Token": "0123456789",
}
MANY = {**HEADERS, **{f"X-Header-{number}": f"the value of line {number}" for number in range(25)}}
JSON = b'{"name":"Zo\xc3\xab","tags":["a","b","c"],"size":12,"parts":[{"id":1},{"id":2},{"id":3}]}'
FORM = "&".join(f"field{number}=value+{number}" for number in range(100)).encode()

Request: TypeAlias = tuple[str, str, str, dict[str, str], bytes]
"""Method, path, query, header fields, content."""

REQUESTS: dict[Job, Request] = {
    "small": ("GET", "/users/7", "tab=keys", HEADERS, b""),
    "json": ("POST", "/json", "", {**HEADERS, "Content-Type": "application/json"}, JSON),
    "form": ("POST", "/form", "", {**HEADERS, "Content-Type": "application/x-www-form-urlencoded"}, FORM),
    "headers": ("GET", "/headers", "", MANY, b""),
}
ANSWERS: dict[Job, bytes] = {"small": b"hello", "json": JSON, "form": b"100", "headers": b"28"}


def scenarios() -> Iterator[Scenario]:
    yield Scenario("WSGI, create", _created_of_environ())
    yield Scenario("ASGI, create", _created_of_scope())
    for job in ANSWERS:
        yield _scenario("WSGI", WSGI, _wsgi, job)
        yield _scenario("ASGI", ASGI, _asgi, job)


def _scenario(
    protocol: str,
    rivals: dict[str, Callable[[], App]],
    drive: Callable[[App, Request], Callable[[], bytes]],
    job: Job,
) -> Scenario:
    contenders: dict[str, Callable[[], object]] = {}
    for name, make in rivals.items():
        contenders.update(rival(name, partial(_driven, make, drive, REQUESTS[job])))
    return Scenario(f"{protocol}, {job}", contenders, check=partial(eq, ANSWERS[job]))


def _driven(
    make: Callable[[], App], drive: Callable[[App, Request], Callable[[], bytes]], request: Request
) -> Callable[[], bytes]:
    return drive(make(), request)


def _created_of_environ() -> dict[str, Callable[[], object]]:
    from toolkit.wsgi import Request as OurRequest

    environ = {**_environ(REQUESTS["small"]), "wsgi.input": BytesIO()}

    def falcon() -> Callable[[], object]:
        from falcon import Request as FalconRequest
        from falcon import RequestOptions

        options = RequestOptions()
        return lambda: FalconRequest(environ, options)

    def werkzeug() -> Callable[[], object]:
        from werkzeug.wrappers import Request as WerkzeugRequest

        return lambda: WerkzeugRequest(environ)

    ours = {"toolkit": lambda: OurRequest(environ)}
    return {**ours, **rival("falcon", falcon), **rival("werkzeug", werkzeug)}


def _created_of_scope() -> dict[str, Callable[[], object]]:
    from toolkit.asgi import Request as OurRequest

    scope = _scope(REQUESTS["small"])

    async def receive() -> dict[str, object]:
        return {}

    async def send(message: Any) -> None:
        pass

    def starlette() -> Callable[[], object]:
        from starlette.requests import Request as StarletteRequest

        return lambda: StarletteRequest(scope, receive, send)

    def falcon() -> Callable[[], object]:
        from falcon import RequestOptions
        from falcon.asgi import Request as FalconRequest

        options = RequestOptions()
        return lambda: FalconRequest(scope, receive, options=options)

    ours = {"toolkit": lambda: OurRequest(scope, receive, send)}
    return {**ours, **rival("falcon", falcon), **rival("starlette", starlette)}


def _environ(request: Request) -> dict[str, object]:
    """The environ of a request, but for its content."""
    method, path, query, headers, body = request
    environ: dict[str, object] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "example.org",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _wsgi(app: App, request: Request) -> Callable[[], bytes]:
    """One request to a WSGI application: a new environ, as every server makes it."""
    environ, body = _environ(request), request[-1]

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        pass

    def call() -> bytes:
        result = app({**environ, "wsgi.input": BytesIO(body)}, start_response)
        content = b"".join(result)
        close = getattr(result, "close", None)
        if close is not None:
            close()
        return content

    return call


def _scope(request: Request) -> dict[str, Any]:
    """The scope of a request."""
    method, path, query, headers, body = request
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    if body:
        lines.append((b"content-length", str(len(body)).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": lines,
        "client": ("127.0.0.1", 50000),
        "server": ("example.org", 80),
        "extensions": {},
    }


def _asgi(app: App, request: Request) -> Callable[[], bytes]:
    """One request to an ASGI application: a new scope, and a coroutine that is never suspended."""
    scope, body = _scope(request), request[-1]
    content: dict[str, object] = {"type": "http.request", "body": body, "more_body": False}

    def call() -> bytes:
        sent: list[bytes] = []

        async def receive() -> dict[str, object]:
            return content

        async def send(message: dict[str, Any]) -> None:
            sent.append(message.get("body", b""))

        steps = app(dict(scope), receive, send).__await__()
        try:
            next(steps)
        except StopIteration:
            return b"".join(sent)
        raise RuntimeError("it waits for an event loop")

    return call
