"""Allow: the methods that a resource has (RFC 9110 section 10.2.1).

::

    Allow = #method
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
class Allow:
    """The methods of a resource, in the order given, each once. They are case-sensitive.

    Equality ignores the order. `Allow()`, the empty field, says that the resource has no methods for now
    (section 10.2.1). Raises ValueError for a method that is no token.

    >>> allow = Allow("GET", "HEAD")
    >>> str(allow), "GET" in allow, "get" in allow
    ('GET, HEAD', True, False)
    """

    field_name: ClassVar[str] = "Allow"

    methods: tuple[str, ...]

    def __init__(self, *methods: str) -> None:
        object.__setattr__(self, "methods", tuple(dict.fromkeys(methods)))
        for method in self.methods:
            if not is_token(method):
                raise ValueError(f"a method is a token, not {method!r}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The methods of `text`; never fails. A member that is no token is left out.

        >>> Allow.parse("GET, , PUT")
        Allow('GET', 'PUT')
        """
        return cls(*filter(is_token, split_list(text)))

    def __contains__(self, method: object) -> bool:
        return method in self.methods

    def __iter__(self) -> Iterator[str]:
        return iter(self.methods)

    def __len__(self) -> int:
        return len(self.methods)

    def __eq__(self, other: object) -> bool:
        return set(self.methods) == set(other.methods) if isinstance(other, Allow) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self.methods))

    def __str__(self) -> str:
        return ", ".join(self.methods)

    def __repr__(self) -> str:
        return f"Allow({', '.join(map(repr, self.methods))})"
