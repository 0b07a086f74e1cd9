"""The same responses to other clients: every disagreement belongs to a class that is explained here.

`docs/conformance/http11.md` has the same classes in words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.sansio.http11.driving import by_bytes
from tests.sansio.http11.response_corpus import InvalidResponse, ValidResponse, responses
from tests.sansio.http11.response_rivals import RIVALS, Taken, ours

if TYPE_CHECKING:
    from collections.abc import Callable


class Class(NamedTuple):
    """A class of disagreements: the names of its responses, and the rivals that are of another opinion."""

    names: str
    rivals: str
    why: str


THEY_TAKE = [
    Class(
        "version .*", "h11 http.client aiohttp", "every version is read as 1.1; blanks around it are trimmed"
    ),
    Class("reason .*|tab before the reason", "h11 http.client aiohttp", "a reason is for nobody to read"),
    Class("control .*", "h11 http.client aiohttp", "controls occur in the wild"),
    Class("name .*|no colon|CR in value|fold first", "http.client", "lines are split as those of mail are"),
    Class("fold|LF .*", "h11 http.client aiohttp", "folded lines are joined, and a line may end in LF"),
    Class("length '.*", "h11 http.client", "equal lengths are one, or what is no number is no length"),
    Class("lengths .*", "h11 http.client aiohttp", "the first, or the last, counts"),
    Class("length and coding", "h11 http.client", "the coding wins"),
    Class("coding .*", "http.client aiohttp", "what is not chunked ends with the connection"),
    Class("chunked in HTTP/1.0", "h11 http.client aiohttp", "it is read as in 1.1"),
    Class("chunk '.*", "h11 http.client aiohttp", "extensions are skipped unread, `int` reads the size"),
    Class(
        "chunked: LF after (line|data)|chunked: data too short", "http.client aiohttp", "a line may end in LF"
    ),
    Class("chunked: half an end|cut in head", "http.client", "the end of the connection ends what is open"),
    Class("chunked: .* trailer", "h11 http.client aiohttp", "as in heads, or not read"),
    Class("trailer .*", "h11 http.client aiohttp", "trailers are for the application to check, or not read"),
    Class("a switch that nobody asked for", "http.client aiohttp", "that is for the application to see"),
    Class("101 fields", "h11 aiohttp", "their limits are others"),
]
THEY_REFUSE = [Class("(204|304).* ?chunked", "http.client", "chunks are read where there can be none")]
THEY_DIFFER = [
    Class(".* times (102|103|199) before it", "http.client", "only 100 is known to be an interim one")
]

CASES = responses()


def class_of(name: str, rival: str, classes: list[Class]) -> Class | None:
    found = [
        one for one in classes if rival in one.rivals.split() and re.fullmatch(one.names, name, re.DOTALL)
    ]
    assert len(found) <= 1, found
    return found[0] if found else None


def parser(rival: str) -> Callable[[bytes, str], Taken | None]:
    parse = RIVALS[rival]
    if parse is None:
        pytest.skip(f"{rival} is not installed")
    return parse


def classes_of_disagreement(theirs: Taken | None, here: Taken | None) -> list[Class]:
    if here is None:
        return THEY_TAKE
    return THEY_REFUSE if theirs is None else THEY_DIFFER


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_what_becomes_of_a_response_in_every_cut(case: ValidResponse | InvalidResponse) -> None:
    taken = ours([case.raw], case.method)
    if isinstance(case, ValidResponse):
        assert taken is not None
        assert taken.content == case.content
    else:
        assert taken is None
    assert ours(by_bytes(case.raw), case.method) == taken
    for cut in range(1, len(case.raw)):
        assert ours([case.raw[:cut], case.raw[cut:]], case.method) == taken


@pytest.mark.parametrize("rival", RIVALS)
def test_every_disagreement_is_explained_and_no_explanation_is_without_one(rival: str) -> None:
    parse = parser(rival)
    needed: set[Class] = set()
    for case in CASES:
        theirs, here = parse(case.raw, case.method), ours([case.raw], case.method)
        if theirs != here:
            found = class_of(case.name, rival, classes_of_disagreement(theirs, here))
            assert found, (case.name, theirs)
            needed.add(found)
    every = {one for one in THEY_TAKE + THEY_REFUSE + THEY_DIFFER if rival in one.rivals.split()}
    assert every == needed
