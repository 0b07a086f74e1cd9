"""A sans-IO HTTP toolkit: forms, routing, header fields, URLs, exchanges, and thin WSGI and ASGI adapters.

This face has the names that an application or framework author needs most. It is lazy (PEP 562): `import
toolkit` loads nothing, and a name loads the module that defines it when it is first used. The rest is
imported from where it stands: `toolkit.sansio.…`, `toolkit.wsgi`, `toolkit.asgi`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face
from toolkit.version import __version__

if TYPE_CHECKING:
    from toolkit.sansio.errors.base import LocalError, RemoteError, ToolkitError
    from toolkit.sansio.errors.http import BadRequest, HTTPError, MethodNotAllowed, NotFound, Redirect
    from toolkit.sansio.exchange.policy import Policy
    from toolkit.sansio.exchange.request import Request
    from toolkit.sansio.exchange.response import Response
    from toolkit.sansio.fields.cookies import SetCookie
    from toolkit.sansio.forms.collector import FormCollector
    from toolkit.sansio.forms.data import FormData, Upload
    from toolkit.sansio.headers import Headers
    from toolkit.sansio.limits import BodyLimits, FormLimits
    from toolkit.sansio.multidict import ImmutableMultiDict, MultiDict
    from toolkit.sansio.routing.groups import Group
    from toolkit.sansio.routing.results import Match
    from toolkit.sansio.routing.router import Router
    from toolkit.sansio.routing.rules import Rule
    from toolkit.sansio.url.model import URL
else:  # of a module with a `__getattr__`, type checkers would believe any name
    _HOMES = {
        "toolkit.sansio.errors.base": ("LocalError", "RemoteError", "ToolkitError"),
        "toolkit.sansio.errors.http": ("BadRequest", "HTTPError", "MethodNotAllowed", "NotFound", "Redirect"),
        "toolkit.sansio.exchange.policy": ("Policy",),
        "toolkit.sansio.exchange.request": ("Request",),
        "toolkit.sansio.exchange.response": ("Response",),
        "toolkit.sansio.fields.cookies": ("SetCookie",),
        "toolkit.sansio.forms.collector": ("FormCollector",),
        "toolkit.sansio.forms.data": ("FormData", "Upload"),
        "toolkit.sansio.headers": ("Headers",),
        "toolkit.sansio.limits": ("BodyLimits", "FormLimits"),
        "toolkit.sansio.multidict": ("ImmutableMultiDict", "MultiDict"),
        "toolkit.sansio.routing.groups": ("Group",),
        "toolkit.sansio.routing.results": ("Match",),
        "toolkit.sansio.routing.router": ("Router",),
        "toolkit.sansio.routing.rules": ("Rule",),
        "toolkit.sansio.url.model": ("URL",),
    }
    __getattr__, __dir__ = lazy_face(__name__, _HOMES)

__all__ = [
    "BadRequest",
    "BodyLimits",
    "FormCollector",
    "FormData",
    "FormLimits",
    "Group",
    "HTTPError",
    "Headers",
    "ImmutableMultiDict",
    "LocalError",
    "Match",
    "MethodNotAllowed",
    "MultiDict",
    "NotFound",
    "Policy",
    "Redirect",
    "RemoteError",
    "Request",
    "Response",
    "Router",
    "Rule",
    "SetCookie",
    "ToolkitError",
    "URL",
    "Upload",
    "__version__",
]
