"""A sans-IO HTTP toolkit: forms, routing, header fields, URLs, exchanges, and thin WSGI and ASGI adapters.

This face has the names that an application or framework author needs most. It is lazy (PEP 562): `import
toolkit` loads nothing, and a name loads the module that defines it when it is first used. The rest is
imported from where it stands: `toolkit.sansio.…`, `toolkit.wsgi`, `toolkit.asgi`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face

if TYPE_CHECKING:
    from toolkit.sansio.errors.base import (
        LocalError as LocalError,
        RemoteError as RemoteError,
        ToolkitError as ToolkitError,
    )
    from toolkit.sansio.errors.http import (
        BadRequest as BadRequest,
        HTTPError as HTTPError,
        MethodNotAllowed as MethodNotAllowed,
        NotFound as NotFound,
        Redirect as Redirect,
    )
    from toolkit.sansio.exchange.policy import Policy as Policy
    from toolkit.sansio.exchange.request import Request as Request
    from toolkit.sansio.exchange.response import Response as Response
    from toolkit.sansio.fields.cookies import SetCookie as SetCookie
    from toolkit.sansio.forms.collector import FormCollector as FormCollector
    from toolkit.sansio.forms.data import FormData as FormData, Upload as Upload
    from toolkit.sansio.headers import Headers as Headers
    from toolkit.sansio.limits import BodyLimits as BodyLimits, FormLimits as FormLimits
    from toolkit.sansio.multidict import ImmutableMultiDict as ImmutableMultiDict, MultiDict as MultiDict
    from toolkit.sansio.routing.groups import Group as Group
    from toolkit.sansio.routing.results import Match as Match
    from toolkit.sansio.routing.router import Router as Router
    from toolkit.sansio.routing.rules import Rule as Rule
    from toolkit.sansio.url.model import URL as URL
    from toolkit.version import __version__ as __version__
else:
    _HOMES = {
        "toolkit.sansio.errors.base": "LocalError RemoteError ToolkitError",
        "toolkit.sansio.errors.http": "BadRequest HTTPError MethodNotAllowed NotFound Redirect",
        "toolkit.sansio.exchange.policy": "Policy",
        "toolkit.sansio.exchange.request": "Request",
        "toolkit.sansio.exchange.response": "Response",
        "toolkit.sansio.fields.cookies": "SetCookie",
        "toolkit.sansio.forms.collector": "FormCollector",
        "toolkit.sansio.forms.data": "FormData Upload",
        "toolkit.sansio.headers": "Headers",
        "toolkit.sansio.limits": "BodyLimits FormLimits",
        "toolkit.sansio.multidict": "ImmutableMultiDict MultiDict",
        "toolkit.sansio.routing.groups": "Group",
        "toolkit.sansio.routing.results": "Match",
        "toolkit.sansio.routing.router": "Router",
        "toolkit.sansio.routing.rules": "Rule",
        "toolkit.sansio.url.model": "URL",
        "toolkit.version": "__version__",
    }
    __getattr__, __dir__, __all__ = lazy_face(__name__, _HOMES)
