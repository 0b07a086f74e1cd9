"""Cache-Control: directives to the caches on the way (RFC 9111 section 5.2).

::

    Cache-Control   = #cache-directive
    cache-directive = token [ "=" ( token / quoted-string ) ]
    delta-seconds   = 1*DIGIT

One type serves requests and responses, which share the field and most of its directives. Reading never
fails; where the text of a directive is malformed, it is read in the sense that stores and reuses less.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, TypeAlias, TypedDict, cast

from toolkit.sansio.fields.lists import split_list
from toolkit.sansio.fields.parameters import quote_if_needed, unquote_string
from toolkit.sansio.fields.seconds import check_seconds, parse_seconds
from toolkit.sansio.grammar import OWS, is_field_value, is_token

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from typing_extensions import Self, Unpack

Argument: TypeAlias = "int | str | tuple[str, ...] | None"
"""What a directive says: seconds, the text of an extension, names of fields, or nothing but its name."""

# The registered directives by the kind of their argument. An extension, which is not here, has text or none.
_FLAGS = frozenset(
    {
        "immutable",  # RFC 8246
        "must-revalidate",
        "must-understand",
        "no-store",
        "no-transform",
        "only-if-cached",
        "proxy-revalidate",
        "public",
    }
)
_SECONDS = frozenset(
    {
        "max-age",
        "max-stale",
        "min-fresh",
        "s-maxage",
        "stale-if-error",  # RFC 5861
        "stale-while-revalidate",  # RFC 5861
    }
)
_FIELDS = frozenset({"no-cache", "private"})
_REGISTERED = _FLAGS | _SECONDS | _FIELDS
# A lifetime that cannot be read is over (RFC 9111 section 4.2.1). Any other time is then as if not given.
_LIFETIMES = frozenset({"max-age", "s-maxage"})


class Directives(TypedDict, total=False):
    """The registered directives as keyword arguments; False and None leave a directive out."""

    max_age: int | timedelta | None
    max_stale: int | timedelta | bool | None
    min_fresh: int | timedelta | None
    s_maxage: int | timedelta | None
    stale_if_error: int | timedelta | None
    stale_while_revalidate: int | timedelta | None
    no_cache: bool | Iterable[str] | None
    private: bool | Iterable[str] | None
    immutable: bool | None
    must_revalidate: bool | None
    must_understand: bool | None
    no_store: bool | None
    no_transform: bool | None
    only_if_cached: bool | None
    proxy_revalidate: bool | None
    public: bool | None


class CacheControl:
    """The directives of a Cache-Control field, immutable, in the order given.

    Registered directives are keyword arguments and attributes; times are in seconds (a `timedelta` does
    too). Extensions are given first, as a mapping of names to text, or to None where there is none.
    Equality ignores the order of directives, for it has no meaning. Raises ValueError for a time below
    0 or above 2³¹, and for names and text that cannot be sent; TypeError for other types.

    >>> from datetime import timedelta
    >>> str(CacheControl(public=True, max_age=3600, immutable=True))
    'public, max-age=3600, immutable'
    >>> cached = CacheControl({"surrogate": "cdn"}, no_cache=["Set-Cookie"])
    >>> str(cached.replace(no_cache=None, s_maxage=timedelta(minutes=10)))
    'surrogate=cdn, s-maxage=600'
    """

    __slots__ = ("_directives",)

    field_name: ClassVar[str] = "Cache-Control"

    def __init__(
        self, extensions: Mapping[str, str | None] | None = None, /, **directives: Unpack[Directives]
    ) -> None:
        self._directives: dict[str, Argument] = {}
        for name, text in (extensions or {}).items():
            self._directives |= _check_extension(name.lower(), text)
        for keyword, argument in directives.items():
            self._directives |= _check_registered(keyword.replace("_", "-"), argument)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The directives of `text`; never fails (RFC 9111 sections 4.2.1 and 5.2).

        What is read leniently, or for safety:

        - times may be quoted, and one beyond 2³¹ counts as 2³¹;
        - a lifetime (max-age, s-maxage) that is no number counts as 0: the response is stale;
        - any other time that is no number, and a member whose name is no token, count as not given;
        - an argument of a directive that has none is ignored;
        - of a directive that comes twice the first counts. no-cache and private are joined instead: their
          field names add up, and if one of them names no fields, all fields are meant.

        >>> CacheControl.parse('max-age="60", no-cache="Set-Cookie, Age", Max-Age=5, community="UCI"')
        CacheControl({'community': 'UCI'}, max_age=60, no_cache=('Set-Cookie', 'Age'))
        >>> CacheControl.parse("max-age=soon").max_age
        0
        """
        directives: dict[str, Argument] = {}
        restrictions: dict[str, list[str]] = {}  # all arguments of no-cache and private
        for member in split_list(text):
            name, equals, argument = member.partition("=")
            name = name.rstrip(OWS).lower()
            if name in _FLAGS:
                directives[name] = None
            elif name in _SECONDS:
                if name not in directives:
                    _read_seconds(directives, name, argument)
            elif name in _FIELDS:
                restrictions.setdefault(name, []).append(argument)
                directives[name] = None  # keeps its place in the order
            elif is_token(name) and name not in directives:
                value = unquote_string(argument.lstrip(OWS))
                if is_field_value(value):
                    directives[name] = value if equals else None
        for name, arguments in restrictions.items():
            directives[name] = _join_fields(arguments)
        return cls._of(directives)

    @classmethod
    def _of(cls, directives: dict[str, Argument]) -> Self:
        """The value with these directives, which are in order."""
        value = cls.__new__(cls)
        value._directives = directives  # noqa: SLF001  # it is our own
        return value

    def replace(self, **directives: Unpack[Directives]) -> Self:
        """This value with some registered directives set, or with False or None, left out."""
        changed = dict(self._directives)
        for keyword, argument in directives.items():
            name = keyword.replace("_", "-")
            checked = _check_registered(name, argument)
            if checked:
                changed |= checked
            else:
                changed.pop(name, None)
        return self._of(changed)

    @property
    def directives(self) -> Mapping[str, Argument]:
        """All directives by their names on the wire, in order: the way to extensions."""
        return MappingProxyType(self._directives)

    @property
    def max_age(self) -> int | None:
        """Seconds after which a response is stale (sections 5.2.1.1 and 5.2.2.1)."""
        return self._seconds("max-age")

    @property
    def s_maxage(self) -> int | None:
        """The same for shared caches, which heed it before max-age and Expires (section 5.2.2.10)."""
        return self._seconds("s-maxage")

    @property
    def max_stale(self) -> int | bool | None:
        """Seconds by which a response may be stale for the client; True: any (section 5.2.1.2)."""
        return self._directives.get("max-stale", False) is None or self._seconds("max-stale")

    @property
    def min_fresh(self) -> int | None:
        """Seconds for which a response must stay fresh to please the client (section 5.2.1.3)."""
        return self._seconds("min-fresh")

    @property
    def stale_while_revalidate(self) -> int | None:
        """Seconds for which a stale response may serve while a new one is fetched (RFC 5861 section 3)."""
        return self._seconds("stale-while-revalidate")

    @property
    def stale_if_error(self) -> int | None:
        """Seconds for which a stale response may serve if fetching fails (RFC 5861 section 4)."""
        return self._seconds("stale-if-error")

    @property
    def no_cache(self) -> bool | tuple[str, ...]:
        """Whether to ask the origin before each reuse, or for which fields (sections 5.2.1.4, 5.2.2.4)."""
        return self._fields("no-cache")

    @property
    def private(self) -> bool | tuple[str, ...]:
        """Whether shared caches may not store the response, or which of its fields (section 5.2.2.7)."""
        return self._fields("private")

    @property
    def no_store(self) -> bool:
        """Whether nothing of the exchange may be stored (sections 5.2.1.5 and 5.2.2.5)."""
        return "no-store" in self._directives

    @property
    def no_transform(self) -> bool:
        """Whether nobody on the way may change the content (sections 5.2.1.6 and 5.2.2.6)."""
        return "no-transform" in self._directives

    @property
    def only_if_cached(self) -> bool:
        """Whether the client wants a stored response or 504 (section 5.2.1.7)."""
        return "only-if-cached" in self._directives

    @property
    def must_revalidate(self) -> bool:
        """Whether a stale response may never be reused without asking (section 5.2.2.2)."""
        return "must-revalidate" in self._directives

    @property
    def must_understand(self) -> bool:
        """Whether only a cache that knows the status code may store the response (section 5.2.2.3)."""
        return "must-understand" in self._directives

    @property
    def proxy_revalidate(self) -> bool:
        """The same as must-revalidate for shared caches (section 5.2.2.8)."""
        return "proxy-revalidate" in self._directives

    @property
    def public(self) -> bool:
        """Whether a cache may store what it otherwise might not (section 5.2.2.9)."""
        return "public" in self._directives

    @property
    def immutable(self) -> bool:
        """Whether the response does not change while it is fresh (RFC 8246)."""
        return "immutable" in self._directives

    def _seconds(self, name: str) -> int | None:
        argument = self._directives.get(name)
        return argument if isinstance(argument, int) else None

    def _fields(self, name: str) -> bool | tuple[str, ...]:
        argument = self._directives.get(name)
        return argument if isinstance(argument, tuple) else name in self._directives

    def __str__(self) -> str:
        return ", ".join(map(_format, self._directives.items()))

    def __eq__(self, other: object) -> bool:
        return self._directives == other._directives if isinstance(other, CacheControl) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._directives.items()))

    def __repr__(self) -> str:
        extensions = {name: text for name, text in self._directives.items() if name not in _REGISTERED}
        arguments = [repr(extensions)] if extensions else []
        for name, argument in self._directives.items():
            if name in _REGISTERED:
                arguments.append(f"{name.replace('-', '_')}={True if argument is None else argument!r}")
        return f"CacheControl({', '.join(arguments)})"


