"""What holds for every type of field value, and in time for every parser of this floor."""

from __future__ import annotations

import copy
import datetime as dt
import inspect
import pickle
import pkgutil
import tracemalloc
from contextlib import suppress
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from toolkit.sansio import fields
from toolkit.sansio.errors.base import RemoteError
from toolkit.sansio.fields.accept import Accept, AcceptCharset, AcceptEncoding, AcceptLanguage
from toolkit.sansio.fields.age import Age
from toolkit.sansio.fields.allow import Allow
from toolkit.sansio.fields.authorization import Authorization, Challenges, WWWAuthenticate
from toolkit.sansio.fields.cache_control import CacheControl
from toolkit.sansio.fields.conditions import evaluate_preconditions
from toolkit.sansio.fields.content_disposition import ContentDisposition, safe_filename
from toolkit.sansio.fields.cookie_date import parse_cookie_date
from toolkit.sansio.fields.cookie_jar import CookieJar
from toolkit.sansio.fields.cookies import SetCookie, decode_cookie_value, encode_cookie_value, parse_cookies
from toolkit.sansio.fields.dates import HTTPDate, parse_date
from toolkit.sansio.fields.etags import ETag, ETags
from toolkit.sansio.fields.forwarded import Forwarded, ForwardedElement
from toolkit.sansio.fields.link import Link, LinkValue
from toolkit.sansio.fields.lists import split_list
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.fields.parameters import Parameters, dump_options, parse_options
from toolkit.sansio.fields.proxies import Origin, TrustedProxies, effective_origin
from toolkit.sansio.fields.ranges import ContentRange, IfRange, Range, select_ranges
from toolkit.sansio.fields.retry_after import RetryAfter
from toolkit.sansio.fields.security import ContentSecurityPolicy
from toolkit.sansio.fields.vary import Vary
from toolkit.sansio.headers import HeaderField, Headers
from toolkit.sansio.percent import quote_path, quote_segment, unquote, unquote_strict
from toolkit.sansio.url.hosts import host_to_ascii, host_to_unicode
from toolkit.sansio.url.model import URL
from toolkit.sansio.url.query import build_query, parse_query
from toolkit.sansio.url.redirects import is_safe_redirect

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
FIELDS: list[HeaderField] = [
    Accept.parse("text/html;level=1, */*;q=0.3"),
    AcceptCharset.parse("utf-8, *;q=0.1"),
    AcceptEncoding.parse("gzip, br;q=0.5"),
    AcceptLanguage.parse("en-GB, de;q=0.5"),
    Age.parse("60"),
    Allow.parse("GET, PUT"),
    Authorization.parse('Digest username="a", nc=00000001'),
    CacheControl.parse('community="UCI", no-cache="Set-Cookie", max-age=60'),
    Challenges.parse('Basic realm="a", Bearer'),
    ContentDisposition.parse("attachment; filename=a.txt; size=5"),
    ContentRange.parse("bytes 0-9/100"),
    ContentSecurityPolicy.parse("default-src 'self'; img-src *"),
    ETag.parse('W/"a"'),
    ETags.parse('"a", W/"b"'),
    Forwarded.parse('for="[::1]:80";proto=http, by=_x;secret=1'),
    HTTPDate.parse("Wed, 09 Jun 2021 10:18:14 GMT"),
    IfRange.parse("Wed, 09 Jun 2021 10:18:14 GMT"),
    Link.parse('</a>; rel=next; title="b c", </>'),
    MediaType.parse("text/html;charset=utf-8"),
    Range.parse("bytes=0-9, -5"),
    RetryAfter.parse("Wed, 09 Jun 2021 10:18:14 GMT"),
    SetCookie.parse("a=b; Expires=Wed, 09 Jun 2021 10:18:14 GMT; Path=/; Secure; Priority=High"),
    Vary.parse("Accept, Cookie"),
    WWWAuthenticate.parse('Basic realm="a", charset="UTF-8"'),
]
PARTS: list[object] = [Parameters({"a": "b"}), LinkValue("/a", (("rel", "b"),)), ForwardedElement("a")]


def name_of(value: object) -> str:
    return type(value).__name__


def public_types() -> set[type]:
    """Every class of the package that is read from a header."""
    names = [module.name for module in pkgutil.iter_modules(fields.__path__, f"{fields.__name__}.")]
    return {
        value
        for module in map(import_module, names)
        for name, value in vars(module).items()
        if inspect.isclass(value) and not name.startswith("_") and "field_name" in vars(value)
    }


def test_every_type_is_here_and_on_the_face() -> None:
    assert {type(value) for value in FIELDS} == public_types()
    assert {kind.__name__ for kind in public_types()} <= set(vars(fields)["__all__"])


@pytest.mark.parametrize("value", [*FIELDS, *PARTS], ids=name_of)
def test_a_copy_is_an_equal_value(value: object) -> None:
    pickled: object = pickle.loads(pickle.dumps(value))  # noqa: S301  # our own bytes
    twins = [copy.copy(value), copy.deepcopy(value), pickled]
    if not isinstance(value, Authorization):  # whose repr tells no secrets
        twins.append(eval(repr(value), {**globals(), "datetime": dt}))  # noqa: S307  # that is what a repr is for
    for twin in twins:
        assert type(twin) is type(value)
        assert twin == value
        assert hash(twin) == hash(value)
        assert str(twin) == str(value)
    assert value != str(value)


@pytest.mark.parametrize("value", FIELDS, ids=name_of)
def test_a_value_cannot_be_changed(value: HeaderField) -> None:
    for name in [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]:
        if not name.startswith("_"):
            with pytest.raises((AttributeError, TypeError)):
                setattr(value, name, None)
    with pytest.raises((AttributeError, TypeError)):
        value.another = 1  # type: ignore[attr-defined]  # there is no room for it


