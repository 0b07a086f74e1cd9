"""What goes wrong between a test client and the application that it tests.

A rule that an application breaks is a `ConformanceError`. What happens to a connection that is only
imagined, because both ends live in one process, has the errors that a real one would have.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from toolkit.sansio.errors.base import LocalError, ToolkitError
from toolkit.sansio.websocket import SessionClosed

if TYPE_CHECKING:
    from collections.abc import Generator


class ConformanceError(LocalError, AssertionError):
    """The application broke a rule of its protocol: `rule` names it, `reason` says what was wrong."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(rule, reason)
        self.rule = rule
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason} [{self.rule}]"


class ClientDisconnected(ToolkitError, OSError):
    """What an application is told that reads from, or sends to, a client that has gone."""


class ResponseLost(ToolkitError):
    """There is no whole response: the application failed, or its client went away, before its end.

    What the application raised is its `__cause__`.
    """


class LifespanFailed(ToolkitError):
    """The application said that it could not start, or not stop; the message is its own."""


class TooManyRedirects(ToolkitError):
    """A chain of more than `maximum` redirects; `url` is where the next one leads."""

    def __init__(self, maximum: int, url: str) -> None:
        super().__init__(maximum, url)
        self.maximum = maximum
        self.url = url

    def __str__(self) -> str:
        return f"more than {self.maximum} redirects; the next one leads to {self.url}"


class Watch:
    """The rules that one call of the application has to keep, and the first one that it broke.

    An application may catch what is raised in its face: who calls it asks `verify` in the end.
    """

    __slots__ = ("broken",)

    def __init__(self) -> None:
        self.broken: ConformanceError | None = None

    def demand(self, kept: bool, rule: str, reason: str, *culprits: object) -> None:
        """Raise `ConformanceError` unless the rule is kept; `reason` has a `{}` for each of the culprits."""
        if not kept:
            broken = ConformanceError(rule, reason.format(*map(_shorten, culprits)))
            self.broken = self.broken or broken
            raise broken

    @contextmanager
    def rule(self, rule: str, *errors: type[LocalError]) -> Generator[None, None, None]:
        """What our own machines refuse inside of the block is a `ConformanceError`."""
        try:
            yield
        except errors as error:
            broken = ConformanceError(rule, str(error))
            self.broken = self.broken or broken
            raise broken from error

    def verify(self) -> None:
        """Raise what was broken, if anything was."""
        if self.broken is not None:
            raise self.broken


def is_disconnect(error: BaseException) -> bool:
    """Whether an application ended because it was told that its client has gone.

    Frameworks tell their handlers by an exception of their own: its name is all that these have in common.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, (ClientDisconnected, SessionClosed)) or "Disconnect" in type(cause).__name__:
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _shorten(value: object) -> str:
    text = value.__name__ if isinstance(value, type) else repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
