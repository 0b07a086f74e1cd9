"""The server: it listens, keeps the time of its connections, and comes to an end."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias, cast

from toolkit.interfaces import interface_of
from toolkit.sansio.errors.base import LocalError
from toolkit.server.accepting import Acceptor
from toolkit.server.asgi import ASGIGateway
from toolkit.server.descriptors import allow_connections
from toolkit.server.hub import Hub
from toolkit.server.listening import close, listen
from toolkit.server.logs import SERVER
from toolkit.server.settings import Settings
from toolkit.server.wsgi import WSGIGateway

if TYPE_CHECKING:
    import socket
    from collections.abc import Generator
    from types import FrameType

    from _typeshed.wsgi import WSGIApplication
    from typing_extensions import Self

    from toolkit.asgi_scope import ASGIApplication
    from toolkit.interfaces import Interface
    from toolkit.server.handling import Gateway

App: TypeAlias = "WSGIApplication | ASGIApplication"

_SETTINGS = Settings()
_FEW = 16  # connections that are looked at in one go
_TICK = 0.02  # seconds between two looks at who is still there
_HURRY = 0.2  # seconds for the application to end, when it has to do so at once
_GRACE = 1.0  # seconds until what has no end of its own is told that nothing more comes
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Server:
    """Serves one application, WSGI or ASGI, for development and for tests.

    `run` serves in this thread until the process is asked to stop (SIGINT, SIGTERM). As a context manager
    the server runs in a thread of its own for the time of the block::

        with Server(app, Settings(port=0)) as server:
            httpx.get(server.url)

    `interface` is told by the application's looks, unless it is given. Raises `StartError` where the server
    cannot start.
    """

    def __init__(
        self, app: App, settings: Settings = _SETTINGS, *, interface: Interface | None = None
    ) -> None:
        self.app = app
        self.settings = settings
        self.interface: Interface = interface or interface_of(app)
        self.url = ""
        """Where it listens, once it does: a URL without a path, or `unix:` and the path of a socket."""
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._hub: Hub | None = None
        self._asked = False  # to stop
        self._hurried = False  # to do so at once
        self._ready = threading.Event()
        self._error: BaseException | None = None

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM. A second one does not wait for requests in progress."""
        with self._stopped_by_signals():
            asyncio.run(self._serve())

    def stop(self) -> None:
        """Ask it to end: what is in progress is finished first. Any thread may ask."""
        self._asked = True
        loop, event = self._loop, self._stop
        if loop is not None and event is not None and not loop.is_closed():
            loop.call_soon_threadsafe(event.set)

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return 0 if self._hub is None else len(self._hub.connections)

    def listening(self) -> None:
        """Called when it listens, and `url` is known."""
        SERVER.info("Listening on %s (a development server; Ctrl-C stops it)", self.url)

    def __enter__(self) -> Self:
        if self._thread is not None:
            raise LocalError("a server runs once: make another one")
        self._thread = threading.Thread(target=self._run_in_thread, name="toolkit-server", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            self._thread.join()
            raise self._error
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def _run_in_thread(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001  # it is raised where the thread was started
            if self._ready.is_set():
                SERVER.exception("the server failed")
            self._error = error
        finally:
            self._ready.set()

    @contextmanager
    def _stopped_by_signals(self) -> Generator[None, None, None]:
        def handle(_number: int, _frame: FrameType | None) -> None:
            if self._hurried:
                raise KeyboardInterrupt
            self._hurried = self._asked
            if not self._asked:
                SERVER.info("Finishing what is in progress; once more to stop at once.")
                self.stop()

        before = {number: signal.signal(number, handle) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def _serve(self) -> None:
        """Everything, from the sockets to their end."""
        loop = asyncio.get_running_loop()
        self._loop, self._stop = loop, asyncio.Event()
        sockets = listen(self.settings)
        allowed = allow_connections(self.settings.max_connections)
        hub = self._hub = Hub(self.settings, self._gateway(loop), loop, allowed)
        timeout = self.settings.shutdown_timeout
        try:
            await hub.gateway.start()
            acceptor = Acceptor(hub, list(sockets))
            self.url = _url(self.settings, sockets[0])
            self.listening()
            self._ready.set()
            clock = loop.create_task(_keep_time(hub))
            if not self._asked:
                await self._stop.wait()
            await acceptor.stop()
            close(sockets, self.settings)
            end = loop.time() + timeout
            await self._drain(hub, end)
            timeout = min(timeout, max(_HURRY, end - loop.time()))  # the rest of it
            clock.cancel()
        finally:
            close(sockets, self.settings)  # once more, where it did not get that far
            await hub.gateway.stop(_HURRY if self._hurried else timeout)

    async def _drain(self, hub: Hub, end: float) -> None:
        """Let the connections end, those that take too long by force."""
        hub.stopping = True
        hub.loop.call_later(_GRACE, _shut, hub)
        for connection in list(hub.connections):
            if connection.is_idle:
                connection.close()
        while hub.connections and hub.loop.time() < end and not self._hurried:  # noqa: ASYNC110
            await asyncio.sleep(_TICK)  # once in a server's life
        for connection in list(hub.connections):
            connection.abort()

    def _gateway(self, loop: asyncio.AbstractEventLoop) -> Gateway:
        if self.interface == "wsgi":
            return WSGIGateway(cast("WSGIApplication", self.app), loop, self.settings.threads)
        return ASGIGateway(cast("ASGIApplication", self.app), loop)


def _shut(hub: Hub) -> None:
    """Tell applications that nothing more comes, where they send what has no end of its own."""
    for connection in list(hub.connections):
        connection.shut()


async def _keep_time(hub: Hub) -> None:
    """Look at the clock for every connection, often enough for the shortest of the times."""
    settings = hub.settings
    shortest = min(
        settings.header_timeout,
        settings.keep_alive_timeout,
        settings.body_timeout,
        settings.write_timeout,
    )
    pause = max(0.01, min(0.5, shortest / 10))
    while True:
        await asyncio.sleep(pause)
        for number, connection in enumerate(list(hub.connections)):
            connection.check(hub.loop.time())
            if number % _FEW == 0:
                await asyncio.sleep(0)  # many that end together must not keep others waiting


def _url(settings: Settings, sock: socket.socket) -> str:
    """Where a socket listens."""
    if settings.unix is not None:
        return f"unix:{settings.unix}"
    host, port = sock.getsockname()[:2]
    scheme = "http" if settings.ssl is None else "https"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
