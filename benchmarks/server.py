"""The built-in server beside others over loopback: small requests a second, and uploads of 1 GiB.

Each server is one process on one event loop or with its usual threads, with its access log off, and runs the
same few lines of WSGI or ASGI, which read uploads to their end and drop them. The client is in this process.
Connections are kept where the server keeps them: werkzeug's server, wsgiref and gunicorn's sync worker close
after each response. uvicorn and hypercorn use h11 and asyncio, as we do.

What limits WSGI: a small request comes on an event loop, so that a slow client costs no thread, and the
application runs in a thread, which sends a small response by itself; the loop hears of it when the client
goes on. So two threads change places once for each request, which takes longer than the application with one
connection, less with sixteen, where many change at once. A large upload would be handed over for each 256
KiB, so the thread that reads it is lent the socket: each read is one call of the system then, as with wsgiref
and werkzeug, and a microsecond more of Python than theirs. Of the processor's time for 1 GiB, 0.42 seconds
where wsgiref takes 0.35, the most is the copy out of the kernel.

What limits ASGI: the connection takes 210,000 instructions for an exchange, where h11 alone takes 415,000, as
an ordinary response needs no h11. The rest is the event loop's: a task for each request, and the socket.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks._server_client import Loaded, loaded
from benchmarks.harness import Scenario, rival

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WSGI = ("werkzeug", "wsgiref", "waitress", "gunicorn sync")
ASGI = ("uvicorn h11", "hypercorn")
CONNECTIONS = 16
ROUNDS = 8
GIB = 1024**3


def _fresh(server: Loaded, connections: int) -> int:
    """Some requests on connections that no other contender has let grow old."""
    server.close()
    try:
        return server.get(connections, ROUNDS)
    finally:
        server.close()


def scenarios() -> Iterator[Scenario]:
    """Small requests and an upload, for either protocol."""
    start = loaded()
    for protocol, rivals in (("WSGI", WSGI), ("ASGI", ASGI)):
        ours = f"toolkit {protocol.lower()}"

        def contenders(
            call: Callable[[Loaded], object], ours: str = ours, rivals: tuple[str, ...] = rivals
        ) -> dict[str, Callable[[], object]]:
            found: dict[str, Callable[[], object]] = {"toolkit": partial(call, start(ours))}
            for name in rivals:
                found.update(rival(name, lambda name=name: partial(call, start(name))))  # type: ignore[misc]
            return found

        for connections in (1, CONNECTIONS):
            count = connections * ROUNDS
            yield Scenario(
                f"{protocol}: small, {connections} connection{'s' * (connections > 1)}",
                contenders(partial(_small, connections)),
                items=count,
                check=partial(int.__eq__, count),
            )
        yield Scenario(
            f"{protocol}: upload of 1 GiB", contenders(_upload), size=GIB, check=partial(int.__eq__, GIB)
        )


def _small(connections: int, server: Loaded) -> int:
    return _fresh(server, connections)


def _upload(server: Loaded) -> int:
    return server.upload(GIB)
