"""What a test client sends and gets: requests, responses, and the parts in which a response comes.

Values only. A `Response` can be compared with another, and with one that a test writes down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

from typing_extensions import override

from toolkit.sansio.errors.base import MalformedHeader, ToolkitError
from toolkit.sansio.exchange.content import parse_json
from toolkit.sansio.fields.cookies import SetCookie
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.grammar import parse_digits
from toolkit.sansio.headers import Headers, HeadersView
from toolkit.sansio.multidict import ImmutableMultiDict
from toolkit.sansio.url.model import URL
from toolkit.testing.body import NO_BODY, Body

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from toolkit.sansio.exchange.content import JSON

    HeaderSource: TypeAlias = HeadersView | Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is sent: `url` is absolute, `headers` are all that the application gets."""

    method: str
    url: URL
    headers: Headers = field(default_factory=Headers)
    body: Body = NO_BODY

    @property
    def target(self) -> str:
        """The request target in origin form: path and query (RFC 9112 section 3.2.1)."""
        path, query = self.url.path or "/", self.url.query
        return f"{path}?{query}" if query else path

    @property
    def content_length(self) -> int | None:
        """The Content-Length, in bytes; None where there is none, or none that is a number."""
        return parse_digits(self.headers.get("Content-Length", ""))


@dataclass(frozen=True, slots=True)
class Informational:
    """A response before the response, such as 103 Early Hints (RFC 9110 section 15.2)."""

    status: int
    headers: Headers


@dataclass(frozen=True, slots=True)
class Head:
    """The head of the final response."""

    status: int
    headers: Headers


@dataclass(frozen=True, slots=True)
class Trailers:
    """The trailer section: fields that come after the content (RFC 9110 section 6.5)."""

    headers: Headers


Part: TypeAlias = Informational | Head | bytes | Trailers
"""A response comes as any number of `Informational`, one `Head`, bytes of content, and maybe `Trailers`."""

_REQUEST = Request("GET", URL("http://localhost/"))


class Context(TypedDict):
    """What a response is told of where it came from."""

    request: Request
    history: Sequence[Response]
    informational: Sequence[Informational]
    refused_cookies: Sequence[tuple[str, str]]


class ResponseHead:
    """What is known of a response before its content: status, headers, where it came from."""

    def __init__(
        self,
        status: int,
        headers: HeaderSource = (),
        *,
        request: Request = _REQUEST,
        history: Sequence[Response] = (),
        informational: Sequence[Informational] = (),
        refused_cookies: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.status = status
        self.headers = Headers(headers)
        self.request = request
        """The request that it answers: after redirects, the last."""
        self.history = tuple(history)
        """The redirects that were followed to get here, oldest first."""
        self.informational = tuple(informational)
        """The 1xx responses that came before it."""
        self.refused_cookies = tuple(refused_cookies)
        """The Set-Cookie lines that a browser would not store, each with the reason."""

    @property
    def url(self) -> URL:
        """The URL that was answered: after redirects, the last."""
        return self.request.url

    @property
    def cookies(self) -> ImmutableMultiDict[str, SetCookie]:
        """The cookies that it sets, by name: `response.cookies["sid"].httponly`."""
        found = self.headers.readlist(SetCookie)
        return ImmutableMultiDict([(cookie.name, cookie) for cookie in found])

    @property
    def charset(self) -> str:
        """The charset that its Content-Type declares, or UTF-8."""
        try:
            media = self.headers.read(MediaType)
        except MalformedHeader:
            media = None
        return (media and media.charset) or "utf-8"


class Response(ResponseHead):
    """A whole response. Two are equal when status, headers, content and trailers are.

    `content` is what the application sent, its content coding included.

    >>> Response(200, {"Content-Type": "text/plain"}, b"hello").text
    'hello'
    """

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def __init__(
        self,
        status: int,
        headers: HeaderSource = (),
        content: bytes = b"",
        *,
        trailers: HeaderSource = (),
        request: Request = _REQUEST,
        history: Sequence[Response] = (),
        informational: Sequence[Informational] = (),
        refused_cookies: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(
            status,
            headers,
            request=request,
            history=history,
            informational=informational,
            refused_cookies=refused_cookies,
        )
        self.content = content
        self.trailers = Headers(trailers)
        """The trailer section; empty when none came."""

    @property
    def text(self) -> str:
        """The content as text, in the declared charset; UnicodeDecodeError where it is not."""
        return self.content.decode(self.charset)

    def json(self, *, duplicates: Literal["error", "last"] = "error") -> JSON:
        """The content as JSON; `MalformedContent` where it is not."""
        return parse_json(self.content, duplicates=duplicates)

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Response):
            return NotImplemented
        return (self.status, self.headers, self.content, self.trailers) == (
            other.status,
            other.headers,
            other.content,
            other.trailers,
        )

    @override
    def __repr__(self) -> str:
        trailers = f", trailers={self.trailers.items()!r}" if self.trailers else ""
        return f"Response({self.status}, {self.headers.items()!r}, {self.content!r}{trailers})"


class WebSocketDenied(ToolkitError):
    """The application did not accept a WebSocket; `response` is what it answered instead."""

    def __init__(self, response: Response) -> None:
        super().__init__(response)
        self.response = response

    def __str__(self) -> str:
        return f"the application denied the WebSocket with {self.response!r}"
