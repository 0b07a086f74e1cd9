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

_HOMES = {
    "Accept": "toolkit.sansio.fields.accept",
    "AcceptCharset": "toolkit.sansio.fields.accept",
    "AcceptEncoding": "toolkit.sansio.fields.accept",
    "AcceptLanguage": "toolkit.sansio.fields.accept",
    "Age": "toolkit.sansio.fields.age",
    "Allow": "toolkit.sansio.fields.allow",
    "Authorization": "toolkit.sansio.fields.authorization",
    "CacheControl": "toolkit.sansio.fields.cache_control",
    "Challenges": "toolkit.sansio.fields.authorization",
    "ContentDisposition": "toolkit.sansio.fields.content_disposition",
    "ContentRange": "toolkit.sansio.fields.ranges",
    "ContentSecurityPolicy": "toolkit.sansio.fields.security",
    "CookieJar": "toolkit.sansio.fields.cookie_jar",
    "ETag": "toolkit.sansio.fields.etags",
    "ETags": "toolkit.sansio.fields.etags",
    "Forwarded": "toolkit.sansio.fields.forwarded",
    "ForwardedElement": "toolkit.sansio.fields.forwarded",
    "HTTPDate": "toolkit.sansio.fields.dates",
    "IfRange": "toolkit.sansio.fields.ranges",
    "Link": "toolkit.sansio.fields.link",
    "LinkValue": "toolkit.sansio.fields.link",
    "MediaType": "toolkit.sansio.fields.media_type",
    "Origin": "toolkit.sansio.fields.proxies",
    "Parameters": "toolkit.sansio.fields.parameters",
    "Range": "toolkit.sansio.fields.ranges",
    "RetryAfter": "toolkit.sansio.fields.retry_after",
    "SetCookie": "toolkit.sansio.fields.cookies",
    "TrustedProxies": "toolkit.sansio.fields.proxies",
    "Vary": "toolkit.sansio.fields.vary",
    "Verdict": "toolkit.sansio.fields.conditions",
    "WWWAuthenticate": "toolkit.sansio.fields.authorization",
    "decode_cookie_value": "toolkit.sansio.fields.cookies",
    "dump_cookies": "toolkit.sansio.fields.cookies",
    "dump_options": "toolkit.sansio.fields.parameters",
    "effective_origin": "toolkit.sansio.fields.proxies",
    "encode_cookie_value": "toolkit.sansio.fields.cookies",
    "evaluate_preconditions": "toolkit.sansio.fields.conditions",
    "format_date": "toolkit.sansio.fields.dates",
    "hash_source": "toolkit.sansio.fields.security",
    "nonce_source": "toolkit.sansio.fields.security",
    "parse_cookie_date": "toolkit.sansio.fields.cookie_date",
    "parse_cookies": "toolkit.sansio.fields.cookies",
    "parse_date": "toolkit.sansio.fields.dates",
    "parse_options": "toolkit.sansio.fields.parameters",
    "safe_filename": "toolkit.sansio.fields.content_disposition",
    "select_ranges": "toolkit.sansio.fields.ranges",
    "split_list": "toolkit.sansio.fields.lists",
}

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

__getattr__, __dir__ = lazy_face(__name__, _HOMES)
