"""Which rules can never match, because others always come before them: for reports, not for requests.

A rule is taken apart into cases: one of its methods, a spelling of the slash at its end, one word of each
`any`, and of each `int` the numbers between two bounds that other rules set. It never matches if each case
is covered by one earlier rule as a whole.

What is reported is certain. Not decided, and so not reported: a segment with several variables, and the rest
of a path (`<path:x>`), unless the very same stands in the other rule; whether several rules together cover
one with more than a thousand cases; whether converters other than those of texts and whole numbers refuse
something.
"""

from __future__ import annotations

from itertools import pairwise, product
from math import prod
from typing import TYPE_CHECKING, NamedTuple, cast

from toolkit.sansio.routing.converters import (
    AnyConverter,
    Converter,
    IntConverter,
    SlugConverter,
    StringConverter,
)
from toolkit.sansio.routing.patterns import Dynamic, Route, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_TOTAL = (StringConverter, SlugConverter)  # they take every text of their domain
_MOST = 1000  # cases of one rule


class _Case(NamedTuple):
    """A part of what a rule takes; method None: all that there could be."""

    method: str | None
    slash: bool
    host: tuple[Step, ...] | None
    steps: tuple[Step, ...]


def shadowed(routes: Iterable[Route]) -> Iterator[tuple[Route, tuple[Route, ...]]]:
    """The routes that never match with those that come before; `routes` in the order of their trial."""
    earlier = _Earlier()
    for route in routes:
        if route.rule.build_only:
            continue
        owners = _owners(route, earlier.near(route))
        if owners:
            yield route, owners
        earlier.add(route)


class _Node:
    """Where routes that agree so far go on, and those that end here with their numbers."""

    __slots__ = ("dynamic", "routes", "static")

    def __init__(self) -> None:
        self.static: dict[str, _Node] = {}
        self.dynamic: dict[Dynamic, _Node] = {}
        self.routes: list[tuple[int, Route]] = []

    def below(self, step: Step) -> _Node:
        """The node that follows on a step, made if need be."""
        if isinstance(step, str):
            return self.static.setdefault(step, _Node())
        return self.dynamic.setdefault(step, _Node())

    def near(self, steps: tuple[Step, ...]) -> Iterator[tuple[int, Route]]:
        """The routes that take a part of what the steps are for."""
        if not steps:
            yield from self.routes
            return
        for child in self._touching(steps[0]):
            yield from child.near(steps[1:])

    def _touching(self, step: Step) -> Iterator[_Node]:
        """The nodes below that take a part of what the step is for."""
        if isinstance(step, Dynamic) and step.bare is None:
            if step in self.dynamic:
                yield self.dynamic[step]
            return
        for part in _parts(step, []):
            if isinstance(part, str) and part in self.static:
                yield self.static[part]
        for wide, child in self.dynamic.items():
            if any(_step_covers(wide, part) for part in _parts(step, [wide])):
                yield child


class _Earlier:
    """The routes that came before, in trees, so that each is compared with the few that it may meet."""

    __slots__ = ("_count", "_trees")

    def __init__(self) -> None:
        self._count = 0
        self._trees: dict[object, _Node] = {}

    def add(self, route: Route) -> None:
        """Take in the next route."""
        node = self._tree(route, route.host)
        for step in (*(route.host or ()), *route.steps):
            node = node.below(step)
        node.routes.append((self._count, route))
        self._count += 1

    def near(self, route: Route) -> list[Route]:
        """Those that may be for the same requests, and not at the same place; in their order."""
        found = list(self._tree(route, None).near(route.steps))
        if route.host is not None:
            found += self._tree(route, route.host).near((*route.host, *route.steps))
        return [other for _, other in sorted(found) if other.host != route.host or other.steps != route.steps]

    def _tree(self, route: Route, host: tuple[Step, ...] | None) -> _Node:
        """The tree for as many steps of host and path as these."""
        size = (route.rule.websocket, None if host is None else len(host), len(route.steps))
        return self._trees.setdefault(size, _Node())


def _owners(route: Route, earlier: list[Route]) -> tuple[Route, ...]:
    """Who takes all that `route` would take: one of them, several together, or nobody."""
    if not earlier:
        return ()
    cases = list(_cases(route, earlier))
    able = [other for other in earlier if _covers(other, cases[0])]
    for other in able:
        if all(_covers(other, case) for case in cases):
            return (other,)
    owners = [next((other for other in earlier if _covers(other, case)), None) for case in cases if able]
    return () if None in owners else tuple(dict.fromkeys(filter(None, owners)))


