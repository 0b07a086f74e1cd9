"""From an endpoint to a URL: choosing among its rules, and putting the parts of the URL together."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from toolkit.sansio.errors.base import MalformedURL
from toolkit.sansio.percent import quote_fragment, quote_query_value, quote_reference
from toolkit.sansio.routing.building import Builder, Params, Unsuitable
from toolkit.sansio.routing.errors import BuildError
from toolkit.sansio.routing.paths import below, on_this_host
from toolkit.sansio.routing.redirects import PLACE
from toolkit.sansio.routing.similar import nearest
from toolkit.sansio.routing.tables import normal_host
from toolkit.sansio.url.query import build_query
from toolkit.sansio.url.syntax import check_scheme

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from toolkit.sansio.routing.patterns import Route
    from toolkit.sansio.url.query import QueryItems

_NOT_IN_HOSTS = frozenset(" \t\r\n/\\?#@<>\"'`{}|^%")


class Assembler:
    """The routes of all endpoints, and their builders, made when a URL is wanted for the first time."""

    __slots__ = ("_made", "_routes", "simple")

    def __init__(self) -> None:
        self._routes: dict[object, list[Route]] = {}
        self._made: dict[object, list[Builder]] = {}
        self.simple: dict[object, Builder] = {}
        """The builders of endpoints with one rule that has neither host nor defaults."""

    def add(self, route: Route) -> None:
        """Take in a route."""
        rule = route.rule
        for endpoint in {rule.endpoint, rule.endpoint if rule.name is None else rule.name}:
            self._routes.setdefault(endpoint, []).append(route)
            self.simple.pop(endpoint, None)

    def _builders(self, endpoint: object) -> list[Builder]:
        """The builders of an endpoint, none where there is no such endpoint."""
        made = self._made.get(endpoint)
        routes = self._routes.get(endpoint, ())
        if made is None or len(made) != len(routes):
            made = [Builder(route) for route in routes]
            if made:
                self._made[endpoint] = made
            if len(made) == 1 and made[0].simple:
                self.simple[endpoint] = made[0]
                if len(routes) != 1:  # pragma: no cover  # another thread added one meanwhile
                    self.simple.pop(endpoint, None)
        return made

    def build(
        self,
        endpoint: object,
        params: Params,
        *,
        query: QueryItems | None,
        fragment: str | None,
        method: str | None,
        host: str | None,
        scheme: str | None,
        root_path: str,
        external: bool,
    ) -> str:
        """The URL, as `Router.build` says."""
        builders = self.rules(endpoint)
        builder, url = self._choose(endpoint, builders, params, method)
        if root_path:
            url = below(root_path, url)
        if external or builder.route.host is not None:
            url = _origin(builder, params, host, scheme, external=external) + url
        known = len(builder.names)
        if len(params) > known or query is not None:
            url = _with_query(url, builder, params, query)
        return url if fragment is None else f"{url}#{quote_fragment(fragment)}"

    def rules(self, endpoint: object) -> list[Builder]:
        """The rules of an endpoint, turned around; BuildError where there is none."""
        builders = self._builders(endpoint)
        if not builders:
            raise BuildError(endpoint, nearest=self._nearest(endpoint))
        return builders

    def read(self, endpoint: object, texts: Mapping[str, str]) -> dict[str, object]:
        """The parameters that `texts` are for the first rule whose converters take them; texts otherwise."""
        for builder in self._builders(endpoint):
            try:
                return {**texts, **builder.read(texts)}
            except ValueError:  # noqa: PERF203  # it asks one rule after the other
                continue
        return dict(texts)

    def target(self, route: Route, params: Params) -> str:
        """Where a rule with `redirect_to` leads."""
        target = route.rule.redirect_to or ""
        if callable(target):
            # It has what a client wrote, decoded: no line break of that may get into a header.
            return on_this_host(quote_reference.requote(target(**params)))
        texts = Builder(route).texts(params)
        path, mark, query = target.partition("?")
        path = PLACE.sub(lambda match: texts[match[1]], path)
        # What a client wrote is one value: `&`, `=` and `+` that part a query are the rule's own.
        query = PLACE.sub(lambda match: quote_query_value.requote(texts[match[1]]), query)
        location = quote_reference.requote(path + mark + query)
        # What stands in place of a variable must not make a host of a path.
        return location if target.startswith("//") else on_this_host(location)

    def main(self, route: Route, params: Params, method: str) -> tuple[Route, str] | None:
        """The main rule that an alias stands for, and its URL, or None where there is none."""
        rule = route.rule
        mains = [
            builder
            for builder in self._builders(rule.endpoint)
            if not builder.route.rule.alias
            and builder.route.rule.redirect_to is None
            and builder.route.family == route.family
            and builder.route.host == route.host
            and builder.route.rule.websocket == rule.websocket
        ]
        try:
            builder, location = self._choose(rule.endpoint, mains, params, None if rule.websocket else method)
        except BuildError:
            return None
        return builder.route, location

    def form(self, forms: Iterable[Route], params: Params) -> tuple[Route, str] | None:
        """The first form whose defaults the parameters spell out, and its URL, or None."""
        for form in forms:
            if all(params.get(name) == value for name, value in form.rule.defaults.items()):
                try:
                    return form, Builder(form).path(params)
                except Unsuitable:  # these values it would read otherwise
                    continue
        return None

    def _choose(
        self, endpoint: object, builders: list[Builder], params: Params, method: str | None
    ) -> tuple[Builder, str]:
        """The best builder with the path that it makes; BuildError with everybody's reasons."""
        if len(builders) == 1 and method is None:
            builder = builders[0]
            if builder.suits(params):
                try:
                    return builder, builder.path(params)
                except Unsuitable as error:
                    raise BuildError(
                        endpoint, params, reasons=[f"{builder.route.rule.path} {error}"]
                    ) from None
        reasons: list[str] = []
        for builder in sorted(builders, key=lambda one: _rank(one, params, method)):
            if method is not None and not builder.route.takes(method):
                reasons.append(f"{builder.route.rule.path} does not take {method}")
            elif not builder.suits(params):
                reasons.append(builder.expected(params))
            else:
                try:
                    url = builder.path(params)
                except Unsuitable as error:
                    reasons.append(f"{builder.route.rule.path} {error}")
                    continue
                _check_name(endpoint, builder, builders, params, method)
                return builder, url
        raise BuildError(endpoint, params, reasons=reasons)

    def _nearest(self, endpoint: object) -> list[object]:
        if not isinstance(endpoint, str):
            return []
        return list(nearest(endpoint, [name for name in list(self._routes) if isinstance(name, str)]))


