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
    from toolkit.sansio.http11.client import ClientConnection as ClientConnection
    from toolkit.sansio.http11.errors import MessageError as MessageError
    from toolkit.sansio.http11.events import (
        ClientReceived as ClientReceived,
        ClientSent as ClientSent,
        ConnectionClosed as ConnectionClosed,
        Data as Data,
        EndOfRequest as EndOfRequest,
        EndOfResponse as EndOfResponse,
        Informational as Informational,
        RequestHead as RequestHead,
        RequestReceived as RequestReceived,
        ResponseHead as ResponseHead,
        ResponseReceived as ResponseReceived,
        ServerReceived as ServerReceived,
        ServerSent as ServerSent,
        Signal as Signal,
    )
    from toolkit.sansio.http11.server import ServerConnection as ServerConnection
    from toolkit.sansio.limits import ConnectionLimits as ConnectionLimits
else:
    _HOMES = {
        "toolkit.sansio.http11.client": "ClientConnection",
        "toolkit.sansio.http11.errors": "MessageError",
        "toolkit.sansio.http11.events": """
            ClientReceived ClientSent ConnectionClosed Data EndOfRequest EndOfResponse Informational
            RequestHead RequestReceived ResponseHead ResponseReceived ServerReceived ServerSent Signal
        """,
        "toolkit.sansio.http11.server": "ServerConnection",
        "toolkit.sansio.limits": "ConnectionLimits",
    }
    __getattr__, __dir__, __all__ = lazy_face(__name__, _HOMES)
