"""What becomes of what a handler did: the response to send, whatever it returned or raised."""

from __future__ import annotations

import errno
from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeAlias, cast

from toolkit.sansio.errors.base import LocalError, RemoteError
from toolkit.sansio.errors.http import HTTPError, InsufficientStorage, InternalServerError
from toolkit.sansio.exchange.framing import frame
from toolkit.sansio.exchange.response import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.sansio.exchange.request import Request

    ErrorRenderer: TypeAlias = Callable[[HTTPError | RemoteError, Request], Response]


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class NotAResponse(LocalError, TypeError):
    """A handler or a renderer of errors that returned something other than a `Response`: `result`."""

    def __init__(self, result: object, rule: str = "a handler returns a Response (or an HTTPError)") -> None:
        super().__init__(result, rule)
        self.result = result
        self.rule = rule

    def __str__(self) -> str:
        text = f"{self.rule}, not {self.result!r:.80}"
        return f"{text}: await it" if isinstance(self.result, Awaitable) else text


def render_error(error: HTTPError | RemoteError, request: Request) -> Response:
    """The answer to an error, in the media type that the client prefers; see `Response.from_error`.

    >>> from toolkit.sansio.exchange.request import Request
    >>> render_error(HTTPError(404), Request(headers={"Accept": "text/html"})).content_type
    MediaType('text', 'html', {'charset': 'utf-8'})
    """
    return Response.from_error(error, request.accept)


def respond_to(result: object, request: Request, errors: ErrorRenderer = render_error) -> Response:
    """The response that a handler's result, or what it raised, makes.

    A `Response` is one, an `HTTPError` or `RemoteError` is rendered by `errors`, any other exception is
    rendered as 500 (507 where a disk is full), and anything else was a mistake: `NotAResponse`.
    """
    if isinstance(result, Response):
        return result
    if isinstance(result, (HTTPError, RemoteError)):
        return _rendered(result, request, errors)
    if isinstance(result, Exception):
        failure = InsufficientStorage() if _is_full(result) else InternalServerError()
        failure.__cause__ = result
        return _rendered(failure, request, errors)
    raise NotAResponse(result)


def _rendered(error: HTTPError | RemoteError, request: Request, errors: ErrorRenderer) -> Response:
    """What `errors` makes of an error, if that is a response."""
    response = cast("object", errors(error, request))
    if not isinstance(response, Response):
        raise NotAResponse(response, "`errors` returns a Response")
    return response


def answer_to(
    error: Exception, request: Request, errors: ErrorRenderer = render_error
) -> tuple[Response, Exception | None]:
    """The response to what was raised, and the fault of the application that the server must hear of, if any.

    There always is one that can be sent. Where none can be made of `error`, that is a fault too, and the
    answer to it a 500 without any help of `errors`; what is wrong with the request is still the client's.
    """
    fault = None if is_expected(error) else error
    try:
        response = respond_to(error, request, errors)
        frame(response, request.method)
    except RemoteError as wrong:
        return Response.from_error(wrong), fault
    except Exception as broken:  # noqa: BLE001  # it is answered, and the server hears of it
        return Response.from_error(InternalServerError()), broken
    return response, fault


def _is_full(error: Exception) -> bool:
    """Whether there was no room to store something."""
    return isinstance(error, OSError) and error.errno in _FULL


def is_expected(error: BaseException) -> bool:
    """Whether an exception is an answer, and not a fault of the application that the server must hear of."""
    return isinstance(error, (HTTPError, RemoteError))
