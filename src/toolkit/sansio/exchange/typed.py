"""Attributes that are computed when they are read: the fields of requests and responses as typed values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, overload

from toolkit.sansio.fields.dates import format_date, parse_date
from toolkit.sansio.headers import HeaderField, Headers

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from typing_extensions import Self

T = TypeVar("T")
F = TypeVar("F", bound=HeaderField)


class lazy(Generic[T]):  # noqa: N801  # it reads as the decorator that it is
    """A read-only attribute that is computed when it is first read, and kept.

    It is no data descriptor: from the second read on, the value stands in the instance's `__dict__` and
    Python finds it there without calling anything.
    """

    def __init__(self, compute: Callable[..., T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__
        self.__name__ = compute.__name__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object, owner: type) -> Self | T:
        if instance is None:
            return self
        value = instance.__dict__[self.__name__] = self._compute(instance)
        return value


class HasHeaders(Protocol):
    """Whatever carries header fields that may be changed."""

    @property
    def headers(self) -> Headers:
        """The header fields."""
        ...


class typed(Generic[F]):  # noqa: N801  # the same
    """A header field of a response as a typed attribute: None where it is absent; setting writes it.

    Assigning None, or deleting the attribute, removes the field.
    """

    def __init__(self, field: type[F], doc: str, *, name: str | None = None) -> None:
        self._field = field
        self._name = name or field.field_name
        self.__doc__ = doc

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: HasHeaders, owner: type) -> F | None: ...
    def __get__(self, instance: HasHeaders | None, owner: type) -> Self | F | None:
        if instance is None:
            return self
        return instance.headers.read(self._field, self._name)

    def __set__(self, instance: HasHeaders, value: F | None) -> None:
        if value is None:
            instance.headers.poplist(self._name)
        else:
            instance.headers.write(value, self._name)

    def __delete__(self, instance: HasHeaders) -> None:
        instance.headers.poplist(self._name)


class dated:  # noqa: N801  # the same
    """A header field of a response that is an HTTP-date: None where it is absent or no date."""

    def __init__(self, name: str, doc: str) -> None:
        self._name = name
        self.__doc__ = doc

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: HasHeaders, owner: type) -> datetime | None: ...
    def __get__(self, instance: HasHeaders | None, owner: type) -> Self | datetime | None:
        if instance is None:
            return self
        text = instance.headers.get(self._name)
        return None if text is None else parse_date(text)

    def __set__(self, instance: HasHeaders, value: datetime | None) -> None:
        if value is None:
            instance.headers.poplist(self._name)
        else:
            instance.headers[self._name] = format_date(value)
