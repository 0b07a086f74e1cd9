"""The diagrams in the documentation are those of the tables."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
DIAGRAMS: dict[str, str] = runpy.run_path(str(DOCS / "diagrams.py"))["DIAGRAMS"]


@pytest.mark.parametrize("name", DIAGRAMS)
def test_the_diagram_is_the_table(name: str) -> None:
    drawn = (DOCS / "explanation" / name).read_text("utf-8")
    assert drawn == DIAGRAMS[name], "run `python docs/diagrams.py`"


def test_every_diagram_is_shown() -> None:
    page = (DOCS / "explanation" / "exchange.md").read_text("utf-8")
    assert all(f"{{image}} {name}" in page for name in DIAGRAMS)
