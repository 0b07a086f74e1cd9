"""What routing comes to: a match, or why there is none. Each is a value and, but for the match, an exception.

The failures are the toolkit's own `NotFound`, `MethodNotAllowed` and `Redirect`, told apart further where
there is more to say. They are made for every unlucky request, so they are made cheaply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeAlias, cast

from typing_extensions import override

from toolkit.sansio.errors.http import MethodNotAllowed, NotFound, Redirect
from toolkit.sansio.routing.paths import below
from toolkit.sansio.routing.rules import E_co, Rule
from toolkit.sansio.routing.similar import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn

    from toolkit.sansio.errors.base import ToolkitError
    from toolkit.sansio.routing.patterns import Route


class NoParams(dict[str, object]):
    """The parameters where there are none: one dict for all requests, so that nothing can be put into it."""

    __slots__ = ()

    def _refuse(self, *_args: object, **_named: object) -> NoReturn:
        raise TypeError("the parameters of a match are for reading: copy them to add to them")

    __setitem__ = setdefault = update = __ior__ = _refuse  # pyright: ignore[reportAssignmentType]

    @override
    def __reduce__(self) -> tuple[type[dict[str, object]], tuple[()]]:
        return dict, ()  # a copy is for adding to


NO_PARAMS: Final = NoParams()


class Match(Generic[E_co]):
    """Where a request leads: the `endpoint`, the `params` by name, the `rule` that matched.

    It is for reading. One without parameters is shared by all requests for the path, and refuses changes.
    """

    __slots__ = ("endpoint", "params", "rule")
    __match_args__ = ("endpoint", "params", "rule")

    endpoint: E_co
    params: Mapping[str, object]
    rule: Rule[E_co]

    def __init__(self, endpoint: E_co, params: Mapping[str, object], rule: Rule[E_co]) -> None:
        self.endpoint = endpoint
        self.params = params
        self.rule = rule

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Match):
            return NotImplemented
        theirs = cast("Match[object]", other)
        return (self.endpoint, self.params, self.rule) == (theirs.endpoint, theirs.params, theirs.rule)

    __hash__ = None  # type: ignore[assignment]  # params is a dict

    def __repr__(self) -> str:
        return f"Match({self.endpoint!r}, {self.params!r}, {self.rule!r})"


class Found(Match[E_co]):
    """A match as the router makes it: born empty, filled at once.

    PERF: `__init__` in C and three stores cost half of a call with three arguments
    (benchmarks/routing.py::github).
    """

    __slots__ = ()
    if TYPE_CHECKING:

        def __init__(self) -> None: ...
    else:
        __init__ = object.__init__


class Fixed(Match[E_co]):
    """The match of a path without variables, made once.

    PERF: half of what a path without variables cost was its match (benchmarks/routing.py::static hits).
    """

    __slots__ = ()

    def __init__(self, endpoint: E_co, rule: Rule[E_co]) -> None:
        write = object.__setattr__
        write(self, "endpoint", endpoint)
        write(self, "params", NO_PARAMS)
        write(self, "rule", rule)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a match is for reading: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a match is for reading: {name} cannot be deleted")

    def __reduce__(self) -> tuple[object, ...]:
        return Fixed, (self.endpoint, self.rule)


class RouteRedirect(Redirect):
    """A permanent redirect (308, which keeps the method) to a path of this router, or where a rule says."""

    def __init__(self, location: str) -> None:
        super().__init__(location, 308)

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.location!r})"

    def within(self, root_path: str = "", query: str = "") -> RouteRedirect:
        """The same for an application at `root_path` (decoded), with the request's query (without `?`).

        >>> RouteRedirect("/users/").within("/my app", "page=2").location
        '/my%20app/users/?page=2'
        """
        location, mark, fragment = self.location.partition("#")
        if location.startswith("/") and not location.startswith("//"):  # "//" is followed by a host
            location = below(root_path, location)
        if query:
            location += ("&" if "?" in location else "?") + query
        return RouteRedirect(location + mark + fragment)


class RouteNotFound(NotFound):
    """No rule matches the path. `near()` names rules that look alike: for a developer, so on demand."""

    # PERF: attributes of the class, and __init__ in C (benchmarks/routing.py::404).
    if TYPE_CHECKING:
        args: tuple[str, Sequence[Route]] | tuple[()]

        def __init__(self, path: str = ..., routes: Sequence[Route] = ...) -> None: ...
    else:
        __init__ = Exception.__init__
    title = "Not Found"
    detail = ""
    headers = ()

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path!r})"  # the rules are many

    @property
    def path(self) -> str:
        """The path that was asked for."""
        return self.args[0] if self.args else ""

    def near(self, limit: int = 3) -> list[str]:
        """The paths of at most `limit` rules that are most like the one asked for."""
        return nearest(self.args[0], [route.rule.path for route in self.args[1]], limit) if self.args else []

    @override
    def __reduce__(
        self,
    ) -> tuple[Callable[..., ToolkitError], tuple[type[ToolkitError], tuple[object, ...]], dict[str, object]]:
        twin = type(self)(self.path, ())  # a copy elsewhere has no router to look for near misses in
        return super(RouteNotFound, twin).__reduce__()


class WebSocketMismatch(RouteNotFound):
    """The path is there, but for WebSocket handshakes only, or for plain requests only."""


class WrongMethod(MethodNotAllowed):
    """The path is there, for other methods: `allowed` has all of them, in alphabetical order."""

    title = "Method Not Allowed"
    detail = ""
    headers = ()
    if TYPE_CHECKING:

        def __init__(self, *allowed: str) -> None: ...
    else:
        __init__ = Exception.__init__
        allowed = BaseException.args  # what it was made with


class OptionsAnswer(WrongMethod):
    """The answer to OPTIONS where no rule takes it: 204 with all of `Allow` (RFC 9110 section 9.3.7)."""

    status = 204
    title = "No Content"

    def as_text(self) -> str:
        """Nothing: a 204 has no content."""
        return ""

    as_html = as_text
    as_problem = as_text


Result: TypeAlias = "Match[E_co] | Redirect | MethodNotAllowed | NotFound"


class Resolver(Protocol[E_co]):
    """What `Router.resolve` is."""

    def __call__(
        self, path: str, method: str = "GET", host: str | None = None, websocket: bool = False
    ) -> Result[E_co]:
        """Where a request leads, as a value."""
        ...


class Matcher(Protocol[E_co]):
    """What `Router.match` is."""

    def __call__(
        self, path: str, method: str = "GET", host: str | None = None, websocket: bool = False
    ) -> Match[E_co]:
        """Where a request leads; everything else is raised."""
        ...
