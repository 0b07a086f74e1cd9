"""What a connection asks of those who answer requests."""

from __future__ import annotations

from typing import Protocol


class Handling(Protocol):
    """One request in the hands of an application, as its connection sees it. All of it is on the loop."""

    def feed(self, data: bytes) -> None:
        """Some content came."""
        ...

    def end(self) -> None:
        """The content is whole."""
        ...

    def resume(self) -> None:
        """What was sent has left: there is room for more."""
        ...

    def shut(self) -> None:
        """The client sends nothing more; it may still read."""
        ...

    def lose(self) -> None:
        """The client is gone, or was sent away: nothing that is sent from now on goes anywhere."""
        ...
