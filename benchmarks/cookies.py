"""Cookie fields read (and looked up once), and Set-Cookie fields written."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from time import thread_time
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Scenario, rival
from toolkit.sansio.fields.cookies import SetCookie, parse_cookies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOCK = thread_time

HEADERS = {
    "one cookie": "sid=31d4d96e407aad42",
    "three cookies": "sid=31d4d96e407aad42; theme=dark; lang=en-US",
    "ten cookies": "; ".join(
        f"{name}={value}"
        for name, value in (
            ("sid", "31d4d96e407aad42"),
            ("_ga", "GA1.2.1234567890.1700000000"),
            ("_gid", "GA1.2.987654321.1700000000"),
            ("csrftoken", "mTxbXQ3H7g1jvBzA5fDk9LwqYsRpUoNe"),
            ("consent", "%7B%22ads%22%3Afalse%7D"),
            ("theme", "dark"),
            ("lang", "en-US"),
            ("tz", "Europe/Berlin"),
            ("cart", "eyJpdGVtcyI6WzEsMiwzXX0=.a1b2c3"),
            ("last_seen", "1700000000.123"),
        )
    ),
    "quoted values": 'sid=31d4d96e407aad42; prefs="dark mode"; quote="a\\054b"; lang="en"',
    "64 KiB of short cookies": "; ".join(["sid=31d4d96e407aad42", *(f"n{i:04}=v" for i in range(7200))]),
    "64 KiB in one value": "sid=31d4d96e407aad42; big=" + "x" * 65_500,
}


# Where each rival's parser of a Cookie field lives; none but werkzeug keeps a name's second value.
RIVALS = {
    "werkzeug": "werkzeug.sansio.http:parse_cookie",
    "starlette": "starlette.requests:cookie_parser",
    "django": "django.http.cookie:parse_cookie",
    "falcon": "falcon.request_helpers:_parse_cookie_header",
    "aiohttp": "aiohttp._cookie_helpers:parse_cookie_header",
    "http.cookies": "http.cookies:SimpleCookie",
}


def scenarios() -> Iterator[Scenario]:
    """Reading in every size, then writing."""
    for name, header in HEADERS.items():
        yield Scenario(
            f"parse {name}",
            _parsers(header),
            check=_has_sid,
            size=len(header) if len(header) > 60_000 else 0,
        )
    yield Scenario(
        "parse three cookies and look one up",
        {
            name: partial(_look_up, parse, HEADERS["three cookies"])
            for name, parse in _parsers(None).items()
            if name in ("toolkit", "werkzeug", "starlette", "django")
        },
        check=lambda value: value == "dark",
    )
    yield Scenario(
        "build Set-Cookie",
        {
            "toolkit": lambda: SetCookie(
                "sid", "31d4d96e407aad42", max_age=3600, path="/", secure=True, httponly=True, samesite="Lax"
            ).dump(),
            **rival("werkzeug", _werkzeug_dump),
            **rival("http.cookies", _stdlib_dump),
        },
        check=lambda text: isinstance(text, str) and text.startswith("sid=31d4d96e407aad42; "),
    )


def _parsers(header: str | None) -> dict[str, Callable[..., Any]]:
    """The parser of every contender, called with `header` if there is one."""
    parsers: dict[str, Callable[..., Any]] = {"toolkit": parse_cookies}
    for name, place in RIVALS.items():
        parsers |= rival(name, partial(_load, place))
    return parsers if header is None else {name: partial(parse, header) for name, parse in parsers.items()}


def _load(place: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    parser: Callable[..., Any] = getattr(import_module(module), name)
    return parser


def _look_up(parse: Callable[[str], Any], header: str) -> object:
    return parse(header)["theme"]


def _has_sid(result: object) -> bool:
    cookies: Any = dict(result) if isinstance(result, list) else result
    value = cookies["sid"]
    return "31d4d96e407aad42" in (
        value,
        getattr(value, "value", ""),
        value[0] if isinstance(value, list) else "",
    )


def _werkzeug_dump() -> Callable[[], object]:
    from werkzeug.http import dump_cookie

    return lambda: dump_cookie(
        "sid", "31d4d96e407aad42", max_age=3600, path="/", secure=True, httponly=True, samesite="Lax"
    )


def _stdlib_dump() -> Callable[[], object]:
    from http.cookies import SimpleCookie

    def dump() -> str:
        cookie: SimpleCookie = SimpleCookie()
        cookie["sid"] = "31d4d96e407aad42"
        morsel = cookie["sid"]
        morsel["max-age"] = 3600
        morsel["path"] = "/"
        morsel["secure"] = True
        morsel["httponly"] = True
        morsel["samesite"] = "Lax"
        return cookie.output(header="").strip()

    return dump
