"""The router: rules in, matches and URLs out.

Matching and building read tables that are whole and never change; adding a rule puts an empty `State` in
place of the old one, and whoever matches next fills it. So there is nothing to lock: a reader sees all rules
that were added before it began, and perhaps some that are being added (`Router._publish` says how).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from toolkit.sansio.errors.http import MethodNotAllowed, NotFound, Redirect
from toolkit.sansio.routing.errors import AmbiguousRules, RuleError
from toolkit.sansio.routing.groups import Group, Shortcuts, flatten
from toolkit.sansio.routing.hosts import HostLanes
from toolkit.sansio.routing.paths import path_of
from toolkit.sansio.routing.patterns import Binder, ConverterFactory, Route
from toolkit.sansio.routing.redirects import Redirects, check_target
from toolkit.sansio.routing.results import (
    Fixed,
    Match,
    OptionsAnswer,
    RouteNotFound,
    RouteRedirect,
    WebSocketMismatch,
    WrongMethod,
)
from toolkit.sansio.routing.rules import METHODS, SLASHES, E, Rule, Slashes
from toolkit.sansio.routing.shadows import shadowed
from toolkit.sansio.routing.state import State, lane_of
from toolkit.sansio.routing.tree import Search, decode
from toolkit.sansio.routing.urls import URLs
from toolkit.sansio.routing.writing import FORWARD, function_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import MemberDescriptorType

    from toolkit.sansio.routing.lane import Lane
    from toolkit.sansio.routing.results import Matcher, Resolver, Result
    from toolkit.sansio.routing.splitting import Values
    from toolkit.sansio.routing.tables import Tables
    from toolkit.sansio.routing.writing import Known


_CACHED = 1000  # values of `Allow` that are kept


class Router(Shortcuts[E], URLs[E]):
    """Rules, ready for matching and building.

    `converters` are further converters by name (`toolkit.sansio.routing.converters.Converter`). `slashes` is
    the policy for rules that have none of their own: what becomes of a path that differs by the slash at its
    end. With `merge_slashes`, a path with empty segments that nothing matches is redirected to the same
    without them. With `redirect_defaults`, a URL that spells out another rule's defaults is redirected to
    that rule. With `automatic_options`, OPTIONS is answered with the methods of the path where no rule
    takes it.

    A router is neither copied nor pickled: `Router(router)`, with the same options, is another of its rules.

    RuleError where a rule cannot be, AmbiguousRules where two can never be told apart.

    >>> router = Router([Rule("/users/<int:id>", "user"), Rule("/users/me", "me", methods=["GET"])])
    >>> router.match("/users/7").params
    {'id': 7}
    >>> router.match("/users/me").endpoint
    'me'
    >>> router.build("user", {"id": 7, "tab": "mail"})
    '/users/7?tab=mail'
    """

    __slots__ = (
        "_binder",
        "_functions",
        "_merge",
        "_options",
        "_published",
        "_redirect_defaults",
        "_redirects",
        "_routes",
        "_state",
        "_taken",
        "match",
        "resolve",
    )

    resolve: Resolver[E]
    """Where a request leads, as a value: Match, or Redirect, MethodNotAllowed or NotFound, not raised.

    `path` is percent-encoded, as it came over the wire (`toolkit.sansio.routing.paths` makes it of WSGI's
    and ASGI's); `method` is compared as it is; `host` is that of the request, with or without its port,
    and None where nobody knows: then rules with a host do not match. A redirect's location is a path of
    this router; `RouteRedirect.within` puts the root path before it and the query behind.
    """

    match: Matcher[E]
    """Where a request leads, as in `resolve`; Redirect, MethodNotAllowed and NotFound are raised."""

    def __init__(
        self,
        rules: Iterable[Rule[E] | Group[E]] = (),
        *,
        converters: Mapping[str, ConverterFactory] | None = None,
        slashes: Slashes = "redirect",
        merge_slashes: bool = True,
        redirect_defaults: bool = True,
        automatic_options: bool = True,
    ) -> None:
        super().__init__()
        if slashes not in SLASHES:
            raise ValueError(f"slashes are one of {', '.join(SLASHES)}, not {slashes!r}")
        self._binder = Binder(converters or {}, slashes)
        self._merge = merge_slashes
        self._redirect_defaults = redirect_defaults
        self._options = automatic_options
        self._routes: list[Route] = []
        self._taken: dict[tuple[object, str | None], Route] = {}
        self._redirects = Redirects(self._binder, self._taken)
        self._state = State(None)
        self._published: Lane | HostLanes | None = None  # whose code `resolve` and `match` run
        # PERF: a method would be a call more for each request (benchmarks/routing.py::github).
        self._functions = (
            function_of(FORWARD, "resolve", self._resolve, self._answer_no, RouteNotFound, self._routes),
            function_of(FORWARD, "match", self._match, self._raise_no, _raise_lost, self._routes),
        )
        _RESOLVE.__set__(self, self._functions[0])
        _MATCH.__set__(self, self._functions[1])
        for rule in rules:
            self.add(rule)

    # ------------------------------------------------------------------------------------------ rules

    def add(self, rule: Rule[E] | Group[E]) -> None:
        """Take in a rule, or all rules of a group or none of them; from any thread, at any time."""
        routes = [self._binder.bind(one) for one in flatten(rule)]
        claimed: list[tuple[object, str | None]] = []
        for route in routes:
            if not route.rule.path:
                error: RuleError | None = RuleError(
                    "", "a path begins with a slash; only in a group it may be empty"
                )
            else:
                error = check_target(route) or self._claim(route, claimed) or self._redirects.check(route)
            if error is not None:
                for place in claimed:
                    del self._taken[place]
                raise error
        for route in routes:
            self._assembler.add(route)
        self._routes.extend(routes)  # before the new state: whoever fills it sees these
        old = self._state
        self._state = State(old.tables or old.base)
        if self._published is not None:  # whoever publishes after this looks at the new state
            self._publish()

    def _claim(self, route: Route, claimed: list[tuple[object, str | None]]) -> AmbiguousRules | None:
        """Claim a pattern's methods; the error where one is another rule's already."""
        if route.rule.build_only:
            return None
        for method in (None,) if route.rule.methods is None else sorted(route.rule.methods):
            place = (route.identity, method)
            owner = self._taken.setdefault(place, route)
            if owner is not route:
                return AmbiguousRules(route.rule, owner.rule)
            claimed.append(place)
        return None

    def __iter__(self) -> Iterator[Rule[object]]:
        """The rules in the order in which they are tried."""
        return iter([route.rule for route in self._ordered()])

    def __len__(self) -> int:
        return len(self._routes)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} rules>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied or pickled: `resolve` and `match` would go on reading this router's tables."""
        raise TypeError("a router is not copied or pickled: make another of its rules, as in Router(router)")

    def shadowed(self) -> list[tuple[Rule[object], tuple[Rule[object], ...]]]:
        """The rules that can never match, each with those that come before: one, or several together.

        What is reported is certain; `toolkit.sansio.routing.shadows` says what is not decided.
        """
        return [
            (route.rule, tuple(owner.rule for owner in owners)) for route, owners in shadowed(self._ordered())
        ]

    @property
    def source(self) -> str:
        """The code that was generated for the rules, for reading."""
        return lane_of(self._tables()).source

    def _ordered(self) -> list[Route]:
        return sorted(self._routes, key=lambda route: route.order)

    # --------------------------------------------------------------------------------------- matching

    def allowed(self, path: str, *, host: str | None = None) -> tuple[str, ...]:
        """All methods that a path has, in alphabetical order; empty where there is nothing.

        Where a rule takes every method, these are `toolkit.sansio.routing.rules.METHODS`.
        """
        segments = decode(path or "/")
        seen = self._search(segments, "", host, websocket=False).seen if segments else []
        return self._allowed(tuple(seen))

    def _answer_no(self, path: str, method: str, host: str | None, known: Known) -> Result[E]:
        """The answer to a path and a method that no rule takes, as far as the fast lane knows."""
        lane = self._state.lane
        seen = None if lane is None else lane.settle(path, method, known)
        return self._resolve(path, method, host) if seen is None else self._refuse(seen, path, method)

    def _raise_no(self, path: str, method: str, host: str | None, known: Known) -> Match[E]:
        return _matched(self._answer_no(path, method, host, known))

    def _match(
        self, path: str, method: str = "GET", host: str | None = None, websocket: bool = False
    ) -> Match[E]:
        return _matched(self._resolve(path, method, host, websocket))

    def _refuse(self, seen: tuple[Route, ...], path: str, method: str) -> MethodNotAllowed | NotFound:
        """The answer where the routes of a path do not take its method, or there are none."""
        if not seen:
            return RouteNotFound(path, self._routes)
        allowed = self._allowed(seen)
        return OptionsAnswer(*allowed) if self._options and method == "OPTIONS" else WrongMethod(*allowed)

    def _resolve(
        self, path: str, method: str = "GET", host: str | None = None, websocket: bool = False
    ) -> Result[E]:
        """The whole of `resolve`, for every path."""
        segments = decode(path or "/")
        if segments is None:
            return RouteNotFound(path, self._routes)
        search = self._search(segments, method, host, websocket=websocket)
        if search.found is not None:
            return self._answer(search.found, search.values, method, host)
        if search.redirect is not None:
            turned = segments[:-1] if segments[-1] == "" else [*segments, ""]
            return RouteRedirect(path_of(turned))
        if self._merge and "" in segments[:-1]:
            merged = path_of(_merged(segments))
            result = self._resolve(merged, method, host, websocket)
            if isinstance(result, Redirect):
                return result
            if isinstance(result, Match):
                return RouteRedirect(merged)
        if not search.seen and self._search(segments, method, host, websocket=not websocket).seen:
            return WebSocketMismatch(path, self._routes)
        return self._refuse(tuple(search.seen), path, method)

    def _search(self, segments: list[str], method: str, host: str | None, *, websocket: bool) -> Search:
        """The search through the sites of a host: at the first rule that takes the method, or at the end."""
        tables = self._tables()
        search = Search(segments, method)
        lane = self._state.lane
        if isinstance(lane, HostLanes):
            lane.learn(host)
        if host is None:
            search.walk(tables.default.root(websocket=websocket))
            return search
        for site, values in tables.sites(host):
            if search.walk(site.root(websocket=websocket), 0, values):
                break
        return search

    def _answer(self, route: Route, values: Values, method: str, host: str | None) -> Match[E] | Redirect:
        """What a route that was found comes to: mostly a match, sometimes a redirect, never in a circle."""
        params = route.params(values)
        rule: Rule[E] = route.rule  # type: ignore[assignment]  # rules came in as Rule[E]
        if rule.redirect_to is not None:
            return RouteRedirect(self._assembler.target(route, params))
        better = None
        if rule.alias:
            better = self._assembler.main(route, params, method)
        elif self._redirect_defaults:
            better = self._assembler.form(self._tables().special.get(route, ()), params)
        if better is not None:
            other, location = better
            if self._leads_to(other, location, method, host):
                return RouteRedirect(location)
        return Match(rule.endpoint, params, rule) if params else Fixed(rule.endpoint, rule)

    def _leads_to(self, route: Route, location: str, method: str, host: str | None) -> bool:
        """Whether a request to a path that was built by a route leads to it, or out of this router."""
        segments = decode(location) or [""]
        websocket = route.rule.websocket
        search = self._search(segments, method, host, websocket=websocket)
        if not route.rule.build_only:
            return search.found is route
        if self._merge and "" in segments[:-1] and search.found is None and search.redirect is None:
            search = self._search(_merged(segments), method, host, websocket=websocket)
        return search.found is None and search.redirect is None

    def _allowed(self, seen: tuple[Route, ...]) -> tuple[str, ...]:
        """The methods of some routes, and what is implied."""
        known = self._state.allowed
        allowed = known.get(seen)
        if allowed is None:
            methods = {method for route in seen for method in route.rule.methods or METHODS}
            methods |= {"HEAD"} if "GET" in methods else set()
            methods |= {"OPTIONS"} if methods and self._options else set()
            if len(known) >= _CACHED:  # clients choose what is in it
                known.clear()
            allowed = known[seen] = tuple(sorted(methods))
        return allowed

    def _tables(self) -> Tables:
        state = self._state
        lane = state.lane
        tables = state.ready(self._routes)
        if state.lane is not lane:
            self._publish()
        return tables

    def _publish(self) -> None:
        """Let `resolve` and `match` run the code of the present state.

        Another thread may add rules, or make their lane, at any moment: what is published is looked at again
        right before and right after. CPython with its global lock changes threads only at calls and at jumps
        back, of which there are none from the first look to the last, so that no older code is put in place
        of newer code even for a moment; elsewhere it would not stay.
        """
        resolve, match = self._functions
        done = False
        while not done:
            state = self._state
            lane = state.lane
            code = FORWARD if lane is None else lane.code
            codes = code.replace(), code.replace()  # their own: the interpreter keeps what it learns in them
            if self._state is state and state.lane is lane:
                resolve.__code__, match.__code__ = codes
                self._published = lane
                done = self._state is state and state.lane is lane


def _merged(segments: list[str]) -> list[str]:
    """The segments without the empty ones, but for the slash at the end."""
    return [*filter(None, segments[:-1]), segments[-1]]


def _raise_lost(path: str, routes: Sequence[Route]) -> NoReturn:
    raise RouteNotFound(path, routes)


def _matched(result: Result[E]) -> Match[E]:
    """The match; what else there is, is raised."""
    if isinstance(result, Match):
        return result
    raise result


# The slots themselves: a subclass may have methods of these names.
_RESOLVE: MemberDescriptorType = vars(Router)["resolve"]
_MATCH: MemberDescriptorType = vars(Router)["match"]
