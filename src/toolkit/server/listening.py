"""Sockets that listen: on every address of a host name, or on a path. Obstacles are a `StartError`."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.server.errors import StartError

if TYPE_CHECKING:
    from toolkit.server.settings import Settings


def listen(settings: Settings) -> list[socket.socket]:
    """Sockets that listen as the settings say; at least one."""
    if settings.unix is not None:
        return [_listen_unix(settings.unix, settings.backlog)]
    host, port = settings.host, settings.port
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise StartError(
            f"no such host: {host!r} ({error}); name one of this machine's with --host"
        ) from error
    sockets: list[socket.socket] = []
    try:
        for family, _, _, _, (name, _, *more) in dict.fromkeys(found):
            with suppress(_FamilyMissing):
                sockets.append(_listen_tcp(family, (name, port, *more), settings.backlog))
                port = sockets[0].getsockname()[1]  # where any was asked for, the same for all addresses
    except BaseException:
        close(sockets, settings)
        raise
    if not sockets:
        raise StartError(f"{host!r} has no address that this machine can listen on")
    return sockets


def close(sockets: list[socket.socket], settings: Settings) -> None:
    """Close and forget the sockets of `listen`; the path of a Unix socket is removed.

    Once, and while it is theirs: as soon as they are closed, it may be that of the next server.
    """
    if sockets and settings.unix is not None:
        Path(settings.unix).unlink(missing_ok=True)
    while sockets:
        sockets.pop().close()


class _FamilyMissing(Exception):
    """This machine does not speak that family of addresses."""


def _listen_tcp(family: int, address: tuple[object, ...], backlog: int) -> socket.socket:
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise _FamilyMissing from error
    try:
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # not to wait for what lingers
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # IPv4 has a socket of its own
        sock.bind(address)
        sock.listen(backlog)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRNOTAVAIL and family == socket.AF_INET6:
            raise _FamilyMissing from error
        raise StartError(_reason(error, f"{address[0]} port {address[1]}")) from error
    return sock


def _listen_unix(path: str, backlog: int) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        sock.bind(path)
        sock.listen(backlog)
    except OSError as error:
        sock.close()
        raise StartError(_reason(error, path)) from error
    return sock


def _remove_stale(path: str) -> None:
    """Remove the socket of a server that is gone; whatever else is there is left alone."""
    if not Path(path).exists():
        return
    if not Path(path).is_socket():
        raise OSError(errno.EEXIST, "there is a file that is no socket", path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)  # noqa: FBT003  # one with too much to do is not waited for
        error = probe.connect_ex(path)
    if error == errno.ECONNREFUSED:
        Path(path).unlink()
    elif error != errno.ENOENT:  # somebody has removed it
        raise OSError(errno.EADDRINUSE, "a server listens there", path)


def _reason(error: OSError, where: str) -> str:
    """Why a socket could not listen, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use: stop what listens there, or choose another with --port or --unix"
    if error.errno == errno.EEXIST:
        return f"{where} is there already and is no socket: choose another path with --unix"
    if error.errno == errno.EACCES:
        return f"{where} is not allowed: choose a port from 1024 on, or a path that you may write to"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{where} is no address of this machine: choose another one with --host"
    if error.errno == errno.ENOENT:
        return f"{where} is in no directory: make its directory first, or choose another path with --unix"
    return f"cannot listen on {where}: {error.strerror or error}"
