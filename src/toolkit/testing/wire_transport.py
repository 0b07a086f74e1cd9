"""Transports through real HTTP/1.1 bytes in memory, in front of the transports to an application.

A request goes through the client's end and the server's before the application is called with what the
server received; the response goes back the same way. One connection carries one request after the other
as long as both ends keep it. The blocking and the asynchronous half are the same but for `async` and `await`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager, closing, contextmanager
from typing import TYPE_CHECKING

from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.http11.events import Data, EndOfRequest, RequestReceived, Signal
from toolkit.testing.body import Body
from toolkit.testing.errors import ResponseLost
from toolkit.testing.wire import Asking, Link, Piece, ServerEnd, cut_off, gone, read_answer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from toolkit.gateway import Endpoints
    from toolkit.sansio.http11.events import ServerReceived
    from toolkit.testing.asgi_transport import ASGITransport
    from toolkit.testing.body import Disconnect
    from toolkit.testing.messages import Part, Request
    from toolkit.testing.transport import AsyncChannel, Channel, Setting
    from toolkit.testing.wire import Answer, Wire
    from toolkit.testing.wsgi import WSGITransport

# Of the two halves, the blocking one.


class WireTransport:
    """Carries requests to a WSGI application through bytes."""

    def __init__(self, transport: WSGITransport, setting: Setting, wire: Wire) -> None:
        self._transport = transport
        self._setting = setting
        self._wire = wire
        self._link: Link | None = None

    def running(self) -> AbstractContextManager[None]:
        """The time between start and stop of the application."""
        return self._transport.running()

    @contextmanager
    def send(self, request: Request) -> Generator[Iterator[Part]]:
        """One exchange: the response part by part."""
        with closing(self._parts(request)) as parts:
            yield parts

    def connect(self, request: Request, subprotocols: tuple[str, ...]) -> AbstractContextManager[Channel]:
        """There are no WebSockets in WSGI."""
        return self._transport.connect(request, subprotocols)

    def raw(self, request: Request, pieces: Iterable[bytes], then: Disconnect) -> Answer:
        """Everything that comes back for raw bytes, on a connection of their own, like that of `request`."""
        sent: list[bytes] = []
        server = ServerEnd(self._wire.limits, sent.append)
        endpoints = self._setting.endpoints(request)
        try:
            given = _given(pieces, then, self._wire)
            with closing(given), closing(self._serve(server, given, endpoints)) as steps:
                for _ in steps:
                    pass
        except ResponseLost:
            server.is_closed = True
        return read_answer(b"".join(sent), server.requests, closed=server.is_closed)

    def close(self) -> None:
        """Nothing is held."""

    def _parts(self, request: Request) -> Generator[Part]:
        link, self._link = self._link or Link(self._wire), None
        endpoints = self._setting.endpoints(request)
        sent = _sent(Asking(link.client, request, self._wire), request.body)
        steps = self._serve(link.server, sent, endpoints, short_reads=request.body.short_reads)
        with closing(sent), closing(steps):
            for _ in steps:
                for part in link.client.parts():
                    yield part
        for part in link.finish():
            yield part
        self._link = link if link.is_kept else None

    def _serve(
        self,
        server: ServerEnd,
        pieces: Iterator[Piece],
        endpoints: Endpoints,
        *,
        short_reads: bool = False,
    ) -> Generator[None]:
        """Run the server's end until there is no further request, with a stop wherever it has sent."""
        while isinstance(request := _next_event(server, pieces), RequestReceived):
            body = Body(_Content(server, pieces), short_reads=short_reads)
            try:
                with self._transport.call(request, endpoints, body) as parts:
                    for part in parts:
                        if server.is_lost:
                            raise gone()
                        server.send(part)
                        yield
            except ResponseLost:
                if not server.is_refused or server.is_lost:
                    raise
            server.finish()
            yield


class _Content:
    """The content of a request as the application's body: it comes off the wire when it is asked for."""

    def __init__(self, server: ServerEnd, pieces: Iterator[Piece]) -> None:
        self._server = server
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self._server.expect_content()
        event = _next_event(self._server, self._pieces)
        if isinstance(event, Data):
            return event.data
        if isinstance(event, EndOfRequest):
            raise StopIteration
        raise cut_off()


def _next_event(server: ServerEnd, pieces: Iterator[Piece]) -> ServerReceived:
    """What comes next; NEED_DATA when nothing more comes."""
    while (event := server.next_event()) is Signal.NEED_DATA:
        piece = next(pieces, None)
        if piece is None:
            break
        server.receive(piece)
    return event


def _sent(asking: Asking, body: Body) -> Generator[Piece, None, None]:
    """What a client sends of a request, in the pieces in which it arrives."""
    if not isinstance(body.chunks, Iterable):
        raise LocalError("asynchronous content is for ASGI applications")
    chunks = iter(body.chunks)
    for piece in asking.head():
        yield piece
    while not asking.is_over and (chunk := next(chunks, None)) is not None:
        for piece in asking.data(chunk):
            yield piece
    for piece in asking.finish():
        yield piece


