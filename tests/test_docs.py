"""Every example in the documentation and in the README is run, and every module has its reference."""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).parent.parent
PAGES = sorted([PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(python|pycon)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MODULES = sorted(
    ".".join(path.relative_to(PROJECT / "src").with_suffix("").parts)
    for path in (PROJECT / "src" / "toolkit").rglob("*.py")
    if not path.name.startswith("__")
)


def name_of(page: Path) -> str:
    return str(page.relative_to(PROJECT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `python` block is executed, a `pycon` block compared; the blocks of one page share their names."""
    monkeypatch.chdir(tmp_path)
    text = page.read_text("utf-8")
    module = ModuleType("example")  # some decorators look for the module of a class
    monkeypatch.setitem(sys.modules, "example", module)
    names = vars(module)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for block in FENCE.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        if block[1] == "python":
            exec(compile("\n" * line + block[2], str(page), "exec"), names)  # noqa: S102  # our own pages
            continue
        example = doctest.DocTestParser().get_doctest(block[2], names, page.name, str(page), line)
        runner.run(example, clear_globs=False)
        names.update(example.globs)
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_reference(module: str) -> None:
    pages = "".join(page.read_text("utf-8") for page in (PROJECT / "docs" / "reference").glob("*.md"))
    assert re.search(rf"automodule:: {re.escape(module)}$", pages, re.MULTILINE)
