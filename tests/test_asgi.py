"""The ASGI adapter: requests, responses, errors, on asyncio, uvloop and trio."""
# ruff: noqa: ANN401, ARG001, ARG002  # signatures are given by what is played

from __future__ import annotations

import asyncio
import gzip
import io
import os
import subprocess
import sys
import threading
from concurrent import futures
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import trio

from tests.support.asgi import LOOPS, Exchange, for_ever, http_scope, nap, pause, run
from tests.test_wsgi import FORM, MULTIPART, Body, awaited, upload
from toolkit.asgi import Request, ThreadedRequest, application, respond
from toolkit.sansio.errors.base import InvalidHeader, LimitExceeded, LocalError
from toolkit.sansio.errors.http import Conflict, HTTPError, NotFound
from toolkit.sansio.exchange.body import ClientDisconnect, ContentConsumed
from toolkit.sansio.exchange.content import IncompleteContent, MalformedContent
from toolkit.sansio.exchange.machine import ContentLengthError, ExchangeError
from toolkit.sansio.exchange.outcome import NotAResponse
from toolkit.sansio.exchange.policy import Policy
from toolkit.sansio.exchange.response import InvalidResponse, Response
from toolkit.sansio.fields.proxies import TrustedProxies
from toolkit.sansio.limits import BodyLimits, FormLimits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path

    from toolkit.asgi_scope import Message, Scope


@pytest.fixture(params=LOOPS)
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def handle(
    loop: str,
    handler: Any,
    *chunks: bytes,
    scope: Scope | None = None,
    exchange: Exchange | None = None,
    raises: type[Exception] | None = None,
    **options: Any,
) -> Exchange:
    """One call of an application, whole; the exception that it must raise."""
    exchange = exchange or Exchange(*chunks)
    app = application(handler, **options)

    async def call() -> None:
        if raises is None:
            await exchange.call(app, scope)
        else:
            with pytest.raises(raises):
                await exchange.call(app, scope)

    run(loop, call)
    return exchange


def post(content_type: str = "text/plain", **headers: str) -> dict[str, Any]:
    more = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return http_scope("POST", "/", [("Content-Type", content_type), *more])


def request_of(*chunks: bytes, scope: Scope | None = None, **options: Any) -> Request:
    exchange = Exchange(*chunks, **options)
    return Request(post() if scope is None else scope, exchange.receive, exchange.send)


class AsyncBody:
    """A body that notices what is done with it; it fails after its chunks."""

    def __init__(self, *chunks: bytes | str, error: BaseException | None = None, wait: bool = False) -> None:
        self.chunks = list(chunks)
        self.error = error
        self.wait = wait
        self.closed = 0

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> bytes | str:
        assert not self.closed
        await pause()
        if self.chunks:
            return self.chunks.pop(0)
        if self.wait:
            await for_ever()
        if self.error is not None:
            raise self.error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed += 1


