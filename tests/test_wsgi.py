"""The WSGI adapter, with `wsgiref.validate` around every call."""
# ruff: noqa: ANN401, ARG001, ARG002  # signatures are given by what is played

from __future__ import annotations

import gzip
import io
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.leaks import needs_proc, nothing_left
from tests.support.wsgi import Exchange, make_environ
from toolkit.sansio.errors.base import InvalidHeader, LimitExceeded, RemoteError
from toolkit.sansio.errors.http import Conflict, HTTPError, NotFound
from toolkit.sansio.exchange.body import ClientDisconnect, ContentConsumed
from toolkit.sansio.exchange.content import IncompleteContent
from toolkit.sansio.exchange.machine import ContentLengthError
from toolkit.sansio.exchange.outcome import NotAResponse
from toolkit.sansio.exchange.policy import Policy
from toolkit.sansio.exchange.response import InvalidResponse, Response
from toolkit.sansio.fields.proxies import TrustedProxies
from toolkit.sansio.limits import BodyLimits, FormLimits
from toolkit.storage import PathSink
from toolkit.wsgi import AwaitedRequest, Request, application, respond

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator
    from pathlib import Path

    from toolkit.sansio.exchange.content import JSON

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=B"


def upload(*files: bytes) -> bytes:
    """A form of files."""
    parts = [
        b'--B\r\nContent-Disposition: form-data; name="f%d"; filename="f%d.bin"\r\n\r\n%s\r\n' % (n, n, data)
        for n, data in enumerate(files)
    ]
    return b"".join(parts) + b"--B--\r\n"


def post(body: bytes, content_type: str = "text/plain", **more: object) -> dict[str, Any]:
    return make_environ("POST", "/", [("Content-Type", content_type)], body, **more)


def handle(
    handler: Callable[[Request], Any], environ: dict[str, Any] | None = None, **options: Any
) -> Exchange:
    return Exchange().call(application(handler, **options), environ)


class Body:
    """A body that notices what is done with it; it fails after `good` chunks."""

    def __init__(self, *chunks: bytes | str, error: BaseException | None = None) -> None:
        self.chunks = list(chunks)
        self.error = error
        self.closed = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> bytes | str:
        assert not self.closed
        if self.chunks:
            return self.chunks.pop(0)
        if self.error is not None:
            raise self.error
        raise StopIteration

    def close(self) -> None:
        self.closed += 1


async def awaited(chunks: list[Any]) -> AsyncIterator[Any]:
    """The same chunks, awaited."""
    for chunk in chunks:
        yield chunk


def start_nothing(*_: object) -> Callable[[bytes], object]:
    """A `start_response` that nobody looks at."""
    return lambda _: None


