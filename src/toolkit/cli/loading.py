"""What the command line names: `MODULE:ATTRIBUTE`, looked for in the current directory too."""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from importlib.util import find_spec


class LoadError(Exception):
    """There is no such thing. Its text is one line that says what there is instead; `status`, how to exit."""

    def __init__(self, text: str, status: int = 2) -> None:
        super().__init__(text)
        self.status = status


def load(name: str, kind: str) -> object:
    """The object that `name` names; `kind` is what it should be, for the messages: "a router".

    Raises `LoadError` for a name that leads nowhere, with the status 2; with 1 for a module that fails, after
    its traceback has been printed.
    """
    module_name, _, path = name.partition(":")
    if not module_name or not path:
        usual = kind.rpartition(" ")[2]
        meant = f"{_without_suffix(module_name) or usual}:{path or usual}"
        raise LoadError(f"{kind} is named MODULE:NAME, such as {meant}, not {name!r}")
    if "" not in sys.path:
        sys.path.insert(0, "")
    found = _import(module_name)
    for part in path.split("."):
        if not hasattr(found, part):
            near = ", ".join(
                [public for public in dir(found) if public.isidentifier() and public[0] != "_"][:8]
            )
            raise LoadError(f"{module_name} has no {path!r}; it has {near or 'nothing'}")
        found = getattr(found, part)
    return found


def _import(module_name: str) -> object:
    """The module of that name."""
    try:
        _find(module_name)
        return import_module(module_name)
    except LoadError:
        raise
    except SystemExit:
        raise LoadError(
            f'{module_name} exits when it is imported: put what runs it below if __name__ == "__main__"',
            status=1,
        ) from None
    except Exception:  # noqa: BLE001  # the developer wants to see where
        traceback.print_exc()
        raise LoadError(f"{module_name} cannot be imported", status=1) from None


def _find(module_name: str) -> None:
    """Refuse a module that is not there, and tell it from one that cannot be imported."""
    if module_name.endswith(".py"):
        raise LoadError(f"there is no module {module_name!r}; did you mean {_without_suffix(module_name)!r}?")
    parts = module_name.split(".")
    for count in range(1, len(parts) + 1):
        package, part = ".".join(parts[: count - 1]), ".".join(parts[:count])
        if package and not hasattr(import_module(package), "__path__"):
            raise LoadError(f"{package} is no package: there is no module {part!r}")
        if part not in sys.modules and ("" in parts or find_spec(part) is None):
            raise LoadError(f"there is no module {part or module_name!r} here or on the path")


def _without_suffix(path: str) -> str:
    """The module of a file."""
    return path.removesuffix(".py").lstrip("./").replace("/", ".")
