"""What a server's log must not have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re import Pattern

_UNWANTED = re.compile(r"never awaited|never retrieved|unclosed event loop|Segmentation")
_TRACEBACK = re.compile(r"^Traceback.*?^(\S.*?)$", re.MULTILINE | re.DOTALL)
# uWSGI has its own way to report what it is told of.
_DELIBERATE = re.compile(r"DeliberateError|SystemError: <built-in function uwsgi_spit>")


def faults(running: str, stopping: str, stuck: Pattern[str] | None = None) -> list[str]:
    """The lines of a log that tell of a fault: what came while the server ran, and since it was told to stop.

    `stuck` is what a server may say when it stops, and then only, of a connection that it never finished.
    """
    log = running + (stuck.sub("", stopping) if stuck else stopping)
    ends: list[str] = _TRACEBACK.findall(log)
    return _UNWANTED.findall(log) + [end for end in ends if not _DELIBERATE.search(end)]
