"""HTTP dates read and written, and the fields that carry them or travel beside them."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import partial
from importlib import import_module
from time import thread_time
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Scenario, rival
from toolkit.sansio.fields.cache_control import CacheControl
from toolkit.sansio.fields.conditions import Verdict, evaluate_preconditions
from toolkit.sansio.fields.dates import format_date, parse_date
from toolkit.sansio.fields.etags import ETag, ETags
from toolkit.sansio.fields.ranges import Range
from toolkit.sansio.headers import Headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOCK = thread_time

MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=timezone.utc)
FORMS = {
    "IMF-fixdate": "Sun, 06 Nov 1994 08:49:37 GMT",
    "rfc850": "Sunday, 06-Nov-94 08:49:37 GMT",
    "asctime": "Sun Nov  6 08:49:37 1994",
}
PARSERS = {
    "werkzeug": "werkzeug.http:parse_date",
    "email.utils": "email.utils:parsedate_to_datetime",
    "falcon": "falcon.util.misc:http_date_to_dt",
    "django": "django.utils.http:parse_http_date",
    "aiohttp": "aiohttp.helpers:parse_http_date",
}
FORMATTERS = {
    "werkzeug": "werkzeug.http:http_date",
    "email.utils": "email.utils:format_datetime",
    "falcon": "falcon.util.misc:dt_to_http",
}
RANGE_PARSERS = {"werkzeug": "werkzeug.http:parse_range_header"}
CACHE_CONTROL = "public, max-age=31536000, immutable"
IF_NONE_MATCH = {
    "": 'W/"33a64df551425fcc55e4d42a148795d9f25f89d4", "a-b", "c"',
    " of one tag": '"c"',
}
RANGES = {"": "bytes=0-499, 1000-1499, -500", " of one": "bytes=1048576-"}


def scenarios() -> Iterator[Scenario]:
    for form, text in FORMS.items():
        yield Scenario(
            f"parse {form}",
            {"toolkit": partial(parse_date, text), **_rivals(PARSERS, text)},
            check=_is_moment,
        )
    yield Scenario(
        "format",
        {"toolkit": partial(format_date, MOMENT), **_rivals(FORMATTERS, MOMENT, usegmt=True)},
        check=lambda text: text == FORMS["IMF-fixdate"],
    )
    yield Scenario(
        "parse Cache-Control and read max-age",
        {"toolkit": _max_age, **rival("werkzeug", _werkzeug_max_age)},
        check=lambda seconds: seconds == 31536000,
    )
    etag = ETag("c")
    for kind, text in IF_NONE_MATCH.items():
        yield Scenario(
            f"parse If-None-Match{kind} and compare",
            {
                "toolkit": partial(_matches, text, etag),
                **rival("werkzeug", partial(_werkzeug_matches, text)),
            },
            check=bool,
        )
    yield Scenario(
        "answer 304",
        {"toolkit": _not_modified, **rival("werkzeug", _werkzeug_not_modified)},
        check=bool,
    )
    for kind, text in RANGES.items():
        yield Scenario(
            f"parse Range{kind}",
            {"toolkit": partial(Range.parse, text), **_rivals(RANGE_PARSERS, text)},
            check=partial(_has_ranges, text.count(",") + 1),
        )


def _rivals(places: dict[str, str], argument: object, **options: bool) -> dict[str, Callable[[], object]]:
    """The contenders that are called with one argument; `options` go to email.utils, which needs them."""
    contenders: dict[str, Callable[[], object]] = {}
    for name, place in places.items():
        keywords = options if name == "email.utils" else {}
        contenders |= rival(name, partial(_call, place, argument, keywords))
    return contenders


def _call(place: str, argument: object, keywords: dict[str, bool]) -> Callable[[], object]:
    module, _, name = place.partition(":")
    return partial(getattr(import_module(module), name), argument, **keywords)


def _is_moment(result: Any) -> bool:
    """Whether it is the moment: aware, naive and meant as UTC, or as a timestamp."""
    if isinstance(result, datetime):
        return result.replace(tzinfo=result.tzinfo or timezone.utc) == MOMENT
    return bool(result == MOMENT.timestamp())


def _max_age() -> int | None:
    return CacheControl.parse(CACHE_CONTROL).max_age


def _werkzeug_max_age() -> Callable[[], object]:
    from werkzeug.datastructures import ResponseCacheControl
    from werkzeug.http import parse_cache_control_header

    return lambda: parse_cache_control_header(CACHE_CONTROL, cls=ResponseCacheControl).max_age


def _matches(text: str, etag: ETag) -> bool:
    return ETags.parse(text).match_weakly(etag)


def _werkzeug_matches(text: str) -> Callable[[], object]:
    from werkzeug.http import parse_etags

    return lambda: parse_etags(text).contains_weak("c")


def _not_modified() -> bool:
    headers = Headers([("If-None-Match", '"33a64df551425fcc"')])
    verdict = evaluate_preconditions("GET", headers, etag=ETag("33a64df551425fcc"), last_modified=MOMENT)
    return verdict is Verdict.NOT_MODIFIED


def _werkzeug_not_modified() -> Callable[[], object]:
    from werkzeug.http import is_resource_modified

    def not_modified() -> bool:
        environ = {"REQUEST_METHOD": "GET", "HTTP_IF_NONE_MATCH": '"33a64df551425fcc"'}
        return not is_resource_modified(environ, etag='"33a64df551425fcc"', last_modified=MOMENT)

    return not_modified


def _has_ranges(count: int, result: Any) -> bool:
    """Whether a result, ours or werkzeug's, has so many ranges."""
    return len(result.ranges) == count
