"""What the faces of the package and of its core promise."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import toolkit
from toolkit.sansio import errors, exchange, fields, forms, http11, routing, url

if TYPE_CHECKING:
    from types import ModuleType

FACES = [toolkit, errors, exchange, fields, forms, http11, routing, url]


@pytest.fixture(params=FACES, ids=lambda face: face.__name__)
def face(request: pytest.FixtureRequest) -> ModuleType:
    chosen: ModuleType = request.param
    return chosen


def homes_of(face: ModuleType) -> dict[str, str]:
    """The module of each name."""
    modules: dict[str, str] = vars(face)["_HOMES"]
    return {name: module for module, names in modules.items() for name in names.split()}


def test_a_face_lists_exactly_what_it_can_load(face: ModuleType) -> None:
    homes = homes_of(face)
    assert sorted(face.__all__) == sorted(homes)
    for name, home in homes.items():
        assert getattr(face, name) is vars(import_module(home))[name]
        assert getattr(getattr(face, name), "__module__", home) in (
            home,
            "typing",
            "types",
        )  # aliases of types


def test_no_name_is_that_of_a_module_beside_it(face: ModuleType) -> None:
    """Whoever loads that module would put it in the place of the name."""
    directory = Path(str(face.__file__)).parent
    beside = {path.stem for path in directory.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert not beside & {*homes_of(face)}


def test_a_face_loads_none_of_its_modules(face: ModuleType) -> None:
    """A thread that loads it, and one that loads a module of it, would wait for each other."""
    tree = ast.parse(Path(str(face.__file__)).read_text("utf-8"))
    loaded = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert loaded == {"__future__", "typing", "toolkit.faces"}


def test_type_checkers_see_the_same_names(face: ModuleType) -> None:
    tree = ast.parse(Path(str(face.__file__)).read_text("utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        name.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if name.asname == name.name  # which says that the name is meant for others, too
    }
    assert seen == homes_of(face)
    outside = ast.dump(ast.Module([node for node in tree.body if node is not block], []))
    assert "__getattr__" not in outside  # which would let them believe any name


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("toolkit.FormLimits", "toolkit.sansio.limits"),
        ("toolkit.sansio.exchange.EventDecoder", "toolkit.sansio.exchange.events"),
        ("toolkit.sansio.fields.Link", "toolkit.sansio.fields.link"),
        ("toolkit.sansio.forms.MultipartEncoder", "toolkit.sansio.forms.encoder"),
        ("toolkit.sansio.routing.Router", "toolkit.sansio.routing.router"),
    ],
)
def test_a_name_is_loaded_when_it_is_used(name: str, module: str) -> None:
    package, _, attribute = name.rpartition(".")
    program = (
        f"import sys, {package}; before = {module!r} in sys.modules; {name};"
        f"print(before, {module!r} in sys.modules, {attribute!r} in vars({package}))"
    )
    output = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert output.stdout == "False True True\n"


def test_a_module_is_there_by_its_name_before_it_is_loaded() -> None:
    program = "import toolkit.sansio.fields; print(toolkit.sansio.fields.link.Link.__name__)"
    output = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert output.stdout == "Link\n"


def test_a_face_refuses_unknown_names(face: ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"module '{face.__name__}' has no attribute 'nonsense'"):
        _ = face.nonsense
    assert dir(face) == sorted(face.__all__)


def test_the_version_is_a_version() -> None:
    assert re.fullmatch(r"[0-9]+(\.[0-9]+){2}", toolkit.__version__)
