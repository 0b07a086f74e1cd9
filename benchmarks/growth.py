"""How time grows with hostile input: the worst that is known for each family of parsers, in four sizes.

`toolkit` is 64 KiB, which take at most 50 ms by our own rule. The ratio of `128 KiB` is the factor of a
doubling, at most 2.3; that of `32 KiB` is the inverse of one, at least 0.43. The tests tell but linear from
quadratic, which no machine is too busy for: the numbers are here.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from time import thread_time
from typing import TYPE_CHECKING

from benchmarks.harness import Scenario
from toolkit.sansio.errors.base import RemoteError
from toolkit.sansio.fields.accept import Accept, AcceptLanguage
from toolkit.sansio.fields.allow import Allow
from toolkit.sansio.fields.authorization import Authorization, Challenges
from toolkit.sansio.fields.cache_control import CacheControl
from toolkit.sansio.fields.content_disposition import ContentDisposition
from toolkit.sansio.fields.cookies import SetCookie, parse_cookies
from toolkit.sansio.fields.dates import parse_date
from toolkit.sansio.fields.etags import ETags
from toolkit.sansio.fields.forwarded import Forwarded
from toolkit.sansio.fields.link import Link
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.fields.parameters import parse_options
from toolkit.sansio.fields.proxies import Origin, TrustedProxies, effective_origin
from toolkit.sansio.fields.ranges import select_ranges
from toolkit.sansio.fields.security import ContentSecurityPolicy
from toolkit.sansio.fields.vary import Vary
from toolkit.sansio.headers import Headers
from toolkit.sansio.url.hosts import host_to_ascii
from toolkit.sansio.url.model import URL
from toolkit.sansio.url.query import parse_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOCK = thread_time

SIZES = {"toolkit": 65_536, "16 KiB": 16_384, "32 KiB": 32_768, "128 KiB": 131_072}


def _client(text: str) -> object:
    headers = Headers.adopt([("X-Forwarded-For", text)])
    return effective_origin(headers, Origin("::1", "http", "a"), TrustedProxies(networks=("::/0",)))


# What begins a text, and what it repeats: the slowest of some thousand texts of pieces of each grammar.
WORST: dict[str, tuple[Callable[[str], object], str, str]] = {
    "Accept": (Accept.parse, "", "a/b;c=d,"),
    "Accept-Language": (AcceptLanguage.parse, "", "a;q=0.5,"),
    "Allow": (Allow.parse, "", '"",'),
    "Authorization": (Authorization.parse, "x ", '"",'),
    "Cache-Control": (CacheControl.parse, "", '"",'),
    "Content-Disposition": (ContentDisposition.parse, "form-data", ';a="%22"'),
    "Content-Security-Policy": (ContentSecurityPolicy.parse_list, "", "a;"),
    "Content-Type": (MediaType.parse, "a/b;", "a=b;"),
    "Content-Type, many lines": (MediaType.extract, "", '"",'),
    "Cookie": (parse_cookies, "", "\xe9=;"),
    "Date": (parse_date, "", "\xe9 "),
    "Forwarded": (Forwarded.parse, "", 'a="b",'),
    "If-None-Match": (ETags.parse, "", "a,"),
    "Link": (Link.parse, "<a>", ";a"),
    "Link, many links": (Link.parse, "", "<>;a,"),
    "Range": (partial(select_ranges, length=1000), "bytes=", "1-2,"),
    "Set-Cookie": (SetCookie.parse, "a=b;", "a;"),
    "Vary": (Vary.parse, "", "a,"),
    "WWW-Authenticate": (Challenges.parse, "", '"",'),
    "X-Forwarded-For": (_client, "", ","),
    "host": (host_to_ascii, "", "\xfc."),
    "options": (parse_options, "a", ";="),
    "query": (partial(parse_query, max_bytes=None, max_pairs=None), "", "b9;%"),
    "url": (URL, "http://a/", "%e9"),
    "url, normalised": (lambda text: URL(text).normalise(), "http://a/", "b9;%"),
}


def scenarios() -> Iterator[Scenario]:
    for name, (parse, lead, unit) in WORST.items():
        texts = {size: lead + unit * (length // len(unit)) for size, length in SIZES.items()}
        yield Scenario(name, {size: partial(_attempt, parse, text) for size, text in texts.items()})


def _attempt(parse: Callable[[str], object], text: str) -> None:
    with suppress(RemoteError):
        parse(text)
