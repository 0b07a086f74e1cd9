"""The same requests to other parsers: every disagreement belongs to a class that is explained here.

`docs/conformance/http11.md` has the same classes in words.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sansio.http11.corpus import CHUNKED, cases
from tests.sansio.http11.rivals import RIVALS, bare_h11, ours
from tests.support.vectors import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sansio.http11.rivals import Taken


class Class(NamedTuple):
    """A class of disagreements: the names of its requests, and the rivals that are of another opinion."""

    names: str
    rivals: str
    why: str


class Published(NamedTuple):
    """A request of the published vectors."""

    name: str
    raw: bytes


THEY_TAKE = [
    Class("target .*|OPTIONS .*", "h11 gunicorn aiohttp", "targets are for the application to check"),
    Class("CONNECT .*", "h11 gunicorn aiohttp", "nobody expects CONNECT"),
    Class("host .*", "h11 gunicorn aiohttp", "Host is for the application to check"),
    Class("no host|no host beside .*", "gunicorn", "Host may be missing"),
    Class("no host in a later version", "h11 gunicorn aiohttp", "only 1.1 has to have one"),
    Class("HTTP/.*", "h11 aiohttp", "every version is read as 1.1; HTTP/2 preface too"),
    Class("control .*", "h11", "controls occur in cookies in the wild"),
    Class("name .*|fold.*", "h11", "a folded line is joined"),
    Class("LF.*|two empty lines before it|chunked: .*LF.*", "h11 aiohttp", "a line may end in LF"),
    Class("Expect .*", "h11 aiohttp", "unknown expectations are not met with 417"),
    Class("lengths? '.*", "h11 gunicorn", "equal lengths are one, and 20 digits are a number"),
    Class("length.* and coding|coding and length", "h11", "the coding wins"),
    Class(
        "coding .*", "gunicorn aiohttp", "other codings are passed to the application, empty members ignored"
    ),
    Class("chunked in HTTP/1.0", "h11 aiohttp", "it is read as in 1.1"),
    Class(
        "chunk '.*", "h11 gunicorn aiohttp", "extensions are skipped unread, any number of zeros is a size"
    ),
    Class("chunked: (folded|control).*", "h11", "as in heads"),
    Class(
        "trailer .*", "h11 gunicorn aiohttp", "trailers are for the application to check, or not shown to it"
    ),
    Class("101 fields", "h11 aiohttp", "their limits are others"),
]
THEY_REFUSE = [
    Class("an empty line before it", "h11", "RFC 9112 section 2.2 lets a server pass over it"),
    Class("method .*", "gunicorn", "methods in lower case are refused by default"),
    Class(
        "HTTP/1.0 with an unknown expectation", "gunicorn", "RFC 9110 section 10.1.1 has HTTP/1.0 ignore it"
    ),
]
THEY_DIFFER = [Class("method .*", "aiohttp", "methods are put into upper case, though case matters in them")]

# The published vectors: none of the parsers agrees with all of them.
THEY_TAKE.extend(
    [
        Class("waitress/complex GET", "h11 gunicorn aiohttp", "of what follows the request nothing was read"),
        Class("h1spec/Missing Host header", "gunicorn", "Host may be missing"),
        Class("h1spec/Invalid HTTP version", "h11 aiohttp", "every version is read as 1.1"),
        Class(
            "waitress/CTL .*|h1spec/Header containing invalid control .*", "h11", "controls occur in the wild"
        ),
        Class(
            "waitress/(lf only|folded list)", "h11", "a line may end in LF, and is joined with the next one"
        ),
        Class("waitress/TE and CL|h1spec/Conflicting .*", "h11", "the coding wins"),
        Class("waitress/TE gzip then chunked", "gunicorn", "other codings are passed to the application"),
        Class(
            "waitress/chunk extension empty|waitress/chunked/invalid ext .*",
            "h11 gunicorn aiohttp",
            "extensions are skipped unread",
        ),
    ]
)
THEY_REFUSE.extend(
    [
        Class("waitress/duplicate Content-Type", "gunicorn aiohttp", "a field that is no list comes once"),
        Class("waitress/lowercase method", "gunicorn", "methods in lower case are refused by default"),
    ]
)
THEY_DIFFER.append(Class("waitress/lowercase method", "aiohttp", "methods are put into upper case"))


def published() -> Iterator[Published]:
    """The requests of the published vectors."""
    for file in ("waitress/requests.json", "h1spec/requests.json", "waitress/chunked.json"):
        for case in load(file):
            given = case["input"]
            raw = (
                b64decode(given["raw_b64"]) if "raw_b64" in given else CHUNKED + b64decode(given["body_b64"])
            )
            yield Published(case["id"], raw)


CASES = [*cases(), *published()]


def class_of(name: str, rival: str, classes: list[Class]) -> Class | None:
    found = [
        one for one in classes if rival in one.rivals.split() and re.fullmatch(one.names, name, re.DOTALL)
    ]
    assert len(found) <= 1, found
    return found[0] if found else None


def parser(rival: str) -> Callable[[bytes], Taken | None]:
    parse = RIVALS[rival]
    if parse is None:
        pytest.skip(f"{rival} is not installed")
    return parse


def classes_of_disagreement(theirs: Taken | None, here: Taken | None) -> list[Class]:
    if here is None:
        return THEY_TAKE
    return THEY_REFUSE if theirs is None else THEY_DIFFER


@pytest.mark.parametrize("rival", RIVALS)
def test_every_disagreement_is_explained_and_no_explanation_is_without_one(rival: str) -> None:
    parse = parser(rival)
    needed: set[Class] = set()
    for case in CASES:
        theirs, here = parse(case.raw), ours(case.raw)
        if theirs != here:
            found = class_of(case.name, rival, classes_of_disagreement(theirs, here))
            assert found, (case.name, theirs)
            needed.add(found)
    every = {one for one in THEY_TAKE + THEY_REFUSE + THEY_DIFFER if rival in one.rivals.split()}
    if not load("waitress/requests.json"):
        every = {
            one for one in every if not one.names.startswith(("waitress", "h1spec"))
        }  # the vectors are not here
    assert every == needed


@given(data=st.data(), raw=st.sampled_from([case.raw for case in CASES if len(case.raw) < 500]))
def test_what_we_take_h11_takes_alike(data: st.DataObject, raw: bytes) -> None:
    """The two share no code that reads: a request that both take is the same one."""
    at = data.draw(st.integers(0, len(raw) - 1))
    changed = raw[:at] + data.draw(st.binary(max_size=2)) + raw[at + 1 :]
    taken = ours(changed)
    if taken is not None:
        assert bare_h11(changed.removeprefix(b"\r\n")) == taken
