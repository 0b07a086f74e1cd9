"""The fast lane: generated code for the requests that need no thought.

It answers the paths without escapes and dot segments whose way through the tree never has to be taken back,
which are nearly all. What it does answer is right, because at every step it goes where the search would go
first; where another way is left, it hands over to `toolkit.sansio.routing.tree.Search`.
`toolkit.sansio.routing.writing` shows the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from toolkit.sansio.routing.results import Fixed
from toolkit.sansio.routing.shapes import Answers, Shape, answers_of, first_of, has_tails, patterns
from toolkit.sansio.routing.writing import Known, Writer, function_of

if TYPE_CHECKING:
    from collections.abc import Container

    from toolkit.sansio.routing.patterns import Dynamic, Route
    from toolkit.sansio.routing.tree import Leaf, Node


class Lane:
    """What generated code knows of a tree.

    `static` has the answers to whole paths without variables. `sure`: where nothing is found, nothing is to
    be found but for the slash at the end. `values` are expressions for the values of
    a host. `code` is that of the function, `probe` a function with it that tells what is known instead of
    answering.
    """

    __slots__ = ("_slashed", "code", "probe", "source", "static", "sure")

    def __init__(
        self, root: Node, special: Container[Route], *, sure: bool = True, values: tuple[str, ...] = ()
    ) -> None:
        self.sure = sure and not has_tails(root)
        fixed: dict[str, Answers] = {}
        shapes: dict[int, list[Shape]] = {}
        for steps, leaf in patterns(root):
            names, answers = answers_of(leaf, special)
            path = _fixed_path(steps)
            if path and not values:
                fixed[path] = answers
            else:
                shapes.setdefault(len(steps) + 1, []).append(Shape(("", *steps), names, answers))
        self._slashed = any(path[-1] == "/" for path in fixed if path != "/") or any(
            shape.steps[-1] == "" for alike in shapes.values() for shape in alike
        )
        self.static: dict[str, object] = {}  # filled below, when it is known what else takes its paths
        writer = Writer(values, final=self.sure and not self._slashed)
        writer.whole(self.static, max(map(len, fixed), default=0), shapes)
        self.code = writer.code()
        self.source = writer.source
        self.probe = function_of(self.code, "probe", _nothing, _told, _lost, ())
        for path, answers in fixed.items():
            if None in answers and self.probe(path, "") is not False:
                del answers[None]  # a variable takes the path as well: it is not all that fits
        self.static.update((path, _made(answers)) for path, answers in fixed.items())

    def settle(self, path: str, method: str, known: Known) -> tuple[Route, ...] | None:
        """The routes that fit a path whose method none of them takes; None where the search has to decide.

        `known` is what the code knows of the path. A rule may still fit with another spelling of the slash
        at the end, or with fewer slashes.
        """
        if known is None or not self.sure or "//" in path or path[:1] != "/":
            return None
        ending = path[-1] == "/"
        leaf: Leaf | None = None
        if known is not False:
            leaf = known.get(None)
            if leaf is None or (ending and len(leaf.routes[0].steps) == path.count("/")):
                return None  # a variable would have to be empty
        if (ending or self._slashed) and path != "/":
            turned = path[:-1] if ending else path + "/"
            if turned in self.static or self.probe(turned, method) is not False:
                return None
        return () if leaf is None else leaf.routes


def _made(answers: Answers) -> tuple[object, str | None, Answers]:
    """The answers of a path without variables as matches: `first_of` them."""
    return first_of({method: known if method is None else Fixed(*known) for method, known in answers.items()})


def _fixed_path(steps: tuple[str | Dynamic, ...]) -> str:
    """The path of a pattern without variables, as a request has it; empty where it is written otherwise."""
    literals = [step for step in steps if isinstance(step, str) and "/" not in step and "%" not in step]
    return "/" + "/".join(literals) if len(literals) == len(steps) else ""


def _nothing(_path: str, _method: str, _host: object, _websocket: bool) -> None:
    """What a probe says where the search would have to decide."""


def _told(_path: str, _method: str, _host: object, known: Known) -> Known:
    """What a probe says where no rule takes the path and the method."""
    return known


def _lost(_path: str, _routes: object) -> Literal[False]:
    """What a probe says where no rule takes the path."""
    return False
