"""Which rules can never match, because another always comes before them: for reports, not for requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.sansio.routing.converters import (
    AnyConverter,
    Converter,
    IntConverter,
    SlugConverter,
    StringConverter,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from toolkit.sansio.routing.patterns import Dynamic, Route, Step

_TOTAL = (StringConverter, SlugConverter)  # they take every text of their domain


def shadowed(routes: Sequence[Route]) -> Iterator[tuple[Route, Route]]:
    """The routes that never match with the one that comes before; `routes` in the order of their trial."""
    earlier: list[Route] = []
    for route in routes:
        if route.rule.build_only:
            continue
        owner = next((other for other in earlier if _covers(other, route)), None)
        if owner is not None:
            yield route, owner
        earlier.append(route)


def _covers(other: Route, route: Route) -> bool:
    """Whether every request for `route` fits `other` as well, in the same spelling."""
    if other.rule.websocket != route.rule.websocket or other.slash != route.slash:
        return False
    if route.slashes == "ignore" != other.slashes:  # then the other spelling is its own
        return False
    methods = other.rule.methods
    if methods is not None and (route.rule.methods is None or not route.rule.methods <= methods):
        return False
    if other.host is not None and (route.host is None or not _all_cover(other.host, route.host)):
        return False
    same_place = other.host == route.host and other.steps == route.steps
    return not same_place and _all_cover(other.steps, route.steps)


def _all_cover(wide: tuple[Step, ...], narrow: tuple[Step, ...]) -> bool:
    return len(wide) == len(narrow) and all(map(_step_covers, wide, narrow))


def _step_covers(wide: Step, narrow: Step) -> bool:
    """Whether whatever fits `narrow` fits `wide`."""
    if wide is narrow:
        return True
    if isinstance(narrow, str):
        return wide == narrow if isinstance(wide, str) else _reads(wide, narrow)
    words = narrow.bare.words if isinstance(narrow.bare, AnyConverter) else ()
    if isinstance(wide, str):
        return set(words) == {wide}
    if words:
        return all(_reads(wide, word) for word in words)
    return wide.bare is not None and narrow.bare is not None and _contains(wide.bare, narrow.bare)


def _reads(dynamic: Dynamic, text: str) -> bool:
    return not dynamic.across and dynamic.read(text) is not None


def _contains(wide: Converter[object], narrow: Converter[object]) -> bool:
    """Whether `wide` takes every text of the domain of `narrow`."""
    if isinstance(wide, IntConverter):
        if not wide.plain:
            return False
    elif type(wide) not in _TOTAL:
        return False
    outer, inner = wide.domain, narrow.domain
    return (
        outer.shortest <= inner.shortest
        and (outer.longest is None or (inner.longest is not None and inner.longest <= outer.longest))
        and (outer.characters is None or not (inner.characters or "\0").strip(outer.characters))
    )
