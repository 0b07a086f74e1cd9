"""Typed building: an object for one endpoint, whose `build` takes what a type checker can verify."""

from __future__ import annotations

from inspect import Parameter, signature
from typing import TYPE_CHECKING, Generic, Protocol

from typing_extensions import ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from toolkit.sansio.routing.building import Builder

EndpointParams = ParamSpec("EndpointParams")


class HasMethod(Protocol):
    """What tells a request from a variable of a rule: no converter makes anything like it."""

    @property
    def method(self) -> str:
        """GET and the like."""
        ...

    @property
    def headers(self) -> object:
        """The header lines."""
        ...


AnyRequest = TypeVar("AnyRequest", bound=HasMethod)


class Endpoint(Generic[EndpointParams]):
    """One endpoint of a router; `Router.endpoint` makes it.

    No type checker reads the text of a rule, so the parameters come from a function with the same ones: the
    handler, or a stub beside the rule. That the two agree is checked when the object is made, that callers
    agree by the type checker. A first parameter that is no variable is the request.
    """

    __slots__ = ("_build", "_names", "name")

    def __init__(
        self,
        build: Callable[[Mapping[str, object]], str],
        name: object,
        shape: Callable[..., object],
        rules: Sequence[Builder],
    ) -> None:
        known = frozenset[str]().union(*[rule.names for rule in rules], *[rule.defaults for rule in rules])
        parameters = list(signature(shape).parameters.values())
        if parameters and parameters[0].kind in _POSITIONAL and parameters[0].name not in known:
            del parameters[0]
        names = [
            "*" * (parameter.kind is Parameter.VAR_POSITIONAL) + parameter.name
            for parameter in parameters
            if parameter.kind is not Parameter.VAR_KEYWORD
        ]
        whatever = len(names) < len(parameters)  # **kwargs
        if not known.issuperset(names) or not (whatever or any(rule.names.issubset(names) for rule in rules)):
            has = " or ".join(f"({', '.join(sorted(rule.names))})" for rule in rules)
            raise TypeError(f"{name!r}: the rule has {has}, the function ({', '.join(names)})")
        self._names = tuple(names)
        self._build = build
        self.name = name

    def build(self, *args: EndpointParams.args, **kwargs: EndpointParams.kwargs) -> str:
        """The URL, relative, by the rule that has most of the parameters; the others are its query."""
        if len(args) > len(self._names):
            raise TypeError(f"{self!r} has {len(self._names)} parameters, not {len(args)}")
        return self._build({**dict(zip(self._names, args, strict=False)), **kwargs})

    def __repr__(self) -> str:
        return f"Endpoint({self.name!r}, ({', '.join(self._names)}))"


_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
