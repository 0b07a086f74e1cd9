"""Every example in the documentation and in the README is run, and every module has its reference."""

from __future__ import annotations

import ast
import doctest
import re
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

import toolkit

PROJECT = Path(__file__).parent.parent
PAGES = sorted([PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(python|pycon)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MODULES = sorted(
    ".".join(path.relative_to(PROJECT / "src").with_suffix("").parts)
    for path in (PROJECT / "src" / "toolkit").rglob("*.py")
    if not path.name.startswith("__")
)
# The packages that gather names. That of the package itself is lazy, and has a list of its own.
FACES = [
    path
    for path in sorted((PROJECT / "src" / "toolkit").rglob("__init__.py"))
    if path.parent.name != "toolkit"
]


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
            exec(compile("\n" * line + block[2], str(page), "exec", dont_inherit=True), names)  # noqa: S102  # our own pages
            continue
        example = doctest.DocTestParser().get_doctest(block[2], names, page.name, str(page), line)
        runner.run(example, clear_globs=False)
        names.update(example.globs)
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_reference(module: str) -> None:
    pages = "".join(page.read_text("utf-8") for page in (PROJECT / "docs" / "reference").glob("*.md"))
    assert re.search(rf"automodule:: {re.escape(module)}$", pages, re.MULTILINE)


def test_every_name_of_the_face_is_in_the_reference() -> None:
    page = (PROJECT / "docs" / "reference" / "index.md").read_text("utf-8")
    listed = re.findall(r"`~([\w.]+)`", page)
    homes: dict[str, str] = vars(toolkit)["_HOMES"]
    of_face = [f"{home}.{name}" for home, names in homes.items() for name in names.split()]
    assert sorted([*listed, "toolkit.version.__version__"]) == sorted(of_face)


@pytest.mark.parametrize("path", FACES, ids=lambda path: str(path.parent.relative_to(PROJECT / "src")))
def test_every_name_of_a_face_is_documented_where_it_stands(path: Path) -> None:
    """The reference is made of docstrings: what has none is left out."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("toolkit."):
            documented = _documented(node.module)
            assert {alias.name for alias in node.names} <= documented, node.module


def _documented(module: str) -> set[str]:
    """The names of a module that have a docstring, or a string behind their assignment."""
    base = PROJECT / "src" / Path(*module.split("."))
    path = base.with_suffix(".py") if base.with_suffix(".py").is_file() else base / "__init__.py"
    body = ast.parse(path.read_text("utf-8")).body
    found = {
        node.name
        for node in body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(node)
    }
    for node, after in pairwise(body):
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found
