from __future__ import annotations

from toolkit.sansio.exchange.states import REQUEST_STEPS, RESPONSE_STEPS, RequestState, ResponseState, Step


def test_every_state_has_its_row() -> None:
    assert set(REQUEST_STEPS) == set(RequestState)
    assert set(RESPONSE_STEPS) == set(ResponseState)


def test_every_state_but_the_first_can_be_reached() -> None:
    for first, table in ((RequestState.HEAD, REQUEST_STEPS), (ResponseState.IDLE, RESPONSE_STEPS)):
        reached = {first}
        for _ in table:
            reached |= {target for state in reached for target in table[state].values()}  # type: ignore[index]
        assert reached == set(table)


def test_nothing_follows_an_end_and_an_abort_is_always_possible() -> None:
    ends = {ResponseState.COMPLETE, ResponseState.UPGRADED, ResponseState.ABORTED}
    assert all(RESPONSE_STEPS[end] == {Step.ABORT: end} for end in ends)
    assert all(
        REQUEST_STEPS[end] == {Step.ABORT: end} for end in (RequestState.COMPLETE, RequestState.ABORTED)
    )
    assert all(Step.ABORT in row for table in (REQUEST_STEPS, RESPONSE_STEPS) for row in table.values())


def test_states_only_move_forward() -> None:
    order = list(ResponseState)
    for state, row in RESPONSE_STEPS.items():
        assert all(order.index(target) >= order.index(state) for target in row.values())
