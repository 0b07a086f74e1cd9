"""WSGI (PEP 3333) on the server: each request in a thread, its bytes on the event loop.

A request costs no thread before there is something to do: it is given to one when its content is whole, or
when more of it is here than a slow client sends for mischief; and what comes while the thread reads, it reads
from the socket, where that can be lent. Who asks whether to send a little is told to, for that costs less
than a thread that waits. A response costs no thread after all of it was made: a small one the thread sends by
itself, if the socket takes it at once; all else that is sent is the loop's affair, and only who has more to
say waits for a client that does not read.
"""

from __future__ import annotations

import io
import sys
from collections import deque
from functools import partial
from threading import Condition, Lock
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from toolkit.gateway import make_environ, wsgi_head
from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.events import Data, EndOfResponse, Informational, ResponseHead
from toolkit.server.handling import Gateway, Handling
from toolkit.server.inflow import Inflow
from toolkit.server.workers import Workers

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Iterable

    from _typeshed import OptExcInfo
    from _typeshed.wsgi import WSGIApplication

    from toolkit.sansio.http11.events import RequestReceived, ServerSent
    from toolkit.server.answering import Turn
    from toolkit.server.handling import Line

_ENOUGH: Final = 64 * 1024  # bytes of content that are worth a thread before all of it is here
_AHEAD: Final = 64 * 1024  # bytes of a response that a thread may be ahead of its client

_FACTS: Final[dict[str, object]] = {
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
    "SERVER_SOFTWARE": "toolkit",
}


class WSGIGateway(Gateway):
    """Runs one application, at most `threads` requests of it at once."""

    def __init__(self, app: WSGIApplication, loop: AbstractEventLoop, threads: int) -> None:
        self.app = app
        self.loop = loop
        self.workers = Workers(loop, threads)

    @override
    async def start(self) -> None:
        pass

    @override
    async def stop(self, timeout: float) -> None:
        await self.loop.run_in_executor(None, self.workers.stop, timeout)

    @override
    def handle(self, line: Line, request: RequestReceived) -> Handling:
        return _Handling(self, line, request)


class _Handling(Handling):
    """One request, as the loop sees it."""

    def __init__(self, gateway: WSGIGateway, line: Line, request: RequestReceived) -> None:
        self._gateway = gateway
        self._line = line
        self._request = request
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._inflow: Inflow | None = None
        self._call: _Call | None = None
        length = request.content_length
        if request.expects_continue:
            if length is not None and length <= _ENOUGH:
                gateway.loop.call_soon(line.want)  # when the line knows of this
            else:
                self._stream()

    @override
    def feed(self, data: bytes) -> None:
        if self._inflow is None:
            self._pieces.append(data)
            self._size += len(data)
            if self._size >= _ENOUGH:
                self._stream()
        elif not self._inflow.feed(data):
            self._line.hold()
        elif self._inflow.begun and (loan := self._line.lend()) is not None:
            self._inflow.lend(loan)

    @override
    def end(self) -> None:
        if self._inflow is not None:
            self._inflow.end()
        else:
            self._run(io.BytesIO(b"".join(self._pieces)), self._line.turn())

    @override
    def resume(self) -> None:
        if self._call is not None:
            self._call.has_left()

    @override
    def shut(self) -> None:
        if self._inflow is not None:
            self._inflow.cut()

    @override
    def lose(self) -> None:
        self._pieces.clear()
        self.shut()
        if self._call is not None:
            self._call.lose()

    def _stream(self) -> None:
        """Run the application before its content is whole."""
        want = partial(self._gateway.loop.call_soon_threadsafe, self._line.want)
        self._inflow = Inflow(want)
        for piece in self._pieces:
            self._inflow.feed(piece)
        self._pieces.clear()
        self._run(io.BufferedReader(self._inflow, _ENOUGH))

    def _run(self, content: io.BufferedIOBase, turn: Turn | None = None) -> None:
        self._call = _Call(self._gateway, self._line, self._request, content, turn)
        self._gateway.workers.submit(self._call.run)


