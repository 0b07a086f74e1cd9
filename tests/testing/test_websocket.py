"""WebSockets to an ASGI application: what they carry, how they end, and which rules there are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.testing.apps import RUNNERS
from toolkit.sansio.websocket import SessionClosed, SessionError
from toolkit.testing.async_client import AsyncClient
from toolkit.testing.client import Client
from toolkit.testing.errors import ClientDisconnected, ConformanceError, ResponseLost
from toolkit.testing.messages import Response, WebSocketDenied

if TYPE_CHECKING:
    from tests.testing.apps import ASGIApp, Message, Receive, Send

ACCEPT: dict[str, Any] = {"type": "websocket.accept"}
SEND: dict[str, Any] = {"type": "websocket.send"}
CLOSE: dict[str, Any] = {"type": "websocket.close"}
START: dict[str, Any] = {"type": "websocket.http.response.start", "status": 401, "headers": []}
BODY: dict[str, Any] = {"type": "websocket.http.response.body"}


def sends(*messages: object) -> ASGIApp:
    async def app(_scope: Message, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.connect"
        for message in messages:
            await send(cast("Message", message))

    return app


async def echo(scope: Message, receive: Receive, send: Send) -> None:
    """Sends back what it gets, until it gets `bye` or the client closes."""
    await receive()
    await send(
        {
            **ACCEPT,
            "subprotocol": scope["subprotocols"][-1] if scope["subprotocols"] else None,
            "headers": [(b"x-scheme", scope["scheme"].encode()), (b"set-cookie", b"ws=1")],
        }
    )
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("text") == "bye":
            await send({**CLOSE, "code": 4000, "reason": "bye"})
            return
        await send({**message, "type": "websocket.send"})


def test_messages() -> None:
    client = Client(echo)
    with client.websocket("/", subprotocols=("a", "b"), headers={"X-A": "1"}) as session:
        assert session.subprotocol == "b"
        assert session.headers["X-Scheme"] == "ws"
        assert repr(session) == "<WebSocketSession subprotocol='b'>"
        session.send_text("é")
        assert session.receive_text() == "é"
        session.send_bytes(b"\xff")
        assert session.receive_bytes() == b"\xff"
        session.send_json({"a": [1]})
        assert session.receive_json() == {"a": [1]}
        session.send_bytes(b"[]")
        assert session.receive_json() == []
        session.send_text("text")
        with pytest.raises(TypeError, match="binary message was asked for"):
            session.receive_bytes()
        session.send_bytes(b"data")
        with pytest.raises(TypeError, match="text message was asked for"):
            session.receive_text()
        session.send_text("one")
        session.send_text("bye")
        assert list(session) == ["one"]
        with pytest.raises(SessionClosed) as caught:
            session.receive()
        assert (caught.value.code, caught.value.reason) == (4000, "bye")
        with pytest.raises(SessionClosed):
            session.send_text("late")
        session.close()
    assert [stored.cookie.name for stored in client.jar] == ["ws"]


def test_the_scheme_is_that_of_a_websocket() -> None:
    for url, scheme in {"https://h/": "wss", "ws://h/": "ws", "wss://h/": "wss"}.items():
        with Client(echo).websocket(url) as session:
            assert session.headers["X-Scheme"] == scheme


@pytest.mark.parametrize("runner", RUNNERS)
def test_the_asynchronous_session(runner: str) -> None:
    async def test() -> None:
        async with AsyncClient(echo).websocket("/") as session:
            assert session.subprotocol is None
            await session.send_text("a")
            assert await session.receive_text() == "a"
            await session.send_bytes(b"a")
            assert await session.receive_bytes() == b"a"
            await session.send_json(1)
            assert await session.receive_json() == 1
            await session.send_text("a")
            assert await session.receive() == "a"
            await session.send_text("bye")
            assert [message async for message in session] == []
            await session.close()

    RUNNERS[runner](test)


def test_the_handshake() -> None:
    scopes: list[Message] = []

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await echo(scope, receive, send)

    with Client(app).websocket("/a?b=1", subprotocols=("x", "y")):
        pass
    scope = scopes[0]
    assert scope["type"] == "websocket"
    assert (scope["path"], scope["query_string"], scope["subprotocols"]) == ("/a", b"b=1", ["x", "y"])
    headers = dict(scope["headers"])
    assert headers[b"upgrade"] == b"websocket"
    assert headers[b"sec-websocket-protocol"] == b"x, y"
    assert set(scope["extensions"]) == {"websocket.http.response"}


def test_the_client_closes() -> None:
    seen: list[Message] = []

    async def app(_scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        seen.extend([await receive(), await receive()])
        with pytest.raises(ClientDisconnected):
            await send({**SEND, "text": "late"})
        await send(CLOSE)

    client = Client(app)
    with client.websocket("/") as session:
        session.close(3000, "enough")
        with pytest.raises(SessionError):
            session.send_text("late")
    assert seen == [{"type": "websocket.disconnect", "code": 3000, "reason": "enough"}] * 2
    seen.clear()
    with client.websocket("/"):
        pass
    assert seen[0]["code"] == 1000


def test_the_application_ends_without_a_close() -> None:
    with Client(sends(ACCEPT, {**SEND, "text": "a"})).websocket("/") as session:
        assert list(session) == ["a"]
        with pytest.raises(SessionClosed, match="1000"):
            session.receive()


def test_after_its_own_close_an_application_is_told_so() -> None:
    seen: list[Message] = []

    async def app(_scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await send({**CLOSE, "code": 4001})
        seen.append(await receive())

    with Client(app).websocket("/") as session:
        assert list(session) == []
    assert seen == [{"type": "websocket.disconnect", "code": 4001, "reason": ""}]


# Denial.


def test_a_close_before_the_accept_is_a_denial() -> None:
    with (
        pytest.raises(WebSocketDenied, match=r"denied the WebSocket with Response\(403") as caught,
        Client(sends(CLOSE)).websocket("/"),
    ):
        pytest.fail("it was denied")
    assert caught.value.response == Response(403)


def test_a_denial_is_a_response() -> None:
    app = sends(START, {**BODY, "body": b"a", "more_body": True}, {**BODY, "body": b"b"})
    with pytest.raises(WebSocketDenied) as caught, Client(app).websocket("/private"):
        pytest.fail("it was denied")
    assert caught.value.response == Response(401, (), b"ab")
    assert str(caught.value.response.url) == "http://localhost/private"


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_denial_on_every_loop(runner: str) -> None:
    async def test() -> None:
        with pytest.raises(WebSocketDenied):
            async with AsyncClient(sends(CLOSE)).websocket("/"):
                pytest.fail("it was denied")

    RUNNERS[runner](test)


# Rules.


@pytest.mark.parametrize(
    ("messages", "rule"),
    [
        ([], "without an answer to the handshake"),
        ([{**SEND, "text": "a"}], "'send' is not one of"),
        ([ACCEPT, ACCEPT], "'accept' is not one of"),
        ([{**ACCEPT, "subprotocol": "x"}], "'x' was not offered"),
        ([{**ACCEPT, "headers": [("a", "b")]}], "header name is bytes"),
        ([ACCEPT, SEND], "either 'text', a str, or 'bytes'"),
        ([ACCEPT, {**SEND, "text": "a", "bytes": b"a"}], "either 'text', a str, or 'bytes'"),
        ([ACCEPT, {**SEND, "text": b"a"}], "either 'text', a str, or 'bytes'"),
        ([ACCEPT, {**CLOSE, "code": 1006}], "close code 1006 may not be sent"),
        ([ACCEPT, {**CLOSE, "code": "1000"}], "'code' is int"),
        ([ACCEPT, {**CLOSE, "reason": 1}], "'reason' is str"),
        ([ACCEPT, {**CLOSE, "reason": "x" * 124}], "at most 123 bytes"),
        ([ACCEPT, CLOSE, {**SEND, "text": "a"}], "the session is closed"),
        ([ACCEPT, CLOSE, CLOSE], "the session is closed"),
        ([ACCEPT, START], "'deny' is not one of"),
        ([BODY], "'data' is not one of"),
        ([START], "ended before the end of its response"),
        ([START, {**BODY, "body": "a"}], "'body' is bytes"),
        ([{"type": "http.response.start"}], "a type that is one of"),
    ],
)
def test_messages_that_break_a_rule(messages: list[object], rule: str) -> None:
    client = Client(sends(*messages), raise_app_exceptions=False)
    with pytest.raises(ConformanceError, match=rule), client.websocket("/") as session:
        list(session)


# Exceptions.


def fails_after(*messages: object) -> ASGIApp:
    async def app(scope: Message, receive: Receive, send: Send) -> None:
        await sends(*messages)(scope, receive, send)
        raise ValueError("no")

    return app


def test_exceptions_before_the_handshake() -> None:
    with pytest.raises(ValueError, match="no"), Client(fails_after()).websocket("/"):
        pass
    with (
        pytest.raises(ResponseLost) as caught,
        Client(fails_after(), raise_app_exceptions=False).websocket("/"),
    ):
        pass
    assert isinstance(caught.value.__cause__, ValueError)


def test_exceptions_in_the_session() -> None:
    app = fails_after(ACCEPT, {**SEND, "text": "a"})
    with Client(app).websocket("/") as session:
        assert session.receive() == "a"
        with pytest.raises(ValueError, match="no"):
            session.receive()
    with pytest.raises(ValueError, match="no"), Client(app).websocket("/"):
        pass
    with Client(app, raise_app_exceptions=False).websocket("/") as session:
        assert session.receive() == "a"
        with pytest.raises(SessionClosed, match="1011"):
            session.receive()


def test_the_news_of_the_close_is_no_failure() -> None:
    class WebSocketDisconnect(Exception):
        """As frameworks raise it."""

    async def app(_scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        if (await receive())["type"] == "websocket.disconnect":
            raise WebSocketDisconnect

    with Client(app).websocket("/"):
        pass


def test_an_application_that_sends_without_end_has_to_wait() -> None:
    sent: list[int] = []

    async def app(_scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        while True:
            await send({**SEND, "text": "x"})
            sent.append(1)

    with Client(app).websocket("/") as session:
        assert session.receive() == "x"
        assert len(sent) < 20


def test_an_application_that_does_not_end_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.testing.asgi_websocket.GRACE", 0.01)
    ended: list[str] = []

    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        await send(ACCEPT)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    with Client(app).websocket("/"):
        pass
    assert ended == ["cancelled"]
