"""The server's end of an HTTP/1.1 connection: bytes in, events out; events in, bytes out (RFC 9112).

What lives here: the order of things. What a request must be is in `lines`, `checks` and `contents`; what the
steps of one exchange are, in `toolkit.sansio.exchange.machine`; what goes on the wire, in `writer`.
"""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING

from toolkit.sansio.errors.base import InvalidHeader, RemoteError
from toolkit.sansio.errors.http import HTTPError
from toolkit.sansio.errors.reasons import REASONS
from toolkit.sansio.exchange.content import IncompleteContent
from toolkit.sansio.exchange.machine import Exchange, ExchangeError, content_forbidden
from toolkit.sansio.exchange.states import RequestState, ResponseState
from toolkit.sansio.grammar import TCHAR, is_field_value
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.checks import check_request
from toolkit.sansio.http11.contents import ChunkedReader, LengthReader
from toolkit.sansio.http11.errors import MessageError
from toolkit.sansio.http11.events import (
    ConnectionClosed,
    Data,
    EndOfRequest,
    EndOfResponse,
    Informational,
    RequestReceived,
    ResponseHead,
    Signal,
)
from toolkit.sansio.http11.incoming import Bound, Incoming
from toolkit.sansio.http11.lines import parse_request_line, parse_section
from toolkit.sansio.http11.wire import (
    closing_lines,
    declared_length,
    trailer_lines,
    wire_lines,
    without_framing,
)
from toolkit.sansio.http11.writer import ResponseWriter
from toolkit.sansio.limits import ConnectionLimits

if TYPE_CHECKING:
    from toolkit.sansio.http11.contents import ContentReader
    from toolkit.sansio.http11.events import ServerReceived, ServerSent
    from toolkit.sansio.http11.lines import RequestLine

_LIMITS = ConnectionLimits()
_TCHAR = frozenset(map(ord, TCHAR))
_TLS_HANDSHAKE = 0x16
_HTTP_1_0 = "1.0"


