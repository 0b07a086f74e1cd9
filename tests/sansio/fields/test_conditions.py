"""Preconditions against the vectors, and every fault of others that we know of."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.vectors import each_of
from toolkit.sansio.fields.conditions import Verdict, evaluate_preconditions
from toolkit.sansio.fields.dates import format_date, parse_date
from toolkit.sansio.fields.etags import ETag
from toolkit.sansio.fields.ranges import select_ranges
from toolkit.sansio.headers import Headers

MODIFIED = datetime(1994, 11, 15, 12, 45, 26, tzinfo=timezone.utc)
EARLIER, SAME, LATER = (format_date(MODIFIED + timedelta(seconds=seconds)) for seconds in (-1, 0, 1))


def evaluate(
    method: str,
    *lines: tuple[str, str],
    etag: ETag | None = None,
    last_modified: datetime | None = None,
    exists: bool = True,
) -> Verdict:
    headers = Headers(lines)
    return evaluate_preconditions(method, headers, etag=etag, last_modified=last_modified, exists=exists)


@each_of("rfc-examples/conditional.json")
def test_rfc_vectors(case: dict[str, Any]) -> None:
    method, current, headers = (case["input"][key] for key in ("method", "current", "request_headers"))
    verdict = evaluate(
        method,
        *headers.items(),
        exists=current is not None,
        etag=ETag.parse(current["etag"]) if current else None,
        last_modified=parse_date(current["last_modified"]) if current else None,
    )
    status: int | str = 200 if method in ("GET", "HEAD") else "perform"
    if verdict is Verdict.PROCEED_WITH_RANGE:
        spans = select_ranges(headers["Range"], current["size"])
        status = 200 if spans is None else 206 if spans else 416
    elif verdict is not Verdict.PROCEED:
        status = 304 if verdict is Verdict.NOT_MODIFIED else 412
    assert status == case["expected"]["status"]


@each_of("jshttp/fresh.json")
def test_fresh_vectors(case: dict[str, Any]) -> None:
    current = case["input"]["response_headers"]
    verdict = evaluate(
        "GET",
        *((name, text.strip(" ")) for name, text in case["input"]["request_headers"].items()),
        etag=ETag.parse(current["etag"]) if "etag" in current else None,
        last_modified=parse_date(current.get("last-modified", "")),
    )
    assert verdict is (Verdict.NOT_MODIFIED if case["expected"]["fresh"] else Verdict.PROCEED)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "QUERY", "X"])
def test_if_match(method: str) -> None:
    failed, proceed = Verdict.PRECONDITION_FAILED, Verdict.PROCEED
    cases: list[tuple[str, dict[str, Any], Verdict]] = [
        ("*", {}, proceed),  # it exists, with or without a tag
        ("*", {"etag": ETag("a", weak=True)}, proceed),
        ("*", {"exists": False}, failed),
        ('"a"', {"etag": ETag("a")}, proceed),
        ('"b", "a"', {"etag": ETag("a")}, proceed),
        ('"a"', {"etag": ETag("a", weak=True)}, failed),
        ('W/"a"', {"etag": ETag("a")}, failed),
        ('W/"a"', {"etag": ETag("a", weak=True)}, failed),
        ('"a"', {}, failed),
        ('"a"', {"exists": False, "etag": ETag("a")}, failed),
        ("garbage", {"etag": ETag("a")}, failed),
        ("", {"etag": ETag("a")}, failed),
    ]
    for text, current, verdict in cases:
        assert evaluate(method, ("If-Match", text), **current) is verdict, text


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE", "QUERY"])
def test_if_none_match(method: str) -> None:
    proceed = Verdict.PROCEED
    matched = Verdict.NOT_MODIFIED if method in ("GET", "HEAD") else Verdict.PRECONDITION_FAILED
    cases: list[tuple[str, dict[str, Any], Verdict]] = [
        ("*", {}, matched),
        ("*", {"exists": False}, proceed),
        ('"a"', {"etag": ETag("a")}, matched),
        ('"a"', {"etag": ETag("a", weak=True)}, matched),
        ('"b", W/"a"', {"etag": ETag("a")}, matched),
        ('W/"a"', {"etag": ETag("a", weak=True)}, matched),
        ('"b"', {"etag": ETag("a")}, proceed),
        ('"a"', {}, proceed),
        ('"a"', {"exists": False, "etag": ETag("a")}, proceed),
        ("garbage", {"etag": ETag("a")}, proceed),
    ]
    for text, current, verdict in cases:
        assert evaluate(method, ("If-None-Match", text), **current) is verdict, text


def test_lines_of_one_field_are_one_list() -> None:
    lines = [("If-None-Match", '"a"'), ("if-none-match", '"b"')]
    assert evaluate("GET", *lines, etag=ETag("b")) is Verdict.NOT_MODIFIED


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_dates(method: str) -> None:
    reads = method != "PUT"
    for text, if_modified, if_unmodified in [
        (EARLIER, Verdict.PROCEED, Verdict.PRECONDITION_FAILED),
        (SAME, Verdict.NOT_MODIFIED if reads else Verdict.PROCEED, Verdict.PROCEED),
        (LATER, Verdict.NOT_MODIFIED if reads else Verdict.PROCEED, Verdict.PROCEED),
        (f" {SAME}\t", Verdict.NOT_MODIFIED if reads else Verdict.PROCEED, Verdict.PROCEED),
        (f"{SAME}, {SAME}", Verdict.PROCEED, Verdict.PROCEED),
        ("garbage", Verdict.PROCEED, Verdict.PROCEED),
    ]:
        for moment in (MODIFIED, MODIFIED + timedelta(milliseconds=999)):
            modified, unmodified = (
                evaluate(method, (name, text.strip(" \t")), last_modified=moment)
                for name in ("If-Modified-Since", "If-Unmodified-Since")
            )
            assert (modified, unmodified) == (if_modified, if_unmodified)


@pytest.mark.parametrize("name", ["If-Modified-Since", "If-Unmodified-Since"])
def test_dates_need_a_date_to_compare_with(name: str) -> None:
    for text in (EARLIER, LATER):
        assert evaluate("GET", (name, text)) is Verdict.PROCEED
        assert evaluate("GET", (name, text), exists=False, last_modified=MODIFIED) is Verdict.PROCEED


def test_tags_come_before_dates() -> None:
    current: dict[str, Any] = {"etag": ETag("a"), "last_modified": MODIFIED}
    stale = ("If-None-Match", '"b"'), ("If-Modified-Since", LATER)
    assert evaluate("GET", *stale, **current) is Verdict.PROCEED
    fresh = ("If-Match", '"a"'), ("If-Unmodified-Since", EARLIER)
    assert evaluate("PUT", *fresh, **current) is Verdict.PROCEED
    both = ("If-Match", '"a"'), ("If-None-Match", '"a"')
    assert evaluate("PUT", *both, **current) is Verdict.PRECONDITION_FAILED
    mixed = ("If-Unmodified-Since", EARLIER), ("If-None-Match", '"a"')
    assert evaluate("GET", *mixed, **current) is Verdict.PRECONDITION_FAILED


@pytest.mark.parametrize("method", ["CONNECT", "OPTIONS", "TRACE"])
def test_methods_without_a_representation_have_no_preconditions(method: str) -> None:
    assert evaluate(method, ("If-Match", '"b"'), etag=ETag("a")) is Verdict.PROCEED


def test_range() -> None:
    asked = ("Range", "bytes=0-9")
    current: dict[str, Any] = {"etag": ETag("a"), "last_modified": MODIFIED}
    assert evaluate("GET", asked, **current) is Verdict.PROCEED_WITH_RANGE
    assert evaluate("GET", asked) is Verdict.PROCEED_WITH_RANGE
    assert evaluate("GET", asked, exists=False) is Verdict.PROCEED
    assert evaluate("GET", ("If-Range", '"a"'), **current) is Verdict.PROCEED
    for method in ("HEAD", "POST", "PUT", "QUERY"):
        assert evaluate(method, asked, **current) is Verdict.PROCEED
    # Range never wins over a 304 or a 412.
    assert evaluate("GET", asked, ("If-None-Match", '"a"'), **current) is Verdict.NOT_MODIFIED
    assert evaluate("GET", asked, ("If-Match", '"b"'), **current) is Verdict.PRECONDITION_FAILED


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('"a"', True),
        ('"b"', False),
        ('W/"a"', False),
        (SAME, True),
        (LATER, False),
        (EARLIER, False),
        ("x", False),
    ],
)
def test_if_range(text: str, holds: bool) -> None:
    verdict = evaluate(
        "GET", ("Range", "bytes=0-9"), ("If-Range", text), etag=ETag("a"), last_modified=MODIFIED
    )
    assert verdict is (Verdict.PROCEED_WITH_RANGE if holds else Verdict.PROCEED)


def test_last_modified_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        evaluate("GET", last_modified=datetime(1994, 11, 15))  # noqa: DTZ001  # the point


NAMES = st.sampled_from(
    ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range"]
)
TEXTS = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])).map(str.strip) | st.sampled_from(
    ["*", '"a"', 'W/"a"', EARLIER, SAME, LATER, "bytes=0-"]
)


@given(
    st.sampled_from(["GET", "HEAD", "PUT", "OPTIONS"]),
    st.lists(st.tuples(NAMES, TEXTS)),
    st.none() | st.builds(ETag, st.just("a"), st.booleans()),
    st.none() | st.just(MODIFIED),
    st.booleans(),
)
def test_any_headers_have_a_verdict(
    method: str, lines: list[tuple[str, str]], etag: ETag | None, modified: datetime | None, exists: bool
) -> None:
    verdict = evaluate(method, *lines, etag=etag, last_modified=modified, exists=exists)
    assert isinstance(verdict, Verdict)
    if method != "GET":
        assert verdict is not Verdict.PROCEED_WITH_RANGE
    if method not in ("GET", "HEAD"):
        assert verdict is not Verdict.NOT_MODIFIED