class TestFacts:
    @pytest.mark.parametrize("as_list", [True, False])
    def test_cookies_in_several_lines(self, as_list: bool) -> None:
        """The list of header lines may be one that can be read only once."""
        scope = http_scope(headers=[("Cookie", "a=1"), ("X-A", "1"), ("Cookie", "b=2; a=\xff")])
        lines = scope["headers"]
        request = Request(
            {**scope, "headers": lines if as_list else iter(lines)}, Exchange().receive, Exchange().send
        )
        assert request.cookies.items(multi=True) == [("a", "1"), ("b", "2"), ("a", "\xff")]
        assert request.headers["X-A"] == "1"

    def facts(self, **scope: Any) -> Request:
        return Request(http_scope(**scope), Exchange().receive, Exchange().send)

    def test_nothing_is_read_that_nobody_asks_for(self) -> None:
        assert Request({}, Exchange().receive, Exchange().send).scope == {}

    def test_what_the_scope_says(self) -> None:
        request = self.facts(
            method="PUT", path="/a/b?x=1&x=2", headers=[("Host", "example.org"), ("X-A", "1")]
        )
        assert (request.method, request.path, request.query_string) == ("PUT", "/a/b", "x=1&x=2")
        assert request.target == "/a/b?x=1&x=2"
        assert request.args.getlist("x") == ["1", "2"]
        assert request.headers["X-A"] == "1"
        assert (request.scheme, request.client, request.server) == (
            "http",
            ("192.0.2.1", 4711),
            ("127.0.0.1", 8000),
        )
        assert str(request.url) == "http://example.org/a/b?x=1&x=2"
        assert request.state == {}
        assert request.http_version == "1.1"
        assert self.facts(http_version="2").http_version == "2"

    def test_as_little_as_a_scope_may_say(self) -> None:
        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": []}
        request = Request(scope, Exchange().receive, Exchange().send)
        assert (request.scheme, request.client, request.server, request.root_path) == ("http", None, None, "")
        assert (request.query_string, request.raw_path, request.offers("x")) == ("", "/", False)

    @pytest.mark.parametrize(
        ("root", "path", "sent", "raw"),
        [
            ("", "/a/b", b"/a%2Fb", "/a%2Fb"),
            ("", "/a/b", b"/a%2Fb?q", "/a%2Fb"),
            ("/app", "/app/a/b", b"/app/a%2Fb", "/a%2Fb"),
            ("/app/", "/app/a/b", b"/app/a%2Fb", "/a%2Fb"),
            ("/app", "/a", b"/a", "/a"),
            ("/app", "/apple", b"/apple", "/apple"),
            ("/app", "/app", b"/app", "/"),
            ("/my app", "/my app/é", b"/my%20app/%C3%A9", "/%C3%A9"),
            ("", "/rewritten", b"/a%2Fb", "/rewritten"),
            ("", "/é", None, "/%C3%A9"),
            ("", "/\ufffd", b"/%FF", "/%FF"),
        ],
    )
    def test_paths(self, root: str, path: str, sent: bytes | None, raw: str) -> None:
        request = self.facts(root_path=root) if root else self.facts()
        request.scope["path"] = path
        request.scope["raw_path"] = sent
        assert request.raw_path == raw

    def test_a_trusted_proxy_is_believed(self, loop: str) -> None:
        async def handler(request: Request) -> Response:
            return Response.json([request.remote_addr, request.is_secure])

        scope = http_scope(headers=[("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https")])
        assert handle(loop, handler, scope=scope).body == b'["192.0.2.1",false]'
        policy = Policy(proxies=TrustedProxies(hops=1))
        assert handle(loop, handler, scope=scope, policy=policy).body == b'["203.0.113.7",true]'

    def test_bad_hosts_are_answered(self, loop: str) -> None:
        async def handler(request: Request) -> Response:
            return Response(request.host)

        for host in ("a b", "user@example.org", "a,b"):
            assert handle(loop, handler, scope=http_scope(headers=[("Host", host)])).status == 400
        scope = http_scope(headers=[("Host", "evil.example")])
        assert handle(loop, handler, scope=scope, policy=Policy(trusted_hosts=("a.example",))).status == 421


