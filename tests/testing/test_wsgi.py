"""What a WSGI application may do, what it may not, and what happens when its client goes away."""

from __future__ import annotations

import asyncio
import io
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from wsgiref.validate import validator

import pytest

from tests.testing.apps import TEXT, wsgi_chunks, wsgi_echo
from toolkit.sansio.errors.base import LocalError
from toolkit.testing.async_client import AsyncClient
from toolkit.testing.body import Body, Disconnect
from toolkit.testing.client import Client
from toolkit.testing.errors import ClientDisconnected, ConformanceError, ResponseLost
from toolkit.testing.messages import Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from tests.testing.apps import Environ, StartResponse, WSGIApp


def app_of(status: object, headers: object, result: object = (b"text",)) -> WSGIApp:
    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, headers)
        return cast("Iterable[bytes]", result)

    return app


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("status", "headers", "rule"),
    [
        (200, TEXT, "status is exactly a str, not 200"),
        (Text("200 OK"), TEXT, "status is exactly a str"),
        ("200", TEXT, "three digits"),
        ("200 ", TEXT, "three digits"),
        ("2000 OK", TEXT, "three digits"),
        ("200 OK\r\nX: 1", TEXT, "three digits"),
        ("200 OK ", TEXT, "three digits"),
        ("200 ☺", TEXT, "three digits"),
        ("101 Switching Protocols", TEXT, "101 is not a final status"),
        ("200 OK", tuple(TEXT), "headers are exactly a list"),
        ("200 OK", [["A", "1"]], "a header is exactly a tuple"),
        ("200 OK", [("A", "1", "2")], "a header is exactly a tuple"),
        ("200 OK", [(b"A", "1")], "a header name is exactly a str"),
        ("200 OK", [("A", 1)], "a header value is exactly a str, not 1 of 'A'"),
        ("200 OK", [("A b", "1")], "a header name is a token"),
        ("200 OK", [("A-", "1")], "without punctuation at its end"),
        ("200 OK", [("A:", "1")], "a header name is a token"),
        ("200 OK", [("A", "1\r\nB: 2")], "without control characters"),
        ("200 OK", [("A", "1\t2")], "without control characters"),
        ("200 OK", [("A", "☺")], "latin-1"),
        ("200 OK", [("A", " 1")], "no whitespace at its ends"),
        ("200 OK", [("Connection", "close")], "hop-by-hop"),
        ("200 OK", [("Transfer-Encoding", "chunked")], "hop-by-hop"),
        ("200 OK", [("Status", "200")], "is CGI's"),
        ("200 OK", [("Content-Length", "+4")], "one decimal number"),
        ("200 OK", [("Content-Length", "4"), ("Content-Length", "4")], "one decimal number"),
        ("200 OK", [("Content-Length", "3")], "more content"),
        ("200 OK", [("Content-Length", "5")], "less content"),
        ("204 No Content", TEXT, "204 to 'GET' has no content"),
        ("205 Reset Content", TEXT, "205 to 'GET' has no content"),
        ("304 Not Modified", TEXT, "304 to 'GET' has no content"),
        ("204 No Content", [("Content-Length", "4")], "204 to 'GET' has no Content-Length"),
    ],
)
def test_heads_that_break_a_rule(status: object, headers: object, rule: str) -> None:
    client = Client(app_of(status, headers), raise_app_exceptions=False)
    with pytest.raises(ConformanceError, match=rule) as caught:
        client.get("/")
    assert str(caught.value).endswith(f"[{caught.value.rule}]")
    assert caught.value.rule.startswith(("PEP 3333, ", "RFC 9110 section "))
    assert isinstance(caught.value, AssertionError)


