"""What a server tells: who asked for what (`toolkit.access`), and what went wrong (`toolkit.server`).

Both are loggers of the standard library: without a handler, only warnings and errors are seen.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import TYPE_CHECKING, Final

from typing_extensions import override

if TYPE_CHECKING:
    from typing import TextIO

    from toolkit.sansio.http11.events import RequestReceived

ACCESS: Final = logging.getLogger("toolkit.access")
SERVER: Final = logging.getLogger("toolkit.server")

_COLOURS: Final = {2: "32", 3: "36", 4: "33", 5: "31"}  # by the first digit of a status
_UNPRINTABLE: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 34)}
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def line_of(request: RequestReceived | None) -> str:
    """The request line."""
    return f"{request.method} {request.target} HTTP/{request.http_version}" if request else "-"


def log_access(client: str, line: str, status: int, size: int) -> None:
    """One line in the common log format; `line` is the request line, `size` the bytes of content sent.

    The record has `status` as an attribute, for handlers that filter or colour.
    """
    if ACCESS.isEnabledFor(logging.INFO):
        line = line.translate(_UNPRINTABLE)
        extra = {"status": status}
        ACCESS.info('%s - - [%s] "%s" %d %d', client or "-", _now(), line, status, size, extra=extra)


def _now() -> str:
    """The time as the common log format has it, in English whatever the locale."""
    now = time.localtime()
    return time.strftime(f"%d/{_MONTHS[now.tm_mon - 1]}/%Y:%H:%M:%S %z", now)


class _Coloured(logging.Formatter):
    """Lines of the access log in the colour of their status; errors in red."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        status: int = getattr(record, "status", 0)
        colour = _COLOURS.get(status // 100, "31" if record.levelno >= logging.ERROR else "")
        return f"\x1b[{colour}m{text}\x1b[0m" if colour else text


def log_to(stream: TextIO = sys.stderr) -> None:
    """Let a server tell everything to a stream: in colours on a terminal, unless NO_COLOR is set."""
    coloured = stream.isatty() and not os.environ.get("NO_COLOR")
    handler = logging.StreamHandler(stream)
    handler.setFormatter((_Coloured if coloured else logging.Formatter)("%(message)s"))
    for logger in (ACCESS, SERVER):
        logger.handlers[:] = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False
