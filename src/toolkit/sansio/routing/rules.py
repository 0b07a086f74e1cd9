"""Rules and groups: what an application writes down. Values only; nothing here matches or builds.

`Rule` is frozen: it says what it says. `Group` collects rules under a common prefix, host, name and
defaults, and may hold groups; `flatten` turns it into rules. The shortcuts `get`, `post` … of a group (and
of a router) make a rule of a path and an endpoint, or decorate the endpoint.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeAlias, cast

from toolkit.sansio.grammar import is_token
from toolkit.sansio.routing.errors import RuleError
from toolkit.sansio.routing.syntax import Segment, parse_host, parse_path, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from typing_extensions import TypeVar

    E = TypeVar("E", default=object)
    E_co = TypeVar("E_co", covariant=True, default=object)
    F = TypeVar("F")
else:
    from typing import TypeVar

    E = TypeVar("E")
    E_co = TypeVar("E_co", covariant=True)
    F = TypeVar("F")

Slashes: TypeAlias = Literal["strict", "redirect", "ignore"]
"""What becomes of a path that differs from the rule's by the slash at its end: not found, sent to the
rule's own spelling (308), or matched all the same."""

RedirectTo: TypeAlias = "str | Callable[..., str]"

SLASHES: Final = ("strict", "redirect", "ignore")
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY", "OPTIONS", "TRACE", "CONNECT")
"""The methods of RFC 9110 section 9, PATCH (RFC 5789) and QUERY; a rule may name any other token."""

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


class Rule(Generic[E_co]):
    """One path and where it leads: `Rule("/users/<int:id>", "user", methods=["GET"])`.

    `path` and `host` follow `toolkit.sansio.routing.syntax`. `endpoint` is what the application wants back:
    a name, a handler; it is hashable. `methods` None takes every method; a rule with GET takes HEAD too.
    `defaults` are further parameters of the match; for a variable that another rule of the endpoint has, they
    are the value that this rule stands for. `slashes` overrides the router's policy.

    An `alias` is matched and redirected to the endpoint's main rule, where that takes the request; otherwise
    it is a match. A `build_only` rule never matches. `redirect_to` answers with a redirect (308): a path or a
    URL in which `<name>` stands for a parameter (in its host, for one of the host), or a callable that is
    given the parameters by name. A `websocket` rule takes WebSocket handshakes, has no methods.

    RuleError where the arguments contradict each other or the syntax.

    >>> Rule("/users/<int:id>", "user", methods=["GET"])
    Rule('/users/<int:id>', 'user', methods=['GET'])
    """

    __slots__ = (
        "_path_segments",
        "alias",
        "build_only",
        "defaults",
        "endpoint",
        "host",
        "methods",
        "path",
        "redirect_to",
        "slashes",
        "websocket",
    )

    _path_segments: tuple[Segment, ...]
    path: str
    endpoint: E_co
    methods: frozenset[str] | None
    host: str | None
    websocket: bool
    defaults: Mapping[str, object]
    slashes: Slashes | None
    alias: bool
    build_only: bool
    redirect_to: RedirectTo | None

    def __init__(
        self,
        path: str,
        endpoint: E_co,
        *,
        methods: Iterable[str] | None = None,
        host: str | None = None,
        websocket: bool = False,
        defaults: Mapping[str, object] | None = None,
        slashes: Slashes | None = None,
        alias: bool = False,
        build_only: bool = False,
        redirect_to: RedirectTo | None = None,
    ) -> None:
        write = object.__setattr__
        write(self, "path", path)
        write(self, "endpoint", endpoint)
        write(self, "methods", None if methods is None else _methods(path, methods))
        write(self, "host", host)
        write(self, "websocket", websocket)
        write(self, "defaults", MappingProxyType(dict(defaults)) if defaults else _NOTHING)
        write(self, "slashes", slashes)
        write(self, "alias", alias)
        write(self, "build_only", build_only)
        write(self, "redirect_to", redirect_to)
        write(self, "_path_segments", parse_path(path) if path else ())
        if slashes is not None and slashes not in SLASHES:
            raise RuleError(path, f"slashes are one of {', '.join(SLASHES)}, not {slashes!r}")
        if websocket and methods is not None:
            raise RuleError(path, "a WebSocket rule has no methods")
        if build_only and (alias or redirect_to is not None):
            raise RuleError(path, "a rule that is only built never redirects")
        names = [
            variable.name for variable in variables(self._path_segments if host is None else self.segments)
        ]
        if len(set(names)) != len(names) or not self.defaults.keys().isdisjoint(names):
            raise RuleError(
                path, "a parameter has one place: each variable is named once, and no default is one"
            )

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The host's labels and the path's segments, as they were parsed."""
        return (*self.host_labels, *self._path_segments)

    @property
    def path_segments(self) -> tuple[Segment, ...]:
        """The path's segments, as they were parsed; the last is empty where the path ends in a slash."""
        return self._path_segments

    @property
    def host_labels(self) -> tuple[Segment, ...]:
        """The host's labels, as they were parsed; empty where any host will do."""
        return () if self.host is None else parse_host(self.host)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Rule is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Rule is frozen: {name} cannot be deleted")

    def _state(self) -> tuple[object, ...]:
        return (
            self.path,
            self.endpoint,
            self.methods,
            self.host,
            self.websocket,
            dict(self.defaults),
            self.slashes,
            self.alias,
            self.build_only,
            self.redirect_to,
        )

    def __eq__(self, other: object) -> bool:
        return self._state() == other._state() if isinstance(other, Rule) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.path, self.host, self.methods))

    def __repr__(self) -> str:
        options = {
            "methods": None if self.methods is None else sorted(self.methods),
            "host": self.host,
            "websocket": self.websocket,
            "defaults": dict(self.defaults),
            "slashes": self.slashes,
            "alias": self.alias,
            "build_only": self.build_only,
            "redirect_to": self.redirect_to,
        }
        said = "".join(f", {name}={value!r}" for name, value in options.items() if value)
        return f"Rule({self.path!r}, {self.endpoint!r}{said})"

    def __reduce__(self) -> tuple[object, ...]:
        return _remake, (*self._state(),)

    def replace(self, *, path: str, endpoint: F, host: str | None, defaults: Mapping[str, object]) -> Rule[F]:
        """The same rule at another place: how a group moves it."""
        return Rule(
            path,
            endpoint,
            methods=self.methods,
            host=host,
            websocket=self.websocket,
            defaults=defaults,
            slashes=self.slashes,
            alias=self.alias,
            build_only=self.build_only,
            redirect_to=self.redirect_to,
        )


