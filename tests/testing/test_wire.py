"""The clients through HTTP/1.1 bytes: what a connection adds, raw bytes, and faults on the wire."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from tests.testing.apps import RAW_TEXT, RUNNERS, TEXT, asgi_echo, wsgi_echo
from toolkit.asgi import Request as ASGIRequest
from toolkit.asgi import application as asgi_application
from toolkit.sansio.errors.base import LocalError
from toolkit.sansio.exchange.response import Response as ToolkitResponse
from toolkit.sansio.headers import Headers
from toolkit.sansio.limits import ConnectionLimits
from toolkit.testing import wire_transport
from toolkit.testing.async_client import AsyncClient
from toolkit.testing.body import Body, Disconnect
from toolkit.testing.client import Client
from toolkit.testing.errors import ClientDisconnected, ConformanceError, ResponseLost
from toolkit.testing.messages import Informational, Response
from toolkit.testing.wire import Link, Wire
from toolkit.wsgi import Request as WSGIRequest
from toolkit.wsgi import application as wsgi_application

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from tests.testing.apps import Environ, Message, Receive, Send, StartResponse

BOTH: dict[str, Callable[..., Any]] = {"wsgi": wsgi_echo, "asgi": asgi_echo}
GET = b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n"
GONE = Disconnect(reads_answer=False)


@pytest.fixture(params=BOTH)
def echo(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return BOTH[request.param]


@pytest.fixture(params=[None, 1, 7], ids=lambda size: f"pieces of {size}")
def wire(request: pytest.FixtureRequest) -> Wire:
    return Wire(piece=request.param)


@pytest.fixture
def client(echo: Callable[..., Any], wire: Wire) -> Client:
    return Client(echo, wire=wire)


def wsgi(
    status: str = "200 OK", fields: Iterable[tuple[str, str]] = TEXT, *chunks: bytes
) -> Callable[..., Any]:
    """An application that reads nothing."""

    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, list(fields))
        return chunks

    return app


def asgi(*messages: Message) -> Callable[..., Any]:
    """An application that reads nothing."""

    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": RAW_TEXT}
END: dict[str, Any] = {"type": "http.response.body", "body": b"hello"}
SILENT = {"wsgi": wsgi("200 OK", TEXT, b"hello"), "asgi": asgi(START, END)}


@pytest.fixture(params=SILENT)
def silent(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return SILENT[request.param]


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The connections that are opened."""
    opened: list[object] = []

    class Counted(Link):
        def __init__(self, wire: Wire) -> None:
            super().__init__(wire)
            opened.append(self)

    monkeypatch.setattr(wire_transport, "Link", Counted)
    return opened


def test_there_is_no_network(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_arguments: object) -> None:
        raise AssertionError

    for name in ("connect", "connect_ex", "bind", "listen", "accept"):
        monkeypatch.setattr(socket.socket, name, never, raising=False)
    assert client.post("/", content=b"hello").status == 200


# One connection, many exchanges.


def test_the_connection_is_kept(client: Client, links: list[object]) -> None:
    for number in range(3):
        assert client.get(f"/{number}").json()["path"] == f"/{number}"  # type: ignore[index,call-overload]
        assert client.post("/", content=[b"a", b"b"]).status == 200
        assert client.head("/").content == b""
    assert len(links) == 1


@pytest.mark.parametrize("end", ["request", "response"])
def test_either_end_can_close(end: str, links: list[object]) -> None:
    said = [("Connection", "close")]
    fields = {b"connection": b"close"} if end == "response" else {}
    app = asgi({**START, "headers": list(fields.items())}, END)
    client = Client(app, wire=True, headers=said if end == "request" else ())
    for number in (1, 2):
        response = client.get("/")
        assert response.headers.getlist("Connection") == ["close"]
        assert response.content == b"hello"
        assert len(links) == number


def test_the_framing_is_seen(wire: Wire) -> None:
    chunked = Client(wsgi("200 OK", TEXT, b"a", b"b"), wire=wire).get("/")
    assert chunked == Response(200, [*TEXT, ("Transfer-Encoding", "chunked")], b"ab")
    length = [("Content-Length", "2")]
    assert Client(wsgi("200 OK", length, b"ab"), wire=wire).get("/") == Response(200, length, b"ab")
    assert Client(wsgi("204 No Content", []), wire=wire).get("/") == Response(204)
    assert Client(wsgi("304 Not Modified", length), wire=wire).get("/") == Response(304, length)


