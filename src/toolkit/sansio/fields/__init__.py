"""Typed values of header fields, one module for each family.

Each type has `parse(text)`, `str(value)` and a `field_name`; `parse(str(value)) == value`. Read one from
headers with `headers.read(CacheControl)`, write it with `headers.write(CacheControl(max_age=60))`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face

if TYPE_CHECKING:
    from toolkit.sansio.fields.accept import (
        Accept as Accept,
        AcceptCharset as AcceptCharset,
        AcceptEncoding as AcceptEncoding,
        AcceptLanguage as AcceptLanguage,
    )
    from toolkit.sansio.fields.age import Age as Age
    from toolkit.sansio.fields.allow import Allow as Allow
    from toolkit.sansio.fields.authorization import (
        Authorization as Authorization,
        Challenges as Challenges,
        WWWAuthenticate as WWWAuthenticate,
    )
    from toolkit.sansio.fields.cache_control import CacheControl as CacheControl
    from toolkit.sansio.fields.conditions import (
        Verdict as Verdict,
        evaluate_preconditions as evaluate_preconditions,
    )
    from toolkit.sansio.fields.content_disposition import (
        ContentDisposition as ContentDisposition,
        safe_filename as safe_filename,
    )
    from toolkit.sansio.fields.cookie_date import parse_cookie_date as parse_cookie_date
    from toolkit.sansio.fields.cookie_jar import CookieJar as CookieJar
    from toolkit.sansio.fields.cookies import (
        SetCookie as SetCookie,
        decode_cookie_value as decode_cookie_value,
        dump_cookies as dump_cookies,
        encode_cookie_value as encode_cookie_value,
        parse_cookies as parse_cookies,
    )
    from toolkit.sansio.fields.dates import (
        HTTPDate as HTTPDate,
        format_date as format_date,
        parse_date as parse_date,
    )
    from toolkit.sansio.fields.etags import ETag as ETag, ETags as ETags
    from toolkit.sansio.fields.forwarded import Forwarded as Forwarded, ForwardedElement as ForwardedElement
    from toolkit.sansio.fields.link import Link as Link, LinkValue as LinkValue
    from toolkit.sansio.fields.lists import split_list as split_list
    from toolkit.sansio.fields.media_type import MediaType as MediaType
    from toolkit.sansio.fields.parameters import (
        Parameters as Parameters,
        dump_options as dump_options,
        parse_options as parse_options,
    )
    from toolkit.sansio.fields.proxies import (
        Origin as Origin,
        TrustedProxies as TrustedProxies,
        effective_origin as effective_origin,
    )
    from toolkit.sansio.fields.ranges import (
        ContentRange as ContentRange,
        IfRange as IfRange,
        Range as Range,
        select_ranges as select_ranges,
    )
    from toolkit.sansio.fields.retry_after import RetryAfter as RetryAfter
    from toolkit.sansio.fields.security import (
        ContentSecurityPolicy as ContentSecurityPolicy,
        hash_source as hash_source,
        nonce_source as nonce_source,
    )
    from toolkit.sansio.fields.vary import Vary as Vary
else:
    _HOMES = {
        "toolkit.sansio.fields.accept": "Accept AcceptCharset AcceptEncoding AcceptLanguage",
        "toolkit.sansio.fields.age": "Age",
        "toolkit.sansio.fields.allow": "Allow",
        "toolkit.sansio.fields.authorization": "Authorization Challenges WWWAuthenticate",
        "toolkit.sansio.fields.cache_control": "CacheControl",
        "toolkit.sansio.fields.conditions": "Verdict evaluate_preconditions",
        "toolkit.sansio.fields.content_disposition": "ContentDisposition safe_filename",
        "toolkit.sansio.fields.cookie_date": "parse_cookie_date",
        "toolkit.sansio.fields.cookie_jar": "CookieJar",
        "toolkit.sansio.fields.cookies": """
            SetCookie decode_cookie_value dump_cookies encode_cookie_value parse_cookies
        """,
        "toolkit.sansio.fields.dates": "HTTPDate format_date parse_date",
        "toolkit.sansio.fields.etags": "ETag ETags",
        "toolkit.sansio.fields.forwarded": "Forwarded ForwardedElement",
        "toolkit.sansio.fields.link": "Link LinkValue",
        "toolkit.sansio.fields.lists": "split_list",
        "toolkit.sansio.fields.media_type": "MediaType",
        "toolkit.sansio.fields.parameters": "Parameters dump_options parse_options",
        "toolkit.sansio.fields.proxies": "Origin TrustedProxies effective_origin",
        "toolkit.sansio.fields.ranges": "ContentRange IfRange Range select_ranges",
        "toolkit.sansio.fields.retry_after": "RetryAfter",
        "toolkit.sansio.fields.security": "ContentSecurityPolicy hash_source nonce_source",
        "toolkit.sansio.fields.vary": "Vary",
    }
    __getattr__, __dir__, __all__ = lazy_face(__name__, _HOMES)
