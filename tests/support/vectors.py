"""The published test vectors: in `TOOLKIT_VECTORS`, or in `../shared/vectors` beside the project."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_PROJECT = Path(__file__).parent.parent.parent
_ROOT = Path(os.environ.get("TOOLKIT_VECTORS", _PROJECT.parent / "shared" / "vectors"))


@cache
def load(name: str) -> list[dict[str, Any]]:
    """The cases of one file, such as `"wpt/mime-types.json"`; empty when the vectors are not here."""
    path = _ROOT / name
    if not path.is_file():
        return []
    cases: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cases"]
    return cases


def params(*names: str) -> list[Any]:
    """The cases of some files as pytest parameters with their ids; one skipped parameter when absent."""
    cases = [pytest.param(case, id=case["id"]) for name in names for case in load(name)]
    return cases or [pytest.param(None, marks=pytest.mark.skip(reason="shared/vectors is not here"))]