def _read_seconds(directives: dict[str, Argument], name: str, argument: str) -> None:
    """Add what `argument` says to the directive `name`, which has a time."""
    seconds = parse_seconds(unquote_string(argument.lstrip(OWS)))
    if seconds is not None:
        directives[name] = seconds
    elif name in _LIFETIMES:
        directives[name] = 0
    elif name == "max-stale" and not argument:
        directives[name] = None


def _join_fields(arguments: list[str]) -> tuple[str, ...] | None:
    """The field names in all arguments; None when one of them has none, and so stands for every field."""
    lists = [[*filter(is_token, split_list(unquote_string(text.lstrip(OWS))))] for text in arguments]
    return tuple(chain.from_iterable(lists)) if all(lists) else None


def _check_registered(name: str, argument: object) -> dict[str, Argument]:
    """The directive as it is kept; empty when it is to be left out."""
    if name not in _REGISTERED:
        raise TypeError(f"{name} is not a registered directive; extensions are given as a mapping")
    if argument is None or argument is False:
        return {}
    if argument is True and (name not in _SECONDS or name == "max-stale"):
        return {name: None}
    if name in _SECONDS:
        return {name: check_seconds(argument)}
    if name in _FIELDS and isinstance(argument, Iterable) and not isinstance(argument, str):
        return {name: _check_fields(name, cast("Iterable[object]", argument))}
    raise TypeError(f"{name} cannot be {argument!r}")


def _check_fields(name: str, argument: Iterable[object]) -> tuple[str, ...]:
    """The names of fields, at least one."""
    fields = tuple(map(str, argument))
    if not fields or not all(map(is_token, fields)):
        raise ValueError(f"{name} takes True or names of fields, not {argument!r}")
    return fields


def _check_extension(name: str, text: str | None) -> dict[str, Argument]:
    """The extension as it is kept."""
    if not is_token(name) or name in _REGISTERED:
        raise ValueError(f"the name of an extension is a token that is not registered, not {name!r}")
    if text is not None and not is_field_value(text):
        raise ValueError(f"{name} cannot be {text!r}")
    return {name: text}


def _format(directive: tuple[str, Argument]) -> str:
    """The directive as it is sent."""
    name, argument = directive
    if argument is None:
        return name
    if isinstance(argument, tuple):
        return f'{name}="{", ".join(argument)}"'
    return f"{name}={quote_if_needed(argument) if isinstance(argument, str) else argument}"
