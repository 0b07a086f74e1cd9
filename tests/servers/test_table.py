from __future__ import annotations

from tests.servers.launching import ROOT
from tests.servers.table import table


def test_the_documentation_tells_what_was_tested() -> None:
    page = (ROOT / "docs" / "conformance" / "servers.md").read_text(encoding="utf-8")
    assert table() in page, "run python -m tests.servers.table"
