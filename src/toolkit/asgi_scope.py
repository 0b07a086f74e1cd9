"""What an ASGI scope says (ASGI 3.0): the facts of a request and its header lines, read where they lie.

Nothing is read that nobody wants. Header lines are pairs of bytes with names in lower case, decoded, as
latin-1, when they are read and not before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast, overload

from typing_extensions import override

from toolkit.sansio.exchange.policy import DEFAULT_POLICY
from toolkit.sansio.exchange.request import Request as RequestHead
from toolkit.sansio.exchange.target import sent_below
from toolkit.sansio.exchange.typed import lazy
from toolkit.sansio.headers import Headers, HeadersView
from toolkit.sansio.pairs import grouped
from toolkit.sansio.percent import quote_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.sansio.exchange.policy import Policy

T = TypeVar("T")

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApplication: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


_SAFE = quote_path.safe
_NONE: Mapping[bytes, list[bytes]] = {}
_UNMADE: dict[bytes, bytes] = {}  # the index from the first look-up to the second, which makes it


class ScopeHeaders(HeadersView):
    """The `headers` of an ASGI scope, read where they lie: nothing is decoded that nobody reads.

    Names are in lower case, as ASGI demands of the server; one that is not is listed but never found.
    What a view has shown must not change: make another one for another list.

    >>> headers = ScopeHeaders([(b"host", b"example.org"), (b"x-a", b"1"), (b"x-a", b"2")])
    >>> headers["Host"], headers.get("X-A"), headers.getlist("X-A"), headers.get("Accept")
    ('example.org', '1', ['1', '2'], None)
    """

    __slots__ = ("_found", "_index", "_more", "_raw")

    # First values by the names that were asked for and found, in their spelling.
    _found: dict[str, str]
    # Made together by `_build`: the first value of each name, and all values of those that have several.
    _index: dict[bytes, bytes] | None
    _more: Mapping[bytes, list[bytes]]

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._raw = raw if isinstance(raw, list) else list(raw)
        self._found = {}
        self._index = None

    def _first(self, name: str) -> bytes | None:
        """The value of the first line of `name`, as it lies."""
        key = _KNOWN.get(name) or _wire_name(name)
        index = self._index
        if not index:
            if index is None:
                # PERF: many requests are asked for one field only, and that is found sooner than an index is
                # made (benchmarks/headers.py::scope: wrap it, look up one).
                self._index = _UNMADE
                for each, value in self._raw:
                    if each == key:
                        return value
                return None
            index = self._build()
        return index.get(key)

    def _build(self) -> dict[bytes, bytes]:
        raw = self._raw
        # PERF: when no name comes twice, this one call is all (benchmarks/headers.py::scope)
        index: dict[bytes, bytes] = dict(raw)
        more = _NONE
        if len(index) != len(raw):
            index = dict(reversed(raw))
            more = grouped(raw)
        # In this order: whoever sees the index, in another thread too, must find the rest.
        self._more = more
        self._index = index
        return index

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: T) -> str | T: ...
    @override
    def get(self, name: str, default: T | None = None) -> str | T | None:
        value = self._found.get(name)
        if value is None:
            first = self._first(name)
            if first is None:
                return default
            value = self._found[name] = first.decode("latin-1")
        return value

    @override
    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    @override
    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._first(name) is not None

    @override
    def getlist(self, name: str) -> list[str]:
        key = _KNOWN.get(name) or _wire_name(name)
        if self._index is None:
            self._index = _UNMADE
            return [value.decode("latin-1") for each, value in self._raw if each == key]
        first = self._first(name)
        if first is None:
            return []
        return [value.decode("latin-1") for value in self._more.get(key) or (first,)]

    @override
    def items(self) -> list[tuple[str, str]]:
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._raw]

    @override
    def __len__(self) -> int:
        return len(self._raw)

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._raw!r})"


def raw_headers(headers: Headers) -> list[tuple[bytes, bytes]]:
    """The lines as `send` takes them, a new list: names in lower case, both encoded as latin-1.

    >>> raw_headers(Headers([("Content-Type", "text/plain")]))
    [(b'content-type', b'text/plain')]
    """
    return wire_lines(headers.items())


def wire_lines(lines: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Lines of text as `send` takes them."""
    # PERF: names are known without a call (benchmarks/exchange.py::small).
    return [(_KNOWN.get(name) or _wire_name(name), value.encode("latin-1")) for name, value in lines]


