"""What an ASGI application may do, what it may not, and what happens when its client goes away."""

from __future__ import annotations

import asyncio
import gc
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest
import trio

from tests.testing.apps import RAW_TEXT, RUNNERS, asgi_chunks, asgi_echo
from toolkit.testing.async_client import AsyncClient
from toolkit.testing.body import Body, Disconnect
from toolkit.testing.client import Client
from toolkit.testing.concurrency import trio_if_running
from toolkit.testing.errors import ClientDisconnected, ConformanceError, LifespanFailed, ResponseLost
from toolkit.testing.messages import Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from tests.testing.apps import ASGIApp, Message, Receive, Send

START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": RAW_TEXT}
END: dict[str, Any] = {"type": "http.response.body"}


def sends(*messages: object) -> ASGIApp:
    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(cast("Message", message))

    return app


BROKEN: list[tuple[list[object], str]] = [
    (["text"], "a message is a dict"),
    ([{"type": 1}], "a type that is one of"),
    ([{"type": "websocket.send"}], "a type that is one of"),
    ([END], "'data' is not one of"),
    ([START, START], "'head' is not one of"),
    ([START, END, END], "the response is at 'complete'"),
    ([START, {**END, "more_body": True}], "ended before the end of its response"),
    ([START], "ended before the end of its response"),
    ([], "ended without a response"),
    ([{**START, "status": "200"}, END], "'status' is int, not '200'"),
    ([{**START, "status": True}, END], "'status' is int, not True"),
    ([{**START, "status": 101}, END], "101 is not a final status"),
    ([{**START, "headers": {b"a": b"1"}}, END], "iterable of pairs"),
    ([{**START, "headers": [(b"a",)]}, END], "pair of name and value"),
    ([{**START, "headers": [("a", b"1")]}, END], "name is bytes, not 'a'"),
    ([{**START, "headers": [(b"a", "1")]}, END], "value is bytes, not '1' of b'a'"),
    ([{**START, "headers": [(b"A", b"1")]}, END], "in lower case, not 'A'"),
    ([{**START, "headers": [(b":status", b"1")]}, END], "pseudo headers"),
    ([{**START, "headers": [(b"a b", b"1")]}, END], "a name is letters"),
    ([{**START, "headers": [(b"a", b"1\r\nb: 2")]}, END], "a value has no control"),
    ([{**START, "headers": [(b"content-length", b"x")]}, END], "one decimal number"),
    ([{**START, "headers": [(b"content-length", b"1")]}, END], "less content"),
    ([{**START, "headers": [(b"content-length", b"1")]}, {**END, "body": b"ab"}], "more content"),
    ([{**START, "status": 204}, {**END, "body": b"ab"}], "204 to 'GET' has no content"),
    ([{**START, "status": 205}, {**END, "body": b"ab"}], "205 to 'GET' has no content"),
    ([{**START, "status": 304}, {**END, "body": b"ab"}], "304 to 'GET' has no content"),
    (
        [{**START, "status": 204, "headers": [(b"content-length", b"0")]}, END],
        "204 to 'GET' has no Content-Length",
    ),
    (
        [{**START, "headers": [(b"content-length", b"0"), (b"transfer-encoding", b"chunked")]}, END],
        "a Content-Length or a Transfer-Encoding, not both",
    ),
    ([START, {**END, "body": "text"}], "'body' is bytes, not 'text'"),
    ([START, {**END, "body": memoryview(b"text")}], "'body' is bytes"),
    ([START, {**END, "more_body": 1}], "'more_body' is bool, not 1"),
    ([{**START, "trailers": 1}], "'trailers' is bool"),
    ([START, {"type": "http.response.trailers"}], "were not announced"),
    ([{**START, "trailers": True}, END], "ended before the end of its response"),
    ([{"type": "http.response.early_hint", "links": b"a"}], "links are a list"),
    ([{"type": "http.response.early_hint", "links": ["a"]}], "header value is bytes"),
    ([START, {"type": "http.response.early_hint", "links": []}], "'informational' is not one of"),
    ([START, {"type": "http.response.pathsend", "path": "/x"}], "does not offer"),
]


@pytest.mark.parametrize(("messages", "rule"), BROKEN)
def test_messages_that_break_a_rule(messages: list[object], rule: str) -> None:
    client = Client(sends(*messages), raise_app_exceptions=False)
    with pytest.raises(ConformanceError, match=rule) as caught:
        client.get("/")
    assert caught.value.rule.startswith(("ASGI", "RFC 9110 section ", "RFC 9112 section "))