class TestFacts:
    def test_nothing_is_read_that_nobody_asks_for(self) -> None:
        assert Request({}).environ == {}

    def test_what_the_environ_says(self) -> None:
        request = Request(make_environ("PUT", "/a/b?x=1&x=2", [("Host", "example.org"), ("X-A", "1")]))
        assert (request.method, request.path, request.query_string) == ("PUT", "/a/b", "x=1&x=2")
        assert request.target == "/a/b?x=1&x=2"
        assert request.args.getlist("x") == ["1", "2"]
        assert request.headers["X-A"] == "1"
        assert (request.scheme, request.client, request.server) == (
            "http",
            ("192.0.2.1", 0),
            ("localhost", 8000),
        )
        assert str(request.url) == "http://example.org/a/b?x=1&x=2"
        assert repr(request) == "<Request PUT /a/b>"

    @pytest.mark.parametrize(
        ("protocol", "version"),
        [("HTTP/1.0", "1.0"), ("HTTP/1.1", "1.1"), ("HTTP/2.0", "2"), ("HTTP/2", "2"), ("HTTP/3", "3")],
    )
    def test_the_version_of_http(self, protocol: str, version: str) -> None:
        assert Request(make_environ(SERVER_PROTOCOL=protocol)).http_version == version

    def test_where_it_is_mounted(self) -> None:
        request = Request(make_environ(path="/users", SCRIPT_NAME="/my app/", HTTP_HOST="a.example"))
        assert (request.root_path, request.raw_path, request.target) == (
            "/my%20app",
            "/users",
            "/my%20app/users",
        )
        assert str(request.base_url) == "http://a.example/my%20app/"

    def test_an_empty_path(self) -> None:
        assert Request(make_environ(path="", SCRIPT_NAME="/app")).raw_path == "/"
        assert Request(make_environ(path="", SCRIPT_NAME="/app", REQUEST_URI="/app")).raw_path == "/"

    def test_nobody_there(self) -> None:
        assert Request(make_environ(REMOTE_ADDR=None)).client is None
        assert Request(make_environ(REMOTE_PORT="81")).client == ("192.0.2.1", 81)

    @pytest.mark.parametrize(
        ("path", "raw", "decoded"),
        [
            ("/caf\xc3\xa9", "/caf%C3%A9", "/café"),
            ("/a b%", "/a%20b%25", "/a b%"),
            ("/\xff", "/%FF", "/\ufffd"),
            ("/\u20ac", "/%3F", "/?"),  # no server may give that: "?" stands for it
        ],
    )
    def test_paths_are_octets(self, path: str, raw: str, decoded: str) -> None:
        request = Request(make_environ() | {"PATH_INFO": path})
        assert (request.raw_path, request.path) == (raw, decoded)

    @pytest.mark.parametrize("variable", ["RAW_URI", "REQUEST_URI"])
    @pytest.mark.parametrize(
        ("sent", "script", "path", "raw"),
        [
            ("/a%2Fb?q", "", "/a/b", "/a%2Fb"),
            ("/app/a%2Fb", "/app", "/a/b", "/a%2Fb"),
            ("/app/a", "/app", "/a", "/a"),
            ("/%61pp/a%2fb", "/app", "/a/b", "/a%2fb"),
            ("/a%2Fp/x%20y", "/a/p", "/x y", "/x%20y"),
            ("/a%2Fb", "", "/rewritten", "/rewritten"),
            ("http://example.org/a%2Fb", "", "/a/b", "/a/b"),
            ("/caf%C3%A9%2F", "", "/caf\xc3\xa9/", "/caf%C3%A9%2F"),
        ],
    )
    def test_what_was_sent(self, variable: str, sent: str, script: str, path: str, raw: str) -> None:
        environ = make_environ(path=path, SCRIPT_NAME=script) | {variable: sent}
        assert Request(environ).raw_path == raw

    def test_bad_hosts_are_answered(self) -> None:
        for host in ("a b", "exa mple", "user@example.org", "a,b", "[::1"):
            exchange = handle(lambda request: Response(request.host), make_environ(headers=[("Host", host)]))
            assert exchange.status == 400, host
            assert exchange.error is None

    def test_a_trusted_proxy_is_believed(self) -> None:
        forwarded = [("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https")]
        environ = make_environ(headers=forwarded)
        assert (Request(environ).remote_addr, Request(environ).is_secure) == ("192.0.2.1", False)
        request = Request(environ, Policy(proxies=TrustedProxies(hops=1)))
        assert (request.remote_addr, request.is_secure) == ("203.0.113.7", True)

    def test_untrusted_hosts_are_answered(self) -> None:
        policy = Policy(trusted_hosts=("example.org",))
        environ = make_environ(headers=[("Host", "evil.example")])
        assert handle(lambda request: Response(request.host), environ, policy=policy).status == 421


