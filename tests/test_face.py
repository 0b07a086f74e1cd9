"""What the face of the package promises."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import toolkit


def test_the_face_lists_exactly_what_it_can_load() -> None:
    homes = vars(toolkit)["_HOMES"]
    assert sorted(toolkit.__all__) == sorted([*homes, "__version__"])
    for name, home in homes.items():
        assert getattr(toolkit, name).__module__ == home


def test_type_checkers_see_the_same_names() -> None:
    source = toolkit.__file__
    assert source
    with open(source, encoding="utf-8") as file:  # noqa: PTH123  # nothing to gain from a Path here
        block = file.read().split("if TYPE_CHECKING:")[1].split("_HOMES")[0]
    names = {
        name.strip()
        for line in re.findall(r"import (?:\(([^)]*)\)|(.+))", block)
        for name in "".join(line).split(",")
        if name.strip()
    }
    assert names == set(vars(toolkit)["_HOMES"])


def test_a_name_is_loaded_when_it_is_used() -> None:
    program = (
        "import sys, toolkit; before = 'toolkit.sansio.limits' in sys.modules; toolkit.FormLimits;"
        "print(before, 'toolkit.sansio.limits' in sys.modules, 'FormLimits' in vars(toolkit))"
    )
    output = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert output.stdout == "False True True\n"


def test_the_face_refuses_unknown_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = toolkit.nonsense
    assert dir(toolkit) == sorted(toolkit.__all__)


def test_the_version_is_a_version() -> None:
    assert re.fullmatch(r"[0-9]+(\.[0-9]+){2}", toolkit.__version__)
