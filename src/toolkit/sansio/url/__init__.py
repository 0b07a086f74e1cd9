"""URLs: the value, its query as pairs, its hosts, and whether a redirect to one is safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face

if TYPE_CHECKING:
    from toolkit.sansio.percent import quote_path as quote_path, quote_query as quote_query
    from toolkit.sansio.url.hosts import host_to_ascii as host_to_ascii, host_to_unicode as host_to_unicode
    from toolkit.sansio.url.model import URL as URL
    from toolkit.sansio.url.query import (
        QueryItems as QueryItems,
        build_query as build_query,
        parse_query as parse_query,
    )
    from toolkit.sansio.url.redirects import is_safe_redirect as is_safe_redirect
else:
    _HOMES = {
        "toolkit.sansio.percent": "quote_path quote_query",
        "toolkit.sansio.url.hosts": "host_to_ascii host_to_unicode",
        "toolkit.sansio.url.model": "URL",
        "toolkit.sansio.url.query": "QueryItems build_query parse_query",
        "toolkit.sansio.url.redirects": "is_safe_redirect",
    }
    __getattr__, __dir__, __all__ = lazy_face(__name__, _HOMES)
