from __future__ import annotations

import copy
import pickle
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.support.timing import assert_linear_in
from tests.support.vectors import each_of
from toolkit.sansio.errors.base import InvalidHeader, MalformedHeader
from toolkit.sansio.headers import HeaderField, Headers, HeadersView
from toolkit.sansio.multidict import MultiDict

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import assert_type

    from tests.support.vectors import Check

Lines = list[tuple[str, str]]

NAMES = st.sampled_from(["A", "a", "B-c", "b-C", "D"])
VALUES = st.text("xyz, \xe9", max_size=3).map(str.strip)
LINES = st.lists(st.tuples(NAMES, VALUES), max_size=8)


# The naive model: a list of lines, and functions that scan it.


def same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def model_list(lines: Lines, name: str) -> list[str]:
    return [value for other, value in lines if same(other, name)]


def model_setlist(lines: Lines, name: str, new: Lines) -> Lines:
    places = [place for place, line in enumerate(lines) if same(line[0], name)]
    if not places:
        return lines + new
    return [*lines[: places[0]], *new, *(line for line in lines[places[0] :] if not same(line[0], name))]


def model_update(lines: Lines, new: Lines) -> Lines:
    names = {name.lower() for name, _ in lines}
    for name in {name.lower() for name, _ in new} & names:
        lines = model_setlist(lines, name, [line for line in new if same(line[0], name)])
    return lines + [line for line in new if line[0].lower() not in names]


def agrees(actual: HeadersView, lines: Lines) -> None:
    assert actual.items() == lines
    assert len(actual) == len(lines)
    assert bool(actual) == bool(lines)
    assert list(actual) == actual.keys() == [name for name, _ in lines]
    assert actual.values() == [value for _, value in lines]
    for name in ["A", "a", "B-C", "b-c", "d", "E"]:
        values = model_list(lines, name)
        assert actual.getlist(name) == values
        assert actual.get(name) == (values[0] if values else None)
        assert actual.get(name, "default") == (values[0] if values else "default")
        assert (name in actual) == bool(values)
        assert actual.combined(name) == (", ".join(values) if values else None)
        if values:
            assert actual[name] == values[0]
        else:
            with pytest.raises(KeyError):
                actual[name]


