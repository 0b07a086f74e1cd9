"""The published HTTP/1.1 vectors, whole and in every cut."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from tests.sansio.http11.driving import Outcome, every_cut, read_responses
from tests.support.vectors import each_of
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.events import ConnectionClosed, Signal

# What we refuse where the vector allows both, or where it asks a browser to repair.
REFUSED = {
    "waitress/TE gzip then chunked",  # only chunked alone is implemented
    "waitress/chunk extension empty",  # a ";" announces a name
    "waitress/TE and CL",
    "waitress/lf only",
    "waitress/folded list",
    "waitress/no version",  # HTTP/0.9
    "waitress/chunked/trailer line without colon",
    "waitress/chunked/invalid ext 'invalid='",
    "waitress/chunked/invalid ext 'invalid = true'",  # RFC 9112 has BWS there; nobody sends it
    "h1spec/Conflicting Transfer-Encoding and Content-Length in varying case",
}
STATUS = {
    "waitress/bad transfer encoding": 501,
    "waitress/TE gzip": 501,
    "waitress/TE gzip then chunked": 501,
    "h1spec/Invalid HTTP version": 505,
}


def check(case: dict[str, Any], outcome: Outcome) -> None:
    result = case["expected"].get("result", "ok")
    if result == "either":
        result = "error" if case["id"] in REFUSED else "ok"
    if result == "error":
        assert outcome.status == STATUS.get(case["id"], 400)
        assert outcome.answer.startswith(b"HTTP/1.1 %d " % outcome.status)
    else:
        assert outcome.requests


@each_of("waitress/requests.json")
def test_waitress_requests(case: dict[str, Any]) -> None:
    raw = b64decode(case["input"]["raw_b64"])
    if case["id"] == "waitress/cr only":  # no line ends, so there is nothing to judge yet
        assert every_cut(raw, eof=False) == Outcome((), Signal.NEED_DATA)
        return
    outcome = every_cut(raw, eof=False)
    check(case, outcome)
    for request, expected in zip(outcome.requests, case["expected"].get("requests", ()), strict=False):
        if "method" not in expected:  # how a WSGI environ is made of it is the adapter's
            continue
        assert [request.method, request.target] == [expected["method"], expected["target"]]
        assert request.http_version == "{}.{}".format(*expected["version"])
        if "headers" in expected:
            assert request.headers.items() == [(name, value) for name, value in expected["headers"]]
        if "body_b64" in expected and outcome.status is None:
            assert outcome.content == b64decode(expected["body_b64"])


@each_of("waitress/chunked.json")
def test_waitress_chunked(case: dict[str, Any]) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    outcome = every_cut(head + b64decode(case["input"]["body_b64"]), eof=False)
    assert len(outcome.requests) == 1
    check(case, outcome)
    if outcome.status is None:
        assert outcome.content == b64decode(case["expected"]["body_b64"])


@each_of("h1spec/requests.json")
def test_h1spec(case: dict[str, Any]) -> None:
    raw = b64decode(case["input"]["raw_b64"])
    if case["expected"]["result"] == "incomplete":
        assert every_cut(raw, eof=False) == Outcome((), Signal.NEED_DATA)
        assert every_cut(raw).status == 400
        return
    outcome = every_cut(raw)
    check(case, outcome)
    if outcome.status is None:
        assert outcome.end == ConnectionClosed()
        assert outcome.content == case["expected"].get("echo_body", "").encode()
    else:
        assert any(low <= outcome.status <= high for low, high in case["expected"]["status_ranges"])


@each_of("wpt/h1-lone-cr.json")
def test_lone_cr_in_responses(case: dict[str, Any]) -> None:
    assert every_cut(b64decode(case["input"]["raw_b64"]), read_responses).status == 400


@each_of("wpt/h1-status-line.json")
def test_status_lines(case: dict[str, Any]) -> None:
    outcome = every_cut(case["input"]["raw"].encode("latin-1"), read_responses)
    status = case["expected"].get("status")
    if status is not None and status >= 100:
        assert outcome.end == ConnectionClosed()
        assert getattr(outcome.events[0], "status", None) == status
        assert getattr(outcome.events[0], "reason", None) == case["expected"]["statusText"]
    else:  # three digits, from 100 on
        assert outcome.status == 400


@each_of("wpt/content-lengths.json", own_rule=True)
def test_content_lengths_of_requests(case: dict[str, Any]) -> None:
    """The vectors are for browsers, which repair what they can; a server takes one line of digits."""
    fields = "".join(line + "\r\n" for line in case["input"]["header_lines"])
    content = b"x" * 42
    outcome = every_cut(f"POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n".encode() + content, eof=False)
    lines = [line.partition(":")[2].strip(" \t") for line in case["input"]["header_lines"]]
    if len(lines) == 1 and lines[0].isdigit():
        length = case["expected"]["length"]
        assert case["expected"]["result"] == "ok"
        assert outcome.requests[0].content_length == length
        assert outcome.content == content[:length]
    else:
        assert outcome.status == 400


@each_of("wpt/headers.json", own_rule=True)
def test_header_values_on_the_wire(case: dict[str, Any]) -> None:
    """A value of a request is taken as it is, or refused; it is the same for every value of the vectors."""
    if "value" not in case["input"]:
        pytest.skip("it is about the container")
    value: str = case["input"]["value"]
    if any(ord(character) > 255 for character in value):
        pytest.skip("it cannot be on a wire")
    raw = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + value.encode("latin-1") + b"\r\n\r\n"
    outcome = every_cut(raw)
    if all(character == "\t" or " " <= character != "\x7f" for character in value):
        assert outcome.requests[0].headers == Headers([("Host", "a"), ("X", value.strip(" \t"))])
    else:
        assert outcome.status == 400
        assert not outcome.requests
