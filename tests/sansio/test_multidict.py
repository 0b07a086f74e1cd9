from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Hashable, Mapping, MutableMapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.support.timing import assert_linear_in
from toolkit.sansio.headers import Headers
from toolkit.sansio.multidict import ImmutableMultiDict, MultiDict, MultiMapping

Pairs = list[tuple[str, int]]

KEYS = st.sampled_from("abcd")
VALUES = st.integers(0, 9)
PAIRS = st.lists(st.tuples(KEYS, VALUES), max_size=8)


# The naive model: a list of pairs, and functions that scan it.


def model_lists(pairs: Pairs) -> dict[str, list[int]]:
    return {key: [value for other, value in pairs if other == key] for key, _ in pairs}


def model_setlist(pairs: Pairs, key: str, values: list[int]) -> Pairs:
    new = [(key, value) for value in values]
    places = [place for place, pair in enumerate(pairs) if pair[0] == key]
    if not places:
        return pairs + new
    return [*pairs[: places[0]], *new, *(pair for pair in pairs[places[0] :] if pair[0] != key)]


def model_update(pairs: Pairs, new: Pairs) -> Pairs:
    old_keys = {key for key, _ in pairs}
    for key, values in model_lists(new).items():
        if key in old_keys:
            pairs = model_setlist(pairs, key, values)
    return pairs + [pair for pair in new if pair[0] not in old_keys]


def agrees(actual: MultiMapping[str, int], pairs: Pairs) -> None:
    lists = model_lists(pairs)
    first = {key: values[0] for key, values in lists.items()}
    assert list(actual) == list(actual.keys()) == list(lists)
    assert len(actual) == len(lists)
    assert bool(actual) == bool(pairs)
    assert list(actual.items()) == list(first.items())
    assert list(actual.values()) == list(first.values())
    assert actual.items(multi=True) == pairs
    assert actual.values(multi=True) == [value for _, value in pairs]
    assert actual.lists() == list(lists.items())
    assert actual.to_dict() == first
    assert actual.to_dict(flat=False) == lists
    for key in "abcde":
        assert actual.getlist(key) == lists.get(key, [])
        assert actual.get(key) == first.get(key)
        assert (key in actual) == (key in lists)


class Changes(RuleBasedStateMachine):
    """Any sequence of changes, with and without look-ups between them, leaves what the model has."""

    def __init__(self) -> None:
        super().__init__()
        self.actual: MultiDict[str, int] = MultiDict()
        self.model: Pairs = []

    @initialize(pairs=PAIRS)
    def start(self, pairs: Pairs) -> None:
        self.actual = MultiDict(pairs)
        self.model = list(pairs)

    @rule(key=KEYS)
    def look_up(self, key: str) -> None:  # makes the index, which is kept up to date from here on
        assert self.actual.getlist(key) == model_lists(self.model).get(key, [])

    @rule(key=KEYS)
    def get(self, key: str) -> None:  # may or may not make it
        assert self.actual.get(key) == next(iter(model_lists(self.model).get(key, [])), None)

    @rule(key=KEYS, value=VALUES)
    def add(self, key: str, value: int) -> None:
        self.actual.add(key, value)
        self.model.append((key, value))

    @rule(key=KEYS, value=VALUES)
    def assign(self, key: str, value: int) -> None:
        self.actual[key] = value
        self.model = model_setlist(self.model, key, [value])

    @rule(key=KEYS, values=st.lists(VALUES, max_size=3))
    def setlist(self, key: str, values: list[int]) -> None:
        self.actual.setlist(key, iter(values))
        self.model = model_setlist(self.model, key, values)

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        if key in model_lists(self.model):
            del self.actual[key]
        else:
            with pytest.raises(KeyError) as caught:
                del self.actual[key]
            assert caught.value.args == (key,)
        self.model = model_setlist(self.model, key, [])

    @rule(key=KEYS)
    def pop(self, key: str) -> None:
        assert self.actual.pop(key, -1) == model_lists(self.model).get(key, [-1])[0]
        self.model = model_setlist(self.model, key, [])

    @rule(key=KEYS)
    def poplist(self, key: str) -> None:
        assert self.actual.poplist(key) == model_lists(self.model).get(key, [])
        self.model = model_setlist(self.model, key, [])

    @rule()
    def popitem(self) -> None:
        if self.model:
            assert self.actual.popitem() == self.model.pop()
        else:
            with pytest.raises(KeyError):
                self.actual.popitem()

    @rule(key=KEYS, value=VALUES)
    def setdefault(self, key: str, value: int) -> None:
        assert self.actual.setdefault(key, value) == model_lists(self.model).get(key, [value])[0]
        if key not in model_lists(self.model):
            self.model.append((key, value))

    @rule(pairs=PAIRS)
    def extend(self, pairs: Pairs) -> None:
        self.actual.extend(iter(pairs))
        self.model += pairs

    @rule(pairs=PAIRS)
    def update(self, pairs: Pairs) -> None:
        self.actual.update(pairs)
        self.model = model_update(self.model, pairs)

    @rule(pairs=PAIRS)
    def merge(self, pairs: Pairs) -> None:
        before = self.actual
        self.actual |= MultiDict(pairs)
        assert self.actual is before
        self.model = model_update(self.model, pairs)

    @rule(pairs=PAIRS)
    def union(self, pairs: Pairs) -> None:
        before = self.actual.items(multi=True)
        union = self.actual | ImmutableMultiDict(pairs)
        assert type(union) is MultiDict
        assert union.items(multi=True) == model_update(self.model, pairs)
        assert self.actual.items(multi=True) == before

    @rule()
    def clear(self) -> None:
        self.actual.clear()
        self.model = []

    @rule()
    def copy(self) -> None:
        old, self.actual = self.actual, self.actual.copy()
        assert old == self.actual
        old.add("a", 0)

    @invariant()
    def same_pairs(self) -> None:
        assert self.actual.items(multi=True) == self.model

    def teardown(self) -> None:
        agrees(self.actual, self.model)


