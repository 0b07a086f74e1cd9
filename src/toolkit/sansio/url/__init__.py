"""URLs: the value, its query as pairs, its hosts, and whether a redirect to one is safe."""

from __future__ import annotations

from toolkit.sansio.percent import quote_path, quote_query
from toolkit.sansio.url.hosts import host_to_ascii, host_to_unicode
from toolkit.sansio.url.model import URL
from toolkit.sansio.url.query import QueryItems, build_query, parse_query
from toolkit.sansio.url.redirects import is_safe_redirect

__all__ = [
    "URL",
    "QueryItems",
    "build_query",
    "host_to_ascii",
    "host_to_unicode",
    "is_safe_redirect",
    "parse_query",
    "quote_path",
    "quote_query",
]