_KNOWN: dict[str, bytes] = {}  # names as they are on the wire, by what applications call them
_MANY = 512  # applications know no more names than that


def _wire_name(name: str) -> bytes:
    """A name as it is on the wire; what no server can have sent makes one that no server can have sent."""
    wire = name.encode("latin-1", "replace").lower()
    if len(_KNOWN) < _MANY:
        _KNOWN[name] = wire
    return wire


class ScopeRequest(RequestHead):
    """The facts of a request, read from its scope when they are wanted."""

    __slots__ = ("scope",)

    scope: Scope
    """What the server gave."""

    def __init__(self, scope: Scope, policy: Policy = DEFAULT_POLICY) -> None:
        self.scope = scope
        self.policy = policy
        self._headers = self._raw_path = self._args = self._cookies = None

    @property
    @override
    def method(self) -> str:
        """The method; that of a WebSocket handshake is GET."""
        method: str = self.scope.get("method", "GET")
        return method

    @lazy
    def target(self) -> str:
        """The request target, put together from what the server tells of it."""
        path = self.root_path + self.raw_path
        return f"{path}?{self.query_string}" if self.query_string else path

    @override
    def _find_headers(self) -> HeadersView:
        return ScopeHeaders(self.scope["headers"])

    @property
    @override
    def scheme(self) -> str:
        """The scheme of the connection to this server: `http` or `https`, `ws` or `wss`."""
        scheme: str = self.scope.get("scheme", "ws" if self.scope["type"] == "websocket" else "http")
        return scheme

    @lazy
    def root_path(self) -> str:
        """Where the application is mounted, percent-encoded."""
        return quote_path(self.scope.get("root_path", "").rstrip("/"))

    @override
    def _find_raw_path(self) -> str:
        """The path as it was sent, where the server tells."""
        scope = self.scope
        path: str = scope["path"]
        root: str = scope.get("root_path", "").rstrip("/")
        sent: bytes | None = scope.get("raw_path")
        # PERF: a path without escapes, of an application at the root (benchmarks/exchange.py::small).
        if not root and not path.strip(_SAFE) and sent == path.encode():
            return path or "/"
        if root and not (path == root or path.startswith(f"{root}/")):
            root = ""  # the server does not repeat it in the path, as the specification once had it
        if sent is not None:
            raw = sent_below(sent.decode("latin-1"), root, path)
            if raw is not None:
                return raw or "/"
        return quote_path(path[len(root) :]) or "/"

    @property
    @override
    def query_string(self) -> str:
        """The query as on the wire, without its `?`."""
        query: bytes = self.scope.get("query_string", b"")
        return query.decode("latin-1")

    @override
    def _find_cookies(self) -> str:
        lines: object = self.scope["headers"]
        if not isinstance(lines, list):  # it may be there to be read once only
            return super()._find_cookies()
        # PERF: no index of the headers is made for this (benchmarks/exchange.py::small).
        values = [value for name, value in cast("list[tuple[bytes, bytes]]", lines) if name == b"cookie"]
        return b"; ".join(values).decode("latin-1")

    @lazy
    def client(self) -> tuple[str, int] | None:
        """The address of the peer as (host, port). See `remote_addr`."""
        address = self.scope.get("client")
        return None if address is None else (address[0], address[1])

    @lazy
    def server(self) -> tuple[str, int | None] | None:
        """Where the peer connected to as (host, port); the port is None for a Unix socket."""
        address = self.scope.get("server")
        return None if address is None else (address[0], address[1])

    @lazy
    def http_version(self) -> str:
        """The version of HTTP: `1.0`, `1.1`, `2` or `3`."""
        version: str = self.scope.get("http_version", "1.1")
        return version

    @property
    def state(self) -> Mapping[str, Any]:
        """What the lifespan of the application has given for its requests; empty where it gave nothing."""
        return cast("Mapping[str, Any]", self.scope.get("state", {}))

    def offers(self, extension: str) -> bool:
        """Whether the server has an extension, such as `"http.response.trailers"`."""
        return extension in (self.scope.get("extensions") or ())
