"""The house: what may import what, and what the core may never load. The layers are in pyproject.toml."""

from __future__ import annotations

import ast
import json
import pkgutil
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import toolkit
import toolkit.sansio

SOURCE = Path(toolkit.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))

FORBIDDEN = {
    "_ssl", "asyncio", "concurrent.futures", "email", "http.client", "http.server", "logging", "select",
    "selectors", "socket", "socketserver", "ssl", "subprocess", "threading",
}  # fmt: skip

CORE = sorted(
    module.name for module in pkgutil.walk_packages(toolkit.sansio.__path__, prefix="toolkit.sansio.")
)


def module_name(path: Path) -> str:
    parts = ("toolkit", *path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}
PACKAGES = {name for name, path in MODULES.items() if path.name == "__init__.py"}


def imports_of(path: Path) -> dict[str, list[str]]:
    """The toolkit modules a file imports, typing-only ones included, each with the names taken from it."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "toolkit":
            found.setdefault(node.module, []).extend(alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "toolkit":
                    found.setdefault(alias.name, [])
    return found


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter holds after a statement."""
    program = f"import json, sys; {statement}; print(json.dumps(sorted(sys.modules)))"
    output = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    return set(json.loads(output))


def test_the_core_loads_nothing_that_talks_to_the_world() -> None:
    loaded = loaded_by("import " + ", ".join(["toolkit.sansio", *CORE]))
    at_start = loaded_by("import uuid")  # of the standard library, which runs a program with it before 3.11
    guilty = {
        name
        for name in loaded - at_start
        if any(name == module or name.startswith(f"{module}.") for module in FORBIDDEN)
    }
    assert not guilty


def test_the_face_loads_no_adapter() -> None:
    names = ", ".join(vars(toolkit)["__all__"])
    loaded = loaded_by(f"from toolkit import {names}")
    assert not loaded & {
        "toolkit.wsgi",
        "toolkit.asgi",
        "toolkit.server",
        "toolkit.storage",
        "toolkit.testing",
    }


def test_importing_the_package_loads_what_is_used_and_no_more() -> None:
    loaded = loaded_by("import toolkit")
    assert {name for name in loaded if name.startswith("toolkit")} <= {
        "toolkit",
        "toolkit.faces",
    }


def test_an_application_does_not_load_what_few_need() -> None:
    loaded = loaded_by("from toolkit import Response, Router; from toolkit.wsgi import Request, application")
    assert not loaded & {
        "multipart",  # the parser of unusual multipart bodies
        "toolkit.sansio.fields.link",
        "toolkit.sansio.fields.security",
        "toolkit.sansio.forms.encoder",
    }


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_imports_name_the_defining_module(path: Path) -> None:
    if path.name == "__init__.py":
        pytest.skip("a face gathers names")
    through_a_face = {
        module: names
        for module, names in imports_of(path).items()
        if module in PACKAGES and any(f"{module}.{name}" not in MODULES for name in names)
    }
    assert not through_a_face


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_imports_stand_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    hidden = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    assert not hidden


def test_there_is_no_circle() -> None:
    graph = {
        name: {module for module in imports_of(path) if module in MODULES and module != name}
        for name, path in MODULES.items()
        if name not in PACKAGES  # faces stand above what they gather
    }
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 450
    long = [
        f"{node.name}: {node.end_lineno - node.lineno}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.end_lineno is not None
        and node.end_lineno - node.lineno > 60
    ]
    assert not long


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_every_file_begins_with_its_rules(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("module", [name for name in MODULES if name in PACKAGES])
def test_a_face_exports_what_it_lists(module: str) -> None:
    face = __import__(module, fromlist=["__all__"])
    for name in getattr(face, "__all__", ()):
        assert getattr(face, name).__doc__ or not callable(getattr(face, name)), name
