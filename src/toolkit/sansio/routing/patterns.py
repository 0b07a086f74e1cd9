"""Patterns: rules with their converters in place, and the order in which they are tried.

**The order.** Two rules that match the same path are compared segment by segment, in a segment part by part,
from left to right; the leftmost difference decides:

1. a literal before a variable, a longer literal before a shorter one;
2. a variable of one segment before one that may hold slashes;
3. a narrower domain before a wider one (`Domain.width`: fewer texts, then fewer characters, then shorter);
4. what goes on before what ends: `<path:p>/edit` before `<path:p>`, `<name>.<ext>` before `<name>`.

What is left is decided by the text of literals and converters. So the order is total, and depends on the two
rules alone: neither on others nor on which came first. Of rules with the same pattern, the one that names the
method comes before the one that takes it otherwise (HEAD with GET, then any method).

A host is compared like a path, from left to right, and before the path; no host comes last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.sansio.routing.converters import (
    AnyConverter,
    Converter,
    IntConverter,
    PathConverter,
    SlugConverter,
    StringConverter,
)
from toolkit.sansio.routing.errors import RuleError
from toolkit.sansio.routing.numbers import DateConverter, DecimalConverter, FloatConverter, UUIDConverter
from toolkit.sansio.routing.splitting import HIDDEN_SLASH, Reader, Values, make_reader
from toolkit.sansio.routing.syntax import Segment, Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from toolkit.sansio.routing.rules import Rule, Slashes

ConverterFactory: TypeAlias = "Callable[..., Converter[Any]]"  # of whatever values
Key: TypeAlias = "tuple[object, ...]"

BUILT_IN: Mapping[str, ConverterFactory] = {
    "string": StringConverter,
    "str": StringConverter,
    "int": IntConverter,
    "float": FloatConverter,
    "decimal": DecimalConverter,
    "uuid": UUIDConverter,
    "date": DateConverter,
    "any": AnyConverter,
    "path": PathConverter,
    "slug": SlugConverter,
}
"""The converters that every router knows, by the name that rules use."""

END: Key = (9,)  # after every part: what goes on comes before what ends


class Dynamic:
    """A segment with variables, or the rest of a path from the first variable that may hold slashes.

    One object for each pattern: rules that differ only in the names of variables share it.
    """

    __slots__ = ("across", "bare", "converters", "key", "literals", "read", "slash")

    def __init__(
        self, literals: tuple[str, ...], converters: tuple[Converter[object], ...], key: Key, *, across: bool
    ) -> None:
        self.literals = literals
        self.converters = converters
        self.key = key
        self.across = across
        self.read: Reader = make_reader(literals, converters, across=across)
        self.slash = across and literals[-1].endswith("/")
        """Whether the rest of the path ends in a slash."""
        self.bare = converters[0] if literals == ("", "") and not across else None
        """The converter, where there is nothing but one variable of one segment."""


Step: TypeAlias = "str | Dynamic"
"""How to match one segment; a `Dynamic` that goes across is the last step."""


class Route:
    """A rule that is ready for matching and building: its steps, the names of its values, its policy."""

    __slots__ = ("host", "identity", "key", "names", "rule", "slash", "slashes", "steps")

    def __init__(
        self,
        rule: Rule[object],
        host: tuple[Step, ...] | None,
        steps: tuple[Step, ...],
        names: tuple[str, ...],
        slashes: Slashes,
    ) -> None:
        self.rule = rule
        self.host = host
        self.steps = steps
        self.names = names
        self.slashes = slashes
        self.slash = len(rule.path_segments) > 0 and rule.path_segments[-1] == ()
        self.identity = (rule.websocket, host, steps, self.slash)

    @property
    def order(self) -> Key:
        """The key of the order above."""
        host: Key = (1,) if self.host is None else (0, steps_key(self.host))
        return (host, steps_key(self.steps, slash=self.slash))

    @property
    def plain(self) -> bool:
        """Whether a match is all that there is to it: no defaults, no redirect."""
        rule = self.rule
        return not (rule.defaults or rule.alias or rule.redirect_to is not None)

    @property
    def family(self) -> object:
        """What a rule has in common with its aliases and with other forms of it: endpoint and name."""
        rule = self.rule
        return rule.endpoint if rule.name is None else (rule.endpoint, rule.name)

    def takes(self, method: str) -> bool:
        """Whether the rule takes the method; HEAD is implied by GET, and a WebSocket rule has no methods."""
        methods = self.rule.methods
        if methods is None:
            return not self.rule.websocket
        return method in methods or (method == "HEAD" and "GET" in methods)

    def params(self, values: Values) -> dict[str, object]:
        """The parameters of a match."""
        found: dict[str, object] = dict(zip(self.names, values, strict=True))
        found.update(self.rule.defaults)
        return found

    def read(self, segments: list[str], *, slash: bool) -> Values | None:
        """The values of a path's segments by this rule alone, for the path in the rule's own spelling."""
        values: Values = ()
        for index, step in enumerate(self.steps):
            if isinstance(step, str):
                found: Values | None = () if index < len(segments) and segments[index] == step else None
            elif step.across:
                found = step.read(rest_of(segments, index, slash=slash))
                return None if found is None else values + found
            else:
                found = step.read(segments[index]) if index < len(segments) and segments[index] else None
            if found is None:
                return None
            values += found
        return values if len(segments) == len(self.steps) and slash == self.slash else None


def rest_of(segments: list[str], start: int, *, slash: bool) -> str:
    """The segments from `start` on as one text, in which the `/` of a `%2F` is hidden."""
    rest = segments[start:]
    if any("/" in segment for segment in rest):
        rest = [segment.replace("/", HIDDEN_SLASH) for segment in rest]
    return "/".join(rest) + "/" if slash else "/".join(rest)


def steps_key(steps: tuple[Step, ...], *, slash: bool = False) -> Key:
    """The key of some steps."""
    keys: list[object] = []
    for step in steps:
        if isinstance(step, str):
            keys.append((literal_key(step), END))
        elif step.across:
            return (*keys, *step.key)
        else:
            keys.append(step.key)
    if slash:
        keys.append((END,))
    return (*keys, (END, END))


def literal_key(text: str) -> Key:
    """The key of a literal: before variables, the longer the earlier."""
    return (0, -len(text), text)


class Binder:
    """What makes routes of rules: it knows the converters, and keeps one of each pattern."""

    __slots__ = ("_converters", "_dynamics", "_factories", "_slashes", "_steps")

    def __init__(self, factories: Mapping[str, ConverterFactory], slashes: Slashes) -> None:
        self._factories = {**BUILT_IN, **factories}
        self._slashes: Slashes = slashes
        self._converters: dict[str, Converter[object]] = {}
        self._dynamics: dict[object, Dynamic] = {}
        self._steps: dict[Segment, Dynamic] = {}

    def bind(self, rule: Rule[object]) -> Route:
        """The route of a rule; RuleError where a converter is unknown or refuses its arguments."""
        segments = rule.path_segments
        slash = bool(segments) and segments[-1] == ()
        steps, names = self._bind(rule.path, segments[:-1] if slash else segments, slash=slash)
        host = None
        if rule.host is not None:
            host, host_names = self._bind(rule.host, rule.host_labels, slash=False)
            names = host_names + names
            if any(isinstance(step, Dynamic) and step.across for step in host):
                raise RuleError(rule.host, "a variable of a host is within one label")
        return Route(rule, host, steps, names, rule.slashes or self._slashes)

    def place(self, route: Route, segments: tuple[Segment, ...]) -> object:
        """The `identity` of a route with these segments for its path, and with converters that are known."""
        slash = segments[-1:] == ((),)
        steps, _ = self._bind("", segments[:-1] if slash else segments, slash=slash)
        return (route.rule.websocket, route.host, steps, slash)

    def _bind(
        self, text: str, segments: tuple[Segment, ...], *, slash: bool
    ) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """The steps of some segments and the names of their variables."""
        steps: list[Step] = []
        names: list[str] = []
        across = False
        for segment in segments:
            if len(segment) == 1 and isinstance(segment[0], str):
                steps.append(segment[0])
                continue
            names += [part.name for part in segment if isinstance(part, Variable)]
            step = self._steps.get(segment)
            if step is None:
                step = self._steps[segment] = self._dynamic(text, (segment,))
            steps.append(step)
            across = across or step.across
        if across:
            first = next(i for i, step in enumerate(steps) if isinstance(step, Dynamic) and step.across)
            steps[first:] = [self._dynamic(text, (*segments[first:], ()) if slash else segments[first:])]
        return tuple(steps), tuple(names)

    def _dynamic(self, text: str, segments: tuple[Segment, ...]) -> Dynamic:
        """The one pattern of these segments."""
        literals = [""]
        converters: list[Converter[object]] = []
        key: list[Key] = []
        for index, segment in enumerate(segments):
            literals[-1] += "/" if index else ""
            parts: list[Key] = []
            for part in segment:
                if isinstance(part, str):
                    literals[-1] += part.replace("/", HIDDEN_SLASH)
                    parts.append(literal_key(part))
                else:
                    converter = self._converter(text, part)
                    converters.append(converter)
                    literals.append("")
                    parts.append((2 if converter.domain.slashes else 1, *converter.domain.width, part.kind))
            key.append((*parts, END))
        across = any(converter.domain.slashes for converter in converters)
        whole: Key = (*key, (END, END)) if across else key[0]
        known = self._dynamics.get(whole)
        if known is None:
            if not across:
                literals = [literal.replace(HIDDEN_SLASH, "/") for literal in literals]
            known = Dynamic(tuple(literals), tuple(converters), whole, across=across)
            known = self._dynamics.setdefault(whole, known)
        return known

    def _converter(self, text: str, variable: Variable) -> Converter[object]:
        known = self._converters.get(variable.kind)
        if known is None:
            factory = self._factories.get(variable.converter)
            if factory is None:
                raise RuleError(text, f"there is no converter {variable.converter!r}")
            try:
                known = factory(*variable.positional, **dict(variable.named))
            except (TypeError, ValueError) as error:
                raise RuleError(text, f"{variable.converter}: {error}") from error
            known = self._converters.setdefault(variable.kind, known)
        return known