def _cases(route: Route, earlier: list[Route]) -> Iterator[_Case]:
    """All that a route takes, in parts."""
    methods: Iterable[str | None] = (None,) if route.rule.methods is None else sorted(route.rule.methods)
    slashes = (False, True) if route.slashes == "ignore" else (route.slash,)
    hosts: Sequence[tuple[Step, ...] | None] = (None,)
    if route.host is not None:
        hosts = _split(route.host, [other.host for other in earlier if other.host is not None])
    steps = _split(route.steps, [other.steps for other in earlier])
    return map(_Case._make, product(methods, slashes, hosts, steps))


def _split(steps: tuple[Step, ...], others: list[tuple[Step, ...]]) -> list[tuple[Step, ...]]:
    """Steps that together are for the same texts, and few enough of them: what is too many stays whole."""
    columns = [[other[index] for other in others] for index in range(len(steps))]
    parts = list(map(_parts, steps, columns))
    while prod(map(len, parts)) > _MOST:
        widest = max(range(len(parts)), key=lambda index: len(parts[index]))
        parts[widest] = (steps[widest],)
    return list(product(*parts))


def _parts(step: Step, others: list[Step]) -> Sequence[Step]:
    """Steps that together are for the texts of `step`, and such that each of the others takes all or nothing.

    As far as that can be told: of one word, or of numbers between bounds.
    """
    converter = None if isinstance(step, str) else step.bare
    if type(converter) is AnyConverter:
        return sorted(converter.words)
    if isinstance(step, str) or type(converter) is not IntConverter:
        return (step,)
    if converter.digits and not converter.signed and converter.most - converter.least < _MOST:
        return [converter.format(number) for number in range(converter.least, converter.most + 1)]
    known = [other.bare for other in others if isinstance(other, Dynamic)]
    ends = {end for one in known if type(one) is IntConverter for end in (one.least, one.most + 1)}
    cuts = sorted(end for end in ends if converter.least < end <= converter.most)
    return [
        _numbers(step, converter, low, high - 1)
        for low, high in pairwise([converter.least, *cuts, converter.most + 1])
    ]


def _numbers(step: Dynamic, converter: IntConverter, least: int, most: int) -> Dynamic:
    """The step for some of its numbers only."""
    part = IntConverter(min=least, max=most, digits=converter.digits, signed=converter.signed)
    return Dynamic(step.literals, (cast("Converter[object]", part),), step.key, across=False)


def _covers(other: Route, case: _Case) -> bool:
    """Whether a route takes all that a case is for."""
    return (
        (other.rule.methods is None if case.method is None else other.takes(case.method))
        and (other.slash == case.slash or other.slashes == "ignore")
        and (other.host is None or (case.host is not None and _all_cover(other.host, case.host)))
        and _all_cover(other.steps, case.steps)
    )


def _all_cover(wide: tuple[Step, ...], narrow: tuple[Step, ...]) -> bool:
    return all(map(_step_covers, wide, narrow))


def _step_covers(wide: Step, narrow: Step) -> bool:
    """Whether whatever fits `narrow` fits `wide`."""
    if wide is narrow:
        return True
    if isinstance(wide, str):
        return wide == narrow
    if isinstance(narrow, str):
        return not wide.across and wide.read(narrow) is not None
    return wide.bare is not None and narrow.bare is not None and _contains(wide.bare, narrow.bare)


def _contains(wide: Converter[object], narrow: Converter[object]) -> bool:
    """Whether `wide` takes every text that `narrow` takes."""
    if type(wide) is IntConverter:
        return type(narrow) is IntConverter and (
            wide.least <= narrow.least
            and narrow.most <= wide.most
            and narrow.longest <= wide.longest
            and wide.digits in {None, narrow.digits}
            and wide.signed >= narrow.signed
        )
    outer, inner = wide.domain, narrow.domain
    return type(wide) in _TOTAL and (
        outer.shortest <= inner.shortest
        and (outer.longest is None or (inner.longest is not None and inner.longest <= outer.longest))
        and (outer.characters is None or not (inner.characters or "\0").strip(outer.characters))
    )
