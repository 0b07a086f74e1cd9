"""What no path and no number of rules can make slow: classes of growth, no bounds on time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.support.timing import assert_grows, assert_linear_in
from toolkit.sansio.errors.http import NotFound
from toolkit.sansio.routing.patterns import Binder
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule
from toolkit.sansio.routing.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable


LINEAR: list[tuple[str, Callable[[int], str]]] = [
    ("/<a>-<b>-<c>.html", lambda n: "/" + "-" * n),
    ("/<a>-<b>-<c>.html", lambda n: "/" + "-" * n + ".html"),
    ("/<slug:a>-<int:b>-<slug:c>.html", lambda n: "/" + "a-1-" * (n // 4) + "!.html"),
    ("/<slug:a>--<slug:b>--<int:c>", lambda n: "/" + "-" * n + "x"),
    ("/<path:a>/x/<path:b>/y", lambda n: "/x" * (n // 2)),
    ("/<path:a>/<int:n>/<path:b>/y", lambda n: "/1" * (n // 2)),
    ("/<a>", lambda n: "/" + "a" * n),
    ("/<a>", lambda n: "/%41" * (n // 4)),
]


@pytest.mark.parametrize(("path", "text"), LINEAR)
def test_matching_is_linear_in_the_path(path: str, text: Callable[[int], str]) -> None:
    router = Router([Rule(path, "x"), Rule("/a/b/c/d/e/f/g", "static")])
    assert_linear_in(4_000, lambda size: partial(router.resolve, text(size)))


def test_wildcard_siblings_do_not_multiply() -> None:
    kinds = [f"string(max={n})" for n in range(1, 201)]

    def router(depth: int) -> Router[str]:
        return Router(
            [Rule("".join(f"/<{kind}:a{n}>" for n in range(depth)) + "/end", kind) for kind in kinds]
        )

    shallow, deep = router(3), router(12)
    little, much = "/" + "a/" * 3 + "nope", "/" + "a/" * 12 + "nope"
    assert_grows(
        lambda: shallow.resolve(little), lambda: deep.resolve(much), 40
    )  # 4 levels for each one: 6, all ways: millions


@pytest.mark.parametrize("path", ["/a" * 4096, "/x" * 4095 + "/", "/%2F" * 2048])
def test_rules_for_the_rest_of_a_path_read_it_once(path: str) -> None:
    few, many = (
        Router([Rule(f"/<path:p>/e{number}", number) for number in range(count)]) for count in (10, 200)
    )
    assert isinstance(many.resolve(path), NotFound)
    assert many.match("/a" * 4096 + "/e7").endpoint == 7
    assert_grows(lambda: few.resolve(path), lambda: many.resolve(path), 6)


def test_rules_with_a_short_end_read_the_end() -> None:
    few, many = (
        Router([Rule(f"/<path:p>/<string(max={number}):end>", number) for number in range(1, count)])
        for count in (11, 201)
    )
    path = "/x" * 3996 + "y" * 200
    assert isinstance(many.resolve(path), NotFound)
    assert many.match(path[:-1]).endpoint == 200
    assert_grows(lambda: few.resolve(path), lambda: many.resolve(path), 6)


SIBLINGS: list[Callable[[int], Rule[int]]] = [
    lambda number: Rule(f"/v{number}-<x>", number),
    lambda number: Rule(f"/v{number}-<path:x>", number),
    lambda number: Rule("/", number, host=f"<tenant>.s{number}.org"),
]


@pytest.mark.parametrize("make", SIBLINGS)
def test_siblings_do_not_multiply(make: Callable[[int], Rule[int]]) -> None:
    binder = Binder({}, "strict")
    routes = [binder.bind(make(number)) for number in range(4000)]
    assert_grows(lambda: Tables(routes[::8]), lambda: Tables(routes), 8**1.5)