@pytest.mark.parametrize("headers", [[("Content-Length", "4")], []])
def test_a_tunnel_has_neither_length_nor_content(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(ConformanceError, match="200 to 'CONNECT' has no "):
        Client(app_of("200 OK", headers)).request("CONNECT", "/")


@pytest.mark.parametrize(
    ("result", "rule"),
    [
        (None, "iterable of bytes, not None"),
        ("text", "iterable of bytes, not 'text'"),
        (b"text", "iterable of bytes"),
        (["text"], "content is bytes, not 'text'"),
        ([bytearray(b"text")], "content is bytes"),
    ],
)
def test_results_that_break_a_rule(result: object, rule: str) -> None:
    with pytest.raises(ConformanceError, match=rule):
        Client(app_of("200 OK", TEXT, result)).get("/")


def test_a_long_culprit_is_shortened() -> None:
    with pytest.raises(ConformanceError) as caught:
        Client(app_of("200 OK", TEXT, ["x" * 10_000])).get("/")
    assert len(str(caught.value)) < 300


def test_the_length_of_a_result_is_exact() -> None:
    class Two(list[bytes]):
        def __len__(self) -> int:
            return 2

    with pytest.raises(ConformanceError, match="length of 2, and 1 items"):
        Client(app_of("200 OK", TEXT, Two([b"one"]))).get("/")


def test_content_comes_after_start_response() -> None:
    def never(_environ: Environ, _start_response: StartResponse) -> Iterable[bytes]:
        return []

    def late(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        yield b""
        start_response("200 OK", TEXT)

    with pytest.raises(ConformanceError, match="was not called"):
        Client(never).get("/")
    with pytest.raises(ConformanceError, match="before the first content"):
        Client(late).get("/")


def test_start_response_is_called_once() -> None:
    def twice(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", TEXT)
        start_response("200 OK", TEXT)
        return []

    with pytest.raises(ConformanceError, match="without exc_info"):
        Client(twice).get("/")


def test_a_rule_is_broken_even_if_the_application_catches_the_error() -> None:
    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            start_response(200, TEXT)
        except AssertionError:
            start_response("500 Oops", TEXT, sys.exc_info())
        return [b"an error page"]

    with pytest.raises(ConformanceError, match="exactly a str"):
        Client(app).get("/")


def test_an_error_replaces_a_head_that_has_not_left() -> None:
    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "100")])
        yield b""
        try:
            int("x")
        except ValueError:
            start_response("500 Oops", TEXT, sys.exc_info())
        yield b"an error page"

    assert Client(app).get("/") == Response(500, TEXT, b"an error page")


def test_an_error_after_the_head_is_raised_again() -> None:
    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", TEXT)
        yield b"some"
        try:
            int("x")
        except ValueError:
            start_response("500 Oops", TEXT, sys.exc_info())

    with pytest.raises(ValueError, match="invalid literal"):
        Client(app).get("/")


@pytest.mark.parametrize("exc_info", [(), (None, None, None), (ValueError, ValueError(), None), "text"])
def test_exc_info_is_what_it_is(exc_info: object) -> None:
    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("500 Oops", TEXT, exc_info)
        return []

    with pytest.raises(ConformanceError, match=r"sys\.exc_info"):
        Client(app).get("/")


def test_start_response_after_the_end() -> None:
    kept: list[Callable[..., object]] = []

    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        kept.append(start_response)
        kept.append(start_response("200 OK", TEXT))
        return []

    Client(app).get("/")
    with pytest.raises(ConformanceError, match="after the end"):
        kept[0]("200 OK", TEXT)
    with pytest.raises(ConformanceError, match="after the application had returned"):
        kept[1](b"late")


