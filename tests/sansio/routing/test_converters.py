from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.routing.converters import (
    AnyConverter,
    Converter,
    Domain,
    IntConverter,
    PathConverter,
    SlugConverter,
    StringConverter,
)
from toolkit.sansio.routing.numbers import DateConverter, DecimalConverter, FloatConverter, UUIDConverter
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule

LAWFUL: list[tuple[Converter[Any], st.SearchStrategy[Any]]] = [
    (StringConverter(), st.text(min_size=1)),
    (StringConverter(min=2, max=3), st.text(min_size=2, max_size=3)),
    (SlugConverter(), st.text("aZ0-_", min_size=1)),
    (PathConverter(), st.lists(st.text("ab", min_size=1), min_size=1).map("/".join)),
    (IntConverter(), st.integers(0, 10**18 - 1)),
    (IntConverter(digits=4), st.integers(0, 9999)),
    (IntConverter(signed=True), st.integers(-(10**18) + 1, 10**18 - 1)),
    (IntConverter(min=3, max=9), st.integers(3, 9)),
    (AnyConverter("a", "b c"), st.sampled_from(["a", "b c"])),
    (FloatConverter(signed=True), st.floats(-1e15, 1e15).filter(lambda x: x == 0 or abs(x) > 1e-15)),
    (DecimalConverter(signed=True), st.decimals(-(10**12), 10**12, places=5)),
    (UUIDConverter(), st.uuids()),
    (DateConverter(), st.dates()),
]


@pytest.mark.parametrize(("converter", "values"), LAWFUL, ids=lambda x: type(x).__name__)
@given(data=st.data())
def test_parse_is_the_inverse_of_format(
    converter: Converter[Any], values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    text = converter.write(value)
    assert converter.domain.holds(text)
    assert converter.read(text) == converter.parse(text) == value


@pytest.mark.parametrize("converter", [converter for converter, _ in LAWFUL], ids=lambda x: type(x).__name__)
@given(text=st.text("0123456789-._/aé\n٣ ", max_size=40))
def test_read_takes_what_it_can_or_raises_value_error(converter: Converter[Any], text: str) -> None:
    try:
        value = converter.read(text)
    except ValueError:
        return
    assert converter.domain.holds(text)
    assert converter.read(converter.write(value)) == value


@pytest.mark.parametrize(
    "text", ["", "5\n", " 5", "1_0", "٣", "²", "+5", "-5", "5.0", "0x1", "9" * 19, "9" * 5000]
)
def test_int_is_ascii_digits_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # its text is the refused one
        IntConverter().read(text)


@pytest.mark.parametrize(
    ("converter", "text"),
    [
        (IntConverter(digits=4), "007"),
        (IntConverter(digits=2), "007"),
        (IntConverter(signed=True), "--1"),
        (IntConverter(signed=True), "-"),
        (IntConverter(min=1, max=9), "0"),
        (IntConverter(min=1, max=9), "10"),
        (FloatConverter(), "1."),
        (FloatConverter(), ".5"),
        (FloatConverter(), "-1"),
        (FloatConverter(), "1e5"),
        (FloatConverter(), "nan"),
        (FloatConverter(), "1" * 41),
        (FloatConverter(max=1), "1.5"),
        (DecimalConverter(min=1), "0.5"),
        (DecimalConverter(), "1.2.3"),
        (UUIDConverter(), "{12345678-1234-5678-1234-567812345678}"),
        (UUIDConverter(), "12345678123456781234567812345678abcd"),
        (DateConverter(), "2026-02-30"),
        (DateConverter(), "20260228--"),
        (DateConverter(), "2026-W01-1"),
        (PathConverter(), "/a"),
        (PathConverter(), "a/../b"),
        (PathConverter(), "."),
        (AnyConverter("a"), "b"),
        (SlugConverter(), "é"),
    ],
)
def test_refused_texts(converter: Converter[Any], text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # its text is the refused one
        converter.read(text)


@pytest.mark.parametrize(
    ("converter", "value"),
    [
        (StringConverter(), 5),
        (StringConverter(), ""),
        (StringConverter(length=2), "abc"),
        (IntConverter(), True),
        (IntConverter(), "5"),
        (IntConverter(), -1),
        (IntConverter(), 10**18),
        (FloatConverter(), True),
        (FloatConverter(), "1"),
        (FloatConverter(), float("inf")),
        (FloatConverter(), float("nan")),
        (FloatConverter(), 1e300),
        (DecimalConverter(), 1),
        (DecimalConverter(), Decimal("NaN")),
        (DecimalConverter(), Decimal("1E+100")),
        (UUIDConverter(), "x"),
        (DateConverter(), datetime(2026, 1, 1)),  # noqa: DTZ001  # what is refused is a datetime at all
        (PathConverter(), "/etc"),
        (AnyConverter("a"), "b"),
    ],
)
def test_refused_values(converter: Converter[Any], value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        converter.write(value)


def test_values_have_their_types() -> None:
    router = Router(
        [
            Rule("/f/<float:x>", "f"),
            Rule("/d/<decimal:x>", "d"),
            Rule("/u/<uuid:x>", "u"),
            Rule("/t/<date:x>", "t"),
        ]
    )
    key = "12345678-1234-5678-1234-567812345678"
    assert router.match("/f/1.5").params == {"x": 1.5}
    assert router.match("/d/1.50").params == {"x": Decimal("1.50")}
    assert router.match(f"/u/{key.upper()}").params == {"x": UUID(key)}
    assert router.match("/t/2026-02-28").params == {"x": date(2026, 2, 28)}


class Hex(Converter[int]):
    """Without a check of its own: the domain keeps everything else away."""

    def __init__(self, digits: int) -> None:
        self.domain = Domain("0123456789abcdef", shortest=digits, longest=digits)

    def parse(self, text: str) -> int:
        return int(text, 16)

    def format(self, value: int) -> str:
        return f"{value:0{self.domain.shortest}x}"


def test_custom_converter() -> None:
    router = Router(
        [Rule("/<hex(6):colour>", "colour"), Rule("/<name>", "name")],
        converters={"hex": Hex},
    )
    assert router.match("/ff8000").params == {"colour": 0xFF8000}
    assert router.match("/FF8000").endpoint == "name"
    assert router.match("/1_0000").endpoint == "name"
    assert router.build("colour", {"colour": 255}) == "/0000ff"


class Even(IntConverter):
    """A converter that refuses more than its base."""

    def parse(self, text: str) -> int:
        value = super().parse(text)
        if value % 2:
            raise ValueError(text)
        return value


def test_what_a_subclass_refuses_is_left_to_the_next_rule() -> None:
    router = Router([Rule("/<even:x>", "even"), Rule("/<x>", "text")], converters={"even": Even})
    assert [router.match(path).endpoint for path in ("/2", "/3", "/3")] == ["even", "text", "text"]


def test_converter_is_abstract() -> None:
    with pytest.raises(NotImplementedError):
        Converter[str]().parse("a")
    with pytest.raises(NotImplementedError):
        Converter[str]().format("a")


@pytest.mark.parametrize(
    "arguments",
    [
        {"shortest": 0},
        {"shortest": 3, "longest": 2},
        {"characters": ""},
        {"characters": "a", "slashes": True},
    ],
)
def test_domains_that_cannot_be(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="domain"):
        Domain(**arguments)