TestChanges = Changes.TestCase


@given(PAIRS)
def test_every_way_in_gives_the_same(pairs: Pairs) -> None:
    for actual in (
        MultiDict(pairs),
        MultiDict(iter(pairs)),
        MultiDict(MultiDict(pairs)),
        MultiDict.adopt(list(pairs)),
        ImmutableMultiDict(pairs),
        ImmutableMultiDict.adopt(list(pairs)),
        MultiDict(ImmutableMultiDict(pairs)),
    ):
        agrees(actual, pairs)
    for key, values in model_lists(pairs).items():  # whatever is the first to look
        assert MultiDict(pairs)[key] == MultiDict(pairs).get(key) == values[0]
        assert MultiDict(pairs).get(key, type=str) == str(values[0])
        assert key in MultiDict(pairs)


@given(PAIRS)
def test_lists_are_the_inverse_of_from_lists(pairs: Pairs) -> None:
    actual = MultiDict(pairs)
    assert MultiDict.from_lists(actual.to_dict(flat=False)) == actual
    assert ImmutableMultiDict.from_lists(dict(actual.lists())) == actual


@given(PAIRS, PAIRS)
def test_equality_is_that_of_the_lists(ones: Pairs, others: Pairs) -> None:
    expected = model_lists(ones) == model_lists(others)
    for left in (MultiDict(ones), ImmutableMultiDict(ones)):
        for right in (MultiDict(others), ImmutableMultiDict(others)):
            assert (left == right) is (right == left) is expected
            assert (left != right) is not expected
    if expected:
        assert hash(ImmutableMultiDict(ones)) == hash(ImmutableMultiDict(others))


@given(PAIRS)
def test_equality_with_a_plain_mapping(pairs: Pairs) -> None:
    plain = dict(reversed(pairs))
    assert (MultiDict(pairs) == plain) is (plain == MultiDict(pairs)) is (len(plain) == len(pairs))


def test_equality_by_example() -> None:
    assert MultiDict([("a", 1), ("b", 2)]) == MultiDict([("b", 2), ("a", 1)])
    assert MultiDict([("a", 1), ("a", 2)]) != MultiDict([("a", 2), ("a", 1)])
    assert MultiDict([("a", 1), ("a", 1)]) != MultiDict([("a", 1)])
    assert MultiDict([("a", 1)]) != [("a", 1)]
    assert MultiDict({"a": [1]}) == {"a": [1]}


@given(PAIRS)
def test_copies_are_equal_and_independent(pairs: Pairs) -> None:
    for original in (MultiDict(pairs), ImmutableMultiDict(pairs)):
        _ = "a" in original  # with an index, which no copy may share
        for twin in (
            original.copy(),
            copy.copy(original),
            copy.deepcopy(original),
            pickle.loads(pickle.dumps(original)),  # noqa: S301  # our own bytes
            eval(repr(original)),  # noqa: S307  # the point: a repr can be pasted
        ):
            assert type(twin) is type(original)
            assert twin.items(multi=True) == pairs
            if isinstance(twin, MultiDict):
                twin.add("new", 1)
        agrees(original, pairs)


def test_a_deep_copy_copies_values() -> None:
    original = MultiDict({"a": [1]})
    assert original.copy()["a"] is original["a"]
    assert copy.deepcopy(original)["a"] is not original["a"]


def test_adopt_takes_the_list_itself() -> None:
    pairs = [("a", 1)]
    MultiDict.adopt(pairs).add("b", 2)
    assert pairs == [("a", 1), ("b", 2)]


def test_what_it_can_be_made_of() -> None:
    class Keyed:
        """The least that `dict` takes for a mapping."""

        def keys(self) -> list[str]:
            return ["a", "b"]

        def __getitem__(self, key: str) -> int:
            return ord(key)

    assert MultiDict({"a": 1}).items(multi=True) == [("a", 1)]
    assert MultiDict(Keyed()).items(multi=True) == [("a", 97), ("b", 98)]
    headers = Headers([("A", "1"), ("a", "2")])
    assert MultiDict(headers).items(multi=True) == [("A", "1"), ("a", "2")]
    with pytest.raises(ValueError, match="unpack"):
        MultiDict("abc")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the point