class TestReading:
    def test_data_text_json(self) -> None:
        request = Request(post(b'{"a": "\xc3\xa9"}'))
        assert request.json() == {"a": "é"}
        assert request.text() == '{"a": "é"}'
        assert request.data() == b'{"a": "\xc3\xa9"}'
        assert list(request.stream()) == [request.data()]

    def test_text_in_a_charset(self) -> None:
        assert Request(post(b"\xe9", "text/plain; charset=iso-8859-1")).text() == "é"

    def test_json_with_a_validator(self) -> None:
        assert Request(post(b"[1, 2]")).json(lambda value: value) == [1, 2]

        def refuse(value: object) -> JSON:
            raise ValueError(f"not {value}")

        exchange = handle(lambda request: Response.json(request.json(refuse)), post(b"7"))
        assert exchange.status == 422
        assert b"not 7" in exchange.body

    def test_json_with_a_name_twice(self) -> None:
        assert handle(lambda request: Response.json(request.json()), post(b'{"a":1,"a":2}')).status == 400
        assert Request(post(b'{"a":1,"a":2}')).json(duplicates="last") == {"a": 2}

    def test_a_form(self) -> None:
        request = Request(post(b"a=1&b=%C3%A9", FORM))
        form = request.form()
        assert list(form.items(multi=True)) == [("a", "1"), ("b", "é")]
        assert request.form() is form
        with pytest.raises(ContentConsumed):
            request.data()

    def test_a_form_of_data_that_was_kept(self) -> None:
        request = Request(post(b"a=1", FORM))
        request.data()
        assert request.form()["a"] == "1"

    def test_a_form_with_files(self) -> None:
        seen: list[int] = []
        request = Request(post(upload(b"x" * 100_000, b"y"), MULTIPART))
        form = request.form(progress=lambda received, _: seen.append(received))
        assert [file.size for file in form.files.values()] == [100_000, 1]
        assert seen[-1] == request.content_length
        request.close()
        request.close()

    def test_a_stream_is_read_once(self) -> None:
        request = Request(post(b"x" * 200_000))
        assert b"".join(request.stream()) == b"x" * 200_000
        with pytest.raises(ContentConsumed):
            list(request.stream())

    def test_a_stream_left_in_the_middle(self) -> None:
        request = Request(post(b"x" * 200_000))
        next(request.stream())
        with pytest.raises(ContentConsumed):
            request.data()

    def test_it_never_reads_past_the_content(self) -> None:
        environ = post(b"abc")
        environ["wsgi.input"] = io.BytesIO(b"abcNEXT")
        assert Request(environ).data() == b"abc"
        assert environ["wsgi.input"].read() == b"NEXT"

    def test_no_content(self) -> None:
        environ = make_environ("POST")
        del environ["wsgi.input"]  # nobody looks
        assert Request(environ).data() == b""

    def test_a_server_that_gives_less_at_a_time(self) -> None:
        class Trickle(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                assert size is not None
                assert size > 0
                return super().read(min(size, 3))

        environ = post(b"0123456789")
        environ["wsgi.input"] = Trickle(b"0123456789NEXT")
        assert Request(environ).data() == b"0123456789"

    def test_codings(self) -> None:
        environ = post(gzip.compress(b"hello"), HTTP_CONTENT_ENCODING="gzip")
        assert Request(environ).data() == b"hello"


class TestChunked:
    def environ(self, body: bytes, **more: object) -> dict[str, Any]:
        environ = make_environ("POST", headers=[("Transfer-Encoding", "chunked")])
        return environ | more | {"wsgi.input": io.BytesIO(body)}

    def test_where_the_server_ends_it(self) -> None:
        environ = self.environ(b"x" * 100_000, **{"wsgi.input_terminated": True})
        assert Request(environ).data() == b"x" * 100_000

    def test_where_it_does_not(self) -> None:
        exchange = handle(lambda request: Response(request.data()), self.environ(b"5\r\nhello\r\n"))
        assert exchange.status == 411

    def test_limits_hold(self) -> None:
        environ = self.environ(b"x" * 1000, **{"wsgi.input_terminated": True})
        policy = Policy(body=BodyLimits(max_body=999))
        assert handle(lambda request: Response(request.data()), environ, policy=policy).status == 413

    def test_limits_of_forms_hold(self) -> None:
        environ = self.environ(b"a=" + b"x" * 1000, CONTENT_TYPE=FORM, **{"wsgi.input_terminated": True})
        policy = Policy(form=FormLimits(max_body=1001))
        assert (
            handle(lambda request: Response(str(request.form()["a"])), environ, policy=policy).status == 413
        )

    def test_with_a_length_as_well(self) -> None:
        environ = self.environ(b"hello", CONTENT_LENGTH="5", **{"wsgi.input_terminated": True})
        assert handle(lambda request: Response(request.data()), environ).status == 400


class TestLimits:
    def test_of_a_call(self) -> None:
        request = Request(post(b"x" * 11))
        with pytest.raises(LimitExceeded):
            request.data(limits=BodyLimits(max_body=10))
        assert request.data() == b"x" * 11

    def test_of_a_form_are_its_own(self) -> None:
        body = upload(b"x" * 1000)
        policy = Policy(body=BodyLimits(max_body=10))
        request = Request(post(body, MULTIPART), policy)
        with pytest.raises(LimitExceeded):
            request.form(limits=FormLimits(max_body=1000))
        assert request.form().files["f0"].size == 1000


class TestLies:
    @pytest.mark.parametrize("read", ["data", "text", "json", "form", "stream"])
    def test_less_than_announced(self, read: str) -> None:
        def handler(request: Request) -> Response:
            with pytest.raises(IncompleteContent) as caught:
                list(getattr(request, read)())
            assert caught.value.status == 400
            raise caught.value

        exchange = handle(handler, post(b"a=1", FORM, CONTENT_LENGTH="4"))
        assert (exchange.status, exchange.error) == (400, None)

    def test_a_stream_that_failed_does_not_end_as_if_it_were_whole(self) -> None:
        stream = Request(post(b"abc", CONTENT_LENGTH="9")).stream()
        assert next(stream) == b"abc"
        with pytest.raises(IncompleteContent):
            next(stream)
        with pytest.raises(ContentConsumed):
            next(stream)

    @pytest.mark.parametrize("length", ["-1", "+3", "3_0", "3.0", "three", "0x3", "3, 3", "9" * 30])
    def test_lengths_that_are_none(self, length: str) -> None:
        app = application(lambda request: Response(request.data()))
        # Behind the validator, which would not let such an environ pass.
        exchange = Exchange().call(lambda environ, start: app(environ | {"CONTENT_LENGTH": length}, start))
        assert exchange.status == 400
        assert b"Content-Length" in exchange.body

    def test_a_connection_that_breaks(self) -> None:
        class Broken(io.RawIOBase):
            def read(self, size: int = -1, /) -> bytes:
                raise ConnectionResetError("gone")

        environ = post(b"abc")
        environ["wsgi.input"] = Broken()
        request = Request(environ)
        with pytest.raises(ClientDisconnect) as caught:
            request.data()
        assert isinstance(caught.value.__cause__, ConnectionResetError)
        assert handle(lambda request: Response(request.data()), environ).status == 400


class TestResponses:
    def test_bytes(self) -> None:
        exchange = handle(lambda _: Response("hello"))
        assert (exchange.status, exchange.body, exchange.error) == (200, b"hello", None)
        assert exchange.headers["content-length"] == "5"

    def test_respond(self) -> None:
        exchange = Exchange().call(lambda environ, start: respond(Response("a"), environ, start))
        assert exchange.body == b"a"
        body = Body("a", b"b")
        response = Response(body, content_type="text/plain")
        assert Exchange().call(lambda environ, start: respond(response, environ, start)).body == b"ab"
        assert body.closed

    @pytest.mark.parametrize("status", [204, 304])
    def test_no_content(self, status: int) -> None:
        body = Body("never")
        exchange = handle(lambda _: Response(body, status))
        assert (exchange.status, exchange.body, exchange.error) == (status, b"", None)
        assert body.closed

    def test_head(self) -> None:
        exchange = handle(lambda _: Response("hello"), make_environ("HEAD"))
        assert (exchange.body, exchange.headers["content-length"]) == (b"", "5")
        body = Body("never")
        exchange = handle(lambda _: Response(body, content_type="text/plain"), make_environ("HEAD"))
        assert (exchange.body, exchange.error, bool(body.closed)) == (b"", None, True)

    def test_a_stream(self) -> None:
        body = Body("é", b"", b"b")
        exchange = handle(lambda _: Response(body, content_type="text/plain"))
        assert exchange.chunks == ["é".encode(), b"", b"b"]
        assert body.closed == 1

    @pytest.mark.parametrize("make", [list, iter, awaited])
    @pytest.mark.parametrize("chunk", [bytearray(b"b"), memoryview(b"b")])
    def test_bytes_of_other_types(self, make: Any, chunk: object) -> None:
        exchange = handle(lambda _: Response(make(["a", chunk, "c"]), content_type="text/plain"))
        assert exchange.chunks == [b"a", b"b", b"c"]

    @pytest.mark.parametrize("make", [list, iter, awaited])
    @pytest.mark.parametrize("chunk", [1, None, [b"b"]])
    def test_what_is_no_chunk(self, make: Any, chunk: object) -> None:
        exchange = handle(lambda _: Response(make([chunk, "c"]), content_type="text/plain"))
        assert exchange.status == 500
        assert isinstance(exchange.error, InvalidResponse)
        assert str(exchange.error) == f"{chunk!r} is no chunk of a response"

    def test_a_stream_that_is_left(self) -> None:
        body = Body("a", "b")
        app = application(lambda _: Response(body, content_type="text/plain"))
        assert Exchange().call(app, steps=1).body == b"a"
        assert body.closed == 1

    def test_a_stream_that_nobody_walks(self) -> None:
        body = Body("a")
        parts = application(lambda _: Response(body))(make_environ(), start_nothing)
        parts.close()  # type: ignore[attr-defined]  # it has one
        assert body.closed == 1

    def test_a_list(self) -> None:
        exchange = handle(lambda _: Response(["a", "b"], content_type="text/plain"))
        assert exchange.body == b"ab"

    @pytest.mark.parametrize(("chunks", "length"), [(["abc"], 2), (["abc"], 4), ([], 1)])
    def test_a_length_that_lies(self, chunks: list[str], length: int) -> None:
        body = Body(*chunks)
        headers = {"Content-Length": str(length), "Content-Type": "text/plain"}
        exchange = handle(lambda _: Response(body, headers=headers))
        assert isinstance(exchange.error, ContentLengthError)
        assert len(exchange.body) <= length or exchange.status == 500
        assert body.closed

    def test_a_lie_about_bytes(self) -> None:
        exchange = handle(lambda _: Response("abc", headers={"Content-Length": "2"}))
        assert exchange.status == 500
        assert isinstance(exchange.error, ContentLengthError)

    def test_early_hints(self) -> None:
        hints: list[list[tuple[str, str]]] = []

        def handler(request: Request) -> Response:
            return Response.json(request.early_hints("</a.css>; rel=preload", "</b.js>; rel=preload"))

        assert handle(handler).body == b"false"
        exchange = handle(handler, make_environ() | {"wsgi.early_hints": hints.append})
        assert exchange.body == b"true"
        assert hints == [[("Link", "</a.css>; rel=preload"), ("Link", "</b.js>; rel=preload")]]

    @pytest.mark.parametrize("link", ["</a>\r\nSet-Cookie: x=1", "</€>"])
    def test_no_header_comes_in_by_a_hint(self, link: str) -> None:
        hints: list[list[tuple[str, str]]] = []
        environ = make_environ() | {"wsgi.early_hints": hints.append}
        exchange = handle(lambda request: Response.json(request.early_hints(link)), environ)
        assert not hints
        assert exchange.status == 500
        assert isinstance(exchange.error, InvalidHeader)


class TestFiles:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "file.txt"
        path.write_bytes(b"0123456789" * 20_000)
        return path

    def respond(self, response: Response, **more: object) -> Exchange:
        response.headers["Content-Type"] = "text/plain"
        return handle(lambda _: response, make_environ() | more)

    def test_a_real_file(self, path: Path) -> None:
        file = path.open("rb")
        exchange = self.respond(Response(file))
        assert exchange.body == path.read_bytes()
        assert exchange.headers["content-length"] == "200000"
        assert file.closed

    def test_from_where_it_stands(self, path: Path) -> None:
        file = path.open("rb")
        file.seek(199_995)
        exchange = self.respond(Response(file), **{"wsgi.file_wrapper": FileWrapper})
        assert (exchange.body, exchange.headers["content-length"]) == (b"56789", "5")

    def test_a_part(self, path: Path) -> None:
        file = path.open("rb")
        exchange = self.respond(Response(file, headers={"Content-Length": "3"}))
        assert (exchange.body, exchange.error) == (b"012", None)
        assert file.closed

    def test_something_like_a_file(self) -> None:
        file = io.BytesIO(b"abc")
        exchange = self.respond(Response(file))
        assert exchange.body == b"abc"
        assert "content-length" not in exchange.headers
        assert file.closed

    def test_sent_by_the_server(self, path: Path) -> None:
        file = path.open("rb")
        FileWrapper.made = 0
        exchange = self.respond(Response(file), **{"wsgi.file_wrapper": FileWrapper})
        assert exchange.body == path.read_bytes()
        assert FileWrapper.made == 1
        assert file.closed

    def test_by_respond(self, path: Path) -> None:
        file = path.open("rb")
        response = Response(file, content_type="text/plain")
        environ = make_environ() | {"wsgi.file_wrapper": FileWrapper}
        exchange = Exchange().call(lambda environ, start: respond(response, environ, start), environ)
        assert exchange.body == path.read_bytes()

    @pytest.mark.parametrize("in_body", [False, True])
    def test_one_that_tells_of_a_fault(self, path: Path, in_body: bool) -> None:
        file = path.open("rb")

        def handler(_: Request) -> Response:
            if in_body:
                return Response(Body(error=KeyError("a")), content_type="text/plain")
            raise KeyError("a")

        def errors(error: HTTPError | RemoteError, _: Any) -> Response:
            return Response(file, error.status, content_type="text/plain")

        exchange = handle(handler, make_environ() | {"wsgi.file_wrapper": FileWrapper}, errors=errors)
        assert (exchange.status, exchange.body) == (500, path.read_bytes())
        assert isinstance(exchange.error, KeyError)
        assert file.closed

    def test_head(self, path: Path) -> None:
        file = path.open("rb")
        response = Response(file, content_type="text/plain")
        exchange = handle(lambda _: response, make_environ("HEAD") | {"wsgi.file_wrapper": FileWrapper})
        assert (exchange.body, exchange.headers["content-length"]) == (b"", "200000")
        assert file.closed

    def test_a_file_that_is_cut_meanwhile(self, path: Path) -> None:
        file = path.open("rb")
        app = application(lambda _: Response(file, content_type="text/plain"))
        exchange = Exchange()
        environ = make_environ()
        parts = iter(app(environ, start_nothing))
        next(parts)
        path.write_bytes(b"")
        with pytest.raises(ContentLengthError):
            list(parts)
        assert file.closed
        assert exchange.error is None


class FileWrapper:
    """What a server would send with `sendfile`."""

    made = 0

    def __init__(self, file: io.BufferedReader, size: int) -> None:
        type(self).made += 1
        self.file = file
        self.size = size

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.file.read(self.size), b"")

    def close(self) -> None:
        self.file.close()


