"""What becomes of what a handler did."""

from __future__ import annotations

import errno
from contextlib import closing
from typing import cast

import pytest

from toolkit.sansio.errors.base import InvalidHeader, MalformedForm, RemoteError
from toolkit.sansio.errors.http import HTTPError, NotFound
from toolkit.sansio.exchange.machine import ExchangeError
from toolkit.sansio.exchange.outcome import (
    NotAResponse,
    answer_to,
    is_expected,
    render_error,
    respond_to,
)
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
    assert "await" not in str(caught.value)


def test_what_was_not_awaited_is_told() -> None:
    async def handler() -> Response:
        return Response()

    with closing(handler()) as result, pytest.raises(NotAResponse, match=r"<coroutine object .*: await it$"):
        respond_to(result, REQUEST)


@pytest.mark.parametrize("result", [None, NotFound()])
@pytest.mark.parametrize("error", [NotFound(), KeyError("a")])
def test_what_a_renderer_returns_that_is_no_response_is_a_fault(error: Exception, result: object) -> None:
    response, fault = answer_to(error, REQUEST, lambda _error, _request: cast("Response", result))
    assert response == BARE
    assert isinstance(fault, NotAResponse)
    assert str(fault) == f"`errors` returns a Response, not {result!r}"


def test_an_answer_and_what_the_server_must_hear_of() -> None:
    fault = KeyError("a")
    assert answer_to(NotFound(), REQUEST) == (render_error(NotFound(), REQUEST), None)
    assert answer_to(fault, REQUEST) == (render_error(HTTPError(500), REQUEST), fault)


BARE = Response.text("500 Internal Server Error\n", 500)


def test_an_answer_that_cannot_be_made_is_a_fault() -> None:
    response, fault = answer_to(NotFound(headers=[("X-Id", "a\nb")]), REQUEST)
    assert response == BARE
    assert isinstance(fault, InvalidHeader)


def test_an_answer_that_cannot_be_sent_is_a_fault() -> None:
    response, fault = answer_to(NotFound(), REQUEST, lambda _error, _request: Response("", 99))
    assert response == BARE
    assert isinstance(fault, ExchangeError)


@pytest.mark.parametrize(("error", "fault"), [(NotFound(), None), (fault := KeyError("a"), fault)])
def test_a_bad_request_that_is_found_out_while_rendering(error: Exception, fault: Exception | None) -> None:
    def errors(_: HTTPError | RemoteError, request: Request) -> Response:
        return Response(request.host)

    request = Request(headers=[("Host", "a"), ("Host", "b")])
    response, heard = answer_to(error, request, errors)
    assert (response.status, heard) == (400, fault)


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
