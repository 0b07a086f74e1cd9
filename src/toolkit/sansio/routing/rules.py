"""Rules: what an application writes down. Values only, frozen; nothing here matches or builds."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeAlias

from toolkit.sansio.grammar import is_token
from toolkit.sansio.routing.errors import RuleError
from toolkit.sansio.routing.syntax import Segment, parse_host, parse_path, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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

    An `alias` is matched and redirected to the main rule of its endpoint (and name), where that takes the
    request; otherwise it is a match. A `build_only` rule never matches. `redirect_to` answers with a redirect
    (308): another path or a URL in which `<name>` stands for a parameter (in its host, for one of the host;
    behind its `?`, for one value of the query), or a callable that is given the parameters by name, decoded.
    Where it leads must not be back (`toolkit.sansio.routing.redirects`).
    A `websocket` rule takes WebSocket handshakes, has no methods. URLs are built by the endpoint, or by
    `name`, which tells rules with one endpoint apart.

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
        "name",
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
    name: str | None

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
        name: str | None = None,
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
        write(self, "name", name)
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
            self.name,
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
            "name": self.name,
        }
        said = "".join(f", {name}={value!r}" for name, value in options.items() if value)
        return f"Rule({self.path!r}, {self.endpoint!r}{said})"

    def __reduce__(self) -> tuple[object, ...]:
        return _remake, (*self._state(),)

    def replace(
        self, *, path: str, endpoint: F, host: str | None, defaults: Mapping[str, object], name: str | None
    ) -> Rule[F]:
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
            name=name,
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
    name: str | None,
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
        name=name,
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
