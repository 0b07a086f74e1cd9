"""The response to one request, as far as it was sent: events to pieces of bytes, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.exchange.states import ResponseState
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.events import Data, ResponseHead
from toolkit.sansio.http11.server import ServerConnection
from toolkit.server.logs import line_of, log_access

if TYPE_CHECKING:
    from toolkit.sansio.errors.base import RemoteError
    from toolkit.sansio.errors.http import HTTPError
    from toolkit.sansio.http11.events import RequestReceived, ServerSent

_JOINED: Final = 32 * 1024  # bytes of content that go out with their head, in one piece


class Reply:
    """What was sent of one response: `status`, 0 for nothing to log, and `size` bytes of content.

    `broken` says that an event could not be sent: what was written is not what the connection says.
    """

    def __init__(self, wire: ServerConnection) -> None:
        self.status = 0
        self.size = 0
        self.begun = False  # its head was sent
        self.broken = False
        self._head = Headers()
        self._wire = wire

    def pieces(self, *events: ServerSent) -> list[bytes]:
        """The bytes of events, small ones in one piece; nothing is sent where `ServerConnection` raises."""
        if self.broken:
            raise LocalError("a part of the response could not be sent: nothing can follow it")
        self.broken = True
        pieces: list[bytes] = []
        for event in events:
            if isinstance(event, ResponseHead):
                self.status, self._head = event.status, event.headers
            data = self._wire.send(event)
            if isinstance(event, Data) and data:
                self.size += len(event.data)
            if pieces and len(pieces[-1]) + len(data) <= _JOINED:
                pieces[-1] += data
            elif data:
                pieces.append(data)
        self.broken = False
        self.begun = self._wire.response_started
        return pieces

    def refusal(self, error: RemoteError | HTTPError, date: str, request: RequestReceived | None) -> bytes:
        """The bytes of the whole response to an error; none where one has begun that was not `broken`."""
        wire = ServerConnection() if self.broken else self._wire
        answer = wire.error_response(error, Headers([("Date", date)]))
        if self.broken and request is not None and request.method == "HEAD":
            answer = answer[: answer.index(b"\r\n\r\n") + 4]
        if answer:
            self.status, self.size = error.status, len(answer.partition(b"\r\n\r\n")[2])
        return answer

    @property
    def is_endless(self) -> bool:
        """Whether it has begun, and has no end of its own."""
        kind = self._head.get("Content-Type", "") if self.begun else ""
        switched = self._wire.exchange.response is ResponseState.UPGRADED
        return switched or kind.lower().startswith("text/event-stream")

    @property
    def has_all(self) -> bool:
        """Whether all of the content that its head announced was sent."""
        return not self.broken and self._head.get("Content-Length") == str(self.size)

    @property
    def ends_by_closing(self) -> bool:
        """Whether the end of the connection is the end of its content, in HTTP/1.0."""
        return self.begun and "Content-Length" not in self._head

    def log(self, client: str, request: RequestReceived | None) -> None:
        """Tell the access log of it, once."""
        status, self.status = self.status, 0
        if status:
            log_access(client, line_of(request), status, self.size)