@pytest.mark.parametrize("headers", [[(b"content-length", b"2")], []])
def test_a_tunnel_has_neither_length_nor_content(headers: list[object]) -> None:
    app = sends({**START, "headers": headers}, {**END, "body": b"ab"})
    with pytest.raises(ConformanceError, match="200 to 'CONNECT' has no "):
        Client(app).request("CONNECT", "/")


def test_what_answers_head_is_dropped() -> None:
    for status, length in ((200, b"2"), (304, b"2")):
        app = sends(
            {**START, "status": status, "headers": [(b"content-length", length)]}, {**END, "body": b"ab"}
        )
        assert Client(app).head("/").content == b""


def test_a_rule_is_broken_even_if_the_application_catches_the_error() -> None:
    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        try:
            await send({"type": "nonsense"})
        except AssertionError:
            await send(START)
            await send(END)

    with pytest.raises(ConformanceError, match="nonsense"):
        Client(app).get("/")


def test_nothing_is_sent_after_the_end_of_the_application() -> None:
    kept: list[Send] = []

    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        kept.append(send)
        await send(START)
        await send(END)

    Client(app).get("/")
    with pytest.raises(ConformanceError, match="had returned"):
        asyncio.run(_call(kept[0], START))


async def pause() -> None:
    """Let other tasks run, on either loop."""
    if trio_if_running():
        await trio.lowlevel.checkpoint()
    else:
        await asyncio.sleep(0)


async def _call(send: Send, message: Message) -> None:
    await send(message)


def test_content_after_head_is_dropped() -> None:
    app = sends({**START, "headers": [(b"content-length", b"4")]}, {**END, "body": b"text"})
    assert Client(app).head("/") == Response(200, {"Content-Length": "4"})


def test_trailers_and_early_hints() -> None:
    trailers = {"type": "http.response.trailers", "headers": [(b"a", b"1")]}
    app = sends(
        {"type": "http.response.early_hint", "links": [b"</a>", b"</b>"]},
        {**START, "trailers": True},
        {**END, "body": b"text"},
        {**trailers, "more_trailers": True},
        {**trailers, "headers": [(b"b", b"2")]},
    )
    client = Client(app)
    response = client.get("/")
    assert response == Response(200, {"content-type": "text/plain"}, b"text", trailers={"a": "1", "b": "2"})
    (hint,) = response.informational
    assert (hint.status, hint.headers.getlist("Link")) == (103, ["</a>", "</b>"])
    with client.stream("GET", "/") as streamed:
        assert streamed.informational == (hint,)
        assert not streamed.trailers
        assert streamed.read() == response
        assert streamed.trailers["A"] == "1"

    async def test() -> None:
        assert (await AsyncClient(app).get("/")).informational == (hint,)

    asyncio.run(test())


def test_a_path_may_be_sent_where_that_is_offered(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100_000)
    app = sends(START, {"type": "http.response.pathsend", "path": str(path)})
    client = Client(app, extra={"extensions": {"http.response.pathsend": {}}})
    assert len(client.get("/").content) == 100_000
    relative = sends(START, {"type": "http.response.pathsend", "path": "file"})
    with pytest.raises(ConformanceError, match="the path is absolute"):
        Client(relative, extra={"extensions": {"http.response.pathsend": {}}}).get("/")


# Exceptions.


async def fails(_scope: Message, _receive: Receive, _send: Send) -> None:
    raise ValueError("second") from KeyError("first")


async def fails_late(_scope: Message, _receive: Receive, send: Send) -> None:
    await send(START)
    await send({**END, "body": b"a", "more_body": True})
    raise ValueError("late")


async def fails_at_last(scope: Message, receive: Receive, send: Send) -> None:
    await asgi_chunks(b"a")(scope, receive, send)
    raise ValueError("at last")


def test_exceptions_are_raised_from_the_call() -> None:
    with pytest.raises(ValueError, match="second") as caught:
        Client(fails).get("/")
    assert isinstance(caught.value.__cause__, KeyError)
    assert Client(fails, raise_app_exceptions=False).get("/").status == 500


def test_exceptions_in_the_middle_of_a_response() -> None:
    with pytest.raises(ValueError, match="late"):
        Client(fails_late).get("/")
    with pytest.raises(ResponseLost, match="in the middle") as caught:
        Client(fails_late, raise_app_exceptions=False).get("/")
    assert isinstance(caught.value.__cause__, ValueError)


