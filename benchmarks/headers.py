"""Header lines and multi-dictionaries against multidict (C), werkzeug, starlette and falcon.

Look-ups are made 100 at a time, so that the call of the contender itself does not count.
"""

from __future__ import annotations

from functools import partial
from operator import eq
from time import thread_time
from typing import TYPE_CHECKING, Protocol, TypeAlias

from benchmarks.harness import Scenario, rival
from toolkit.asgi_scope import ScopeHeaders
from toolkit.asgi_scope import raw_headers as to_asgi
from toolkit.sansio.headers import Headers
from toolkit.sansio.multidict import MultiDict
from toolkit.wsgi_environ import EnvironHeaders, to_environ
from toolkit.wsgi_environ import raw_headers as to_wsgi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

CLOCK = thread_time

# What a browser sends through a proxy, and a few of an application's own: 25 lines.
_NAMES = """Host Connection Cache-Control Sec-CH-UA Sec-CH-UA-Mobile Sec-CH-UA-Platform
    Upgrade-Insecure-Requests User-Agent Accept Sec-Fetch-Site Sec-Fetch-Mode Sec-Fetch-User Sec-Fetch-Dest
    Referer Accept-Encoding Accept-Language Cookie If-None-Match If-Modified-Since X-Forwarded-For
    X-Forwarded-Proto X-Request-Id Traceparent X-Tenant X-Last-Header"""
PAIRS = [(name, f"the value of line {number}") for number, name in enumerate(_NAMES.split())]
RAW = [(name.lower().encode(), value.encode()) for name, value in PAIRS]
ENVIRON: dict[str, object] = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/",
    "wsgi.url_scheme": "http",
    **to_environ(Headers(PAIRS)),
}
QUERY = [(f"key{number}", str(number)) for number in range(9)] + [("key0", "again")]
LOOKUPS = 100
LAST = PAIRS[-1][1]

Calls: TypeAlias = "dict[str, Callable[[], object]]"


class Lookups(Protocol):
    """What every contender has."""

    def get(self, name: str, /) -> object: ...
    def items(self) -> Iterable[tuple[str, str]]: ...


class Assignable(Protocol):
    """What every contender that may be changed has."""

    def __setitem__(self, name: str, value: str, /) -> None: ...


def scenarios() -> Iterator[Scenario]:
    yield from _lookups()
    yield from _server_forms()
    yield from _building()
    yield from _changes()
    yield from _outputs()
    yield from _query()


def _lookups() -> Iterator[Scenario]:
    """Look-ups in containers that have been looked up in before."""

    def contenders(name: str) -> Calls:
        return {
            "toolkit": _repeat(Headers(PAIRS).get, name),
            **rival("multidict (C)", lambda: _repeat(_multidict().get, name)),
            **rival("werkzeug", lambda: _repeat(_werkzeug().get, name)),
            **rival("starlette", lambda: _repeat(_starlette().get, name)),
        }

    for label, name, expected in (
        ("last of 25", "X-Last-Header", LAST),
        ("last of 25, in lower case", "x-last-header", LAST),
        ("first of 25", "Host", PAIRS[0][1]),
        ("none of 25", "X-Missing", None),
    ):
        yield Scenario(label, contenders(name), items=LOOKUPS, check=partial(eq, expected))

    def each(get: Callable[[str], object]) -> Callable[[], object]:
        names = [name for name, _ in PAIRS]

        def run() -> object:
            value = None
            for name in names:
                value = get(name)
            return value

        return run

    yield Scenario(
        "each of 25 in turn",
        {
            "toolkit": each(Headers(PAIRS).get),
            **rival("multidict (C)", lambda: each(_multidict().get)),
            **rival("werkzeug", lambda: each(_werkzeug().get)),
            **rival("starlette", lambda: each(_starlette().get)),
        },
        items=len(PAIRS),
        check=lambda got: got == LAST,
    )

    def fresh(get: Callable[[str], object]) -> Callable[[], object]:
        head, tail = "X-Last", "-Header"

        def run() -> object:
            value = None
            for _ in range(LOOKUPS):
                value = get(head + tail)
            return value

        return run

    yield Scenario(
        "last of 25, by a new string",
        {
            "toolkit": fresh(Headers(PAIRS).get),
            **rival("multidict (C)", lambda: fresh(_multidict().get)),
            **rival("werkzeug", lambda: fresh(_werkzeug().get)),
            **rival("starlette", lambda: fresh(_starlette().get)),
        },
        items=LOOKUPS,
        check=lambda got: got == LAST,
    )


