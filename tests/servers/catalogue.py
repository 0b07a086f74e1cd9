"""The servers under test: how each is started, and what it does of all that a server may do or leave.

An ability is asserted both ways: what a server has works, and what it has not is what the documentation says
(docs/conformance/servers.md, whose table is made of this).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field, replace
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from re import Pattern


class Can(Enum):
    """What a server may do or not; the value is the documentation's word for it."""

    CHUNKED = "chunked requests"
    RAW_PATH = "`%2F` kept"
    LATIN = "header values beyond ASCII"
    COOKIE_LINES = "Cookie in several lines"
    ROOT_PATH = "mounted"
    KEEP_ALIVE = "keep-alive"
    KEEPS_UNREAD = "alive after unread content"
    KNOWS_CUT = "cut chunked requests seen"
    REFUSES_BOTH = "two lengths refused"
    EARLY_HINTS = "early hints"
    TRAILERS = "trailers"
    BREAKS = "broken responses seen"
    FAULTS = "500 with content for a fault"
    REPLACES = "500 for a body that fails at once"
    WEBSOCKET = "WebSocket"
    DENIAL = "denial with content"
    STREAMED_DENIAL = "denial in pieces"
    ACCEPT_HEADERS = "fields of the handshake"
    CLOSE_CODES = "close codes seen"


