"""The client's end of an HTTP/1.1 connection, the mirror of `server`: for test clients, and as its proof.

It is as strict as the server: what a server should not send is an error and not repaired.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import h11

from toolkit.sansio.errors.base import RemoteError
from toolkit.sansio.exchange.content import IncompleteContent
from toolkit.sansio.exchange.machine import ExchangeError, content_forbidden
from toolkit.sansio.http11.checks import connection_options, declared_framing
from toolkit.sansio.http11.contents import ChunkedReader, LengthReader, UntilCloseReader
from toolkit.sansio.http11.errors import MessageError
from toolkit.sansio.http11.events import (
    ConnectionClosed,
    Data,
    EndOfResponse,
    Informational,
    RequestHead,
    ResponseReceived,
    Signal,
)
from toolkit.sansio.http11.incoming import Bound, Incoming
from toolkit.sansio.http11.lines import parse_section, parse_status_line
from toolkit.sansio.http11.wire import (
    declared_length,
    octets,
    tell_end,
    tell_response,
    trailer_lines,
    wire_lines,
)
from toolkit.sansio.limits import ConnectionLimits

if TYPE_CHECKING:
    from toolkit.sansio.headers import Headers
    from toolkit.sansio.http11.contents import ContentReader
    from toolkit.sansio.http11.events import ClientReceived, ClientSent
    from toolkit.sansio.http11.lines import StatusLine

_LIMITS = ConnectionLimits()


class ClientConnection:
    r"""The client's end of one connection; it is driven as `ServerConnection` is.

    `next_event` raises a `RemoteError` for what a server may not send, and again whenever it is asked.

    >>> from toolkit.sansio.headers import Headers
    >>> from toolkit.sansio.http11.events import EndOfRequest
    >>> connection = ClientConnection()
    >>> connection.send(RequestHead("GET", "/", Headers({"Host": "example.org"})))
    b'GET / HTTP/1.1\r\nHost: example.org\r\n\r\n'
    >>> connection.send(EndOfRequest())
    b''
    >>> connection.receive_data(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    >>> connection.next_event().status, connection.next_event(), connection.next_event()
    (200, Data(data=b'hi'), EndOfResponse(trailers=Headers([])))
    """

    def __init__(self, limits: ConnectionLimits = _LIMITS) -> None:
        self.limits = limits
        self._wire = h11.Connection(h11.CLIENT)
        self._incoming = Incoming()
        self._line: StatusLine | None = None
        self._content: ContentReader | None = None
        self._method = "GET"
        self._upgrades = False
        self._error: RemoteError | None = None

    # What is sent.

    def send(self, event: ClientSent) -> bytes:
        """The bytes that say it. `ExchangeError` when out of turn, `InvalidHeader` for a bad field."""
        try:
            sent = self._wire.send(self._translate(event)) or b""
        except h11.LocalProtocolError as error:
            raise ExchangeError(str(error)) from error
        if isinstance(event, RequestHead):
            self._method = event.method
            self._upgrades = "upgrade" in event.headers
        return sent

    def _translate(self, event: ClientSent) -> h11.Event:
        """The event in the words of h11."""
        if isinstance(event, Data):
            return h11.Data(data=event.data)
        if isinstance(event, RequestHead):
            declared_length(event.headers)
            self._next_cycle()
            lines = octets(wire_lines(event.headers))
            return h11.Request(method=event.method, target=event.target, headers=lines)
        return h11.EndOfMessage(headers=octets(trailer_lines(event.trailers)))

    # What is received.

    def receive_data(self, data: bytes) -> None:
        """Bytes came. They are read by `next_event`."""
        self._incoming.add(bytes(data))

    def receive_eof(self) -> None:
        """The server will send nothing more."""
        self._incoming.closed = True

    def next_event(self) -> ClientReceived:
        """What comes next of what was received, or what to do as there is nothing."""
        if self._error is not None:
            raise self._error
        try:
            return self._read_head() if self._content is None else self._read_content(self._content)
        except RemoteError as error:
            self._error = error
            raise

    def _next_cycle(self) -> None:
        """Make ready for the next request, when both sides are done with this one."""
        if self._wire.our_state is h11.DONE and self._wire.their_state is h11.DONE:
            self._wire.start_next_cycle()

    def _read_head(self) -> ClientReceived:
        self._next_cycle()
        state = self._wire.their_state
        if state is h11.SWITCHED_PROTOCOL:
            return Signal.SWITCHED
        if state is h11.MUST_CLOSE or state is h11.DONE:  # after early responses, our request is yet to end
            return self._after_response(is_last=state is h11.MUST_CLOSE)
        incoming, limits = self._incoming, self.limits
        if self._line is None:
            line = incoming.take_line(Bound("max_request_line", limits.max_request_line, 400, "status line"))
            if line is None:
                return self._need_head()
            self._line = parse_status_line(line)
        bound = Bound("max_header_block", limits.max_header_block, 431, "header section")
        section = incoming.take_block(bound)
        if section is None:
            return self._need_head()
        start, self._line = self._line, None
        headers = parse_section(section, "header section", max_fields=limits.max_fields)
        return (
            self._begin_informational(start, headers) if start.status < 200 else self._begin(start, headers)
        )

    def _after_response(self, *, is_last: bool) -> ClientReceived:
        if is_last:
            self._incoming.clear()
        if self._incoming:
            return Signal.PAUSED
        if self._incoming.closed:
            return ConnectionClosed()
        return Signal.CLOSE if is_last else Signal.NEED_DATA

    def _need_head(self) -> ClientReceived:
        """A head is not whole."""
        if not self._incoming.closed:
            return Signal.NEED_DATA
        if self._incoming or self._line is not None or self._wire.our_state is not h11.IDLE:
            raise MessageError("response", "the connection ended before or inside its head")
        return ConnectionClosed()

    def _begin_informational(self, line: StatusLine, headers: Headers) -> Informational:
        if self._wire.their_state is h11.IDLE or (line.status == 101 and not self._upgrades):
            raise MessageError("response", f"a request that it could answer with {line.status} was not sent")
        response = Informational(line.status, headers)
        tell_response(self._wire, response)
        return response

    def _begin(self, line: StatusLine, headers: Headers) -> ResponseReceived:
        status, reason, version = line
        framing = declared_framing(headers, version, max_body=self.limits.max_body)
        length = 0 if content_forbidden(self._method, status) else framing.length
        reader: ContentReader
        if length is not None:
            reader = LengthReader(length)
        elif framing.chunked:
            reader = ChunkedReader(self.limits)
        else:
            reader = UntilCloseReader()
        until_close = isinstance(reader, UntilCloseReader)
        keeps_alive = version != "1.0" and not until_close and "close" not in connection_options(headers)
        response = ResponseReceived(status, headers, reason, version, length)
        tell_response(self._wire, response, keeps_alive=keeps_alive)
        # A successful CONNECT has no content, not even an end: what follows is the tunnel's.
        self._content = None if self._wire.their_state is h11.SWITCHED_PROTOCOL else reader
        return response

    def _read_content(self, content: ContentReader) -> ClientReceived:
        piece = content.read(self._incoming)
        if piece is None:
            if self._incoming.closed:
                raise IncompleteContent("the connection ended inside the content of a response")
            return Signal.NEED_DATA
        if isinstance(piece, bytes):
            return Data(piece)
        self._content = None
        tell_end(self._wire)
        return EndOfResponse(piece)

    def hand_over(self) -> bytes:
        """What came after the switch to another protocol, once. `ExchangeError` when there was no switch."""
        if self._wire.their_state is not h11.SWITCHED_PROTOCOL:
            raise ExchangeError("the connection still speaks HTTP: nothing to hand over")
        return self._incoming.take(len(self._incoming))