class TestReading:
    def test_every_way(self, loop: str) -> None:
        async def check() -> None:
            request = request_of(b'{"a"', b': "\xc3\xa9"}')
            assert await request.json() == {"a": "é"}
            assert await request.text() == '{"a": "é"}'
            assert [piece async for piece in request.stream()] == [await request.data()]
            request = request_of(b"a=1", b"&b=2", scope=post(FORM))
            form = await request.form()
            assert list(form.items(multi=True)) == [("a", "1"), ("b", "2")]
            assert await request.form() is form
            with pytest.raises(ContentConsumed):
                await request.data()
            request = request_of(b"a=1", scope=post(FORM))
            await request.data()
            assert (await request.form())["a"] == "1"
            request = request_of(gzip.compress(b"hello"), scope=post(content_encoding="gzip"))
            assert await request.data() == b"hello"
            request = request_of(b"x" * 10)
            with pytest.raises(LimitExceeded):
                await request.data(limits=BodyLimits(max_body=9))
            request = request_of(b"a", b"b")
            async for piece in request.stream():
                assert piece == b"a"
                break
            with pytest.raises(ContentConsumed):
                request.stream()
            with pytest.raises(ContentConsumed):
                await request.data()

        run(loop, check)

    def test_limits_of_the_policy(self, loop: str) -> None:
        async def handler(request: Request) -> Response:
            return Response(await request.data())

        async def form_handler(request: Request) -> Response:
            return Response(str((await request.form())["a"]))

        policy = Policy(body=BodyLimits(max_body=9), form=FormLimits(max_body=9))
        assert handle(loop, handler, b"x" * 5, b"x" * 5, scope=post(), policy=policy).status == 413
        assert handle(loop, form_handler, b"a=567", b"xxxxx", scope=post(FORM), policy=policy).status == 413

    @pytest.mark.parametrize(("length", "error"), [("4", IncompleteContent), ("2", MalformedContent)])
    @pytest.mark.parametrize("read", ["data", "text", "json", "form"])
    def test_lengths_that_lie(self, loop: str, length: str, error: type[Exception], read: str) -> None:
        async def handler(request: Request) -> Response:
            with pytest.raises(error) as caught:
                await getattr(request, read)()
            raise caught.value

        assert handle(loop, handler, b"a", b"=1", scope=post(FORM, content_length=length)).status == 400

    def test_lengths_that_are_none(self, loop: str) -> None:
        async def handler(request: Request) -> Response:
            return Response(await request.data())

        for length in ("-1", "+3", "3_0", "", "3, 3", "0x3", "9" * 30):
            assert handle(loop, handler, b"abc", scope=post(content_length=length)).status == 400
        scope = post(content_length="3", transfer_encoding="chunked")
        assert handle(loop, handler, b"abc", scope=scope).status == 400

    def test_a_disconnect(self, loop: str) -> None:
        seen: list[BaseException] = []

        async def handler(request: Request) -> Response:
            try:
                await request.form()
            except BaseException as error:
                seen.append(error)
                raise
            raise AssertionError

        exchange = handle(loop, handler, scope=post(FORM), exchange=Exchange(b"a=1", cut=True))
        assert exchange.sent == []
        assert isinstance(seen[0], ClientDisconnect)

    def test_a_stream_that_failed_does_not_end_as_if_it_were_whole(self, loop: str) -> None:
        async def handler(request: Request) -> Response:
            stream = request.stream()
            assert await anext(stream) == b"a=1"
            with pytest.raises(ClientDisconnect):
                await anext(stream)
            with pytest.raises(ContentConsumed):
                await anext(stream)
            return Response()

        exchange = handle(loop, handler, scope=post(FORM), exchange=Exchange(b"a=1", cut=True))
        assert exchange.status == 200

    def test_early_hints(self, loop: str) -> None:
        async def handler(request: Request) -> Response:
            return Response.json(await request.early_hints("</a.css>; rel=preload"))

        assert handle(loop, handler).body == b"false"
        exchange = handle(loop, handler, scope=http_scope(extensions=["http.response.early_hint"]))
        assert exchange.body == b"true"
        assert exchange.sent[0] == {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}

    @pytest.mark.parametrize("link", ["</a>\r\nSet-Cookie: x=1", "</€>"])
    def test_no_header_comes_in_by_a_hint(self, loop: str, link: str) -> None:
        async def handler(request: Request) -> Response:
            return Response.json(await request.early_hints(link))

        scope = http_scope(extensions=["http.response.early_hint"])
        exchange = handle(loop, handler, scope=scope, raises=InvalidHeader)
        assert exchange.sent[0]["type"] == "http.response.start"
        assert exchange.status == 500


