"""Converters: how the text of one variable becomes a value, and a value text again.

A converter is a pair `parse`/`format` with one law, `parse(format(x)) == x` for every `x` that `format`
takes, and a declared `Domain`: which characters its texts are made of, how long they are, whether they
may hold a slash. The domain decides where a variable ends when a segment holds several, and how narrow
the converter is, hence which of two rules is tried first. There is no regular expression in it.

`parse` refuses with ValueError, and the next rule gets its turn; `format` refuses with ValueError too.
Text given to `parse` is decoded already: `%2F` is a `/` in it.

The `int` of a path is one or more ASCII digits and nothing else. Leading zeros are read and not written
(`007` is 7, 7 is `7`): `build` makes one spelling, `match` understands both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar, cast

_DIGITS = "0123456789"
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_DIGITS = 18
"""Digits of an `int` where the rule does not say: what has 18 digits fits in a signed 64-bit column."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Domain:
    """Which texts a converter may take: their characters, lengths, and whether a slash may be in them.

    `characters` None means any character; `longest` None any length; `count`, where it is known, is how
    many different texts there are. A text is never empty.

    >>> Domain("01", longest=3).holds("101"), Domain("01", longest=3).holds("0101")
    (True, False)
    """

    characters: str | None = None
    shortest: int = 1
    longest: int | None = None
    slashes: bool = False
    count: int | None = None

    def __post_init__(self) -> None:
        if self.shortest < 1 or (self.longest is not None and self.longest < self.shortest):
            raise ValueError("a domain's texts are at least 1 character long, and shortest <= longest")
        if self.characters == "" or (self.slashes and self.characters and "/" not in self.characters):
            raise ValueError("a domain needs characters, with slashes the '/' among them")

    @property
    def open(self) -> bool:
        """Whether every text that is not empty belongs to it."""
        return self.characters is None and self.shortest == 1 and self.longest is None

    @property
    def width(self) -> tuple[float, ...]:
        """How wide the domain is, for comparison: narrower is smaller.

        First whether slashes may be inside, then how many texts there are, then how many characters there
        are to choose from, then how long a text may be, then how short.
        """
        many = float("inf")
        return (
            self.slashes,
            many if self.count is None else self.count,
            many if self.characters is None else len(set(self.characters)),
            many if self.longest is None else self.longest,
            -self.shortest,
        )

    def holds(self, text: str) -> bool:
        """Whether `text` belongs to the domain."""
        if len(text) < self.shortest or (self.longest is not None and len(text) > self.longest):
            return False
        return self.characters is None or not text.strip(self.characters)


class Converter(Generic[T]):
    """A pair `parse`/`format` over a declared `domain`; the base of every converter, and itself abstract.

    A subclass is registered under a name, `Router(converters={"hex": Hex})`, and is made with the arguments
    that a rule gives it: `<hex(8):colour>` calls `Hex(8)`. What `parse` is given belongs to the domain.

    >>> class Hex(Converter[int]):
    ...     def __init__(self, digits: int) -> None:
    ...         self.domain = Domain("0123456789abcdef", shortest=digits, longest=digits)
    ...     def parse(self, text: str) -> int:
    ...         return int(text, 16)
    ...     def format(self, value: int) -> str:
    ...         return f"{value:0{self.domain.shortest}x}"
    """

    domain: Domain = Domain()
    checks_domain: ClassVar[bool] = False
    """Whether `parse` itself refuses what is outside the domain, so that nobody needs to ask before."""

    def parse(self, text: str) -> T:
        """The value of `text`; ValueError where there is none."""
        raise NotImplementedError

    def format(self, value: T) -> str:
        """The text of `value`, not yet percent-encoded; ValueError or TypeError where there is none."""
        raise NotImplementedError

    def read(self, text: str) -> T:
        """`parse`, which is asked only about what belongs to the domain; ValueError otherwise."""
        if not self.checks_domain and not self.domain.holds(text):
            raise ValueError(text)
        return self.parse(text)

    def write(self, value: T) -> str:
        """`format`, whose result is sure to belong to the domain; ValueError otherwise."""
        text = self.format(value)
        if not self.domain.holds(text):
            raise ValueError(f"{text!r} is outside the domain of the converter")
        return text


class StringConverter(Converter[str]):
    """Any text that is not empty, with bounds on its length: `<name>`, `<string(min=2, max=5):code>`.

    `length` is short for both bounds. A `/` may be in it, and travels as `%2F`.
    """

    checks_domain = True

    def __init__(self, *, min: int = 1, max: int | None = None, length: int | None = None) -> None:  # noqa: A002  # the words of the rule syntax
        self.domain = Domain(None, min, max) if length is None else Domain(None, length, length)

    def parse(self, text: str) -> str:
        """The value of `text`; ValueError where there is none."""
        if not self.domain.holds(text):
            raise ValueError(text)
        return text

    def format(self, value: str) -> str:
        """The text of `value`; ValueError or TypeError where there is none."""
        if not isinstance(cast("object", value), str):
            raise TypeError("a str is needed")
        return value


