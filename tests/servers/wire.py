"""A client on a plain socket, with h11 to read by: it hides nothing, and can say what no client would."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import h11

from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Self

    from toolkit.sansio.exchange.content import JSON

Lines: TypeAlias = list[tuple[str, str]]


@dataclass
class Reply:
    """What came back. `whole` is false where the connection broke off in it."""

    status: int
    reason: str
    headers: Lines
    body: bytes = b""
    informational: list[tuple[int, list[tuple[str, str]]]] = field(
        default_factory=list[tuple[int, list[tuple[str, str]]]]
    )
    trailers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    whole: bool = False

    def get(self, name: str) -> str | None:
        """The first value of a header field."""
        return next(iter(self.getlist(name)), None)

    def getlist(self, name: str) -> list[str]:
        """The values of a header field."""
        return [value for key, value in self.headers if key == name]

    def json(self) -> JSON:
        """The content as JSON."""
        value: JSON = json.loads(self.body)
        return value


class Wire:
    """One connection. `exchange` sends a request and reads the reply; the parts of it can be had alone."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._connection = h11.Connection(h11.CLIENT)
        self.reusable = True
        """Whether another request may follow, by what the reply has said."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.socket.close()

    def exchange(
        self, method: str, target: str, headers: Iterable[tuple[str, str]] = (), body: bytes | None = None
    ) -> Reply | None:
        """The reply to a request; None where the server has closed the connection instead."""
        lines = [("Host", "example.test"), *headers]
        if body is not None:
            lines.append(("Content-Length", str(len(body))))
        try:
            self.send(h11.Request(method=method, target=target, headers=lines))
            if body:
                self.send(h11.Data(data=body))
            self.send(h11.EndOfMessage())
        except (BrokenPipeError, ConnectionResetError):
            pass  # it may have answered before
        reply = self.reply()
        self.reusable = self._connection.our_state is self._connection.their_state is h11.DONE
        if self.reusable:
            self._connection.start_next_cycle()
        return reply

    def send(self, *events: h11.Event) -> None:
        """Send what h11 makes of events."""
        for event in events:
            data = self._connection.send(event)
            if data:
                self.socket.sendall(data)

    def reply(self) -> Reply | None:
        """Read a whole reply, or as much as comes of it."""
        reply = self.head()
        if reply is not None:
            reply.body = b"".join(self.content(reply))
        return reply

    def head(self) -> Reply | None:
        """Read the head of a reply; None where the connection ends instead."""
        informational: list[tuple[int, Lines]] = []
        while True:
            try:
                event = self._next()
            except (h11.RemoteProtocolError, ConnectionResetError):
                return None
            if isinstance(event, h11.InformationalResponse):
                informational.append((event.status_code, _lines(event.headers)))
            elif isinstance(event, h11.Response):
                reason = bytes(event.reason).decode()
                return Reply(event.status_code, reason, _lines(event.headers), informational=informational)
            else:
                return None

    def content(self, reply: Reply) -> Iterator[bytes]:
        """The content of a reply as it arrives."""
        while True:
            try:
                event = self._next()
            except (h11.RemoteProtocolError, ConnectionResetError):
                return
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                reply.trailers = _lines(event.headers)
                reply.whole = True
                return
            else:
                return

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        data = b""
        try:
            while chunk := self.socket.recv(65536):
                data += chunk
        except ConnectionResetError:
            pass
        return data

    def _next(self) -> object:
        while (event := self._connection.next_event()) is h11.NEED_DATA:
            self._connection.receive_data(self.socket.recv(65536))
        return event


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> Lines:
    return [(name.decode(), value.decode("latin-1")) for name, value in headers]
