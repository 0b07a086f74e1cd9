"""Both ends of an HTTP/1.1 connection in memory, without the application: bytes here, bytes there.

What waits is in `wire_transport`. The server's end is a driver of `ServerConnection`, the client's end one of
`ClientConnection`; between them is nothing but the bytes that a socket would carry, cut as `Wire` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from toolkit.sansio.errors.base import RemoteError
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.client import ClientConnection
from toolkit.sansio.http11.events import (
    ConnectionClosed,
    Data,
    EndOfRequest,
    EndOfResponse,
    Informational,
    RequestHead,
    RequestReceived,
    ResponseHead,
    ResponseReceived,
    Signal,
)
from toolkit.sansio.http11.server import ServerConnection
from toolkit.sansio.limits import ConnectionLimits
from toolkit.testing import messages
from toolkit.testing.body import Delivery, Disconnect
from toolkit.testing.errors import ClientDisconnected, ResponseLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from toolkit.sansio.http11.events import ServerReceived
    from toolkit.testing.messages import Part, Request

Piece: TypeAlias = "bytes | Disconnect"
"""What arrives at the server: bytes, or that no more will."""

_LIMITS: Final = ConnectionLimits()
# A test may answer with more than a browser takes.
_ROOMY: Final = ConnectionLimits(max_header_block=1 << 24, max_fields=1 << 16, max_chunk_extras=1 << 24)


@dataclass(frozen=True, slots=True)
class Wire:
    """How a connection in memory carries bytes: at most `piece` of them at once, in both directions.

    Without it what one end sends in one go arrives in one go. `limits` are those of the server's end.
    """

    piece: int | None = None
    limits: ConnectionLimits = _LIMITS

    def cut(self, data: bytes) -> list[Piece]:
        """The pieces in which `data` arrives."""
        size = self.piece or len(data) or 1
        return [data[start : start + size] for start in range(0, len(data), size)]


def wire_of(wire: Wire | bool) -> Wire:
    """The wire that is meant by `wire=True`."""
    return wire if isinstance(wire, Wire) else Wire()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for raw bytes.

    `data` is every byte that the server sent, `responses` what they say, the interim ones in their
    `informational`. `closed` says that the server would read no more, whatever came.
    """

    data: bytes
    responses: tuple[messages.Response, ...]
    closed: bool


class ServerEnd:
    """The server's end: a driver of `ServerConnection` whose bytes go to `deliver` at once."""

    def __init__(self, limits: ConnectionLimits, deliver: Callable[[bytes], None]) -> None:
        self._connection = ServerConnection(limits)
        self._deliver = deliver
        self._trailers = Headers()
        self.is_refused = False
        """Whether the client was told what is wrong with what it sent."""
        self.is_closed = False
        """Whether nothing is read any more."""
        self.is_lost = False
        """Whether the client takes nothing any more."""
        self.requests: list[RequestReceived] = []
        """Those that were received, in order."""

    def next_event(self) -> ServerReceived:
        """What comes next of what was received; a fault of the client is answered, and ends it."""
        if self.is_closed:
            return Signal.CLOSE
        try:
            event = self._connection.next_event()
        except RemoteError as error:
            self.is_refused = not self._connection.response_started
            self._deliver(self._connection.error_response(error))
            event = Signal.CLOSE
        self.is_closed = event is Signal.CLOSE
        if isinstance(event, RequestReceived):
            self.requests.append(event)
            self._trailers = Headers()
        return event

    def receive(self, piece: Piece) -> None:
        """Bytes came, or nothing will any more."""
        if isinstance(piece, Disconnect):
            self._connection.receive_eof()
            self.is_lost = not piece.reads_answer
        else:
            self._connection.receive_data(piece)

    def expect_content(self) -> None:
        """The application reads: let a client go on that waits for that."""
        if self._connection.wants_continue:
            self._deliver(self._connection.send(Informational(100)))

    def send(self, part: Part) -> None:
        """Send a part of the response. Nothing can be sent after an answer to a fault of the client."""
        if self.is_refused:
            return
        if isinstance(part, bytes):
            self._deliver(self._connection.send(Data(part)))
        elif isinstance(part, messages.Head):
            self._deliver(self._connection.send(ResponseHead(part.status, part.headers)))
        elif isinstance(part, messages.Trailers):
            self._trailers.extend(part.headers)
        else:
            self._deliver(self._connection.send(Informational(part.status, part.headers)))

    def finish(self) -> None:
        """The response is whole."""
        if not self.is_refused:
            self._deliver(self._connection.send(EndOfResponse(self._trailers)))