class Scanned(HeadersView):
    """The least of a view: what is abstract, and no more."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  # two signatures in one
        return next(iter(self.getlist(name)), default)

    def getlist(self, name: str) -> list[str]:
        return model_list(self.lines, name)

    def items(self) -> Lines:
        return self.lines[:]

    def __getitem__(self, name: str) -> str:
        if name not in self:
            raise KeyError(name)
        return self.getlist(name)[0]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.getlist(name))


@given(LINES)
def test_a_view_has_all_that_can_be_derived(lines: Lines) -> None:
    agrees(Scanned(lines), lines)
    assert Scanned(lines) == Headers(lines)


class Changes(RuleBasedStateMachine):
    """Any sequence of changes, with and without look-ups between them, leaves what the model has."""

    def __init__(self) -> None:
        super().__init__()
        self.actual = Headers()
        self.model: Lines = []

    @initialize(lines=LINES)
    def start(self, lines: Lines) -> None:
        self.actual = Headers(lines)
        self.model = list(lines)

    @rule(name=NAMES)
    def look_up(self, name: str) -> None:  # makes the index, which is kept up to date from here on
        assert self.actual.getlist(name) == model_list(self.model, name)

    @rule(name=NAMES)
    def get(self, name: str) -> None:  # puts the spelling into the index
        assert self.actual.get(name) == next(iter(model_list(self.model, name)), None)

    @rule(name=NAMES, value=VALUES)
    def add(self, name: str, value: str) -> None:
        self.actual.add(name, value)
        self.model.append((name, value))

    @rule(name=NAMES, value=VALUES)
    def assign(self, name: str, value: str) -> None:
        self.actual[name] = value
        self.model = model_setlist(self.model, name, [(name, value)])

    @rule(name=NAMES, values=st.lists(VALUES, max_size=3))
    def setlist(self, name: str, values: list[str]) -> None:
        self.actual.setlist(name, iter(values))
        self.model = model_setlist(self.model, name, [(name, value) for value in values])

    @rule(name=NAMES, value=VALUES)
    def setdefault(self, name: str, value: str) -> None:
        values = model_list(self.model, name)
        assert self.actual.setdefault(name, value) == (values[0] if values else value)
        if not values:
            self.model.append((name, value))

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        if model_list(self.model, name):
            del self.actual[name]
        else:
            with pytest.raises(KeyError) as caught:
                del self.actual[name]
            assert caught.value.args == (name,)
        self.model = model_setlist(self.model, name, [])

    @rule(name=NAMES)
    def pop(self, name: str) -> None:
        values = model_list(self.model, name)
        assert self.actual.pop(name, None) == (values[0] if values else None)
        self.model = model_setlist(self.model, name, [])

    @rule(name=NAMES)
    def poplist(self, name: str) -> None:
        assert self.actual.poplist(name) == model_list(self.model, name)
        self.model = model_setlist(self.model, name, [])

    @rule(lines=LINES)
    def extend(self, lines: Lines) -> None:
        self.actual.extend(iter(lines))
        self.model += lines

    @rule(lines=LINES)
    def update(self, lines: Lines) -> None:
        self.actual.update(lines)
        self.model = model_update(self.model, lines)

    @rule(lines=LINES)
    def merge(self, lines: Lines) -> None:
        before = self.actual
        self.actual |= Headers(lines)
        assert self.actual is before
        self.model = model_update(self.model, lines)

    @rule(lines=LINES)
    def union(self, lines: Lines) -> None:
        assert (self.actual | Headers(lines)).items() == model_update(self.model, lines)

    @rule()
    def clear(self) -> None:
        self.actual.clear()
        self.model = []

    @rule()
    def copy(self) -> None:
        old, self.actual = self.actual, self.actual.copy()
        assert old == self.actual
        old.add("A", "0")

    @invariant()
    def same_lines(self) -> None:
        assert self.actual.items() == self.model

    def teardown(self) -> None:
        agrees(self.actual, self.model)


TestChanges = Changes.TestCase


@given(LINES)
def test_every_way_in_gives_the_same(lines: Lines) -> None:
    for actual in (
        Headers(lines),
        Headers(iter(lines)),
        Headers(Headers(lines)),
        Headers.adopt(list(lines)),
    ):
        agrees(actual, lines)
    for name, _ in lines:  # whatever is the first to look
        assert Headers(lines)[name] == model_list(lines, name)[0]
        assert name in Headers(lines)
        assert Headers(lines).get(name) == model_list(lines, name)[0]
    agrees(Headers(dict(lines)), list(dict(lines).items()))


@given(LINES, LINES)
def test_equality_is_that_of_the_values_by_name(ones: Lines, others: Lines) -> None:
    names = {name.lower() for name, _ in ones + others}
    expected = all(model_list(ones, name) == model_list(others, name) for name in names)
    left, right = Headers(ones), Headers(others)
    assert (left == right) is (right == left) is expected
    assert (left != right) is not expected


def test_equality_by_example() -> None:
    assert Headers([("A", "1"), ("B", "2")]) == Headers([("b", "2"), ("a", "1")])
    assert Headers([("A", "1"), ("A", "2")]) != Headers([("A", "2"), ("A", "1")])
    assert Headers([("A", "1"), ("A", "1")]) != Headers([("A", "1")])
    assert Headers([("A", "1")]) != {"A": "1"}
    with pytest.raises(TypeError):
        hash(Headers())


@given(LINES)
def test_copies_are_equal_and_independent(lines: Lines) -> None:
    original = Headers(lines)
    _ = "A" in original  # with an index, which no copy may share
    for twin in (
        original.copy(),
        copy.copy(original),
        copy.deepcopy(original),
        pickle.loads(pickle.dumps(original)),  # noqa: S301  # our own bytes
        eval(repr(original)),  # noqa: S307  # the point: a repr can be pasted
    ):
        assert type(twin) is Headers
        assert twin.items() == lines
        twin.add("New", "1")
    agrees(original, lines)


def test_what_is_handed_out_is_new() -> None:
    headers = Headers([("A", "1"), ("A", "2"), ("B", "3")])
    for given_out in (headers.getlist("A"), headers.getlist("B"), headers.values(), headers.keys()):
        given_out.append("x")
    headers.items().clear()
    assert headers.items() == [("A", "1"), ("A", "2"), ("B", "3")]
    assert (headers.getlist("A"), headers.getlist("B")) == (["1", "2"], ["3"])


# Validation.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "v"),
        ("a b", "v"),
        ("a:", "v"),
        (":path", "v"),
        ("a\n", "v"),
        ("\xe9", "v"),
        ("\u212aey", "v"),
        ("A", "v\r\nB: w"),
        ("A", "v\nw"),
        ("A", "v\r"),
        ("A", "v\0"),
        ("A", "\x01"),
        ("A", "v\x0bw"),
        ("A", "v\x7f"),
        ("A", "\u0100"),
        ("A", "\u2028"),
        ("A", "\ud800"),
        ("A", " v"),
        ("A", "v "),
        ("A", "v\t"),
        ("A", " "),
    ],
)
def test_what_may_not_go_on_the_wire_is_refused_wherever_it_enters(name: str, value: str) -> None:
    line = (name, value)
    headers = Headers({"Other": "1"})
    for enter in (
        lambda: Headers([line]),
        lambda: Headers({name: value}),
        lambda: Headers(MultiDict([line]).items()),
        lambda: headers.add(name, value),
        lambda: headers.__setitem__(name, value),
        lambda: headers.setlist(name, [value]),
        lambda: headers.setdefault(name, value),
        lambda: headers.extend([line]),
        lambda: headers.update([line]),
        lambda: headers | {name: value},
        lambda: headers.__ior__([line]),
        lambda: headers.add(name, value),
    ):
        with pytest.raises(InvalidHeader) as caught:
            enter()
        assert (caught.value.name, caught.value.value) == line
    assert headers.items() == [("Other", "1")]


@pytest.mark.parametrize("value", ["", "v", "a b\tc", "caf\xe9", "\x80\xa0\xff", "\xa0", '"\\"'])
def test_what_may_go_on_the_wire_is_kept_as_it_is(value: str) -> None:
    assert Headers({"!#$%&'*+-.^_`|~9aZ": value}).values() == [value]


@given(st.text(max_size=5), st.text(max_size=5))
def test_whatever_is_accepted_makes_one_line(name: str, value: str) -> None:
    error: InvalidHeader | None = None
    try:
        Headers([(name, value)])
    except InvalidHeader as refusal:
        error = refusal
    if error is not None:
        assert (error.name, error.value) == (name, value)
        assert repr(name) in str(error)
        return
    wire = f"{name}: {value}\r\n".encode("latin-1")
    assert wire.splitlines() == [wire[:-2]]
    assert wire[:-2].split(b":", 1) == [name.encode(), b" " + value.encode("latin-1")]
    assert value == value.strip(" \t")


@pytest.mark.parametrize("value", [5, None, b"v", b"\xff"])
def test_what_is_not_text_is_a_type_error_that_names_the_header(value: object) -> None:
    with pytest.raises(
        TypeError, match="pattern" if value == b"\xff" else "'Content-Length': a value is str"
    ):
        Headers({"Content-Length": value})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError):
        Headers([(value, "v")])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]


def test_subclasses_of_str_become_str() -> None:
    class Name(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "something else"

    (line,) = Headers([(Name("A"), Name("v"))]).items()
    assert line == ("A", "v")
    assert {type(line[0]), type(line[1])} == {str}


def test_a_missing_name_is_a_plain_key_error() -> None:
    with pytest.raises(KeyError) as caught:
        Headers({"B": "1"})["A"]
    assert type(caught.value) is KeyError
    assert caught.value.args == ("A",)
    with pytest.raises(KeyError):
        Headers().pop("A")
    assert 5 not in Headers()


# The WHATWG's Headers: what it accepts, what it combines.


def wpt(*kinds: str) -> Callable[[Check], Callable[[str], None]]:
    return each_of("wpt/headers.json", where=lambda case: case["id"].split("/")[2] in kinds)


@wpt("value", "value-normalize", "normalize", "error")
def test_wpt_values(case: dict[str, Any]) -> None:
    name, value = case["input"].get("name", "X"), case["input"]["value"]
    if case["expected"]["result"] == "error":
        with pytest.raises(InvalidHeader):
            Headers([(name, value)])
    else:
        assert Headers([(name, value)]).values() == [case["expected"]["value"]]


@wpt("combine")
def test_wpt_combine(case: dict[str, Any]) -> None:
    assert (
        Headers(map(tuple, case["input"]["headers"])).combined(case["input"]["get"])
        == case["expected"]["value"]
    )


@wpt("iterate")
def test_wpt_iterate(case: dict[str, Any]) -> None:
    headers = Headers(map(tuple, case["input"]["headers"]))
    lines: list[list[str]] = []
    for name in sorted({name.lower() for name in headers}):
        values = headers.getlist(name) if name == "set-cookie" else [headers.combined(name) or ""]
        lines += [[name, value] for value in values]
    assert lines == case["expected"]["sorted_combined"]


# Combined and typed values.


@dataclass(frozen=True)
class Tag:
    """A field for these tests: any text without `?`."""

    text: str
    field_name: ClassVar[str] = "X-Tag"

    @classmethod
    def parse(cls, text: str) -> Tag:
        if "?" in text:
            raise MalformedHeader(cls.field_name, text, "no question marks")
        return cls(text)

    def __str__(self) -> str:
        return self.text


def test_lines_of_cookie_are_combined_by_semicolons() -> None:
    assert Headers([("cookie", "a=1"), ("Cookie", "b=2")]).combined("COOKIE") == "a=1; b=2"


@pytest.mark.parametrize(
    "lines", [[], [("Set-Cookie", "a=1")], [("Set-Cookie", "a=1"), ("set-cookie", "b=2")]]
)
def test_lines_of_set_cookie_are_never_combined(lines: Lines) -> None:
    with pytest.raises(ValueError, match="Set-Cookie"):
        Headers(lines).combined("set-COOKIE")


def test_reading() -> None:
    headers = Headers([("x-tag", "a"), ("If-Tag", "c"), ("X-Tag", "b")])
    tag = headers.read(Tag)
    if TYPE_CHECKING:
        assert_type(tag, Tag | None)
        assert_type(headers.readlist(Tag), list[Tag])
    assert tag == Tag("a, b")
    assert headers.read(Tag, "if-tag") == Tag("c")
    assert headers.read(Tag, "No-Tag") is None
    assert headers.readlist(Tag) == [Tag("a"), Tag("b")]
    assert headers.readlist(Tag, "No-Tag") == []
    assert Headers([("Set-Cookie", "a"), ("Set-Cookie", "b")]).readlist(Tag, "Set-Cookie") == [
        Tag("a"),
        Tag("b"),
    ]


def test_what_cannot_be_read_is_an_error_that_names_the_header() -> None:
    headers = Headers([("X-Tag", "?"), ("If-Tag", "?")])
    for name in ("X-Tag", "If-Tag"):
        for read in (headers.read, headers.readlist):
            with pytest.raises(MalformedHeader, match=f"^{name}: no question marks") as caught:
                read(Tag, name)
            assert (caught.value.name, caught.value.value) == (name, "?")


def test_writing() -> None:
    headers = Headers([("x-tag", "a"), ("B", "1"), ("X-TAG", "b")])
    value: HeaderField = Tag("c")
    headers.write(value)
    headers.write(Tag("d"), "If-Tag")
    assert headers.items() == [("X-Tag", "c"), ("B", "1"), ("If-Tag", "d")]
    assert headers.read(Tag) == value


def test_appending() -> None:
    headers = Headers({"X-Tag": "a"})
    headers.append(Tag("b"))
    headers.append(Tag("c"), "If-Tag")
    assert headers.items() == [("X-Tag", "a"), ("X-Tag", "b"), ("If-Tag", "c")]


@pytest.mark.parametrize("name", ["Set-Cookie", "set-cookie"])
def test_no_cookie_is_written_over_another(name: str) -> None:
    headers = Headers()
    with pytest.raises(ValueError, match="use append"):
        headers.write(Tag("a=1"), name)
    headers.append(Tag("a=1"), name)
    headers.append(Tag("b=2"), name)
    assert headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_joining_to_what_is_no_headers() -> None:
    joined = {"a": "b", "C": "d"} | Headers([("A", "e"), ("f", "g")])
    assert type(joined) is Headers
    assert joined.items() == [("A", "e"), ("C", "d"), ("f", "g")]


def test_no_other_character_is_a_letter_of_ascii() -> None:
    kelvin = "Coo\u212aie"
    assert kelvin.lower() == "cookie"
    headers = Headers([("Cookie", "a"), ("Cookie", "b")])
    assert headers.get(kelvin) is None
    assert headers.getlist(kelvin) == []
    assert kelvin not in headers
    with pytest.raises(KeyError):
        headers[kelvin]


# Time.


def test_time_is_linear() -> None:
    def call(size: int) -> Callable[[], object]:
        lines = [(f"n{number % (size // 2)}", "v") for number in range(size)]

        def run() -> None:
            headers = Headers.adopt(lines[:])
            for name in headers:
                headers.getlist(name)
            headers.update(lines)
            headers.extend(lines)

        return run

    assert_linear_in(2_500, call)


def test_a_long_value_is_checked_in_linear_time() -> None:
    def call(size: int, filler: str) -> Callable[[], object]:
        return partial(Headers, {"A": "v" + filler * size + "v"})

    for filler in ("v", "\xe9", " ", "\t"):
        assert_linear_in(100_000, partial(call, filler=filler))
