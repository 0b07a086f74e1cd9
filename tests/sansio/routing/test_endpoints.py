from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING

import pytest
from typing_extensions import assert_type

from toolkit.sansio.routing.errors import BuildError
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import ParamSpec

    from toolkit.sansio.exchange.request import Request
    from toolkit.sansio.routing.endpoints import Endpoint

    P = ParamSpec("P")

ROUTER = Router[object](
    [
        Rule("/users/<int:id>", "user"),
        Rule("/users/<int:id>/<tab>", "user"),
        Rule("/list/", "list", defaults={"page": 1}),
        Rule("/list/<int:page>", "list"),
        Rule("/about", "about", defaults={"page": "about.html"}),
    ]
)


def stub(id: int, *, tab: str = "") -> None: ...  # noqa: A002  # the rule's word


def handler(request: Request, id: int, tab: str = "") -> None: ...  # noqa: A002  # the rule's word


class Users:
    def show(self, request: Request, id: int) -> None: ...  # noqa: A002  # the rule's word


def logged(function: Callable[P, None]) -> Callable[P, None]:
    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        function(*args, **kwargs)

    return call


def with_store(store: dict[str, str], request: Request, id: int) -> None: ...  # noqa: A002  # the rule's word


def paged(page: int) -> None: ...


def with_everything(request: Request, **params: object) -> None: ...


def test_a_stub_has_the_parameters() -> None:
    endpoint = ROUTER.endpoint("user", stub)
    assert_type(endpoint.build(7), str)
    assert endpoint.build(7) == endpoint.build(id=7) == "/users/7"
    assert endpoint.build(7, tab="mail") == "/users/7/mail"
    assert repr(endpoint) == "Endpoint('user', (id, tab))"
    with pytest.raises(TypeError, match="2 parameters, not 3"):
        endpoint.build(7, "mail", "x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_a_handler_is_given_the_request_and_a_url_is_not() -> None:
    endpoint = ROUTER.endpoint("user", handler)
    assert endpoint.build(7) == endpoint.build(id=7) == "/users/7"
    assert endpoint.build(7, "mail") == "/users/7/mail"
    with pytest.raises(BuildError, match="an int is needed"):
        endpoint.build("7")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_handlers_of_all_kinds() -> None:
    method = ROUTER.endpoint("user", Users().show)
    decorated = ROUTER.endpoint("user", logged(handler))
    bound: Endpoint[...] = ROUTER.endpoint("user", partial(with_store, {}))
    loose: Endpoint[...] = ROUTER.endpoint("user", with_everything)
    fixed: Endpoint[...] = ROUTER.endpoint("list", partial(paged, page=1))
    assert method.build(7) == decorated.build(7) == bound.build(7) == loose.build(id=7) == "/users/7"
    assert fixed.build() == "/list/"


def test_a_default_of_a_rule_is_a_parameter() -> None:
    def page(request: Request, page: str) -> None: ...

    assert ROUTER.endpoint("about", page).build("about.html") == "/about"


def test_what_is_no_variable_is_refused() -> None:
    def lacking(request: Request) -> None: ...

    def other(request: Request, id: int, nmae: str = "") -> None: ...  # noqa: A002  # the rule's word

    def several(*id: int) -> None: ...  # noqa: A002  # the rule's word

    def more(id: int, *tab: str, name: str) -> None: ...  # noqa: A002  # the rule's word

    for shape in (lacking, other, several, more):
        with pytest.raises(TypeError, match=r"the rule has \(id\) or \(id, tab\), the function"):
            ROUTER.endpoint("user", shape)
    with pytest.raises(BuildError, match="'user'"):
        ROUTER.endpoint("usr", stub)