@pytest.mark.parametrize("value", FIELDS, ids=name_of)
def test_headers_read_what_they_write(value: HeaderField) -> None:
    headers = Headers()
    headers.append(value)
    assert headers.readlist(type(value)) == [value]


# What the grammars of these fields are made of.
PIECES = ["a", "b", "0", "9", " ", "\t", *"\",;=/\\*-.:<>[]()%'", "\xe9", "q=", "W/", "bytes", "for="]
TEXTS = st.text() | st.lists(st.sampled_from(PIECES)).map("".join)


@pytest.mark.parametrize("value", FIELDS, ids=name_of)
@given(text=TEXTS)
def test_any_text_is_refused_or_comes_back(value: HeaderField, text: str) -> None:
    kind = type(value)
    with suppress(RemoteError):
        found = kind.parse(text)
        assert kind.parse(str(found)) == found
        assert hash(kind.parse(str(found))) == hash(found)


def test_a_pickled_or_replaced_accept_still_chooses() -> None:
    accept = Accept.parse("text/html, */*;q=0.3")
    pickled: Accept = pickle.loads(pickle.dumps(accept))  # noqa: S301  # our own bytes
    assert pickled.best_match(["a/b", "text/html"]) == "text/html"
    assert replace(accept, members=accept.members[1:]).best_match(["a/b", "text/html"]) == "a/b"


# Time. The tests of each module have the units that are worst for it; these are for all of them.

UNITS = [
    '"',
    '\\"',
    ",",
    ";",
    "=",
    "%c3",
    "\xe9",
    "a.",
    "a=b;",
    "a/b,",
    "<>,",
    "1-2,",
    'W/"a",',
    "a;q=0.5,",
    "/../",
]


# What makes a parser remember something, or read on.
LEADS = ("a/b;charset=a,", "en")


def _conditions(text: str) -> object:
    names = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Range", "Range")
    lines = Headers.adopt([(name, text) for name in names])
    return [
        evaluate_preconditions(method, lines, etag=ETag("a"), last_modified=NOW) for method in ("GET", "PUT")
    ]


def _choices(text: str) -> object:
    accept = AcceptLanguage.parse(text)
    tags = ["en", "en-GB-oed"]
    return [accept.lookup(tags), accept.basic_filter(tags), accept.extended_filter(tags), list(accept)]


def _origin(text: str) -> object:
    lines = Headers.adopt([("Forwarded", text), ("X-Forwarded-For", text), ("X-Forwarded-Proto", text)])
    for field in ("X-Forwarded", "Forwarded"):
        with suppress(RemoteError):
            effective_origin(lines, Origin("10.0.0.1", "http", "a"), TrustedProxies(hops=2, field=field))
    return effective_origin(lines, Origin("::1", "http", "a"), TrustedProxies(networks=("::/0",)))


def _jar(text: str) -> object:
    jar = CookieJar()
    jar.store([text, f"a=b; Path=/{text}", f"a=b; Domain={text}"], "https", "a.example", f"/{text}", NOW)
    return jar.header("https", text, f"/{text}", NOW)


def _url(text: str) -> object:
    for url in (text, f"//{text}", f"http://a/{text}", f"http://a/?{text}"):
        with suppress(RemoteError):
            URL(url)
    return URL("http://a/b").join(f"/{text}").normalise().to_iri()


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "build_query": lambda text: build_query([(text, text)]),
    "choices": _choices,
    "conditions": _conditions,
    "cookie value": lambda text: decode_cookie_value(encode_cookie_value(text)),
    "dump_options": lambda text: dump_options("a", {"b": text}),
    "host_to_ascii": host_to_ascii,
    "host_to_unicode": host_to_unicode,
    "is_safe_redirect": partial(is_safe_redirect, host="a"),
    "jar": _jar,
    "media type, lines": MediaType.extract,
    "origin": _origin,
    "parse_all": WWWAuthenticate.parse_all,
    "parse_cookie_date": parse_cookie_date,
    "parse_cookies": parse_cookies,
    "parse_date": parse_date,
    "parse_list": ContentSecurityPolicy.parse_list,
    "parse_options": parse_options,
    "parse_query": partial(parse_query, max_bytes=None, max_pairs=None),
    "quote": quote_segment,
    "requote": quote_path.requote,
    "safe_filename": safe_filename,
    "select_ranges": partial(select_ranges, length=1000),
    "split_list": split_list,
    "unquote": unquote,
    "unquote_strict": unquote_strict,
    "url": _url,
}


PARSERS = [
    *(pytest.param(type(value).parse, id=name_of(value)) for value in FIELDS),
    *(pytest.param(function, id=name) for name, function in FUNCTIONS.items()),
]


def attempt(parse: Callable[[str], object], text: str) -> None:
    with suppress(RemoteError):
        parse(text)


@pytest.mark.parametrize("parse", PARSERS)
def test_time_is_linear(parse: Callable[[str], object]) -> None:
    for unit in UNITS:
        assert_linear(partial(attempt, parse), unit)
    for lead in LEADS:
        for unit in ("a/b,", "-a"):
            assert_linear(partial(attempt, parse), unit, lead=lead)


@pytest.mark.parametrize("parse", PARSERS)
def test_memory_is_proportional(parse: Callable[[str], object]) -> None:
    """At most three objects or so for each byte, however long the text is."""
    for unit in ('"', ",", "a=b;", "a/b,"):
        for size in (4096, 65536):
            peak = _peak(partial(attempt, parse, unit * (size // len(unit))))
            assert peak < 200 * size + 20_000, (unit, size)


def _peak(call: Callable[[], object]) -> int:
    """Bytes that a call holds at most."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
