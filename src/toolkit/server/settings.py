"""What a server is told: where it listens, how long it waits, how much it holds. Plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.sansio.limits import ConnectionLimits

if TYPE_CHECKING:
    from ssl import SSLContext

_LIMITS = ConnectionLimits()


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a server, each with the reason for its default. Times are in seconds."""

    host: str = "127.0.0.1"
    """A name or an address to listen on: every address that a name has, IPv6 included. A development server
    is nobody else's business, so it is this machine's alone unless it is told otherwise."""

    port: int = 8000
    """0: any port that is free; `Server.url` tells which."""

    unix: str | None = None
    """The path of a Unix socket, instead of `host` and `port`."""

    ssl: SSLContext | None = None
    """TLS with this context; None: plain text."""

    root_path: str = ""
    """Where the application is mounted, percent-encoded, without a slash at its end."""

    header_timeout: float = 10.0
    """For a whole request head, from the opening of the connection or the first byte of it (408). A browser
    on a bad line needs two; who needs more holds a connection on purpose."""

    keep_alive_timeout: float = 5.0
    """Between two requests of a connection. Apache's default: a page's requests come within it."""

    body_timeout: float = 30.0
    """Without a byte of content that is being waited for (408). Mobile networks pause for ten."""

    body_rate: float = 500.0
    """Bytes of content a second that are the least in the long run (408); 0: any. Each byte earns 1/500 of a
    second, up to `body_timeout`: so one byte every 29 seconds does not hold a connection for hours. It is
    what Apache's `mod_reqtimeout` asks for; a client that streams a line now and then needs 0."""

    write_timeout: float = 30.0
    """Without a byte of a response being taken, until the connection is broken off."""

    shutdown_timeout: float = 5.0
    """For requests in progress and the application's end, when the server is asked to stop; then they are
    broken off. Longer than a page takes, shorter than a developer's patience. An ASGI application that sends
    events (`text/event-stream`) or has a WebSocket is told after a second that the client is gone: they have
    no other end. Any other response has all of this time."""

    max_connections: int = 4096
    """Open at once. For one more, the oldest of those that are idle is closed, and where none is idle, the
    new one gets a 503. An idle one holds about 10 KiB and a file descriptor: the process's limit of open
    files is raised for them, and where it may not be, they are as many as fit."""

    backlog: int = 1024
    """Connections that the system accepts ahead of us. Linux cuts it to `net.core.somaxconn`."""

    max_message: int = 16 * 1024 * 1024
    """WebSocket: bytes of a message that are put together before the application sees it (1009)."""

    threads: int = 128
    """WSGI: requests that run at once, each in a thread; they are made when they are needed. A thread that
    waits for a slow client costs some 50 KiB, and a hundred of those must not keep others waiting."""

    limits: ConnectionLimits = _LIMITS
    """How large the parts of a message may be."""

    def time_after(self, size: int, left: float) -> float:
        """Seconds for the next content, when a client that had so many left has sent `size` bytes."""
        return min(self.body_timeout, left + size / self.body_rate) if self.body_rate else self.body_timeout
