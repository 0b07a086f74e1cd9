"""How many connections the system allows for: each of them is an open file to it."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Final

from toolkit.server.logs import SERVER

if sys.platform != "win32":
    import resource

_SPARE: Final = 256  # open files of the process besides: its own, and one for each of many uploads


def allow_connections(wanted: int) -> int:
    """Have the system allow for so many connections, if the process may ask for it; how many they may be."""
    if sys.platform == "win32":  # it counts no sockets
        return wanted
    files = wanted + _SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= files:
        return wanted
    allowed = files if hard == resource.RLIM_INFINITY else min(files, hard)
    with suppress(OSError, ValueError):  # macOS allows for less than it says
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= files:
        return wanted
    connections = max(soft - _SPARE, soft // 2)
    SERVER.warning("At most %d connections at once: the system allows for %d open files", connections, soft)
    return connections