class TestErrors:
    @pytest.mark.parametrize("raises", [True, False])
    @pytest.mark.parametrize("error", [NotFound("no user"), Conflict("no user"), HTTPError(418, "no user")])
    def test_are_answers(self, error: HTTPError, raises: bool) -> None:
        def handler(_: Request) -> HTTPError:
            if raises:
                raise error
            return error

        exchange = handle(handler)
        assert (exchange.status, exchange.error) == (error.status, None)
        assert b"no user" in exchange.body

    def test_in_the_type_that_is_wanted(self) -> None:
        environ = make_environ(headers=[("Accept", "application/problem+json")])
        assert handle(lambda _: NotFound(), environ).headers["content-type"] == "application/problem+json"

    def test_rendered_by_the_application(self) -> None:
        def errors(error: HTTPError | RemoteError, request: Any) -> Response:
            return Response(f"{request.path} {error.status} {type(error.__cause__).__name__}", error.status)

        def handler(request: Request) -> Response:
            raise NotFound if request.path == "/a" else KeyError

        assert handle(handler, make_environ(path="/a"), errors=errors).body == b"/a 404 NoneType"
        exchange = handle(handler, make_environ(path="/b"), errors=errors)
        assert exchange.body == b"/b 500 KeyError"
        assert isinstance(exchange.error, KeyError)

    def test_as_a_decorator_with_options(self) -> None:
        @application(errors=lambda error, request: Response(f"{request.path} {error.status}", error.status))
        def app(_: Request) -> Response:
            """Nothing is here."""
            raise NotFound

        assert Exchange().call(app, make_environ(path="/a")).body == b"/a 404"
        assert (app.__name__, app.__doc__) == ("app", "Nothing is here.")

    def test_a_fault_is_answered_and_raised(self) -> None:
        exchange = handle(lambda _: 1 / 0)
        assert (exchange.status, exchange.body) == (500, b"500 Internal Server Error\n")
        assert isinstance(exchange.error, ZeroDivisionError)
        assert exchange.starts[0][2] is not None

    def test_a_fault_in_the_rendering(self) -> None:
        def errors(error: HTTPError | RemoteError, request: object) -> Response:
            raise KeyError("broken")

        exchange = handle(lambda _: NotFound(), errors=errors)
        assert (exchange.status, exchange.body) == (500, b"500 Internal Server Error\n")
        assert isinstance(exchange.error, KeyError)

    def test_that_cannot_be_answered(self) -> None:
        def handler(_: Request) -> Response:
            raise NotFound(headers=[("X-Id", "a\nb")])

        exchange = handle(handler)
        assert (exchange.status, exchange.body) == (500, b"500 Internal Server Error\n")
        assert isinstance(exchange.error, InvalidHeader)
        assert isinstance(exchange.error.__context__, NotFound)

    def test_what_is_no_response(self) -> None:
        exchange = handle(lambda _: "hello")
        assert exchange.status == 500
        assert isinstance(exchange.error, NotAResponse)
        assert "not 'hello'" in str(exchange.error)

    def test_before_the_first_chunk(self) -> None:
        body = Body(b"", error=Conflict("late"))
        exchange = handle(lambda _: Response(body, content_type="text/plain"))
        assert (exchange.status, exchange.error) == (409, None)
        assert b"late" in exchange.body
        assert body.closed == 1

    def test_a_fault_before_the_first_chunk(self) -> None:
        exchange = handle(lambda _: Response(Body(error=KeyError("x")), content_type="text/plain"))
        assert exchange.status == 500
        assert isinstance(exchange.error, KeyError)

    @pytest.mark.parametrize("error", [Conflict("late"), KeyError("x")])
    def test_after_the_first_chunk(self, error: Exception) -> None:
        body = Body("a", error=error)
        exchange = handle(lambda _: Response(body, content_type="text/plain"))
        assert (exchange.status, exchange.body, exchange.error) == (200, b"a", error)
        assert body.closed == 1

    def test_respond_raises_everything(self) -> None:
        body = Body(error=NotFound())
        response = Response(body, content_type="text/plain")
        exchange = Exchange().call(lambda environ, start: respond(response, environ, start))
        assert isinstance(exchange.error, NotFound)
        assert body.closed == 1

    def test_interrupts_go_through(self) -> None:
        def handler(request: Request) -> Response:
            request.form()
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            handle(handler, post(upload(b"x"), MULTIPART))

    def test_a_server_that_refuses_the_head(self) -> None:
        body = Body("a")

        def start_response(*_: object) -> Any:
            raise OSError("no")

        app = application(lambda _: Response(body))
        with pytest.raises(OSError, match="no"):
            app(make_environ(), start_response)
        assert body.closed


