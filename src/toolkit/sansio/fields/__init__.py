"""Typed values of header fields, one module for each family.

Each type has `parse(text)`, `str(value)` and a `field_name`; `parse(str(value)) == value`. Read one from
headers with `headers.read(CacheControl)`, write it with `headers.write(CacheControl(max_age=60))`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face

if TYPE_CHECKING:
    from toolkit.sansio.fields.accept import Accept, AcceptCharset, AcceptEncoding, AcceptLanguage
    from toolkit.sansio.fields.age import Age
    from toolkit.sansio.fields.allow import Allow
    from toolkit.sansio.fields.authorization import Authorization, Challenges, WWWAuthenticate
    from toolkit.sansio.fields.cache_control import CacheControl
    from toolkit.sansio.fields.conditions import Verdict, evaluate_preconditions
    from toolkit.sansio.fields.content_disposition import ContentDisposition, safe_filename
    from toolkit.sansio.fields.cookie_date import parse_cookie_date
    from toolkit.sansio.fields.cookie_jar import CookieJar
    from toolkit.sansio.fields.cookies import (
        SetCookie,
        decode_cookie_value,
        dump_cookies,
        encode_cookie_value,
        parse_cookies,
    )
    from toolkit.sansio.fields.dates import HTTPDate, format_date, parse_date
    from toolkit.sansio.fields.etags import ETag, ETags
    from toolkit.sansio.fields.forwarded import Forwarded, ForwardedElement
    from toolkit.sansio.fields.link import Link, LinkValue
    from toolkit.sansio.fields.lists import split_list
    from toolkit.sansio.fields.media_type import MediaType
    from toolkit.sansio.fields.parameters import Parameters, dump_options, parse_options
    from toolkit.sansio.fields.proxies import Origin, TrustedProxies, effective_origin
    from toolkit.sansio.fields.ranges import ContentRange, IfRange, Range, select_ranges
    from toolkit.sansio.fields.retry_after import RetryAfter
    from toolkit.sansio.fields.security import ContentSecurityPolicy, hash_source, nonce_source
    from toolkit.sansio.fields.vary import Vary
else:  # of a module with a `__getattr__`, type checkers would believe any name
    _HOMES = {
        "toolkit.sansio.fields.accept": ("Accept", "AcceptCharset", "AcceptEncoding", "AcceptLanguage"),
        "toolkit.sansio.fields.age": ("Age",),
        "toolkit.sansio.fields.allow": ("Allow",),
        "toolkit.sansio.fields.authorization": ("Authorization", "Challenges", "WWWAuthenticate"),
        "toolkit.sansio.fields.cache_control": ("CacheControl",),
        "toolkit.sansio.fields.conditions": ("Verdict", "evaluate_preconditions"),
        "toolkit.sansio.fields.content_disposition": ("ContentDisposition", "safe_filename"),
        "toolkit.sansio.fields.cookie_date": ("parse_cookie_date",),
        "toolkit.sansio.fields.cookie_jar": ("CookieJar",),
        "toolkit.sansio.fields.cookies": (
            "SetCookie",
            "decode_cookie_value",
            "dump_cookies",
            "encode_cookie_value",
            "parse_cookies",
        ),
        "toolkit.sansio.fields.dates": ("HTTPDate", "format_date", "parse_date"),
        "toolkit.sansio.fields.etags": ("ETag", "ETags"),
        "toolkit.sansio.fields.forwarded": ("Forwarded", "ForwardedElement"),
        "toolkit.sansio.fields.link": ("Link", "LinkValue"),
        "toolkit.sansio.fields.lists": ("split_list",),
        "toolkit.sansio.fields.media_type": ("MediaType",),
        "toolkit.sansio.fields.parameters": ("Parameters", "dump_options", "parse_options"),
        "toolkit.sansio.fields.proxies": ("Origin", "TrustedProxies", "effective_origin"),
        "toolkit.sansio.fields.ranges": ("ContentRange", "IfRange", "Range", "select_ranges"),
        "toolkit.sansio.fields.retry_after": ("RetryAfter",),
        "toolkit.sansio.fields.security": ("ContentSecurityPolicy", "hash_source", "nonce_source"),
        "toolkit.sansio.fields.vary": ("Vary",),
    }
    __getattr__, __dir__ = lazy_face(__name__, _HOMES)

__all__ = [
    # parameters and lists
    "Parameters",
    "dump_options",
    "parse_options",
    "split_list",
    # content
    "ContentDisposition",
    "ContentRange",
    "MediaType",
    "safe_filename",
    # negotiation
    "Accept",
    "AcceptCharset",
    "AcceptEncoding",
    "AcceptLanguage",
    "Vary",
    # caching and conditions
    "Age",
    "CacheControl",
    "ETag",
    "ETags",
    "HTTPDate",
    "IfRange",
    "Range",
    "Verdict",
    "evaluate_preconditions",
    "format_date",
    "parse_date",
    "select_ranges",
    # authentication and security
    "Authorization",
    "Challenges",
    "ContentSecurityPolicy",
    "WWWAuthenticate",
    "hash_source",
    "nonce_source",
    # cookies
    "CookieJar",
    "SetCookie",
    "decode_cookie_value",
    "dump_cookies",
    "encode_cookie_value",
    "parse_cookie_date",
    "parse_cookies",
    # proxies
    "Forwarded",
    "ForwardedElement",
    "Origin",
    "TrustedProxies",
    "effective_origin",
    # the rest
    "Allow",
    "Link",
    "LinkValue",
    "RetryAfter",
]
