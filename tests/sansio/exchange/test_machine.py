"""The machine against its tables: every state with every step, and random walks against a naive model."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from toolkit.sansio.exchange.machine import ContentLengthError, Exchange, ExchangeError, content_forbidden
from toolkit.sansio.exchange.states import REQUEST_STEPS, RESPONSE_STEPS, RequestState, ResponseState, Step

if TYPE_CHECKING:
    from collections.abc import Callable

RECEIVE: dict[Step, Callable[[Exchange], None]] = {
    Step.HEAD: Exchange.receive_head,
    Step.DATA: Exchange.receive_data,
    Step.TRAILERS: Exchange.receive_trailers,
    Step.END: Exchange.receive_end,
}
SEND: dict[Step, Callable[[Exchange], object]] = {
    Step.INFORMATIONAL: lambda exchange: exchange.send_informational(103),
    Step.HEAD: lambda exchange: exchange.send_head(200),
    Step.UPGRADE: Exchange.send_upgrade,
    Step.DATA: lambda exchange: exchange.send_data(1),
    Step.TRAILERS: Exchange.send_trailers,
    Step.END: Exchange.send_end,
    Step.ABORT: Exchange.send_abort,
}


@pytest.mark.parametrize(("state", "step"), [*product(RequestState, RECEIVE)])
def test_every_step_of_every_request_state(state: RequestState, step: Step) -> None:
    exchange = Exchange()
    exchange.request = state
    if step in REQUEST_STEPS[state]:
        RECEIVE[step](exchange)
        assert exchange.request is REQUEST_STEPS[state][step]
    else:
        with pytest.raises(ExchangeError, match=f"request is at '{state.value}': '{step.value}' is not"):
            RECEIVE[step](exchange)
        assert exchange.request is state


@pytest.mark.parametrize(("state", "step"), [*product(ResponseState, SEND)])
def test_every_step_of_every_response_state(state: ResponseState, step: Step) -> None:
    exchange = Exchange()
    exchange.response = state
    if step in RESPONSE_STEPS[state]:
        SEND[step](exchange)
        assert exchange.response is RESPONSE_STEPS[state][step]
    else:
        with pytest.raises(ExchangeError, match=f"response is at '{state.value}': '{step.value}' is not"):
            SEND[step](exchange)
        assert exchange.response is state


class AnyWalk(RuleBasedStateMachine):
    """Any steps on both sides, in any order: the machine goes where the tables say, or raises and stays."""

    def __init__(self) -> None:
        super().__init__()
        self.exchange = Exchange()
        self.request = RequestState.HEAD
        self.response = ResponseState.IDLE
        self.sent: list[Step] = []

    @rule(step=st.sampled_from([*RECEIVE]))
    def receive(self, step: Step) -> None:
        if step in REQUEST_STEPS[self.request]:
            RECEIVE[step](self.exchange)
            self.request = REQUEST_STEPS[self.request][step]
        else:
            with pytest.raises(ExchangeError):
                RECEIVE[step](self.exchange)

    @rule(step=st.sampled_from([*SEND]))
    def send(self, step: Step) -> None:
        if step in RESPONSE_STEPS[self.response]:
            SEND[step](self.exchange)
            self.response = RESPONSE_STEPS[self.response][step]
            self.sent.append(step)
        else:
            with pytest.raises(ExchangeError):
                SEND[step](self.exchange)

    @rule()
    def leave(self) -> None:
        self.exchange.receive_abort()
        self.request = REQUEST_STEPS[self.request][Step.ABORT]
        self.response = RESPONSE_STEPS[self.response][Step.ABORT]

    @invariant()
    def it_is_where_the_tables_say(self) -> None:
        assert (self.exchange.request, self.exchange.response) == (self.request, self.response)

    @invariant()
    def what_was_sent_is_a_response(self) -> None:
        """1xx any number of times, then one head, content, trailers at most once, one end."""
        letters = {Step.INFORMATIONAL: "i", Step.HEAD: "h", Step.DATA: "d", Step.TRAILERS: "t", Step.END: "e"}
        sent = "".join(letters.get(step, "") for step in self.sent if step is not Step.UPGRADE)
        assert re.fullmatch("i*(hd*(te?|e)?)?", sent)
        assert (self.response is ResponseState.COMPLETE) is sent.endswith("e")


TestAnyWalk = AnyWalk.TestCase


@pytest.mark.parametrize(("request_state", "response_state"), [*product(RequestState, ResponseState)])
def test_a_peer_that_leaves_aborts_what_is_not_complete(
    request_state: RequestState, response_state: ResponseState
) -> None:
    exchange = Exchange()
    exchange.request, exchange.response = request_state, response_state
    exchange.receive_abort()
    assert exchange.request in {RequestState.COMPLETE, RequestState.ABORTED}
    kept = {ResponseState.COMPLETE, ResponseState.UPGRADED}
    assert exchange.response is (response_state if response_state in kept else ResponseState.ABORTED)


def test_content_that_is_refused_does_not_count() -> None:
    exchange = Exchange()
    exchange.send_head(200, 5)
    exchange.send_data(3)
    with pytest.raises(ContentLengthError, match="more content"):
        exchange.send_data(3)
    with pytest.raises(ContentLengthError, match="less content"):
        exchange.send_end()
    exchange.send_data(2)
    exchange.send_end()


@given(declared=st.none() | st.integers(0, 20), pieces=st.lists(st.integers(0, 10)))
def test_content_is_exactly_as_long_as_declared(declared: int | None, pieces: list[int]) -> None:
    exchange = Exchange()
    exchange.send_head(200, declared)
    sent = 0
    for piece in pieces:
        sent += piece
        if declared is not None and sent > declared:
            with pytest.raises(ContentLengthError, match="more content") as error:
                exchange.send_data(piece)
            assert (error.value.declared, error.value.actual) == (declared, sent)
            return
        assert exchange.send_data(piece)
    if declared is not None and sent < declared:
        with pytest.raises(ContentLengthError, match="less content"):
            exchange.send_end()
        assert exchange.response is not ResponseState.COMPLETE
    else:
        exchange.send_end()
        assert exchange.response is ResponseState.COMPLETE


@pytest.mark.parametrize(
    ("method", "status", "forbidden"),
    [
        ("HEAD", 200, True),
        ("HEAD", 404, True),
        ("GET", 200, False),
        ("GET", 204, True),
        ("GET", 205, False),
        ("GET", 304, True),
        ("CONNECT", 200, True),
        ("CONNECT", 404, False),
        ("POST", 101, True),
    ],
)
def test_content_that_may_not_be_sent_is_dropped(method: str, status: int, forbidden: bool) -> None:
    assert content_forbidden(method, status) is forbidden
    if status < 200:
        return
    exchange = Exchange(method)
    exchange.send_head(status, 5)
    assert exchange.send_data(3) is not forbidden
    if forbidden:
        with pytest.raises(ExchangeError, match="chunked"):
            exchange.send_trailers()
        exchange.send_end()


def test_trailers_need_chunked_content() -> None:
    exchange = Exchange()
    exchange.send_head(200, 0)
    with pytest.raises(ExchangeError, match="chunked"):
        exchange.send_trailers()


@pytest.mark.parametrize("status", [99, 101, 200, 1000])
def test_informational_statuses(status: int) -> None:
    with pytest.raises(ExchangeError, match="informational"):
        Exchange().send_informational(status)


def test_a_final_response_needs_a_final_status() -> None:
    with pytest.raises(ExchangeError, match="final"):
        Exchange().send_head(103)


def waits(exchange: Exchange) -> bool:
    return exchange.wants_continue


def waiting() -> Exchange:
    exchange = Exchange("POST", expects_continue=True)
    assert not waits(exchange)
    exchange.receive_head()
    assert waits(exchange)
    return exchange


def test_a_client_that_expects_100_waits_until_it_is_told() -> None:
    exchange = waiting()
    exchange.send_informational(103)
    assert waits(exchange)
    exchange.send_informational(100)
    assert not waits(exchange)


def refuse(exchange: Exchange) -> None:
    exchange.send_head(417)


@pytest.mark.parametrize(
    "step", [Exchange.receive_data, Exchange.receive_end, Exchange.receive_abort, refuse]
)
def test_a_client_that_expects_100_waits_no_longer(step: Callable[[Exchange], None]) -> None:
    exchange = waiting()
    step(exchange)
    assert not waits(exchange)


def test_a_client_that_does_not_expect_100_is_not_told() -> None:
    exchange = Exchange("POST")
    exchange.receive_head()
    assert not waits(exchange)


def test_repr_says_where_it_stands() -> None:
    assert repr(Exchange("PUT")) == "<Exchange PUT request=head response=idle>"
