"""What an application answers: a status, header fields and a body, for either protocol.

One `Response` is answered by the WSGI and by the ASGI adapter. It does no I/O and opens nothing; what
framing it gets on the wire is decided in `toolkit.sansio.exchange.framing`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast, runtime_checkable

from toolkit.sansio.errors.base import LocalError, RemoteError
from toolkit.sansio.errors.http import HTTPError
from toolkit.sansio.errors.reasons import REASONS
from toolkit.sansio.exchange.events import ServerSentEvent
from toolkit.sansio.exchange.streams import encoded
from toolkit.sansio.exchange.typed import dated, typed
from toolkit.sansio.fields.cache_control import CacheControl
from toolkit.sansio.fields.content_disposition import ContentDisposition
from toolkit.sansio.fields.cookies import SetCookie
from toolkit.sansio.fields.etags import ETag
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.headers import Headers, HeadersView
from toolkit.sansio.percent import quote_reference
from toolkit.sansio.url.redirects import is_safe_redirect

if TYPE_CHECKING:
    from typing_extensions import Self

    from toolkit.sansio.exchange.content import JSON
    from toolkit.sansio.exchange.streams import Values
    from toolkit.sansio.fields.accept import Accept

_TEXT = "text/plain; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_JSON = "application/json"
_JSON_LINES = "application/jsonl"
_EVENTS = "text/event-stream"
_PROBLEM = "application/problem+json"
# The header lines of responses with these content types and nothing else.
_WELL_KNOWN: dict[str | None, tuple[tuple[str, str], ...]] = {None: ()}
_WELL_KNOWN.update({value: (("Content-Type", value),) for value in (_TEXT, _HTML, _JSON, _PROBLEM)})
_REDIRECTS = frozenset({300, 301, 302, 303, 307, 308})
_NO_LOCATIONS = frozenset({"javascript:", "vbscript:", "data:"})


@runtime_checkable
class ReadableFile(Protocol):
    """A file to send: what is read from it is the body, and it is closed when the response ends."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        ...

    def close(self) -> None:
        """Give the file back."""
        ...


_BODIES = (Iterable, AsyncIterable, ReadableFile)
_WHOLE = (str, bytearray, memoryview)  # what becomes bytes at once

Body: TypeAlias = (
    bytes | ReadableFile | Iterable[bytes] | Iterable[str] | AsyncIterable[bytes] | AsyncIterable[str]
)
"""What a response has as its body. Text is sent as UTF-8; a body with `close` or `aclose` has it called."""

HeaderSource: TypeAlias = HeadersView | Mapping[str, str] | Iterable[tuple[str, str]]


class InvalidResponse(LocalError, TypeError):
    """A `value` that cannot be the `part` of a response (body, chunk of a body, status), for its type."""

    def __init__(self, part: str, value: object) -> None:
        super().__init__(part, value)
        self.part = part
        self.value = value

    def __str__(self) -> str:
        hint = " (see `Response.json`)" if self.part == "body" else ""
        return f"{self.value!r:.80} is no {self.part} of a response{hint}"


class UnsafeRedirect(RemoteError):
    """A redirect to a `location` outside the host it must stay within. Status 400."""

    def __init__(self, location: str, host: str) -> None:
        super().__init__(location, host)
        self.location = location
        self.host = host

    def __str__(self) -> str:
        return f"redirect to {self.location!r} leaves {self.host!r}"


