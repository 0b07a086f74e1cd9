"""Routing: rules with typed variables, a matcher whose cost does not grow with their number, URL building."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face

if TYPE_CHECKING:
    from toolkit.sansio.routing.converters import (
        AnyConverter,
        Converter,
        Domain,
        IntConverter,
        PathConverter,
        SlugConverter,
        StringConverter,
    )
    from toolkit.sansio.routing.endpoints import Endpoint
    from toolkit.sansio.routing.errors import AmbiguousRules, BuildError, RuleError
    from toolkit.sansio.routing.groups import Group
    from toolkit.sansio.routing.numbers import DateConverter, DecimalConverter, FloatConverter, UUIDConverter
    from toolkit.sansio.routing.paths import path_from_raw, path_from_wsgi
    from toolkit.sansio.routing.results import (
        Match,
        OptionsAnswer,
        RouteNotFound,
        RouteRedirect,
        WebSocketMismatch,
        WrongMethod,
    )
    from toolkit.sansio.routing.router import Router
    from toolkit.sansio.routing.rules import Rule

_HOMES = {
    "AmbiguousRules": "toolkit.sansio.routing.errors",
    "AnyConverter": "toolkit.sansio.routing.converters",
    "BuildError": "toolkit.sansio.routing.errors",
    "Converter": "toolkit.sansio.routing.converters",
    "DateConverter": "toolkit.sansio.routing.numbers",
    "DecimalConverter": "toolkit.sansio.routing.numbers",
    "Domain": "toolkit.sansio.routing.converters",
    "Endpoint": "toolkit.sansio.routing.endpoints",
    "FloatConverter": "toolkit.sansio.routing.numbers",
    "Group": "toolkit.sansio.routing.groups",
    "IntConverter": "toolkit.sansio.routing.converters",
    "Match": "toolkit.sansio.routing.results",
    "OptionsAnswer": "toolkit.sansio.routing.results",
    "PathConverter": "toolkit.sansio.routing.converters",
    "RouteNotFound": "toolkit.sansio.routing.results",
    "RouteRedirect": "toolkit.sansio.routing.results",
    "Router": "toolkit.sansio.routing.router",
    "Rule": "toolkit.sansio.routing.rules",
    "RuleError": "toolkit.sansio.routing.errors",
    "SlugConverter": "toolkit.sansio.routing.converters",
    "StringConverter": "toolkit.sansio.routing.converters",
    "UUIDConverter": "toolkit.sansio.routing.numbers",
    "WebSocketMismatch": "toolkit.sansio.routing.results",
    "WrongMethod": "toolkit.sansio.routing.results",
    "path_from_raw": "toolkit.sansio.routing.paths",
    "path_from_wsgi": "toolkit.sansio.routing.paths",
}

__all__ = [
    # rules and the router
    "Group",
    "Match",
    "Router",
    "Rule",
    "Endpoint",
    # what matching can come to besides a match
    "OptionsAnswer",
    "RouteNotFound",
    "RouteRedirect",
    "WebSocketMismatch",
    "WrongMethod",
    # mistakes
    "AmbiguousRules",
    "BuildError",
    "RuleError",
    # converters
    "AnyConverter",
    "Converter",
    "DateConverter",
    "DecimalConverter",
    "Domain",
    "FloatConverter",
    "IntConverter",
    "PathConverter",
    "SlugConverter",
    "StringConverter",
    "UUIDConverter",
    # paths of servers
    "path_from_raw",
    "path_from_wsgi",
]

__getattr__, __dir__ = lazy_face(__name__, _HOMES)
