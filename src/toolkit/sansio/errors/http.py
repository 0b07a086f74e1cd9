"""Errors (and redirects) that an application raises to answer with an HTTP status.

One class for each 4xx and 5xx code of the IANA status code registry. A status with data of its own
(`Allow`, `Retry-After`, `WWW-Authenticate`, …) has it as typed attributes; `field_lines` turns them
into header fields, and `as_text`, `as_html` and `as_problem` make a body. None of them is a response.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from json import dumps
from operator import index
from typing import TYPE_CHECKING, TypeAlias

from typing_extensions import override

from toolkit.sansio.durations import count_seconds
from toolkit.sansio.errors.base import ToolkitError
from toolkit.sansio.errors.reasons import REASONS

if TYPE_CHECKING:
    from datetime import timedelta

# A scheme, and with it a token68 or parameters (RFC 9110 section 11.3); not all that would be wrong.
_CHALLENGE = re.compile(r"[^ ,=]+(?: +(?:[0-9A-Za-z\-._~+/]+=*|[^ =]+ *=.*))?").fullmatch

HeaderItems: TypeAlias = Iterable[tuple[str, str]]


class HTTPError(ToolkitError):
    """An answer other than success, raised or returned by an application.

    `status` is the HTTP status, `title` its reason phrase, `detail` a sentence for whoever reads the
    answer (empty for none), `headers` further header fields as (name, value) pairs. Raises ValueError for
    a status that is not from 300 to 599, and where a subclass says so.

    >>> error = HTTPError(404, "There is no user 7.")
    >>> error.status, error.title, error.detail
    (404, 'Not Found', 'There is no user 7.')
    """

    status: int = 500

    def __init__(self, status: int, detail: str = "", *, headers: HeaderItems = ()) -> None:
        super().__init__(detail)
        if not 300 <= status <= 599:
            raise ValueError(f"a status other than success is from 300 to 599, not {status!r}")
        self.status = status
        self.title = REASONS.get(status, "Unknown")
        self.detail = detail
        self.headers = tuple(headers)

    @override
    def __str__(self) -> str:
        return f"{self.status} {self.title}" + (f": {self.detail}" if self.detail else "")

    def field_lines(self) -> list[tuple[str, str]]:
        """The header fields of the answer, as (name, value) pairs, without those of the body."""
        return list(self.headers)

    def as_text(self) -> str:
        """The body as plain text, one line for the status and one for the detail."""
        return f"{self.status} {self.title}\n" + (f"{self.detail}\n" if self.detail else "")

    def as_html(self) -> str:
        """The body as an HTML document; whatever came from outside is escaped."""
        heading = escape(f"{self.status} {self.title}")
        detail = f"<p>{escape(self.detail)}</p>\n" if self.detail else ""
        return (
            '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
            f"<title>{heading}</title>\n<h1>{heading}</h1>\n{detail}</html>\n"
        )

    def as_problem(self) -> str:
        """The body as `application/problem+json` (RFC 9457 section 3).

        >>> Conflict("Somebody else saved first.").as_problem()
        '{"status": 409, "title": "Conflict", "detail": "Somebody else saved first."}'
        """
        problem: dict[str, str | int] = {"status": self.status, "title": self.title}
        if self.detail:
            problem["detail"] = self.detail
        return dumps(problem)


class _Status(HTTPError):
    """What the classes of one fixed status share: they are made without naming it."""

    def __init__(self, detail: str = "", *, headers: HeaderItems = ()) -> None:
        super().__init__(self.status, detail, headers=headers)


class _Retryable(_Status):
    """What 413, 429 and 503 share: `retry_after`, a delay in seconds (RFC 9110 section 10.2.3).

    A timedelta is rounded up to whole seconds. Raises ValueError below 0, TypeError for other types; a date
    goes into `headers`.

    >>> from datetime import timedelta
    >>> ServiceUnavailable(retry_after=timedelta(minutes=5)).field_lines()
    [('Retry-After', '300')]
    """

    def __init__(
        self, detail: str = "", *, retry_after: int | timedelta | None = None, headers: HeaderItems = ()
    ) -> None:
        super().__init__(detail, headers=headers)
        seconds = None if retry_after is None else count_seconds(retry_after, up=True)
        self.retry_after = None if seconds is None else _natural("a delay in seconds", seconds)

    @override
    def field_lines(self) -> list[tuple[str, str]]:
        delay = [] if self.retry_after is None else [("Retry-After", str(self.retry_after))]
        return [*delay, *super().field_lines()]


class _Challenge(_Status):
    """What 401 and 407 share: `challenges`, one for each scheme that would do (RFC 9110 section 11.6).

    A challenge is a `WWWAuthenticate` value or the text of one. Raises ValueError for a text that is none,
    such as a sentence, which is the `detail`.
    """

    challenge_field: str

    def __init__(self, *challenges: object, detail: str = "", headers: HeaderItems = ()) -> None:
        super().__init__(detail, headers=headers)
        for challenge in challenges:
            if isinstance(challenge, str) and not _CHALLENGE(challenge):
                raise ValueError(f"no scheme with its parameters: {challenge!r}; a sentence is the detail")
        self.challenges = challenges

    @override
    def field_lines(self) -> list[tuple[str, str]]:
        challenges = [(self.challenge_field, str(challenge)) for challenge in self.challenges]
        return [*challenges, *super().field_lines()]


def _natural(what: str, number: int) -> int:
    """`number`, if it is a whole one and not negative."""
    if index(number) < 0:
        raise ValueError(f"{what} is not negative: {number}")
    return int(number)


class Redirect(HTTPError):
    """A redirect to `location` (RFC 9110 section 15.4): 303 See Other unless `status` says otherwise.

    `location` may be an IRI, which `Response.from_error` percent-encodes.

    Raises ValueError for a status that is not 3xx.

    >>> Redirect("/users/7", 308).field_lines()
    [('Location', '/users/7')]
    """

    def __init__(self, location: str, status: int = 303, *, headers: HeaderItems = ()) -> None:
        super().__init__(status, headers=headers)
        if status > 399:
            raise ValueError(f"a redirect has a status of 3xx, not {status}")
        self.location = location

    @override
    def field_lines(self) -> list[tuple[str, str]]:
        return [("Location", self.location), *super().field_lines()]


class BadRequest(_Status):
    """400: the request is not understood as it was sent (RFC 9110 section 15.5.1)."""

    status = 400


class Unauthorized(_Challenge):
    """401: credentials are missing or wrong (RFC 9110 section 15.5.2)."""

    status = 401
    challenge_field = "WWW-Authenticate"


class PaymentRequired(_Status):
    """402: reserved for payment (RFC 9110 section 15.5.3)."""

    status = 402


class Forbidden(_Status):
    """403: understood, and refused (RFC 9110 section 15.5.4)."""

    status = 403


class NotFound(_Status):
    """404: nothing is here, or nothing that may be told of (RFC 9110 section 15.5.5)."""

    status = 404


class MethodNotAllowed(_Status):
    """405: the resource has other methods (RFC 9110 section 15.5.6). `allowed` names all of them.

    Raises TypeError for a text, whose letters are no methods.
    """

    status = 405

    def __init__(self, allowed: Iterable[str], *, detail: str = "", headers: HeaderItems = ()) -> None:
        super().__init__(detail, headers=headers)
        if isinstance(allowed, str):
            raise TypeError(f"allowed is several methods, not one text: [{allowed!r}]")
        self.allowed = tuple(allowed)

    @override
    def field_lines(self) -> list[tuple[str, str]]:
        return [("Allow", ", ".join(self.allowed)), *super().field_lines()]


class NotAcceptable(_Status):
    """406: no representation that the Accept fields allow (RFC 9110 section 15.5.7)."""

    status = 406


class ProxyAuthenticationRequired(_Challenge):
    """407: credentials for the proxy are missing or wrong (RFC 9110 section 15.5.8)."""

    status = 407
    challenge_field = "Proxy-Authenticate"


class RequestTimeout(_Status):
    """408: the request did not arrive in the time allowed (RFC 9110 section 15.5.9)."""

    status = 408


class Conflict(_Status):
    """409: the state of the resource does not allow it (RFC 9110 section 15.5.10)."""

    status = 409


class Gone(_Status):
    """410: it was here and will not come back (RFC 9110 section 15.5.11)."""

    status = 410


class LengthRequired(_Status):
    """411: a Content-Length is needed (RFC 9110 section 15.5.12)."""

    status = 411


class PreconditionFailed(_Status):
    """412: an If-Match or If-Unmodified-Since did not hold (RFC 9110 section 15.5.13)."""

    status = 412


class ContentTooLarge(_Retryable):
    """413: the content is larger than the server takes (RFC 9110 section 15.5.14)."""

    status = 413


class URITooLong(_Status):
    """414: the target is longer than the server reads (RFC 9110 section 15.5.15)."""

    status = 414


class UnsupportedMediaType(_Status):
    """415: the content has a type or coding that is not read (RFC 9110 section 15.5.16)."""

    status = 415


class RangeNotSatisfiable(_Status):
    """416: no requested range lies within the `length` bytes of content (RFC 9110 section 15.5.17)."""

    status = 416

    def __init__(self, length: int | None = None, *, detail: str = "", headers: HeaderItems = ()) -> None:
        super().__init__(detail, headers=headers)
        self.length = None if length is None else _natural("a length", length)

    @override
    def field_lines(self) -> list[tuple[str, str]]:
        content_range = [] if self.length is None else [("Content-Range", f"bytes */{self.length}")]
        return [*content_range, *super().field_lines()]


class ExpectationFailed(_Status):
    """417: the Expect field cannot be met (RFC 9110 section 15.5.18)."""

    status = 417


class MisdirectedRequest(_Status):
    """421: this server does not answer for that host (RFC 9110 section 15.5.20)."""

    status = 421


class UnprocessableContent(_Status):
    """422: well formed, and wrong in meaning (RFC 9110 section 15.5.21)."""

    status = 422


class Locked(_Status):
    """423: the resource is locked (RFC 4918 section 11.3)."""

    status = 423


class FailedDependency(_Status):
    """424: an action it depended on failed (RFC 4918 section 11.4)."""

    status = 424


class TooEarly(_Status):
    """425: it may be a replay of early data (RFC 8470 section 5.2)."""

    status = 425


class UpgradeRequired(_Status):
    """426: the client must switch to one of `protocols` (RFC 9110 section 15.5.22).

    Raises ValueError for none: the answer must name what to switch to.
    """

    status = 426

    def __init__(self, *protocols: str, detail: str = "", headers: HeaderItems = ()) -> None:
        super().__init__(detail, headers=headers)
        if not protocols:
            raise ValueError("name a protocol to switch to")
        self.protocols = protocols

    @override
    def field_lines(self) -> list[tuple[str, str]]:
        lines = [("Upgrade", ", ".join(self.protocols)), ("Connection", "Upgrade")]
        return [*lines, *super().field_lines()]


class PreconditionRequired(_Status):
    """428: the request must be conditional (RFC 6585 section 3)."""

    status = 428


class TooManyRequests(_Retryable):
    """429: the client asks too often; `retry_after` says when to try again (RFC 6585 section 4)."""

    status = 429


class RequestHeaderFieldsTooLarge(_Status):
    """431: the header section, or one field, is too large (RFC 6585 section 5)."""

    status = 431


class UnavailableForLegalReasons(_Status):
    """451: withheld by law (RFC 7725 section 3)."""

    status = 451


class InternalServerError(_Status):
    """500: the server failed (RFC 9110 section 15.6.1)."""

    status = 500


class NotImplemented(_Status):  # noqa: A001  # the registry's name; nobody imports * from here
    """501: the server knows no such method (RFC 9110 section 15.6.2)."""

    status = 501


class BadGateway(_Status):
    """502: an upstream server answered with nonsense (RFC 9110 section 15.6.3)."""

    status = 502


class ServiceUnavailable(_Retryable):
    """503: overloaded or down for now; `retry_after` says when to try again (RFC 9110 section 15.6.4)."""

    status = 503


class GatewayTimeout(_Status):
    """504: an upstream server did not answer in time (RFC 9110 section 15.6.5)."""

    status = 504


class HTTPVersionNotSupported(_Status):
    """505: the server does not speak that version (RFC 9110 section 15.6.6)."""

    status = 505


class VariantAlsoNegotiates(_Status):
    """506: the chosen variant negotiates again (RFC 2295 section 8.1)."""

    status = 506


class InsufficientStorage(_Status):
    """507: there is no room to store it (RFC 4918 section 11.5)."""

    status = 507


class LoopDetected(_Status):
    """508: the server met a loop while handling it (RFC 5842 section 7.2)."""

    status = 508


class NotExtended(_Status):
    """510: an extension is required (RFC 2774 section 7)."""

    status = 510


class NetworkAuthenticationRequired(_Status):
    """511: the network wants the client to log in (RFC 6585 section 6)."""

    status = 511
