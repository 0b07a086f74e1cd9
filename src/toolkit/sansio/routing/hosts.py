"""The fast lanes of a router with rules for hosts: one for each host pattern, found by the text of the host.

What is tried first for a host is kept, under the host as it was written: the lane of its first site, and the
values of the host's variables. A lane answers for its site alone, so where it finds nothing the search
decides, which goes on to the other sites.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.sansio.routing.lane import Lane
from toolkit.sansio.routing.writing import compile_with

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.sansio.routing.splitting import Values
    from toolkit.sansio.routing.tables import Site, Tables

Probe: TypeAlias = "Callable[..., Any]"

_HOSTS = 1000  # hosts that are kept: clients choose them

_SOURCE = """\
def find(path, method='GET', host=None, websocket=False):
 if websocket: return other(path, method, host, websocket)
 k = b'K0'.get(host)
 if k is None: return other(path, method, host, websocket)
 k, v = k
 m = k(path, method, v)
 return m if m.__class__ is Found or m.__class__ is Fixed else other(path, method, host, websocket)"""


class HostLanes:
    """The lanes of all sites, made when their hosts are asked for."""

    __slots__ = ("_known", "_lanes", "_tables", "code")

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._lanes: dict[Site, Lane] = {}
        self._known: dict[str | None, tuple[Probe, Values]] = {}
        self.code = compile_with(_SOURCE, [self._known])

    @property
    def source(self) -> str:
        """The generated code of all sites, for reading."""
        sites = (*self._tables.plain.values(), *self._tables.patterns, self._tables.default)
        return "\n\n".join(self._lane(site).source for site in sites)

    def learn(self, host: str | None) -> None:
        """Know what is tried first for a host."""
        if host in self._known:
            return
        site, values = (self._tables.default, ()) if host is None else next(self._tables.sites(host))
        if len(self._known) >= _HOSTS:
            self._known.clear()
        self._known[host] = self._lane(site).probe, values

    def settle(self, _path: str, _method: str, _known: object) -> None:
        """Nothing: another site may have what is looked for."""

    def _lane(self, site: Site) -> Lane:
        lane = self._lanes.get(site)
        if lane is None:
            values = [f"host[{number}]" for number in range(site.variables)]
            lane = Lane(site.http, self._tables.special, sure=False, values=tuple(values))
            self._lanes[site] = lane
        return lane
