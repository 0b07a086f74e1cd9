"""Drives a connection over an input cut in every way, and demands that the cuts make no difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from toolkit.sansio.errors.base import LimitExceeded, RemoteError
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.client import ClientConnection
from toolkit.sansio.http11.events import (
    ConnectionClosed,
    Data,
    EndOfRequest,
    EndOfResponse,
    RequestReceived,
    ResponseHead,
    Signal,
)
from toolkit.sansio.http11.server import ServerConnection
from toolkit.sansio.limits import ConnectionLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

LIMITS = ConnectionLimits()
EMPTY = Headers({"Content-Length": "0"})


class Outcome(NamedTuple):
    """What became of an input: the events with adjacent data merged, how it ended, the answer to an error."""

    events: tuple[object, ...]
    end: object
    answer: bytes = b""

    @property
    def requests(self) -> list[RequestReceived]:
        return [event for event in self.events if isinstance(event, RequestReceived)]

    @property
    def content(self) -> bytes:
        return b"".join(event.data for event in self.events if isinstance(event, Data))

    @property
    def status(self) -> int | None:
        return self.end.status if isinstance(self.end, Fault) else None


class Fault(NamedTuple):
    """An error, by everything that it says."""

    kind: str
    status: int
    text: str


def merged(events: Iterable[object]) -> tuple[object, ...]:
    """Events with adjacent data made one."""
    result: list[object] = []
    for event in events:
        if isinstance(event, Data):
            assert event.data, "data is never empty"
            if result and isinstance(last := result[-1], Data):
                result[-1] = Data(last.data + event.data)
                continue
        result.append(event)
    return tuple(result)


def answer(connection: ServerConnection) -> bytes:
    """Send an empty response."""
    return connection.send(ResponseHead(200, EMPTY)) + connection.send(EndOfResponse())


def serve(pieces: Sequence[bytes], *, limits: ConnectionLimits = LIMITS, eof: bool = True) -> Outcome:
    """What a server that answers every request when it is whole makes of an input in these pieces."""
    connection = ServerConnection(limits)
    events: list[object] = []
    last: object = Signal.NEED_DATA
    try:
        for piece in [*pieces, None] if eof else pieces:
            connection.receive_eof() if piece is None else connection.receive_data(piece)
            while not isinstance(last := connection.next_event(), Signal | ConnectionClosed):
                events.append(last)
                if isinstance(last, EndOfRequest):
                    answer(connection)
            assert last is not Signal.PAUSED
    except RemoteError as error:
        assert_final(connection, error)
        return Outcome(merged(events), fault(error), connection.error_response(error))
    return Outcome(merged(events), last)


def read_responses(
    pieces: Sequence[bytes], *, limits: ConnectionLimits = LIMITS, eof: bool = True
) -> Outcome:
    """What a client that has sent nothing makes of an input in these pieces."""
    connection = ClientConnection(limits)
    events: list[object] = []
    last: object = Signal.NEED_DATA
    try:
        for piece in [*pieces, None] if eof else pieces:
            connection.receive_eof() if piece is None else connection.receive_data(piece)
            while not isinstance(last := connection.next_event(), Signal | ConnectionClosed):
                events.append(last)
    except RemoteError as error:
        return Outcome(merged(events), fault(error))
    return Outcome(merged(events), last)


def fault(error: RemoteError) -> Fault:
    assert type(error) is LimitExceeded or type(error).__name__ in {"MessageError", "IncompleteContent"}
    return Fault(type(error).__name__, error.status, str(error))


def assert_final(connection: ServerConnection, error: RemoteError) -> None:
    """After an error nothing is parsed or dispatched, whatever comes."""
    connection.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    for _ in range(2):
        with pytest.raises(RemoteError) as again:
            connection.next_event()
        assert again.value is error


def by_bytes(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def every_cut(
    data: bytes, run: Callable[..., Outcome] = serve, *, limits: ConnectionLimits = LIMITS, eof: bool = True
) -> Outcome:
    """The outcome of an input: the same whole, byte by byte, with empty pieces, and cut in two anywhere."""
    expected = run([data], limits=limits, eof=eof)
    assert run(by_bytes(data), limits=limits, eof=eof) == expected, "byte by byte"
    assert run([b"", data, b""], limits=limits, eof=eof) == expected, "with empty pieces"
    for cut in range(1, len(data)):
        assert run([data[:cut], data[cut:]], limits=limits, eof=eof) == expected, f"cut at {cut}"
    return expected