def test_exceptions_after_a_whole_response() -> None:
    with pytest.raises(ValueError, match="at last"):
        Client(fails_at_last).get("/")
    assert Client(fails_at_last, raise_app_exceptions=False).get("/").content == b"a"


@pytest.mark.parametrize("runner", RUNNERS)
def test_exceptions_after_a_response_that_nobody_has_read(runner: str) -> None:
    async def look(client: AsyncClient) -> None:
        async with client.stream("GET", "/") as response:
            assert response.status == 200
            for _ in range(10):
                await pause()

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        await sends(START, END)(scope, receive, send)
        raise ValueError("at last")

    async def test() -> None:
        with pytest.raises(ValueError, match="at last"):
            await look(AsyncClient(app))
        await look(AsyncClient(app, raise_app_exceptions=False))
        with pytest.raises(ConformanceError):
            await look(AsyncClient(sends(START, END, END)))

    RUNNERS[runner](test)


def test_a_verdict_of_the_test_framework_is_not_swallowed() -> None:
    async def app(_scope: Message, _receive: Receive, _send: Send) -> NoReturn:
        pytest.fail("a verdict")

    for raises in (True, False):
        with pytest.raises(pytest.fail.Exception, match="a verdict"):
            Client(app, raise_app_exceptions=raises).get("/")


def test_an_application_that_is_cancelled() -> None:
    async def app(_scope: Message, _receive: Receive, _send: Send) -> NoReturn:
        raise asyncio.CancelledError

    with pytest.raises(ResponseLost, match="cancelled"):
        Client(app).get("/")


@pytest.mark.parametrize("runner", RUNNERS)
def test_exceptions_on_every_loop(runner: str) -> None:
    async def test() -> None:
        client = AsyncClient(fails)
        with pytest.raises(ValueError, match="second"):
            await client.get("/")
        with pytest.raises(ResponseLost):
            await AsyncClient(fails_late, raise_app_exceptions=False).get("/")
        with pytest.raises(ZeroDivisionError):
            async with AsyncClient(asgi_chunks(b"a", b"b")).stream("GET", "/"):
                raise ZeroDivisionError

    RUNNERS[runner](test)


# The request as messages.


def receives(count: int) -> tuple[ASGIApp, list[Any]]:
    seen: list[Any] = []

    async def app(_scope: Message, receive: Receive, send: Send) -> None:
        for _ in range(count):
            message = await receive()
            seen.append(message.get("body", message["type"]))
            if "more_body" in message and not message["more_body"]:
                seen.append("end")
        await send(START)
        await send(END)
        assert (await receive())["type"] == "http.disconnect"

    return app, seen


def test_every_chunk_is_a_message() -> None:
    app, seen = receives(3)
    Client(app).post("/", content=[b"a", b"b"])
    assert seen == [b"a", b"b", b"", "end"]


def test_content_of_known_length_ends_with_its_last_byte() -> None:
    app, seen = receives(2)
    Client(app).post("/", content=Body([b"a", b"bcd"]), headers={"Content-Length": "3"})
    assert seen == [b"a", b"bc", "end"]


def test_no_content_is_one_empty_message() -> None:
    app, seen = receives(1)
    Client(app).get("/")
    Client(app).post("/", content=b"")
    assert seen == [b"", "end", b"", "end"]


def test_asynchronous_content() -> None:
    async def content() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.sleep(0)
        yield b"b"

    app, seen = receives(3)
    Client(app).post("/", content=content())
    assert seen == [b"a", b"b", b"", "end"]


def test_a_disconnect() -> None:
    app, seen = receives(3)
    response = Client(app).post("/", content=Body([b"a"], then=Disconnect()))
    assert seen == [b"a", "http.disconnect", "http.disconnect"]
    assert response.status == 200


def test_less_content_than_announced_is_a_disconnect() -> None:
    app, seen = receives(2)
    Client(app).post("/", content=b"ab", headers={"Content-Length": "3"})
    assert seen == [b"ab", "http.disconnect"]


def test_receive_may_raise_anything() -> None:
    app, _ = receives(2)
    with pytest.raises(TimeoutError, match="slow"):
        Client(app).post("/", content=Body([b"a"], then=TimeoutError("slow")))


def test_a_client_that_has_gone_gets_no_response() -> None:
    app, seen = receives(1)
    with pytest.raises(ResponseLost) as caught:
        Client(app).post("/", content=Body(then=Disconnect(reads_answer=False)))
    assert isinstance(caught.value.__cause__, ClientDisconnected)
    assert seen == ["http.disconnect"]


