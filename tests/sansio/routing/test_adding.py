"""Rules that are added after matching has begun, from any thread."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.sansio.routing.redirecting import location
from tests.support.timing import assert_grows
from toolkit.sansio.errors.http import MethodNotAllowed, NotFound, Redirect
from toolkit.sansio.routing import router, state
from toolkit.sansio.routing.groups import Group
from toolkit.sansio.routing.results import (
    Match,
)
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule
from toolkit.sansio.routing.state import lane_of
from toolkit.sansio.routing.writing import FORWARD

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from toolkit.sansio.routing.hosts import HostLanes
    from toolkit.sansio.routing.lane import Lane
    from toolkit.sansio.routing.tables import Tables


def test_adding_from_threads_loses_nothing_and_readers_see_whole_routers() -> None:
    router = Router[object]([Rule("/base/<x>", "base", methods=["GET"])])
    failures: list[object] = []

    def add(start: int) -> None:
        for number in range(start, start + 150):
            router.add(Rule(f"/r{number}/<int:id>", number))
            if router.match(f"/r{number}/5").endpoint != number:
                failures.append(number)

    def read() -> None:
        for _ in range(1500):
            if router.match("/base/y").params != {"x": "y"}:
                failures.append("base")  # noqa: PERF401  # matching again and again is what it is about

    threads = [Thread(target=add, args=(start,)) for start in (0, 1000, 2000)] + [
        Thread(target=read) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(router) == 451
    assert all(
        router.match(f"/r{n}/1").endpoint == n for start in (0, 1000, 2000) for n in range(start, start + 150)
    )


def test_what_is_published_while_a_rule_is_added_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look of `add` at the state and its new one, another thread adds, too, and makes a lane."""
    rules = Router[object]([Rule("/base", "base")])

    def meanwhile(base: Tables | None) -> state.State:
        monkeypatch.setattr(router, "State", state.State)
        rules.add(Rule("/other", "other"))
        assert rules.match("/other").endpoint == "other"
        return state.State(base)

    monkeypatch.setattr(router, "State", meanwhile)
    for name in ("late", "later"):
        rules.add(Rule(f"/{name}", name))
        assert rules.match(f"/{name}").endpoint == name


ADDED: list[Callable[[str], list[Rule[object]]]] = [
    lambda name: [Rule(f"/{name}/<x>", name)],
    lambda name: [Rule(f"/{name}/", name, defaults={"x": "x"}), Rule(f"/{name}/<x>", name)],
    lambda name: [Rule(f"/{name}/<x>", name), Rule(f"/{name}s/<x>", name, alias=True)],
    lambda name: [Rule(f"/{name}/<x>", name, redirect_to="/<x>")],
    lambda name: [Rule(f"/{name}/<x>", name, host="<tenant>.example.org")],
    lambda name: [Rule(f"/{name}/<x>" + "/y" * number, name) for number in range(20)],
]


@pytest.mark.parametrize("make", ADDED)
def test_adding_is_cheap_while_matching(make: Callable[[str], list[Rule[object]]]) -> None:
    rules = [Rule(f"/a{n}/<x>", n) for n in range(1000)]
    router = Router[object](rules)
    router.match("/a1/x")
    names = iter(range(1_000_000))

    def add_and_match() -> None:
        for _ in range(10):
            name = f"b{next(names)}"
            router.add(Group("", make(name)))
            result = router.resolve(f"/{name}/x", host="a.example.org")
            assert isinstance(result, Match | Redirect)

    # Less than half a compilation in all, not one for each of ten.
    assert_grows(lambda: Router(rules).match("/a1/x"), add_and_match, 2)


def test_what_is_added_later_is_canonical_too() -> None:
    router = Router[str]([Rule("/all/page/<int:page>", "all"), Rule("/other", "other", defaults={"x": 1})])
    assert router.match("/all/page/1").params == {"page": 1}
    router.add(Rule("/all/", "all", defaults={"page": 1}))
    assert location(router, "/all/page/1") == "/all/"
    router.add(Rule("/every/<int:page>", "all"))
    assert location(router, "/every/1") == "/all/"
    router.add(Rule("/everything", "all", defaults={"page": 1}, alias=True))
    assert location(router, "/everything") == "/all/"
    assert [router.match("/all/page/2").params for _ in range(9)] == [{"page": 2}] * 9
    assert location(router, "/all/page/1") == "/all/"


def test_functions_that_are_kept_know_later_rules() -> None:
    router = Router[str]()
    match, resolve = router.match, router.resolve
    for number in range(40):
        router.add(Rule(f"/r{number}/<x>", f"r{number}"))
        for _ in range(2):
            assert match(f"/r{number}/1").endpoint == f"r{number}"
            assert resolve(f"/r{number}/1") == match(f"/r{number}/1")
    assert match is router.match
    with pytest.raises(NotFound):
        match("/none")
    with pytest.raises(MethodNotAllowed):
        Router([Rule("/a", "a", methods=["GET"])]).match("/a", "PUT")


class Interrupted:
    """A lane whose code is looked at while another thread does something: on each copy the next of these."""

    def __init__(self, lane: Lane | HostLanes, during: list[Callable[[], object]]) -> None:
        self.lane = lane
        self.during = during
        self.source = lane.source
        self.settle = lane.settle

    @property
    def code(self) -> Interrupted:
        return self

    def replace(self) -> CodeType:
        if self.during:
            thread = Thread(target=self.during.pop(0))
            thread.start()
            thread.join()
        return self.lane.code.replace()


def test_a_slow_reader_does_not_hide_what_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[object] = []
    router = Router([Rule("/old", "old")])
    during: list[Callable[[], object]] = [
        lambda: router.add(Rule("/new", "new")),
        lambda: answers.append(router.resolve("/new")),
    ]

    def interrupted(tables: Tables) -> Interrupted:
        return Interrupted(lane_of(tables), during)

    monkeypatch.setattr(state, "lane_of", interrupted)
    assert router.match("/old").endpoint == "old"
    (answer,) = answers
    assert isinstance(answer, Match)
    assert router.match("/new").endpoint == "new"


class Assigned:
    """A function that somebody else hears of when it is given code."""

    def __init__(self, then: Callable[[], object]) -> None:
        self.codes: list[CodeType] = []
        self.then = then

    @property
    def __code__(self) -> CodeType:
        return self.codes[-1]

    @__code__.setter
    def __code__(self, code: CodeType) -> None:
        self.codes.append(code)
        if len(self.codes) == 1:
            self.then()


def test_a_lane_that_is_made_while_rules_are_added_is_used() -> None:
    router = Router([Rule("/old", "old")])
    assert router.match("/old").endpoint == "old"  # there is a lane that has to give way
    functions = Assigned(lambda: router.allowed("/old")), Assigned(lambda: None)
    router._functions = functions  # type: ignore[assignment]
    router.add(Rule("/new", "new"))
    for function in functions:
        assert function.codes[-1].co_consts != FORWARD.co_consts
