"""Which rules can never match, because others always come before them: for reports, not for requests.

A rule is taken apart into cases: one of its methods, a spelling of the slash at its end, one word of each
`any`, and of each `int` the numbers between two bounds that other rules set. It never matches if each case
is covered by one earlier rule as a whole.

What is reported is certain. Not decided, and so not reported: a segment with several variables, unless the
very same stands in the earlier rule; whether several rules together cover one with more than a thousand
cases; whether converters other than those of texts and whole numbers refuse something.
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


def shadowed(routes: Sequence[Route]) -> Iterator[tuple[Route, tuple[Route, ...]]]:
    """The routes that never match with those that come before; `routes` in the order of their trial."""
    earlier: list[Route] = []
    for route in routes:
        if route.rule.build_only:
            continue
        owners = _owners(route, [other for other in earlier if _meets(other, route)])
        if owners:
            yield route, owners
        earlier.append(route)


def _meets(other: Route, route: Route) -> bool:
    """Whether they may be for the same requests, and not at the same place."""
    return (
        other.rule.websocket == route.rule.websocket
        and len(other.steps) == len(route.steps)
        and (other.host != route.host or other.steps != route.steps)
    )


def _owners(route: Route, earlier: list[Route]) -> tuple[Route, ...]:
    """Who takes all that `route` would take: one of them, several together, or nobody."""
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
    columns = [[other[index] for other in others if len(other) == len(steps)] for index in range(len(steps))]
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
    return len(wide) == len(narrow) and all(map(_step_covers, wide, narrow))


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