class ServerConnection:
    r"""The server's end of one connection.

    A driver puts what it receives into `receive_data` and `receive_eof`, asks `next_event` until it is told
    to do something else, and sends the bytes that `send` makes of events. One exchange follows the
    other: the next request is read when the response is done, and what is unread of a request is dropped
    (up to `limits.max_drain` bytes) or ends the connection.

    `next_event` raises a `RemoteError` for what a client may not send, and again whenever it is asked until
    there was a response: nothing after it is read. Unless a response has begun, `error_response` makes one.

    >>> connection = ServerConnection()
    >>> connection.receive_data(b"GET /hello HTTP/1.1\r\nHost: example.org\r\n\r\n")
    >>> request = connection.next_event()
    >>> request.method, request.target, request.headers["Host"]
    ('GET', '/hello', 'example.org')
    >>> connection.next_event()
    EndOfRequest(trailers=Headers([]))
    >>> connection.send(ResponseHead(200, Headers({"Content-Length": "2"})))
    b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'
    >>> connection.send(Data(b"hi")), connection.send(EndOfResponse())
    (b'hi', b'')
    >>> connection.next_event()
    <Signal.NEED_DATA: 'need data'>
    """

    def __init__(self, limits: ConnectionLimits = _LIMITS) -> None:
        self.limits = limits
        self.exchange = Exchange()
        """Where the request that is being received, or was received last, and its response stand."""
        self._writer = ResponseWriter()
        self._incoming = Incoming()
        self._line_bound = Bound("max_request_line", limits.max_request_line, 414, "request line")
        self._block_bound = Bound("max_header_block", limits.max_header_block, 431, "header section")
        self._one_piece = min(limits.max_request_line, limits.max_header_block)
        self._empty_line = True  # whether one may still come before the request line
        self._line: RequestLine | None = None
        self._request: RequestReceived | None = None
        self._content: ContentReader = LengthReader(0)
        self._may_have_trailers = False  # the response
        self._drained = 0
        self._closing = False
        self._error: RemoteError | None = None

    def __repr__(self) -> str:
        return f"<ServerConnection {self.exchange!r}>"

    # What the driver may want to know.

    @property
    def is_idle(self) -> bool:
        """Whether no byte of a request is here: the time until the next one is the client's."""
        return self.exchange.request is RequestState.HEAD and self._line is None and not self._incoming

    @property
    def wants_continue(self) -> bool:
        """Whether the client waits for `Informational(100)` before it sends content."""
        return self._error is None and self.exchange.wants_continue

    @property
    def response_started(self) -> bool:
        """Whether a final response, or a 101, has begun: too late for another one."""
        return self.exchange.response not in {ResponseState.IDLE, ResponseState.INFORMATIONAL}

    @property
    def can_drain(self) -> bool:
        """Whether the content that is announced and unread is little enough to be dropped (`max_drain`)."""
        unread = self.unread
        return unread is None or unread <= self.limits.max_drain

    @property
    def unread(self) -> int | None:
        """Bytes of content that are announced and have not come; None where only their end will tell."""
        return self._content.remaining if self.exchange.request is RequestState.BODY else 0

    # What is received.

    def receive_data(self, data: bytes) -> None:
        """Bytes came. They are read by `next_event`."""
        if self._error is None:
            self._incoming.add(bytes(data))

    def count_content(self, size: int) -> None:
        """So many bytes of content came, and the driver has taken them: they are counted, and never given.

        `ExchangeError` where they are more than `unread`, or what came before them is not read yet.
        """
        content = self._content
        if not isinstance(content, LengthReader) or not 0 <= size <= (self.unread or 0) or self._incoming:
            raise ExchangeError("content of an announced length can be counted, after what was received")
        if size:
            content.remaining -= size
            self.exchange.receive_data()

    def receive_eof(self) -> None:
        """The client will send nothing more."""
        self._incoming.closed = True

    def next_event(self) -> ServerReceived:
        """What comes next of what was received, or what to do as there is nothing."""
        if self._error is not None and self.exchange.response is not ResponseState.COMPLETE:
            raise self._error
        try:
            return self._next()
        except RemoteError as error:
            self._error = error
            self._incoming.clear()
            raise

    def _next(self) -> ServerReceived:
        if self.exchange.response is ResponseState.COMPLETE and not self._switched:
            signal = self._end_cycle()
            if signal is not None:
                return signal
        if self.exchange.request is RequestState.HEAD:
            # A response that has begun already answers no request: it is the last.
            return Signal.CLOSE if self.response_started else self._read_head()
        if self.exchange.request is RequestState.BODY:
            return self._read_content()
        return self._between()

    def _end_cycle(self) -> Signal | None:
        """The response is done: make ready for the next request, if there is to be one."""
        if self._closing or self._error is not None:
            self._incoming.clear()
            return Signal.CLOSE
        while self.exchange.request is RequestState.BODY:
            event = self._read_content()
            if event is Signal.NEED_DATA:
                return Signal.NEED_DATA
            if isinstance(event, Data):
                self._drained += len(event.data)
                if self._drained > self.limits.max_drain:
                    self._closing = True
                    return Signal.CLOSE
        self._writer = ResponseWriter()
        self.exchange = Exchange()
        self._request = None
        self._drained = 0
        self._empty_line = True
        return None

    def _read_head(self) -> ServerReceived:
        incoming, limits = self._incoming, self.limits
        if not incoming:
            return self._need_head()
        line, section = self._line, None
        if line is None:
            self._skip_empty_line()
            head = incoming.take_head(self._one_piece)
            if head is not None:
                end = head.index("\r\n") + 2
                line, section = parse_request_line(head[:end]), head[end:]
            else:
                text = incoming.take_line(self._line_bound)
                if text is None:
                    return self._need_head()
                self._line = line = parse_request_line(text)
        if section is None:
            section = incoming.take_block(self._block_bound)
            if section is None:
                return self._need_head()
        headers = parse_section(section, "header section", max_fields=limits.max_fields)
        request = check_request(line, headers, limits)
        self._line = None
        return self._begin(request)

    def _skip_empty_line(self) -> None:
        """Pass over one empty line (RFC 9112 section 2.2), and refuse at once what cannot be a request."""
        incoming = self._incoming
        if incoming.first() in _TCHAR:
            return
        if self._empty_line and incoming.starts_with(b"\r\n"):
            incoming.take(2)
            self._empty_line = False
        elif self._empty_line and len(incoming) == 1 and incoming.starts_with(b"\r"):
            return  # it may become one
        if incoming and incoming.first() not in _TCHAR:
            hint = " (this looks like TLS)" if incoming.first() == _TLS_HANDSHAKE else ""
            raise MessageError("request line", f"it begins with a method{hint}")

    def _need_head(self) -> ServerReceived:
        """A head is not whole."""
        if self._incoming.closed:
            if self._incoming or self._line is not None:
                raise MessageError("request", "the connection ended inside its head")
            return ConnectionClosed()
        return Signal.CLOSE if self._closing and self.is_idle else Signal.NEED_DATA

    def _begin(self, request: RequestReceived) -> RequestReceived:
        """A head is whole and right."""
        length = request.content_length
        self._content = ChunkedReader(self.limits) if length is None else LengthReader(length)
        self._request = request
        self._writer = ResponseWriter(request)
        self.exchange = Exchange(request.method, expects_continue=request.expects_continue)
        self.exchange.receive_head()
        if not request.keeps_alive:
            self._closing = True
        return request

    def _read_content(self) -> ServerReceived:
        piece = self._content.read(self._incoming)
        if piece is None:
            if self._incoming.closed:
                raise IncompleteContent("the connection ended inside the content of a request")
            return Signal.NEED_DATA
        if isinstance(piece, bytes):
            self.exchange.receive_data()
            return Data(piece)
        if piece:
            self.exchange.receive_trailers()
        self.exchange.receive_end()
        return EndOfRequest(piece)

    def _between(self) -> ServerReceived:
        """The request is whole and its response is not."""
        if self._switched:
            return Signal.SWITCHED
        if self._closing and not self._may_switch:
            # After a "close" connection option, "the server MUST NOT process any further requests received
            # on that connection" (RFC 9112 section 9.6).
            self._incoming.clear()
        if self._incoming:
            return Signal.PAUSED
        return ConnectionClosed() if self._incoming.closed else Signal.NEED_DATA

    def hand_over(self) -> bytes:
        """What came after the switch to another protocol, once. `ExchangeError` when there was no switch."""
        if not self._switched or self.exchange.request is not RequestState.COMPLETE:
            raise ExchangeError("the connection still speaks HTTP: nothing to hand over")
        return self._incoming.take(len(self._incoming))

    @property
    def _switched(self) -> bool:
        """Whether the last response switched to another protocol."""
        return self._writer.switched

    @property
    def _may_switch(self) -> bool:
        """Whether the response may yet switch to another protocol."""
        request = self._request
        return (
            request is not None
            and not self.response_started
            and (request.method == "CONNECT" or bool(request.upgrade))
        )

    # What is sent.

    def send(self, event: ServerSent) -> bytes:
        """The bytes that say it; none where nothing may be said, as with the content of a response to HEAD.

        Raises `ExchangeError` for an event out of turn, `ContentLengthError` for content that is not as
        long as announced, `InvalidHeader` for what may not go on the wire. Then there is nothing to send.
        """
        if isinstance(event, Data):
            return self._send_data(event.data)
        if isinstance(event, ResponseHead):
            return self._send_head(event)
        if isinstance(event, EndOfResponse):
            return self._send_end(event)
        return self._send_informational(event)

    def close_soon(self) -> None:
        """Let this exchange be the last: its response says `Connection: close`, if its head is yet to go."""
        self._closing = True

    def error_response(self, error: RemoteError | HTTPError, headers: Headers | None = None) -> bytes:
        """A whole plain response with the status of `error` and `Connection: close`; none if one has begun.

        `headers` are further fields, such as Date. The connection is to be closed after it.
        """
        if self.response_started:
            return b""
        answer = error if isinstance(error, HTTPError) else HTTPError(error.status, str(error))
        content = answer.as_text().encode()
        lines = Headers(headers or ())
        lines.extend(answer.field_lines())
        lines["Content-Type"] = "text/plain; charset=utf-8"
        lines["Content-Length"] = str(len(content))
        self._closing = True
        head = self.send(ResponseHead(answer.status, lines))
        return head + self.send(Data(content)) + self.send(EndOfResponse())

    def _send_informational(self, event: Informational) -> bytes:
        status, request = event.status, self._request
        if request is None:
            raise ExchangeError(f"{status} answers a request, and there is none")
        if status == 101 and not request.upgrade:
            raise ExchangeError("101 answers a request that asks for an upgrade, and this one does not")
        lines = wire_lines(without_framing(event.headers))
        if status == 101:
            self.exchange.send_upgrade()
        else:
            self.exchange.send_informational(status)
        if request.http_version == _HTTP_1_0:
            # "A server MUST NOT send a 1xx response to an HTTP/1.0 client" (RFC 9110 section 15.2).
            return b""
        return self._writer.informational(status, REASONS.get(status, ""), lines)

    def _send_head(self, event: ResponseHead) -> bytes:
        # The member of an enumeration is a number, but may not look like one.
        status, headers, method = index(event.status), event.headers, self.exchange.method
        reason = event.reason or REASONS.get(status, "")
        if status > 999:
            raise ExchangeError(f"{status} is not a final status: a response needs one from 200 to 999")
        if event.reason and not is_field_value(reason):
            raise InvalidHeader("reason phrase", reason, "it has no control, and nothing above U+00FF")
        if status == 204 or (method == "CONNECT" and status < 300):
            headers = without_framing(headers)
        declared, lines = declared_length(headers), wire_lines(headers)
        # Without a request it says that the client is too slow, or too many. And a client that was not told
        # to go on may send its content or not: nobody can know what comes next.
        closing = self._closing or self._request is None or self._error is not None or self.wants_continue
        if closing:
            lines = closing_lines(lines)
        self.exchange.send_head(status, declared)
        is_1_0 = self._request is None or self._request.http_version == _HTTP_1_0
        self._may_have_trailers = not is_1_0 and not content_forbidden(method, status)
        head = self._writer.head(status, reason, lines)
        self._closing = closing or self._writer.closes
        return head

    def _send_data(self, data: bytes) -> bytes:
        return self._writer.data(data) if self.exchange.send_data(len(data)) else b""

    def _send_end(self, event: EndOfResponse) -> bytes:
        trailers = trailer_lines(event.trailers)
        if not self._may_have_trailers:
            trailers = []  # they go the way of the content, or are more than HTTP/1.0 can say
        if trailers:
            self.exchange.send_trailers()
        self.exchange.send_end()
        if not self.can_drain:
            self._closing = True
        return self._writer.end(trailers)
