"""WSGI (PEP 3333): `Request(environ)`, `respond`, and `@application`, which makes an app of a handler.

What lives here is what only WSGI has: `start_response`, and the iterable that a server walks. Facts are read
from the environ in `toolkit.wsgi_environ`, content in `toolkit.drivers`; decisions are made in the core.

Errors: an `HTTPError` or `RemoteError` that is raised anywhere (in the handler, while the content is read, by
the response's body before its first chunk) becomes an answer. Any other exception is answered with 500,
where nothing has been sent yet, and then raised to the server, which logs it and closes the connection.
Between a body's first chunk and its end, every exception goes to the server, for that is how it learns to
break off the response.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast, overload

from typing_extensions import override

from toolkit.bridges.base import Loop
from toolkit.drivers import AsyncRequest, SyncRequest, is_asynchronous, named_after
from toolkit.sansio.errors.reasons import REASONS
from toolkit.sansio.exchange.body import CHUNK, RequestBody
from toolkit.sansio.exchange.framing import frame
from toolkit.sansio.exchange.outcome import answer_to, render_error, respond_to
from toolkit.sansio.exchange.policy import DEFAULT_POLICY
from toolkit.sansio.exchange.response import Response, encode_chunk
from toolkit.sending import begin, chunks, close
from toolkit.wsgi_environ import EnvironHeaders, EnvironRequest, raw_headers, to_environ

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator

    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from toolkit.sansio.errors.base import RemoteError
    from toolkit.sansio.errors.http import HTTPError
    from toolkit.sansio.exchange.machine import Exchange
    from toolkit.sansio.exchange.outcome import ErrorRenderer
    from toolkit.sansio.exchange.policy import Policy
    from toolkit.sending import Chunk

    Answer: TypeAlias = Response | HTTPError | RemoteError
    Handler: TypeAlias = (
        Callable[["Request"], Answer] | Callable[["AwaitedRequest"], Coroutine[object, object, Answer]]
    )

    class Decorator(Protocol):
        """What `application` is when it is given options only."""

        @overload
        def __call__(self, handler: Callable[[Request], Answer], /) -> WSGIApplication: ...
        @overload
        def __call__(
            self, handler: Callable[[AwaitedRequest], Coroutine[object, object, Answer]], /
        ) -> WSGIApplication: ...


class _StatusLines(dict[int, str]):
    """A status and its reason; PEP 3333 wants one for those that have none, too."""

    def __missing__(self, status: int) -> str:
        return f"{status} Unknown"


_STATUS_LINES = _StatusLines({status: f"{status} {reason}" for status, reason in REASONS.items()})

__all__ = ["EnvironHeaders", "Request", "application", "raw_headers", "respond", "to_environ"]


class Request(EnvironRequest, SyncRequest):
    r"""A request of a WSGI server.

    >>> environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/caf\xc3\xa9", "QUERY_STRING": "a=1"}
    >>> request = Request(environ)
    >>> request.path, request.raw_path, request.args["a"]
    ('/café', '/caf%C3%A9', '1')
    """

    @override
    def _pull(self, body: RequestBody) -> list[bytes]:
        return self._read(body)

    def early_hints(self, *links: str) -> bool:
        """Send 103 Early Hints with these Link values (RFC 8297); False where the server cannot."""
        return self._hint(links)


class AwaitedRequest(EnvironRequest, AsyncRequest):
    """The request of a WSGI server that an asynchronous handler gets. Reading it blocks the loop."""

    @override
    async def _pull(self, body: RequestBody) -> list[bytes]:
        return self._read(body)

    async def early_hints(self, *links: str) -> bool:
        """Send 103 Early Hints with these Link values (RFC 8297); False where the server cannot."""
        return self._hint(links)


def respond(response: Response, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer the request of `environ`: what a WSGI application returns.

    The body is closed at its end, when it fails, or when the server closes what is returned; if this raises,
    at once.
    """
    body = response.body
    if isinstance(body, bytes):
        return _send_whole(response, body, environ["REQUEST_METHOD"], start_response)
    return _Streamed(environ, start_response).begin(response)


def _send_whole(
    response: Response, body: bytes, method: str, start_response: StartResponse
) -> Iterable[bytes]:
    """Send a response whose body is bytes."""
    lines, _, has_content = frame(response, method)
    start_response(_STATUS_LINES[response.status], lines)
    return [body] if has_content else []