def test_a_missing_key_is_a_plain_key_error() -> None:
    for empty in (MultiDict[str, int](), ImmutableMultiDict[str, int]()):
        with pytest.raises(KeyError) as caught:
            empty["a"]
        assert type(caught.value) is KeyError
        assert caught.value.args == ("a",)
    with pytest.raises(KeyError):
        MultiDict[str, int]().pop("a")


def test_get_with_a_type() -> None:
    query: MultiDict[str, str] = MultiDict([("n", "1"), ("n", "x"), ("n", "3"), ("e", "")])
    assert query.get("n", type=int) == 1
    assert query.get("e", type=int) is None
    assert query.get("e", 7, type=int) == 7
    assert query.get("none", 7, type=int) == 7
    assert query.get("n", "default", type=lambda _: None) is None
    assert query.getlist("n", type=int) == [1, 3]
    assert query.getlist("none", type=int) == []

    def refuses(text: str) -> int:
        raise TypeError(text)

    assert query.get("n", 5, type=refuses) == 5
    assert query.getlist("n", type=refuses) == []

    def breaks(text: str) -> int:
        return {"a": 1}[text]

    with pytest.raises(KeyError):  # not taken for a missing key
        query.get("n", type=breaks)


def test_what_is_handed_out_is_new() -> None:
    query: MultiDict[str, int] = MultiDict([("a", 1), ("a", 2), ("b", 3)])
    query.getlist("a").append(9)
    query.getlist("b").append(9)
    query.items(multi=True).clear()
    query.values(multi=True).clear()
    query.to_dict(flat=False)["a"].clear()
    query.lists()[0][1].clear()
    agrees(query, [("a", 1), ("a", 2), ("b", 3)])


@pytest.mark.parametrize("change", ["add", "assign", "delete", "update", "clear"])
def test_views_are_live(change: str) -> None:
    query: MultiDict[str, int] = MultiDict([("a", 1), ("b", 2)])
    keys, values, items = query.keys(), query.values(), query.items()
    match change:
        case "add":
            query.add("c", 3)
        case "assign":
            query["a"] = 9
        case "delete":
            del query["a"]
        case "update":
            query.update({"z": 1, "a": 2})
        case _:
            query.clear()
    assert list(keys) == list(query)
    assert list(values) == list(query.values())
    assert list(items) == list(query.items())


def test_kinds() -> None:
    mutable, immutable = MultiDict({"a": 1}), ImmutableMultiDict({"a": 1})
    assert isinstance(mutable, MutableMapping)
    assert isinstance(immutable, Mapping)
    assert not issubclass(ImmutableMultiDict, MutableMapping)
    assert not issubclass(MultiDict, Hashable)
    assert {immutable: 1}[ImmutableMultiDict({"a": 1})] == 1
    with pytest.raises(TypeError):
        hash(ImmutableMultiDict({"a": []}))
    writers = set(dir(mutable)) - set(dir(immutable))
    assert {"add", "setlist", "poplist", "update", "extend", "pop", "clear", "__setitem__"} <= writers
    assert not hasattr(mutable, "__dict__")


def test_union_keeps_the_kind_of_the_left_and_reads_the_right() -> None:
    assert repr(ImmutableMultiDict({"a": 1}) | {"a": 2, "b": 3}) == "ImmutableMultiDict([('a', 2), ('b', 3)])"
    assert repr({"a": 2, "b": 3} | MultiDict({"a": 1})) == "MultiDict([('a', 1), ('b', 3)])"
    frozen = same = ImmutableMultiDict({"a": 1})
    same |= {"a": 2}
    assert frozen == {"a": 1}
    assert same == {"a": 2}


def test_nan_is_a_key_by_identity() -> None:
    nan = float("nan")
    strange: MultiDict[float, int] = MultiDict([(nan, 1), (nan, 2)])
    strange[nan] = 3
    assert strange.items(multi=True) == [(nan, 3)]
    assert strange[nan] == MultiDict([(nan, 3)])[nan] == 3


def test_a_key_without_a_hash_is_a_type_error_at_any_size() -> None:
    for size in (0, 1, 100):
        query = MultiDict((f"k{number}", number) for number in range(size))
        with pytest.raises(TypeError):
            query[[]]  # type: ignore[index]  # pyright: ignore[reportArgumentType]  # the point
        with pytest.raises(TypeError):
            query.get([])  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]


def test_time_is_linear() -> None:
    def call(size: int) -> Callable[[], object]:
        pairs = [(f"k{number % (size // 2)}", number) for number in range(size)]

        def run() -> None:
            query = MultiDict.adopt(pairs[:])
            for key in query:
                query.getlist(key)
            query.update(pairs)
            query.extend(pairs)
            while query:
                query.popitem()

        return run

    assert_linear_in(2_500, call)