class Response:
    """A status, header fields and a body.

    `body` is bytes, text (sent as UTF-8), a file, or an iterable or asynchronous iterable of either;
    `headers` are checked and copied; all three also when they are assigned later. `trailers` is called when
    the body has come to its end, and gives the header fields to send after it (RFC 9110 section 6.5), where
    the server can: WSGI has none. Text without a content type is `text/plain`. Two responses are equal when
    status, headers and body are; they can be changed, and so have no hash. `InvalidResponse` for a body or a
    status that is none of these, a dict among them: see `json`.

    >>> response = Response("hello", headers={"X-Mood": "good"})
    >>> response
    Response(b'hello', 200, [('X-Mood', 'good'), ('Content-Type', 'text/plain; charset=utf-8')])
    """

    # PERF: most responses are sent with a line or none, and nobody looks at them as `headers`: these are made
    # of `_lines` when they are asked for (benchmarks/exchange.py::small).
    __slots__ = ("_body", "_headers", "_lines", "_status", "trailers")
    __hash__ = None  # type: ignore[assignment]  # it can be changed

    _body: Body
    _status: int
    _headers: Headers | None
    _lines: tuple[tuple[str, str], ...]
    trailers: Callable[[], HeaderSource] | None

    def __init__(
        self,
        body: Body | str | bytearray | memoryview = b"",
        status: int = 200,
        headers: HeaderSource = (),
        content_type: str | None = None,
        *,
        trailers: Callable[[], HeaderSource] | None = None,
    ) -> None:
        self._status = status if type(status) is int else _checked_status(status)
        self.trailers = trailers
        if type(body) is bytes:
            self._body = body
        else:
            self._body = _checked_body(body)
            if isinstance(body, str):
                content_type = content_type or _TEXT
        lines = _WELL_KNOWN.get(content_type)
        if lines is not None and headers == ():
            self._lines = lines
            self._headers = None
        else:
            self._headers = Headers(headers)
            if content_type is not None and "content-type" not in self._headers:
                self._headers.add("Content-Type", content_type)

    @property
    def status(self) -> int:
        """The status code."""
        return self._status

    @status.setter
    def status(self, status: int) -> None:
        self._status = _checked_status(status)

    @property
    def body(self) -> Body:
        """The body. Text that is assigned becomes bytes, and the content type stays as it is."""
        return self._body

    @body.setter
    def body(self, body: Body | str | bytearray | memoryview) -> None:
        self._body = _checked_body(body)

    @property
    def headers(self) -> Headers:
        """The header fields, which may be changed."""
        headers = self._headers
        if headers is None:
            headers = self._headers = Headers.adopt([*self._lines])
        return headers

    @headers.setter
    def headers(self, headers: HeaderSource) -> None:
        self._headers = Headers(headers)

    def lines(self) -> list[tuple[str, str]]:
        """The lines of `headers`, as a new list."""
        headers = self._headers
        return [*self._lines] if headers is None else headers.items()

    content_type = typed(MediaType, "The media type of the body.")
    content_disposition = typed(ContentDisposition, "Whether and as what to save the body.")
    cache_control = typed(CacheControl, "What caches may do with the response.")
    etag = typed(ETag, "The entity tag of the body.")
    last_modified = dated("Last-Modified", "When the body was changed.")
    expires = dated("Expires", "When the response becomes stale.")

    @classmethod
    def text(cls, text: str, status: int = 200, headers: HeaderSource = ()) -> Self:
        """Plain text, as UTF-8."""
        return cls(text.encode(), status, headers, _TEXT)

    @classmethod
    def html(cls, html: str, status: int = 200, headers: HeaderSource = ()) -> Self:
        """An HTML document, as UTF-8."""
        return cls(html.encode(), status, headers, _HTML)

    @classmethod
    def json(cls, value: JSON, status: int = 200, headers: HeaderSource = ()) -> Self:
        """A JSON value. ValueError for NaN and infinity, which JSON does not have (RFC 8259 section 6), and
        for half of a surrogate pair, which UTF-8 does not have; RecursionError for what contains itself.

        >>> Response.json({"a": [1, None]}).body
        b'{"a":[1,null]}'
        """
        return cls(dump_json(value), status, headers, _JSON)

    @classmethod
    def json_lines(cls, values: Values[JSON], status: int = 200, headers: HeaderSource = ()) -> Self:
        r"""JSON values, one on each line, sent as they come from an iterable, asynchronous or not.

        >>> list(Response.json_lines([{"a": 1}, "b"]).body)
        [b'{"a":1}\n', b'"b"\n']
        """
        return cls(encoded(values, _dump_line), status, headers, content_type=_JSON_LINES)

    @classmethod
    def events(cls, events: Values[ServerSentEvent], headers: HeaderSource = ()) -> Self:
        r"""A stream of server-sent events, which come from an iterable, asynchronous or not.

        It says that nobody may store it, nginx in front not even buffer it. The head goes with the first
        event, so let that be a comment or a `retry`, if the others may take a while; what is raised before
        it is answered like anything that a handler raises.

        >>> list(Response.events([ServerSentEvent("hello")]).body)
        [b'data: hello\n\n']
        """
        response = cls(encoded(events, ServerSentEvent.encode), 200, headers, content_type=_EVENTS)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Accel-Buffering", "no")
        return response

    @classmethod
    def empty(cls, status: int = 204, headers: HeaderSource = ()) -> Self:
        """No body at all."""
        return cls(b"", status, headers)

    @classmethod
    def redirect(cls, location: str, status: int = 303, *, within: str | None = None) -> Self:
        """A redirect: 303 See Other by default; 307 and 308 keep the method (RFC 9110 section 15.4).

        `location` may be an IRI; it is percent-encoded. Where it comes from outside, name the host it must
        stay `within`: `UnsafeRedirect` is raised when it would lead elsewhere. ValueError for another status,
        and for a URL of `javascript:` and its like.

        >>> Response.redirect("/café").headers["Location"]
        '/caf%C3%A9'
        """
        if within is not None and not is_safe_redirect(location, within):
            raise UnsafeRedirect(location, within)
        if status not in _REDIRECTS:
            raise ValueError(f"a redirect has one of the statuses {sorted(_REDIRECTS)}, not {status}")
        return cls(b"", status, [("Location", _checked_location(location))])

    @classmethod
    def problem(
        cls,
        status: int,
        detail: str = "",
        *,
        type: str = "",  # noqa: A002  # the RFC's word
        title: str = "",
        **extensions: JSON,
    ) -> Self:
        """An `application/problem+json` document (RFC 9457); `extensions` are further members of it."""
        members: dict[str, JSON] = {"type": type} if type else {}
        members["status"] = status
        members["title"] = title or REASONS.get(status, "Unknown")
        if detail:
            members["detail"] = detail
        return cls(dump_json({**members, **extensions}), status, content_type=_PROBLEM)

    @classmethod
    def from_error(cls, error: HTTPError | RemoteError, accept: Accept | None = None) -> Self:
        r"""The answer to an error: plain text, or HTML or problem+json where `accept` prefers it.

        >>> Response.from_error(HTTPError(404))
        Response(b'404 Not Found\n', 404, [('Content-Type', 'text/plain; charset=utf-8')])
        """
        if isinstance(error, RemoteError):
            error = HTTPError(error.status, str(error))
        headers = error.field_lines()
        if 300 <= error.status < 400:
            return cls(b"", error.status, [_quoted_location(*line) for line in headers])
        media = _TEXT if accept is None else accept.best_match(_ERROR_TYPES, default=_TEXT)
        if media == _HTML:
            body = error.as_html()
        elif media in {_PROBLEM, _JSON}:
            body, media = error.as_problem(), _PROBLEM
        else:
            body = error.as_text()
        return cls(body.encode(), error.status, headers, media if body else None)

    def set_cookie(self, cookie: SetCookie) -> None:
        """Add a Set-Cookie line."""
        self.headers.add("Set-Cookie", cookie.dump())

    @property
    def cookies(self) -> list[SetCookie]:
        """The cookies that the response sets, in order."""
        return self.headers.readlist(SetCookie)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Response):
            return NotImplemented
        return (self.status, self.headers, self.body) == (other.status, other.headers, other.body)

    def __repr__(self) -> str:
        return f"Response({self.body!r}, {self.status}, {self.lines()!r})"