@dataclass(frozen=True)
class Server:
    """One server in one configuration. In `command` and `mounted`, `{port}` is filled in."""

    name: str
    protocol: str
    command: tuple[str, ...]
    needs: tuple[str, ...]
    can: frozenset[Can]
    cut: str | None = "ClientDisconnect or IncompleteContent"
    """The error that a handler sees when the client leaves in the middle of its content; None: the handler is
    never called."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    mounted: tuple[str, ...] = ()
    """Further arguments that mount the application at `/mounted`."""
    mounted_environment: Mapping[str, str] = field(default_factory=dict[str, str])
    http2: frozenset[Can] = frozenset()
    """What it can do over HTTP/2 only, which is not spoken here."""
    strips: bool = True
    """Whether the mounted application is asked for with its root path, not by a proxy that takes it off."""
    stuck: Pattern[str] | None = None
    """What it may log, when it is told to stop, of a connection that it never finished."""

    @property
    def missing(self) -> list[str]:
        """The packages that it needs and that are not there."""
        return [name for name in self.needs if find_spec(name) is None]

    def __str__(self) -> str:
        return self.name

    def at_mount(self) -> Server:
        """The same, its application mounted at `/mounted`."""
        app, environment = self.command[-1], {**self.environment, **self.mounted_environment}
        return replace(self, command=(*self.command[:-1], *self.mounted, app), environment=environment)


_PYTHON = (sys.executable, "-W", "default")
_WSGI, _ASGI = "tests.servers.apps:wsgi", "tests.servers.apps:asgi"
_PLAIN = frozenset(
    {
        Can.CHUNKED,
        Can.RAW_PATH,
        Can.LATIN,
        Can.ROOT_PATH,
        Can.KEEP_ALIVE,
        Can.KEEPS_UNREAD,
        Can.KNOWS_CUT,
        Can.REFUSES_BOTH,
        Can.BREAKS,
        Can.FAULTS,
        Can.REPLACES,
    }
)
_SOCKETS = _PLAIN | {
    Can.COOKIE_LINES,
    Can.WEBSOCKET,
    Can.DENIAL,
    Can.STREAMED_DENIAL,
    Can.ACCEPT_HEADERS,
    Can.CLOSE_CODES,
}


# hypercorn puts what it reads into a queue of ten chunks. Once a handler has answered without reading them,
# nobody takes them out: the connection's task waits for room, whatever the client does, and is cancelled at
# last. asyncio before Python 3.12 reports a cancelled task of a stream as a fault.
CANCELLED = re.compile(
    r"^Exception in callback StreamReaderProtocol\.connection_made.*\nhandle: .*\n"
    r"Traceback .*\n(?: .*\n)+asyncio\.exceptions\.CancelledError\n",
    re.MULTILINE,
)


def _gunicorn(
    worker: str, *options: str, needs: tuple[str, ...] = (), can: frozenset[Can] = _PLAIN
) -> Server:
    command = (*_PYTHON, "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--worker-class", worker, *options)
    # A worker that is busy with one upload for longer than its timeout is killed.
    patience = ("--timeout", "600", "--graceful-timeout", "1", "--keep-alive", "30")
    return Server(
        name=f"gunicorn {worker}",
        protocol="wsgi",
        command=(*command, "--no-control-socket", *patience, _WSGI),
        needs=("gunicorn", *needs),
        can=can | {Can.EARLY_HINTS},
        mounted_environment={"SCRIPT_NAME": "/mounted"},
    )


def _uvicorn(http: str, loop: str, websockets: str) -> Server:
    options = ("--http", http, "--loop", loop, "--ws", websockets, "--port", "{port}", "--lifespan", "on")
    return Server(
        name=f"uvicorn {http}",
        protocol="asgi",
        command=(*_PYTHON, "-m", "uvicorn", *options, _ASGI),
        needs=("uvicorn", http, loop, websockets.partition("-")[0]),
        can=_SOCKETS,
        mounted=("--root-path", "/mounted"),
        strips=False,
    )


def _hypercorn(worker: str) -> Server:
    command = (*_PYTHON, "-m", "hypercorn", "--bind", "127.0.0.1:{port}", "--worker-class", worker)
    return Server(
        name=f"hypercorn {worker}",
        protocol="asgi",
        command=(*command, "--graceful-timeout", "1", "--keep-alive", "2", _ASGI),
        needs=("hypercorn", worker),
        can=(_SOCKETS | {Can.EARLY_HINTS, Can.TRAILERS}) - {Can.KEEPS_UNREAD, Can.CLOSE_CODES},
        http2=frozenset({Can.EARLY_HINTS, Can.TRAILERS}),
        mounted=("--root-path", "/mounted"),
        strips=False,
        stuck=CANCELLED if worker == "asyncio" else None,
    )


def _toolkit(protocol: str, app: str, can: frozenset[Can]) -> Server:
    return Server(
        name=f"toolkit {protocol}",
        protocol=protocol,
        command=(*_PYTHON, "-m", "toolkit", "serve", f"--{protocol}", "--port", "{port}", app),
        needs=("toolkit",),
        can=can,
        mounted=("--root-path", "/mounted"),
        strips=False,
    )


def _granian(interface: str, app: str, can: frozenset[Can]) -> Server:
    options = ("--interface", interface, "--port", "{port}", "--blocking-threads", "2")
    return Server(
        name=f"granian {interface}",
        protocol=interface,
        command=(
            *_PYTHON,
            "-m",
            "granian",
            *(options if interface == "wsgi" else options[:4]),
            app,
        ),
        needs=("granian",),
        can=can,
        mounted=("--url-path-prefix", "/mounted"),
    )


SERVERS = (
    _toolkit("wsgi", _WSGI, _PLAIN | {Can.COOKIE_LINES, Can.EARLY_HINTS}),
    _toolkit("asgi", _ASGI, _SOCKETS | {Can.EARLY_HINTS, Can.TRAILERS}),
    _gunicorn("sync", can=_PLAIN - {Can.KEEP_ALIVE}),
    _gunicorn("gthread", "--threads", "4"),
    _gunicorn("gevent", needs=("gevent",)),
    Server(
        name="waitress",
        protocol="wsgi",
        command=(
            *_PYTHON,
            "-m",
            "waitress",
            "--listen=127.0.0.1:{port}",
            f"--max-request-body-size={4 * 1024**3}",
            _WSGI,
        ),
        needs=("waitress",),
        can=_PLAIN - {Can.REFUSES_BOTH},
        cut=None,
        mounted=("--url-prefix=/mounted",),
    ),
    Server(
        name="uWSGI",
        protocol="wsgi",
        command=(
            str(Path(sys.executable).parent / "uwsgi"),
            "--http-socket",
            "127.0.0.1:{port}",
            "--master",
            "--need-app",
            "--die-on-term",
            "--disable-logging",
            "--threads",
            "4",
            "--virtualenv",
            sys.prefix,
            f"--wsgi={_WSGI}",
        ),
        needs=("pyuwsgi",),
        can=_PLAIN - {Can.CHUNKED, Can.KEEP_ALIVE, Can.BREAKS, Can.FAULTS, Can.REPLACES},
        mounted=("--manage-script-name", f"--mount=/mounted={_WSGI}"),
    ),
    _uvicorn("h11", "asyncio", "websockets-sansio"),
    _uvicorn("httptools", "uvloop", "wsproto"),
    _hypercorn("asyncio"),
    _hypercorn("trio"),
    _granian(
        "wsgi",
        _WSGI,
        (_PLAIN | {Can.COOKIE_LINES})
        - {Can.RAW_PATH, Can.LATIN, Can.KNOWS_CUT, Can.REFUSES_BOTH, Can.BREAKS, Can.REPLACES},
    ),
    _granian("asgi", _ASGI, _SOCKETS - {Can.REFUSES_BOTH, Can.STREAMED_DENIAL, Can.ACCEPT_HEADERS}),
)
