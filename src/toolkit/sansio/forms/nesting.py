"""Names with brackets as nested structures: `a[b][]=1` becomes `{"a": {"b": ["1"]}}`.

A pure view, made on request of a form or a query that is complete. Nothing is lost on the way: what cannot be
nested without losing a value is an error.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from toolkit.sansio.errors.base import LimitExceeded, MalformedForm

if TYPE_CHECKING:
    from toolkit.sansio.multidict import MultiMapping

__all__ = ["Nested", "nested"]

T = TypeVar("T")
Nested: TypeAlias = "T | dict[str, Nested[T]] | list[Nested[T]]"
"""A value, or a dictionary or list of such."""
Container: TypeAlias = "dict[str, Nested[T]] | list[Nested[T]]"
"""A place with places in it."""

MAX_DEPTH = 8
"""Deeper than any form that a person fills in, and harmless to code that walks the result recursively."""


def nested(form: MultiMapping[str, T], *, max_depth: int = MAX_DEPTH) -> dict[str, Nested[T]]:
    """The values of `form`, files included, nested as their names say.

    - `a[b]` is the key `b` of the dictionary `a`; keys are text, numbers too (`a[0]` is the key `"0"`).
    - `a[]` appends to the list `a`; `a[][b]` appends a new dictionary each time.
    - A name whose brackets are not of this form (`[a]`, `a[b`, `a[b]c`) is an ordinary name.

    Raises `MalformedForm` when two names contradict each other: one place used as a value, a list and
    a dictionary, or a value given twice where one is expected. Raises `LimitExceeded` (status 400) for a name
    with more than `max_depth` brackets.

    >>> from toolkit.sansio.multidict import MultiDict
    >>> nested(MultiDict([("a[b][]", "1"), ("a[b][]", "2"), ("a[c]", "3"), ("d", "4")]))
    {'a': {'b': ['1', '2'], 'c': '3'}, 'd': '4'}
    """
    root: dict[str, Nested[T]] = {}
    for name, value in form.items(multi=True):
        keys = _keys(name)
        if len(keys) - 1 > max_depth:
            raise LimitExceeded("max_depth", max_depth, len(keys) - 1, status=400, name=name)
        _descend(root, keys, value, name)
    return root


def _keys(name: str) -> list[str]:
    """The keys of `name = base *( "[" key "]" )`; only the name itself if it is not of that form."""
    base, bracket, rest = name.partition("[")
    if not base or not bracket or rest[-1:] != "]" or "]" in base:
        return [name]
    keys = rest[:-1].split("][")
    return [name] if any("[" in key or "]" in key for key in keys) else [base, *keys]


def _descend(root: dict[str, Nested[T]], keys: list[str], value: T, name: str) -> None:
    """Put `value` where `keys` lead from `root`, making the containers on the way."""
    place: Container[T] = root
    for key, following in pairwise(keys):
        found = place.get(key) if isinstance(place, dict) else None
        if found is None:
            new: Container[T] = {} if following else []
            _place(place, key, new, name)
            place = new
        elif isinstance(found, dict if following else list):
            place = cast("Container[T]", found)
        else:
            raise MalformedForm("two names use one place as different things", name=name)
    _place(place, keys[-1], value, name)


def _place(place: Container[T], key: str, value: Nested[T], name: str) -> None:
    """Put `value` at one key of a container; an empty key of a list appends."""
    if isinstance(place, list):
        place.append(value)
    elif key in place:
        raise MalformedForm("a second value where one is expected: only names in [] make lists", name=name)
    else:
        place[key] = value
