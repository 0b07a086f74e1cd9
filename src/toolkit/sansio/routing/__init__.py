"""Routing: rules with typed variables, a matcher whose cost does not grow with their number, URL building."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face

if TYPE_CHECKING:
    from toolkit.sansio.routing.converters import (
        AnyConverter as AnyConverter,
        Converter as Converter,
        Domain as Domain,
        IntConverter as IntConverter,
        PathConverter as PathConverter,
        SlugConverter as SlugConverter,
        StringConverter as StringConverter,
    )
    from toolkit.sansio.routing.endpoints import Endpoint as Endpoint
    from toolkit.sansio.routing.errors import (
        AmbiguousRules as AmbiguousRules,
        BuildError as BuildError,
        RuleError as RuleError,
    )
    from toolkit.sansio.routing.groups import Group as Group
    from toolkit.sansio.routing.numbers import (
        DateConverter as DateConverter,
        DecimalConverter as DecimalConverter,
        FloatConverter as FloatConverter,
        UUIDConverter as UUIDConverter,
    )
    from toolkit.sansio.routing.paths import path_from_raw as path_from_raw, path_from_wsgi as path_from_wsgi
    from toolkit.sansio.routing.results import (
        Match as Match,
        OptionsAnswer as OptionsAnswer,
        RouteNotFound as RouteNotFound,
        RouteRedirect as RouteRedirect,
        WebSocketMismatch as WebSocketMismatch,
        WrongMethod as WrongMethod,
    )
    from toolkit.sansio.routing.router import Router as Router
    from toolkit.sansio.routing.rules import Rule as Rule
else:
    _HOMES = {
        "toolkit.sansio.routing.converters": """
            AnyConverter Converter Domain IntConverter PathConverter SlugConverter StringConverter
        """,
        "toolkit.sansio.routing.endpoints": "Endpoint",
        "toolkit.sansio.routing.errors": "AmbiguousRules BuildError RuleError",
        "toolkit.sansio.routing.groups": "Group",
        "toolkit.sansio.routing.numbers": "DateConverter DecimalConverter FloatConverter UUIDConverter",
        "toolkit.sansio.routing.paths": "path_from_raw path_from_wsgi",
        "toolkit.sansio.routing.results": """
            Match OptionsAnswer RouteNotFound RouteRedirect WebSocketMismatch WrongMethod
        """,
        "toolkit.sansio.routing.router": "Router",
        "toolkit.sansio.routing.rules": "Rule",
    }
    __getattr__, __dir__, __all__ = lazy_face(__name__, _HOMES)
