"""The converters whose values are of the standard library: decimal and binary fractions, UUIDs, dates.

All fractions share one grammar, without exponents, signs of plus, `inf` or `nan`::

    number = [ "-" ] 1*DIGIT [ "." 1*DIGIT ]
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import isfinite
from typing import cast
from uuid import UUID

from toolkit.sansio.routing.converters import Converter, Domain

_DIGITS = "0123456789"
_HEX = "0123456789abcdefABCDEF"
_LONGEST = 40  # characters of a fraction: above what anybody writes, far below what costs time


class _FractionConverter:
    """What `float` and `decimal` share: their grammar and their bounds."""

    def __init__(
        self,
        *,
        min: float | None = None,  # noqa: A002  # the words of the rule syntax
        max: float | None = None,  # noqa: A002  # the same
        signed: bool = False,
    ) -> None:
        self.least = min
        self.most = max
        self.signed = signed
        self.domain = Domain(("-." if signed else ".") + _DIGITS, longest=_LONGEST)

    def _number(self, text: str) -> str:
        """`text`, if it is of the grammar; ValueError otherwise."""
        whole, point, fraction = text.removeprefix("-" if self.signed else "").partition(".")
        digits = whole + fraction
        if not (whole and digits.isascii() and digits.isdecimal() and len(text) <= _LONGEST):
            raise ValueError(text)
        if point and not fraction:
            raise ValueError(text)
        return text

    def _bounded(self, value: float | Decimal) -> None:
        """Nothing, if `value` is within the bounds; ValueError otherwise."""
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise ValueError(f"from {self.least} to {self.most}")


class FloatConverter(_FractionConverter, Converter[float]):
    """A number with or without a fraction: `<float:x>`, `<float(min=0, max=1, signed=True):x>`.

    >>> FloatConverter().parse("1.50"), FloatConverter().format(1e-7)
    (1.5, '0.0000001')
    """

    checks_domain = True

    def parse(self, text: str) -> float:
        """The value of `text`; ValueError where there is none."""
        value = float(self._number(text))
        self._bounded(value)
        return value

    def format(self, value: float) -> str:
        """The text of `value`; ValueError or TypeError where there is none."""
        if isinstance(value, bool) or not isinstance(cast("object", value), (int, float)):
            raise TypeError("a float is needed")
        if not isfinite(value):
            raise ValueError("a finite number is needed")
        self._bounded(value)
        text = repr(float(value))
        return self._number(f"{Decimal(text):f}" if "e" in text else text)


class DecimalConverter(_FractionConverter, Converter[Decimal]):
    """A number as `decimal.Decimal`: `<decimal:amount>`, with the bounds of `float`.

    >>> DecimalConverter().parse("1.50"), DecimalConverter().format(Decimal("1E+2"))
    (Decimal('1.50'), '100')
    """

    checks_domain = True

    def parse(self, text: str) -> Decimal:
        """The value of `text`; ValueError where there is none."""
        value = Decimal(self._number(text))
        self._bounded(value)
        return value

    def format(self, value: Decimal) -> str:
        """The text of `value`; ValueError or TypeError where there is none."""
        if not isinstance(cast("object", value), Decimal):
            raise TypeError("a Decimal is needed")
        if not value.is_finite() or value.adjusted() > _LONGEST:
            raise ValueError(f"a finite number of at most {_LONGEST} digits is needed")
        self._bounded(value)
        return self._number(f"{value:f}")


class UUIDConverter(Converter[UUID]):
    """A UUID in its usual form of 36 characters (RFC 9562 section 4), read in either case: `<uuid:key>`."""

    domain = Domain(_HEX + "-", 36, 36)

    def parse(self, text: str) -> UUID:
        """The value of `text`; ValueError where there is none."""
        if not text[8] == text[13] == text[18] == text[23] == "-" or text.count("-") != 4:
            raise ValueError(text)
        return UUID(text)

    def format(self, value: UUID) -> str:
        """The text of `value`; ValueError or TypeError where there is none."""
        if not isinstance(cast("object", value), UUID):
            raise TypeError("a UUID is needed")
        return str(value)


class DateConverter(Converter[date]):
    """A calendar date, `2026-02-28` (RFC 3339 `full-date`): `<date:day>`."""

    domain = Domain(_DIGITS + "-", 10, 10, count=date.max.toordinal())

    def parse(self, text: str) -> date:
        """The value of `text`; ValueError where there is none."""
        year, month, day = text[:4], text[5:7], text[8:]
        if not (text[4] == text[7] == "-" and (year + month + day).isdecimal()):
            raise ValueError(text)
        return date(int(year), int(month), int(day))

    def format(self, value: date) -> str:
        """The text of `value`; ValueError or TypeError where there is none."""
        if type(value) is not date:  # a datetime would lose its time
            raise TypeError("a date is needed")
        return value.isoformat()
