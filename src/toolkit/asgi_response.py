"""Responses as ASGI messages: whole, or chunk by chunk; the extensions, and clients that go away.

What lives here: how a framed response is given to `send`. What `toolkit.asgi` makes of errors is its affair.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Protocol

from toolkit.asgi_scope import wire_lines
from toolkit.bridges.base import bridge
from toolkit.sansio.exchange.body import ClientDisconnect
from toolkit.sansio.exchange.framing import frame
from toolkit.sansio.exchange.response import encode_chunk
from toolkit.sansio.headers import Headers
from toolkit.sending import aclose, async_chunks, begin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from toolkit.asgi_scope import Message, Receive, Send
    from toolkit.bridges.base import Bridge, Event
    from toolkit.sansio.exchange.machine import Exchange
    from toolkit.sansio.exchange.response import Body, HeaderSource, Response
    from toolkit.sending import Chunk, Extent


class Asking(Protocol):
    """What a response must know of its request."""

    @property
    def method(self) -> str:
        """The method."""
        ...

    @property
    def bridge(self) -> Bridge | None:
        """The way to the thread of its handler, if it has one."""
        ...

    @property
    def expects_content(self) -> bool:
        """Whether content may still come."""
        ...

    def drop_content(self) -> bool:
        """Let nobody begin to read it any more; whether what still comes is for nobody."""
        ...

    def offers(self, extension: str) -> bool:
        """Whether the server has an extension."""
        ...


async def send_whole(response: Response, method: str, send: Send) -> None:
    """Send a response whose body is bytes."""
    lines, _, has_content = frame(response, method)
    body = response.body if has_content else b""
    try:
        await send({"type": "http.response.start", "status": response.status, "headers": wire_lines(lines)})
        await send({"type": "http.response.body", "body": body})
    except OSError as error:
        raise gone() from error


def gone() -> ClientDisconnect:
    """What an OSError of `send` means."""
    return ClientDisconnect("the client went away before it had the whole response")


class Streamed:
    """A response whose body is walked: counted, text encoded, closed at its end or when it fails.

    `started` once anything has been sent: until then another response can take its place. While it is sent,
    the client is watched. That means to take messages, which may be the content of the request: where it is
    not read yet, the watch begins when a chunk was sent and nobody is reading, and drops all there is.
    """

    __slots__ = ("_receive", "_request", "_send", "_unwanted", "started")

    def __init__(self, request: Asking, receive: Receive, send: Send) -> None:
        self._request = request
        self._receive = receive
        self._send = send
        self._unwanted: Event | None = None
        self.started = False

    async def run(self, response: Response) -> None:
        """Send all of it."""
        body = response.body
        async with AsyncExitStack() as stack:
            stack.push_async_callback(aclose, body)
            walk = await self._begin(response, stack)
            if walk is None:
                return
            if isinstance(body, (list, tuple)):
                await walk()
                return
            over = bridge()
            if self._request.expects_content:
                self._unwanted = over.event()
            if not await over.unless(self._left, walk, stack.pop_all().aclose):
                raise gone()

    async def _begin(self, response: Response, stack: AsyncExitStack) -> Callable[[], Awaitable[None]] | None:
        """Send what needs no walk; else how to walk. The `stack` closes what is walked."""
        request, body = self._request, response.body
        trailers = response.trailers if request.offers("http.response.trailers") else None
        lines, length, has_content, file, exchange = begin(
            response, request.method, has_trailers=trailers is not None
        )
        start: Message = {
            "type": "http.response.start",
            "status": response.status,
            "headers": wire_lines(lines),
        }
        if not has_content:
            await self._give(start)
            await self._give({"type": "http.response.body", "body": b""})
            return None
        if file is not None and length == file.size and (message := self._whole_file(file, body)):
            await self._give(start)
            await self._give(message)
            return None
        source = async_chunks(body, length, request.bridge)
        if source is not body:
            stack.push_async_callback(aclose, source)
        return partial(self._walk, source, start, exchange, trailers)

    def _whole_file(self, extent: Extent, file: Body) -> Message | None:
        """The one message that sends all that is left of a file, if the server has one for it."""
        if extent.path is not None and not extent.offset and self._request.offers("http.response.pathsend"):
            return {"type": "http.response.pathsend", "path": extent.path}
        if self._request.offers("http.response.zerocopysend"):
            kind = "http.response.zerocopysend"
            return {"type": kind, "file": file, "offset": extent.offset, "count": extent.size}
        return None

    async def _walk(
        self,
        source: AsyncIterator[Chunk],
        start: Message,
        exchange: Exchange,
        trailers: Callable[[], HeaderSource] | None,
    ) -> None:
        """Send chunk by chunk; the head goes with the first one, so that there is an answer if that fails."""
        if trailers is not None:
            start["trailers"] = True
        async for chunk in source:
            data = encode_chunk(chunk)
            exchange.send_data(len(data))
            if not self.started:
                await self._give(start)
            if data:
                await self._give({"type": "http.response.body", "body": data, "more_body": True})
            if self._unwanted is not None and self._request.drop_content():
                self._unwanted.set()
        last: list[Message] = [{"type": "http.response.body", "body": b"", "more_body": False}]
        if trailers is not None:
            exchange.send_trailers()
            lines = wire_lines(Headers(trailers()).items())
            last.append({"type": "http.response.trailers", "headers": lines, "more_trailers": False})
        exchange.send_end()
        for message in last if self.started else [start, *last]:
            await self._give(message)

    async def _give(self, message: Message) -> None:
        self.started = True
        try:
            await self._send(message)
        except OSError as error:
            raise gone() from error

    async def _left(self) -> None:
        """Come back when the client goes away."""
        if self._unwanted is not None:
            await self._unwanted.wait()
        while (await self._receive())["type"] == "http.request":
            pass
