"""Several hundred requests made from the RFCs' rules, whole and in every cut."""

from __future__ import annotations

import pytest

from tests.sansio.http11.corpus import Invalid, Valid, invalid, valid
from tests.sansio.http11.driving import every_cut
from toolkit.sansio.http11.events import EndOfRequest


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in valid()])
def test_valid_requests_are_taken(case: Valid) -> None:
    outcome = every_cut(case.raw)
    assert outcome.status is None, outcome
    assert len(outcome.requests) == 1
    assert outcome.content == case.content
    assert isinstance(outcome.events[-1], EndOfRequest)
    assert outcome.requests[0].method.encode() == case.raw.lstrip(b"\r\n").split(b" ")[0]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in invalid()])
def test_invalid_requests_are_refused(case: Invalid) -> None:
    outcome = every_cut(case.raw)
    assert outcome.status == case.status, outcome
    assert not any(isinstance(event, EndOfRequest) for event in outcome.events)
    assert outcome.answer.startswith(b"HTTP/1.1 %d " % case.status)
    head, _, body = outcome.answer.partition(b"\r\n\r\n")
    assert b"\r\nConnection: close" in head
    assert b"\r\nContent-Length: %d\r\n" % len(body) in head + b"\r\n"