def test_an_application_may_give_up_when_its_client_has_gone() -> None:
    async def gives_up(_scope: Message, receive: Receive, _send: Send) -> None:
        await receive()

    with pytest.raises(ResponseLost):
        Client(gives_up).post("/", content=Body(then=Disconnect()))
    with pytest.raises(ConformanceError):
        Client(gives_up).post("/")


def test_a_request_that_was_received_whole_ends_with_the_exchange() -> None:
    """`receive` waits for the end: it does not say that the client has gone while it has not."""
    order: list[str] = []

    async def app(_scope: Message, receive: Receive, send: Send) -> None:
        await receive()

        async def watch() -> None:
            order.append((await receive())["type"])

        watcher = asyncio.ensure_future(watch())
        await asyncio.sleep(0)
        await send(START)
        await send({**END, "body": b"a", "more_body": True})
        await asyncio.sleep(0)
        order.append("answered")
        await send(END)
        await watcher

    Client(app).get("/")
    assert order == ["answered", "http.disconnect"]


# The response as it comes.


async def endless(scope: Message, receive: Receive, send: Send) -> None:
    del receive
    await send(START)
    while True:
        scope["sent"] = scope.get("sent", 0) + 1
        await send({**END, "body": b"x", "more_body": True})


async def endless_body(send: Send) -> None:
    while True:
        await send({**END, "body": b"x", "more_body": True})


def test_back_pressure_and_leaving_early() -> None:
    scopes: list[Message] = []

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await endless(scope, receive, send)

    with Client(app).stream("GET", "/") as response:
        chunks = response.iter_bytes()
        assert [next(chunks) for _ in range(5)] == [b"x"] * 5
        assert scopes[0]["sent"] <= 6


@pytest.mark.parametrize("runner", RUNNERS)
def test_leaving_early_on_every_loop(runner: str) -> None:
    async def test() -> None:
        async with AsyncClient(endless).stream("GET", "/") as response:
            async for chunk in response.iter_bytes():
                assert chunk == b"x"
                break

    RUNNERS[runner](test)


