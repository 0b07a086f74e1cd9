"""Mistakes in a call, each told in one line."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from toolkit.sansio.grammar import parse_digits

if TYPE_CHECKING:
    from collections.abc import Callable


def complain(command: str, error: object, status: int) -> int:
    """Say in one line what is wrong; the exit status."""
    sys.stderr.write(f"toolkit {command}: {error}\n")
    return status


def port(text: str) -> int:
    """The number of a port."""
    return whole_number(0, 65535)(text)


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """What reads an option that is a whole number within bounds."""

    def read(text: str) -> int:
        number = parse_digits(text)
        if number is None or not low <= number <= high:
            raise ArgumentTypeError(f"a whole number from {low} to {high} is needed, not {text!r}")
        return number

    return read
