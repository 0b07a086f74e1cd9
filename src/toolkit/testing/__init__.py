"""In-memory clients for tests: one API for WSGI and for ASGI applications, blocking or asynchronous.

`Client` and `AsyncClient` call an application as a server does, check on the way that it keeps the rules of
its protocol (`ConformanceError`), and can deliver request bodies that go wrong (`Body`, `Disconnect`).
"""

from toolkit.testing.async_client import AsyncClient
from toolkit.testing.body import Body, Disconnect
from toolkit.testing.client import Client
from toolkit.testing.errors import (
    ClientDisconnected,
    ConformanceError,
    LifespanFailed,
    ResponseLost,
    TooManyRedirects,
)
from toolkit.testing.messages import Informational, Request, Response, WebSocketDenied
from toolkit.testing.sessions import AsyncWebSocketSession, WebSocketSession
from toolkit.testing.streams import AsyncStreamedResponse, StreamedResponse
from toolkit.testing.wire import Answer, Wire

__all__ = [
    # clients
    "Client",
    "AsyncClient",
    # what they send and get
    "Body",
    "Disconnect",
    "Request",
    "Response",
    "Informational",
    "StreamedResponse",
    "AsyncStreamedResponse",
    "WebSocketSession",
    "AsyncWebSocketSession",
    # through bytes
    "Wire",
    "Answer",
    # what goes wrong
    "ConformanceError",
    "ClientDisconnected",
    "ResponseLost",
    "LifespanFailed",
    "TooManyRedirects",
    "WebSocketDenied",
]