def test_an_application_learns_that_its_client_has_left() -> None:
    learned: list[object] = []

    async def app(_scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        learned.append((await receive())["type"])
        try:
            await send({**END, "body": b"x"})
        except OSError as error:
            learned.append(type(error))

    with Client(app).stream("GET", "/") as response:
        assert response.status == 200
    assert learned == ["http.disconnect", ClientDisconnected]


@pytest.mark.parametrize("runner", RUNNERS)
def test_an_application_that_does_not_end_is_cancelled(runner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.testing.asgi.GRACE", 0.01)
    ended: list[str] = []

    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        await send(START)
        try:
            if runner == "trio":
                await trio.sleep_forever()
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def test() -> None:
        async with AsyncClient(app).stream("GET", "/") as response:
            assert response.status == 200

    RUNNERS[runner](test)
    assert ended == ["cancelled"]


def test_what_fails_in_cleaning_up_is_raised() -> None:
    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        await send(START)
        with pytest.raises(OSError, match="gone"):
            await endless_body(send)
        raise ValueError("not clean")

    with pytest.raises(ValueError, match="not clean"), Client(app).stream("GET", "/"):
        pass


def test_work_in_the_background_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.testing.asgi.GRACE", 0.0)
    done: list[str] = []

    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        await send(START)
        await send(END)
        await asyncio.sleep(0.01)
        done.append("background")

    client = Client(app)
    client.get("/")
    with client.stream("GET", "/"):
        pass
    assert done == ["background"] * 2


def test_context_variables_of_the_test_are_seen() -> None:
    variable = ContextVar("variable", default="unset")

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        await asgi_chunks(variable.get().encode())(scope, receive, send)
        variable.set("changed")

    variable.set("set")
    assert Client(app).get("/").content == b"set"
    assert variable.get() == "set"


def test_tasks_that_are_left_end_with_the_client() -> None:
    ended: list[str] = []
    tasks: list[object] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            tasks.append(asyncio.ensure_future(forever()))
            await asyncio.to_thread(int)
            await asgi_chunks()(scope, receive, send)

    with Client(app) as client:
        client.get("/")
    assert ended == ["ended"]


def test_a_client_that_is_forgotten_closes_its_loop() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        loops.append(asyncio.get_running_loop())
        await asgi_chunks()(scope, receive, send)

    client = Client(app)
    client.get("/")
    assert not loops[0].is_closed()
    del client
    gc.collect()
    assert loops[0].is_closed()


def test_the_application_sees_a_scope_that_servers_make() -> None:
    scopes: list[Message] = []

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await asgi_echo(scope, receive, send)

    Client(app, root_path="/a%20b", base_url="http://h/a%20b/").get("caf%C3%A9?x=%20")
    scope = scopes[0]
    assert scope["type"] == "http"
    assert scope["asgi"] == {"version": "3.0", "spec_version": "2.5"}
    assert scope["http_version"] == "1.1"
    assert scope["path"] == "/a b/café"
    assert scope["raw_path"] == b"/a%20b/caf%C3%A9"
    assert scope["root_path"] == "/a b"
    assert scope["query_string"] == b"x=%20"
    assert scope["headers"] == [(b"host", b"h")]
    assert set(scope["extensions"]) == {"http.response.early_hint", "http.response.trailers"}
    assert "state" not in scope


# Lifespan.


class Living:
    """An application with a lifespan that says what it is told to."""

    def __init__(self, *messages: dict[str, Any], fails: Exception | None = None) -> None:
        self.messages = messages
        self.fails = fails
        self.heard: list[str] = []
        self.states: list[Any] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.states.append(scope["state"])
            await asgi_chunks()(scope, receive, send)
            return
        scope["state"]["db"] = "open"
        for message in self.messages:
            self.heard.append((await receive())["type"])
            await send(message)
        if self.fails is not None:
            raise self.fails


STARTED = {"type": "lifespan.startup.complete"}
STOPPED = {"type": "lifespan.shutdown.complete"}


@pytest.mark.parametrize("runner", RUNNERS)
def test_lifespan(runner: str) -> None:
    app = Living(STARTED, STOPPED)
    with Client(app) as client:
        client.get("/")
    assert app.heard == ["lifespan.startup", "lifespan.shutdown"]
    assert app.states == [{"db": "open"}]

    async def test() -> None:
        async with AsyncClient(app) as client:
            await client.get("/")

    RUNNERS[runner](test)
    assert app.states == [{"db": "open"}] * 2


def test_lifespan_failures() -> None:
    failed = {"type": "lifespan.startup.failed", "message": "no database"}
    with pytest.raises(LifespanFailed, match="startup failed: no database") as caught, Client(Living(failed)):
        pytest.fail("it has not started")
    assert caught.value.__cause__ is None
    with (
        pytest.raises(LifespanFailed) as caught,
        Client(Living(failed, fails=ValueError("why"))),
    ):
        pytest.fail("it has not started")
    assert isinstance(caught.value.__cause__, ValueError)
    stopped = {"type": "lifespan.shutdown.failed"}
    with pytest.raises(LifespanFailed, match="shutdown failed"), Client(Living(STARTED, stopped)):
        pass
    with (
        pytest.raises(ValueError, match="at last"),
        Client(Living(STARTED, STOPPED, fails=ValueError("at last"))),
    ):
        pass


def test_lifespan_rules() -> None:
    with (
        pytest.raises(ConformanceError, match="was sent where 'startup' was asked for"),
        Client(Living(STOPPED)),
    ):
        pytest.fail("it has not started")
    with pytest.raises(ConformanceError, match="a type that is one of"), Client(Living({"type": "x"})):
        pytest.fail("it has not started")


def test_an_application_may_have_no_lifespan() -> None:
    async def raises(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(scope["type"])
        await asgi_chunks(b"a")(scope, receive, send)

    async def returns(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await asgi_chunks(b"a")(scope, receive, send)

    for app in (raises, returns):
        with Client(app) as client:
            assert client.get("/").content == b"a"


def test_an_error_of_the_test_goes_before_that_of_the_lifespan() -> None:
    app = Living(STARTED, STOPPED)
    with pytest.raises(ZeroDivisionError), Client(app):
        raise ZeroDivisionError
    assert app.heard == ["lifespan.startup", "lifespan.shutdown"]


def test_the_loop_is_that_of_the_caller() -> None:
    libraries: list[str] = []

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        try:
            trio.lowlevel.current_task()
            libraries.append("trio")
        except RuntimeError:
            asyncio.get_running_loop()
            libraries.append("asyncio")
        await asgi_chunks()(scope, receive, send)

    async def test() -> None:
        await AsyncClient(app).get("/")

    for runner in RUNNERS.values():
        runner(test)
    assert libraries == list(RUNNERS)


def test_trio_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "trio")
    assert Client(asgi_chunks(b"a")).get("/").content == b"a"
    assert "trio" not in sys.modules


_: Callable[..., Coroutine[Any, Any, None]] = asgi_echo
