"""The fast lane: code generated from a tree, for the requests that need no thought.

It answers the paths without escapes and dot segments whose way through the tree never has to be taken back,
which are nearly all. What it does answer is right, because at every step it goes where the search would go
first; where another way is left, it returns None, and `toolkit.sansio.routing.tree.Search` decides.

Code is made for shapes and data for rules: `/svc1/<id>/x` to `/svc999/<id>/x` are one lookup in a dictionary
and one piece of code. There is a function for each number of segments; `Lane.source` is the text of all.

::

    def find(s, method):
        _, s1, s2, s3 = s                   # "/users/tom/keys" after split("/")
        if s1 == 'repos':                   # the literals that lead to many rules are compared,
            ...
        k = K0.get(s1)                      # the others are looked up: what they lead to is alike
        if k is not None:
            w, a, k, l3 = k                 # one method and its answer, all answers, a later literal
            if s3 != l3: return False       # no rule with so many segments fits
            if method != w: a = k.get(method)
            if a is None or not s2: return (s2 and k.get(None)) or None     # the leaf, without the method
            m = Found()
            m.endpoint, m.rule = a
            m.params = {'user': s2}
            return m
        return False
"""

from __future__ import annotations

from functools import lru_cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from toolkit.sansio.routing.converters import MAX_DIGITS, IntConverter, StringConverter
from toolkit.sansio.routing.patterns import Dynamic, Route
from toolkit.sansio.routing.results import Found
from toolkit.sansio.routing.shapes import Answers, Shape, answers_of, first_of, has_tails, patterns

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from toolkit.sansio.routing.tree import Leaf, Node

Find: TypeAlias = "Callable[[list[str], str], Any]"
"""A match; the one leaf that fits, when its routes do not take the method; False when none fits; or None."""

Fast: TypeAlias = "tuple[int, Mapping[str, Answers], Sequence[Find]]"
"""The length of the longest path in `Lane.static`, that, and `Lane.finders`."""

_FINDERS = 32  # numbers of segments that have a finder at least: longer paths raise IndexError
_INLINE = 3  # literals that are compared one by one where a dictionary would not pay


class Lane:
    """What generated code knows of a tree.

    `static` has the answers to whole paths without variables; `finders` a function for each number of
    segments; `fast` is these with the length of the longest path in `static`. `sure`: where no finder finds
    anything, nothing is to be found; `final`: not even with a slash at the end.
    """

    __slots__ = ("_makers", "_slashed", "fast", "final", "finders", "static", "sure")

    def __init__(self, root: Node, special: Container[Route], *, sure: bool = True) -> None:
        self.sure = sure and not has_tails(root)
        self.static: dict[str, Answers] = {}
        shapes: dict[int, list[Shape]] = {}
        for steps, leaf in patterns(root):
            names, answers = answers_of(leaf, special)
            if all(isinstance(step, str) and "/" not in step for step in steps):
                self.static["/" + "/".join(map(str, steps))] = answers
            else:
                shapes.setdefault(len(steps) + 1, []).append(Shape(("", *steps), names, answers))
        self._slashed = any(path[-1] == "/" for path in self.static if path != "/") or any(
            shape.steps[-1] == "" for alike in shapes.values() for shape in alike
        )
        self._makers = {count: _Maker(shapes[count], count) for count in shapes}
        most = max(shapes, default=0)
        self.finders: list[Find] = [
            self._makers[count].function() if count in shapes else _nowhere
            for count in range(max(most + 2, _FINDERS))
        ]
        self.final = self.sure and not self._slashed
        self.fast: Fast = (max(map(len, self.static), default=-1), self.static, self.finders)

    @property
    def source(self) -> str:
        """The generated code, for reading."""
        return "\n\n".join(self._makers[count].source for count in sorted(self._makers))

    def settle(
        self, path: str, segments: list[str], found: Leaf | Literal[False], method: str
    ) -> tuple[Route, ...] | None:
        """The routes that fit a path whose method none of them takes; None where the search has to decide.

        `segments` is the path after `split("/")`, `found` what the finder made of it. A rule may still fit
        with another spelling of the slash, or with fewer slashes.
        """
        if not self.sure or "//" in path:
            return None
        if not segments[-1]:
            path = path[:-1]
            other = segments[:-1]
        elif self._slashed:
            path += "/"
            other = [*segments, ""]
        else:
            return found.routes if found else ()
        if path in self.static:
            return None
        if len(other) < len(self.finders) and self.finders[len(other)](other, method) is not False:
            return None
        return found.routes if found else ()