class ClientEnd:
    """The client's end: requests into bytes, bytes into the parts of responses."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._connection = ClientConnection(_ROOMY)
        self._parts: list[Part] = []
        self._is_whole = True

    def send(self, event: RequestHead | Data | EndOfRequest) -> bytes:
        """The bytes of an event."""
        if isinstance(event, RequestHead):
            self._is_whole = False
        return self._connection.send(event)

    def receive(self, data: bytes) -> None:
        """Bytes came."""
        size = self._wire.piece or len(data) or 1
        for start in range(0, len(data), size):
            self._connection.receive_data(data[start : start + size])
            self._read()

    def receive_eof(self) -> None:
        """The server has closed."""
        self._connection.receive_eof()
        self._read()

    def listen(self) -> None:
        """A response is to come, or has."""
        self._is_whole = False
        self._read()

    def _read(self) -> None:
        while not self._is_whole:
            try:
                event = self._connection.next_event()
            except RemoteError as error:
                raise ResponseLost("the server closed before the response was whole") from error
            if isinstance(event, (Signal, ConnectionClosed)):
                return
            self._take(event)

    def _take(self, event: Informational | ResponseReceived | Data | EndOfResponse) -> None:
        if isinstance(event, Data):
            self._parts.append(event.data)
        elif isinstance(event, ResponseReceived):
            self._parts.append(messages.Head(event.status, event.headers))
        elif isinstance(event, Informational):
            self._parts.append(messages.Informational(event.status, event.headers))
        else:
            self._is_whole = True
            if event.trailers:
                self._parts.append(messages.Trailers(event.trailers))

    def parts(self) -> list[Part]:
        """The parts of the response that came since this was asked."""
        parts, self._parts = self._parts, []
        return parts

    @property
    def is_whole(self) -> bool:
        """Whether the response is whole."""
        return self._is_whole


class Link:
    """A connection in memory: one request after the other."""

    def __init__(self, wire: Wire) -> None:
        self.client = ClientEnd(wire)
        self.server = ServerEnd(wire.limits, self.client.receive)

    def finish(self) -> list[Part]:
        """The last parts of a response, after which the server sends nothing. Raises `ResponseLost`."""
        if self.server.is_closed:
            self.client.receive_eof()
        if not self.client.is_whole:
            raise ResponseLost("the server sent no more before the response was whole")
        return self.client.parts()

    @property
    def is_kept(self) -> bool:
        """Whether the next request can use it."""
        return not self.server.is_closed and not self.server.is_lost


class Asking:
    """A request on its way: what the client sends of it, step by step, in the pieces in which it arrives.

    It sends what its body has, as far as the Content-Length goes, and what the script says then: to end the
    request, to send nothing more, or to be gone.
    """

    def __init__(self, client: ClientEnd, request: Request, wire: Wire) -> None:
        self._client = client
        self._wire = wire
        self._request = request
        is_chunked = "transfer-encoding" in request.headers
        self._delivery = Delivery(None if is_chunked else request.content_length or 0)

    @property
    def is_over(self) -> bool:
        """Whether all the content is sent."""
        return self._delivery.ended

    def head(self) -> list[Piece]:
        """The head."""
        request = self._request
        head = RequestHead(request.method, request.target, request.headers)
        return self._wire.cut(self._client.send(head))

    def data(self, chunk: bytes) -> list[Piece]:
        """A chunk of the content."""
        return self._wire.cut(self._client.send(Data(self._delivery.take(chunk))))

    def finish(self) -> list[Piece]:
        """The end, or how the client goes away instead. Raises what the script says."""
        if not self._delivery.ended:
            cut = self._delivery.finish(self._request.body.then)
            if cut is not None:
                return [cut]
        return self._wire.cut(self._client.send(EndOfRequest()))


def cut_off() -> ClientDisconnected:
    """What is raised where content should come, and does not."""
    return ClientDisconnected("the client has gone before its request was whole")


def gone() -> ResponseLost:
    """What a client gets that has gone."""
    return ResponseLost("the client went away before the response")


def read_answer(data: bytes, requests: Iterable[RequestReceived], *, closed: bool) -> Answer:
    """What a server has sent on a connection on which it received these requests."""
    return Answer(data, tuple(_responses(data, requests, closed=closed)), closed)


def _responses(
    data: bytes, requests: Iterable[RequestReceived], *, closed: bool
) -> Iterator[messages.Response]:
    client = ClientEnd(Wire())
    client.receive(data)
    if closed:
        client.receive_eof()
    host = Headers([("Host", "localhost")])
    try:
        for request in requests:
            target = "localhost:80" if request.method == "CONNECT" else "/"
            client.send(RequestHead(request.method, target, host))
            client.send(EndOfRequest())
            client.listen()
            if not client.is_whole:
                return
            yield _whole(client.parts())
        client.listen()  # what is wrong with a request is told without one
        if client.is_whole:
            yield _whole(client.parts())
    except ResponseLost:
        return  # what there is of it is in the data


def _whole(parts: list[Part]) -> messages.Response:
    """The response that these parts are."""
    informational: list[messages.Informational] = []
    head, content, trailers = messages.Head(0, Headers()), b"", Headers()
    for part in parts:
        if isinstance(part, messages.Informational):
            informational.append(part)
        elif isinstance(part, messages.Head):
            head = part
        elif isinstance(part, messages.Trailers):
            trailers = part.headers
        else:
            content += part
    return messages.Response(
        head.status, head.headers, content, trailers=trailers, informational=informational
    )
