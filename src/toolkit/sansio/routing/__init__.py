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
else:  # of a module with a `__getattr__`, type checkers would believe any name
    _HOMES = {
        "toolkit.sansio.routing.converters": (
            "AnyConverter",
            "Converter",
            "Domain",
            "IntConverter",
            "PathConverter",
            "SlugConverter",
            "StringConverter",
        ),
        "toolkit.sansio.routing.endpoints": ("Endpoint",),
        "toolkit.sansio.routing.errors": ("AmbiguousRules", "BuildError", "RuleError"),
        "toolkit.sansio.routing.groups": ("Group",),
        "toolkit.sansio.routing.numbers": (
            "DateConverter",
            "DecimalConverter",
            "FloatConverter",
            "UUIDConverter",
        ),
        "toolkit.sansio.routing.paths": ("path_from_raw", "path_from_wsgi"),
        "toolkit.sansio.routing.results": (
            "Match",
            "OptionsAnswer",
            "RouteNotFound",
            "RouteRedirect",
            "WebSocketMismatch",
            "WrongMethod",
        ),
        "toolkit.sansio.routing.router": ("Router",),
        "toolkit.sansio.routing.rules": ("Rule",),
    }
    __getattr__, __dir__ = lazy_face(__name__, _HOMES)

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