def _nowhere(_segments: list[str], _method: str) -> Literal[False]:
    return False  # no rule has so many segments


@lru_cache(maxsize=1024)
def _compile(source: str) -> CodeType:
    """The code of the one function in `source`."""
    module = compile(source, "<toolkit router>", "exec")
    return next(constant for constant in module.co_consts if isinstance(constant, CodeType))


class _Maker:
    """Writes the function for some shapes that have the same number of steps, and agree before `start`.

    `values` are the expressions for the values known by then; `sure`: no shape is left if these fail.
    """

    def __init__(
        self,
        shapes: list[Shape],
        count: int,
        start: int = 1,
        values: Mapping[int, tuple[str, ...]] | None = None,
        *,
        sure: bool = True,
    ) -> None:
        self._data: dict[str, object] = {"Found": Found}
        self._count = count
        self._inner: list[str] = []
        self._values = dict(values or {})
        self._sure = sure
        unpack = ", ".join(["_", *[f"s{index}" for index in range(1, count)]])
        arguments = ", ".join(["s", "method", *self._given()])
        self._lines = [f"def find({arguments}):", f" {unpack} = s"]
        self._node(shapes, start, " ")
        own = "\n".join(self._lines)
        self._code = _compile(own)
        self.source = "\n\n".join([own, *self._inner])

    def function(self) -> Find:
        """The function, with its data."""
        return FunctionType(self._code, self._data, "find")

    def _constant(self, value: object) -> str:
        name = f"K{len(self._data)}"
        self._data[name] = value
        return name

    def _given(self) -> list[str]:
        """The names of the values that were made of their segments."""
        return [f"v{index}" for index, values in self._values.items() if values[0][0] == "v"]

    def _no(self) -> str:
        """What to return where nothing fits."""
        return "False" if self._sure else "None"

    def _node(self, shapes: list[Shape], index: int, pad: str) -> None:
        """The code that tells `shapes` apart, which agree before `index`; it ends in a return."""
        if index == self._count:
            (shape,) = shapes
            if shape.answers:
                method, answer, answers = map(self._constant, first_of(shape.answers))
                self._lines.append(f"{pad}a = {answer} if method == {method} else {answers}.get(method)")
                self._finish([repr(name) for name in shape.names], answers, pad)
            else:
                self._lines.append(f"{pad}return None")
            return
        literals: dict[str, list[Shape]] = {}
        dynamics: dict[Dynamic, list[Shape]] = {}
        for shape in shapes:
            step = shape.steps[index]
            if isinstance(step, str):
                literals.setdefault(step, []).append(shape)
            else:
                dynamics.setdefault(step, []).append(shape)
        sure = self._sure
        self._sure = sure and not dynamics
        self._literals(literals, len(shapes), index, pad)
        order = sorted(dynamics, key=_key)
        for number, dynamic in enumerate(order, 1):
            self._sure = sure and number == len(order)
            before = dict(self._values)
            inside = self._convert(dynamic, index, pad)
            self._node(dynamics[dynamic], index + 1, inside)
            self._values = before
            if inside == pad:  # every text is taken, nothing is left for the others
                break
        else:
            self._sure = sure
            self._lines.append(f"{pad}return {self._no()}")
        self._sure = sure

    def _literals(self, literals: dict[str, list[Shape]], total: int, index: int, pad: str) -> None:
        """The branches for literals: those with many rules first, then those that are alike together."""
        alike: dict[tuple[object, ...], list[str]] = {}
        rest: list[str] = []
        for literal, shapes in sorted(literals.items(), key=lambda item: -len(item[1])):
            if len(shapes) == 1 and shapes[0].answers:
                alike.setdefault(shapes[0].likeness(index + 1), []).append(literal)
            else:
                rest.append(literal)
        groups = [group for group in alike.values() if len(group) >= _INLINE]
        rest += [literal for group in alike.values() if len(group) < _INLINE for literal in group]
        compared = [
            literal
            for number, literal in enumerate(rest)
            if number < _INLINE or len(literals[literal]) * 8 > total
        ]
        called = [literal for literal in rest if literal not in compared]
        for literal in compared:
            self._lines.append(f"{pad}if s{index} == {literal!r}:")
            self._node(literals[literal], index + 1, pad + " ")
        for group in sorted(groups, key=lambda group: -len(group)):
            self._alike([literals[literal][0] for literal in group], index, pad)
        if called:
            self._called({literal: literals[literal] for literal in called}, index, pad)

    def _alike(self, shapes: list[Shape], index: int, pad: str) -> None:
        """One lookup for literals that differ in data only: the literals after them, and the answers."""
        later = [place for place in range(index + 1, self._count) if isinstance(shapes[0].steps[place], str)]
        names = [repr(name) for name in shapes[0].names]
        other = [
            place
            for place, of in enumerate(zip(*[shape.names for shape in shapes], strict=True))
            if len({*of}) > 1
        ]
        for place in other:
            names[place] = f"n{place}"
        data: dict[object, object] = {}
        for shape in shapes:
            own = [*[shape.names[place] for place in other], *[shape.steps[place] for place in later]]
            data[shape.steps[index]] = (*first_of(shape.answers), *own)
        more = ["w", "a", "k", *[f"n{place}" for place in other], *[f"l{place}" for place in later]]
        self._lines += [
            f"{pad}k = {self._constant(data)}.get(s{index})",
            f"{pad}if k is not None:",
            f"{pad} {', '.join(more)} = k",
        ]
        if later:
            wrong = " or ".join(f"s{place} != l{place}" for place in later)
            self._lines.append(f"{pad} if {wrong}: return {self._no()}")
        before = dict(self._values)
        inside = pad + " "
        for place in range(index + 1, self._count):
            step = shapes[0].steps[place]
            if isinstance(step, Dynamic):
                inside = self._convert(step, place, inside)
        self._lines.append(f"{inside}if method != w: a = k.get(method)")
        self._finish(names, "k", inside)
        if inside != pad + " ":
            self._lines.append(f"{pad} return {self._no()}")
        self._values = before

    def _called(self, literals: dict[str, list[Shape]], index: int, pad: str) -> None:
        """One lookup for literals that lead to functions of their own."""
        makers = {
            literal: _Maker(shapes, self._count, index + 1, self._values, sure=self._sure)
            for literal, shapes in literals.items()
        }
        self._inner += dict.fromkeys(maker.source for maker in makers.values())
        data = self._constant({literal: maker.function() for literal, maker in makers.items()})
        arguments = ", ".join(["s", "method", *self._given()])
        self._lines += [f"{pad}k = {data}.get(s{index})", f"{pad}if k is not None: return k({arguments})"]

    def _convert(self, dynamic: Dynamic, index: int, pad: str) -> str:
        """Make values of segment `index`: the indentation inside of which they are known."""
        converter = dynamic.bare
        if type(converter) is StringConverter and converter.domain.open:
            self._values[index] = (f"s{index}",)
            return pad
        name = f"v{index}"
        if isinstance(converter, IntConverter) and converter.plain:
            # PERF: the conversion in place costs half of a call (benchmarks/routing.py::int).
            self._values[index] = (name,)
            self._lines += [
                f"{pad}if s{index}.isdecimal() and s{index}.isascii() and len(s{index}) <= {MAX_DIGITS}:",
                f"{pad} {name} = int(s{index})",
            ]
        else:
            self._values[index] = tuple(f"{name}[{number}]" for number in range(len(dynamic.converters)))
            self._lines += [
                f"{pad}{name} = {self._constant(dynamic.read)}(s{index}) if s{index} else None",
                f"{pad}if {name} is not None:",
            ]
        return pad + " "

    def _finish(self, names: list[str], answers: str, pad: str) -> None:
        """The code that makes the match; `names` are expressions."""
        values = [value for index in sorted(self._values) for value in self._values[index]]
        plain = [value for value in values if value[0] == "s"]
        params = ", ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
        missing = f"({' and '.join([*plain, f'{answers}.get(None)'])}) or None" if self._sure else "None"
        self._lines += [
            f"{pad}if a is None{''.join(f' or not {value}' for value in plain)}: return {missing}",
            f"{pad}m = Found()",
            f"{pad}m.endpoint, m.rule = a",
            f"{pad}m.params = {{{params}}}",
            f"{pad}return m",
        ]


def _key(dynamic: Dynamic) -> tuple[object, ...]:
    return dynamic.key