def _remake(  # noqa: PLR0917  # what pickle calls, with the state in order
    path: str,
    endpoint: object,
    methods: Iterable[str] | None,
    host: str | None,
    websocket: bool,
    defaults: Mapping[str, object],
    slashes: Slashes | None,
    alias: bool,
    build_only: bool,
    redirect_to: RedirectTo | None,
) -> Rule:
    """A rule from its state."""
    return Rule(
        path,
        endpoint,
        methods=methods,
        host=host,
        websocket=websocket,
        defaults=defaults,
        slashes=slashes,
        alias=alias,
        build_only=build_only,
        redirect_to=redirect_to,
    )


_KNOWN_METHODS = frozenset(METHODS)


def _methods(path: str, methods: Iterable[str]) -> frozenset[str]:
    """The methods in upper case; RuleError where there are none, or one is no token."""
    if isinstance(methods, str):
        raise RuleError(path, f"methods are a list, such as [{methods!r}]")
    known = frozenset(methods)
    if not known <= _KNOWN_METHODS:
        known = frozenset(method.upper() for method in known)
        if not all(map(is_token, known)):
            raise RuleError(path, "a method is a token (RFC 9110 section 9.1)")
    if not known:
        raise RuleError(path, "a rule takes a method at least; None means every one")
    return known