def _fit(builder: Builder, params: Params) -> tuple[object, ...]:
    """How well a rule fits the parameters, less is better; one without a name is what its endpoint means."""
    rule = builder.route.rule
    idle = len(builder.defaults.keys() - params.keys())
    return rule.alias, -builder.uses(params), idle, len(builder.names), rule.name is not None


def _rank(builder: Builder, params: Params, method: str | None) -> tuple[object, ...]:
    """The order in which rules are asked, whichever came first: what matches as the parameters say leads.

    Of rules with one pattern, the one that names the method comes first, as in matching.
    """
    rule = builder.route.rule
    named = 2 if rule.methods is None else method not in rule.methods
    return *_fit(builder, params), builder.route.order, rule.websocket, named


def _check_name(
    endpoint: object, best: Builder, builders: list[Builder], params: Params, method: str | None
) -> None:
    """Nothing, if the endpoint means one URL; BuildError where other names fit as well as the best rule."""
    if best.route.rule.name in {None, endpoint}:
        return
    fit = _fit(best, params)
    names: dict[tuple[object, str], str | None] = {}
    for builder in sorted(builders, key=lambda one: _rank(one, params, method)):
        route = builder.route
        takes = method is None or route.takes(method)
        if takes and builder.suits(params) and _fit(builder, params) == fit:
            with suppress(Unsuitable):
                names.setdefault((route.host, builder.path(params)), route.rule.name)
    known = list(dict.fromkeys(names.values()))
    if len(known) > 1:
        reason = f"the names {' and '.join(map(repr, known))} fit alike, build by one of them"
        raise BuildError(endpoint, params, reasons=[reason], nearest=known)


def _with_query(url: str, builder: Builder, params: Params, query: QueryItems | None) -> str:
    """The URL with the parameters that have no place, and the query's own."""
    extra = {
        name: params[name] for name in params if name not in builder.names and name not in builder.defaults
    }
    pieces = [build_query(items) for items in (extra, query) if items]
    text = "&".join(filter(None, pieces))
    return f"{url}?{text}" if text else url


def _origin(
    builder: Builder, params: Params, current: str | None, scheme: str | None, *, external: bool
) -> str:
    """Scheme and host, or nothing where the URL stays on the current host."""
    try:
        host = builder.host(params)
    except Unsuitable as error:
        raise BuildError(
            builder.route.rule.endpoint, params, reasons=[f"{builder.route.rule.host} {error}"]
        ) from None
    if not external and (current is None or host == normal_host(current)):
        return ""
    if host is None or (current is not None and host == normal_host(current)):
        host = current
    if host is None or not host or not _NOT_IN_HOSTS.isdisjoint(host):
        raise BuildError(
            builder.route.rule.endpoint, params, reasons=[f"an absolute URL needs a host, not {host!r}"]
        )
    if scheme is None:
        scheme = "wss" if builder.route.rule.websocket else "https"
    try:
        check_scheme(scheme, scheme)
    except MalformedURL as error:
        raise BuildError(builder.route.rule.endpoint, params, reasons=[str(error)]) from None
    return f"{scheme}://{host}"
