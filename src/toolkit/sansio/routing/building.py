"""Building: from an endpoint and parameters to a URL, the inverse of matching.

A `Builder` is one rule turned around: its literals quoted once, and for each variable the converter's `write`
and the quoter of its place. What could not come back by the same rule (a dot segment; `a-b` for the first of
`/<x>-<y>`, which would be split elsewhere) is refused. A more specific rule may of course own the URL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from toolkit.sansio.percent import PCHAR, Quoter, quote_path, quote_segment
from toolkit.sansio.routing.converters import Converter, StringConverter
from toolkit.sansio.routing.patterns import Dynamic, Route, Step
from toolkit.sansio.routing.splitting import HIDDEN_SLASH
from toolkit.sansio.routing.tree import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Params: TypeAlias = "Mapping[str, object]"

_DOTS = frozenset((".", ".."))
_USUAL = "-0123456789_abcdefghijklmnopqrstuvwxyz"  # a part of PCHAR that is looked for in half of the time
_HOST_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_"


class Unsuitable(Exception):  # a decision inside this module and its caller, not an error
    """These parameters do not fit this rule; the text says why."""


class _Slot:
    """The place of one variable: its name, how its text is made, and the literal after it, quoted."""

    __slots__ = ("after", "name", "open", "quote", "read", "write")

    def __init__(self, name: str, converter: Converter[object], quote: Quoter, after: str) -> None:
        self.name = name
        self.read = converter.read
        self.write = converter.write
        self.quote = quote
        self.after = after
        self.open = type(converter) is StringConverter and converter.domain.open

    def text(self, params: Params) -> str:
        """The variable, quoted."""
        value = params[self.name]
        try:
            return self.quote(self.write(value))
        except (ValueError, TypeError) as error:
            raise Unsuitable(f"{self.name}={value!r}: {error}") from error


class Builder:
    """One rule, turned around."""

    __slots__ = (
        "_checked",
        "_first",
        "_host",
        "_plan",
        "_slots",
        "count",
        "defaults",
        "names",
        "route",
        "simple",
        "static_host",
    )

    def __init__(self, route: Route) -> None:
        self.route = route
        self.names = frozenset(route.names)
        self.count = len(self.names)
        self.defaults = dict(route.rule.defaults)
        self.simple = route.host is None and not self.defaults
        host_names = sum(len(step.converters) for step in route.host or () if isinstance(step, Dynamic))
        self._first, self._slots = _turn(route.steps, route.names[host_names:], slash=route.slash)
        self._plan = [(slot.name, slot.open, slot.after, slot) for slot in self._slots]
        self._checked = any(isinstance(step, Dynamic) and step.bare is None for step in route.steps)
        self._host = None if route.host is None else (route.host, route.names[:host_names])
        self.static_host = route.rule.host if route.host is not None and not host_names else None

    def path(self, params: Params) -> str:
        """The path; Unsuitable where the parameters do not fit, KeyError where one is missing."""
        path = self._first
        for name, is_open, after, slot in self._plan:
            # PERF: nearly every value is text that needs no quoting (benchmarks/routing.py::build).
            value = params[name]
            if (
                is_open
                and type(value) is str
                and value
                and (not value.strip(_USUAL) or not value.strip(PCHAR))
            ):
                path = f"{path}{value}{after}"
            else:
                path += slot.text(params) + after
        if "." in path and "/." in path and not _DOTS.isdisjoint(path.split("/")):
            raise Unsuitable("a segment cannot be '.' or '..': a client would resolve it")
        if self._checked:
            self._check(path, params)
        return path

    def read(self, texts: Mapping[str, str]) -> dict[str, object]:
        """The values of the path's variables that have a text; ValueError where a converter refuses."""
        return {slot.name: slot.read(texts[slot.name]) for slot in self._slots if slot.name in texts}

    def texts(self, params: Params) -> dict[str, str]:
        """The text of every variable, quoted; Unsuitable where the parameters do not fit."""
        steps, names = self._host or ((), ())
        converters = [
            converter for step in steps if isinstance(step, Dynamic) for converter in step.converters
        ]
        of_host = [_Slot(*pair, quote_segment, "") for pair in zip(names, converters, strict=True)]
        return {slot.name: slot.text(params) for slot in (*of_host, *self._slots)}

    def host(self, params: Params) -> str | None:
        """The host, or None where any will do; Unsuitable where the parameters do not fit."""
        if self.static_host is not None or self._host is None:
            return self.static_host
        steps, names = self._host
        rest = iter(names)
        labels: list[str] = []
        for step in steps:
            if isinstance(step, str):
                labels.append(step)
                continue
            texts = [(converter, next(rest)) for converter in step.converters]
            label = step.literals[0]
            for (converter, name), after in zip(texts, step.literals[1:], strict=True):
                label += _Slot(name, converter, quote_segment, "").text(params) + after
            if label.strip(_HOST_CHARACTERS) or step.read(label) != tuple(params[name] for _, name in texts):
                raise Unsuitable(f"{label!r} is no label of a host in lower case")
            labels.append(label)
        return ".".join(labels)

    def suits(self, params: Params) -> bool:
        """Whether every variable has a parameter, and no default is contradicted."""
        return params.keys() >= self.names and all(
            params.get(name, value) == value for name, value in self.defaults.items()
        )

    def uses(self, params: Params) -> int:
        """How many of the parameters it has a place for."""
        return len(self.names) + sum(name in params for name in self.defaults)

    def expected(self, params: Params) -> str:
        """What it expects and does not get, for an error's text."""
        rule = self.route.rule
        missing = sorted(self.names - params.keys())
        wrong = [
            f"{name}={value!r}" for name, value in self.defaults.items() if params.get(name, value) != value
        ]
        lacks = [f"needs {', '.join(missing)}"] if missing else []
        lacks += [f"is for {', '.join(wrong)}"] if wrong else []
        return f"{rule.path} {' and '.join(lacks)}"

    def _check(self, path: str, params: Params) -> None:
        """Nothing, if the rule reads the same values out of `path`; Unsuitable otherwise."""
        if path.startswith("//"):
            raise Unsuitable(f"{path} would be read as a host")
        segments = decode(path) or [""]
        slash = segments[-1] == ""
        values = self.route.read(segments[:-1] if slash else segments, slash=slash)
        names = self.route.names[len(self.route.names) - len(self._slots) :]
        if values is None or values != tuple(params[name] for name in names):
            raise Unsuitable(f"{path} would be read back with other values")