class TestResponses:
    def test_bytes(self, loop: str) -> None:
        async def handler(request: Request) -> Response:
            return Response("hello")

        exchange = handle(loop, handler)
        assert (exchange.status, exchange.body, exchange.headers["content-length"]) == (200, b"hello", "5")
        exchange = handle(loop, handler, scope=http_scope("HEAD"))
        assert (exchange.body, exchange.headers["content-length"]) == (b"", "5")

    def test_respond(self, loop: str) -> None:
        async def app(scope: Scope, receive: Any, send: Any) -> None:
            await respond(Response("a"), scope, receive, send)

        async def streaming(scope: Scope, receive: Any, send: Any) -> None:
            await respond(Response(AsyncBody("a", "b")), scope, receive, send)

        async def check() -> None:
            assert (await Exchange().call(app)).body == b"a"
            assert (await Exchange().call(streaming)).body == b"ab"
            with pytest.raises(ClientDisconnect):
                await Exchange(leave_after=1).call(app)

        run(loop, check)

    @pytest.mark.parametrize("make", [Body, AsyncBody])
    @pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
    def test_no_content(self, loop: str, make: Any, method: str, status: int) -> None:
        body = make("never")

        async def handler(request: Request) -> Response:
            return Response(body, status)

        exchange = handle(loop, handler, scope=http_scope(method))
        assert (exchange.status, exchange.body, body.closed) == (status, b"", 1)

    @pytest.mark.parametrize("make", [Body, AsyncBody])
    def test_a_stream(self, loop: str, make: Any) -> None:
        body = make("", "é", b"b")

        async def handler(request: Request) -> Response:
            return Response(body)

        exchange = handle(loop, handler)
        assert [message.get("body") for message in exchange.sent] == [None, "é".encode(), b"b", b""]
        assert body.closed == 1

    @pytest.mark.parametrize("make", [list, iter, awaited])
    @pytest.mark.parametrize("chunk", [bytearray(b"b"), memoryview(b"b")])
    def test_bytes_of_other_types(self, loop: str, make: Any, chunk: object) -> None:
        async def handler(request: Request) -> Response:
            return Response(make(["a", chunk, "c"]))

        sent = handle(loop, handler).sent[1:]
        assert [(type(message["body"]), message["body"]) for message in sent[:3]] == [
            (bytes, b"a"),
            (bytes, b"b"),
            (bytes, b"c"),
        ]

    @pytest.mark.parametrize("make", [list, iter, awaited])
    @pytest.mark.parametrize("chunk", [1, None, [b"b"]])
    def test_what_is_no_chunk(self, loop: str, make: Any, chunk: object) -> None:
        async def handler(request: Request) -> Response:
            return Response(make([chunk, "c"]))

        exchange = handle(loop, handler, raises=InvalidResponse)
        assert exchange.status == 500

    def test_a_list(self, loop: str) -> None:
        async def handler(request: Request) -> Response:
            return Response(["a", "b"])

        assert handle(loop, handler).body == b"ab"

    def test_an_empty_chunk_sends_the_head(self, loop: str) -> None:
        started: list[int] = []
        exchange = Exchange()

        async def chunks() -> AsyncIterator[str]:
            yield ""
            started.append(len(exchange.sent))
            yield "a"

        async def handler(request: Request) -> Response:
            return Response(chunks())

        assert handle(loop, handler, exchange=exchange).body == b"a"
        assert started == [1]

    @pytest.mark.parametrize(("chunks", "length"), [(["abc"], 2), (["abc"], 4), ([], 1)])
    @pytest.mark.parametrize("make", [Body, AsyncBody])
    def test_a_length_that_lies(self, loop: str, make: Any, chunks: list[str], length: int) -> None:
        body = make(*chunks)

        async def handler(request: Request) -> Response:
            return Response(body, headers={"Content-Length": str(length)})

        exchange = Exchange()
        app = application(handler)

        async def call() -> None:
            with pytest.raises(ContentLengthError):
                await app(http_scope(), exchange.receive, exchange.send)

        run(loop, call)
        assert exchange.status == 500 or len(exchange.body) < length
        assert body.closed == 1

    def test_trailers(self, loop: str) -> None:
        digests: list[str] = []

        async def chunks() -> AsyncIterator[str]:
            yield "a"
            digests.append("sha-256=:x:")

        async def handler(request: Request) -> Response:
            return Response(chunks(), trailers=lambda: {"Content-Digest": digests[0]})

        exchange = handle(loop, handler, scope=http_scope(extensions=["http.response.trailers"]))
        assert exchange.start["trailers"] is True
        assert exchange.sent[-1] == {
            "type": "http.response.trailers",
            "headers": [(b"content-digest", b"sha-256=:x:")],
            "more_trailers": False,
        }
        exchange = handle(loop, handler)
        assert exchange.sent[-1]["type"] == "http.response.body"

    def test_trailers_of_a_real_file(self, loop: str, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"abc")

        async def handler(request: Request) -> Response:
            return Response(path.open("rb"), trailers=lambda: {"Content-Digest": "sha-256=:x:"})

        extensions = ["http.response.trailers", "http.response.pathsend"]
        exchange = handle(loop, handler, scope=http_scope(extensions=extensions))
        assert (exchange.body, exchange.start["headers"]) == (b"abc", [])
        assert exchange.sent[-1]["headers"] == [(b"content-digest", b"sha-256=:x:")]
        exchange = handle(loop, handler)
        assert (exchange.body, exchange.start["headers"]) == (b"abc", [(b"content-length", b"3")])

    @pytest.mark.parametrize(("chunks", "headers"), [([], {}), (["a"], {}), (["a"], {"Content-Length": "1"})])
    def test_trailers_that_fail(self, loop: str, chunks: list[str], headers: dict[str, str]) -> None:
        def fail() -> dict[str, str]:
            raise KeyError

        async def handler(request: Request) -> Response:
            return Response(AsyncBody(*chunks), headers=headers, trailers=fail)

        scope = http_scope(extensions=["http.response.trailers"])
        exchange = Exchange()

        async def call() -> None:
            with pytest.raises(ExchangeError if headers else KeyError):
                await application(handler)(scope, exchange.receive, exchange.send)

        run(loop, call)
        assert exchange.status == (200 if chunks else 500)
        assert not chunks or exchange.sent[-1]["more_body"] is True

    def test_a_client_that_stops_reading(self, loop: str) -> None:
        """The server's `send` waits: nothing is made that cannot be sent."""
        made: list[int] = []

        async def chunks() -> AsyncIterator[bytes]:
            for number in range(100):
                made.append(number)
                yield b"x"

        class Slow(Exchange):
            async def send(self, message: Message) -> None:
                await super().send(message)
                if len(self.sent) > 3:
                    self.coming.append({"type": "http.disconnect"})
                    await for_ever()

        async def handler(request: Request) -> Response:
            return Response(chunks())

        exchange = Slow()
        app = application(handler)

        async def call() -> None:
            # The watcher asks for messages only now and then: this one sees the disconnect when it asks.
            exchange.coming.clear()
            exchange.receive = exchange_receive  # type: ignore[method-assign]
            await app(http_scope(), exchange.receive, exchange.send)

        async def exchange_receive() -> Message:
            while not exchange.coming:
                await pause()
            return exchange.coming.pop(0)

        run(loop, call)
        assert made == [0, 1, 2]