class Shortcuts(Generic[E]):
    """`get`, `post` … for whatever rules can be added to: a call with an endpoint, or a decorator.

    >>> users = Group[object]("/users")
    >>> _ = users.get("/<int:id>", "user")
    >>> @users.post("")
    ... def create() -> None: ...
    >>> [rule.path for rule in users]
    ['/users/<int:id>', '/users']
    """

    __slots__ = ()

    def add(self, rule: Rule[E] | Group[E]) -> None:
        """Take in a rule, or the rules of a group."""
        raise NotImplementedError

    def route(
        self,
        path: str,
        endpoint: E | None = None,
        *,
        methods: Iterable[str] | None = None,
        host: str | None = None,
        websocket: bool = False,
        defaults: Mapping[str, object] | None = None,
        slashes: Slashes | None = None,
    ) -> Callable[[F], F]:
        """Add a rule with `endpoint`; without one, the result decorates the endpoint."""

        def add(target: object) -> None:
            rule = Rule(
                path,
                cast("E", target),
                methods=methods,
                host=host,
                websocket=websocket,
                defaults=defaults,
                slashes=slashes,
            )
            self.add(rule)

        def decorate(target: F) -> F:
            add(target)
            return target

        if endpoint is not None:
            add(endpoint)
        return decorate

    def get(
        self, path: str, endpoint: E | None = None, *, slashes: Slashes | None = None
    ) -> Callable[[F], F]:
        """A rule for GET, and so for HEAD."""
        return self.route(path, endpoint, methods=("GET",), slashes=slashes)

    def post(
        self, path: str, endpoint: E | None = None, *, slashes: Slashes | None = None
    ) -> Callable[[F], F]:
        """A rule for POST."""
        return self.route(path, endpoint, methods=("POST",), slashes=slashes)

    def put(
        self, path: str, endpoint: E | None = None, *, slashes: Slashes | None = None
    ) -> Callable[[F], F]:
        """A rule for PUT."""
        return self.route(path, endpoint, methods=("PUT",), slashes=slashes)

    def patch(
        self, path: str, endpoint: E | None = None, *, slashes: Slashes | None = None
    ) -> Callable[[F], F]:
        """A rule for PATCH."""
        return self.route(path, endpoint, methods=("PATCH",), slashes=slashes)

    def delete(
        self, path: str, endpoint: E | None = None, *, slashes: Slashes | None = None
    ) -> Callable[[F], F]:
        """A rule for DELETE."""
        return self.route(path, endpoint, methods=("DELETE",), slashes=slashes)

    def query(
        self, path: str, endpoint: E | None = None, *, slashes: Slashes | None = None
    ) -> Callable[[F], F]:
        """A rule for QUERY: safe like GET, with a body."""
        return self.route(path, endpoint, methods=("QUERY",), slashes=slashes)

    def websocket(
        self, path: str, endpoint: E | None = None, *, slashes: Slashes | None = None
    ) -> Callable[[F], F]:
        """A rule for WebSocket handshakes."""
        return self.route(path, endpoint, websocket=True, slashes=slashes)


class Group(Shortcuts[E]):
    """Rules under a common `prefix`, `name`, `host` and `defaults`; iterating gives them as plain rules.

    `prefix` is put before every path and may hold variables. `name` and a `.` are put before every endpoint
    that is a str, so that a group can be added twice under two names. `host` is for rules that have none;
    a rule's defaults win over the group's. Rules are read when the group is added somewhere.

    >>> blog = Group("/blog", [Rule("/", "index"), Rule("/<slug:title>", "post")], name="blog")
    >>> [(rule.path, rule.endpoint) for rule in Group("/<any(de, en):l>", [blog])]
    [('/<any(de, en):l>/blog/', 'blog.index'), ('/<any(de, en):l>/blog/<slug:title>', 'blog.post')]
    """

    __slots__ = ("_items", "defaults", "host", "name", "prefix")

    def __init__(
        self,
        prefix: str = "",
        rules: Iterable[Rule[E] | Group[E]] = (),
        *,
        name: str = "",
        host: str | None = None,
        defaults: Mapping[str, object] | None = None,
    ) -> None:
        if prefix.endswith("/") or (prefix and not prefix.startswith("/")):
            raise RuleError(prefix, "a prefix begins with a slash and does not end with one")
        self.prefix = prefix
        self.name = name
        self.host = host
        self.defaults = dict(defaults or {})
        self._items = list(rules)

    def add(self, rule: Rule[E] | Group[E]) -> None:
        """Take in a rule, or the rules of a group."""
        self._items.append(rule)

    def __iter__(self) -> Iterator[Rule[E]]:
        for item in self._items:
            for rule in flatten(item):
                yield rule.replace(
                    path=self.prefix + rule.path,
                    endpoint=self._named(rule.endpoint),
                    host=self.host if rule.host is None else rule.host,
                    defaults={**self.defaults, **rule.defaults},
                )

    def __repr__(self) -> str:
        return f"Group({self.prefix!r}, {self._items!r}, name={self.name!r})"

    def _named(self, endpoint: E) -> E:
        if self.name and isinstance(endpoint, str):
            return cast("E", f"{self.name}.{endpoint}")
        return endpoint


def flatten(item: Rule[E] | Group[E]) -> Iterator[Rule[E]]:
    """The rules of a rule or a group."""
    if isinstance(item, Rule):
        yield item
    else:
        yield from item