def test_what_is_written_comes_before_what_is_returned() -> None:
    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response("200 OK", [("Content-Length", "3")])
        write(b"a")
        write(b"b")
        return [b"c"]

    def text(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", TEXT)("a")  # type: ignore[arg-type]
        return []

    assert Client(app).get("/").content == b"abc"
    with pytest.raises(ConformanceError, match="content is bytes"):
        Client(text).get("/")


class Closing:
    """A result that counts how often it was closed."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self.chunks = chunks
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(
    "chunks", [(b"a", b"b"), (), (b"a", ValueError("no")), (ValueError("no"),), ("text",)]
)
def test_a_result_is_closed_once(chunks: tuple[Any, ...]) -> None:
    result = Closing(*chunks)
    try:
        Client(app_of("200 OK", TEXT, result)).get("/")
    except (ValueError, ConformanceError):
        assert len(chunks) != 0
    assert result.closed == 1


def test_a_result_is_closed_when_the_client_leaves() -> None:
    result = Closing(b"a", b"b")
    with Client(app_of("200 OK", TEXT, result)).stream("GET", "/") as response:
        assert next(response.iter_bytes()) == b"a"
        assert result.closed == 0
    assert result.closed == 1


def test_the_application_gets_what_a_server_gives() -> None:
    assert Client(validator(wsgi_echo)).post("/", json={"a": 1}).status == 200


def test_a_file_wrapper() -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", TEXT)
        return environ["wsgi.file_wrapper"](io.BytesIO(b"x" * 20_000))  # type: ignore[no-any-return]

    assert len(Client(app).get("/").content) == 20_000


def test_early_hints() -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.early_hints"]([("Link", "</a.css>; rel=preload")])
        start_response("200 OK", TEXT)
        return [b"text"]

    (hint,) = Client(app).get("/").informational
    assert (hint.status, hint.headers["Link"]) == (103, "</a.css>; rel=preload")


# Exceptions.


def test_exceptions_are_raised_from_the_call() -> None:
    def app(_environ: Environ, _start_response: StartResponse) -> Iterable[bytes]:
        raise ValueError("second") from KeyError("first")

    with pytest.raises(ValueError, match="second") as caught:
        Client(app).get("/")
    assert isinstance(caught.value.__cause__, KeyError)
    response = Client(app, raise_app_exceptions=False).get("/")
    assert (response.status, response.text) == (500, "500 Internal Server Error\n")


def test_exceptions_in_the_middle_of_a_response() -> None:
    app = app_of("200 OK", TEXT, Closing(b"a", ValueError("no")))
    with pytest.raises(ValueError, match="no"):
        Client(app).get("/")
    with pytest.raises(ResponseLost, match="in the middle") as caught:
        Client(app, raise_app_exceptions=False).get("/")
    assert isinstance(caught.value.__cause__, ValueError)
    app = app_of("200 OK", [("Content-Length", "2")], Closing(b"a", ValueError("no")))
    with pytest.raises(ResponseLost):
        Client(app, raise_app_exceptions=False).get("/")


def test_exceptions_after_a_whole_response() -> None:
    app = app_of("200 OK", [("Content-Length", "1")], Closing(b"a", ValueError("no")))
    with pytest.raises(ValueError, match="no"):
        Client(app).get("/")
    assert Client(app, raise_app_exceptions=False).get("/").content == b"a"


# The input.


def read_3(stream: BinaryIO) -> object:
    return stream.read(3)


def reads(*calls: Callable[[Any], object]) -> tuple[WSGIApp, list[object]]:
    """An application that calls these with its input, and what came of it."""
    results: list[object] = []

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        results.extend([call(environ["wsgi.input"]) for call in calls])
        start_response("200 OK", TEXT)
        return [b"done"]

    return app, results


def test_reading() -> None:
    app, results = reads(
        lambda stream: stream.read(2),
        lambda stream: stream.readline(),
        lambda stream: stream.readline(2),
        lambda stream: stream.readline(100),
        lambda stream: stream.readlines(2),
        lambda stream: next(iter(stream)),
        lambda stream: stream.read(),
        lambda stream: stream.read(),
        lambda stream: stream.readline(),
        lambda stream: stream.readlines(),
        lambda stream: hasattr(stream, "close"),
    )
    Client(app).post("/", content=b"abc\ndefg\nh\ni\njk\nlm")
    assert results == [b"ab", b"c\n", b"de", b"fg\n", [b"h\n"], b"i\n", b"jk\nlm", b"", b"", [], False]


def test_a_read_is_of_as_many_bytes_as_it_asks_for() -> None:
    app, results = reads(lambda stream: stream.read(3), lambda stream: stream.read(1))
    Client(app).post("/", content=Body([b"a", b"b", b"cd"]), headers={"Content-Length": "4"})
    assert results == [b"abc", b"d"]


def test_short_reads() -> None:
    app, results = reads(*[read_3] * 4, lambda stream: stream.read())
    Client(app).post("/", content=Body([b"a", b"bcde", b"f"], short_reads=True))
    assert results == [b"a", b"bcd", b"e", b"f", b""]


def test_an_application_does_not_read_past_the_content() -> None:
    app, _ = reads(lambda stream: stream.read(5))
    with pytest.raises(ConformanceError, match=r"read\(5\) where 4 bytes are left"):
        Client(app).post("/", content=b"text")
    with pytest.raises(ConformanceError, match=r"read\(5\) where 0 bytes are left"):
        Client(app).get("/")
    Client(app).post("/", content=[b"text"])  # chunked: the server says where the end is


def test_less_content_than_announced_is_a_short_read() -> None:
    app, results = reads(lambda stream: stream.read(10), lambda stream: stream.read(2))
    Client(app).post("/", content=Body([b"text"], then=Disconnect()), headers={"Content-Length": "10"})
    Client(app).post("/", content=b"text", headers={"Content-Length": "10"})
    assert results == [b"text", b"", b"text", b""]


def test_chunked_content_that_is_cut_raises() -> None:
    app, results = reads(lambda stream: stream.read(2), lambda stream: stream.read(2))
    with pytest.raises(ResponseLost) as caught:
        Client(app).post("/", content=Body([b"tex"], then=Disconnect()))
    assert isinstance(caught.value.__cause__, ClientDisconnected)
    assert isinstance(caught.value.__cause__, OSError)
    assert results == []


def test_a_read_may_raise_anything() -> None:
    app, _ = reads(lambda stream: stream.read())
    with pytest.raises(TimeoutError, match="slow"):
        Client(app).post("/", content=Body([b"a"], then=TimeoutError("slow")))


def test_a_client_that_does_not_wait() -> None:
    result = Closing(b"a", b"b")
    with pytest.raises(ResponseLost):
        Client(app_of("200 OK", TEXT, result)).post("/", content=Body(then=Disconnect(reads_answer=False)))
    assert result.closed == 1


def test_asynchronous_content_is_not_for_wsgi() -> None:
    async def content() -> AsyncIterator[bytes]:
        yield b""

    with pytest.raises(LocalError, match="asynchronous content"):
        Client(wsgi_echo).post("/", content=content())


def test_there_are_no_websockets() -> None:
    with pytest.raises(LocalError, match="no WebSockets"), Client(wsgi_echo).websocket("/"):
        pass

    async def test() -> None:
        async with AsyncClient(wsgi_echo).websocket("/"):
            pass

    with pytest.raises(LocalError, match="no WebSockets"):
        asyncio.run(test())


def test_the_content_is_taken_from_the_application_as_it_is_wanted() -> None:
    taken: list[int] = []

    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", TEXT)
        for number in range(3):
            taken.append(number)
            yield b"x"

    with Client(app).stream("GET", "/") as response:
        chunks = response.iter_bytes()
        next(chunks)
        assert taken == [0]
        next(chunks)
        assert taken == [0, 1]


def test_threads_that_run_an_application_share_a_context() -> None:
    variable = ContextVar("variable", default="unset")

    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        variable.set("set")
        start_response("200 OK", TEXT)
        yield b"a"
        yield variable.get().encode()

    async def test() -> None:
        assert (await AsyncClient(app).get("/")).content == b"aset"
        assert variable.get() == "unset"

    asyncio.run(test())


def test_many_chunks() -> None:
    assert Client(wsgi_chunks(*[b"x"] * 1000)).get("/").content == b"x" * 1000
