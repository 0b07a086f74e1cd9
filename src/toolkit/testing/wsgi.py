"""The transport to a WSGI application: calls it as a server does, and watches the rules (PEP 3333)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sized
from contextlib import closing, contextmanager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, cast
from wsgiref.util import FileWrapper

from toolkit.gateway import make_environ
from toolkit.sansio.errors.base import LocalError
from toolkit.testing.body import Disconnect
from toolkit.testing.errors import ConformanceError, ResponseLost, Watch, is_disconnect
from toolkit.testing.messages import Informational
from toolkit.testing.transport import no_bytes
from toolkit.testing.wsgi_input import Input
from toolkit.testing.wsgi_rules import EXC_INFO, HINTS, RESULT, START, WRITE, Account, check_head, check_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from contextlib import AbstractContextManager
    from typing import TypeAlias

    from toolkit.gateway import Endpoints
    from toolkit.sansio.http11.events import RequestReceived
    from toolkit.testing.body import Body
    from toolkit.testing.messages import Head, Part, Request
    from toolkit.testing.transport import App, Channel, Setting
    from toolkit.testing.wire import Answer

    ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType]


class WSGITransport:
    """Carries requests to a WSGI application in memory."""

    def __init__(self, app: App, setting: Setting) -> None:
        self._app = app
        self._setting = setting

    def running(self) -> AbstractContextManager[None]:
        """WSGI applications are not told of start and stop."""
        return nullcontext()

    def send(self, request: Request) -> AbstractContextManager[Iterator[Part]]:
        """One call of the application: the response part by part."""
        setting = self._setting
        return self.call(setting.received(request), setting.endpoints(request), request.body)

    @contextmanager
    def call(
        self, request: RequestReceived, endpoints: Endpoints, body: Body
    ) -> Generator[Iterator[Part], None, None]:
        """One call of the application for a request as a server received it."""
        with closing(self._parts(request, endpoints, body)) as parts:
            yield parts

    def connect(self, request: Request, subprotocols: tuple[str, ...]) -> AbstractContextManager[Channel]:
        """There are no WebSockets in WSGI."""
        raise LocalError(f"a WSGI application has no WebSockets: {request.url} with {subprotocols}")

    def raw(self, request: Request, pieces: Iterable[bytes], then: Disconnect) -> Answer:
        """There are no bytes here."""
        raise no_bytes(request, pieces, then)

    def close(self) -> None:
        """Nothing is held."""

    def _parts(
        self, request: RequestReceived, endpoints: Endpoints, body: Body
    ) -> Generator[Part, None, None]:
        watch = Watch()
        stream = Input(body, request.content_length, watch)
        call = Call(self._app, request.method, watch)
        environ = make_environ(request, endpoints, stream, _extra(call.early_hints, self._setting))
        has_head = False
        try:
            with closing(call.run(environ)) as parts:
                for part in parts:
                    if body.then == Disconnect(reads_answer=False):
                        break
                    has_head = True
                    yield part
        except (ConformanceError, GeneratorExit):
            raise
        except BaseException as error:  # it is raised again, or answered
            watch.verify()
            if stream.is_cut and is_disconnect(error):
                raise ResponseLost("the client went away before the response") from error
            yield from self._setting.failure(error, has_head=has_head, is_whole=call.is_whole)
        watch.verify()
        if body.then == Disconnect(reads_answer=False):
            raise ResponseLost("the client went away before the response")


class Call:
    """One call of an application, from the environ to `close()`."""

    def __init__(self, app: App, method: str, watch: Watch) -> None:
        self._app = app
        self._watch = watch
        self._account = Account(method, watch)
        self._head: Head | None = None
        self._head_left = False
        self._hints: list[Part] = []
        self._written: list[bytes] = []
        self._may_write = True
        self._is_over = False

    def run(self, environ: dict[str, object]) -> Generator[Part, None, None]:
        """The response, part by part. The result of the application is closed in every case."""
        demand = self._watch.demand
        result = self._app(environ, self._start_response)
        self._may_write = False
        try:
            demand(
                _is_iterable(result), RESULT, "an application returns an iterable of bytes, not {}", result
            )
            count = 0
            for chunk in cast("Iterable[object]", result):
                count += 1
                demand(isinstance(chunk, bytes), RESULT, "content is bytes, not {}", chunk)
                demand(self._head is not None, START, "start_response comes before the first content")
                self._written.append(cast("bytes", chunk))
                yield from self._flush()
            demand(self._head is not None, START, "start_response was not called")
            length = _length_of(result, count)
            demand(length == count, RESULT, "the result has a length of {}, and {} items", length, count)
            yield from self._flush(force=True)
            self._account.end()
        finally:
            self._is_over = True
            close: Callable[[], object] | None = getattr(result, "close", None)
            if close is not None:
                close()

    def early_hints(self, headers: object, /) -> None:
        """What the application calls with the headers of a 103: no part of PEP 3333, but servers offer it."""
        self._watch.demand(not self._head_left, HINTS, "early hints come before the response")
        self._hints.append(Informational(103, check_lines(headers, self._watch)))

    @property
    def is_whole(self) -> bool:
        """Whether the whole response has left, as far as its Content-Length tells."""
        return self._head_left and self._account.is_whole

    def _start_response(
        self, status: object, headers: object, exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        """What the application calls with its head."""
        demand = self._watch.demand
        demand(not self._is_over, START, "start_response was called after the end of the response")
        if exc_info is None:
            demand(self._head is None, EXC_INFO, "start_response was called again, without exc_info")
        else:
            demand(
                _is_exc_info(exc_info),
                EXC_INFO,
                "exc_info is what sys.exc_info() returns, not {}",
                exc_info,
            )
            if self._head_left:
                _, error, traceback = cast("ExcInfo", exc_info)
                raise error.with_traceback(traceback)
        self._head = check_head(status, headers, self._watch)
        return self._write

    def _write(self, data: object, /) -> None:
        """The old way to send content. What is written is delivered with the next chunk."""
        self._watch.demand(isinstance(data, bytes), WRITE, "content is bytes, not {}", data)
        self._watch.demand(self._may_write, WRITE, "write() was called after the application had returned")
        self._written.append(cast("bytes", data))

    def _flush(self, *, force: bool = False) -> Iterator[Part]:
        """What may leave: the head not before the first byte of content, or the end (`force`)."""
        head, written = self._head, [data for data in self._written if data]
        self._written.clear()
        yield from self._hints
        self._hints.clear()
        if head is None or not (written or force):
            return
        if not self._head_left:
            self._head_left = True
            self._account.head(head)
            yield head
        for data in written:
            if self._account.data(data):
                yield data


def _is_iterable(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes))


def _length_of(value: object, default: int) -> int:
    return len(value) if isinstance(value, Sized) else default


def _is_exc_info(value: object) -> bool:
    """Whether this is what `sys.exc_info()` returns while an exception is handled."""
    if not isinstance(value, tuple) or len(cast("tuple[object, ...]", value)) != 3:
        return False
    kind, error, traceback = cast("tuple[object, object, object]", value)
    return isinstance(error, BaseException) and kind is type(error) and isinstance(traceback, TracebackType)


def _extra(early_hints: Callable[[object], None], setting: Setting) -> dict[str, object]:
    """What the server tells of itself in an environ."""
    return {
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        "wsgi.early_hints": early_hints,
        **setting.extra,
    }