def test_trailers_and_early_hints(wire: Wire) -> None:
    app = asgi(
        {"type": "http.response.early_hint", "links": [b"</a>"]},
        {**START, "trailers": True},
        END,
        {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]},
    )
    client = Client(app, wire=wire)
    for _ in range(2):
        response = client.get("/")
        assert response.trailers == Headers({"X-Sum": "1"})
        assert response.informational == (Informational(103, Headers({"Link": "</a>"})),)


def test_a_stream_comes_as_it_is_made() -> None:
    log: list[str] = []

    def app(_environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", TEXT)
        for number in range(3):
            log.append(f"made {number}")
            yield b"%d\n" % number

    with Client(app, wire=True).stream("GET", "/") as response:
        log.extend(f"got {line}" for line in response.iter_lines())
    assert log == ["made 0", "got 0", "made 1", "got 1", "made 2", "got 2"]


def test_a_stream_that_is_left(links: list[object]) -> None:
    closed: list[bool] = []

    def app(_environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", TEXT)
        try:
            while True:
                yield b"more"
        finally:
            closed.append(True)

    client = Client(app, wire=True)
    for number in (1, 2):
        with client.stream("GET", "/") as response:
            assert next(response.iter_bytes()) == b"more"
        assert len(closed) == len(links) == number


# Content.


def test_a_client_that_waits_is_told_to_go_on(client: Client) -> None:
    response = client.post("/", content=b"hello", headers={"Expect": "100-continue"})
    assert response.informational == (Informational(100, Headers()),)
    assert response.json()["body"] == "hello"  # type: ignore[index,call-overload]


def test_a_client_that_waits_and_is_not_told(silent: Callable[..., Any], links: list[object]) -> None:
    asked: list[bytes] = []

    def chunks() -> Iterator[bytes]:
        asked.append(b"x")
        yield b"x"

    client = Client(silent, wire=True)
    response = client.post("/", content=chunks(), headers={"Expect": "100-continue"})
    assert (response.content, response.informational, asked) == (b"hello", (), [])
    assert response.headers["Connection"] == "close"
    client.get("/")
    assert len(links) == 2


def test_content_that_nobody_reads(silent: Callable[..., Any], links: list[object]) -> None:
    """A little is received and dropped, so that the connection can be kept; more is not even sent."""
    sent: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(1000):
            sent.append(number)
            yield bytes(1024)

    client = Client(silent, wire=True)
    assert client.post("/", content=b"x" * 65536).content == b"hello"
    assert client.get("/").content == b"hello"
    assert len(links) == 1
    assert client.post("/", content=chunks()).content == b"hello"
    assert 64 <= len(sent) <= 66
    client.get("/")
    assert len(links) == 2


def test_more_than_the_content_length_is_not_sent(client: Client) -> None:
    for _ in range(2):
        response = client.post("/", content=[b"abc", b"def", b"ghi"], headers={"Content-Length": "4"})
        assert response.json()["body"] == "abcd"  # type: ignore[index,call-overload]


@pytest.mark.parametrize("fields", [{}, {"Content-Length": "10"}])
def test_a_client_that_stops_sending(fields: dict[str, str], wire: Wire) -> None:
    """The server tells it so, and the application that the client has gone."""
    met: list[object] = []

    async def app(_scope: Message, receive: Receive, _send: Send) -> None:
        while (message := await receive())["type"] == "http.request":
            pass
        met.append(message["type"])

    def blocking(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            met.append(environ["wsgi.input"].read(10))
        except ClientDisconnected as error:
            met.append(type(error))
        start_response("200 OK", TEXT)
        return [b"read"]

    for handler in (app, blocking):
        response = Client(handler, wire=wire).post("/", content=Body([b"half"], Disconnect()), headers=fields)
        assert (response.status, response.headers["Connection"]) == (400, "close")
        assert b"the connection ended inside the content" in response.content
    assert met == ["http.disconnect", b"half" if fields else ClientDisconnected]


def test_a_client_that_is_gone(wire: Wire) -> None:
    met: list[object] = []

    async def app(_scope: Message, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] == "http.request":
            pass
        met.append(message["type"])
        try:
            await send(START)
            await send(END)
        except OSError as error:
            met.append(type(error))

    with pytest.raises(ResponseLost, match="went away"):
        Client(app, wire=wire).post("/", content=Body([b"half"], GONE))
    assert met == ["http.disconnect", ClientDisconnected]


def test_a_script_that_raises(echo: Callable[..., Any]) -> None:
    with pytest.raises(KeyError, match="on the way"):
        Client(echo, wire=True).post("/", content=Body([b"half"], KeyError("on the way")))


def test_content_that_waits_is_for_asgi() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    assert Client(asgi_echo, wire=True).post("/", content=chunks()).json()["body"] == "ab"  # type: ignore[index,call-overload]
    with pytest.raises(LocalError, match="asynchronous content"):
        Client(wsgi_echo, wire=True).post("/", content=chunks())


# What a server refuses.


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"Host": "a@b"}, 400), ({"Expect": "tea"}, 417), ({"Transfer-Encoding": "gzip"}, None)],
)
def test_a_header_that_a_server_refuses(client: Client, fields: dict[str, str], status: int | None) -> None:
    if status is None:
        with pytest.raises(LocalError):  # our own end does not even send it
            client.post("/", content=[b"a"], headers=fields)
    else:
        assert client.get("/", headers=fields).status == status
    assert client.get("/").status == 200


