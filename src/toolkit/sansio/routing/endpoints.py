"""Typed building: an object for one endpoint, whose `build` takes what a type checker can verify."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import ParamSpec
else:
    from typing import ParamSpec

EndpointParams = ParamSpec("EndpointParams")


class Endpoint(Generic[EndpointParams]):
    """One endpoint of a router; `Router.endpoint` makes it.

    No type checker reads the text of a rule, so the parameters come from a function with the same ones: the
    handler, or a stub beside the rule. That the two agree is checked when the object is made, that callers
    agree by the type checker.
    """

    __slots__ = ("_build", "_names", "name")

    def __init__(
        self,
        build: Callable[[Mapping[str, object]], str],
        name: object,
        shape: Callable[EndpointParams, object],
        variables: list[frozenset[str]],
    ) -> None:
        code = shape.__code__
        self._names: tuple[str, ...] = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        if not any(names <= set(self._names) for names in variables):
            rules = " or ".join(f"({', '.join(sorted(names))})" for names in variables)
            raise TypeError(f"{name!r}: the rule has {rules}, the function ({', '.join(self._names)})")
        self._build = build
        self.name = name

    def build(self, *args: EndpointParams.args, **kwargs: EndpointParams.kwargs) -> str:
        """The URL, relative, with the parameters that have no place in the query."""
        return self._build({**dict(zip(self._names, args, strict=False)), **kwargs})

    def __repr__(self) -> str:
        return f"Endpoint({self.name!r}, ({', '.join(self._names)}))"
