"""The head of a request, with its fields as typed values: what the WSGI and ASGI requests have in common.

A request is made of a few facts (method, target, scheme, headers, peer); everything else is computed from
them when it is first read, and kept. The adapters override the facts with ones that are read from the
environ or the scope when they are wanted, so that a request costs what is used of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.sansio.errors.base import MalformedHeader, MalformedURL
from toolkit.sansio.exchange.policy import DEFAULT_POLICY, UntrustedHost, read_host
from toolkit.sansio.exchange.typed import lazy
from toolkit.sansio.fields.accept import Accept, AcceptEncoding, AcceptLanguage
from toolkit.sansio.fields.authorization import Authorization
from toolkit.sansio.fields.cache_control import CacheControl
from toolkit.sansio.fields.conditions import Verdict, evaluate_preconditions
from toolkit.sansio.fields.cookies import parse_cookies
from toolkit.sansio.fields.lists import split_list
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.fields.proxies import Origin, effective_origin
from toolkit.sansio.fields.ranges import Range
from toolkit.sansio.grammar import parse_digits
from toolkit.sansio.headers import Headers, HeadersView
from toolkit.sansio.percent import unquote
from toolkit.sansio.url.model import URL
from toolkit.sansio.url.query import parse_query
from toolkit.sansio.url.syntax import split_authority

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from toolkit.sansio.exchange.policy import Policy
    from toolkit.sansio.fields.etags import ETag
    from toolkit.sansio.multidict import MultiDict

_WITHOUT_CONTENT = frozenset({"GET", "HEAD", "DELETE"})


class Request:
    """The head of one request.

    `target` is the request target as on the wire: a path with its query, or an absolute URL (RFC 9112
    section 3.2); `scheme`, `http` or `https`, is that of the connection; `root_path` is where the application
    is mounted; `client` is the address of the peer, `server` where it connected to, as (host, port), as far
    as they are known; `http_version` is as in `HTTP/1.1`. `policy` says whom to trust and what to allow.

    Reading an attribute may raise the `RemoteError` that its field's bad value deserves, each time it is
    read; what is computed is kept.

    >>> request = Request("GET", "/users/7?tab=keys&tab=all", {"Host": "example.org", "Cookie": "a=1"})
    >>> request.path, request.args.getlist("tab"), request.cookies["a"], str(request.url)
    ('/users/7', ['keys', 'all'], '1', 'http://example.org/users/7?tab=keys&tab=all')
    """

    # PERF: what nearly every request is asked for is kept in slots, by properties, which the interpreter
    # reads and calls without a detour; the rest is `lazy`, which takes twice as long and no line
    # (benchmarks/exchange.py::small).
    __slots__ = ("__dict__", "__weakref__", "_args", "_cookies", "_headers", "_raw_path", "policy")

    policy: Policy
    """Whom to trust and what to allow."""
    _args: MultiDict[str, str] | None
    _cookies: MultiDict[str, str] | None
    _headers: HeadersView | None
    _raw_path: str | None

    def __init__(
        self,
        method: str = "GET",
        target: str = "/",
        headers: HeadersView | Mapping[str, str] | Iterable[tuple[str, str]] = (),
        *,
        scheme: str = "http",
        root_path: str = "",
        client: tuple[str, int] | None = None,
        server: tuple[str, int | None] | None = None,
        http_version: str = "1.1",
        policy: Policy = DEFAULT_POLICY,
    ) -> None:
        self.policy = policy
        self._method = method
        self._scheme = scheme
        self._headers = headers if isinstance(headers, HeadersView) else Headers(headers)
        self._raw_path = self._args = self._cookies = None
        facts = vars(self)
        facts["target"] = target
        facts["root_path"] = root_path
        facts["client"] = client
        facts["server"] = server
        facts["http_version"] = http_version

    # The facts. An adapter overrides them; here they are what the constructor was given.

    @property
    def method(self) -> str:
        """The method, as sent: case matters (RFC 9110 section 9.1)."""
        return self._method

    @lazy
    def target(self) -> str:
        """The request target, as on the wire (RFC 9112 section 3.2)."""
        return "/"

    @property
    def headers(self) -> HeadersView:
        """The header section."""
        headers = self._headers
        if headers is None:
            headers = self._headers = self._find_headers()
        return headers

    def _find_headers(self) -> HeadersView:
        return Headers()

    @property
    def scheme(self) -> str:
        """The scheme of the connection to this server: `http` or `https`, `ws` or `wss`."""
        return self._scheme

    @lazy
    def root_path(self) -> str:
        """Where the application is mounted: percent-encoded, no slash at its end, empty at the root."""
        return ""

    @lazy
    def client(self) -> tuple[str, int] | None:
        """The address of the peer as (host, port): a proxy, if there is one. See `remote_addr`."""
        return None

    @lazy
    def server(self) -> tuple[str, int | None] | None:
        """Where the peer connected to as (host, port); the port is None for a Unix socket."""
        return None

    @lazy
    def http_version(self) -> str:
        """The version of HTTP: `1.0`, `1.1`, `2` or `3`."""
        return "1.1"

    @property
    def raw_path(self) -> str:
        """The path below `root_path` as on the wire, percent-encoded; `*` and `host:port` as they are."""
        raw_path = self._raw_path
        if raw_path is None:
            raw_path = self._raw_path = self._find_raw_path()
        return raw_path

    def _find_raw_path(self) -> str:
        target = self.target
        if not target.startswith("/") and "://" in target:
            target = URL(target).path or "/"
        return target.partition("?")[0].partition("#")[0]

    @property
    def query_string(self) -> str:
        """The query as on the wire, without its `?`."""
        return self.target.partition("#")[0].partition("?")[2]

    # What is computed from them.

    @lazy
    def path(self) -> str:
        """The path below `root_path`, percent-decoded; bytes that are no UTF-8 become U+FFFD.

        A slash that came as `%2F` cannot be told here from one that came as itself: match `raw_path`.
        """
        return unquote(self.raw_path)

    @property
    def args(self) -> MultiDict[str, str]:
        """The query as names and values (WHATWG urlencoded)."""
        args = self._args
        if args is None:
            args = self._args = parse_query(self.query_string)
        return args

    @property
    def cookies(self) -> MultiDict[str, str]:
        """The cookies, in order, duplicates kept (RFC 6265 section 5.4)."""
        cookies = self._cookies
        if cookies is None:
            cookies = self._cookies = parse_cookies(self._find_cookies())
        return cookies

    def _find_cookies(self) -> str:
        return "; ".join(self.headers.getlist("Cookie"))

    @lazy
    def content_type(self) -> MediaType | None:
        """The media type of the content, or None."""
        return self.headers.read(MediaType, "Content-Type")

    @lazy
    def content_length(self) -> int | None:
        """The announced length of the content in bytes, or None; `MalformedHeader` if it is no number."""
        text = self.headers.combined("Content-Length")
        if text is None:
            return None
        length = parse_digits(text)
        if length is None:
            raise MalformedHeader("Content-Length", text, "a length is decimal digits, once")
        return length

    @lazy
    def content_encoding(self) -> list[str]:
        """The codings of the content, in the order in which they were applied."""
        text = self.headers.combined("Content-Encoding")
        return split_list(text) if text else []

    @property
    def announces_content(self) -> bool:
        """Whether the head says that content comes, or may come: in HTTP/2 and later it need say nothing.

        Nobody waits for that of a GET, a HEAD or a DELETE, which means nothing (RFC 9110 section 9.3).
        """
        if "Transfer-Encoding" in self.headers:
            return True
        length = self.headers.get("Content-Length")
        if length is not None:
            return length != "0"
        return not self.http_version.startswith("1.") and self.method not in _WITHOUT_CONTENT

    @lazy
    def accept(self) -> Accept:
        """The media types that the client wants; anything, if it does not say."""
        return self.headers.read(Accept) or Accept.parse("*/*")

    @lazy
    def accept_language(self) -> AcceptLanguage:
        """The languages that the client wants; any, if it does not say."""
        return self.headers.read(AcceptLanguage) or AcceptLanguage.parse("*")

    @lazy
    def accept_encoding(self) -> AcceptEncoding:
        """The content codings that the client reads."""
        return self.headers.read(AcceptEncoding) or AcceptEncoding.parse("")

    @lazy
    def cache_control(self) -> CacheControl:
        """What the client asks of caches."""
        return self.headers.read(CacheControl) or CacheControl()

    @lazy
    def range(self) -> Range | None:
        """The requested ranges, or None (RFC 9110 section 14.2)."""
        return self.headers.read(Range)

    @lazy
    def authorization(self) -> Authorization | None:
        """The credentials, or None."""
        return self.headers.read(Authorization)

    @lazy
    def _authority(self) -> str:
        """The host (and port) of the request line or the Host field, checked (RFC 9112 section 3.2)."""
        target = self.target
        if not target.startswith("/") and "://" in target:
            # "When an origin server receives a request with an absolute-form of request-target, the origin
            # server MUST ignore the received Host header field (if any)" (section 3.2.2).
            authority = URL(target).authority or ""
            read_host(authority)
            return authority
        lines = self.headers.getlist("Host")
        if len(lines) > 1 or (lines and "," in lines[0]):
            raise MalformedHeader("Host", ", ".join(lines), "a request has one Host")
        if not lines:
            return _server_authority(self.server)
        try:
            read_host(lines[0])
        except MalformedURL as error:
            raise MalformedHeader("Host", lines[0], error.reason) from None
        if not lines[0].isascii():
            raise MalformedHeader("Host", lines[0], "an international name comes in its ASCII form")
        return lines[0]

    @lazy
    def origin(self) -> Origin:
        """Where the request comes from and what it asked for, as the policy's trusted proxies tell it.

        `MalformedHeader` for a bad Host or what a trusted proxy made up, `UntrustedHost` for a host that the
        policy does not list.
        """
        peer = self.client[0] if self.client else None
        direct = Origin(peer, self.scheme, self._authority)
        origin = effective_origin(self.headers, direct, self.policy.proxies)
        if self.policy.trusted_hosts:
            name = split_authority(origin.host, "http", origin.host).host
            if not self.policy.trusts_host(name):
                raise UntrustedHost(origin.host)
        return origin

    @property
    def host(self) -> str:
        """The host that the client asked for, with its port unless that is the default. See `origin`."""
        return self.origin.host

    @property
    def remote_addr(self) -> str | None:
        """The address of the client, behind the trusted proxies; None where nobody knows it. See `origin`."""
        return self.origin.client

    @property
    def is_secure(self) -> bool:
        """Whether the client speaks TLS, to us or to a trusted proxy. See `origin`."""
        return self.origin.scheme in {"https", "wss"}

    @lazy
    def url(self) -> URL:
        """The URL that the client asked for. See `origin`."""
        query = f"?{self.query_string}" if self.query_string else ""
        return URL(f"{self._root}{self.raw_path if self.raw_path.startswith('/') else '/'}{query}")

    @lazy
    def base_url(self) -> URL:
        """The URL of the application: scheme, host and where it is mounted, with a slash at the end."""
        return URL(f"{self._root}/")

    @property
    def _root(self) -> str:
        origin = self.origin
        return f"{origin.scheme}://{origin.host}{origin.prefix}{self.root_path}"

    def evaluate(
        self, *, etag: ETag | None = None, last_modified: datetime | None = None, exists: bool = True
    ) -> Verdict:
        """What the preconditions amount to for a resource as it is now (RFC 9110 section 13.2.2).

        `etag` and `last_modified` (aware) are the resource's, `exists` says whether it has a
        representation at all.
        """
        return evaluate_preconditions(
            self.method, self.headers, etag=etag, last_modified=last_modified, exists=exists
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.method} {self.raw_path}>"


def _server_authority(server: tuple[str, int | None] | None) -> str:
    """What stands for the Host of a request that has none, as HTTP/1.0 allows."""
    if server is None:
        return "localhost"
    host, port = server
    host = f"[{host}]" if ":" in host else host
    return host if port in {None, 80, 443} else f"{host}:{port}"
