"""One connection: bytes to exchanges and back, on time.

What lives here: the life of a connection, on the event loop. What bytes mean is decided by
`ServerConnection`; what an application makes of a request is a `Handling`'s affair. Nothing here blocks.

Two threads never touch it at once. All of it is the loop's, but for what a thread borrows: with a `Turn` it
calls `_pieces` and `_log` and writes to the socket, with a `Loan` it reads from the socket. So whatever the
loop does with the wire, the reply or the socket while a request is in progress begins with `settle`, which
ends the turn and counts what was read, or with `_drop`, which ends both.

Time is told by `check`, which the server calls for every connection now and then, and which compares: a
timer for each step of each request would cost more than the step.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from toolkit.sansio.errors.base import RemoteError
from toolkit.sansio.errors.http import HTTPError, RequestTimeout, ServiceUnavailable
from toolkit.sansio.exchange.states import RequestState, ResponseState
from toolkit.sansio.http11.events import (
    Data,
    EndOfRequest,
    EndOfResponse,
    Informational,
    RequestReceived,
    ResponseHead,
    Signal,
)
from toolkit.sansio.http11.server import ServerConnection
from toolkit.server.answering import Turn
from toolkit.server.channel import Channel
from toolkit.server.lending import Loan, are_lent
from toolkit.server.logs import SERVER, line_of
from toolkit.server.reply import Reply
from toolkit.server.transports import name_of

if TYPE_CHECKING:
    from asyncio import BaseTransport
    from collections.abc import Sequence

    from toolkit.sansio.headers import Headers
    from toolkit.sansio.http11.events import ServerReceived, ServerSent
    from toolkit.server.handling import Handling
    from toolkit.server.hub import Hub

_LINGER: Final = 2.0  # seconds for a client to read the last response while what it still sends is dropped


class Connection(Channel):
    """One connection: the exchanges on a channel."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self._wire = ServerConnection(hub.settings.limits)
        self._eof = False  # the client has shut down its side
        self._closing = False  # nothing that comes matters any more
        # Of the request at hand:
        self._request: RequestReceived | None = None
        self._handling: Handling | None = None
        self._turn: Turn | None = None
        self._loan: Loan | None = None
        self._reply = Reply(self._wire)
        self._asked = True  # its content may come: the client does not wait to be told so

    # What the event loop tells.

    @override
    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        room = self._hub.make_room()
        self._hub.connections[self] = None
        self.expect(self.settings.header_timeout)
        if not room:
            self._refuse(ServiceUnavailable("Too many connections.", retry_after=1))

    @override
    def data_received(self, data: bytes) -> None:
        self.settle()
        if self._closing:
            return
        if self.is_idle:
            self.expect(self.settings.header_timeout)
        self._wire.receive_data(data)
        self._advance()

    @override
    def eof_received(self) -> bool:
        """The client may have shut down its side and wait for the answer: it is still sent."""
        self._eof = True
        self.settle()
        if self._closing:
            return False
        self._wire.receive_eof()
        self._advance()
        return self.endpoints.scheme == "http" and not self._transport.is_closing()

    @override
    def resume_writing(self) -> None:
        self._full = False
        if self._handling is not None:
            self._handling.resume()
        elif not self._closing:
            self._go_on()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self._hub.connections.pop(self, None)
        request = self._request
        self._drop()  # first: the transport closes the socket next, and a thread may be reading it
        self._reply.log(name_of(self.endpoints), request)

    def check(self, now: float) -> None:
        """Do what is due; the server calls this now and then."""
        self.settle()
        unsent = self._transport.get_write_buffer_size()
        if unsent:
            if self._uptake.is_too_slow(unsent, now):
                self.abort()
        elif now >= self._deadline:
            self._time_out()

    def shut(self) -> None:
        """Tell the application that nothing more comes, where its response may have no other end."""
        self.settle()
        if self._handling is not None and self._reply.is_endless:
            self._handling.shut()

    def _time_out(self) -> None:
        """The client was too slow."""
        self._deadline = inf
        if self._closing:
            self.abort()
        elif self._wire.is_idle or (self._handling is None and self._wire.response_started):
            self.close()  # between requests, or while content that nobody reads is dropped
        elif self._wire.response_started:
            self.abort()
        else:
            part = "request" if self._handling is None else "content of the request"
            self._refuse(RequestTimeout(f"The {part} took too long."))

    # What was received.

    def _advance(self) -> None:
        """Take what there is of what was received."""
        try:
            while self._take(self._wire.next_event()):
                pass
        except RemoteError as error:
            self._refuse(error)

    def _take(self, event: ServerReceived) -> bool:
        """Take one event; whether there may be another one."""
        handling = self._handling
        if isinstance(event, Signal):
            self._obey(event)
            return False
        if isinstance(event, RequestReceived):
            return self._begin(event)
        if handling is None:
            self.close()
            return False
        if isinstance(event, Data):
            self._asked = True
            self._earn(len(event.data))
            handling.feed(event.data)
            return True
        self._deadline = inf
        if isinstance(event, EndOfRequest):
            handling.end()
            return True
        handling.shut()
        return False

    def _obey(self, signal: Signal) -> None:
        if signal is Signal.CLOSE:
            self.close()
        elif signal is Signal.PAUSED:
            self._end_turn()
            self.hold()
        elif signal is Signal.SWITCHED and self._handling is not None:
            if data := self._wire.hand_over():
                self._handling.feed(data)
            if self._eof:
                self._handling.shut()
        elif signal is Signal.NEED_DATA and self._handling is None and self._deadline == inf:
            settings = self.settings
            self.expect(settings.keep_alive_timeout if self._wire.is_idle else settings.header_timeout)

    def _begin(self, request: RequestReceived) -> bool:
        self._request = request
        self._reply = Reply(self._wire)
        self._asked = not request.expects_continue
        if request.content_length == 0 or request.expects_continue:
            self._deadline = inf
        else:
            self.expect(self.settings.body_timeout)
        if request.method == "CONNECT":
            self._refuse(HTTPError(501, "This is no proxy."))
            return False
        try:
            self._handling = self._hub.gateway.handle(self, request)
        except HTTPError as error:
            self._refuse(error)
            return False
        return True

    def _refuse(self, error: RemoteError | HTTPError) -> None:
        """Answer what is wrong with a request, unless it is too late for that, and read no more of it."""
        if self._wire.response_started and self._handling is not None:
            self._handling.shut()
            return
        SERVER.info("%s: %s", name_of(self.endpoints), error)
        self._answer(error)
        self._drop()
        self.close()

    def _answer(self, error: RemoteError | HTTPError) -> None:
        """Send the response to an error, and make an end of it."""
        if answer := self._reply.refusal(error, self._hub.date(), self._request):
            self.write(answer)
            self._log()

    # What a handling asks for.

    @property
    def is_idle(self) -> bool:
        """Whether it waits for a request."""
        self.settle()
        return self._handling is None and self._wire.is_idle and not self._closing

    def lend(self) -> Loan | None:
        """The socket, for a thread to read the rest of the content; None where the loop has to."""
        if not self._wire.unread or not are_lent(self.settings):
            return None
        self._loan = Loan(self._wire, self._transport, self._deadline - self._hub.loop.time(), self.settings)
        self.hold()
        return self._loan

    def turn(self) -> Turn | None:
        """The right to answer a request that is whole in a thread; None where the loop has to."""
        unsent = self._transport.get_write_buffer_size()
        if self._hub.stopping or unsent or not are_lent(self.settings):
            return None
        self._turn = Turn(self._transport, self._pieces, self._log)
        return self._turn

    def _end_turn(self) -> Turn | None:
        """No thread answers from now on."""
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.end()
        return turn

    def settle(self) -> None:
        """Learn what a thread has sent or read, and go on where that is all."""
        turn = self._end_turn()
        if turn is not None and turn.answered:
            if turn.rest:
                self.write(turn.rest)
            self._finish()
        if self._loan is not None and self._loan.settle():
            self._loan = None
            self._receive()
            self._advance()

    def _take_back(self) -> None:
        """The loop reads again, or learns why nothing comes."""
        loan, self._loan = self._loan, None
        if loan is not None:
            loan.end()
            loan.settle()
            self._deadline = self._hub.loop.time() + loan.time
            if loan.broken:
                self.abort()

    def want(self) -> None:
        """The application waits for content, or for what comes after a switch."""
        if self._loan is not None and not self._loan.is_over:
            return  # it was lent after that was said
        self._take_back()
        exchange = self._wire.exchange
        if self._handling is not None and exchange.request is RequestState.BODY:
            if self._wire.wants_continue:
                self.write(self._wire.send(Informational(100)))
                self._asked = True
            if self._asked and self._deadline == inf:
                self.expect(self.settings.body_timeout)
            self._receive()
        elif exchange.response is ResponseState.UPGRADED and not self._closing:
            self._receive()

    def send(self, *events: ServerSent) -> None:
        """Send events, all or none; see `ServerConnection.send` for what it raises: then `fail` is next."""
        self.settle()
        for piece in self._pieces(events):
            self.write(piece)
        if isinstance(events[-1], EndOfResponse):
            self._finish()

    def switch(self, headers: Headers) -> None:
        """Leave HTTP (101): what comes is fed as it is from now on, and `write` sends."""
        self.write(self._wire.send(Informational(101, headers)))
        self._reply.status = 101
        self._log()
        self._receive()
        self._advance()

    def _pieces(self, events: Sequence[ServerSent]) -> list[bytes]:
        """The bytes of events, after the last touch to the head of a response."""
        head = events[0]
        if isinstance(head, ResponseHead):
            head.headers.setdefault("Date", self._hub.date())
            whole = isinstance(events[-1], EndOfResponse)
            if self._hub.stopping or (whole and not self._wire.can_drain):
                self._wire.close_soon()
        return self._reply.pieces(*events)

    def fail(self, request: RequestReceived, error: BaseException) -> None:
        """The application failed: answer 500 where nothing was answered, else break the response off."""
        SERVER.error("%s: the application failed", line_of(request), exc_info=error)
        self.settle()
        upgraded = self._wire.exchange.response is ResponseState.UPGRADED
        if self._handling is None or request is not self._request or upgraded:
            return
        if not self._reply.begun:
            self._answer(HTTPError(500))
        elif self._reply.has_all:
            self.send(EndOfResponse())  # all of it was sent
            return
        self.break_off()

    def break_off(self) -> None:
        """Close before the response is whole, in such a way that the client can tell."""
        request = self._request
        self._log()
        self._drop()
        if self._reply.ends_by_closing and request is not None and request.http_version == "1.0":
            self.abort()  # a mere end would look like that of the response
        else:
            self.close()

    def _finish(self) -> None:
        """The response is whole: go on to the next request, when the client has taken most of it."""
        try:
            self._log()
        finally:  # a log that fails keeps no client waiting
            self._drop()
            if self.is_full:
                self.hold()
            else:
                self._go_on()

    def _go_on(self) -> None:
        """Go on to the next request, a part of which may be here already."""
        self._receive()
        self._advance()

    # The end.

    def close(self) -> None:
        """Close when everything was sent.

        What the client still sends is dropped for a while: if it met a closed socket, the reset would take
        away the response before it was read.
        """
        if self._closing:
            return
        self._closing = True
        unread = self._wire.exchange.request is not RequestState.COMPLETE and not self._wire.is_idle
        if unread and not self._eof and self._transport.can_write_eof():
            self._receive()
            self.expect(_LINGER)
            self._transport.write_eof()
        else:
            self._transport.close()

    def _drop(self) -> None:
        """The handling has nothing to do with this connection any more."""
        self._end_turn()
        self._take_back()
        handling, self._handling = self._handling, None
        self._request = None
        self._deadline = inf
        if handling is not None:
            handling.lose()

    def _log(self) -> None:
        self._reply.log(name_of(self.endpoints), self._request)
