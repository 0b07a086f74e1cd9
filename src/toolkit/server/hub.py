"""What the connections of a server share, and what the server asks of each of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Protocol

from toolkit.sansio.fields.dates import format_date

if TYPE_CHECKING:
    import asyncio

    from toolkit.server.handling import Gateway
    from toolkit.server.settings import Settings


class Member(Protocol):
    """A connection, as the server sees it."""

    @property
    def is_idle(self) -> bool:
        """Whether it waits for a request."""
        ...

    def check(self, now: float) -> None:
        """Do what is due; the server calls this now and then."""
        ...

    def shut(self) -> None:
        """Tell the application that nothing more comes, while its response is sent."""
        ...

    def close(self) -> None:
        """Close when everything was sent."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


@dataclass(eq=False)
class Hub:
    """What the connections of a server share."""

    settings: Settings
    gateway: Gateway
    loop: asyncio.AbstractEventLoop
    max_connections: int
    """As many as the settings say, or as the system allows for."""
    connections: dict[Member, None] = field(default_factory=dict["Member", None])
    """Those that are open, the oldest first."""
    stopping: bool = False
    _date: tuple[int, str] = (0, "")

    def date(self) -> str:
        """The Date of a response that is made now."""
        now = int(time.time())
        if self._date[0] != now:
            self._date = (now, format_date(datetime.fromtimestamp(now, timezone.utc)))
        return self._date[1]

    def make_room(self) -> bool:
        """Whether there is room for one more connection: the oldest of those that are idle makes it."""
        if len(self.connections) < self.max_connections:
            return True
        idle = next((connection for connection in self.connections if connection.is_idle), None)
        if idle is not None:
            idle.close()
        return idle is not None
