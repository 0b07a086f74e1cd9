"""What a client needs of whatever carries its requests: to a WSGI or ASGI application, in memory, or else.

A transport takes a whole `Request` and gives back the parts of the response as they come. It knows nothing
of cookies or redirects. There are two protocols, one for each way to wait; the bridges make one of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from toolkit.gateway import Endpoints
from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.events import RequestReceived
from toolkit.testing.errors import ResponseLost
from toolkit.testing.messages import Head, Part

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from toolkit.testing.body import Disconnect
    from toolkit.testing.messages import Request
    from toolkit.testing.wire import Answer

App: TypeAlias = Callable[..., object]
"""A WSGI or an ASGI application."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What an application is told of the server it is imagined to run on.

    `client` is the address of the peer, `root_path` where the application is mounted, percent-encoded and
    without a slash at its end. `extra` is added to the environ or to the scope. Unless
    `raise_app_exceptions`, an exception of the application becomes a 500, as on a server.
    """

    client: tuple[str, int] = ("127.0.0.1", 50000)
    root_path: str = ""
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
    raise_app_exceptions: bool = True

    def received(self, request: Request) -> RequestReceived:
        """A request as a server receives it. LocalError where its path is not below `root_path`."""
        path, root = request.url.path or "/", self.root_path
        if root and path != root and not path.startswith(root + "/"):
            raise LocalError(f"{path!r} is not below the root path {root!r} of the application")
        length = None if "transfer-encoding" in request.headers else request.content_length or 0
        return RequestReceived(request.method, request.target, request.headers, "1.1", length)

    def endpoints(self, request: Request) -> Endpoints:
        """The ends of the connection that a request is imagined to come on."""
        url = request.url
        return Endpoints(url.scheme, self.client, (url.host or "", url.effective_port), self.root_path)

    def failure(self, error: BaseException, *, has_head: bool, is_whole: bool) -> list[Part]:
        """What a server answers when the application fails, unless it is raised to the caller.

        Nothing is missing from a response that `is_whole`; one that has but a head, or a part of its content,
        is lost.
        """
        if self.raise_app_exceptions or not isinstance(error, Exception):
            raise error
        if is_whole:
            return []
        if has_head:
            raise ResponseLost("the application failed in the middle of its response") from error
        text = b"500 Internal Server Error\n"
        lines = [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))]
        return [Head(500, Headers(lines)), text]


def no_bytes(request: Request, pieces: Iterable[bytes], then: Disconnect) -> LocalError:
    """What is raised where raw bytes are sent, and the client speaks none."""
    what = f"{pieces!r} to {request.url}, then {then}"
    return LocalError(f"raw bytes need a client in wire mode, as Client(app, wire=True) is: {what}")


@dataclass(frozen=True, slots=True)
class Accepted:
    """How the application accepted a WebSocket."""

    subprotocol: str | None
    headers: Headers


class Channel(Protocol):
    """The client's end of an accepted WebSocket."""

    accepted: Accepted

    def send(self, message: str | bytes) -> None:
        """Send a message. Raises `SessionClosed` when the application has closed."""
        ...

    def receive(self) -> str | bytes:
        """The next message. Raises `SessionClosed` when there is none to come."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close, unless it is closed."""
        ...


class AsyncChannel(Protocol):
    """The twin of `Channel`."""

    accepted: Accepted

    async def send(self, message: str | bytes) -> None:
        """Send a message. Raises `SessionClosed` when the application has closed."""
        ...

    async def receive(self) -> str | bytes:
        """The next message. Raises `SessionClosed` when there is none to come."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close, unless it is closed."""
        ...


class Transport(Protocol):
    """Carries requests, and waits by blocking."""

    def running(self) -> AbstractContextManager[None]:
        """The time between start and stop of the application (ASGI's lifespan)."""
        ...

    def send(self, request: Request) -> AbstractContextManager[Iterator[Part]]:
        """One exchange: the response part by part. Leaving early is what a client does that goes away."""
        ...

    def connect(self, request: Request, subprotocols: tuple[str, ...]) -> AbstractContextManager[Channel]:
        """One WebSocket. Raises `WebSocketDenied`."""
        ...

    def raw(self, request: Request, pieces: Iterable[bytes], then: Disconnect) -> Answer:
        """What comes back for raw bytes, on a connection like that of `request`. LocalError without bytes."""
        ...

    def close(self) -> None:
        """Give back what is held; it may be used again."""
        ...


class AsyncTransport(Protocol):
    """Carries requests, and waits by awaiting: the twin of `Transport`."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """The time between start and stop of the application (ASGI's lifespan)."""
        ...

    def send(self, request: Request) -> AbstractAsyncContextManager[AsyncIterator[Part]]:
        """One exchange: the response part by part. Leaving early is what a client does that goes away."""
        ...

    def connect(
        self, request: Request, subprotocols: tuple[str, ...]
    ) -> AbstractAsyncContextManager[AsyncChannel]:
        """One WebSocket. Raises `WebSocketDenied`."""
        ...

    async def raw(self, request: Request, pieces: Iterable[bytes], then: Disconnect) -> Answer:
        """What comes back for raw bytes, on a connection like that of `request`. LocalError without bytes."""
        ...