def _given(pieces: Iterable[bytes], then: Disconnect, wire: Wire) -> Generator[Piece, None, None]:
    """Raw bytes in the pieces in which they arrive, and what then happens."""
    for data in pieces:
        yield from wire.cut(data)
    yield then


# And the asynchronous one.


class AsyncWireTransport:
    """Carries requests to an ASGI application through bytes."""

    def __init__(self, transport: ASGITransport, setting: Setting, wire: Wire) -> None:
        self._transport = transport
        self._setting = setting
        self._wire = wire
        self._link: Link | None = None

    def running(self) -> AbstractAsyncContextManager[None]:
        """The time between start and stop of the application."""
        return self._transport.running()

    @asynccontextmanager
    async def send(self, request: Request) -> AsyncGenerator[AsyncIterator[Part]]:
        """One exchange: the response part by part."""
        async with aclosing(self._parts(request)) as parts:
            yield parts

    def connect(
        self, request: Request, subprotocols: tuple[str, ...]
    ) -> AbstractAsyncContextManager[AsyncChannel]:
        """One WebSocket, whose messages do not go through bytes. Raises `WebSocketDenied`."""
        return self._transport.connect(request, subprotocols)

    async def raw(self, request: Request, pieces: Iterable[bytes], then: Disconnect) -> Answer:
        """Everything that comes back for raw bytes, on a connection of their own, like that of `request`."""
        sent: list[bytes] = []
        server = ServerEnd(self._wire.limits, sent.append)
        endpoints = self._setting.endpoints(request)
        try:
            given = _async_given(pieces, then, self._wire)
            async with aclosing(given), aclosing(self._serve(server, given, endpoints)) as steps:
                async for _ in steps:
                    pass
        except ResponseLost:
            server.is_closed = True
        return read_answer(b"".join(sent), server.requests, closed=server.is_closed)

    async def _parts(self, request: Request) -> AsyncGenerator[Part]:
        link, self._link = self._link or Link(self._wire), None
        endpoints = self._setting.endpoints(request)
        sent = _async_sent(Asking(link.client, request, self._wire), request.body)
        steps = self._serve(link.server, sent, endpoints, short_reads=request.body.short_reads)
        async with aclosing(sent), aclosing(steps):
            async for _ in steps:
                for part in link.client.parts():
                    yield part
        for part in link.finish():
            yield part
        self._link = link if link.is_kept else None

    async def _serve(
        self,
        server: ServerEnd,
        pieces: AsyncIterator[Piece],
        endpoints: Endpoints,
        *,
        short_reads: bool = False,
    ) -> AsyncGenerator[None]:
        """Run the server's end until there is no further request, with a stop wherever it has sent."""
        while isinstance(request := await _async_next_event(server, pieces), RequestReceived):
            body = Body(_AsyncContent(server, pieces), short_reads=short_reads)
            try:
                async with self._transport.call(request, endpoints, body) as parts:
                    async for part in parts:
                        if server.is_lost:
                            raise gone()
                        server.send(part)
                        yield
            except ResponseLost:
                if not server.is_refused or server.is_lost:
                    raise
            server.finish()
            yield


class _AsyncContent:
    """The twin of `_Content`."""

    def __init__(self, server: ServerEnd, pieces: AsyncIterator[Piece]) -> None:
        self._server = server
        self._pieces = pieces

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        self._server.expect_content()
        event = await _async_next_event(self._server, self._pieces)
        if isinstance(event, Data):
            return event.data
        if isinstance(event, EndOfRequest):
            raise StopAsyncIteration
        raise cut_off()


async def _async_next_event(server: ServerEnd, pieces: AsyncIterator[Piece]) -> ServerReceived:
    """What comes next; NEED_DATA when nothing more comes."""
    while (event := server.next_event()) is Signal.NEED_DATA:
        piece = await anext(pieces, None)
        if piece is None:
            break
        server.receive(piece)
    return event


async def _async_sent(asking: Asking, body: Body) -> AsyncGenerator[Piece, None]:
    """What a client sends of a request, in the pieces in which it arrives."""
    chunks = iter(body.chunks) if isinstance(body.chunks, Iterable) else aiter(body.chunks)
    for piece in asking.head():
        yield piece
    while not asking.is_over and (chunk := await _async_next(chunks)) is not None:
        for piece in asking.data(chunk):
            yield piece
    for piece in asking.finish():
        yield piece


async def _async_next(chunks: Iterator[bytes] | AsyncIterator[bytes]) -> bytes | None:
    """The next chunk of either kind."""
    if isinstance(chunks, AsyncIterator):
        return await anext(chunks, None)
    return next(chunks, None)


async def _async_given(pieces: Iterable[bytes], then: Disconnect, wire: Wire) -> AsyncGenerator[Piece, None]:
    """Raw bytes in the pieces in which they arrive, and what then happens."""
    for data in pieces:
        for piece in wire.cut(data):
            yield piece
    yield then
