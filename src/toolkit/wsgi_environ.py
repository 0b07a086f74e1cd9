"""What a WSGI environ says (PEP 3333): the facts of a request and its header lines, read where they lie.

Nothing is read that nobody wants. Names and values of header lines are `str` of code points up to U+00FF on
both sides, so nothing is decoded there; a path is octets, too, and is decoded as UTF-8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from typing_extensions import override

from toolkit.bridges.base import Loop
from toolkit.drivers import Readable
from toolkit.sansio.exchange.body import ClientDisconnect, RequestBody
from toolkit.sansio.exchange.framing import hint_lines
from toolkit.sansio.exchange.policy import DEFAULT_POLICY
from toolkit.sansio.exchange.target import sent_below
from toolkit.sansio.exchange.typed import lazy
from toolkit.sansio.grammar import parse_digits
from toolkit.sansio.headers import Headers, HeadersView
from toolkit.sansio.percent import quote_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed.wsgi import WSGIEnvironment

    from toolkit.sansio.exchange.policy import Policy

T = TypeVar("T")

# The two that have no prefix, "may be empty or absent" (PEP 3333), and speak for HTTP_CONTENT_… too.
_UNPREFIXED = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}


_SAFE = quote_path.safe


class EnvironHeaders(HeadersView):
    """The request headers of a WSGI environ, read where they lie: a live view that copies nothing.

    A server gives each name once, in capitals, with the lines of the same name already combined; so does
    this view, which spells names `Like-This`, in the order of the environ. A name with an underscore
    cannot be told from one with a hyphen and is never found: servers drop it for that reason.

    >>> headers = EnvironHeaders({"CONTENT_TYPE": "text/plain", "HTTP_ACCEPT": "*/*", "HTTP_X_A": "1"})
    >>> headers["content-type"], headers.get("X-A"), headers.get("Content-Length")
    ('text/plain', '1', None)
    >>> headers
    EnvironHeaders({'CONTENT_TYPE': 'text/plain', 'HTTP_ACCEPT': '*/*', 'HTTP_X_A': '1'})
    """

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, Any]) -> None:
        # What is read are only variables that PEP 3333 says are `str`.
        self._environ: Mapping[str, str] = environ

    # PERF: one look-up each, of a key that is made once for each spelling (benchmarks/headers.py::environ)

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: T) -> str | T: ...
    @override
    def get(self, name: str, default: T | None = None) -> str | T | None:
        try:
            key = _KNOWN[name]
        except KeyError:
            key = _variable(name)
        value = self._environ.get(key)
        if value or (value is not None and key not in _UNPREFIXED):
            return value
        return default

    @override
    def __getitem__(self, name: str) -> str:
        key = _KNOWN.get(name) or _variable(name)
        value = self._environ.get(key)
        if value or (value is not None and key not in _UNPREFIXED):
            return value
        raise KeyError(name)

    @override
    def combined(self, name: str) -> str | None:
        """The value of `name`, which the server has combined, or None."""
        # PERF: there is nothing to combine (benchmarks/exchange.py::json).
        if name.lower() == "set-cookie":
            return super().combined(name)  # which refuses it
        return self.get(name)

    @override
    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    @override
    def getlist(self, name: str) -> list[str]:
        """The value of `name`, which the server has combined, as a new list of one; empty when absent."""
        value = self.get(name)
        return [] if value is None else [value]

    @override
    def items(self) -> list[tuple[str, str]]:
        lines: list[tuple[str, str]] = []
        for key, value in self._environ.items():
            if key.startswith("HTTP_"):
                if key[5:] not in _UNPREFIXED:
                    lines.append((key[5:].replace("_", "-").title(), value))
            elif key in _UNPREFIXED and value:
                lines.append((_UNPREFIXED[key], value))
        return lines

    @override
    def __repr__(self) -> str:
        variables = {
            key: value
            for key, value in self._environ.items()
            if key in _UNPREFIXED or key.startswith("HTTP_")
        }
        return f"{type(self).__name__}({variables!r})"


def to_environ(headers: Headers) -> dict[str, str]:
    """The variables that request headers make in an environ, the lines of each name combined.

    It is what `EnvironHeaders` reads. Names with an underscore, which cannot be told from others there,
    are left out, as servers do.

    >>> to_environ(Headers([("Host", "example.org"), ("Vary", "a"), ("vary", "b")]))
    {'HTTP_HOST': 'example.org', 'HTTP_VARY': 'a, b'}
    """
    variables: dict[str, str] = {}
    for name in headers:
        key = _variable(name)
        if key and key not in variables:
            variables[key] = ("; " if key == "HTTP_COOKIE" else ", ").join(headers.getlist(name))
    return variables


def raw_headers(headers: Headers) -> list[tuple[str, str]]:
    """The lines as `start_response` takes them: exactly a list of tuples of `str`, and a new one."""
    return headers.items()


_KNOWN: dict[str, str] = {}  # variables by the names of headers
_MANY = 512  # applications know no more names than that


def _variable(name: str) -> str:
    """The environ variable that has the header `name`; "", which is none, where there can be none."""
    if "_" in name or not name.isascii():
        return ""
    key = name.upper().replace("-", "_")
    key = key if key in _UNPREFIXED else "HTTP_" + key
    if len(_KNOWN) < _MANY:
        _KNOWN[name] = key
    return key


class EnvironRequest(Readable):
    """The facts of a request, read from its environ when they are wanted."""

    __slots__ = ("environ",)

    environ: WSGIEnvironment
    """What the server gave."""
    _loop: Loop | None = None

    def __init__(self, environ: WSGIEnvironment, policy: Policy = DEFAULT_POLICY) -> None:
        self.environ = environ
        self.policy = policy
        self._headers = self._raw_path = self._args = self._cookies = None

    @property
    @override
    def method(self) -> str:
        """The method, as sent."""
        method: str = self.environ["REQUEST_METHOD"]
        return method

    @lazy
    def target(self) -> str:
        """The request target, put together from what the server tells of it."""
        path = self.root_path + self.raw_path
        return f"{path}?{self.query_string}" if self.query_string else path

    @override
    def _find_headers(self) -> HeadersView:
        return EnvironHeaders(self.environ)

    @property
    @override
    def scheme(self) -> str:
        """The scheme of the connection to this server: `http` or `https`."""
        scheme: str = self.environ["wsgi.url_scheme"]
        return scheme

    @lazy
    def root_path(self) -> str:
        """Where the application is mounted, percent-encoded."""
        return _quote_octets(self.environ.get("SCRIPT_NAME", "").rstrip("/"))

    @override
    def _find_raw_path(self) -> str:
        """The path as it was sent, where the server tells that in RAW_URI or REQUEST_URI.

        Elsewhere a `%2F` has become a slash.
        """
        environ = self.environ
        path: str = environ.get("PATH_INFO", "")
        sent: str | None = environ.get("RAW_URI") or environ.get("REQUEST_URI")
        if sent is not None:
            root: str = environ.get("SCRIPT_NAME", "")
            raw = sent_below(sent, _decode_octets(root), _decode_octets(root + path))
            if raw is not None:
                return raw or "/"
        # PERF: what needs no quoting is found out without a call (benchmarks/exchange.py::small).
        return (path if not path.strip(_SAFE) else _quote_octets(path)) or "/"

    @property
    @override
    def query_string(self) -> str:
        """The query as on the wire, without its `?`."""
        query: str = self.environ.get("QUERY_STRING", "")
        return query

    @override
    def _find_cookies(self) -> str:
        cookies: str = self.environ.get("HTTP_COOKIE", "")
        return cookies

    @lazy
    def client(self) -> tuple[str, int] | None:
        """The address of the peer as (host, port). See `remote_addr`."""
        host: str = self.environ.get("REMOTE_ADDR", "")
        port = parse_digits(self.environ.get("REMOTE_PORT") or "0") or 0
        return (host, port) if host else None

    @lazy
    def server(self) -> tuple[str, int | None] | None:
        """Where the peer connected to as (host, port)."""
        return self.environ["SERVER_NAME"], parse_digits(self.environ["SERVER_PORT"])

    @lazy
    def http_version(self) -> str:
        """The version of HTTP: `1.0`, `1.1`, `2` or `3`."""
        version: str = self.environ.get("SERVER_PROTOCOL", "HTTP/1.1").partition("/")[2]
        return version if version.startswith("1.") else version.removesuffix(".0")

    @lazy
    def body(self) -> RequestBody:
        """What is known of the content; it ends by itself where the server sets `wsgi.input_terminated`."""
        return RequestBody.of(self, terminated=bool(self.environ.get("wsgi.input_terminated")))

    @property
    def loop(self) -> Loop:
        """An event loop of the request's own, for what is asynchronous."""
        if self._loop is None:
            self._loop = Loop()
            self.has_resources = True
        return self._loop

    def _read(self, body: RequestBody) -> list[bytes]:
        """Read on, never past the end of the content, which may be where the next request begins."""
        try:
            data: bytes = self.environ["wsgi.input"].read(body.room)
        except OSError as error:
            gone = ClientDisconnect("the client went away before its request was whole")
            body.fail(gone)
            raise gone from error
        return body.feed(data, more=bool(data) and len(data) != body.missing)

    def _hint(self, links: tuple[str, ...]) -> bool:
        offer: Callable[[list[tuple[str, str]]], object] | None = self.environ.get("wsgi.early_hints")
        if offer is None:
            return False
        offer(hint_lines(links))
        return True

    @override
    def close(self) -> None:
        """Free what the form holds, and the event loop, if there is one."""
        loop, self._loop = self._loop, None
        try:
            super().close()
        finally:
            if loop is not None:
                loop.close()


def _quote_octets(path: str) -> str:
    """A path of an environ, whose characters are octets, percent-encoded."""
    if path.isascii():
        return quote_path(path)
    octets = path.encode("latin-1", "replace")
    try:
        return quote_path(octets.decode())
    except UnicodeDecodeError:
        return "".join([quote_path(chr(octet)) if octet < 0x80 else f"%{octet:02X}" for octet in octets])


def _decode_octets(path: str) -> str:
    """A path of an environ, whose characters are octets, as text; see `unquote`."""
    return path if path.isascii() else path.encode("latin-1", "replace").decode("utf-8", "replace")
