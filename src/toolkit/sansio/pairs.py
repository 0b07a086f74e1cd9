"""What is done to lists of pairs, which are the truth of both `MultiDict` and `Headers`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

K = TypeVar("K")
V = TypeVar("V")


def _same(key: K) -> K:
    return key


def updated(
    old: Iterable[tuple[K, V]],
    new: Sequence[tuple[K, V]],
    removed: Iterable[K] = (),
    *,
    fold: Callable[[K], K] = _same,
) -> list[tuple[K, V]]:
    """`old` with all pairs of each key of `new` in the place of the key's first, without those of `removed`.

    Keys that `old` does not have follow at the end in the order of `new`. Keys that `fold` makes equal
    are the same key. One pass over each.

    >>> updated([("a", 1), ("b", 2), ("A", 3)], [("c", 4), ("A", 5)], fold=str.lower)
    [('A', 5), ('b', 2), ('c', 4)]
    """
    left: dict[K, list[tuple[K, V]]] = {fold(key): [] for key in removed}
    for pair in new:
        left.setdefault(fold(pair[0]), []).append(pair)
    result: list[tuple[K, V]] = []
    for pair in old:
        key = fold(pair[0])
        if key in left:
            result += left[key]
            left[key] = []
        else:
            result.append(pair)
    return result + [pair for pair in new if left[fold(pair[0])]]


def grouped(pairs: Iterable[tuple[K, V]], *, fold: Callable[[K], K] = _same) -> dict[K, list[V]]:
    """All values of each key, in order.

    >>> grouped([("a", 1), ("b", 2), ("a", 3)])
    {'a': [1, 3], 'b': [2]}
    """
    lists: dict[K, list[V]] = {}
    for key, value in pairs:
        lists.setdefault(fold(key), []).append(value)
    return lists


def note(index: dict[K, V], more: dict[K, list[V]], key: K, value: V) -> None:
    """Put a pair into an index: `index` has the first value of each key, `more` all of those with several."""
    if key not in index:
        index[key] = value
    elif key in more:
        more[key].append(value)
    else:
        more[key] = [index[key], value]
