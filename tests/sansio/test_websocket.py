from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.websocket import (
    MAX_REASON,
    SESSION_STEPS,
    MessageTooBig,
    Session,
    SessionClosed,
    SessionError,
    SessionState,
    SessionStep,
    may_send_code,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS: dict[SessionStep, Callable[[Session], object]] = {
    SessionStep.ACCEPT: Session.accept,
    SessionStep.DENY: Session.deny,
    SessionStep.SEND: lambda session: session.send("hello"),
    SessionStep.RECEIVE: lambda session: session.receive("hello"),
    SessionStep.CLOSE: Session.close,
    SessionStep.LOSE: Session.lose,
}


def opened(*, max_message: int = 100) -> Session:
    session = Session(max_message=max_message)
    session.accept()
    return session


def test_every_state_has_its_row() -> None:
    assert set(SESSION_STEPS) == set(SessionState)
    assert set(CALLS) == set(SessionStep)


@pytest.mark.parametrize(("state", "step"), [*product(SessionState, SessionStep)])
def test_every_step_of_every_state(state: SessionState, step: SessionStep) -> None:
    session = Session()
    session.state = state
    if step in SESSION_STEPS[state]:
        CALLS[step](session)
        assert session.state is SESSION_STEPS[state][step]
    else:
        with pytest.raises(SessionError, match=f"the session is {state.value}: '{step.value}' is not one of"):
            CALLS[step](session)
        assert session.state is state


@given(steps=st.lists(st.sampled_from(SessionStep)))
def test_any_walk_ends_in_a_state_of_the_table(steps: list[SessionStep]) -> None:
    session, state, lost = Session(), SessionState.CONNECTING, False
    for step in steps:
        expected = SESSION_STEPS[state].get(step)
        if expected is None:
            with pytest.raises(SessionClosed if lost else SessionError):
                CALLS[step](session)
        else:
            CALLS[step](session)
            state = expected
            lost = lost or step is SessionStep.LOSE
        assert session.state is state


def test_a_subprotocol_must_have_been_offered() -> None:
    session = Session(["chat", "news"])
    with pytest.raises(SessionError, match="'mail' was not offered by the client: chat, news was"):
        session.accept("mail")
    assert session.state is SessionState.CONNECTING
    session.accept("news")
    assert session.subprotocol == "news"
    with pytest.raises(SessionError, match="none was"):
        Session().accept("chat")


@pytest.mark.parametrize("name", ["Sec-WebSocket-Protocol", "sec-websocket-extensions"])
def test_the_handshake_is_not_for_others_to_write(name: str) -> None:
    session = Session(["chat"])
    with pytest.raises(SessionError, match=f"{name} is the server's to send; a subprotocol is named as"):
        session.accept("chat", ["X-A", name])
    assert session.state is SessionState.CONNECTING
    session.accept("chat", ["X-A", "Set-Cookie"])


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (5, "a message is str or bytes, not 5"),
        (None, "a message is str or bytes, not None"),
        (bytearray(b"a"), "not bytearray"),
        ("abc\ud800", "half of a surrogate pair, at 3, cannot be sent"),
    ],
)
def test_what_is_no_message(message: object, error: str) -> None:
    session = opened()
    with pytest.raises(SessionError, match=error):
        session.send(cast("str", message))
    for whole in ("", "é\U0001f600", b"\xff"):
        session.send(whole)


def test_a_peer_that_closed_is_told_by_its_code() -> None:
    session = opened()
    seen = session.lose(1001, "going away")
    assert (seen.code, seen.reason, str(seen)) == (
        1001,
        "going away",
        "the peer closed the session: 1001 'going away'",
    )
    for step in (SessionStep.SEND, SessionStep.RECEIVE, SessionStep.CLOSE):
        with pytest.raises(SessionClosed) as error:
            CALLS[step](session)
        assert error.value is seen
    assert session.lose(1006) is seen
    assert str(SessionClosed()) == "the peer closed the session: 1005"


@pytest.mark.parametrize(
    ("message", "fits"),
    [
        ("x" * 10, True),
        ("x" * 11, False),
        ("é" * 5, True),
        ("é" * 6, False),
        ("\U0001f600" * 2, True),
        ("\U0001f600" * 3, False),
        (b"\x00" * 10, True),
        (b"\x00" * 11, False),
        ("\ud800" * 3, True),
    ],
)
def test_a_message_is_limited_in_bytes(message: str | bytes, fits: bool) -> None:
    session = opened(max_message=10)
    if fits:
        session.receive(message)
        return
    with pytest.raises(MessageTooBig, match="limited to 10 bytes") as error:
        session.receive(message)
    assert (error.value.status, error.value.code) == (413, 1009)


def test_close_codes() -> None:
    allowed = {*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)}
    assert {code for code in range(-1, 70_000) if may_send_code(code)} == allowed


def test_a_close_that_cannot_be_sent_changes_nothing() -> None:
    session = opened()
    with pytest.raises(SessionError, match="1006 may not be sent"):
        session.close(1006)
    with pytest.raises(SessionError, match="at most 123 bytes"):
        session.close(1000, "é" * 62)
    with pytest.raises(SessionError, match="surrogate pair, at 0, cannot be sent"):
        session.close(1000, "\udfff")
    assert session.state is SessionState.OPEN
    session.close(1000, "x" * MAX_REASON)
    assert repr(session) == "<Session closed>"