def _server_forms() -> Iterator[Scenario]:
    """Look-ups in what a server hands over."""

    def falcon() -> Callable[[str], object]:
        from falcon import Request
        from falcon.testing import create_environ

        return Request({**create_environ(), **ENVIRON}).get_header

    def werkzeug() -> Callable[[str], object]:
        from werkzeug.datastructures import EnvironHeaders as Rival

        return Rival(ENVIRON).get

    def werkzeug_new() -> Callable[[], object]:
        from werkzeug.datastructures import EnvironHeaders as Rival

        return lambda: Rival(ENVIRON).get("X-Last-Header")

    def starlette_new() -> Callable[[], object]:
        from starlette.datastructures import Headers as Rival

        return lambda: Rival(raw=RAW).get("x-last-header")

    name = "X-Last-Header"
    is_last = lambda got: got == LAST  # noqa: E731  # beside its uses
    yield Scenario(
        "environ: last of 25",
        {
            "toolkit": _repeat(EnvironHeaders(ENVIRON).get, name),
            **rival("werkzeug", lambda: _repeat(werkzeug(), name)),
            **rival("falcon", lambda: _repeat(falcon(), name)),
        },
        items=LOOKUPS,
        check=is_last,
    )
    yield Scenario(
        "environ: wrap it, look up one",
        {
            "toolkit": lambda: EnvironHeaders(ENVIRON).get("X-Last-Header"),
            **rival("werkzeug", werkzeug_new),
        },
        check=is_last,
    )
    yield Scenario(
        "scope: last of 25",
        {
            "toolkit": _repeat(ScopeHeaders(RAW).get, name),
            **rival("starlette", lambda: _repeat(_starlette().get, name)),
        },
        items=LOOKUPS,
        check=is_last,
    )
    yield Scenario(
        "scope: wrap it, look up one",
        {
            "toolkit": lambda: ScopeHeaders(RAW).get("X-Last-Header"),
            **rival("starlette", starlette_new),
        },
        check=is_last,
    )


def _building() -> Iterator[Scenario]:
    def werkzeug() -> Callable[[], Lookups]:
        from werkzeug.datastructures import Headers as Rival

        return lambda: Rival(PAIRS)

    def multidict() -> Callable[[], Lookups]:
        from multidict import CIMultiDict

        return lambda: CIMultiDict(PAIRS)

    def starlette() -> Callable[[], Lookups]:
        from starlette.datastructures import Headers as Rival

        headers = dict(PAIRS)
        return lambda: Rival(headers)

    yield Scenario(
        "build from 25 pairs",
        {
            "toolkit": lambda: Headers(PAIRS),
            "toolkit, unchecked": lambda: Headers.adopt(PAIRS),
            **rival("multidict (C), unchecked", multidict),
            **rival("werkzeug, checks newlines", werkzeug),
            **rival("starlette, unchecked", starlette),
        },
    )
    yield Scenario(
        "first look-up in 25 pairs",
        {
            "toolkit": lambda: Headers.adopt(PAIRS).get("X-Last-Header"),
            **rival("multidict (C)", lambda: _then_get(multidict())),
            **rival("werkzeug", lambda: _then_get(werkzeug())),
            **rival("starlette", lambda: _then_get(starlette())),
        },
        check=lambda got: got == LAST,
    )


