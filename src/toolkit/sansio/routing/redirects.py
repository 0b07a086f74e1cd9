"""Where `redirect_to` leads, as far as that is known when a rule is added: to which host, not in a circle.

A text with places for variables leads to a pattern, and a circle is found where each rule on the way has just
the pattern that the one before it leads to. Not known, and so not refused: what a callable returns; URLs with
a host, be it this one; the way through a rule whose pattern only overlaps (`/old/<x>` leads to some of
`/new/<int:x>`), through the other spelling of the slash at the end of another rule, or from a rule for one
host to one for any; a circle of more than twenty rules.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit.sansio.routing.errors import RuleError
from toolkit.sansio.routing.rules import METHODS
from toolkit.sansio.routing.syntax import Segment, Variable, parse_path, variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.sansio.routing.patterns import Binder, Route
    from toolkit.sansio.routing.rules import Rule

PLACE = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*)>")
"""The place of a variable."""

_FOLLOWED = 20
"""Redirects from one rule on: browsers follow no more, and so a chain that is long costs no more."""

_BEGIN = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//([^/\\?#]*)|/")  # a slash, or scheme and authority


def check_target(route: Route) -> RuleError | None:
    """The error where a `redirect_to` names what the rule does not have, or lets a path choose the host."""
    target = route.rule.redirect_to
    if not isinstance(target, str):
        return None
    begin = _BEGIN.match(target)
    unknown = set(PLACE.findall(target)) - set(route.names)
    reason = ""
    if unknown:
        reason = f"names {', '.join(sorted(unknown))}, which the rule does not have"
    elif begin is None:
        reason = "begins with a slash, or with a scheme and a host"
    elif not set(PLACE.findall(begin[1] or "")) <= {one.name for one in variables(route.rule.host_labels)}:
        reason = "has its host from a variable of the path, and so from whoever sends a request"
    return RuleError(route.rule.path, f"redirect_to {reason}") if reason else None


class Redirects:
    """The redirects of a router whose places are known, so that none is added that closes a circle.

    `owners` are the routes by `Route.identity` and method; `_places` is where a route leads, as the identity
    of whatever stands there, `_aims` are all these places.
    """

    __slots__ = ("_aims", "_binder", "_owners", "_places")

    def __init__(self, binder: Binder, owners: Mapping[tuple[object, str | None], Route]) -> None:
        self._binder = binder
        self._owners = owners
        self._places: dict[Route, object] = {}
        self._aims: set[object] = set()

    def check(self, route: Route) -> RuleError | None:
        """The error where a `redirect_to` leads back to its rule, over others or at once."""
        target = _target(route.rule)
        if target is None:
            return None
        path = route.rule.path_segments
        turned = path[:-1] if path[-1] == () else (*path, ())
        place = self._binder.place(route, target)
        if route.slashes != "strict" and place == self._binder.place(route, turned):
            reason = "is the rule's own path but for the slash, which it takes too unless it is 'strict'"
            return RuleError(route.rule.path, f"redirect_to {reason}")
        self._places[route] = place
        self._aims.add(place)
        if route.identity not in self._aims:  # nobody leads here
            return None
        for method in sorted(route.rule.methods or METHODS):
            way = [route]
            while len(way) <= _FOLLOWED and (following := self._follow(way[-1], method)):
                way.append(following)
                if following is route:
                    reason = " to ".join(one.rule.path for one in way)
                    return RuleError(route.rule.path, f"redirect_to leads in a circle, from {reason}")
        return None

    def _follow(self, route: Route, method: str) -> Route | None:
        """The route that a redirect leads to, if that is known."""
        place = self._places.get(route)
        return self._owners.get((place, method)) or self._owners.get((place, None))


def _target(rule: Rule[object]) -> tuple[Segment, ...] | None:
    """The segments of the path that a rule redirects to, with its own variables in their places, if known."""
    if not isinstance(rule.redirect_to, str):
        return None
    try:
        segments = parse_path(re.split("[?#]", rule.redirect_to, maxsplit=1)[0])
    except RuleError:  # a URL with a host, or what no rule has for a path
        return None
    own = {Variable(one.name): one for one in variables(rule.segments)}
    if not own.keys() >= set(variables(segments)):  # `<int:x>` is not the place of a variable but text
        return None
    return tuple(
        tuple(own[part] if isinstance(part, Variable) else part for part in segment) for segment in segments
    )
