"""The published test vectors: in `TOOLKIT_VECTORS`, or in `../shared/vectors` beside the project.

A case that we decide otherwise is listed by its id, under its reason, in `docs/conformance/vectors.md`, and
must fail: a listed case that passes is an error, as is a case that fails and is not listed.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from toolkit.sansio.errors.base import ToolkitError

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[dict[str, Any]], None]

_PROJECT = Path(__file__).parent.parent.parent
ROOT = Path(os.environ.get("TOOLKIT_VECTORS", _PROJECT.parent / "shared" / "vectors"))
PAGE = _PROJECT / "docs" / "conformance" / "vectors.md"

# One line of the page: an id, or what the ids of a file have in common and their numbers.
_ITEM = re.compile(r"- `([^`]+)`([0-9, \-]*)").fullmatch
_DIFFERENT = (AssertionError, ToolkitError, ValueError, pytest.fail.Exception)


@cache
def load(name: str) -> list[dict[str, Any]]:
    """The cases of one file, such as `"wpt/mime-types.json"`; empty when the vectors are not here.

    A file without a list of cases is one case.
    """
    path = ROOT / name
    if not path.is_file():
        return []
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    cases: list[dict[str, Any]] = data.get("cases", [data])
    return cases


@cache
def listed() -> dict[str, str]:
    """The ids of the cases that we decide otherwise, each with the reason."""
    found: dict[str, str] = {}
    reason = ""
    for paragraph in PAGE.read_text("utf-8").partition("\n## ")[2].split("\n\n"):
        lines = paragraph.strip().split("\n")
        items = [match for line in lines if (match := _ITEM(line))]
        if not items:
            reason = " ".join(lines)
            continue
        assert len(items) == len(lines), paragraph
        for stem, numbers in (match.groups() for match in items):
            for case in [stem + number for number in _spread(numbers)]:
                assert case not in found, f"{case} is listed twice"
                found[case] = reason
    return found


def _spread(numbers: str) -> list[str]:
    """`"1, 4-6"` as four texts; no numbers as one that is empty."""
    found: list[str] = []
    for piece in numbers.split(","):
        first, _, last = piece.strip().partition("-")
        found += map(str, range(int(first), int(last or first) + 1)) if first else [""]
    return found


def each_of(
    *names: str, where: Callable[[dict[str, Any]], object] = bool, own_rule: bool = False
) -> Callable[[Check], Callable[[str], None]]:
    """A test for each of some files, of a function that checks one case: a test for each case takes longer.

    `where` chooses those that one test is for; its module has another test for the rest. A test with a rule
    of its own does not look at what is expected, so none of the cases must fail in it.
    """

    def decorate(check: Check) -> Callable[[str], None]:
        @pytest.mark.parametrize("file", names)
        def test(file: str) -> None:
            cases = [case for case in load(file) if where(case)]
            if not cases:
                pytest.skip("shared/vectors is not here")
            wrong = [fault for case in cases if (fault := _fault(check, case, own_rule=own_rule))]
            assert not wrong, "\n".join(wrong)

        test.__name__, test.__doc__ = check.__name__, check.__doc__
        return test

    return decorate


def _fault(check: Check, case: dict[str, Any], *, own_rule: bool) -> str | None:
    """What is wrong with a case, or with its being listed."""
    is_listed = not own_rule and case["id"] in listed()
    try:
        check(case)
    except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # the others are looked at, too
        expected = is_listed and isinstance(error, _DIFFERENT)
        return None if expected else f"{case['id']}: {type(error).__name__}: {error}"
    return f"{case['id']} is listed, and passes" if is_listed else None