class SlugConverter(StringConverter):
    """ASCII letters, digits, `-` and `_`: `<slug:title>`. Case is kept."""

    def __init__(self, *, min: int = 1, max: int | None = None) -> None:  # noqa: A002  # the words of the rule syntax
        self.domain = Domain(_LETTERS + _DIGITS + "-_", min, max)


class PathConverter(StringConverter):
    """One or more segments with the slashes between them: `<path:rest>`.

    It does not begin with a slash, and none of its segments is `.` or `..`, however they were encoded: a
    value can be joined to a directory without leaving it.
    """

    domain = Domain(slashes=True)

    def __init__(self) -> None:
        """Nothing to choose."""

    def parse(self, text: str) -> str:
        """The value of `text`; ValueError where there is none."""
        if not text or text[0] == "/" or ("." in text and not _DOTS.isdisjoint(text.split("/"))):
            raise ValueError(text)
        return text

    def format(self, value: str) -> str:
        """The text of `value`; ValueError or TypeError where there is none."""
        return self.parse(super().format(value))


_DOTS = frozenset((".", ".."))


class IntConverter(Converter[int]):
    """One to 18 ASCII digits: `<int:id>`, `<int(min=1, max=9):n>`, `<int(digits=4):year>`.

    `digits` fixes their number, and zeros are written in front. With `<int(signed=True):x>`,
    a `-` may stand first.

    >>> IntConverter(digits=4).format(7), IntConverter().parse("007")
    ('0007', 7)
    """

    checks_domain = True

    def __init__(
        self,
        *,
        min: int | None = None,  # noqa: A002  # the words of the rule syntax
        max: int | None = None,  # noqa: A002  # the same
        digits: int | None = None,
        signed: bool = False,
    ) -> None:
        longest = MAX_DIGITS if digits is None else digits
        most = 10**longest - 1
        self.least = -most if signed else 0
        self.most = most if max is None else max
        if min is not None:
            self.least = min
        if not -most <= self.least <= self.most <= most or (self.least < 0 and not signed):
            raise ValueError(
                f"int: bounds must lie within {longest} digits, min <= max; below 0 needs signed"
            )
        self.digits = digits
        self.signed = signed
        self.longest = longest
        self.domain = Domain(
            "-" + _DIGITS if signed else _DIGITS,
            digits or 1,
            longest + signed,
            count=self.most - self.least + 1,
        )

    @property
    def plain(self) -> bool:
        """Whether any run of digits that is short enough will do."""
        return not self.signed and self.digits is None and self.least == 0 and self.most == 10**MAX_DIGITS - 1

    def parse(self, text: str) -> int:
        """The value of `text`; ValueError where there is none."""
        digits = text[1:] if self.signed and text[:1] == "-" else text
        if not (digits.isdecimal() and digits.isascii() and len(digits) <= self.longest):
            raise ValueError(text)
        value = int(text)
        if not self.least <= value <= self.most or (self.digits and len(digits) != self.digits):
            raise ValueError(text)
        return value

    def format(self, value: int) -> str:
        """The text of `value`; ValueError or TypeError where there is none."""
        if type(value) is not int:  # not bool: True is no id
            raise TypeError("an int is needed")
        if not self.least <= value <= self.most:
            raise ValueError(f"from {self.least} to {self.most}")
        digits = str(abs(value)).zfill(self.digits or 1)
        return "-" + digits if value < 0 else digits


class AnyConverter(Converter[str]):
    """One of some words: `<any(about, help, "terms of use"):page>`."""

    checks_domain = True

    def __init__(self, *words: str) -> None:
        if not words or not all(type(word) is str and word for word in words):
            raise ValueError("any: needs words, none of them empty or a number (quote it)")
        self.words = frozenset(words)
        lengths = [len(word) for word in words]
        characters = "".join(sorted(set("".join(words))))
        self.domain = Domain(characters, min(lengths), max(lengths), count=len(self.words))

    def parse(self, text: str) -> str:
        """The value of `text`; ValueError where there is none."""
        if text not in self.words:
            raise ValueError(text)
        return text

    def format(self, value: str) -> str:
        """The text of `value`; ValueError or TypeError where there is none."""
        if value not in self.words:
            raise ValueError(f"one of {', '.join(sorted(self.words))}")
        return value