_ERROR_TYPES = [_TEXT, _HTML, _PROBLEM, _JSON]


def _checked_status(status: object) -> int:
    """A status that is not just an `int`, such as the member of an enumeration, as one."""
    if not isinstance(status, int):
        raise InvalidResponse("status", status)
    return int(status)


def _checked_body(body: object) -> Body:
    """A file or an iterable of either kind, if it is one; text and other bytes as bytes."""
    if isinstance(body, _WHOLE):
        return encode_chunk(cast("object", body))
    if not _is_body(body):
        raise InvalidResponse("body", body)
    return cast("Body", body)


def encode_chunk(chunk: object) -> bytes:
    """A chunk of a body as it is sent: text as UTF-8. `InvalidResponse` for what is not text or bytes."""
    if isinstance(chunk, bytes):
        return chunk
    if isinstance(chunk, str):
        return chunk.encode()
    if isinstance(chunk, (bytearray, memoryview)):
        return bytes(cast("bytearray", chunk))
    raise InvalidResponse("chunk", chunk)


def _is_body(body: object) -> bool:
    return isinstance(body, _BODIES) and not isinstance(body, Mapping)


def _checked_location(location: str) -> str:
    """A location as it goes on the wire. ValueError for a URL that is a script or a document itself."""
    quoted = quote_reference.requote(location)
    if quoted[: quoted.find(":") + 1].lower() in _NO_LOCATIONS:
        raise ValueError(f"a redirect leads to a place, not to a script or a document: {location!r:.80}")
    return quoted


def _quoted_location(name: str, value: str) -> tuple[str, str]:
    """A header line; if it is Location, its IRI percent-encoded, as by `Response.redirect`."""
    return name, _checked_location(value) if name == "Location" else value


def dump_json(value: JSON) -> bytes:
    """A JSON value as bytes, without whitespace. ValueError for what JSON does not have: see `json`."""
    return _encode_json(value).encode()


def _dump_line(value: JSON) -> bytes:
    return dump_json(value) + b"\n"


# PERF: `json.dumps` makes an encoder for each call, and keeps a record of what contains what, only to tell of
# a value that contains itself, which RecursionError does, too (benchmarks/exchange.py::json)
_encode_json = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
).encode
