"""The tree of patterns, and the search in it: the one authority on what a path matches.

One node for each beginning that rules share; its children are the literal segments (a dictionary) and the
dynamic ones in the order of `toolkit.sansio.routing.patterns`. The search goes through them depth first and
so meets the rules of a path in that order; it stops at the first that takes the method, and otherwise has
seen all, which is what `Allow` needs. A node stands at one depth, hence is visited at most once for each
path: the search is linear in the nodes that the path can reach, whatever the path.

A tree that is in use never changes: `insert` with `share=True` copies what it changes, from the root down.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, TypeVar

from toolkit.sansio.errors.base import MalformedURL
from toolkit.sansio.percent import unquote_strict
from toolkit.sansio.routing.patterns import Dynamic, Key, Route, rest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.sansio.routing.splitting import Values

T = TypeVar("T")


class Leaf:
    """The routes of one pattern: which of them takes a method."""

    __slots__ = ("any", "methods", "routes")

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self.routes = routes
        self.any: Route | None = None
        self.methods: dict[str, Route] = {}
        for route in routes:
            methods = route.rule.methods
            if methods is None:
                self.any = route
                continue
            self.methods.update(dict.fromkeys(methods, route))
        if "GET" in self.methods:
            self.methods.setdefault("HEAD", self.methods["GET"])

    def pick(self, method: str) -> Route | None:
        """The route that takes the method: by name, or any."""
        return self.methods.get(method, self.any)


class Node:
    """A beginning that rules share. `leaf`: a path ends here; `slash`: it ends here with a slash.

    A dynamic step leads to a node, or, where it takes the rest of the path, to the leaf.
    """

    __slots__ = ("dynamic", "leaf", "slash", "static")

    def __init__(self) -> None:
        self.static: dict[str, Node] = {}
        self.dynamic: list[tuple[Key, Dynamic, Node | Leaf]] = []
        self.leaf: Leaf | None = None
        self.slash: Leaf | None = None

    @property
    def known(self) -> bool:
        """Whether there is anything here."""
        return bool(self.static or self.dynamic or self.leaf or self.slash)

    def copy(self) -> Node:
        """A node of its own with the same children."""
        twin = Node()
        twin.static = self.static.copy()
        twin.dynamic = self.dynamic.copy()
        twin.leaf = self.leaf
        twin.slash = self.slash
        return twin

    def child(self, step: str | Dynamic, *, share: bool) -> Node:
        """The node that follows on `step`, made if need be; with `share`, a copy takes its place."""
        if isinstance(step, str):
            known = self.static.get(step)
            if known is None or share:
                known = self.static[step] = Node() if known is None else known.copy()
            return known
        key: Key = (step.key,)
        below = self.below(key)
        if isinstance(below, Node) and not share:
            return below
        node = below.copy() if isinstance(below, Node) else Node()
        self.put(key, step, node)
        return node

    def below(self, key: Key) -> Node | Leaf | None:
        """What the dynamic step with this key leads to."""
        known = self.dynamic[place(self.dynamic, key, _key)]
        return known[0][2] if known else None

    def put(self, key: Key, step: Dynamic, below: Node | Leaf) -> None:
        """Let `step` lead to `below`."""
        self.dynamic[place(self.dynamic, key, _key)] = [(key, step, below)]


def _key(child: tuple[Key, Dynamic, Node | Leaf]) -> Key:
    return child[0]


def place(ordered: Sequence[T], key: Key, key_of: Callable[[T], Key]) -> slice:
    """Where the one with this key stands among ordered ones, or an empty slice where it would."""
    start = bisect_left(ordered, key, key=key_of)
    return slice(start, start + (start < len(ordered) and key_of(ordered[start]) == key))


def insert(root: Node, route: Route, *, share: bool = False) -> Node:
    """The root of a tree with `route` in it: `root`, or with `share` a copy that leaves `root` as it is."""
    node = root = root.copy() if share else root
    for step in route.steps:
        if isinstance(step, Dynamic) and step.across:
            node.put(step.key, step, _with(node.below(step.key), route))
            return root
        node = node.child(step, share=share)
    if route.slash:
        node.slash = _with(node.slash, route)
    else:
        node.leaf = _with(node.leaf, route)
    return root


def _with(leaf: Node | Leaf | None, route: Route) -> Leaf:
    return Leaf((*leaf.routes, route) if isinstance(leaf, Leaf) else (route,))


def decode(path: str) -> list[str] | None:
    """The segments of an encoded path, decoded; None where no rule can match.

    The written rule: escapes are decoded after the path was split, so `%2F` stays inside its segment. A path
    with a malformed escape, with bytes that are not UTF-8, or with a dot segment (`.`, `..`, `%2e`, …) is not
    found: clients resolve dot segments, and nobody should be handed `..` as the name of something.

    >>> decode("/a%2Fb/caf%C3%A9"), decode("/a/%2e%2E/b"), decode("/%ff")
    (['a/b', 'café'], None, None)
    """
    if path[:1] != "/":
        return None
    segments = path.split("/")[1:]
    if "%" in path:
        try:
            segments = [unquote_strict(segment) if "%" in segment else segment for segment in segments]
        except MalformedURL:
            return None
    if "." in segments or ".." in segments:
        return None
    return segments


class Search:
    """One walk through a tree for one path and method: what it found, and what it saw on the way."""

    __slots__ = ("_length", "_method", "_rests", "_segments", "_slash", "found", "redirect", "seen", "values")

    def __init__(self, segments: list[str], method: str) -> None:
        self._slash = segments[-1] == ""
        self._segments = segments[:-1] if self._slash else segments
        self._length = len(self._segments)
        self._method = method
        self._rests: dict[tuple[int, bool], str] = {}  # made once for all the rules that read them
        self.found: Route | None = None
        self.values: Values = ()
        self.redirect: Route | None = None
        self.seen: list[Route] = []

    def walk(self, node: Node, index: int = 0, values: Values = ()) -> bool:
        """Whether a route takes the path and the method; it is then `found`, its values `values`."""
        if index == self._length:
            if node.leaf is None and node.slash is None:
                return False
            written, other = (node.slash, node.leaf) if self._slash else (node.leaf, node.slash)
            return self._take(written, values) or self._take_other(other, values)
        segment = self._segments[index]
        child = node.static.get(segment)
        if child is not None and self.walk(child, index + 1, values):
            return True
        if not node.dynamic:
            return False
        for _, dynamic, below in node.dynamic:
            if isinstance(below, Leaf):
                if self._tail(dynamic, below, index, values):
                    return True
            elif segment:
                found = dynamic.read(segment)
                if found is not None and self.walk(below, index + 1, values + found):
                    return True
        return False

    def _tail(self, dynamic: Dynamic, leaf: Leaf, index: int, values: Values) -> bool:
        """The same for the rest of the path as a whole."""
        found = dynamic.read(self._rest(index, slash=self._slash))
        if found is not None:
            return self._take(leaf, values + found)
        if dynamic.slash == self._slash or not self._segments[-1]:  # two slashes at the end are another path
            return False
        found = dynamic.read(self._rest(index, slash=dynamic.slash))
        return found is not None and self._take_other(leaf, values + found)

    def _rest(self, index: int, *, slash: bool) -> str:
        """The segments from `index` on as one text."""
        rest = self._rests.get((index, slash))
        if rest is None:
            rest = self._rests[index, slash] = rest_of(self._segments, index, slash=slash)
        return rest

    def _take(self, leaf: Leaf | None, values: Values) -> bool:
        """Whether a route of a leaf that the path fits takes the method."""
        if leaf is None:
            return False
        self.found = leaf.pick(self._method)
        self.values = values
        self.seen += leaf.routes
        return self.found is not None

    def _take_other(self, leaf: Leaf | None, values: Values) -> bool:
        """The same for a leaf that the path fits but for the slash at its end."""
        if leaf is None:
            return False
        strangers = [route for route in leaf.routes if route.slashes == "ignore"]
        if strangers and self._take(Leaf(tuple(strangers)), values):
            return True
        if self.redirect is None:
            picked = Leaf(tuple(route for route in leaf.routes if route.slashes == "redirect")).pick(
                self._method
            )
            self.redirect = picked
        return False