def test_limits_of_the_server() -> None:
    client = Client(wsgi_echo, wire=Wire(limits=ConnectionLimits(max_request_line=30, max_fields=2)))
    assert client.get("/").status == 200
    assert client.get("/" + "a" * 30).status == 414
    assert client.get("/", headers={"A": "1", "B": "2"}).status == 431


def test_a_response_may_be_larger_than_a_browser_takes() -> None:
    fields = [(f"X-{number}", "x" * 1000) for number in range(1000)]
    assert Client(wsgi("200 OK", fields), wire=True).get("/").headers["X-999"] == "x" * 1000


# Applications that fail.


def test_exceptions_come_through(wire: Wire) -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", TEXT)
        if environ["PATH_INFO"] == "/late":
            yield b"some"
        raise ValueError("broken")

    for path in ("/", "/late"):
        with pytest.raises(ValueError, match="broken"):
            Client(app, wire=wire).get(path)
    client = Client(app, wire=wire, raise_app_exceptions=False)
    assert client.get("/").status == 500
    with pytest.raises(ResponseLost):
        client.get("/late")
    assert client.get("/").status == 500
    answer = client.raw(GET % b"late" + GET % b"")
    assert (len(answer.responses), answer.closed) == (0, True)
    assert answer.data.endswith(b"\r\n\r\n4\r\nsome\r\n")


def reads_on(environ: Environ, _start_response: StartResponse) -> Iterable[bytes]:
    return [environ["wsgi.input"].read(1)]


def test_rules_are_checked_on_the_wire_too() -> None:
    with pytest.raises(ConformanceError, match="more content"):
        Client(wsgi("200 OK", [("Content-Length", "3")], b"text"), wire=True).get("/")
    with pytest.raises(ConformanceError, match="past it"):
        Client(reads_on, wire=True).get("/")


# Raw bytes.


def test_raw_bytes(client: Client) -> None:
    answer = client.raw(GET % b"a")
    assert not answer.closed
    (response,) = answer.responses
    assert answer.data.startswith(b"HTTP/1.1 200 ")
    assert response.json()["path"] == "/a"  # type: ignore[index,call-overload]


def test_raw_bytes_in_pieces(echo: Callable[..., Any]) -> None:
    raw = (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + GET % b"b"
    )
    client = Client(echo, wire=True)
    whole = client.raw(raw)
    assert [json.loads(response.content)["body"] for response in whole.responses] == ["abc", ""]
    assert client.raw([raw[index : index + 1] for index in range(len(raw))]) == whole
    for cut in range(len(raw)):
        assert client.raw([raw[:cut], raw[cut:]]) == whole


