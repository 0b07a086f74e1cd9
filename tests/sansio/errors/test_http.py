from __future__ import annotations

import json
import pickle
from copy import copy, deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from toolkit.sansio import errors
from toolkit.sansio.errors.http import (
    Conflict,
    HTTPError,
    MethodNotAllowed,
    NotFound,
    ProxyAuthenticationRequired,
    RangeNotSatisfiable,
    Redirect,
    ServiceUnavailable,
    Unauthorized,
    UpgradeRequired,
)
from toolkit.sansio.errors.reasons import REASONS

if TYPE_CHECKING:
    from collections.abc import Callable

# The IANA HTTP Status Code Registry, without the unused 418.
REGISTERED = [
    *range(400, 418),
    *range(421, 427),
    428,
    429,
    431,
    451,
    *range(500, 509),
    510,
    511,
]


def test_every_registered_error_status_has_one_class() -> None:
    classes = [
        value
        for value in [getattr(errors, name) for name in dir(errors)]
        if isinstance(value, type) and issubclass(value, HTTPError) and value not in {HTTPError, Redirect}
    ]
    assert sorted(cls.status for cls in classes) == REGISTERED
    assert all(f"{cls.status}: " in (cls.__doc__ or "") for cls in classes)
    assert all(cls.__name__ == REASONS[cls.status].replace(" ", "") for cls in classes)


def test_a_status_is_named_by_its_number_alone() -> None:
    error = HTTPError(410)
    assert (error.status, error.title, error.detail, str(error)) == (410, "Gone", "", "410 Gone")


def test_an_unregistered_status_is_possible() -> None:
    assert str(HTTPError(499, "left")) == "499 Unknown: left"


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (NotFound(), []),
        (NotFound(headers=[("X-A", "1")]), [("X-A", "1")]),
        (MethodNotAllowed(["GET", "HEAD"]), [("Allow", "GET, HEAD")]),
        (RangeNotSatisfiable(10), [("Content-Range", "bytes */10")]),
        (RangeNotSatisfiable(), []),
        (UpgradeRequired("h2c", "websocket"), [("Upgrade", "h2c, websocket"), ("Connection", "Upgrade")]),
        (ServiceUnavailable(retry_after=0), [("Retry-After", "0")]),
        (ServiceUnavailable(), []),
        (ServiceUnavailable(retry_after=timedelta(seconds=1.5)), [("Retry-After", "2")]),
        (Unauthorized("Basic", "Bearer"), [("WWW-Authenticate", "Basic"), ("WWW-Authenticate", "Bearer")]),
        (
            Unauthorized('Basic realm="a b", Negotiate'),
            [("WWW-Authenticate", 'Basic realm="a b", Negotiate')],
        ),
        (Unauthorized("NTLM TlRM"), [("WWW-Authenticate", "NTLM TlRM")]),
        (ProxyAuthenticationRequired("Basic"), [("Proxy-Authenticate", "Basic")]),
        (Redirect("/a", 308, headers=[("X-A", "1")]), [("Location", "/a"), ("X-A", "1")]),
    ],
)
def test_what_a_status_carries_becomes_header_fields(error: HTTPError, lines: list[tuple[str, str]]) -> None:
    assert error.field_lines() == lines


@pytest.mark.parametrize(
    "make",
    [
        lambda: HTTPError(200),
        lambda: HTTPError(1000),
        lambda: HTTPError(-1),
        lambda: Redirect("/", 200),
        lambda: Redirect("/", 404),
        lambda: ServiceUnavailable(retry_after=-1),
        lambda: RangeNotSatisfiable(-1),
        UpgradeRequired,
        lambda: Unauthorized("please log in"),
        lambda: Unauthorized("Basic", ""),
    ],
)
def test_what_cannot_be_answered_is_refused(make: Callable[[], HTTPError]) -> None:
    with pytest.raises(ValueError, match=r"status|negative|protocol|detail"):
        make()


@pytest.mark.parametrize("number", [1.5, "1", b"1"])
def test_a_number_is_a_whole_one(number: Any) -> None:  # noqa: ANN401  # the wrong types on purpose
    with pytest.raises(TypeError):
        ServiceUnavailable(retry_after=number)
    with pytest.raises(TypeError):
        RangeNotSatisfiable(number)


def test_methods_are_not_the_letters_of_one() -> None:
    with pytest.raises(TypeError, match="several"):
        MethodNotAllowed("GET")


def pickled(error: HTTPError) -> HTTPError:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert isinstance(again, HTTPError)
    return again


@pytest.mark.parametrize(
    "error",
    [
        HTTPError(404, "gone"),
        Redirect("/a", 308, headers=[("X-A", "1")]),
        MethodNotAllowed(["GET", "HEAD"], detail="no"),
        UpgradeRequired("h2c"),
        Unauthorized("Basic", detail="who?"),
        ServiceUnavailable("later", retry_after=5),
    ],
)
@pytest.mark.parametrize("again", [copy, deepcopy, pickled])
def test_errors_can_be_copied(error: HTTPError, again: Callable[[HTTPError], HTTPError]) -> None:
    twin = again(error)
    assert (type(twin), twin.args, vars(twin)) == (type(error), error.args, vars(error))
    assert (str(twin), repr(twin)) == (str(error), repr(error))


def test_bodies_say_status_and_detail() -> None:
    error = Conflict("a < b")
    assert error.as_text() == "409 Conflict\na < b\n"
    assert "<h1>409 Conflict</h1>" in error.as_html()
    assert json.loads(error.as_problem()) == {"status": 409, "title": "Conflict", "detail": "a < b"}


def test_bodies_without_a_detail() -> None:
    error = Conflict()
    assert error.as_text() == "409 Conflict\n"
    assert "<p>" not in error.as_html()
    assert json.loads(error.as_problem()) == {"status": 409, "title": "Conflict"}


def test_html_escapes_what_came_from_outside() -> None:
    html = NotFound("""<script>alert("'")</script>""").as_html()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_problem_is_ascii_json() -> None:
    problem = NotFound("☃\n").as_problem()
    assert problem.isascii()
    assert json.loads(problem)["detail"] == "☃\n"
