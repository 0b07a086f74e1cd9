"""Invariant: any bytes in any pieces give the same events, or the same RemoteError; nothing else.

And what the server's end takes as a request, h11 takes for the same request. Run with
`python fuzz/fuzz_http11.py -max_total_time=60` (needs atheris). The first bytes of an input choose the end
of the connection, its limits and the cuts; the rest is what arrives, in which some bytes stand for phrases.
"""

from __future__ import annotations

import sys
from itertools import pairwise

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # has no types
import h11

with atheris.instrument_imports(include=["toolkit"]):
    from toolkit.sansio.errors.base import RemoteError
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

ROOMY = ConnectionLimits()
TIGHT = ConnectionLimits(
    max_request_line=40, max_header_block=60, max_fields=3, max_chunk_extras=10, max_body=20
)
STATUSES = {400, 413, 414, 417, 431, 501, 505}
EMPTY = Headers({"Content-Length": "0"})
PHRASES = {
    b"\x01": b"\r\n",
    b"\x02": b" HTTP/1.1\r\nHost: a\r\n",
    b"\x03": b"Content-Length: 5\r\n",
    b"\x04": b"Transfer-Encoding: chunked\r\n",
    b"\x05": b"0\r\n\r\n",
    b"\x06": b"5\r\nhello\r\n",
    b"\x07": b"Connection: close\r\n",
    b"\x0e": b"HTTP/1.1 200 OK\r\n",
    b"\x0f": b"Expect: 100-continue\r\n",
    b"\x10": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\x11": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"\x12": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
}


def merged(events: list[object]) -> list[object]:
    """The events with adjacent data made one."""
    result: list[object] = []
    for event in events:
        if isinstance(event, Data) and result and isinstance(last := result[-1], Data):
            result[-1] = Data(last.data + event.data)
        else:
            result.append(event)
    return result


def run(pieces: list[bytes], limits: ConnectionLimits, *, server: bool) -> list[object]:
    """The events of a connection that answers every request, and how it ended."""
    connection = ServerConnection(limits) if server else ClientConnection(limits)
    events: list[object] = []
    event: object = None
    try:
        for piece in [*pieces, None]:
            connection.receive_eof() if piece is None else connection.receive_data(piece)
            while not isinstance(event := connection.next_event(), Signal | ConnectionClosed):
                events.append(event)
                if isinstance(event, EndOfRequest) and isinstance(connection, ServerConnection):
                    connection.send(ResponseHead(200, EMPTY))
                    connection.send(EndOfResponse())
    except RemoteError as error:
        check_answer(connection, error)
        return [*merged(events), type(error), str(error)]
    return [*merged(events), event]


def check_answer(connection: ServerConnection | ClientConnection, error: RemoteError) -> None:
    """An error has a lawful status, and a server says it."""
    assert error.status in STATUSES, error
    if isinstance(connection, ServerConnection):
        assert connection.error_response(error).startswith(b"HTTP/1.1 %d " % error.status)


def first_of(events: list[object]) -> tuple[str, str, bytes] | None:
    """The first request, when it is whole."""
    request, content = None, b""
    for event in events:
        if isinstance(event, RequestReceived):
            request = event
        elif isinstance(event, Data):
            content += event.data
        elif isinstance(event, EndOfRequest) and request is not None:
            return request.method, request.target, content
    return None


def first_by_h11(data: bytes) -> tuple[str, str, bytes] | None:
    """The same, read by h11."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(data.removeprefix(b"\r\n"))
    connection.receive_data(b"")
    request, content = None, b""
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            content += event.data
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return request.method.decode(), request.target.decode(), content
        else:
            return None


def check(data: bytes) -> None:
    """One input."""
    provider = atheris.FuzzedDataProvider(data)
    server = provider.ConsumeBool()
    limits = TIGHT if provider.ConsumeBool() else ROOMY
    cuts = sorted(provider.ConsumeIntListInRange(3, 0, 200))
    raw = provider.ConsumeBytes(provider.remaining_bytes())
    for byte, phrase in PHRASES.items():
        raw = raw.replace(byte, phrase)
    whole = run([raw], limits, server=server)
    edges = [0, *(min(cut, len(raw)) for cut in cuts), len(raw)]
    assert run([raw[a:b] for a, b in pairwise(edges)], limits, server=server) == whole
    assert run([raw[i : i + 1] for i in range(len(raw))], limits, server=server) == whole
    if server and (taken := first_of(whole)) is not None:
        assert first_by_h11(raw) == taken


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
