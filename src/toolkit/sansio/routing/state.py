"""What a router knows between two additions of rules, and when it is worth how much work.

A state is put in place empty and filled by whoever needs it first; two threads may fill it at once, with the
same. What was filled in never changes, and an addition puts another state in place: nothing needs a lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.sansio.routing.hosts import HostLanes
from toolkit.sansio.routing.lane import Lane
from toolkit.sansio.routing.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.sansio.routing.patterns import Route

_FEW = 16  # rules that are put into existing tables rather than making new ones, or one of so many
_SHARE = 4  # searches without the fast lane, times this, must exceed the rules before it is made anew


class State:
    """The tables and the fast lane of one moment; `base` are tables of before, to be extended.

    `allowed` is a cache: the methods of routes that were seen together.
    """

    __slots__ = ("allowed", "base", "lane", "searches", "tables")

    def __init__(self, base: Tables | None) -> None:
        self.base = base
        self.tables: Tables | None = None
        self.lane: Lane | HostLanes | None = None
        self.searches = 0
        self.allowed: dict[tuple[Route, ...], tuple[str, ...]] = {}

    def ready(self, routes: Sequence[Route]) -> Tables:
        """The tables of all routes; made where there are none, and the fast lane with them, once it pays."""
        tables = self.tables
        if tables is None:
            tables = self.tables = self._compile(tuple(routes))
        if self.lane is None:
            self.searches += 1
            if self.base is None or self.searches * _SHARE > tables.count:
                self.lane = lane_of(tables)
        return tables

    def _compile(self, routes: tuple[Route, ...]) -> Tables:
        base = self.base
        if base is not None and len(routes) - base.count <= max(_FEW, base.count // _FEW):
            return base.extend(routes)
        self.base = None
        return Tables(routes)


def lane_of(tables: Tables) -> Lane | HostLanes:
    """The fast lane for some tables."""
    if tables.plain or tables.patterns:
        return HostLanes(tables)
    return Lane(tables.default.http, tables.special, sure=not tables.default.websocket.known)
