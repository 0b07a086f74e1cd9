"""Preconditions: If-Match and its kin evaluated, and whether a Range applies (RFC 9110 section 13).

One pure function. It knows nothing of requests and responses: what it needs of the headers is their text.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.dates import parse_date, whole_seconds
from toolkit.sansio.fields.etags import ETag, ETags
from toolkit.sansio.fields.ranges import IfRange
from toolkit.sansio.grammar import OWS

if TYPE_CHECKING:
    from datetime import datetime

    from toolkit.sansio.fields.source import SupportsCombined


class Verdict(Enum):
    """What the preconditions of a request amount to."""

    PROCEED = "perform the method; send the whole representation"
    PROCEED_WITH_RANGE = "perform the GET; the Range field applies"
    NOT_MODIFIED = "answer 304"
    PRECONDITION_FAILED = "answer 412"


# "A server MUST ignore the conditional request header fields […] when received with a request method that
# does not involve the selection or modification of a selected representation" (section 13.2.1)
_UNCONDITIONAL = frozenset({"CONNECT", "OPTIONS", "TRACE"})


def evaluate_preconditions(
    method: str,
    headers: SupportsCombined,
    *,
    etag: ETag | None = None,
    last_modified: datetime | None = None,
    exists: bool = True,
) -> Verdict:
    """What to do with a request, by its preconditions, in the order of RFC 9110 section 13.2.2.

    `etag` and `last_modified` (aware) are those that a GET would be answered with now, None where there
    is none; `exists` is whether the target has a current representation at all. To be asked when
    the method would otherwise succeed, and before it is performed: an answer that would be neither
    2xx nor 412 takes precedence over any precondition (section 13.2.1).

    A date that is none, or has several values, is ignored; a tag that is none matches nothing. Raises
    ValueError for a `last_modified` without a time zone.

    >>> from toolkit.sansio.headers import Headers
    >>> headers = Headers([("If-None-Match", '"v1", "v2"'), ("Range", "bytes=0-9")])
    >>> evaluate_preconditions("GET", headers, etag=ETag("v2"))
    <Verdict.NOT_MODIFIED: 'answer 304'>
    >>> evaluate_preconditions("GET", headers, etag=ETag("v3"))
    <Verdict.PROCEED_WITH_RANGE: 'perform the GET; the Range field applies'>
    >>> evaluate_preconditions("PUT", headers, etag=ETag("v2"))
    <Verdict.PRECONDITION_FAILED: 'answer 412'>
    """
    if method in _UNCONDITIONAL:
        return Verdict.PROCEED
    modified = None if last_modified is None or not exists else whole_seconds(last_modified)
    # 1. "When recipient is the origin server and If-Match is present …"
    # 2. "… If-Match is not present, and If-Unmodified-Since is present …"
    if (if_match := headers.combined("If-Match")) is not None:
        if not _matches(if_match, etag, exists=exists, strongly=True):
            return Verdict.PRECONDITION_FAILED
    elif _changed(headers, "If-Unmodified-Since", modified) is True:
        return Verdict.PRECONDITION_FAILED
    # 3. "When If-None-Match is present …"
    # 4. "When the method is GET or HEAD, If-None-Match is not present, and If-Modified-Since is present …"
    reads = method in ("GET", "HEAD")
    if (if_none_match := headers.combined("If-None-Match")) is not None:
        if _matches(if_none_match, etag, exists=exists, strongly=False):
            return Verdict.NOT_MODIFIED if reads else Verdict.PRECONDITION_FAILED
    elif reads and _changed(headers, "If-Modified-Since", modified) is False:
        return Verdict.NOT_MODIFIED
    # 5. "When the method is GET and both Range and If-Range are present …"
    if method != "GET" or not exists or headers.combined("Range") is None:
        return Verdict.PROCEED
    if_range = headers.combined("If-Range")
    if if_range is None or _still_holds(if_range, etag, modified):
        return Verdict.PROCEED_WITH_RANGE
    return Verdict.PROCEED


def _matches(text: str, etag: ETag | None, *, exists: bool, strongly: bool) -> bool:
    """Whether the current representation is among those that an If-Match or If-None-Match names."""
    if not exists:
        return False
    # PERF: most often the one tag that the client has is the current one (benchmarks/dates.py::answer 304)
    if etag is not None and text == str(etag):
        return not (strongly and etag.weak)
    tags = ETags.parse(text)
    if etag is None:
        return tags.any
    return tags.match_strongly(etag) if strongly else tags.match_weakly(etag)


def _changed(headers: SupportsCombined, name: str, modified: datetime | None) -> bool | None:
    """Whether the representation changed after the date of a field; None where either has no date."""
    text = headers.combined(name)
    if text is None or modified is None:
        return None
    since = parse_date(text.strip(OWS))
    return None if since is None else modified > since


def _still_holds(text: str, etag: ETag | None, last_modified: datetime | None) -> bool:
    """Whether the If-Range condition is true; one that cannot be read is not."""
    try:
        return IfRange.parse(text).matches(etag=etag, last_modified=last_modified)
    except MalformedHeader:
        return False
