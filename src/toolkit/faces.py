"""Faces of packages that are lazy (PEP 562): a name loads the module that defines it when it is first used.

A package is loaded before any module in it: if its face loaded them all, whoever needs one would load all.
And two threads, of which one loads a package and one a module of it for the first time, would wait for each
other: the import system then raises an error, or gives a module that is not complete.

A face says its names twice, and a test keeps both the same: as imports for type checkers, which would believe
any name of a module with a `__getattr__`, and as a table for the interpreter.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lazy_face(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package.

    `homes` gives the modules, each with the names it defines, as words of one text. A module of the package
    itself is there as well, by its own name, whether it is loaded yet or not.
    """
    home_of = {name: module for module, names in homes.items() for name in names.split()}
    names = list(home_of)

    def load(name: str) -> object:
        if name in home_of:
            value: object = getattr(import_module(home_of[name]), name)
            setattr(sys.modules[package], name, value)
            return value
        module = f"{package}.{name}"
        if module in homes:
            return import_module(module)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return load, names.copy, names
