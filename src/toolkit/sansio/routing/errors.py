"""What goes wrong when rules are made and URLs are built: mistakes of the caller, all of them.

What a request can run into (404, 405, redirects) is in `toolkit.sansio.routing.results`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.sansio.errors.base import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable


class RuleError(LocalError, ValueError):
    """A rule that cannot be: bad syntax, an unknown converter, arguments that contradict each other.

    `text` is the path, host or converter in question, `reason` what is wrong with it.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.text!r}: {self.reason}"


class AmbiguousRules(RuleError):
    """Two rules that no request could ever tell apart; both are named: `rule` came after `other`."""

    def __init__(self, rule: object, other: object) -> None:
        super().__init__(repr(rule), f"no request can tell it from {other!r}")
        self.rule = rule
        self.other = other

    def __str__(self) -> str:
        return f"{self.text}: {self.reason}"


class BuildError(LocalError, LookupError):
    """A URL that cannot be built: no such endpoint, or parameters that fit none of its rules.

    `endpoint` and `params` are what was asked for, `reasons` says for every rule of the endpoint what is
    missing or wrong, `nearest` names endpoints that look alike.
    """

    def __init__(
        self,
        endpoint: object,
        params: Iterable[str] = (),
        *,
        reasons: Iterable[str] = (),
        nearest: Iterable[object] = (),
    ) -> None:
        super().__init__(endpoint)
        self.endpoint = endpoint
        self.params = tuple(params)
        self.reasons = tuple(reasons)
        self.nearest = tuple(nearest)

    def __str__(self) -> str:
        if self.reasons:
            return f"{self.endpoint!r} cannot be built: " + "; ".join(self.reasons)
        hint = f"; there is {', '.join(map(repr, self.nearest))}" if self.nearest else ""
        return f"no rule has the endpoint {self.endpoint!r}{hint}"
