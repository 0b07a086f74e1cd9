"""Queries and URLs: parse, build, percent-encode, join; against urllib, werkzeug, starlette, yarl, falcon.

Falcon's functions run as they are written in Python, and compiled where they are installed so. Caches of
whole URLs (yarl, urllib) are passed by: a server rarely sees the same URL twice.
"""

from __future__ import annotations

import sys
import urllib.parse
from functools import partial
from importlib import import_module
from operator import eq
from pathlib import Path
from runpy import run_path
from time import thread_time
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Scenario, rival
from toolkit.sansio.percent import quote_segment, unquote
from toolkit.sansio.url import URL, build_query, parse_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOCK = thread_time

QUERIES = {
    "5 short pairs": "page=2&size=50&sort=name&order=asc&q=hello",
    "100 pairs": "&".join(f"key{index}=value{index}" for index in range(100)),
    "percent-encoded": urllib.parse.urlencode({f"имя{index}": f"значение № {index}" for index in range(10)}),
    "escaped separators": "next=%2Fa%3Fb%3D1%26c%3D2&q=a+b%26c&tag=x&tag=y",
}
TEXTS = {"plain": "octocat", "space": "hello world", "Cyrillic": "Привет, мир", "long": "a b" * 100}
URLS = {
    "short": "https://example.com/a/b?c=d#e",
    "full": "https://user:secret@www.example.com:8443/path/to/some/page.html?query=1&other=two#section-3",
    "international": "https://münchen.example/straße/ä b?q=ö#ü",
    "relative": "/users/42/posts?page=2",
}


def scenarios() -> Iterator[Scenario]:
    for name, query in QUERIES.items():
        yield _parse_query(name, query)
    for name, query in QUERIES.items():
        yield _build_query(name, query)
    for name, text in TEXTS.items():
        yield from _percent(name, text)
    for name, text in URLS.items():
        yield _parse_url(name, text)
    yield _join("http://a/b/c/d;p?q", "../g?y#s", "http://a/b/g?y#s")


def _parse_query(name: str, query: str) -> Scenario:
    def werkzeug() -> Callable[[], object]:
        from werkzeug.datastructures import ImmutableMultiDict

        # What its `Request.args` does.
        read = partial(urllib.parse.parse_qsl, keep_blank_values=True, errors="werkzeug.url_quote")
        return lambda: ImmutableMultiDict(read(query))

    def starlette() -> Callable[[], object]:
        from starlette.datastructures import QueryParams

        return partial(QueryParams, query)

    def by_yarl() -> Callable[[], object]:
        from yarl._url import encode_url

        read = encode_url.__wrapped__
        return lambda: read("?" + query).query

    return Scenario(
        f"parse_query {name}",
        {
            "toolkit": partial(parse_query, query),
            "urllib parse_qsl": partial(urllib.parse.parse_qsl, query, keep_blank_values=True),
            **rival("werkzeug", werkzeug),
            **rival("starlette", starlette),
            **rival("yarl (C)", by_yarl),
            **rival("falcon", lambda: partial(_falcon()["parse_query_string"], query, keep_blank=True)),
            **rival(
                "falcon (Cython)",
                lambda: partial(_cython_falcon().parse_query_string, query, keep_blank=True),
            ),
        },
        check=partial(_has_pairs, urllib.parse.parse_qsl(query, keep_blank_values=True)),
    )


def _has_pairs(expected: list[tuple[str, str]], result: Any) -> bool:
    """Whether a result of any rival's kind has the expected pairs."""
    if hasattr(result, "multi_items"):
        result = result.multi_items()
    elif hasattr(result, "getlist"):
        result = result.items(multi=True)
    elif hasattr(result, "items"):
        result = result.items()
    pairs = [(key, one) for key, value in result for one in (value if isinstance(value, list) else [value])]
    return sorted(pairs) == sorted(expected)


def _falcon() -> dict[str, Any]:
    """Falcon's `uri` module as it is written in Python."""
    import falcon

    compiled = sys.modules.pop("falcon.cyutil", None)
    sys.modules["falcon.cyutil"] = None  # type: ignore[assignment]  # makes its import fail
    try:
        return run_path(str(Path(str(falcon.__file__)).parent / "util" / "uri.py"))
    finally:
        del sys.modules["falcon.cyutil"]
        if compiled is not None:
            sys.modules["falcon.cyutil"] = compiled


def _cython_falcon() -> Any:
    return import_module("falcon.cyutil.uri")


def _build_query(name: str, query: str) -> Scenario:
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)

    def by_yarl() -> Callable[[], object]:
        import yarl
        from multidict import MultiDict

        empty, items = yarl.URL("/"), MultiDict(pairs)
        return lambda: empty.with_query(items).raw_query_string

    return Scenario(
        f"build_query {name}",
        {
            "toolkit": partial(build_query, pairs),
            "urllib urlencode": partial(urllib.parse.urlencode, pairs),
            **rival("yarl (C)", by_yarl),
        },
        check=lambda result: urllib.parse.parse_qsl(str(result)) == pairs,
    )


def _percent(name: str, text: str) -> Iterator[Scenario]:
    yield Scenario(
        f"quote {name}",
        {
            "toolkit": partial(quote_segment, text),
            "urllib": partial(urllib.parse.quote, text, safe=quote_segment.safe),
            **rival("falcon", lambda: partial(_falcon()["encode_value"], text)),
            **rival("falcon (Cython)", lambda: partial(_cython_falcon().encode_value, text)),
        },
        check=lambda result: urllib.parse.unquote(str(result)) == text,
    )
    quoted = urllib.parse.quote(text, safe="")
    yield Scenario(
        f"unquote {name}",
        {
            "toolkit": partial(unquote, quoted),
            "urllib": partial(urllib.parse.unquote, quoted),
            **rival("falcon", lambda: partial(_falcon()["decode"], quoted)),
            **rival("falcon (Cython)", lambda: partial(_cython_falcon().decode, quoted)),
        },
        check=partial(eq, text),
    )


def _parse_url(name: str, text: str) -> Scenario:
    def by_yarl() -> Callable[[], object]:
        from yarl._url import encode_url

        read = encode_url.__wrapped__
        return lambda: str(read(text))

    def by_httpx() -> Callable[[], object]:
        import httpx

        return lambda: str(httpx.URL(text))

    urlsplit = getattr(urllib.parse.urlsplit, "__wrapped__", urllib.parse.urlsplit)
    return Scenario(
        f"URL parse and str {name}",
        {
            "toolkit": lambda: str(URL(text)),
            "urllib urlsplit": lambda: urllib.parse.urlunsplit(urlsplit(text)),
            **rival("yarl (C)", by_yarl),
            **rival("httpx", by_httpx),
        },
    )


def _join(base: str, reference: str, target: str) -> Scenario:
    ours = URL(base)

    def by_yarl() -> Callable[[], object]:
        import yarl
        from yarl._url import encode_url

        theirs, read = yarl.URL(base), encode_url.__wrapped__
        return lambda: str(theirs.join(read(reference)))

    return Scenario(
        "URL join",
        {
            "toolkit": lambda: str(ours.join(reference)),
            "urllib urljoin": partial(urllib.parse.urljoin, base, reference),
            **rival("yarl (C)", by_yarl),
        },
        check=partial(eq, target),
    )
