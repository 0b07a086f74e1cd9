r"""The syntax of rules: a path or a host as text, taken apart into segments of literals and variables.

::

    path     = *( "/" segment )                     ; a last, empty segment is a trailing slash
    segment  = *( literal / variable )              ; two variables have a literal between them
    variable = "<" [ converter [ "(" arguments ")" ] ":" ] name ">"
    argument = [ name "=" ] ( number / word / "quoted" / 'quoted' / True / False / None )
    host     = label *( "." label )                 ; the same inside a label

A literal is read as a path is: percent-escapes are decoded, so `%3C` is a `<` and `%2F` a slash that does
not separate. Everything else stands for itself, `/café` as well as `/caf%C3%A9`. Here nobody knows yet
which converters exist: `toolkit.sansio.routing.patterns` puts them in.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from toolkit.sansio.errors.base import MalformedURL
from toolkit.sansio.percent import unquote_strict
from toolkit.sansio.routing.errors import RuleError

MAX_SEGMENTS = 64  # of one rule: real ones have ten; the search recurses once for each

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_VARIABLE = re.compile(
    rf"""<(?: ({_NAME}) (?: \( ( (?: [^"'()<>] | "[^"]*" | '[^']*' )* ) \) )? : )? ({_NAME})>""", re.VERBOSE
)
_ARGUMENT = re.compile(
    rf"""\s* (?: ({_NAME}) \s* = \s* )? (?: "([^"]*)" | '([^']*)' | ([^\s,"'=]+) ) \s* (?: , | \Z )""",
    re.VERBOSE,
)
_UNUSUAL = frozenset("()?#%\"'")
_WORDS = {"True": True, "False": False, "None": None}

Argument: TypeAlias = "str | int | float | bool | None"


class Variable(NamedTuple):
    """One variable as it is written: its name, its converter's name and arguments, positional and by name."""

    name: str
    converter: str = "string"
    positional: tuple[Argument, ...] = ()
    named: tuple[tuple[str, Argument], ...] = ()

    @property
    def kind(self) -> str:
        """The converter with its arguments in one spelling: equal where the same texts are taken."""
        named = [f"{name}={value!r}" for name, value in sorted(self.named)]
        return f"{self.converter}({', '.join([*map(repr, self.positional), *named])})"


Part: TypeAlias = "str | Variable"
Segment: TypeAlias = "tuple[Part, ...]"
"""Literals and variables in turn; a static segment is one literal, the empty one after a slash is `()`."""


def parse_path(text: str) -> tuple[Segment, ...]:
    """The segments of a rule's path, without the empty one in front; RuleError where it breaks the grammar.

    >>> parse_path("/users/<int:id>/")
    (('users',), (Variable(name='id', converter='int', positional=(), named=()),), ())
    """
    if not text.startswith("/"):
        raise RuleError(text, "a path begins with a slash")
    segments = _split(text, "/")[1:]
    if len(segments) > MAX_SEGMENTS:
        raise RuleError(text, f"a path has at most {MAX_SEGMENTS} segments")
    if () in segments[:-1]:
        raise RuleError(text, "a path has no empty segments but the last")
    if (".",) in segments or ("..",) in segments:
        raise RuleError(text, "no client asks for a dot segment: it is resolved before")
    return tuple(segments)


def parse_host(text: str) -> tuple[Segment, ...]:
    """The labels of a rule's host, in lower case; RuleError where it breaks the grammar.

    >>> parse_host("<tenant>.Example.org")[1:]
    (('example',), ('org',))
    """
    labels = _split(text, ".")
    if () in labels or ":" in "".join(part for label in labels for part in label if isinstance(part, str)):
        raise RuleError(text, "a host is of labels that are not empty, without a port")
    return tuple(tuple(part.lower() if isinstance(part, str) else part for part in label) for label in labels)


def variables(segments: tuple[Segment, ...]) -> list[Variable]:
    """The variables of all segments, from left to right."""
    return [part for segment in segments for part in segment if isinstance(part, Variable)]


def _split(text: str, separator: str) -> list[Segment]:
    """The parts of `text` by segment."""
    if _UNUSUAL.isdisjoint(text):
        # PERF: most rules have only whole segments, met before (benchmarks/routing.py::build).
        try:
            return [
                () if not part else (_variable(part),) if part[0] == "<" else _plain(part)
                for part in text.split(separator)
            ]
        except ValueError:
            pass  # what is unusual about it, is found out below
    segments: list[list[Part]] = [[]]
    position = 0
    for match in _VARIABLE.finditer(text):
        _add_literals(segments, text, text[position : match.start()], separator)
        if segments[-1] and isinstance(segments[-1][-1], Variable):
            raise RuleError(text, "between two variables there is a literal")
        segments[-1].append(_variable(match[0]))
        position = match.end()
    _add_literals(segments, text, text[position:], separator)
    return [tuple(segment) for segment in segments]


def _add_literals(segments: list[list[Part]], text: str, literals: str, separator: str) -> None:
    """Append the text between two variables, and begin a new segment at every separator."""
    if not literals:
        return
    if "<" in literals or ">" in literals:
        raise RuleError(text, "a variable is written <name> or <converter(arguments):name>")
    if "?" in literals or "#" in literals:
        raise RuleError(text, "a path holds no query and no fragment; %3F and %23 are those characters")
    first, *rest = literals.split(separator)
    if first:
        segments[-1].append(_literal(text, first))
    segments.extend([_literal(text, literal)] if literal else [] for literal in rest)


def _plain(literal: str) -> Segment:
    """A segment without variables; ValueError where there is one after all."""
    if "<" in literal or ">" in literal:
        raise ValueError
    return (literal,)


def _literal(text: str, literal: str) -> str:
    if "%" not in literal:
        return literal
    try:
        return unquote_strict(literal)
    except MalformedURL as error:
        raise RuleError(text, error.reason) from None


@lru_cache(maxsize=1024)
def _variable(text: str) -> Variable:
    """The variable written as `text`, brackets included."""
    match = _VARIABLE.fullmatch(text)
    if match is None:
        raise RuleError(text, "no variable")
    converter, arguments, name = match.groups()
    positional: list[Argument] = []
    named: dict[str, Argument] = {}
    position = 0
    while arguments and position < len(arguments):
        argument = _ARGUMENT.match(arguments, position)
        if argument is None:
            raise RuleError(text, "arguments are numbers, words or quoted texts, parted by commas")
        key, double, single, word = argument.groups()
        value = _value(word) if word else double or single or ""
        if key is None and not named:
            positional.append(value)
        elif key is None or key in named:
            raise RuleError(text, "positional arguments come first, and each name once")
        else:
            named[key] = value
        position = argument.end()
    return Variable(name, converter or "string", tuple(positional), tuple(named.items()))


def _value(word: str) -> Argument:
    """What an unquoted argument means."""
    if word in _WORDS:
        return _WORDS[word]
    if re.fullmatch(r"[-+]?[0-9]{1,40}", word):
        return int(word)
    return float(word) if re.fullmatch(r"[-+]?[0-9]{1,40}\.[0-9]{1,40}", word) else word