def _changes() -> Iterator[Scenario]:
    def respond(make: Callable[[], Assignable]) -> Callable[[], object]:
        def run() -> object:
            headers = make()
            headers["Content-Type"] = "text/html; charset=utf-8"
            headers["Content-Length"] = "5"
            headers["Vary"] = "Cookie"
            headers["Content-Type"] = "text/plain"
            return headers

        return run

    def werkzeug() -> Callable[[], object]:
        from werkzeug.datastructures import Headers as Rival

        return respond(Rival)

    def multidict() -> Callable[[], object]:
        from multidict import CIMultiDict

        return respond(CIMultiDict)

    def starlette() -> Callable[[], object]:
        from starlette.datastructures import MutableHeaders

        return respond(MutableHeaders)

    yield Scenario(
        "set four, one of them twice",
        {
            "toolkit": respond(Headers),
            **rival("multidict (C), unchecked", multidict),
            **rival("werkzeug, checks newlines", werkzeug),
            **rival("starlette, unchecked", starlette),
        },
    )


def _outputs() -> Iterator[Scenario]:
    def werkzeug() -> Callable[[], object]:
        from werkzeug.datastructures import Headers as Rival

        return Rival(PAIRS).to_wsgi_list

    headers = Headers(PAIRS)
    yield Scenario(
        "iterate over 25 lines",
        {
            "toolkit": partial(_drain, headers),
            **rival("multidict (C)", lambda: partial(_drain, _multidict())),
            **rival("werkzeug", lambda: partial(_drain, _werkzeug())),
            **rival("starlette", lambda: partial(_drain, _starlette())),
        },
    )
    yield Scenario(
        "25 lines to WSGI",
        {
            "toolkit": lambda: to_wsgi(headers),
            **rival("werkzeug", werkzeug),
        },
        check=lambda got: got == PAIRS,
    )
    yield Scenario(
        "25 lines to ASGI",
        {"toolkit": lambda: to_asgi(headers)},
        check=lambda got: got == RAW,
    )


def _query() -> Iterator[Scenario]:
    """Ten pairs just parsed, of which three are read."""

    def read(make: Callable[[list[tuple[str, str]]], Lookups]) -> Callable[[], object]:
        def run() -> object:
            query = make(QUERY)
            return query.get("key0"), query.get("key8"), query.get("none")

        return run

    def multidict() -> Callable[[], object]:
        from multidict import MultiDict as Rival

        return read(Rival)

    def werkzeug() -> Callable[[], object]:
        from werkzeug.datastructures import ImmutableMultiDict as Rival

        return read(Rival)

    def starlette() -> Callable[[], object]:
        from starlette.datastructures import ImmutableMultiDict as Rival

        return read(Rival)

    yield Scenario(
        "query: wrap 10 pairs, read 3",
        {
            "toolkit": read(MultiDict.adopt),
            "toolkit, a copy": read(MultiDict),
            **rival("multidict (C)", multidict),
            **rival("werkzeug", werkzeug),
            **rival("starlette, last value", starlette),
        },
    )


def _repeat(get: Callable[[str], object], name: str) -> Callable[[], object]:
    times = range(LOOKUPS)

    def run() -> object:
        value = None
        for _ in times:
            value = get(name)
        return value

    return run


def _then_get(make: Callable[[], Lookups]) -> Callable[[], object]:
    return lambda: make().get("X-Last-Header")


def _drain(headers: Lookups) -> int:
    count = 0
    for _name, _value in headers.items():
        count += 1
    return count


def _multidict() -> Lookups:
    from multidict import CIMultiDict

    return CIMultiDict(PAIRS)


def _werkzeug() -> Lookups:
    from werkzeug.datastructures import Headers as Rival

    return Rival(PAIRS)


def _starlette() -> Lookups:
    from starlette.datastructures import Headers as Rival

    return Rival(raw=RAW)
