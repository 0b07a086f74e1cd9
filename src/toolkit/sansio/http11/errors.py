"""What a peer can do wrong on the wire. Limits are `LimitExceeded`, content cut short `IncompleteContent`."""

from __future__ import annotations

from typing import Final

from toolkit.sansio.errors.base import RemoteError

_SHOWN: Final = 80  # characters of what a peer sent that are fit for a log line


class MessageError(RemoteError):
    """A message outside the grammar of HTTP/1.1, or one that must be refused.

    `part` says where (`"request line"`, `"header section"`, `"chunk"`, or a field's name), `reason` what is
    wrong and what is allowed, `received` what came. `status` is 400, or one of 417, 501 and 505.
    """

    def __init__(self, part: str, reason: str, received: str = "", *, status: int = 400) -> None:
        super().__init__(part, reason, received)
        self.part = part
        self.reason = reason
        self.received = received
        self.status = status

    def __str__(self) -> str:
        text = f"{self.part}: {self.reason}"
        if not self.received:
            return text
        more = "…" if len(self.received) > _SHOWN else ""
        return f"{text} (received {self.received[:_SHOWN]!r}{more})"
