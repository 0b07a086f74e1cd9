"""WebSockets on ASGI: the session from handshake to close, and everything out of turn."""
# ruff: noqa: ANN401, ARG001  # signatures are given by what is played

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import trio

from tests.support.asgi import LOOPS, for_ever, pause, run
from tests.test_asgi import AsyncBody
from tests.test_wsgi import Body
from toolkit.asgi import Request, WebSocket, application
from toolkit.sansio.errors.base import InvalidHeader, RemoteError
from toolkit.sansio.errors.http import Forbidden, HTTPError, NotFound
from toolkit.sansio.exchange.content import MalformedContent
from toolkit.sansio.exchange.policy import Policy
from toolkit.sansio.exchange.response import Response
from toolkit.sansio.websocket import MessageTooBig, SessionClosed, SessionError, SessionState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from toolkit.asgi_scope import Message

CONNECT = {"type": "websocket.connect"}
DENIALS = ("websocket.http.response",)


def text(value: str) -> Message:
    return {"type": "websocket.receive", "text": value}


def data(value: bytes) -> Message:
    return {"type": "websocket.receive", "bytes": value, "text": None}


def gone(code: int = 1001, reason: str = "") -> Message:
    return {"type": "websocket.disconnect", "code": code, "reason": reason}


@pytest.fixture(params=LOOPS)
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def unused(request: Request) -> Response:
    raise AssertionError


def serve(
    loop: str,
    handler: Any,
    *coming: Message,
    extensions: tuple[str, ...] = (),
    leave_after: int | None = None,
    raises: type[Exception] | None = None,
    **options: Any,
) -> list[Message]:
    """One session: what was sent."""
    left = [CONNECT, *coming]
    sent: list[Message] = []
    scope: dict[str, Any] = {
        "type": "websocket",
        "path": "/chat",
        "query_string": b"room=1",
        "headers": [(b"host", b"example.org")],
        "subprotocols": ["chat.v2", "chat.v1"],
        "extensions": {name: {} for name in extensions},
    }

    async def receive() -> Message:
        await pause()
        if not left:
            await for_ever()
        return left.pop(0)

    async def send(message: Message) -> None:
        await pause()
        if leave_after is not None and len(sent) >= leave_after:
            raise OSError("lost")
        sent.append(message)

    async def call() -> None:
        app = application(unused, websocket=handler, **options)
        if raises is None:
            await app(scope, receive, send)
        else:
            with pytest.raises(raises):
                await app(scope, receive, send)

    run(loop, call)
    return sent


