"""HTTP/1.1 connections without I/O: bytes to exchange events and back, on h11 (RFC 9112).

`ServerConnection` and `ClientConnection` are the two ends; events are what they speak in. A server's loop::

    connection = ServerConnection()
    while True:
        event = connection.next_event()
        if event is Signal.NEED_DATA:
            data = sock.recv(65536)
            connection.receive_data(data) if data else connection.receive_eof()
        elif isinstance(event, RequestReceived):
            ...
            sock.sendall(connection.send(ResponseHead(200, headers)))
            sock.sendall(connection.send(Data(b"hello")))
            sock.sendall(connection.send(EndOfResponse()))
        elif event is Signal.CLOSE:
            break
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face

if TYPE_CHECKING:
    from toolkit.sansio.http11.client import ClientConnection
    from toolkit.sansio.http11.errors import MessageError
    from toolkit.sansio.http11.events import (
        ClientReceived,
        ClientSent,
        ConnectionClosed,
        Data,
        EndOfRequest,
        EndOfResponse,
        Informational,
        RequestHead,
        RequestReceived,
        ResponseHead,
        ResponseReceived,
        ServerReceived,
        ServerSent,
        Signal,
    )
    from toolkit.sansio.http11.server import ServerConnection
    from toolkit.sansio.limits import ConnectionLimits
else:  # of a module with a `__getattr__`, type checkers would believe any name
    _HOMES = {
        "toolkit.sansio.http11.client": ("ClientConnection",),
        "toolkit.sansio.http11.errors": ("MessageError",),
        "toolkit.sansio.http11.events": (
            "ClientReceived",
            "ClientSent",
            "ConnectionClosed",
            "Data",
            "EndOfRequest",
            "EndOfResponse",
            "Informational",
            "RequestHead",
            "RequestReceived",
            "ResponseHead",
            "ResponseReceived",
            "ServerReceived",
            "ServerSent",
            "Signal",
        ),
        "toolkit.sansio.http11.server": ("ServerConnection",),
        "toolkit.sansio.limits": ("ConnectionLimits",),
    }
    __getattr__, __dir__ = lazy_face(__name__, _HOMES)

__all__ = [
    # The two ends of a connection.
    "ServerConnection",
    "ClientConnection",
    # What they speak in.
    "RequestReceived",
    "RequestHead",
    "Data",
    "EndOfRequest",
    "Informational",
    "ResponseHead",
    "ResponseReceived",
    "EndOfResponse",
    "ConnectionClosed",
    "Signal",
    "ServerReceived",
    "ServerSent",
    "ClientReceived",
    "ClientSent",
    # What they allow and refuse.
    "ConnectionLimits",
    "MessageError",
]
