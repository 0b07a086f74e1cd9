from __future__ import annotations

import pickle

import pytest

from toolkit.sansio.errors.base import (
    FormError,
    IncompleteForm,
    InvalidHeader,
    LimitExceeded,
    LocalError,
    MalformedForm,
    MalformedHeader,
    MalformedURL,
    RemoteError,
    ToolkitError,
    UnsupportedCharset,
    UnsupportedForm,
)


def test_the_tree() -> None:
    assert issubclass(LocalError, ToolkitError)
    assert issubclass(RemoteError, ToolkitError)
    assert issubclass(InvalidHeader, (LocalError, ValueError))
    assert not issubclass(LocalError, RemoteError)
    for remote in (MalformedHeader, MalformedURL, MalformedForm, IncompleteForm, LimitExceeded):
        assert issubclass(remote, RemoteError)


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (MalformedHeader("Range", "x", "no"), 400, "Range: no (received 'x')"),
        (MalformedURL("//[", "bad host"), 400, "bad host (received '//[')"),
        (MalformedForm("no name"), 400, "no name"),
        (
            MalformedForm("no name", offset=7, part=2, name="a"),
            400,
            "no name (part 2, field 'a', at byte 7)",
        ),
        (IncompleteForm("cut", offset=0), 400, "cut (at byte 0)"),
        (UnsupportedCharset("utf-7", part=1), 415, "charset 'utf-7' is not supported; send utf-8 (part 1)"),
        (UnsupportedCharset("x", "just no"), 415, "just no"),
        (
            UnsupportedForm("text/plain"),
            415,
            "a form is multipart/form-data or application/x-www-form-urlencoded, not 'text/plain'",
        ),
        (
            UnsupportedForm(""),
            415,
            "a form is multipart/form-data or application/x-www-form-urlencoded, not without a Content-Type",
        ),
        (LimitExceeded("max_items", 3, 4), 413, "max_items is limited to 3, received at least 4"),
        (
            LimitExceeded("query", 3, 4, status=414, part=1),
            414,
            "query is limited to 3, received at least 4 (part 1)",
        ),
    ],
)
def test_status_and_text_come_from_the_data(error: RemoteError, status: int, text: str) -> None:
    assert (error.status, str(error)) == (status, text)


def test_a_local_error_names_the_header() -> None:
    assert str(InvalidHeader("X-A", "a\nb", "no controls")) == "header 'X-A': no controls (value 'a\\nb')"


def test_long_values_are_cut_in_the_text_only() -> None:
    error = MalformedHeader("Range", "x" * 1000, "no")
    assert len(str(error)) < 150
    assert error.value == "x" * 1000


def test_errors_of_a_form_say_where() -> None:
    error = FormError("x", offset=1, part=2, name="n")
    assert (error.reason, error.offset, error.part, error.name) == ("x", 1, 2, "n")


@pytest.mark.parametrize(
    "error",
    [
        MalformedHeader("Range", "x", "no"),
        MalformedForm("no name", offset=7, part=2, name="a"),
        LimitExceeded("max_items", 3, 4, status=431, offset=9),
        UnsupportedCharset("utf-7", part=1),
        UnsupportedForm("text/plain"),
    ],
)
def test_errors_survive_pickling(error: RemoteError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert again.args == error.args
