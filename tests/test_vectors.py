"""The published vectors are all run, and what is listed as decided otherwise exists, with a reason."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support import vectors
from tests.support.vectors import PAGE, ROOT, each_of, listed, load

needs_vectors = pytest.mark.skipif(not ROOT.is_dir(), reason="shared/vectors is not here")

# What is not built here.
OTHERS = {
    "structured-fields/parse.json": "RFC 9651 has no types yet",
    "structured-fields/serialise.json": "the same",
    "wpt/data-urls.json": "a `data:` URL is the matter of whoever fetches it",
    "wpt/form-text-plain-encode.json": "`text/plain` forms are for people to read, not for programs",
    "wpt/x-content-type-options.json": "what browsers make of a response",
}


def files() -> set[str]:
    """The files of vectors that have cases."""
    paths = [path for path in ROOT.glob("*/*.json") if path.parent.name != "routes"]
    return {
        str(path.relative_to(ROOT))
        for path in paths
        if isinstance(json.loads(path.read_text("utf-8")).get("cases"), list)
    }


@needs_vectors
def test_every_file_of_vectors_is_run() -> None:
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.rglob("test_*.py"))
    named = set(re.findall(r'"([a-z0-9-]+/[A-Za-z0-9-]+\.json)"(?!:)', tests))
    assert files() - named == set(OTHERS)


@needs_vectors
def test_every_listed_case_exists_under_the_name_of_its_file() -> None:
    sections = re.findall(r"^## `(.+)`: (\d+) of (\d+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    found: set[str] = set()
    for name, number, total in sections:
        ids = {case["id"] for case in load(f"{name}.json")}
        assert (len(ids & listed().keys()), len(ids)) == (int(number), int(total)), name
        found |= ids
    assert listed().keys() <= found


def test_every_listed_case_has_a_reason() -> None:
    assert all(reason.endswith(".") and not reason.startswith("#") for reason in listed().values())


def test_a_case_that_fails_or_that_is_listed_and_passes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [{"id": name} for name in ("right", "wrong", "right, listed", "wrong, listed")]
    monkeypatch.setattr(vectors, "load", {"a/b.json": cases}.get)
    monkeypatch.setattr(vectors, "listed", lambda: dict.fromkeys(("right, listed", "wrong, listed"), ""))

    @each_of("a/b.json")
    def check(case: dict[str, Any]) -> None:
        if "wrong" in case["id"]:
            raise ValueError("not right")

    with pytest.raises(AssertionError) as error:
        check("a/b.json")
    told, another = str(error.value).split("\n")[:2]
    assert (told, another) == ("wrong: ValueError: not right", "right, listed is listed, and passes")
