"""What a match is, where redirects lead, and how failures are written."""

from __future__ import annotations

import copy
import json
import operator
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from toolkit.sansio.routing.converters import Converter, Domain
from toolkit.sansio.routing.errors import BuildError
from toolkit.sansio.routing.results import RouteRedirect
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_redirect_never_leads_to_another_host() -> None:
    class Anything(Converter[str]):
        domain = Domain(slashes=True)

        def parse(self, text: str) -> str:
            return text

        def format(self, value: str) -> str:
            return value

    router = Router(
        [Rule("/<all:rest>/", "all"), Rule("/to/<all:rest>", "to", redirect_to="/<rest>")],
        converters={"all": Anything},
        merge_slashes=False,
    )
    for path, location in [
        ("//example.org", "/.//example.org/"),
        ("/to//example.org", "/.//example.org"),
        ("/to/a", "/a"),
    ]:
        result = router.resolve(path)
        assert isinstance(result, RouteRedirect)
        assert result.location == location
    with pytest.raises(BuildError, match="would be read as a host"):
        router.build("all", {"rest": "/example.org"})


def test_a_redirect_keeps_its_fragment_last_and_its_host() -> None:
    assert RouteRedirect("/a#top").within("/r", "q=1").location == "/r/a?q=1#top"
    assert RouteRedirect("//cdn.example.org/a").within("/r").location == "//cdn.example.org/a"


def test_a_redirect_may_name_variables_of_the_host() -> None:
    rule = Rule(
        "/o/<page>", "old", host="<tenant>.example.org", redirect_to="https://example.org/<tenant>/<page>"
    )
    result = Router([rule]).resolve("/o/5", host="acme.example.org")
    assert isinstance(result, RouteRedirect)
    assert result.location == "https://example.org/acme/5"


def test_a_canonical_form_that_would_be_read_otherwise_is_not_redirected_to() -> None:
    router = Router(
        [Rule("/list/<x>-<y>/", "list", defaults={"page": 1}), Rule("/list/<x>/<y>/<int:page>", "list")]
    )
    result = router.resolve("/list/a/b/1")
    assert isinstance(result, RouteRedirect)
    assert result.location == "/list/a-b/"
    assert router.match("/list/a/b-c/1").params == {"x": "a", "y": "b-c", "page": 1}


def test_failures_are_written_without_the_rules() -> None:
    router = Router([Rule("/a", "a"), Rule("/b/", "b")])
    assert repr(router.resolve("/c")) == "RouteNotFound('/c')"
    assert repr(router.resolve("/b")) == "RouteRedirect('/b/')"


CHANGES: list[Callable[[dict[str, object]], object]] = [
    lambda params: params.update(x=1),
    lambda params: params.setdefault("x", 1),
    lambda params: operator.setitem(params, "x", 1),
    lambda params: params.__ior__({"x": 1}),
]


@pytest.mark.parametrize(
    ("rules", "path", "host"),
    [
        ([Rule("/a", "a")], "/a", None),
        ([Rule("/a", "a")], "/%61", None),
        ([Rule("/a%2Fb", "a")], "/a%2Fb", None),
        ([Rule("/a", "a", host="example.org")], "/a", "example.org"),
    ],
)
def test_a_match_without_parameters_refuses_changes(
    rules: list[Rule[str]], path: str, host: str | None
) -> None:
    router = Router(rules)
    for _ in range(3):
        match: Any = router.match(path, host=host)
        assert (match.endpoint, match.params, match.rule) == ("a", {}, rules[0])
        for change in CHANGES:
            with pytest.raises(TypeError, match="for reading"):
                change(match.params)
        with pytest.raises(AttributeError, match="for reading"):
            match.endpoint = "b"
        with pytest.raises(AttributeError, match="for reading"):
            del match.params
        assert pickle.loads(pickle.dumps(match)) == match == copy.deepcopy(match)  # noqa: S301  # our own
        assert json.dumps(match.params) == "{}"
        for twin in (match.params.copy(), copy.copy(match.params), copy.deepcopy(match.params)):
            twin["added"] = 1
    assert router.match(path, host=host) == router.match(path, host=host)


def test_parameters_are_of_one_request() -> None:
    router = Router([Rule("/<x>", "x"), Rule("/", "root", defaults={"x": "/"})])
    for path in ("/a", "/"):
        first, second = router.match(path), router.match(path)
        assert first == second
        assert first.params is not second.params
