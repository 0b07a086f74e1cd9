"""Tables: what a router knows at one moment, made whole and never changed after it was published.

A `Site` holds the rules of one host pattern, as two trees: plain requests and WebSocket handshakes never
meet. `Tables` are all sites, and the rules whose match has to be thought about (`special`). `extend` makes
new tables of old ones and a few more rules, and shares what did not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.sansio.routing.patterns import END, Dynamic, Key, Route, Step, steps_key
from toolkit.sansio.routing.tree import Node, insert, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from toolkit.sansio.routing.splitting import Values


class Site:
    """The rules of one host pattern: the roots of their trees."""

    __slots__ = ("http", "key", "steps", "websocket")

    def __init__(self, steps: tuple[Step, ...] | None) -> None:
        self.steps = steps
        self.key: Key = ((END, END),) if steps is None else steps_key(steps)
        self.http = Node()
        self.websocket = Node()

    def root(self, *, websocket: bool) -> Node:
        """The tree of one protocol."""
        return self.websocket if websocket else self.http

    def with_route(self, route: Route, *, share: bool) -> Site:
        """The site with one more rule: itself, or with `share` another one."""
        site = self
        if share:
            site = Site(self.steps)
            site.http, site.websocket = self.http, self.websocket
        if route.rule.websocket:
            site.websocket = insert(site.websocket, route, share=share)
        else:
            site.http = insert(site.http, route, share=share)
        return site

    @property
    def variables(self) -> int:
        """How many values a host has."""
        return sum(len(step.converters) for step in self.steps or () if isinstance(step, Dynamic))

    def read(self, labels: list[str]) -> Values | None:
        """The values of a host that fits the pattern, or None."""
        values: Values = ()
        steps = self.steps or ()
        if len(labels) != len(steps):
            return None
        for step, label in zip(steps, labels, strict=True):
            if isinstance(step, str):
                if step != label:
                    return None
                continue
            found = step.read(label) if label else None
            if found is None:
                return None
            values += found
        return values


class Tables:
    """All sites, by what it takes to find them: a lookup for a plain host, a look at each for a pattern."""

    __slots__ = ("count", "default", "patterns", "plain", "special")

    def __init__(self, routes: Iterable[Route]) -> None:
        self.default = Site(None)
        self.plain: dict[str, Site] = {}
        self.patterns: list[Site] = []
        self.count = 0
        self.special: dict[Route, tuple[Route, ...]] = {}
        everything = tuple(routes)
        self._add(everything, share=False)
        self.special = _special(everything)

    def extend(self, routes: tuple[Route, ...]) -> Tables:
        """Tables of `routes`, which begin with those of these tables."""
        new = routes[self.count :]
        twin = Tables(())
        twin.default = self.default
        twin.plain = self.plain.copy()
        twin.patterns = self.patterns.copy()
        twin.count = self.count
        twin.special = self.special
        if self.special or not all(route.plain for route in new):
            touched = {route.family for route in new}
            twin.special = self.special | _special(
                tuple(route for route in routes if route.family in touched)
            )
        twin._add(new, share=True)
        return twin

    def sites(self, host: str) -> Iterator[tuple[Site, Values]]:
        """The sites for a host with the values of their variables, in the order in which they are tried."""
        name = normal_host(host)
        plain = self.plain.get(name)
        if plain is not None:
            yield plain, ()
        labels = name.split(".")
        for site in self.patterns:
            values = site.read(labels)
            if values is not None:
                yield site, values
        yield self.default, ()

    def _add(self, routes: tuple[Route, ...], *, share: bool) -> None:
        for route in routes:
            if route.rule.build_only:
                continue
            steps = route.host
            if steps is None:
                self.default = self.default.with_route(route, share=share)
            elif any(isinstance(step, Dynamic) for step in steps):
                where = place(self.patterns, steps_key(steps), _key)
                (site,) = self.patterns[where] or (Site(steps),)
                self.patterns[where] = [site.with_route(route, share=share)]
            else:
                name = ".".join(map(str, steps))
                self.plain[name] = self.plain.get(name, Site(steps)).with_route(route, share=share)
        self.count += len(routes)


def _key(site: Site) -> Key:
    return site.key


def normal_host(host: str) -> str:
    """A host as rules are compared with it: in lower case, without port and without the dot of the root.

    >>> normal_host("WWW.Example.org.:8080")
    'www.example.org'
    """
    name, _, port = host.rpartition(":")
    if not name or port.strip("0123456789"):
        name = host
    return name.lower().removesuffix(".")


def _special(routes: tuple[Route, ...]) -> dict[Route, tuple[Route, ...]]:
    """The routes whose match is not all, each with the routes that are its canonical form for some values.

    `/all/` with the default page=1 is the canonical form of `/all/page/<int:page>` where page is 1.
    """
    special: dict[Route, tuple[Route, ...]] = {route: () for route in routes if not route.plain}
    shorter: dict[object, list[Route]] = {}
    for route in special:
        if route.rule.defaults and not route.rule.alias and route.rule.redirect_to is None:
            shorter.setdefault(route.family, []).append(route)
    if shorter:
        for route in routes:
            forms = [form for form in shorter.get(route.family, ()) if _is_form(form, route)]
            if forms:
                special[route] = tuple(forms)
    return special


def _is_form(form: Route, route: Route) -> bool:
    """Whether `form` says with defaults what `route` says with variables; of two such rules, one."""
    fixed = form.rule.defaults.keys()
    return (
        form is not route
        and set(form.names) | fixed == set(route.names) | route.rule.defaults.keys()
        and bool(fixed & set(route.names))
        and form.rule.methods == route.rule.methods
        and form.rule.websocket == route.rule.websocket
        and form.host == route.host
        and (len(form.names), form.order) < (len(route.names), route.order)  # one of two is the form
    )