def _turn(steps: Iterable[Step], names: Iterable[str], *, slash: bool) -> tuple[str, list[_Slot]]:
    """The literal before the first variable, and the slots."""
    rest = iter(names)
    first = ""
    slots: list[_Slot] = []
    for step in steps:
        literals, converters = _parts(step)
        if slots:
            slots[-1].after += "/" + literals[0]
        else:
            first += "/" + literals[0]
        for converter, after in zip(converters, literals[1:], strict=True):
            quote = quote_path if converter.domain.slashes else quote_segment
            slots.append(_Slot(next(rest), converter, quote, after))
        if isinstance(step, Dynamic) and step.across:
            return first, slots
    if slots:
        slots[-1].after += "/" * slash
    else:
        first += "/" * slash
    return first, slots


def _parts(step: Step) -> tuple[list[str], tuple[Converter[object], ...]]:
    """The literals of a step, quoted, and the converters between them."""
    if isinstance(step, str):
        return [quote_segment(step)], ()
    return [_quoted(literal, across=step.across) for literal in step.literals], step.converters


def _quoted(literal: str, *, across: bool) -> str:
    """A literal of a pattern, quoted for a path."""
    return "%2F".join(map(quote_path, literal.split(HIDDEN_SLASH))) if across else quote_segment(literal)
