"""The half of a router that builds URLs of endpoints; `toolkit.sansio.routing.assembly` does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, overload

from toolkit.sansio.routing.assembly import Assembler
from toolkit.sansio.routing.building import Unsuitable
from toolkit.sansio.routing.endpoints import Endpoint
from toolkit.sansio.routing.rules import E

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Concatenate

    from toolkit.sansio.routing.endpoints import AnyRequest, EndpointParams
    from toolkit.sansio.url.query import QueryItems


class URLs(Generic[E]):
    """The URLs of endpoints: `build`, and `endpoint` for a type checker."""

    __slots__ = ("_assembler",)

    def __init__(self) -> None:
        self._assembler = Assembler()

    def build(  # noqa: PLR0917  # meant to be given by name, see below
        self,
        endpoint: E | str,
        params: Mapping[str, object] | None = None,
        query: QueryItems | None = None,
        fragment: str | None = None,
        method: str | None = None,
        host: str | None = None,
        scheme: str | None = None,
        root_path: str = "",
        external: bool = False,
    ) -> str:
        """The URL of an endpoint, or of a rule's name.

        BuildError where no rule fits, TypeError where a query value has no text. Of the endpoint's rules that
        take `method`, where one is given (WebSocket rules take none), and whose variables all have a
        parameter, the one is taken that has a place for most parameters, then the one that adds the fewest
        defaults to them, then the one with fewest variables: defaults that are given are left out of the
        path; a rule without a name comes before those with one. Where rules of several names are left that
        make different URLs, as for a function that is mounted twice, it is BuildError: build by the name.
        Parameters without a place go into the query, before `query`; lists are repeated.

        The result begins with a slash, `root_path` (decoded) in front. It is absolute with `external`, or
        when the rule belongs to another host than `host`, which is the one of the current request; `scheme`
        is "https" by default, "wss" for WebSocket rules.
        """
        # PERF: an endpoint with one rule, and nothing but its path wanted; arguments that could only be given
        # by name would cost a tenth of it (benchmarks/routing.py::build).
        builder = self._assembler.simple.get(endpoint)
        if (
            builder is not None
            and params is not None
            and len(params) == builder.count
            and fragment is None
            and not (query or method or root_path or external)
        ):
            try:
                return builder.path(params)
            except (Unsuitable, KeyError):
                pass  # why, is found out below
        return self._assembler.build(
            endpoint,
            {} if params is None else params,
            query=query,
            fragment=fragment,
            method=method,
            host=host,
            scheme=scheme,
            root_path=root_path,
            external=external,
        )

    def read_params(self, endpoint: E | str, texts: Mapping[str, str]) -> dict[str, object]:
        """Parameters for `build` of decoded texts, such as a command line has, by the first rule that can.

        >>> from toolkit.sansio.routing import Router, Rule
        >>> Router([Rule("/users/<int:id>", "user")]).read_params("user", {"id": "7", "tab": "mail"})
        {'id': 7, 'tab': 'mail'}
        """
        return self._assembler.read(endpoint, texts)

    @overload
    def endpoint(
        self, endpoint: E | str, shape: Callable[Concatenate[AnyRequest, EndpointParams], object]
    ) -> Endpoint[EndpointParams]: ...

    @overload
    def endpoint(
        self, endpoint: E | str, shape: Callable[EndpointParams, object]
    ) -> Endpoint[EndpointParams]: ...

    def endpoint(self, endpoint: E | str, shape: Callable[..., object]) -> Endpoint[...]:
        """An object that builds the URLs of one endpoint, with the parameters of `shape`, type-checked.

        `shape` is a function with the rules' variables as parameters: the handler itself, whose first
        parameter may be the request, or a stub. TypeError where a parameter is no variable of the endpoint's
        rules, or where no rule has all of its variables among them; BuildError where there is no rule.

        >>> from toolkit.sansio.routing import Router, Rule
        >>> router = Router([Rule("/users/<int:id>", "user")])
        >>> def user(id: int) -> None: ...
        >>> router.endpoint("user", user).build(id=7)
        '/users/7'
        """

        def build(params: Mapping[str, object]) -> str:
            return self.build(endpoint, params)

        return Endpoint(build, endpoint, shape, self._assembler.rules(endpoint))
