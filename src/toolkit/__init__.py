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

_HOMES = {
    "BadRequest": "toolkit.sansio.errors.http",
    "BodyLimits": "toolkit.sansio.limits",
    "FormCollector": "toolkit.sansio.forms.collector",
    "FormData": "toolkit.sansio.forms.data",
    "FormLimits": "toolkit.sansio.limits",
    "Group": "toolkit.sansio.routing.groups",
    "HTTPError": "toolkit.sansio.errors.http",
    "Headers": "toolkit.sansio.headers",
    "ImmutableMultiDict": "toolkit.sansio.multidict",
    "LocalError": "toolkit.sansio.errors.base",
    "Match": "toolkit.sansio.routing.results",
    "MethodNotAllowed": "toolkit.sansio.errors.http",
    "MultiDict": "toolkit.sansio.multidict",
    "NotFound": "toolkit.sansio.errors.http",
    "Policy": "toolkit.sansio.exchange.policy",
    "Redirect": "toolkit.sansio.errors.http",
    "RemoteError": "toolkit.sansio.errors.base",
    "Request": "toolkit.sansio.exchange.request",
    "Response": "toolkit.sansio.exchange.response",
    "Router": "toolkit.sansio.routing.router",
    "Rule": "toolkit.sansio.routing.rules",
    "SetCookie": "toolkit.sansio.fields.cookies",
    "ToolkitError": "toolkit.sansio.errors.base",
    "URL": "toolkit.sansio.url.model",
    "Upload": "toolkit.sansio.forms.data",
}

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

__getattr__, __dir__ = lazy_face(__name__, _HOMES)
