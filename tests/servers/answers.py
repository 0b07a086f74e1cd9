"""The conformance application, as far as both protocols share it: every answer that needs a head only.

The answers are plain functions from a request's head to a `Response`, whichever protocol it came by. What
reads content is in `blocking` and its twin `awaiting`.
"""

from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from toolkit.sansio.errors.base import MalformedHeader, RemoteError
from toolkit.sansio.errors.http import NotFound
from toolkit.sansio.exchange.response import Response
from toolkit.sansio.fields.cookies import SetCookie
from toolkit.sansio.forms.data import Upload
from toolkit.sansio.limits import BodyLimits, FormLimits
from toolkit.sansio.routing.rules import Rule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from toolkit.sansio.exchange.content import JSON
    from toolkit.sansio.exchange.request import Request
    from toolkit.sansio.forms.data import FormData

FILES = Path(os.environ.get("TOOLKIT_SERVER_FILES", "."))
TOKEN = os.environ.get("TOOLKIT_SERVER_TOKEN", "")

HUGE = 4 * 1024**3
LARGE_BODY = BodyLimits(max_body=HUGE, max_decoded=HUGE)
LARGE_FORM = FormLimits(max_body=HUGE)


class DeliberateError(Exception):
    """What the application raises on purpose, unexpected by anybody: the only traceback of a good log."""


def ready(_request: Request) -> Response:
    """The token of this very process tree: another server on the same port does not know it."""
    return Response.text(TOKEN)


def echo(request: Request, rest: str = "") -> Response:
    """All that is known of the head."""
    facts: dict[str, JSON] = {
        "method": request.method,
        "root_path": request.root_path,
        "raw_path": request.raw_path,
        "path": request.path,
        "rest": rest,
        "query_string": request.query_string,
        "args": [[name, value] for name, value in request.args.items(multi=True)],
        "cookies": [[name, value] for name, value in request.cookies.items(multi=True)],
        "headers": [[name.lower(), value] for name, value in request.headers.items()],
        "url": str(request.url),
        "client": request.remote_addr,
        "scheme": request.scheme,
        "state": dict(getattr(request, "state", {})),
    }
    response = Response.json(facts)
    response.set_cookie(SetCookie("first", "1"))
    response.set_cookie(SetCookie("second", "2", path="/"))
    return response


def status(_request: Request, code: int) -> Response:
    """A status with, as far as it may have one, a body."""
    return Response.empty(code) if code in {204, 304} else Response.text(f"status {code}", code)


def streamed(request: Request) -> Response:
    """Two chunks, the second of which is made when the client says that it has the first."""
    gate = FILES / request.args["gate"]

    def blocking() -> Iterator[str]:
        yield "first"
        while not gate.exists():
            time.sleep(0.005)
        yield "second"

    async def awaiting() -> AsyncIterator[bytes]:
        yield b"first"
        while not gate.exists():  # noqa: ASYNC110  # the other process has no events for us
            await anyio.sleep(0.005)
        yield b"second"

    return Response(blocking() if request.args["kind"] == "blocking" else awaiting())


def file(_request: Request) -> Response:
    """A large file."""
    return Response((FILES / "download.bin").open("rb"))


def ignored(_request: Request) -> Response:
    """An answer that does not read the content."""
    return Response.text("ignored")


def raises(_request: Request, what: str) -> Response:
    """An error before the response, in it before its first chunk, or after it."""

    def broken(*chunks: bytes) -> Iterator[bytes]:
        yield from chunks
        raise DeliberateError(what)

    if what == "http":
        raise NotFound("Nothing here.")
    if what == "remote":
        raise MalformedHeader("X-Test", "value", "as asked")
    if what == "before":
        return Response(broken())
    if what == "after":
        return Response(broken(b"first"), headers={"Content-Length": "1000"})
    if what == "after-chunked":
        return Response(broken(b"first"))
    raise DeliberateError(what)


def with_trailers(_request: Request) -> Response:
    """A streamed response with a digest after it."""
    digest = sha256()

    def body() -> Iterator[bytes]:
        for chunk in (b"one", b"two"):
            digest.update(chunk)
            yield chunk

    return Response(body(), trailers=lambda: {"X-Digest": digest.hexdigest()})


RULES = (
    Rule("/ready", ready),
    Rule("/echo", echo),
    Rule("/echo/<path:rest>", echo),
    Rule("/status/<int:code>", status),
    Rule("/streamed", streamed),
    Rule("/file", file),
    Rule("/ignored", ignored, methods=["GET", "POST"]),
    Rule("/raises/<what>", raises),
    Rule("/trailers", with_trailers),
)


def described(form: FormData) -> Response:
    """What a form holds: fields in order, and a hash of each file, read back from where it was stored."""
    facts: list[JSON] = []
    for name, value in form.items(multi=True):
        if isinstance(value, Upload):
            facts.append([name, value.filename, value.size, _hash(value)])
        else:
            facts.append([name, value])
    return Response.json(facts)


def _hash(upload: Upload) -> str:
    digest = sha256()
    with upload.open() as stored:
        while chunk := stored.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest()


def record(request: Request, text: str) -> None:
    """Tell the test what no response can: in a file that it named."""
    name = request.args.get("record")
    if name is not None:
        temporary = FILES / f"{name}.part"
        temporary.write_text(text, encoding="utf-8")
        temporary.rename(FILES / name)


def outcome(request: Request, error: RemoteError) -> None:
    """Tell the test of an error."""
    record(request, type(error).__name__)
