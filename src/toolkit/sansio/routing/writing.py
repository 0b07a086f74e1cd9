"""Writing code: a function for the patterns of a tree, as text, and the function itself.

Code is made for shapes and data for rules: `/svc1/<id>/x` to `/svc999/<id>/x` are one lookup in a dictionary
and one piece of code. All of it is one function::

    def find(path, method='GET', host=None, websocket=False):
        if websocket: return other(path, method, host, websocket)
        if len(path) <= 6:                          # no path without variables is longer
            k = K0.get(path)
            ...
        if '%' in path or ('.' in path and '/.' in path): return other(path, method, host, websocket)
        s = path.split('/')
        n = len(s)
        if n == 4:
            s0, s1, s2, s3 = s                      # "/users/tom/keys"
            k = K1.get(s1)                          # literals that lead to the like are looked up,
            if k is not None:
                w, a, k, l3 = k                     # one method and its answer, all answers, a later literal
                if s3 != l3: return no(path, method, host, False)
                if method != w: a = k.get(method)
                if a is None or s0 or not s2: return no(path, method, host, k)
                m = Found()
                m.endpoint, m.rule = a
                m.params = {'user': s2}
                return m
            if s1 == 'repos':                       # others are compared, where they are few
                ...
            return no(path, method, host, False)
        if s[-1] and '//' not in path: return lost(path, routes)
        return no(path, method, host, False)

`other`, `lost` and `no` are what a function is made with, so that the same code raises or returns. `other` is
for what needs thought, `lost` for what no rule fits. `no` is told what is known: False, no rule fits, unless
with fewer or more slashes; the answers of the one pattern that fits, but not for this method; None, nothing.
`K0` … are constants of the code, so that whoever runs it has all of a router, or all of an older one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.sansio.routing.converters import MAX_DIGITS, IntConverter, StringConverter
from toolkit.sansio.routing.patterns import Dynamic
from toolkit.sansio.routing.results import NO_PARAMS, Fixed, Found
from toolkit.sansio.routing.shapes import Answers, Shape, first_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from toolkit.sansio.routing.patterns import Route

Known: TypeAlias = "Answers | Literal[False] | None"

_GROUP = 3  # literals that lead to the like and are looked up: a dictionary pays
_CHAIN = 8  # literals that are compared one by one: as many as cost a call of a function
_SHARE = 8  # or those below which there is one of so many shapes


def function_of(  # noqa: PLR0917  # the names that the code knows, in order
    code: CodeType,
    name: str,
    other: Callable[..., object],
    no: Callable[..., object],
    lost: Callable[[str, Sequence[Route]], object],
    routes: Sequence[Route],
) -> FunctionType:
    """The function with this code, and with what to do about the paths that it cannot answer."""
    known = {"Found": Found, "Fixed": Fixed, "other": other, "no": no, "lost": lost, "routes": routes}
    function = FunctionType(code, known, name, ("GET", None, False))
    function.__module__ = __name__
    return function


@lru_cache(maxsize=1024)
def _compile(source: str) -> CodeType:
    """The code of the one function in `source`."""
    module = compile(source, "<toolkit router>", "exec")
    return next(constant for constant in module.co_consts if isinstance(constant, CodeType))


def compile_with(source: str, constants: Sequence[object]) -> CodeType:
    """The code of the one function in `source`, with constants in place of `b'K0'` …

    They stand for what has no text. Of other bytes there are none in generated code.
    """
    code = _compile(source)
    known = {_placeholder(number): value for number, value in enumerate(constants)}
    mine = [known.get(one, one) if isinstance(one, bytes) else one for one in code.co_consts]
    return code.replace(co_consts=tuple(mine))


FORWARD = _compile(
    "def find(path, method='GET', host=None, websocket=False): return other(path, method, host, websocket)"
)
"""The code of a function that leaves everything to `other`."""


class Writer:
    """Writes a function: for all paths (`whole`), or for some shapes that agree up to a segment (`part`).

    `values` are the expressions for the values that are known by then, `_sure` says whether no shape is left
    if those at hand fail; with `final`, nothing else is left either, but for empty segments. A part returns
    what `no` would be told.
    """

    def __init__(self, values: tuple[str, ...] = (), *, final: bool = False) -> None:
        self._final = final
        self._constants: list[object] = []
        self._lines: list[str] = []
        self._inner: list[str] = []
        self._values: dict[int, tuple[str, ...]] = {-1: values} if values else {}
        self._count = 0
        self._sure = True
        self._part = False

    def whole(self, static: Mapping[str, object], longest: int, shapes: dict[int, list[Shape]]) -> None:
        """Write the function for shapes by number of segments, and for `static` paths up to the longest."""
        self._lines += [
            "def find(path, method='GET', host=None, websocket=False):",
            " if websocket: return other(path, method, host, websocket)",
        ]
        if longest:
            self._lines += [
                f" if len(path) <= {longest}:",
                f"  k = {self._constant(static)}.get(path)",
                "  if k is not None:",
                "   w, m, k = k",
                "   if method != w: m = k.get(method)",
                "   if m is not None: return m",
                "   return no(path, method, host, k) if None in k else other(path, method, host, websocket)",
            ]
        self._lines += [
            " if '%' in path or ('.' in path and '/.' in path): return other(path, method, host, websocket)",
            " s = path.split('/')",
            " n = len(s)",
        ]
        for count in sorted(shapes, key=lambda count: -len(shapes[count])):
            self._count = count
            self._lines += [f" if n == {count}:", f"  {self._segments()} = s"]
            self._node(shapes[count], 1, "  ")
        self._return(" ", "False")

    def part(self, shapes: list[Shape], start: int, above: Writer) -> None:
        """Write the function for shapes that `above` told from others by the segments before `start`."""
        self._count = above._count
        self._values = dict(above._values)
        self._sure = above._sure
        self._part = True
        self._lines += [f"def find({self._arguments()}):", f" {self._segments()} = s"]
        self._node(shapes, start, " ")

    @property
    def source(self) -> str:
        """The code as text, with names for its constants."""
        return _CONSTANT.sub(r"K\1", "\n\n".join(["\n".join(self._lines), *self._inner]))

    def code(self) -> CodeType:
        """The code, with its constants."""
        return compile_with("\n".join(self._lines), self._constants)

    def _constant(self, value: object) -> str:
        """The text of a constant that has none of its own."""
        self._constants.append(value)
        return repr(_placeholder(len(self._constants) - 1))

    def _segments(self) -> str:
        return ", ".join(f"s{index}" for index in range(self._count))

    def _arguments(self) -> str:
        """What a part is given: the values that were made of segments among them."""
        made = [f"v{index}" for index, values in self._values.items() if values and values[0][0] == "v"]
        return ", ".join(["s", "method", "host", *made])

    def _return(self, pad: str, known: str) -> None:
        """The end where no rule takes the path and the method, as far as is known."""
        known = known if self._sure else "None"
        if self._part:
            self._lines.append(f"{pad}return {known}")
            return
        if self._final and known == "False":
            # PERF: a call less for most of what is not found (benchmarks/routing.py::404).
            self._lines.append(f"{pad}if s[-1] and '//' not in path: return lost(path, routes)")
        self._lines.append(f"{pad}return no(path, method, host, {known})")

    def _match(self, names: Sequence[str], pad: str) -> list[str]:
        """The lines that make the match of the answer `a`; `names` are expressions."""
        values = [value for index in sorted(self._values) for value in self._values[index]]
        params = ", ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
        return [
            f"{pad}m = Found()",
            f"{pad}m.endpoint, m.rule = a",
            f"{pad}m.params = {f'{{{params}}}' if params else self._constant(NO_PARAMS)}",
            f"{pad}return m",
        ]

    def _finish(self, names: list[str], answers: str, pad: str) -> None:
        """The end of a pattern: the match, if there is an answer and no segment is empty that must not be."""
        plain = [
            f" or not {value}" for values in self._values.values() for value in values if value[0] == "s"
        ]
        self._lines.append(f"{pad}if a is None or s0{''.join(plain)}:")
        self._return(pad + " ", answers)
        self._lines += self._match(names, pad)

    def _node(self, shapes: list[Shape], index: int, pad: str) -> None:
        """The code that tells `shapes` apart, which agree before `index`; it ends in a return."""
        if index == self._count:
            (shape,) = shapes
            if shape.answers:
                method, answer, answers = first_of(shape.answers)
                known = self._constant(answers)
                self._lines.append(
                    f"{pad}a = {self._constant(answer)} if method == {method!r} else {known}.get(method)"
                )
                self._finish([repr(name) for name in shape.names], known, pad)
            else:
                self._return(pad, "None")
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
            self._return(pad, "False")
        self._sure = sure

    def _literals(self, literals: dict[str, list[Shape]], total: int, index: int, pad: str) -> None:
        """The branches for literals: what most rules are behind first, be it one literal or like ones."""
        alike: dict[tuple[object, ...], list[str]] = {}
        branches: list[list[str]] = []
        for literal, shapes in literals.items():
            if len(shapes) == 1 and shapes[0].answers:
                alike.setdefault(shapes[0].likeness(index + 1), []).append(literal)
            else:
                branches.append([literal])
        for group in alike.values():
            branches += [group] if len(group) >= _GROUP else [[literal] for literal in group]
        weights = {group[0]: sum(len(literals[literal]) for literal in group) for group in branches}
        called: dict[str, list[Shape]] = {}
        compared = 0
        for group in sorted(branches, key=lambda group: -weights[group[0]]):
            literal = group[0]
            if len(group) > 1:
                self._alike([literals[one][0] for one in group], index, pad)
            elif compared < _CHAIN or weights[literal] * _SHARE > total:
                compared += 1
                self._lines.append(f"{pad}if s{index} == {literal!r}:")
                self._node(literals[literal], index + 1, pad + " ")
            else:
                called[literal] = literals[literal]
        if called:
            self._called(called, index, pad)

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
            self._lines.append(f"{pad} if {wrong}:")
            self._return(pad + "  ", "False")
        before = dict(self._values)
        inside = pad + " "
        for place in range(index + 1, self._count):
            step = shapes[0].steps[place]
            if isinstance(step, Dynamic):
                inside = self._convert(step, place, inside)
        self._lines.append(f"{inside}if method != w: a = k.get(method)")
        self._finish(names, "k", inside)
        if inside != pad + " ":
            self._return(pad + " ", "False")
        self._values = before

    def _called(self, literals: dict[str, list[Shape]], index: int, pad: str) -> None:
        """One lookup for literals that lead to functions of their own."""
        parts: dict[str, FunctionType] = {}
        sources: dict[str, None] = {}
        for literal, shapes in literals.items():
            writer = Writer()
            writer.part(shapes, index + 1, self)
            parts[literal] = FunctionType(writer.code(), {"Found": Found}, literal)
            sources[writer.source] = None
        self._inner += sources
        self._lines += [
            f"{pad}k = {self._constant(parts)}.get(s{index})",
            f"{pad}if k is not None:",
            f"{pad} m = k({self._arguments()})",
        ]
        if self._part:
            self._lines.append(f"{pad} return m")
        else:
            self._lines.append(f"{pad} return m if m.__class__ is Found else no(path, method, host, m)")

    def _convert(self, dynamic: Dynamic, index: int, pad: str) -> str:
        """Make values of segment `index`: the indentation inside of which they are known."""
        converter = dynamic.bare
        if type(converter) is StringConverter and converter.domain.open:
            self._values[index] = (f"s{index}",)
            return pad
        name = f"v{index}"
        if type(converter) is IntConverter and converter.plain:  # a subclass may refuse more
            # PERF: the conversion in place costs half of a call (benchmarks/routing.py::int).
            self._values[index] = (name,)
            self._lines += [
                f"{pad}if s{index}.isdecimal() and s{index}.isascii() and len(s{index}) <= {MAX_DIGITS}:",
                f"{pad} {name} = int(s{index})",
            ]
        else:
            self._values[index] = tuple(f"{name}[{number}]" for number in range(len(dynamic.converters)))
            self._lines += [
                f"{pad}k = {self._constant(dynamic.read)}",
                f"{pad}{name} = k(s{index}) if s{index} else None",
                f"{pad}if {name} is not None:",
            ]
        return pad + " "


def _placeholder(number: int) -> bytes:
    return b"K%d" % number


_CONSTANT = re.compile(r"\bb'K([0-9]+)'")


def _key(dynamic: Dynamic) -> tuple[object, ...]:
    return dynamic.key