def test_an_echo(loop: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        assert websocket.request.args["room"] == "1"
        assert (websocket.request.method, websocket.request.scheme) == ("GET", "ws")
        await websocket.accept("chat.v1", {"X-A": "1"})
        async for message in websocket:
            await websocket.send(message)
        with pytest.raises(SessionClosed):
            await websocket.send("too late")

    sent = serve(loop, handler, text("hello"), data(b"\0"), gone())
    assert sent == [
        {"type": "websocket.accept", "subprotocol": "chat.v1", "headers": [(b"x-a", b"1")]},
        {"type": "websocket.send", "text": "hello"},
        {"type": "websocket.send", "bytes": b"\0"},
    ]


def test_json(loop: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json([await websocket.receive_json(), await websocket.receive_json()])
        with pytest.raises(MalformedContent):
            await websocket.receive_json()
        await websocket.close(4000, "bye")

    sent = serve(loop, handler, text('{"a": 1}'), data(b"2"), text("{"))
    assert sent[1:] == [
        {"type": "websocket.send", "text": '[{"a":1},2]'},
        {"type": "websocket.close", "code": 4000, "reason": "bye"},
    ]


def test_a_handler_that_returns_closes(loop: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        assert websocket.subprotocols == ("chat.v2", "chat.v1")
        await websocket.accept()

    assert serve(loop, handler)[1] == {"type": "websocket.close", "code": 1000, "reason": ""}


@pytest.mark.parametrize("handler", [None, unused])
def test_nobody_to_accept(loop: str, handler: Any) -> None:
    async def nothing(_: WebSocket) -> None:
        return

    sent = serve(loop, handler and nothing)
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_a_denial(loop: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.deny(Response("no", 403))

    assert serve(loop, handler) == [{"type": "websocket.close"}]
    assert serve(loop, handler, extensions=("websocket.http.response",)) == [
        {
            "type": "websocket.http.response.start",
            "status": 403,
            "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"2")],
        },
        {"type": "websocket.http.response.body", "body": b"no"},
    ]


def test_what_cannot_be_a_denial_is_told_before_anything_is_sent(loop: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        with pytest.raises(InvalidHeader):
            await websocket.deny(Response(b"a", 403, {"Content-Length": "x"}))
        await websocket.deny(Response(b"a", 403))
        body = AsyncBody("a")
        with pytest.raises(SessionError, match="'deny' is not one of"):
            await websocket.deny(Response(body, 403))
        assert body.closed == 1

    sent = serve(loop, handler, extensions=DENIALS)
    assert [message["type"][24:] for message in sent] == ["start", "body"]


def test_a_body_that_no_server_wants_is_closed(loop: str) -> None:
    body = AsyncBody("a")

    async def handler(websocket: WebSocket) -> None:
        await websocket.deny(Response(body, 403))

    assert serve(loop, handler) == [{"type": "websocket.close"}]
    assert body.closed == 1


@pytest.mark.parametrize("make", [AsyncBody, Body])
def test_a_denial_is_streamed(loop: str, make: Any) -> None:
    body = make("no", "t here")

    async def handler(websocket: WebSocket) -> None:
        await websocket.deny(Response(body, 404, {"X-A": "1"}))

    kind = "websocket.http.response"
    assert serve(loop, handler, extensions=DENIALS) == [
        {"type": f"{kind}.start", "status": 404, "headers": [(b"x-a", b"1")]},
        {"type": f"{kind}.body", "body": b"no", "more_body": True},
        {"type": f"{kind}.body", "body": b"t here", "more_body": True},
        {"type": f"{kind}.body", "body": b"", "more_body": False},
    ]
    assert body.closed == 1


@pytest.mark.parametrize("leave_after", [1, None])
def test_a_client_that_does_not_wait_for_its_denial(loop: str, leave_after: int | None) -> None:
    """The server refuses to send, or tells that it left."""
    body = AsyncBody("no", wait=True)

    async def handler(websocket: WebSocket) -> None:
        with pytest.raises(SessionClosed):
            await websocket.deny(Response(body, 404))

    coming = [] if leave_after else [gone()]
    serve(loop, handler, *coming, extensions=DENIALS, leave_after=leave_after)
    assert body.closed == 1


def test_a_denial_that_fails_is_another_denial(loop: str) -> None:
    body = AsyncBody(error=NotFound())

    async def handler(websocket: WebSocket) -> None:
        await websocket.deny(Response(body, 403))

    sent = serve(loop, handler, extensions=DENIALS)
    assert [message.get("status") for message in sent] == [404, None]
    assert body.closed == 1


@pytest.mark.parametrize("error", [ZeroDivisionError, NotFound])
def test_a_denial_that_fails_midway_is_the_server_s_to_break_off(loop: str, error: type[Exception]) -> None:
    body = AsyncBody("no", error=error())

    async def handler(websocket: WebSocket) -> None:
        await websocket.deny(Response(body, 403))

    sent = serve(loop, handler, extensions=DENIALS, raises=error)
    assert [message.get("body") for message in sent] == [None, b"no"]
    assert body.closed == 1


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "1"}])
def test_an_error_that_is_rendered_as_a_stream(loop: str, headers: dict[str, str]) -> None:
    bodies: list[AsyncBody] = []

    async def handler(websocket: WebSocket) -> None:
        raise Forbidden

    def render(error: HTTPError | RemoteError, request: object) -> Response:
        bodies.append(AsyncBody("a"))
        return Response(bodies[-1], error.status, headers)

    assert serve(loop, handler, errors=render) == [{"type": "websocket.close"}]
    start, *chunks = serve(loop, handler, errors=render, extensions=DENIALS)
    assert (start["status"], len(start["headers"])) == (403, len(headers))
    assert [message["body"] for message in chunks] == [b"a", b""]
    assert [body.closed for body in bodies] == [1, 1]


def test_an_error_that_is_rendered_as_a_list(loop: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        raise Forbidden

    def render(error: HTTPError | RemoteError, request: object) -> Response:
        return Response(["a"], error.status)

    sent = serve(loop, handler, errors=render, extensions=DENIALS)
    assert [message.get("body") for message in sent] == [None, b"a", b""]


def test_messages_that_cannot_be_sent(loop: str) -> None:
    values: list[Any] = [5, bytearray(b"a"), "\ud800"]

    async def handler(websocket: WebSocket) -> None:
        with pytest.raises(SessionError, match="Sec-WebSocket-Protocol is the server's"):
            await websocket.accept("chat.v1", {"Sec-WebSocket-Protocol": "chat.v3"})
        await websocket.accept("chat.v1", {"X-A": "1"})
        for value in values:
            with pytest.raises(SessionError):
                await websocket.send(value)
        with pytest.raises(SessionError):
            await websocket.close(1000, "\ud800")

    accepted, closed = serve(loop, handler)
    assert accepted["headers"] == [(b"x-a", b"1")]
    assert closed["code"] == 1000


def test_errors_before_the_session(loop: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        raise NotFound

    sent = serve(loop, handler, extensions=("websocket.http.response",))
    assert sent[0]["status"] == 404

    async def faulty(websocket: WebSocket) -> None:
        raise KeyError

    sent = serve(loop, faulty, extensions=("websocket.http.response",), raises=KeyError)
    assert sent[0]["status"] == 500

    async def unanswerable(websocket: WebSocket) -> None:
        raise NotFound(headers=[("X-Id", "a\nb")])

    sent = serve(loop, unanswerable, extensions=("websocket.http.response",), raises=InvalidHeader)
    assert sent[0]["status"] == 500


@pytest.mark.parametrize(("error", "code"), [(Forbidden(), 1008), (KeyError("x"), 1011)])
def test_errors_in_the_session(loop: str, error: Exception, code: int) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        raise error

    sent = serve(loop, handler, raises=KeyError if code == 1011 else None)
    assert sent[1]["code"] == code


def test_errors_after_the_session(loop: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()
        raise KeyError

    assert len(serve(loop, handler, raises=KeyError)) == 2


def test_a_message_that_is_too_big(loop: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        assert await websocket.receive() == "abc"
        with pytest.raises(MessageTooBig):
            await websocket.receive()

    messages = text("abc"), text("éé")
    assert serve(loop, handler, *messages, policy=Policy(max_message=3))[1]["code"] == 1009


def test_a_message_is_limited_for_a_session_too() -> None:
    async def unplugged(*_: object) -> Any:
        raise AssertionError

    scope = {"type": "websocket"}
    assert WebSocket(scope, unplugged, unplugged).session.max_message == 1024 * 1024
    assert WebSocket(scope, unplugged, unplugged, Policy(max_message=3)).session.max_message == 3
    session = WebSocket(scope, unplugged, unplugged, Policy(max_message=3), max_message=4).session
    assert session.max_message == 4


def test_calls_out_of_turn(loop: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        with pytest.raises(SessionError):
            await websocket.receive()
        with pytest.raises(SessionError):
            await websocket.send("a")
        with pytest.raises(SessionError, match="was not offered"):
            await websocket.accept("chat.v3")
        await websocket.accept()
        with pytest.raises(SessionError):
            await websocket.accept()
        with pytest.raises(SessionError):
            await websocket.deny()
        with pytest.raises(SessionError):
            await websocket.close(1006)
        await websocket.close()
        with pytest.raises(SessionError):
            await websocket.receive()

    assert [message["type"] for message in serve(loop, handler)] == ["websocket.accept", "websocket.close"]


@pytest.mark.parametrize("code", [1006, 1011])
def test_a_session_that_breaks(loop: str, code: int) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        with pytest.raises(SessionClosed) as caught:
            await anext(websocket)
        assert (caught.value.code, caught.value.reason) == (code, "broken")
        raise caught.value

    assert len(serve(loop, handler, gone(code, "broken"))) == 1


def test_a_peer_that_is_lost(loop: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        with pytest.raises(SessionClosed) as caught:
            await websocket.send("a")
        assert isinstance(caught.value.__cause__, OSError)
        await websocket.send("b")

    assert len(serve(loop, handler, leave_after=1)) == 1


def test_a_peer_that_is_lost_in_the_handshake(loop: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        CONNECT["type"] = "websocket.disconnect"
        try:
            await websocket.accept()
        finally:
            CONNECT["type"] = "websocket.connect"

    assert serve(loop, handler) == []


@pytest.mark.parametrize("answer", ["accept", "deny", "close"])
def test_a_handshake_whose_answer_was_cancelled_can_still_be_answered(loop: str, answer: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        call = getattr(websocket, answer)
        await begin_and_cancel(call)
        assert websocket.session.state is SessionState.CONNECTING
        await call()

    sent = serve(loop, handler)
    assert sent[0]["type"] == ("websocket.accept" if answer == "accept" else "websocket.close")


async def begin_and_cancel(function: Callable[[], Awaitable[None]]) -> None:
    """Call it, and cancel it where it first waits."""
    if trio.lowlevel.in_trio_run():
        with trio.CancelScope() as scope:
            scope.cancel()
            await function()
        return
    task = asyncio.ensure_future(function())
    await pause()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
