"""Header fields as ordered lines of name and value, looked up by name whatever its case (RFC 9110 section 5).

What lives here: the container, the interface that other forms of the same lines share with it, and the
protocol by which typed values are read from and written to it. No field is known by type here, and no
wire form: `toolkit.wsgi` and `toolkit.asgi` have the views of theirs.

One rule tells what speaks of what: whatever looks up or replaces speaks of *names*, without regard to
case; whatever counts or iterates (`len`, `iter`, `keys`, `values`, `items`) speaks of *lines*, in the order
on the wire, with names spelled as given, the same name as often as it comes.

Names and values are text of code points up to U+00FF, each one octet on the wire.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar, cast, overload

from toolkit.sansio.errors.base import InvalidHeader, MalformedHeader
from toolkit.sansio.grammar import OWS, is_field_value, is_token
from toolkit.sansio.pairs import grouped, note, updated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from typing_extensions import Self

T = TypeVar("T")


class HeaderField(Protocol):
    """A typed field value, as `HeadersView.read` and `Headers.write` need it."""

    field_name: ClassVar[str]
    """The canonical name of the field, such as `"Cache-Control"`."""

    @classmethod
    def parse(cls, text: str, /) -> Self:
        """The value that `text` means; MalformedHeader when it means none."""
        ...

    def __str__(self) -> str:
        """The canonical text."""
        ...


F = TypeVar("F", bound=HeaderField)


class HeadersView(ABC):  # noqa: PLW1641  # what may change has no hash
    """Read access to header lines, in whatever form they lie: the type to annotate with.

    Two are equal when each name, without regard to case, has the same values in the same order. The
    order of different names does not matter, as it does not in HTTP (RFC 9110 section 5.3).
    """

    __slots__ = ()

    @overload
    @abstractmethod
    def get(self, name: str) -> str | None: ...
    @overload
    @abstractmethod
    def get(self, name: str, default: T) -> str | T: ...
    @abstractmethod
    def get(self, name: str, default: T | None = None) -> str | T | None:
        """The value of the first line of `name`, or `default`.

        The first is right for fields that may come once. `combined` and `read` regard all lines.
        """

    @abstractmethod
    def getlist(self, name: str) -> list[str]:
        """The values of all lines of `name` in order, as a new list; empty when there are none."""

    @abstractmethod
    def items(self) -> list[tuple[str, str]]:
        """All lines as pairs of name and value, in order, as a new list."""

    @abstractmethod
    def __getitem__(self, name: str) -> str:
        """The value of the first line of `name`; KeyError when there is none."""

    @abstractmethod
    def __contains__(self, name: object) -> bool:
        """Whether there is a line of `name`."""

    def combined(self, name: str) -> str | None:
        """The combined value of all lines of `name`, or None (RFC 9110 sections 5.2 and 5.3).

        Lines are joined by a comma and a space, those of Cookie by a semicolon and a space (RFC 9113
        section 8.2.3). Lines of Set-Cookie cannot be combined: ValueError; use `getlist` or `readlist`.

        >>> Headers([("Vary", "Accept"), ("vary", "Cookie")]).combined("Vary")
        'Accept, Cookie'
        """
        key = name.lower()
        if key == "set-cookie":
            raise ValueError("lines of Set-Cookie cannot be combined: use getlist or readlist")
        values = self.getlist(name)
        if not values:
            return None
        return ("; " if key == "cookie" else ", ").join(values)

    def read(self, field: type[F], name: str | None = None) -> F | None:
        """The typed value of all lines combined, or None when there are none.

        `name` is the field's own unless another is given, as in `headers.read(ETags, "If-Match")`.
        What `field.parse` refuses is a MalformedHeader of that name.
        """
        name = name or field.field_name
        text = self.combined(name)
        return None if text is None else _parse(field, name, text)

    def readlist(self, field: type[F], name: str | None = None) -> list[F]:
        """The typed values of all lines, each read by itself: for Set-Cookie, whose lines do not combine."""
        name = name or field.field_name
        return [_parse(field, name, text) for text in self.getlist(name)]

    def keys(self) -> list[str]:
        """The name of each line, in order, as a new list."""
        return [name for name, _ in self.items()]

    def values(self) -> list[str]:
        """The value of each line, in order, as a new list."""
        return [value for _, value in self.items()]

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.items())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HeadersView):
            return NotImplemented
        return grouped(self.items(), fold=str.lower) == grouped(other.items(), fold=str.lower)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.items()!r})"


class Headers(HeadersView):
    """Header lines, from pairs, a mapping or other headers, that may be changed and are fit for the wire.

    Whatever is put in is checked: a name is a token; a value has no control character but HTAB, nothing
    above U+00FF, and no space or HTAB at its ends (RFC 9110 sections 5.1 and 5.5). What is not so is refused
    with an `InvalidHeader` that names the header; nothing is altered. Assigning replaces all lines of a
    name, in the place of its first and with the new spelling; `add` appends a line.

    >>> headers = Headers({"content-type": "text/plain", "Vary": "Accept"})
    >>> headers.add("Vary", "Cookie")
    >>> headers["Content-Type"] = "text/html"
    >>> headers
    Headers([('Content-Type', 'text/html'), ('Vary', 'Accept'), ('Vary', 'Cookie')])
    >>> headers["vary"], headers.getlist("VARY"), len(headers)
    ('Accept', ['Accept', 'Cookie'], 3)
    """

    __slots__ = ("_index", "_more", "_pairs")

    _pairs: list[tuple[str, str]]
    # Made together by `_build`, by lower-cased names: first values, and all values where there are several.
    # The index also has the first values by the spellings that were asked for and found.
    _index: dict[str, str] | None
    _more: dict[str, list[str]]

    def __init__(self, source: HeadersView | Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = _lines_of(source)
        self._index = None

    @classmethod
    def adopt(cls, pairs: list[tuple[str, str]]) -> Self:
        """Headers around `pairs` itself, neither copied nor checked.

        For parsers that have checked every name and value themselves, and give the list away.
        """
        self = cls.__new__(cls)
        self._pairs = pairs
        self._index = None
        return self

    def _build(self) -> dict[str, str]:
        """The index, made anew from the lines."""
        pairs = self._pairs
        # PERF: reversed, so that the first of a name stays (benchmarks/headers.py::first look-up)
        index = {name.lower(): value for name, value in reversed(pairs)}
        more: dict[str, list[str]] = {}
        if len(index) != len(pairs):
            lists = grouped(pairs, fold=str.lower)
            more = {name: values for name, values in lists.items() if len(values) > 1}
        # In this order: whoever sees the index, in another thread too, must find the rest.
        self._more = more
        self._index = index
        return index

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: T) -> str | T: ...
    def get(self, name: str, default: T | None = None) -> str | T | None:
        """The value of the first line of `name`, or `default`."""
        # PERF: here and below, no call to reach the index, and no lower case for a name that was asked for
        # before in the same spelling (benchmarks/headers.py::last of 25)
        index = self._index
        if index is None:
            index = self._build()
        value = index.get(name)
        if value is None:
            value = index.get(name.lower())
            if value is None or not name.isascii():  # there are other characters that fold to ASCII
                return default
            index[name] = value
        return value

    def __getitem__(self, name: str) -> str:
        index = self._index
        if index is None:
            index = self._build()
        value = index.get(name)
        if value is None:
            key = name.lower()
            if key not in index or not name.isascii():
                raise KeyError(name)
            value = index[name] = index[key]
        return value

    def __contains__(self, name: object) -> bool:
        index = self._index
        if index is None:
            index = self._build()
        return isinstance(name, str) and name.lower() in index and name.isascii()

    def getlist(self, name: str) -> list[str]:
        """The values of all lines of `name`, as a new list."""
        index = self._index
        if index is None:
            index = self._build()
        key = name.lower()
        if key not in index or not name.isascii():
            return []
        return self._more[key][:] if key in self._more else [index[key]]

    def items(self) -> list[tuple[str, str]]:
        """All lines, as a new list."""
        return self._pairs[:]

    def __len__(self) -> int:
        return len(self._pairs)

    def add(self, name: str, value: str) -> None:
        """Append a line; those of the same name stay."""
        self._append(_line(name, value))

    def __setitem__(self, name: str, value: str) -> None:
        pair = _line(name, value)
        key = name.lower()
        index = self._build() if self._index is None else self._index
        if key not in index:
            self._pairs.append(pair)
            index[key] = pair[1]
        elif key in self._more:
            self._replace(updated(self._pairs, (pair,), fold=str.lower))
        else:
            place = [other.lower() for other, _ in self._pairs].index(key)
            self._pairs[place] = pair
            for spelling in index:
                if spelling.lower() == key:
                    index[spelling] = pair[1]

    def setlist(self, name: str, values: Iterable[str]) -> None:
        """Replace all lines of `name`, in the place of the first; no values remove it."""
        new = [_line(name, value) for value in values]
        if name in self:
            self._replace(updated(self._pairs, new, (name,), fold=str.lower))
        else:
            for pair in new:
                self._append(pair)

    def write(self, value: HeaderField, name: str | None = None) -> None:
        """Replace the lines of the value's field, or of `name`, by the one that `value` makes.

        ValueError for Set-Cookie, where it would replace other cookies: `append` them.
        """
        name = name or value.field_name
        if name.lower() == "set-cookie":
            raise ValueError("each cookie is a line of its own: use append, which replaces none")
        self[name] = str(value)

    def append(self, value: HeaderField, name: str | None = None) -> None:
        """Add the line that `value` makes, as `add` does: for Set-Cookie, and fields that are lists."""
        self.add(name or value.field_name, str(value))

    def setdefault(self, name: str, value: str) -> str:
        """The value of the first line of `name`, which gets the line `value` when it has none."""
        if name not in self:
            self.add(name, value)
        return self[name]

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        self._replace(updated(self._pairs, (), (name,), fold=str.lower))

    @overload
    def pop(self, name: str, /) -> str: ...
    @overload
    def pop(self, name: str, default: T, /) -> str | T: ...
    def pop(self, name: str, /, *default: T) -> str | T:
        """Remove all lines of `name` and return the first value; `default`, else KeyError, without any."""
        if default and name not in self:
            return default[0]
        value = self[name]
        del self[name]
        return value

    def poplist(self, name: str) -> list[str]:
        """Remove all lines of `name` and return their values; empty when there are none."""
        values = self.getlist(name)
        if values:
            del self[name]
        return values

    def clear(self) -> None:
        """Remove every line."""
        self._replace([])

    def extend(self, source: HeadersView | Mapping[str, str] | Iterable[tuple[str, str]]) -> None:
        """Add every line of `source`; nothing is replaced."""
        for pair in _lines_of(source):
            self._append(pair)

    def update(self, source: HeadersView | Mapping[str, str] | Iterable[tuple[str, str]]) -> None:
        """Replace the lines of every name of `source` by all that it has there, as `|` and `|=` do."""
        self._replace(updated(self._pairs, _lines_of(source), fold=str.lower))

    def __or__(self, other: HeadersView | Mapping[str, str]) -> Self:
        return self.adopt(updated(self._pairs, _lines_of(other), fold=str.lower))

    def __ror__(self, other: HeadersView | Mapping[str, str]) -> Self:
        return self.adopt(updated(_lines_of(other), self._pairs, fold=str.lower))

    def __ior__(self, other: HeadersView | Mapping[str, str] | Iterable[tuple[str, str]]) -> Self:
        self.update(other)
        return self

    def copy(self) -> Self:
        """New headers with the same lines."""
        return self.adopt(self._pairs[:])

    __copy__ = copy

    def __reduce__(self) -> tuple[type[Self], tuple[list[tuple[str, str]]]]:
        return type(self), (self._pairs,)

    def _append(self, pair: tuple[str, str]) -> None:
        """Add a line that has been checked, and keep the index."""
        self._pairs.append(pair)
        if self._index is not None:
            note(self._index, self._more, pair[0].lower(), pair[1])

    def _replace(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._index = None


def _parse(field: type[F], name: str, text: str) -> F:
    """What `text` means; an error tells the name of the header even where the field has another."""
    try:
        return field.parse(text)
    except MalformedHeader as error:
        if error.name == name:
            raise
        raise MalformedHeader(name, error.value, error.reason) from error


def _lines_of(source: HeadersView | Mapping[str, str] | Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The lines of whatever headers can be made of, checked, as a new list."""
    # PERF: `items` is asked for because `isinstance` of an ABC is slow (benchmarks/headers.py::set four)
    if type(source) is Headers:
        return source.items()
    items: Callable[[], Iterable[tuple[str, str]]] | None = getattr(source, "items", None)
    lines = cast("Iterable[tuple[str, str]]", source) if items is None else items()
    return [_line(name, value) for name, value in lines]


def _line(name: str, value: str) -> tuple[str, str]:
    """The pair, when it may go on the wire; else InvalidHeader, or TypeError when it is not of text."""
    plain = _token(name)
    try:
        # PERF: most values are printable ASCII (benchmarks/headers.py::build). What `strip` returns is the
        # value itself only when that is exactly a `str` and has nothing to strip.
        if value.isascii() and value.isprintable() and value.strip(OWS) is value and plain:
            return plain, value
    except AttributeError:
        raise TypeError(f"header {name!r}: a value is str, not {value!r}") from None
    if not plain:
        raise InvalidHeader(name, value, "a name is letters, digits and !#$%&'*+-.^_`|~, at least one")
    if not is_field_value(value):
        raise InvalidHeader(name, value, "a value has no control but HTAB, and nothing above U+00FF")
    if value.strip(OWS) != value:
        raise InvalidHeader(name, value, "a value has no whitespace at its ends")
    return plain, str.__str__(value)


@lru_cache(maxsize=256)
def _token(name: str) -> str:
    """The name as exactly a `str`, which servers may insist on (PEP 3333); "" when it is not a token."""
    return str.__str__(name) if is_token(name) else ""
