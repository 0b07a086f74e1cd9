"""What a tree knows, for the code that is made of it: its patterns one by one, and what each answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.sansio.routing.rules import METHODS
from toolkit.sansio.routing.tree import Leaf, Node

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from toolkit.sansio.routing.patterns import Dynamic, Route

Answers: TypeAlias = "dict[str | None, Any]"
"""Endpoint and rule by method, and under None the leaf, unless there is more to it than that."""


def has_tails(node: Node) -> bool:
    """Whether some pattern takes the rest of a path."""
    return any(map(has_tails, node.static.values())) or any(
        isinstance(below, Leaf) or has_tails(below) for _, _, below in node.dynamic
    )


class Shape:
    """One pattern: its steps, the names of its variables, and what it answers for which method."""

    __slots__ = ("answers", "names", "steps")

    def __init__(self, steps: tuple[str | Dynamic, ...], names: tuple[str, ...], answers: Answers) -> None:
        self.steps = steps
        self.names = names
        self.answers = answers

    def likeness(self, start: int) -> tuple[object, ...]:
        """Equal for shapes whose code from `start` on is the same but for data."""
        return tuple(None if isinstance(step, str) else step for step in self.steps[start:])


def first_of(answers: Answers) -> tuple[str | None, Any, Answers]:
    """One method with what it answers, GET if it is there, and all answers; None and None of none.

    PERF: a comparison for most requests instead of a lookup for all (benchmarks/routing.py::github).
    """
    method = "GET" if "GET" in answers else next(iter(answers), None)
    return method, answers.get(method), answers


_BLOCKED = Leaf(())
"""Where the search has to decide: no method is answered."""


def patterns(
    node: Node, steps: tuple[str | Dynamic, ...] = (), *, blocked: bool = False
) -> Iterator[tuple[tuple[str | Dynamic, ...], Leaf]]:
    """Every pattern without a tail, as its steps (a last `""` for a slash), and its leaf.

    A rule that ignores the slash stands there in both spellings. A variable after which a tail would be
    tried first is blocked.
    """
    leaf, slash = node.leaf, node.slash
    if steps and slash is not None and leaf is None:
        leaf = _ignoring(slash)
    elif leaf is not None and slash is None:
        slash = _ignoring(leaf)
    if leaf is not None:
        yield steps, _BLOCKED if blocked else leaf
    if slash is not None:
        yield (*steps, ""), _BLOCKED if blocked else slash
    for segment, child in node.static.items():
        yield from patterns(child, (*steps, segment), blocked=blocked)
    for _, dynamic, below in node.dynamic:
        if isinstance(below, Node):
            yield from patterns(below, (*steps, dynamic), blocked=blocked)
        else:
            blocked = True


def _ignoring(leaf: Leaf) -> Leaf | None:
    """The routes of a leaf that take the other spelling as well."""
    routes = tuple(route for route in leaf.routes if route.slashes == "ignore")
    return Leaf(routes) if routes else None


def answers_of(leaf: Leaf, special: Container[Route]) -> tuple[tuple[str, ...], Answers]:
    """What a leaf answers for which method, as far as its variables have the same names."""
    answers: Answers = {}
    if len(leaf.routes) == 1 and leaf.any is None and leaf.routes[0] not in special:
        (route,) = leaf.routes
        answers = dict.fromkeys(leaf.methods, (route.rule.endpoint, route.rule))
        answers[None] = leaf
        return route.names, answers
    names: tuple[str, ...] | None = None
    known = leaf.methods if leaf.any is None else {**dict.fromkeys(METHODS, leaf.any), **leaf.methods}
    for method, route in known.items():
        if route not in special and (names is None or names == route.names):
            names = route.names
            answers[method] = (route.rule.endpoint, route.rule)
    if (
        leaf.routes
        and leaf.any is None
        and all(route not in special and route.names == names for route in leaf.routes)
    ):
        answers[None] = leaf
    return names or (), answers
