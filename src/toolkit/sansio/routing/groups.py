"""Groups of rules, and the shortcuts by which rules are made.

`Group` collects rules under a common prefix, host, name and defaults, and may hold groups; `flatten` turns it
into rules. The shortcuts `get`, `post` … of a group (and of a router) make a rule of a path and an endpoint,
or decorate the endpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypedDict, cast

from toolkit.sansio.routing.errors import RuleError
from toolkit.sansio.routing.rules import E, F, RedirectTo, Rule, Slashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from typing_extensions import Unpack


class RuleOptions(TypedDict, total=False):
    """What a shortcut passes on to `Rule`."""

    host: str | None
    defaults: Mapping[str, object] | None
    slashes: Slashes | None
    alias: bool
    build_only: bool
    redirect_to: RedirectTo | None
    name: str | None


class Shortcuts(Generic[E]):
    """`get`, `post` … for whatever rules can be added to: a call with an endpoint, or a decorator.

    The options are those of `Rule`.

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
        websocket: bool = False,
        **options: Unpack[RuleOptions],
    ) -> Callable[[F], F]:
        """Add a rule with `endpoint`; without one, the result decorates the endpoint."""

        def add(target: object) -> None:
            self.add(Rule(path, cast("E", target), methods=methods, websocket=websocket, **options))

        def decorate(target: F) -> F:
            add(target)
            return target

        if endpoint is not None:
            add(endpoint)
        return decorate

    def get(self, path: str, endpoint: E | None = None, **options: Unpack[RuleOptions]) -> Callable[[F], F]:
        """A rule for GET, and so for HEAD."""
        return self.route(path, endpoint, methods=("GET",), **options)

    def post(self, path: str, endpoint: E | None = None, **options: Unpack[RuleOptions]) -> Callable[[F], F]:
        """A rule for POST."""
        return self.route(path, endpoint, methods=("POST",), **options)

    def put(self, path: str, endpoint: E | None = None, **options: Unpack[RuleOptions]) -> Callable[[F], F]:
        """A rule for PUT."""
        return self.route(path, endpoint, methods=("PUT",), **options)

    def patch(self, path: str, endpoint: E | None = None, **options: Unpack[RuleOptions]) -> Callable[[F], F]:
        """A rule for PATCH."""
        return self.route(path, endpoint, methods=("PATCH",), **options)

    def delete(
        self, path: str, endpoint: E | None = None, **options: Unpack[RuleOptions]
    ) -> Callable[[F], F]:
        """A rule for DELETE."""
        return self.route(path, endpoint, methods=("DELETE",), **options)

    def query(self, path: str, endpoint: E | None = None, **options: Unpack[RuleOptions]) -> Callable[[F], F]:
        """A rule for QUERY: safe like GET, with a body."""
        return self.route(path, endpoint, methods=("QUERY",), **options)

    def websocket(
        self, path: str, endpoint: E | None = None, **options: Unpack[RuleOptions]
    ) -> Callable[[F], F]:
        """A rule for WebSocket handshakes."""
        return self.route(path, endpoint, websocket=True, **options)


class Group(Shortcuts[E]):
    """Rules under a common `prefix`, `name`, `host` and `defaults`; iterating gives them as plain rules.

    `prefix` is put before every path and may hold variables. `name` and a `.` are put before every endpoint
    that is a str, and before every rule's name, so that a group can be added twice under two names; an
    endpoint that is none, such as a function, stays, and its `__name__` is the name that is built by. `host`
    is for rules that have none; a rule's defaults win over the group's. Rules are read when the group is
    added somewhere.

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
                endpoint, name = rule.endpoint, rule.name
                if isinstance(endpoint, str):
                    endpoint = cast("E", self._named(endpoint))
                elif self.name and name is None:
                    name = getattr(endpoint, "__name__", None)
                yield rule.replace(
                    path=self.prefix + rule.path,
                    endpoint=endpoint,
                    host=self.host if rule.host is None else rule.host,
                    defaults={**self.defaults, **rule.defaults},
                    name=name and self._named(name),
                )

    def __repr__(self) -> str:
        return f"Group({self.prefix!r}, {self._items!r}, name={self.name!r})"

    def _named(self, name: str) -> str:
        return f"{self.name}.{name}" if self.name else name


def flatten(item: Rule[E] | Group[E]) -> Iterator[Rule[E]]:
    """The rules of a rule or a group."""
    if isinstance(item, Rule):
        yield item
    else:
        yield from item
