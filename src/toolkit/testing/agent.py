"""The part of a user agent that does no I/O: it makes requests, keeps cookies, and decides on redirects.

Both clients drive it. An `Agent` is what a client remembers; a `Walk` is one call of the client, from the
request that was asked for through its redirects. The time comes from the clock that the agent is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final, TypeAlias, TypedDict

from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.fields.authorization import Authorization
from toolkit.sansio.fields.cookie_jar import CookieJar
from toolkit.sansio.grammar import is_token
from toolkit.sansio.headers import Headers
from toolkit.sansio.url.model import URL
from toolkit.sansio.url.query import build_query
from toolkit.testing.body import NO_BODY, NO_JSON, Content, Files, FormValues, encode_body
from toolkit.testing.errors import TooManyRedirects
from toolkit.testing.messages import Request

if TYPE_CHECKING:
    from toolkit.sansio.exchange.content import JSON
    from toolkit.sansio.fields.cookies import SetCookie
    from toolkit.testing.messages import Context, Head, HeaderSource, Informational, Response

Params: TypeAlias = "Mapping[str, object] | Iterable[tuple[str, object]]"
"""Names and values to put into the query, as `build_query` takes them."""

Clock: TypeAlias = Callable[[], datetime]
"""What tells the time: aware datetimes."""

_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_EXPECT_CONTENT: Final = frozenset(("POST", "PUT", "PATCH", "QUERY"))
# What describes content goes when the content goes (RFC 9110 section 15.4).
_OF_CONTENT: Final = (
    "Content-Encoding", "Content-Language", "Content-Length", "Content-Location", "Content-Type", "Digest",
    "Expect", "Last-Modified", "Trailer", "Transfer-Encoding",
)  # fmt: skip
# What was meant for one origin is not told to another.
_OF_ORIGIN: Final = ("Authorization", "Cookie", "Host", "Origin", "Proxy-Authorization")


class Options(TypedDict, total=False):
    """What a request may have besides its method and URL. At most one kind of content is given."""

    params: Params
    """Added to the query of the URL."""
    headers: HeaderSource
    """They replace the client's own of the same name; `Host` and what describes the content too."""
    cookies: Mapping[str, str]
    """Sent with this request only, besides those of the jar."""
    content: Content
    """Bytes; text, sent as UTF-8; chunks, sent as chunked; or a `Body`, with its script."""
    json: JSON
    """A JSON value; None is one."""
    form: FormValues
    """An urlencoded form; or, together with `files`, the fields of a multipart form."""
    files: Files
    """A multipart form."""
    follow_redirects: bool
    """Whether redirects are followed, if it is not to be as the client does."""


def utc_now() -> datetime:
    """The time, from the system's clock."""
    return datetime.now(timezone.utc)