class TestFiles:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "file.txt"
        path.write_bytes(b"0123456789" * 20_000)
        return path

    def respond(self, loop: str, response: Response, method: str = "GET", *extensions: str) -> Exchange:
        async def handler(request: Request) -> Response:
            return response

        return handle(loop, handler, scope=http_scope(method, extensions=extensions))

    def test_a_real_file(self, loop: str, path: Path) -> None:
        file = path.open("rb")
        exchange = self.respond(loop, Response(file))
        assert exchange.body == path.read_bytes()
        assert exchange.headers["content-length"] == "200000"
        assert file.closed

    def test_head(self, loop: str, path: Path) -> None:
        file = path.open("rb")
        exchange = self.respond(loop, Response(file), "HEAD", "http.response.pathsend")
        assert (exchange.body, exchange.headers["content-length"]) == (b"", "200000")
        assert file.closed

    def test_something_like_a_file(self, loop: str) -> None:
        file = io.BytesIO(b"abc")
        exchange = self.respond(loop, Response(file), "GET", "http.response.pathsend")
        assert exchange.body == b"abc"
        assert file.closed

    def test_by_path(self, loop: str, path: Path) -> None:
        exchange = self.respond(loop, Response(path.open("rb")), "GET", "http.response.pathsend")
        assert exchange.sent[1] == {"type": "http.response.pathsend", "path": str(path)}
        assert exchange.headers["content-length"] == "200000"

    @pytest.mark.parametrize("change", ["part", "moved", "replaced", "relative"])
    def test_by_path_only_where_that_is_the_same(
        self, loop: str, path: Path, change: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(path.parent)
        file = open(path.name if change == "relative" else path, "rb")  # noqa: SIM115, PTH123  # the body's to close
        if change == "part":
            file.seek(5)
        elif change == "moved":
            path.rename(path.with_suffix(".old"))
        elif change == "replaced":
            path.rename(path.with_suffix(".old"))
            path.write_bytes(b"x" * 200_000)
        exchange = self.respond(loop, Response(file), "GET", "http.response.pathsend")
        assert exchange.body == (b"0123456789" * 20_000)[5 if change == "part" else 0 :]
        assert file.closed

    def test_by_descriptor(self, loop: str, path: Path) -> None:
        file = path.open("rb")
        file.seek(10)
        exchange = self.respond(loop, Response(file), "GET", "http.response.zerocopysend")
        kind = "http.response.zerocopysend"
        assert exchange.sent[1] == {"type": kind, "file": file, "offset": 10, "count": 199_990}
        assert file.closed

    def test_reading_leaves_the_loop_free(self, loop: str) -> None:
        threads: list[int] = []

        class Slow(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                threads.append(threading.get_ident())
                return super().read(size)

        assert self.respond(loop, Response(Slow(b"abc"))).body == b"abc"
        assert threading.get_ident() not in threads

    def test_a_pipe(self, loop: str) -> None:
        read, write = os.pipe()
        os.write(write, b"abc")
        os.close(write)
        exchange = self.respond(loop, Response(open(read, "rb")))  # noqa: SIM115, PTH123  # the body's to close
        assert exchange.body == b"abc"
        assert "content-length" not in exchange.headers


class TestErrors:
    @pytest.mark.parametrize("raises", [True, False])
    @pytest.mark.parametrize("error", [NotFound("no user"), HTTPError(418, "no user")])
    def test_are_answers(self, loop: str, error: HTTPError, raises: bool) -> None:
        async def handler(_: Request) -> HTTPError:
            if raises:
                raise error
            return error

        exchange = handle(loop, handler)
        assert exchange.status == error.status
        assert b"no user" in exchange.body

    def test_a_fault_is_answered_and_raised(self, loop: str) -> None:
        async def handler(_: Request) -> Response:
            raise KeyError

        exchange = handle(loop, handler, raises=KeyError)
        assert (exchange.status, exchange.body) == (500, b"500 Internal Server Error\n")

    def test_that_cannot_be_answered(self, loop: str) -> None:
        async def handler(_: Request) -> Response:
            raise NotFound(headers=[("X-Id", "a\nb")])

        exchange = handle(loop, handler, raises=InvalidHeader)
        assert (exchange.status, exchange.body) == (500, b"500 Internal Server Error\n")

    def test_rendered_by_the_application(self, loop: str) -> None:
        @application(errors=lambda error, request: Response(f"{request.path} {error.status}", error.status))
        async def app(_: Request) -> Response:
            raise NotFound

        async def check() -> None:
            assert (await Exchange().call(app, http_scope(path="/a"))).body == b"/a 404"

        run(loop, check)

    def test_what_is_no_response(self, loop: str) -> None:
        async def handler(_: Request) -> str:
            return "hello"

        assert handle(loop, handler, raises=NotAResponse).status == 500

    @pytest.mark.parametrize("make", [Body, AsyncBody])
    def test_before_the_first_chunk(self, loop: str, make: Any) -> None:
        body = make(error=Conflict("late"))

        async def handler(_: Request) -> Response:
            return Response(body)

        exchange = handle(loop, handler)
        assert exchange.status == 409
        assert b"late" in exchange.body
        assert body.closed == 1

    @pytest.mark.parametrize("make", [Body, AsyncBody])
    def test_a_fault_before_the_first_chunk(self, loop: str, make: Any) -> None:
        async def handler(_: Request) -> Response:
            return Response(make(error=KeyError("x")))

        assert handle(loop, handler, raises=KeyError).status == 500

    @pytest.mark.parametrize("make", [Body, AsyncBody])
    @pytest.mark.parametrize("error", [Conflict("late"), KeyError("x")])
    def test_after_the_first_chunk(self, loop: str, make: Any, error: Exception) -> None:
        body = make("a", error=error)

        async def handler(_: Request) -> Response:
            return Response(body)

        exchange = handle(loop, handler, raises=type(error))
        assert (exchange.status, exchange.body) == (200, b"a")
        assert exchange.sent[-1]["more_body"] is True
        assert body.closed == 1

    def test_a_client_that_is_gone_before_the_error_is_told(self, loop: str) -> None:
        async def handler(_: Request) -> Response:
            raise NotFound

        handle(loop, handler, exchange=Exchange(leave_after=0))

    def test_a_server_that_fails(self, loop: str) -> None:
        async def handler(_: Request) -> Response:
            return Response("a")

        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)
            raise RuntimeError("broken")

        async def call() -> None:
            with pytest.raises(RuntimeError, match="broken"):
                await application(handler)(http_scope(), Exchange().receive, send)

        run(loop, call)


def test_a_scope_of_another_protocol_is_refused(loop: str) -> None:
    async def handler(request: Request) -> Response:
        raise AssertionError

    exchange = Exchange()

    async def call() -> None:
        with pytest.raises(LocalError, match="not 'webtransport'"):
            await application(handler)({"type": "webtransport"}, exchange.receive, exchange.send)

    run(loop, call)
    assert (exchange.received, exchange.sent) == (0, [])


class TestThreads:
    """Synchronous handlers run in a worker thread."""

    def test_a_handler(self, loop: str) -> None:
        def handler(request: ThreadedRequest) -> Response:
            assert isinstance(request, ThreadedRequest)
            assert threading.current_thread() is not threading.main_thread()
            return Response.json([request.json(), request.early_hints("</a>")])

        assert handle(loop, handler, b"[1", b"]", scope=post()).body == b"[[1],false]"

    def test_a_form(self, loop: str) -> None:
        def handler(request: ThreadedRequest) -> Response:
            return Response.json([file.size for file in request.form().files.values()])

        body = upload(b"x", b"yy")
        assert handle(loop, handler, body[:50], body[50:], scope=post(MULTIPART)).body == b"[1,2]"

    def test_errors(self, loop: str) -> None:
        def handler(request: ThreadedRequest) -> Response:
            raise NotFound if request.path == "/a" else KeyError

        assert handle(loop, handler, scope=http_scope(path="/a")).status == 404
        assert handle(loop, handler, raises=KeyError).status == 500

    @pytest.mark.parametrize(
        ("error", "told"), [(StopIteration, RuntimeError), (futures.CancelledError, futures.CancelledError)]
    )
    def test_errors_that_mean_something_to_a_future(
        self, loop: str, error: type[Exception], told: type[Exception]
    ) -> None:
        def handler(request: ThreadedRequest) -> Response:
            raise error

        assert handle(loop, handler, raises=told).status == 500

    def test_a_disconnect(self, loop: str) -> None:
        seen: list[BaseException] = []

        def handler(request: ThreadedRequest) -> Response:
            try:
                return Response(request.data())
            except BaseException as error:
                seen.append(error)
                raise

        exchange = handle(loop, handler, scope=post(), exchange=Exchange(b"a", cut=True))
        assert exchange.sent == []
        assert isinstance(seen[0], ClientDisconnect)

    def test_context_is_carried_there_and_to_the_body(self, loop: str) -> None:
        name: ContextVar[str] = ContextVar("name", default="?")

        def chunks() -> Iterator[str]:
            yield name.get()

        def handler(request: ThreadedRequest) -> Response:
            assert name.get() == "outside"
            name.set("inside")
            return Response(chunks())

        exchange = Exchange()

        async def call() -> None:
            name.set("outside")
            await exchange.call(application(handler))
            assert name.get() == "outside"

        run(loop, call)
        assert exchange.body == b"inside"

    def test_a_generator_runs_in_threads_too(self, loop: str) -> None:
        threads: list[threading.Thread] = []

        def chunks() -> Iterator[str]:
            threads.append(threading.current_thread())
            yield "a"

        async def handler(request: Request) -> Response:
            return Response(chunks())

        assert handle(loop, handler).body == b"a"
        assert threads[0] is not threading.main_thread()

    def test_a_request_out_of_its_thread(self) -> None:
        request = ThreadedRequest(post(), Exchange().receive, Exchange().send)
        with pytest.raises(LocalError, match="made by `application`"):
            request.data()


class BlockingSink:
    """A sink that knows which threads write to it."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def write(self, data: bytes) -> int:
        self.threads.add(threading.get_ident())
        return len(data)

    def close(self) -> None:
        self.threads.add(threading.get_ident())


class TestSinks:
    def read(
        self, loop: str, body: bytes, sink: Any, watch: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        async def check() -> None:
            request = request_of(body[:100], body[100:], scope=post(MULTIPART))
            if watch is not None:
                await watch()
            form = await request.form(open_sink=lambda _: sink)
            assert form.files["f0"].size == 1000
            request.close()

        run(loop, check)

    def test_that_block_do_so_in_a_thread(self, loop: str) -> None:
        sink = BlockingSink()
        self.read(loop, upload(b"x" * 1000), sink)
        assert threading.get_ident() not in sink.threads

    def test_that_do_not_stay_here(self, loop: str) -> None:
        class Memory(BlockingSink):
            def may_block(self, size: int) -> bool:
                return False

        sink = Memory()
        self.read(loop, upload(b"x" * 1000), sink)
        assert sink.threads == {threading.get_ident()}

    def test_that_are_awaited(self, loop: str) -> None:
        class Awaited(BlockingSink):
            async def write(self, data: bytes) -> None:  # type: ignore[override]  # a sink may be either
                self.threads.add(threading.get_ident())
                await pause()

            async def close(self) -> None:  # type: ignore[override]  # the same
                await pause()

        sink = Awaited()
        self.read(loop, upload(b"x" * 1000), sink)
        assert sink.threads == {threading.get_ident()}

    def test_a_slow_disk_leaves_the_loop_free(self, loop: str) -> None:
        disk = PatientDisk()

        async def upload_to_it() -> None:
            request = request_of(upload(b"x" * 1000), scope=post(MULTIPART))
            await request.form(open_sink=lambda _: disk)
            request.close()

        run(loop, partial(while_ticking, upload_to_it, disk))
        assert disk.calls >= 2


class PatientDisk:
    """A disk that takes as long as the event loop needs to go round twenty times."""

    def __init__(self) -> None:
        self.calls = 0
        self.rounds = 0
        self._turned = threading.Condition()

    def turn(self) -> None:
        with self._turned:
            self.rounds += 1
            self._turned.notify_all()

    def write(self, data: bytes) -> int:
        self._wait()
        return len(data)

    def close(self) -> None:
        self._wait()

    def _wait(self) -> None:
        with self._turned:
            self.calls += 1
            enough = self.rounds + 20
            if not self._turned.wait_for(lambda: self.rounds >= enough, timeout=60):
                raise TimeoutError("the event loop waits for the disk")


async def while_ticking(work: Callable[[], Awaitable[None]], disk: PatientDisk) -> None:
    """Do some work, and tell a disk every time the event loop goes round meanwhile."""

    async def tick() -> None:
        while True:
            await nap(0.001)
            disk.turn()

    if trio.lowlevel.in_trio_run():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(tick)
            await work()
            nursery.cancel_scope.cancel()
    else:
        ticking = asyncio.ensure_future(tick())
        await work()
        ticking.cancel()


@pytest.mark.parametrize("module", ["toolkit.asgi", "toolkit.wsgi"])
def test_no_event_loop_is_loaded_before_one_runs(module: str) -> None:
    loops = "{'asyncio', 'trio', 'threading', 'socket'}"
    program = f"import sys, {module}; print(sorted({loops} & set(sys.modules)))"
    output = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert output.stdout == "[]\n"
