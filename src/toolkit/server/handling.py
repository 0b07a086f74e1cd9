"""Who does what: a connection (`Line`), an application's side (`Gateway`), and one request in between.

All of it is on the event loop, and nothing of it blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from asyncio import Event

    from toolkit.gateway import Endpoints
    from toolkit.sansio.headers import Headers
    from toolkit.sansio.http11.events import RequestReceived, ServerSent
    from toolkit.server.answering import Turn
    from toolkit.server.lending import Loan
    from toolkit.server.settings import Settings


class Handling(Protocol):
    """One request in the hands of an application, as its connection sees it."""

    def feed(self, data: bytes) -> None:
        """Some content came; after a switch, bytes as they are."""
        ...

    def end(self) -> None:
        """The content is whole."""
        ...

    def resume(self) -> None:
        """What was sent has left: there is room for more."""
        ...

    def shut(self) -> None:
        """The client sends nothing more; it may still read."""
        ...

    def lose(self) -> None:
        """The response is whole, or the client is gone: nothing that is sent now goes anywhere."""
        ...


class Line(Protocol):
    """A connection, as a handling sees it."""

    settings: Settings
    endpoints: Endpoints

    @property
    def is_full(self) -> bool:
        """Whether more was sent than the client has taken, or it is gone: wait for `resume` or `lose`."""
        ...

    def hold(self) -> None:
        """Receive nothing: there is enough."""
        ...

    def want(self) -> None:
        """The application waits for content, or for what comes after a switch."""
        ...

    def lend(self) -> Loan | None:
        """The socket, for a thread to read the rest of the content until `want` asks for it here again.

        None where the loop has to read it.
        """
        ...

    def turn(self) -> Turn | None:
        """The right to answer a request that is whole in a thread; None where the loop has to."""
        ...

    def settle(self) -> None:
        """Go on after what a thread has sent or read, if that is all."""
        ...

    def send(self, *events: ServerSent) -> None:
        """Send events; see `ServerConnection.send` for what it raises."""
        ...

    def switch(self, headers: Headers) -> None:
        """Leave HTTP (101): what comes is fed as it is from now on, and `write` sends."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        ...

    def expect(self, seconds: float) -> None:
        """Something has to come within so many seconds."""
        ...

    def fail(self, request: RequestReceived, error: BaseException) -> None:
        """The application failed: answer 500 where nothing was answered, else break the response off."""
        ...

    def break_off(self) -> None:
        """Close before the response is whole, in such a way that the client can tell."""
        ...

    def close(self) -> None:
        """Close when everything was sent."""
        ...


class Gateway(Protocol):
    """What stands between connections and an application."""

    async def start(self) -> None:
        """Make the application ready. `StartError` where it cannot be."""
        ...

    async def stop(self, timeout: float) -> None:
        """Let the application end, within so many seconds."""
        ...

    def handle(self, line: Line, request: RequestReceived) -> Handling:
        """Put a request into the hands of the application. Raises an `HTTPError` for one that it refuses."""
        ...


class Gone(OSError):
    """The client is gone: what is sent goes nowhere (ASGI HTTP 2.4)."""


def wake(event: Event) -> None:
    """Wake all who wait for something to change; they look whether it was for them."""
    event.set()
    event.clear()
