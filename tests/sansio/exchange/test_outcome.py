"""What becomes of what a handler did."""

from __future__ import annotations

import errno

import pytest

from toolkit.sansio.errors.base import MalformedForm
from toolkit.sansio.errors.http import HTTPError, NotFound
from toolkit.sansio.exchange.outcome import NotAResponse, is_expected, render_error, respond_to
from toolkit.sansio.exchange.request import Request
from toolkit.sansio.exchange.response import Response

REQUEST = Request(headers={"Accept": "application/problem+json"})


def test_a_response_is_one() -> None:
    class Special(Response):
        pass

    response = Special("a")
    assert respond_to(response, REQUEST) is response


@pytest.mark.parametrize("error", [NotFound("no user"), MalformedForm("no form")])
def test_errors_are_rendered_as_the_client_wants(error: HTTPError | MalformedForm) -> None:
    response = respond_to(error, REQUEST)
    assert response.status == error.status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response == render_error(error, REQUEST)
    assert is_expected(error)


def test_faults_are_rendered_without_their_text() -> None:
    fault = KeyError("the password")
    seen: list[BaseException | None] = []

    def errors(error: Exception, _: Request) -> Response:
        seen.append(error.__cause__)
        return Response(str(error), 500)

    assert respond_to(fault, REQUEST, errors).body == b"500 Internal Server Error"
    assert seen == [fault]
    assert not is_expected(fault)


@pytest.mark.parametrize("result", [None, "text", b"bytes", {"a": 1}, KeyboardInterrupt()])
def test_anything_else_is_a_mistake(result: object) -> None:
    with pytest.raises(NotAResponse, match="a handler returns a Response") as caught:
        respond_to(result, REQUEST)
    assert caught.value.result is result
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OSError(errno.ENOSPC, "full"), 507),
        (OSError(errno.EDQUOT, "full"), 507),
        (OSError(errno.EIO, "x"), 500),
    ],
)
def test_a_full_disk_is_a_507_and_still_a_fault(error: OSError, status: int) -> None:
    assert respond_to(error, Request()).status == status
    assert not is_expected(error)