class TestAsynchronous:
    def test_a_handler(self) -> None:
        async def handler(request: AwaitedRequest) -> Response:
            assert isinstance(request, AwaitedRequest)
            return Response.json([await request.json(), await request.early_hints("</a>")])

        assert handle(handler, post(b"[1]")).body == b"[[1],false]"  # type: ignore[arg-type]  # it is asynchronous

    def test_a_callable_object(self) -> None:
        class Handler:
            async def __call__(self, request: AwaitedRequest) -> Response:
                return Response(await request.text())

        assert handle(Handler(), post(b"abc")).body == b"abc"  # type: ignore[arg-type]  # the same

    def test_a_form(self) -> None:
        async def handler(request: AwaitedRequest) -> Response:
            form = await request.form()
            return Response.json([file.size for file in form.files.values()])

        assert handle(handler, post(upload(b"x", b"yy"), MULTIPART)).body == b"[1,2]"  # type: ignore[arg-type]

    @pytest.mark.parametrize("steps", [None, 1])
    def test_a_body(self, steps: int | None) -> None:
        closed: list[int] = []

        async def chunks() -> AsyncIterator[str]:
            try:
                yield "a"
                yield "b"
            finally:
                closed.append(threading.get_ident())

        async def handler(_: AwaitedRequest) -> Response:
            return Response(chunks(), content_type="text/plain")

        app = application(handler)
        assert Exchange().call(app, steps=steps).body == b"ab"[:steps]
        assert closed == [threading.get_ident()]

    def test_the_body_of_a_synchronous_handler(self) -> None:
        async def chunks() -> AsyncIterator[str]:
            yield "a"

        assert handle(lambda _: Response(chunks(), content_type="text/plain")).body == b"a"
        response = Response(chunks(), content_type="text/plain")
        assert Exchange().call(lambda environ, start: respond(response, environ, start)).body == b"a"

    def test_a_fault(self) -> None:
        async def handler(_: AwaitedRequest) -> Response:
            raise KeyError("x")

        exchange = handle(handler)  # type: ignore[arg-type]  # it is asynchronous
        assert exchange.status == 500
        assert isinstance(exchange.error, KeyError)

    def test_tasks_that_are_left_are_cancelled(self) -> None:
        import asyncio

        ended: list[str] = []

        async def work() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                ended.append("cancelled")

        tasks: list[asyncio.Task[None]] = []

        async def handler(_: AwaitedRequest) -> Response:
            tasks.append(asyncio.create_task(work()))
            await asyncio.sleep(0)
            return Response("done")

        assert handle(handler).body == b"done"  # type: ignore[arg-type]  # it is asynchronous
        assert ended == ["cancelled"]

    def test_context_is_carried(self) -> None:
        name: ContextVar[str] = ContextVar("name", default="?")
        name.set("here")

        async def handler(_: AwaitedRequest) -> Response:
            return Response(name.get())

        assert handle(handler).body == b"here"  # type: ignore[arg-type]  # it is asynchronous