class Agent:
    """What a client remembers and decides. `base_url` is what relative URLs are joined to."""

    def __init__(
        self,
        base_url: str | URL,
        headers: HeaderSource = (),
        *,
        jar: CookieJar | None = None,
        clock: Clock = utc_now,
        follow_redirects: bool = False,
        max_redirects: int = 20,
    ) -> None:
        self.base_url = base_url if isinstance(base_url, URL) else URL(base_url)
        if self.base_url.origin is None:
            raise LocalError(f"base_url must be absolute: {str(self.base_url)!r} is not")
        self.headers = Headers(headers)
        self.jar = CookieJar() if jar is None else jar
        self.clock = clock
        self.follow_redirects = follow_redirects
        self.max_redirects = max_redirects

    def begin(self, method: str, url: str | URL, options: Options) -> Request:
        """The request that a caller asks for."""
        if not is_token(method):
            raise LocalError(f"a method is a token (RFC 9110 section 9.1): {method!r} is not")
        target = self.base_url.join(url)
        if target.origin is None:
            raise LocalError(f"URL {str(target)!r} is not one of http, https, ws or wss")
        if params := build_query(options.get("params", ())):
            target = target.replace(query=f"{target.query}&{params}" if target.query else params)
        body, lines = encode_body(
            options.get("content"), options.get("json", NO_JSON), options.get("form"), options.get("files")
        )
        if not lines and method in _EXPECT_CONTENT:
            lines = [("Content-Length", "0")]  # RFC 9110 section 8.6
        given = self.headers | Headers(options.get("headers", ()))
        if "content-length" in given:
            lines = [line for line in lines if line[0] != "Transfer-Encoding"]
        headers = Headers(lines) | given
        if cookies := options.get("cookies"):
            pairs = [f"{name}={value}" for name, value in cookies.items()]
            headers["Cookie"] = "; ".join([*headers.getlist("Cookie"), *pairs])
        return Request(method, target, headers, body)

    def complete(self, request: Request) -> Request:
        """The request as it is sent now: with `Host`, credentials of the URL, and the cookies of the jar."""
        url = request.url
        headers = Headers(request.headers)
        if "host" not in headers:
            headers = Headers([("Host", (url.authority or "").rpartition("@")[2])]) | headers
        if url.userinfo is not None and "authorization" not in headers:
            headers["Authorization"] = str(Authorization.basic(url.username or "", url.password or ""))
        cookies = self.jar.header(url.scheme, url.host or "", url.path or "/", self.clock())
        if cookies:
            headers["Cookie"] = "; ".join([cookies, *headers.getlist("Cookie")])
        return Request(request.method, url, headers, request.body)

    def received(self, url: URL, headers: Headers) -> list[tuple[str, str]]:
        """Keep the cookies of a response; those that are refused are returned, with the reason."""
        lines = headers.getlist("Set-Cookie")
        if not lines:
            return []
        return self.jar.store(lines, url.scheme, url.host or "", url.path or "/", self.clock())

    def set_cookie(self, cookie: SetCookie) -> None:
        """Put a cookie into the jar, as if the base URL had set it."""
        url = self.base_url.join("/")
        for _, reason in self.received(url, Headers([("Set-Cookie", cookie.dump())])):
            raise LocalError(f"cookie {cookie.name!r} is refused for {url}: {reason}")

    def walk(self, method: str, url: str | URL, options: Options) -> Walk:
        """The requests that come of one that a caller asks for."""
        follow = options.get("follow_redirects", self.follow_redirects)
        return Walk(self, self.begin(method, url, options), self.max_redirects if follow else None)

    def handshake(self, url: str | URL, subprotocols: Sequence[str], options: Options) -> Request:
        """The request that asks for a WebSocket (RFC 6455 section 4.1)."""
        request = self.complete(self.begin("GET", url, options))
        lines = [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ]
        if subprotocols:
            lines.append(("Sec-WebSocket-Protocol", ", ".join(subprotocols)))
        return Request("GET", request.url, Headers(lines) | request.headers)


class Walk:
    """The chain of requests and redirects that one call of the client goes through.

    `max_redirects` of them are followed; none where it is None.
    """

    def __init__(self, agent: Agent, request: Request, max_redirects: int | None) -> None:
        self._agent = agent
        self._next: Request | None = request
        self._asked = request  # without what is added anew each time: host, cookies, credentials
        self._sent = request
        self._max_redirects = max_redirects
        self._history: list[Response] = []

    @property
    def is_redirected(self) -> bool:
        """Whether the response was a redirect that is followed."""
        return self._next is not None

    def next_request(self) -> Request | None:
        """The request to send now; None at the end of the walk."""
        if self._next is None:
            return None
        self._asked, self._next = self._next, None
        self._sent = self._agent.complete(self._asked)
        return self._sent

    def received(self, head: Head, informational: list[Informational]) -> Context:
        """The head of the response came: cookies are kept, and a redirect is the next request."""
        request = self._sent
        refused = self._agent.received(request.url, head.headers)
        if self._max_redirects is not None:
            target = redirect_target(request, head)
            if target is not None and len(self._history) >= self._max_redirects:
                raise TooManyRedirects(self._max_redirects, str(target))
            self._next = None if target is None else redirect(self._asked, head.status, target)
        return {
            "request": request,
            "history": tuple(self._history),
            "informational": informational,
            "refused_cookies": refused,
        }

    def follow(self, response: Response) -> None:
        """The whole response to a request that was redirected."""
        self._history.append(response)


def redirect_target(request: Request, head: Head) -> URL | None:
    """Where a response redirects to, if a client for HTTP can follow. `MalformedURL` for what is no URL."""
    location = head.headers.get("Location")
    if head.status not in _REDIRECTS or location is None:
        return None
    url = request.url.join(location)
    return url if url.scheme in {"http", "https"} else None


def redirect(request: Request, status: int, url: URL) -> Request:
    """The request that follows a redirect to `url` (RFC 9110 section 15.4).

    303 asks for a GET, 301 and 302 turn a POST into one, as every browser does; 307 and 308 change nothing.
    """
    method, body, headers = request.method, request.body, Headers(request.headers)
    if (status == 303 and method not in {"GET", "HEAD"}) or (status in {301, 302} and method == "POST"):
        method, body = "GET", NO_BODY
        for name in _OF_CONTENT:
            headers.poplist(name)
    elif not body.is_replayable:
        raise LocalError(f"the content cannot be sent again for the redirect ({status}): it is an iterator")
    if url.origin != request.url.origin:
        for name in _OF_ORIGIN:
            headers.poplist(name)
    return Request(method, url, headers, body)
