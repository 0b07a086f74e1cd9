"""Vary: what in a request, apart from method and target, a response depends on (RFC 9110 section 12.5.5).

::

    Vary = #( "*" / field-name )
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from toolkit.sansio.fields.lists import split_list
from toolkit.sansio.grammar import is_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self


@dataclass(frozen=True, slots=True, init=False, eq=False, repr=False)
class Vary:
    """The names of the request fields that a response depends on, in the order given, each once.

    `*` says that it also depends on something that no field tells; it makes all other names needless, so
    they are dropped. Names compare without regard to case, and equality ignores their order. Raises
    ValueError for a name that is no token.

    >>> vary = Vary("Accept") | Vary("Cookie", "accept")
    >>> str(vary), "cookie" in vary
    ('Accept, Cookie', True)
    >>> str(vary | Vary("*"))
    '*'
    """

    field_name: ClassVar[str] = "Vary"

    names: tuple[str, ...]
    _keys: frozenset[str]

    def __init__(self, *names: str) -> None:
        for name in names:
            if not is_token(name):
                raise ValueError(f"the name of a field is a token, not {name!r}")
        by_key: dict[str, str] = {}
        for name in ("*",) if "*" in names else names:
            by_key.setdefault(name.lower(), name)
        object.__setattr__(self, "names", tuple(by_key.values()))
        object.__setattr__(self, "_keys", frozenset(by_key))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The names of `text`; never fails. A member that is no token counts as `*`.

        So a cache that cannot tell what the response depends on does not reuse it.

        >>> Vary.parse("accept-encoding, accept-language"), Vary.parse("Accept, *"), Vary.parse("a b")
        (Vary('accept-encoding', 'accept-language'), Vary('*'), Vary('*'))
        """
        try:
            return cls(*split_list(text))
        except ValueError:
            return cls("*")

    @property
    def any(self) -> bool:
        """Whether it is `*`: no request can be known to get the same response."""
        return self.names == ("*",)

    def __or__(self, other: Vary) -> Vary:
        return Vary(*self.names, *other.names)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __eq__(self, other: object) -> bool:
        return self._keys == other._keys if isinstance(other, Vary) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._keys)

    def __str__(self) -> str:
        return ", ".join(self.names)

    def __repr__(self) -> str:
        return f"Vary({', '.join(map(repr, self.names))})"