class _Call:
    """One call of the application. `run` and what it calls are in a thread, all else is on the loop."""

    def __init__(
        self,
        gateway: WSGIGateway,
        line: Line,
        request: RequestReceived,
        content: io.BufferedIOBase,
        turn: Turn | None,
    ) -> None:
        self._app = gateway.app
        self._post_to_loop = gateway.workers.post
        self._line = line
        self._request = request
        self._content = content
        self._turn = turn  # until anything goes another way
        self._head: ResponseHead | None = None
        self._started = False  # the head was given to the loop
        self._ended = False  # the whole response was
        self._changed = Condition(Lock())
        self._waiting = 0  # bytes that the client has not taken
        self._lost = False

    # On the loop, and `lose` in the thread as well.

    def has_left(self) -> None:
        """What was sent has left."""
        with self._changed:
            self._waiting = 0
            self._changed.notify()

    def lose(self) -> None:
        """The client is gone, or the response is whole."""
        with self._changed:
            self._lost = True
            self._changed.notify()

    def _deliver(self, events: list[ServerSent]) -> None:
        if self._lost:
            return
        try:
            self._line.send(*events)
        except Exception as error:  # noqa: BLE001  # it is told to the developer
            self._line.fail(self._request, error)
            self.lose()
        if not self._line.is_full:
            self.has_left()

    def _fail(self, error: BaseException) -> None:
        if self._ended or not self._lost:  # a client that is gone makes an application fail that reads
            self._line.fail(self._request, error)

    # In the thread.

    def run(self) -> None:
        """Call the application, and send what it returns."""
        try:
            parts = self._app(self._environ(), self._start_response)
            try:
                self._send(parts)
            finally:
                close: Callable[[], object] | None = getattr(parts, "close", None)
                if close is not None:
                    close()
        except _Gone:
            pass
        except BaseException as error:  # noqa: BLE001  # it is told to the developer
            self._post(self._fail, error)

    def _environ(self) -> dict[str, object]:
        extra = {**_FACTS, "wsgi.errors": sys.stderr, "wsgi.early_hints": self._hint}
        return make_environ(self._request, self._line.endpoints, self._content, extra)

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        if exc_info is not None:
            try:
                if self._started and exc_info[1] is not None:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # or it would refer to itself
        elif self._head is not None:
            raise LocalError("start_response was called before: a second call needs exc_info")
        for name, value in headers:
            _demand(str, name, "the name of a header")
            _demand(str, value, f"the value of {name}")
        self._head = wsgi_head(status, headers)
        return self._write

    def _send(self, parts: Iterable[bytes]) -> None:
        if isinstance(parts, (list, tuple)) and len(parts) <= 1:
            data = b"".join(parts)
            if not self._started and self._head is not None and data:
                headers = self._head.headers
                if "Transfer-Encoding" not in headers:  # PEP 3333 allows it to no application; some set it
                    headers.setdefault("Content-Length", str(len(data)))
            self._give([Data(data), EndOfResponse()] if data else [EndOfResponse()], len(data))
            return
        for part in parts:
            if part:
                self._write(part)
        self._give([EndOfResponse()], 0)

    def _write(self, data: bytes, /) -> None:
        _demand(bytes, data, "content")
        self._give([Data(data)], len(data))

    def _give(self, events: list[ServerSent], size: int) -> None:
        """Send events, or give them to the loop, when the client has taken most of what came before."""
        turn, self._turn = self._turn, None
        if not self._started:
            if self._head is None:
                raise LocalError("the application has content and did not call start_response")
            events.insert(0, self._head)
            self._started = True
        with self._changed:
            while self._waiting > _AHEAD and not self._lost:
                self._changed.wait()
            if self._lost:
                raise _Gone
            self._waiting += size
        self._ended = isinstance(events[-1], EndOfResponse)
        if turn is None or not self._answer(turn, events, size):
            self._post(self._deliver, events)

    def _answer(self, turn: Turn, events: list[ServerSent], size: int) -> bool:
        """Send a whole response from here, if it is a small one; whether it was sent."""
        head, last = events[0], events[-1]
        if not isinstance(head, ResponseHead) or not isinstance(last, EndOfResponse) or size > _AHEAD:
            return False
        if not turn.answer(events):
            return False
        self.lose()
        if turn.rest or not self._request.keeps_alive or "Connection" in head.headers:
            self._post(self._line.settle)
        return True

    def _hint(self, headers: list[tuple[str, str]]) -> None:
        """Send a 103 response, as gunicorn's `wsgi.early_hints` does."""
        self._turn = None
        self._post(self._deliver, [Informational(103, Headers(headers))])

    def _post(self, function: Callable[..., object], *args: object) -> None:
        self._post_to_loop(partial(function, *args))


class _Gone(Exception):
    """The client is gone: nobody is there to be answered, and the application's iterable is closed."""


def _demand(kind: type, value: object, what: str) -> None:
    """A mistake in a type is told where it was made: in the thread."""
    if not isinstance(value, kind):
        raise TypeError(f"{what} is {kind.__name__}, and not {type(value).__name__}")
