"""Where redirects lead: never in a circle, never to a host that a client chose."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.sansio.routing.redirecting import location
from tests.support.timing import assert_linear_in
from toolkit.sansio.routing.errors import BuildError, RuleError
from toolkit.sansio.routing.groups import Group
from toolkit.sansio.routing.results import Match, RouteRedirect
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import METHODS, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

CIRCLES: list[tuple[list[Rule[str]], list[str]]] = [
    ([Rule("/p/<name>", "p"), Rule("/p/<slug:name>", "p", alias=True)], ["/p/abc"]),
    (
        [Rule("/p/<b>-<a>", "p"), Rule("/p/<slug(max=9):a>-<slug(max=9):b>", "p", alias=True)],
        ["/p/x-y", "/p/x-x"],
    ),
    (
        [
            Rule("/kind/<kind>", "list", defaults={"page": 1}),
            Rule("/page/<int:page>", "list", defaults={"kind": "all"}),
        ],
        ["/kind/all", "/page/1"],
    ),
    (
        [
            Rule("/l/<name>", "list", defaults={"page": 1}),
            Rule("/l/<name>/<int:page>", "list"),
            Rule("/l/<slug:name>", "list", alias=True, defaults={"page": 1}),
        ],
        ["/l/x", "/l/x/1", "/l/x/2"],
    ),
    (
        [
            Rule("/a/<name>", "a", methods=["POST"]),
            Rule("/a/<slug:name>", "a", methods=["GET"], alias=True),
        ],
        ["/a/x"],
    ),
    ([Rule("/a", "a", alias=True), Rule("/a/", "a", build_only=True)], ["/a", "/a/"]),
    ([Rule("/a/", "a", alias=True), Rule("/a", "a", build_only=True)], ["/a", "/a/"]),
    ([Rule("/a/<x>", "a", alias=True), Rule("/a/<x>/", "a", build_only=True)], ["/a/x", "/a/x/"]),
    (
        [
            Rule("/b/c", "a", alias=True, defaults={"x": "b//c"}),
            Rule("/<path:x>", "a", build_only=True),
        ],
        ["/b/c"],
    ),
]


@pytest.mark.parametrize(("rules", "paths"), CIRCLES)
def test_no_client_is_sent_in_a_circle(rules: list[Rule[str]], paths: list[str]) -> None:
    router = Router(rules)
    for start in paths:
        path, steps = start, 0
        while isinstance(result := router.resolve(path), RouteRedirect):
            path, steps = result.location, steps + 1
            assert steps < 3, f"{start} leads to {path} again"
        assert isinstance(result, Match)


def test_an_alias_stands_for_a_rule_that_takes_the_request() -> None:
    router = Router(
        [
            Rule("/new/<x>", "socket", websocket=True),
            Rule("/old/<x>", "socket", methods=["GET"], alias=True),
            Rule("/save/<x>", "save", methods=["POST"]),
            Rule("/keep/<x>", "save", alias=True),
            Rule("/files/<x>", "file", build_only=True),
            Rule("/f/<x>", "file", alias=True),
            Rule("/users/<x>", "user"),
            Rule("/users/me", "me"),
            Rule("/u/<x>", "user", alias=True),
        ]
    )
    assert router.match("/old/1").params == {"x": "1"}
    assert router.match("/keep/1").params == {"x": "1"}
    assert location(router, "/keep/1", "POST") == "/save/1"
    assert location(router, "/f/1") == "/files/1"  # served by somebody else
    assert location(router, "/u/7") == "/users/7"
    assert router.match("/u/me").endpoint == "user"  # "/users/me" is not this user's


@pytest.mark.parametrize("root_path", ["//evil.org", "/\\evil.org", "evil.org", "javascript:x", "///e"])
def test_a_root_path_is_no_host(root_path: str) -> None:
    router = Router([Rule("/a/", "a")])
    redirect = router.resolve("/a")
    assert isinstance(redirect, RouteRedirect)
    for url in (router.build("a", root_path=root_path), redirect.within(root_path).location):
        assert url.startswith("/")
        assert not url.startswith(("//", "/\\"))
        assert url.endswith("/a/")


def test_a_root_path_before_a_host() -> None:
    router = Router([Rule("/a", "a")])
    assert router.build("a", root_path="/r", host="example.org", external=True) == "https://example.org/r/a"


@pytest.mark.parametrize(
    "target",
    [
        "https://<x>/",
        "https://<x>.example.org/",
        "https://user@<x>?q",
        "//<x>",
        "//example.org<x>",
        "<x>",
        "<x>/a",
        "a/<x>",
        "?x=<x>",
        "javascript:<x>",
        "mailto:<x>",
        "",
    ],
)
def test_a_path_does_not_choose_the_host(target: str) -> None:
    with pytest.raises(RuleError, match="redirect_to"):
        Router([Rule("/<x>", "x", redirect_to=target)])


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", "/"),
        ("/old/", "/old/?page=2"),
        ("/caf%C3%A9", "/café#menu"),
        ("/users/<int:id>/<a>-<b>", "/users/<id>/<a>-<b>"),
        ("/users/<a>/<b>", "/users/<b>/<a>"),
        ("/users/<a>/<b>", "/users/<a>/<a>"),
        ("/files/<path:p>", "/files/<p>"),
    ],
)
def test_a_rule_is_not_redirected_to_itself(path: str, target: str) -> None:
    with pytest.raises(RuleError, match="leads in a circle"):
        Router([Rule(path, "x", redirect_to=target)])


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/old", "/old/"),
        ("/old/", "/old?page=2"),
        ("/users/<int:id>", "/users/<id>/"),
        ("/files/<path:p>", "/files/<p>/"),
        ("/files/<path:p>/", "/files/<p>"),
    ],
)
def test_a_rule_is_not_redirected_to_its_path_with_the_other_slash(path: str, target: str) -> None:
    for slashes in ("redirect", "ignore"):
        with pytest.raises(RuleError, match="but for the slash"):
            Router([Rule(path, "x", redirect_to=target)], slashes=slashes)
    router = Router(
        [Rule(path, "x", redirect_to=target, slashes="strict"), Rule(target.partition("?")[0], "y")]
    )
    assert len(router) == 2


def redirects(*pairs: tuple[str, str], **options: object) -> list[Rule[str]]:
    return [Rule(path, path, redirect_to=target, **options) for path, target in pairs]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rules",
    [
        redirects(("/a", "/b"), ("/b", "/a")),
        redirects(("/a", "/b?x=1"), ("/b", "/c/"), ("/c/", "/a#top")),
        redirects(("/a/<int:x>", "/b/<x>"), ("/b/<int:y>", "/a/<y>")),
        redirects(("/a/<x>/<y>", "/b/<y>-<x>"), ("/b/<p>-<q>", "/a/<p>/<q>")),
        redirects(("/a/<x>", "/b/<x>"), ("/b/<y>", "/a/<y>"), host="<tenant>.example.org"),
        redirects(("/a", "/b"), ("/b", "/a"), websocket=True),
        [*redirects(("/a", "/b"), methods=["POST", "PUT"]), *redirects(("/b", "/a"))],
    ],
)
def test_redirects_do_not_lead_from_rule_to_rule_in_a_circle(rules: list[Rule[str]]) -> None:
    for made in (rules, rules[::-1]):
        router = Router(made[:-1])
        with pytest.raises(RuleError, match="leads in a circle"):
            router.add(made[-1])
        assert len(router) == len(rules) - 1
        with pytest.raises(RuleError, match="leads in a circle"):
            router.add(Group(rules=made[-1:]))


@pytest.mark.parametrize(
    "rules",
    [
        redirects(("/a", "/b"), ("/b", "/c"), ("/d", "/c")),
        redirects(("/a", "//b"), ("/b", "/a")),
        redirects(("/a", "https://example.org/a")),
        [*redirects(("/a", "/b"), host="a.example.org"), *redirects(("/b", "/a"), host="b.example.org")],
        [*redirects(("/a", "/b"), methods=["POST"]), *redirects(("/b", "/a"), methods=["PUT"])],
        [*redirects(("/a", "/b")), Rule("/b", "b", methods=METHODS), *redirects(("/b", "/a"))],
    ],
)
def test_redirects_that_come_to_an_end(rules: list[Rule[str]]) -> None:
    assert len(Router(rules)) == len(Router(rules[::-1])) == len(rules)


def chain(size: int) -> list[Rule[str]]:
    return redirects(*[(f"/page{number}", f"/page{number - 1}") for number in range(1, size)])


CHAINS: list[Callable[[int], list[Rule[str]]]] = [
    chain,
    lambda size: chain(size)[::-1],
    lambda size: [*chain(size)[::2], *chain(size)[1::2]],
    lambda size: [
        *chain(size),
        *redirects(*[(f"/a{number}", f"/b{number}") for number in range(size)]),
        *redirects(*[(f"/b{number}", f"/page{size - 1}") for number in range(size)]),
    ],
]


@pytest.mark.parametrize("make", CHAINS)
def test_many_redirects_are_looked_at_in_linear_time(make: Callable[[int], list[Rule[str]]]) -> None:
    assert_linear_in(50, lambda size: partial(Router, make(size)))


def test_a_circle_is_looked_for_as_far_as_a_client_would_go() -> None:
    def circle(size: int) -> list[Rule[str]]:
        return redirects(*[(f"/page{number}", f"/page{(number + 1) % size}") for number in range(size)])

    with pytest.raises(RuleError, match="leads in a circle"):
        Router(circle(20))
    assert len(Router(circle(21))) == 21


def test_a_circle_for_a_method_that_nobody_knows_is_left_alone() -> None:
    known = [Rule(path, path, methods=METHODS) for path in ("/a", "/b")]
    circle = [*redirects(("/b", "/a"), methods=["PURGE"]), *redirects(("/a", "/b"))]
    router = Router([*known, *circle])
    router.add(Rule("/c", "c", methods=["PURGE"], redirect_to="/a"))
    assert len(router) == 5


def test_an_alias_does_not_stand_for_a_redirect() -> None:
    router = Router(
        [
            Rule("/u/<int:id>", "user", alias=True),
            Rule("/users/<int:id>", "user", redirect_to="/u/<id>"),
        ]
    )
    assert location(router, "/users/7") == "/u/7"
    assert router.match("/u/7").params == {"id": 7}


@pytest.mark.parametrize(
    ("path", "target", "expected"),
    [
        ("/users/<int:a>/<b>", "/users/<b>/<a>", "/users/2/1"),
        ("/users/<a>/<b>", "/<b>/users/<a>", "/2/users/1"),
        ("/users/<int:a>/<b>", "/users/<int:a>/<b>", "/users/%3Cint:a%3E/2"),
        ("/users/<a>/<b>", "https://example.org/users/<a>/<b>", "https://example.org/users/1/2"),
    ],
)
def test_a_rule_is_redirected_to_what_is_much_like_itself(path: str, target: str, expected: str) -> None:
    assert location(Router([Rule(path, "x", redirect_to=target)]), "/users/1/2") == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/<x>", "/%2Fevil%0D%0AX:1"),
        ("/a b/<x>", "/a%20b/%2Fevil%0D%0AX:1"),
        ("//example.org/<x>", "//example.org/%2Fevil%0D%0AX:1"),
        ("https://example.org?<x>", "https://example.org?%2Fevil%0D%0AX:1"),
        ("/é\r\n", "/%C3%A9%0D%0A"),
        ("/{}".format, "/.//evil%0D%0AX:1"),
        ("?q={}".format, "?q=/evil%0D%0AX:1"),
        ("https://example.org/?q={}".format, "https://example.org/?q=/evil%0D%0AX:1"),
    ],
)
def test_what_a_client_wrote_stays_in_its_place(target: str | Callable[[str], str], expected: str) -> None:
    router = Router(
        [Rule("/old/<x>", "old", redirect_to=target if isinstance(target, str) else by_name(target))]
    )
    assert location(router, "/old/%2Fevil%0d%0aX:1") == expected


def by_name(target: Callable[[str], str]) -> Callable[..., str]:
    def call(x: str) -> str:
        return target(x)

    return call


def test_a_host_may_choose_the_host() -> None:
    rule = Rule("/<x>", "x", host="<tenant>.example.org", redirect_to="https://<tenant>.example.net:8443/<x>")
    redirect = Router([rule]).resolve("/1", host="acme.example.org")
    assert isinstance(redirect, RouteRedirect)
    assert redirect.location == "https://acme.example.net:8443/1"


@pytest.mark.parametrize("scheme", ["javascript:alert(1)//", "", "ht tp", "1x", "a\r\nb"])
def test_a_scheme_is_a_scheme(scheme: str) -> None:
    with pytest.raises(BuildError, match="scheme"):
        Router([Rule("/a", "a")]).build("a", scheme=scheme, host="example.org", external=True)


@pytest.mark.parametrize(
    ("target", "path", "expected"),
    [
        ("/new?id=<x>&safe=1", "/old/1%26admin=1", "/new?id=1%26admin%3D1&safe=1"),
        ("/new?id=<x>&safe=1", "/old/1&admin=1", "/new?id=1%26admin%3D1&safe=1"),
        ("/new?q=<x>", "/old/a+b%20%C3%A9%23", "/new?q=a%2Bb%20%C3%A9%23"),
        ("/new?<x>=1", "/old/a%3Fb", "/new?a%3Fb=1"),
        ("/new/<x>?q=a+b&<x>", "/old/a+b&c=", "/new/a+b&c=?q=a+b&a%2Bb%26c%3D"),
        ("https://example.org/?a=<x>", "/old/1&2", "https://example.org/?a=1%262"),
    ],
)
def test_a_variable_is_one_value_of_the_query(target: str, path: str, expected: str) -> None:
    router = Router([Rule("/old/<x>", "old", redirect_to=target)])
    assert location(router, path) == expected