def test_pipelined_requests_are_answered_in_order(client: Client) -> None:
    requests = [GET % b"%d" % number for number in range(5)] + [b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"]
    answer = client.raw(b"".join(requests))
    paths = [json.loads(response.content)["path"] for response in answer.responses[:-1]]
    assert paths == ["/0", "/1", "/2", "/3", "/4"]
    assert answer.responses[-1].content == b""


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: a\n\n", 400),
        (b"GET /a@b HTTP/3.0\r\nHost: a\r\n\r\n", 505),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ],
)
def test_nothing_comes_after_a_fault(raw: bytes, status: int, wire: Wire) -> None:
    answer = Client(wsgi_echo, wire=wire, raise_app_exceptions=False).raw(
        GET % b"first" + raw + GET % b"never"
    )
    assert [response.status for response in answer.responses] == [200, status]
    assert answer.responses[1].headers["Connection"] == "close"
    assert answer.closed
    assert b"never" not in answer.data


def test_the_last_request_closes(client: Client) -> None:
    answer = client.raw(b"GET / HTTP/1.0\r\n\r\n" + GET % b"never")
    assert ([response.status for response in answer.responses], answer.closed) == ([200], True)


def test_informational_responses_are_seen(echo: Callable[..., Any]) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
    answer = Client(echo, wire=True).raw([head, b"hello"])
    assert answer.data.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")
    assert answer.responses[0].informational == (Informational(100, Headers()),)


def test_nothing_is_answered_to_nothing(client: Client) -> None:
    assert (client.raw(b"").data, client.raw([]).data, client.raw([b"", b"\r\n"]).data) == (b"", b"", b"")


def test_raw_bytes_of_a_client_that_is_gone(silent: Callable[..., Any]) -> None:
    half = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe"
    client = Client(wsgi_echo, wire=True)
    answer = client.raw(GET % b"" + half, then=GONE)
    assert answer.closed
    assert len(answer.responses) >= 1
    assert Client(silent, wire=True).raw(GET % b"", then=GONE).responses[0].content == b"hello"


def test_raw_bytes_need_a_wire(echo: Callable[..., Any]) -> None:
    with pytest.raises(LocalError, match="wire=True"):
        Client(echo).raw(b"")


# The asynchronous twin.


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("piece", [None, 1])
def test_the_asynchronous_client(runner: str, piece: int | None, echo: Callable[..., Any]) -> None:
    async def test() -> None:
        client = AsyncClient(echo, wire=Wire(piece=piece))
        for content in (b"text", [b"te", b"xt"]):
            response = await client.post("/", content=content, headers={"Expect": "100-continue"})
            assert response.json()["body"] == "text"  # type: ignore[index,call-overload]
            assert response.informational[0].status == 100
        async with client.stream("GET", "/") as streamed:
            assert b"".join([chunk async for chunk in streamed.iter_bytes()]).startswith(b"{")
        assert (await client.get("/", headers={"Host": "a@b"})).status == 400
        answer = await client.raw(GET % b"a" + b"bad")
        assert [response.status for response in answer.responses] == [200, 400]
        with pytest.raises(LocalError, match="wire=True"):
            await AsyncClient(echo).raw(b"")

    RUNNERS[runner](test)


def test_websockets_do_not_go_through_bytes() -> None:
    async def app(_scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "hello"})

    with Client(app, wire=True).websocket("/") as session:
        assert session.receive() == "hello"


def test_applications_of_this_toolkit() -> None:
    @wsgi_application
    def blocking(request: WSGIRequest) -> ToolkitResponse:
        return ToolkitResponse(f"{len(request.data())} bytes")

    @asgi_application
    async def awaiting(request: ASGIRequest) -> ToolkitResponse:
        return ToolkitResponse(f"{len(await request.data())} bytes")

    for app in (blocking, awaiting):
        client = Client(app, wire=Wire(piece=10))
        for _ in range(2):
            assert client.post("/", content=[b"x" * 100] * 3).text == "300 bytes"
        cut = client.raw(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        assert [response.status for response in cut.responses] == [400]
