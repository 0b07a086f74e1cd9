"""Content-Type, Content-Disposition and Accept: `parse_options` and the types against the parsers of others.

falcon keeps its matches in a cache, so that its best offer is that of a header it has seen before.
"""

from __future__ import annotations

from time import thread_time
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Scenario, rival
from toolkit.sansio.fields.accept import Accept
from toolkit.sansio.fields.content_disposition import ContentDisposition
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.fields.parameters import dump_options, parse_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOCK = thread_time

PLAIN = "application/json"
CONTENT_TYPE = "text/html; charset=utf-8"
BOUNDARY = "multipart/form-data; boundary=----WebKitFormBoundaryAbCdEfGhIjKlMnOp"
FIELD = 'form-data; name="field1"'
FILE = 'form-data; name="photo"; filename="my summer 2024.jpg"'
ESCAPED = 'form-data; name="photo"; filename="my \\"best\\" summer.jpg"'
MIXED = 'attachment; size=1042; filename="report.pdf"; creation-date="Wed, 12 Feb 1997 16:29:51 -0500"'
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def scenarios() -> Iterator[Scenario]:
    yield _options("content_type, no parameter", PLAIN, "application/json", {})
    yield _options("content_type, charset", CONTENT_TYPE, "text/html", {"charset": "utf-8"})
    yield _options("content_type, boundary", BOUNDARY, "multipart/form-data", {"boundary": BOUNDARY[30:]})
    yield _options("disposition, field", FIELD, "form-data", {"name": "field1"})
    yield _options(
        "disposition, file", FILE, "form-data", {"name": "photo", "filename": "my summer 2024.jpg"}
    )
    yield _options("disposition, escaped", ESCAPED, "form-data", {"filename": 'my "best" summer.jpg'})
    yield _options("disposition, mixed", MIXED, "attachment", {"size": "1042", "filename": "report.pdf"})
    yield Scenario(
        "media type, read and written",
        {"toolkit": lambda: str(MediaType.parse(CONTENT_TYPE))},
    )
    yield Scenario(
        "best of three offers",
        {
            "toolkit": lambda: Accept.parse(ACCEPT).best_match(OFFERS),
            **rival("werkzeug", _werkzeug_accept),
            **rival("falcon", _falcon_accept),
        },
        check=lambda best: best == "text/html",
    )
    yield Scenario(
        "parameters written",
        {
            "toolkit": lambda: dump_options("attachment", WRITTEN),
            **rival("werkzeug", _werkzeug_dump),
        },
        check=lambda text: text == 'attachment; filename="my report.pdf"; size=12',
    )
    yield Scenario("disposition as a type", {"toolkit": lambda: ContentDisposition.parse(FILE)})


OFFERS = ["application/json", "text/html", "text/plain"]
WRITTEN = {"filename": "my report.pdf", "size": "12"}


def _options(name: str, text: str, head: str, params: dict[str, str]) -> Scenario:
    """One header through every parser that gives its first item and its parameters."""
    return Scenario(
        name,
        {
            "toolkit": lambda: parse_options(text),
            **rival("werkzeug", lambda: _werkzeug(text)),
            **rival("multipart", lambda: _multipart(text)),
            **rival("python-multipart", lambda: _python_multipart(text)),
            **rival("falcon", lambda: _falcon(text)),
        },
        check=lambda result: _agrees(result, head, params),
    )


def _agrees(result: Any, head: str, params: dict[str, str]) -> bool:
    """Whether a result says the same; python-multipart, which starlette uses, gives bytes."""
    first, found = result
    texts = {_text(name): _text(value) for name, value in found.items()}
    return _text(first) == head and params.items() <= texts.items()


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _werkzeug(text: str) -> Callable[[], object]:
    from werkzeug.http import parse_options_header

    return lambda: parse_options_header(text)


def _multipart(text: str) -> Callable[[], object]:
    from multipart import parse_options_header

    return lambda: parse_options_header(text)


def _python_multipart(text: str) -> Callable[[], object]:
    from python_multipart.multipart import parse_options_header

    return lambda: parse_options_header(text)


def _falcon(text: str) -> Callable[[], object]:
    from falcon.util.mediatypes import parse_header

    return lambda: parse_header(text)


def _werkzeug_accept() -> Callable[[], object]:
    from werkzeug.datastructures import MIMEAccept
    from werkzeug.http import parse_accept_header

    return lambda: parse_accept_header(ACCEPT, MIMEAccept).best_match(OFFERS)


def _falcon_accept() -> Callable[[], object]:
    from falcon.util.mediatypes import best_match

    return lambda: best_match(OFFERS, ACCEPT)


def _werkzeug_dump() -> Callable[[], object]:
    from werkzeug.http import dump_options_header

    return lambda: dump_options_header("attachment", WRITTEN)
