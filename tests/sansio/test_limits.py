"""Limits: what is none is refused when it is given, with its name."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.limits import BodyLimits, ConnectionLimits, FormLimits

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = [
    (limits, field.name) for limits in (FormLimits, BodyLimits, ConnectionLimits) for field in fields(limits)
]
OPTIONAL = {"FormLimits.max_file_size", "FormLimits.max_files_size", "ConnectionLimits.max_body"}


@pytest.mark.parametrize(("kind", "name"), NAMES)
@pytest.mark.parametrize("value", [-1, 1.0, float("inf"), "1", True, None])
def test_what_is_no_limit(kind: Callable[..., Any], name: str, value: object) -> None:
    full_name = f"{kind().__class__.__name__}.{name}"
    if value is None and full_name in OPTIONAL:
        assert getattr(kind(**{name: value}), name) is None
        return
    expected = "0 or more, or None" if full_name in OPTIONAL else "0 or more"
    for make in (kind, partial(replace, kind())):
        with pytest.raises(LocalError) as caught:
            make(**{name: value})
        assert str(caught.value) == f"{full_name} is {expected}, not {value!r}"


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_any_number_is_one(kind: Callable[..., Any], name: str) -> None:
    for value in (0, 1 << 70):
        assert getattr(kind(**{name: value}), name) == value