@needs_proc
class TestNothingIsLeft:
    """One upload of three files, with everything that can go wrong at every place."""

    BODY = upload(b"x" * 300, b"y" * 300, b"z" * 300)  # more than a thousand places

    @contextmanager
    def watched(self, directory: Path) -> Generator[None]:
        threads = threading.active_count()
        with nothing_left(directory):
            yield
        assert threading.active_count() <= threads

    def handler(self, directory: Path) -> Callable[[Request], Response]:
        def run(request: Request) -> Response:
            form = request.form(open_sink=lambda part: PathSink(directory / part.filename))
            return Response(str(len(form.files)))

        return run

    @pytest.mark.parametrize("terminated", [True, False])
    def test_cut_at_every_place(self, tmp_path: Path, terminated: bool) -> None:
        # A form without a length is whole with its last delimiter: the line end after it belongs to nothing.
        for cut in range(len(self.BODY) - (2 if terminated else 0)):
            environ = post(self.BODY, MULTIPART)
            environ["wsgi.input"] = io.BytesIO(self.BODY[:cut])
            if terminated:
                del environ["CONTENT_LENGTH"]
                environ |= {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
            with self.watched(tmp_path):
                exchange = handle(self.handler(tmp_path), environ)
            assert (exchange.status, exchange.error) == (400, None), cut

    def test_a_connection_that_breaks_at_every_read(self, tmp_path: Path) -> None:
        class Breaking(io.BytesIO):
            left = 0

            def read(self, size: int | None = -1, /) -> bytes:
                self.left -= 1
                if self.left < 0:
                    raise ConnectionResetError
                return super().read(min(size or 0, 3))

        for reads in range(len(self.BODY) // 3 + 1):
            environ = post(self.BODY, MULTIPART)
            environ["wsgi.input"] = Breaking(self.BODY)
            environ["wsgi.input"].left = reads
            with self.watched(tmp_path):
                exchange = handle(self.handler(tmp_path), environ)
            assert exchange.status == 400
            assert exchange.error is None

    def test_a_handler_that_fails_with_the_form(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        body = upload(b"x" * 500_000)

        def handler(request: Request) -> Response:
            assert not request.form().files["f0"].sink.in_memory  # type: ignore[attr-defined]  # it is spooled
            raise KeyError

        with self.watched(tmp_path):
            assert isinstance(handle(handler, post(body, MULTIPART)).error, KeyError)

    @pytest.mark.parametrize("steps", [0, 1, None])
    def test_a_form_lives_as_long_as_the_body(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int | None
    ) -> None:
        monkeypatch.setenv("TMPDIR", str(tmp_path))

        def handler(request: Request) -> Response:
            file = request.form().files["f0"]

            def chunks() -> Iterator[bytes]:
                with file.open() as reader:
                    while data := reader.read(100_000):
                        yield data

            return Response(chunks(), content_type="text/plain")

        with self.watched(tmp_path):
            environ = post(upload(b"x" * 500_000), MULTIPART)
            exchange = Exchange().call(application(handler), environ, steps=steps)
        assert exchange.error is None

    def test_an_asynchronous_handler(self, tmp_path: Path) -> None:
        async def handler(request: AwaitedRequest) -> Response:
            await request.form()
            raise KeyError

        with self.watched(tmp_path):
            assert isinstance(handle(handler, post(self.BODY, MULTIPART)).error, KeyError)  # type: ignore[arg-type]
