"""What a server makes of a request that it received, and of the head that an application answers with.

Pure functions between the connection (`toolkit.sansio.http11`) and an application: an environ (PEP 3333)
or a scope (ASGI 3.0) of a `RequestReceived`, a `ResponseHead` of what `start_response` or `send` was given.
The built-in server and the test clients share them; what waits, reads and writes is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from toolkit.asgi_scope import raw_headers
from toolkit.sansio.errors.base import InvalidHeader
from toolkit.sansio.fields.lists import split_list
from toolkit.sansio.grammar import parse_digits
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.events import ResponseHead
from toolkit.sansio.percent import unquote, unquote_bytes
from toolkit.wsgi_environ import to_environ

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from toolkit.sansio.http11.events import RequestReceived

_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_WEBSOCKET_SCHEMES: Final = {"http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What is known of a connection besides its bytes: its scheme, its two ends, where the application is.

    `client` and `server` are (host, port); None where there is none, as on a Unix socket, whose path may be
    the host of `server`, without a port. `root_path` is percent-encoded, without a slash at its end.
    """

    scheme: str = "http"
    client: tuple[str, int] | None = None
    server: tuple[str, int | None] | None = None
    root_path: str = ""


class Target(NamedTuple):
    """A request target taken apart; `path` and `query` are as on the wire, without the question mark."""

    path: str
    query: str
    authority: str | None
    """The host of the absolute form: it counts, and Host does not (RFC 9112 section 3.2.2)."""


def split_target(target: str) -> Target:
    """The parts of a checked request target, in any of the four forms of RFC 9112 section 3.2.

    The path of the asterisk form is `*`, that of the authority form, of CONNECT, is empty.

    >>> split_target("/a%2Fb?c")
    Target(path='/a%2Fb', query='c', authority=None)
    >>> split_target("http://example.org?c").path, split_target("*").path, split_target("[::1]:443").path
    ('/', '*', '')
    """
    path, _, query = target.partition("?")
    if path.startswith("/") or path == "*":
        return Target(path, query, None)
    _, slashes, rest = path.partition("://")
    if not slashes:
        return Target("", "", None)
    authority, _, rest = rest.partition("/")
    return Target(f"/{rest}", query, authority)


def make_environ(
    request: RequestReceived, endpoints: Endpoints, stream: object, extra: Mapping[str, object]
) -> dict[str, object]:
    """The environ of a request (PEP 3333), which reads its content from `stream`.

    `extra` has what the server tells of itself: `wsgi.errors`, `wsgi.multithread` and so on.
    """
    path, query, authority = split_target(request.target)
    root = endpoints.root_path
    path = _mounted(path, root)
    uri = f"{path}?{query}" if query else path
    scheme = endpoints.scheme
    host, port = endpoints.server or ("localhost", None)
    environ: dict[str, object] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": _octets(root),
        "PATH_INFO": _octets(path.removeprefix(root)),
        "QUERY_STRING": query,
        "REQUEST_URI": uri,
        "RAW_URI": uri,
        "SERVER_NAME": host,
        "SERVER_PORT": str(_PORTS.get(scheme, 80) if port is None else port),
        "SERVER_PROTOCOL": f"HTTP/{request.http_version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": stream,
        **to_environ(request.headers),
    }
    if endpoints.client is not None:
        environ["REMOTE_ADDR"], port = endpoints.client
        environ["REMOTE_PORT"] = str(port)
    if authority is not None:
        environ["HTTP_HOST"] = authority
    if request.content_length is None:
        # Only so may an application read without knowing how much.
        environ["wsgi.input_terminated"] = True
    environ.update(extra)
    return environ


def make_scope(
    request: RequestReceived, endpoints: Endpoints, extra: Mapping[str, object]
) -> dict[str, object]:
    """The scope of a request (ASGI HTTP 2.5). `extra` has `extensions`, `state` and so on."""
    scope = _common(request, endpoints, endpoints.scheme)
    scope["type"] = "http"
    scope["method"] = request.method
    scope.update(extra)
    return scope


def make_websocket_scope(
    request: RequestReceived, endpoints: Endpoints, extra: Mapping[str, object]
) -> dict[str, object]:
    """The scope of a WebSocket, whose handshake `request` is (ASGI WebSocket 2.5)."""
    scope = _common(request, endpoints, _WEBSOCKET_SCHEMES.get(endpoints.scheme, endpoints.scheme))
    scope["type"] = "websocket"
    scope["subprotocols"] = split_list(request.headers.combined("Sec-WebSocket-Protocol") or "")
    scope.update(extra)
    return scope


def _common(request: RequestReceived, endpoints: Endpoints, scheme: str) -> dict[str, object]:
    path, query, authority = split_target(request.target)
    path = _mounted(path, endpoints.root_path)
    headers = raw_headers(request.headers)
    if authority is not None:
        headers = [line for line in headers if line[0] != b"host"]
        headers.insert(0, (b"host", authority.encode("ascii")))
    return {
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        # A later minor version is one that 1.1 can read, and ASGI knows none.
        "http_version": "1.0" if request.http_version == "1.0" else "1.1",
        "scheme": scheme,
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": unquote(endpoints.root_path),
        "headers": headers,
        "client": endpoints.client,
        "server": endpoints.server,
    }


def _mounted(path: str, root: str) -> str:
    """The path with `root` before it, which a proxy may have taken off."""
    if not root or path == root or path.startswith(root + "/") or not path.startswith("/"):
        return path
    return root + path


def _octets(path: str) -> str:
    """A percent-encoded path as PEP 3333 has it: its bytes as latin-1."""
    return unquote_bytes(path.encode("ascii")).decode("latin-1") if "%" in path else path


# What an application answers.


def wsgi_head(status: str, headers: list[tuple[str, str]]) -> ResponseHead:
    """The head that `start_response` was given. `InvalidHeader` for a status that is none.

    Names and values are checked when the head is sent; that they are `str` has to be true.

    >>> wsgi_head("404 Not Here", [("Content-Length", "0")])
    ResponseHead(status=404, headers=Headers([('Content-Length', '0')]), reason='Not Here')
    """
    code, _, reason = status.partition(" ")
    number = parse_digits(code) if len(code) == 3 else None
    if number is None or number < 200:
        raise InvalidHeader("status", status, "it is three digits, from 200, a space and a reason")
    return ResponseHead(number, Headers.adopt(list(headers)), reason)


def asgi_head(status: int, headers: Iterable[Iterable[bytes]] = ()) -> ResponseHead:
    """The head of an `http.response.start` message. Names and values are checked when it is sent.

    >>> asgi_head(200, [(b"content-length", b"0")])
    ResponseHead(status=200, headers=Headers([('content-length', '0')]), reason='')
    """
    return ResponseHead(status, asgi_headers(headers))


def asgi_headers(headers: Iterable[Iterable[bytes]]) -> Headers:
    """The headers of a message, as text."""
    return Headers.adopt([(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers])
