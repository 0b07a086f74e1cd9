"""What the command line names: `MODULE:ATTRIBUTE`, looked for in the current directory too."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec


class LoadError(Exception):
    """There is no such thing. Its text is one line that says what there is instead."""


def load(name: str, kind: str) -> object:
    """The object that `name` names; `kind` is what it should be, for the messages.

    Raises `LoadError` for a name that leads nowhere. What goes wrong in the module itself is raised as it is.
    """
    module_name, _, path = name.partition(":")
    if not module_name or not path:
        raise LoadError(f"{kind} is named MODULE:NAME, such as app:{path or 'app'}, not {name!r}")
    if "" not in sys.path:
        sys.path.insert(0, "")
    _find(module_name)
    found: object = import_module(module_name)
    for part in path.split("."):
        if not hasattr(found, part):
            near = ", ".join(
                sorted(public for public in vars(found) if public.isidentifier() and public[0] != "_")[:8]
            )
            raise LoadError(f"{module_name} has no {path!r}; it has {near or 'nothing'}")
        found = getattr(found, part)
    return found


def _find(module_name: str) -> None:
    """Refuse a module that is not there, and tell it from one that cannot be imported."""
    if module_name.endswith(".py"):
        raise LoadError(f"there is no module {module_name!r}; did you mean {module_name[:-3]!r}?")
    parts = module_name.split(".")
    for count in range(1, len(parts) + 1):
        part = ".".join(parts[:count])
        try:
            spec = find_spec(part)
        except (ImportError, ValueError) as error:
            raise LoadError(f"cannot look for the module {part!r}: {error}") from error
        if spec is None:
            raise LoadError(f"there is no module {part!r} here or on the path")
