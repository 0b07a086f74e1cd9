"""Where a function that needs several fields of a request gets their text."""

from __future__ import annotations

from typing import Protocol


class SupportsCombined(Protocol):
    """Header fields by name, whatever its case, the lines of a field combined: as `HeadersView` is."""

    def combined(self, name: str, /) -> str | None:
        """The value of all lines of `name`, joined by commas; None when there are none."""
        ...
