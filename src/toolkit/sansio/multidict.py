"""Ordered dictionaries with many values to a key: queries, cookies and forms are such things.

What lives here: containers that know nothing of HTTP. The truth is a list of pairs in the order received,
so that a parser wraps the list it has just made for the price of one small object. The index that answers
look-ups is made when the first look-up needs it, and kept up to date from then on.

Keys are looked up by hash. Adding a value and removing the last pair cost the same whatever the size;
replacing or removing a key costs one pass over the pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from toolkit.sansio.pairs import grouped, note, updated

if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView

    from _typeshed import SupportsKeysAndGetItem
    from typing_extensions import Self

K = TypeVar("K")
V = TypeVar("V")
A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")
R = TypeVar("R")

# PERF: up to so many pairs are looked through as long as no index is needed, because making one costs more
# than it saves (benchmarks/cookies.py::parse three cookies and look one up).
_FEW = 4

# Says nothing of the type parameters, which type checkers cannot infer from a class that has been given none.
_new: Callable[[type], Any] = object.__new__


class MultiMapping(Mapping[K, V]):  # noqa: PLW1641  # what may change has no hash
    """The reading half of `MultiDict` and `ImmutableMultiDict`, and the type to annotate with.

    It is a `Mapping` of each key to its *first* value; keys stand in the order in which they were first
    seen, and `len` counts them. `getlist`, `lists`, `items(multi=True)` and `values(multi=True)` give all.

    Two are equal when every key has the same values in the same order; the order of the keys among
    themselves does not matter, as with `dict`. A plain mapping is equal when no key has a second value.
    """

    __slots__ = ("_index", "_more", "_pairs")

    _pairs: list[tuple[K, V]]
    # Made together by `_build`: the first value of each key, and all values of the keys that have several.
    _index: dict[K, V] | None
    _more: dict[K, list[V]]

    def __init__(self, source: SupportsKeysAndGetItem[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        """Take the pairs of `source`; a mapping has one value to a key (`from_lists` takes lists apart)."""
        self._pairs = _pairs_of(source)
        self._index = None

    def _build(self) -> dict[K, V]:
        """The index, made anew from the pairs."""
        pairs = self._pairs
        # PERF: when no key comes twice, this one call is all (benchmarks/headers.py::query)
        index = dict(pairs)
        more: dict[K, list[V]] = {}
        if len(index) != len(pairs):
            index.clear()
            for key, value in pairs:
                note(index, more, key, value)
        # In this order: whoever sees the index, in another thread too, must find the rest.
        self._more = more
        self._index = index
        return index

    def __getitem__(self, key: K) -> V:
        # PERF: here and below, no call to reach the index (benchmarks/headers.py::query)
        index = self._index
        if index is None:
            if len(self._pairs) <= _FEW:
                for each, value in self._pairs:
                    if each == key:
                        return value
            index = self._build()
        return index[key]

    @overload
    def get(self, key: K) -> V | None: ...
    @overload
    def get(self, key: K, default: V) -> V: ...
    @overload
    def get(self, key: K, default: T) -> V | T: ...
    @overload
    def get(self, key: K, default: None = None, *, type: Callable[[V], R]) -> R | None: ...
    @overload
    def get(self, key: K, default: T, *, type: Callable[[V], R]) -> R | T: ...
    def get(
        self,
        key: K,
        default: T | None = None,
        *,
        type: Callable[[V], R] | None = None,  # noqa: A002  # the name of the public contract
    ) -> V | R | T | None:
        """The first value of `key`, or `default`.

        With `type`, the value converted by it; a ValueError or TypeError of the conversion gives
        `default`, as if the key were missing.

        >>> query = MultiDict([("page", "2"), ("size", "many")])
        >>> query.get("page", type=int), query.get("size", 10, type=int), query.get("sort")
        (2, 10, None)
        """
        index = self._index
        if index is None:
            if type is None and len(self._pairs) <= _FEW:
                for each, value in self._pairs:
                    if each == key:
                        return value
            index = self._build()
        if type is None or key not in index:
            return index.get(key, default)
        try:
            return type(index[key])
        except (ValueError, TypeError):
            return default

    @overload
    def getlist(self, key: K) -> list[V]: ...
    @overload
    def getlist(self, key: K, *, type: Callable[[V], R]) -> list[R]: ...
    def getlist(
        self,
        key: K,
        *,
        type: Callable[[V], R] | None = None,  # noqa: A002  # the name of the public contract
    ) -> list[V] | list[R]:
        """All values of `key` in order, as a new list; empty when there are none.

        With `type`, each converted by it; those for which it raises ValueError or TypeError are left out.
        """
        index = self._index
        if index is None:
            index = self._build()
        if key not in index:
            return []
        values = self._more.get(key) or [index[key]]
        if type is None:
            return values[:]
        result: list[R] = []
        for value in values:
            with suppress(ValueError, TypeError):
                result.append(type(value))
        return result

    def __contains__(self, key: object) -> bool:
        index = self._index
        if index is None:
            index = self._build()
        return key in index

    def __iter__(self) -> Iterator[K]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def keys(self) -> KeysView[K]:
        """A live view of the keys, each once, in the order first seen."""
        index = self._index
        return (self._build() if index is None else index).keys()

    @overload
    def values(self, *, multi: Literal[False] = False) -> ValuesView[V]: ...
    @overload
    def values(self, *, multi: Literal[True]) -> list[V]: ...
    def values(self, *, multi: bool = False) -> ValuesView[V] | list[V]:
        """A live view of the first value of each key; with `multi`, a new list of every value in order."""
        if multi:
            return [value for _, value in self._pairs]
        index = self._index
        return (self._build() if index is None else index).values()

    @overload
    def items(self, *, multi: Literal[False] = False) -> ItemsView[K, V]: ...
    @overload
    def items(self, *, multi: Literal[True]) -> list[tuple[K, V]]: ...
    def items(self, *, multi: bool = False) -> ItemsView[K, V] | list[tuple[K, V]]:
        """A live view of each key with its first value; with `multi`, a new list of every pair in order.

        >>> query = MultiDict([("tag", "a"), ("tag", "b")])
        >>> query.items(), query.items(multi=True)
        (dict_items([('tag', 'a')]), [('tag', 'a'), ('tag', 'b')])
        """
        if multi:
            return self._pairs[:]
        index = self._index
        return (self._build() if index is None else index).items()

    def lists(self) -> list[tuple[K, list[V]]]:
        """Each key with a new list of all its values, in the order first seen."""
        return list(grouped(self._pairs).items())

    @overload
    def to_dict(self, *, flat: Literal[True] = True) -> dict[K, V]: ...
    @overload
    def to_dict(self, *, flat: Literal[False]) -> dict[K, list[V]]: ...
    def to_dict(self, *, flat: bool = True) -> dict[K, V] | dict[K, list[V]]:
        """A new `dict` of the first values or, not `flat`, of the lists of all values.

        >>> MultiDict([("a", 1), ("a", 2)]).to_dict(flat=False)
        {'a': [1, 2]}
        """
        return dict(self.items()) if flat else grouped(self._pairs)

    @classmethod
    def _of(cls, pairs: list[tuple[K, V]]) -> Self:
        self = cls.__new__(cls)
        self._pairs = pairs
        self._index = None
        return self

    def copy(self) -> Self:
        """A new one with the same pairs; keys and values are shared."""
        return self._of(self._pairs[:])

    __copy__ = copy

    def __or__(self, other: SupportsKeysAndGetItem[K, V] | Iterable[tuple[K, V]]) -> Self:
        return self._of(updated(self._pairs, _pairs_of(other)))

    def __ror__(self, other: SupportsKeysAndGetItem[K, V] | Iterable[tuple[K, V]]) -> Self:
        return self._of(updated(_pairs_of(other), self._pairs))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        theirs = MultiMapping(cast("Mapping[object, object]", other))
        return self.to_dict(flat=False) == theirs.to_dict(flat=False)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._pairs!r})"

    def __reduce__(self) -> tuple[type[Self], tuple[list[tuple[K, V]]]]:
        return type(self), (self._pairs,)


class ImmutableMultiDict(MultiMapping[K, V]):
    """An ordered dictionary with many values to a key that never changes; hashable when its items are.

    >>> query = ImmutableMultiDict([("tag", "a"), ("page", "2"), ("tag", "b")])
    >>> query["tag"], query.getlist("tag"), list(query)
    ('a', ['a', 'b'], ['tag', 'page'])
    """

    __slots__ = ()

    @classmethod
    def adopt(cls, pairs: list[tuple[A, B]]) -> ImmutableMultiDict[A, B]:
        """One around `pairs` itself, not a copy: the caller gives the list away."""
        self: ImmutableMultiDict[A, B] = _new(cls)
        self._pairs = pairs
        self._index = None
        return self

    @classmethod
    def from_lists(cls, lists: Mapping[A, Iterable[B]]) -> ImmutableMultiDict[A, B]:
        """One from keys and all their values: the inverse of `to_dict(flat=False)`."""
        return cls.adopt([(key, value) for key, values in lists.items() for value in values])

    def __hash__(self) -> int:
        return hash(frozenset((key, tuple(values)) for key, values in self.lists()))


class MultiDict(MultiMapping[K, V], MutableMapping[K, V]):
    """An ordered dictionary with many values to a key: a `MutableMapping` of keys to first values.

    Assigning replaces all values of a key, in the place of its first; `add` appends one.

    >>> query = MultiDict({"page": "2"})
    >>> query.add("tag", "a")
    >>> query.add("tag", "b")
    >>> query["page"] = "3"
    >>> query
    MultiDict([('page', '3'), ('tag', 'a'), ('tag', 'b')])
    """

    __slots__ = ()

    @classmethod
    def adopt(cls, pairs: list[tuple[A, B]]) -> MultiDict[A, B]:
        """One around `pairs` itself, not a copy: the caller gives the list away."""
        self: MultiDict[A, B] = _new(cls)
        self._pairs = pairs
        self._index = None
        return self

    @classmethod
    def from_lists(cls, lists: Mapping[A, Iterable[B]]) -> MultiDict[A, B]:
        """One from keys and all their values: the inverse of `to_dict(flat=False)`.

        >>> MultiDict.from_lists({"a": [1, 2], "b": [3]})
        MultiDict([('a', 1), ('a', 2), ('b', 3)])
        """
        return cls.adopt([(key, value) for key, values in lists.items() for value in values])

    def add(self, key: K, value: V) -> None:
        """Append a pair; the values that `key` has already stay."""
        self._pairs.append((key, value))
        if self._index is not None:
            note(self._index, self._more, key, value)

    def __setitem__(self, key: K, value: V) -> None:
        self.setlist(key, (value,))

    def setlist(self, key: K, values: Iterable[V]) -> None:
        """Replace all values of `key`, in the place of the first; no values remove the key."""
        new = [(key, value) for value in values]
        if key in self:
            self._replace(updated(self._pairs, new, (key,)))
        else:
            self.extend(new)

    def __delitem__(self, key: K) -> None:
        if key not in self:
            raise KeyError(key)
        self._replace(updated(self._pairs, (), (key,)))

    def poplist(self, key: K) -> list[V]:
        """Remove `key` and return all its values; empty when there are none."""
        values = self.getlist(key)
        if values:
            del self[key]
        return values

    def popitem(self) -> tuple[K, V]:
        """Remove the last pair and return it, so that popping all loses none; KeyError when empty."""
        if not self:
            raise KeyError("popitem(): the dictionary is empty")
        pair = key, _ = self._pairs.pop()
        if self._index is not None:
            values = self._more.get(key)
            if values is None:
                del self._index[key]
            elif len(values) == 2:
                del self._more[key]
            else:
                values.pop()
        return pair

    def extend(self, source: SupportsKeysAndGetItem[K, V] | Iterable[tuple[K, V]]) -> None:
        """Add every pair of `source`; nothing is replaced."""
        for key, value in _pairs_of(source):
            self.add(key, value)

    def update(self, source: SupportsKeysAndGetItem[K, V] | Iterable[tuple[K, V]]) -> None:
        """Replace the values of every key of `source` by all that it has there, as `|` and `|=` do.

        >>> query = MultiDict([("a", 1), ("b", 2), ("a", 3)])
        >>> query.update([("c", 4), ("a", 5), ("a", 6)])
        >>> query
        MultiDict([('a', 5), ('a', 6), ('b', 2), ('c', 4)])
        """
        self._replace(updated(self._pairs, _pairs_of(source)))

    def __ior__(self, other: SupportsKeysAndGetItem[K, V] | Iterable[tuple[K, V]]) -> Self:
        self.update(other)
        return self

    def _replace(self, pairs: list[tuple[K, V]]) -> None:
        """Make `pairs` the truth. The index stays the same object, so that views of it stay live."""
        self._pairs = pairs
        index = self._index
        if index is not None:
            index.clear()
            index.update(self._build())
            self._index = index


def _pairs_of(source: SupportsKeysAndGetItem[K, V] | Iterable[tuple[K, V]]) -> list[tuple[K, V]]:
    """The pairs of whatever a multi-dictionary can be made of, as a new list."""
    # PERF: `items` is asked for first because `isinstance` of an ABC is slow (benchmarks/headers.py::query)
    items: Callable[[], Iterable[tuple[K, V]]] | None = getattr(source, "items", None)
    if items is None:
        pairs = cast("Iterable[tuple[K, V]]", source)
        return (
            list(dict(source).items()) if hasattr(source, "keys") else [(key, value) for key, value in pairs]
        )
    if isinstance(source, MultiMapping):
        return cast("MultiMapping[K, V]", source).items(multi=True)
    return list(items())