class _Streamed:
    """A response whose body is walked: counted, text encoded, closed at its end or when it fails.

    Where there is a `request`, it is closed at the end as well, and what goes wrong before the first chunk is
    answered.
    """

    __slots__ = ("_environ", "_errors", "_request", "_resources", "_start_response", "_steps")

    def __init__(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        request: EnvironRequest | None = None,
        errors: ErrorRenderer = render_error,
    ) -> None:
        self._environ = environ
        self._start_response = start_response
        self._request = request
        self._errors = errors
        self._resources = ExitStack()
        self._steps: Generator[bytes, None, None] | None = None

    def __iter__(self) -> Iterator[bytes]:
        return iter(()) if self._steps is None else self._steps

    def close(self) -> None:
        """Give everything back, whether or not it was ever walked; no harm is done twice."""
        with self._resources:
            if self._steps is not None:
                self._steps.close()

    def begin(
        self, response: Response, *, failure: Exception | None = None, exc_info: OptExcInfo | None = None
    ) -> Iterable[bytes]:
        """Send the head; what the server gets to walk. A `failure` is raised at the end of it."""
        try:
            return self._begin(response, failure, exc_info)
        except BaseException:
            self._resources.close()
            raise

    def answer(self, error: Exception, request: EnvironRequest, *, again: bool = False) -> Iterable[bytes]:
        """Begin the response to an error, `again` if it takes the place of one that was begun.

        The server hears of it (`exc_info`, and what is raised at the end) where it must: some raise again
        whatever they hear of.
        """
        try:
            response, failure = answer_to(error, request, self._errors)
        except BaseException:
            request.close()
            raise
        error = failure or error
        told = again or failure is not None
        exc_info = cast("OptExcInfo", (type(error), error, error.__traceback__)) if told else None
        return self.begin(response, failure=failure, exc_info=exc_info)

    def _begin(
        self, response: Response, failure: Exception | None, exc_info: OptExcInfo | None
    ) -> Iterable[bytes]:
        request, body = self._request, response.body
        loop = Loop() if request is None else request.loop
        self._resources.callback(loop.close if request is None else request.close)
        self._resources.callback(close, body, loop)
        lines, length, has_content, file, exchange = begin(response, self._environ["REQUEST_METHOD"])
        self._start_response(_STATUS_LINES[response.status], lines, exc_info)
        # What went wrong is raised when the answer to it was walked, so that is not the server's to send.
        wrap = self._environ.get("wsgi.file_wrapper") if exc_info is None else None
        if has_content and wrap and file is not None and file.offset == 0 and length == file.size:
            parts: Iterable[bytes] = wrap(body, CHUNK)
            # The server sends the file by itself, and closes it; everything else can be closed now.
            self._resources.pop_all()
            (loop if request is None else request).close()
            return parts
        self._steps = self._walk(chunks(body, length, loop) if has_content else iter(()), exchange, failure)
        return self

    def _walk(
        self, source: Iterator[Chunk], exchange: Exchange, failure: Exception | None
    ) -> Generator[bytes, None, None]:
        started = False
        try:
            with self._resources:
                for chunk in source:
                    data = encode_chunk(chunk)
                    exchange.send_data(len(data))
                    started = started or bool(data)
                    yield data
                exchange.send_end()
        except Exception as error:
            if started or self._request is None:
                raise
            sender = _Streamed(self._environ, self._start_response, errors=self._errors)
            yield from sender.answer(error, self._request, again=True)
        if failure is not None:
            raise failure


@overload
def application(
    handler: Callable[[Request], Answer], *, policy: Policy = ..., errors: ErrorRenderer = ...
) -> WSGIApplication: ...
@overload
def application(
    handler: Callable[[AwaitedRequest], Coroutine[object, object, Answer]],
    *,
    policy: Policy = ...,
    errors: ErrorRenderer = ...,
) -> WSGIApplication: ...
@overload
def application(*, policy: Policy = ..., errors: ErrorRenderer = ...) -> Decorator: ...
def application(
    handler: Handler | None = None,
    *,
    policy: Policy = DEFAULT_POLICY,
    errors: ErrorRenderer = render_error,
) -> WSGIApplication | Decorator:
    """A WSGI application of a handler, which takes a `Request` and returns a `Response`.

    An `HTTPError` or `RemoteError` is an answer, whether it is raised or returned; `errors(error, request)`
    makes the response. A coroutine function gets an `AwaitedRequest` and runs on an event loop of its own,
    one for each request.

    >>> @application
    ... def hello(request):
    ...     return Response.text(f"Hello, {request.args.get('name', 'world')}!")
    """
    if handler is None:
        return cast("Decorator", partial(application, policy=policy, errors=errors))
    make: type[EnvironRequest] = Request
    run = cast("Callable[[EnvironRequest], object]", handler)
    if is_asynchronous(handler):
        make, run = AwaitedRequest, _on_loop(handler)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = make(environ, policy)
        try:
            result = run(request)
            response = result if type(result) is Response else respond_to(result, request, errors)
            body = response.body
            if type(body) is not bytes:
                return _Streamed(environ, start_response, request, errors).begin(response)
            parts = _send_whole(response, body, environ["REQUEST_METHOD"], start_response)
        except Exception as error:  # noqa: BLE001  # it is answered, and raised again if it was not meant so
            return _Streamed(environ, start_response, request, errors).answer(error, request)
        except BaseException:
            request.close()
            raise
        if request.has_resources:
            request.close()
        return parts

    return named_after(handler, app)


def _on_loop(handler: Callable[..., object]) -> Callable[[EnvironRequest], object]:
    """A handler that gives coroutines as one that blocks, on the loop of its request."""
    coroutines = cast("Callable[[EnvironRequest], Coroutine[object, object, object]]", handler)
    return lambda request: request.loop.run(coroutines(request))
