"""What can be wrong with starting a server. What a client does wrong is answered, not raised."""

from __future__ import annotations

from toolkit.sansio.errors.base import LocalError


class StartError(LocalError):
    """A server that cannot start. Its text is one line that says what to do."""
