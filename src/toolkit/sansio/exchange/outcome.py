"""What becomes of what a handler did: the response to send, whatever it returned or raised."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, TypeAlias

from toolkit.sansio.errors.base import LocalError, RemoteError
from toolkit.sansio.errors.http import HTTPError, InsufficientStorage, InternalServerError
from toolkit.sansio.exchange.response import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.sansio.exchange.request import Request

    ErrorRenderer: TypeAlias = Callable[[HTTPError | RemoteError, Request], Response]


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class NotAResponse(LocalError, TypeError):
    """A handler that returned something other than a `Response`. `result` is what it returned."""

    def __init__(self, result: object) -> None:
        super().__init__(result)
        self.result = result

    def __str__(self) -> str:
        return f"a handler returns a Response (or an HTTPError), not {self.result!r:.80}"


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
        return errors(result, request)
    if isinstance(result, Exception):
        failure = InsufficientStorage() if _is_full(result) else InternalServerError()
        failure.__cause__ = result
        return errors(failure, request)
    raise NotAResponse(result)


def _is_full(error: Exception) -> bool:
    """Whether there was no room to store something."""
    return isinstance(error, OSError) and error.errno in _FULL


def is_expected(error: BaseException) -> bool:
    """Whether an exception is an answer, and not a fault of the application that the server must hear of."""
    return isinstance(error, (HTTPError, RemoteError))
