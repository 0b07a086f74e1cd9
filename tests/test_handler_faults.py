"""Handlers that fail before, in and after the content of their request: one outcome, and nothing is left.

The same two handlers, one that blocks and one that awaits, on WSGI and on ASGI.
"""
# ruff: noqa: ANN401  # the requests of both sides

from __future__ import annotations

import threading
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import toolkit.asgi
import toolkit.wsgi
from tests.support.asgi import LOOPS, http_scope, run
from tests.support.asgi import Exchange as ASGIExchange
from tests.support.leaks import needs_proc, nothing_left
from tests.support.wsgi import Exchange as WSGIExchange
from tests.test_wsgi import MULTIPART, post, upload
from toolkit.sansio.exchange.response import Response
from toolkit.storage import SpooledSink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from toolkit.sansio.forms.events import FileStart

pytestmark = needs_proc

BODY = upload(b"x" * 300, b"y" * 300, b"z" * 300)
STATUSES = {"before": 500, "stream": 500, "sink": 500, "form": 500, "first chunk": 500, "later chunk": 200}
"""What the client sees of a failure at each place: after the first chunk, that the response breaks off."""


class Fault(Exception):
    """What the handlers raise, with the name of the place."""


class Script:
    """Where to fail, and where the files of the form go."""

    def __init__(self, place: str, directory: Path) -> None:
        self.place = place
        self.directory = directory

    def at(self, place: str) -> None:
        """Fail, if this is the place."""
        if place == self.place:
            raise Fault(place)

    def open_sink(self, part: FileStart) -> SpooledSink:
        """A temporary file; the third is the one that fails."""
        if part.name == "f2":
            self.at("sink")
        return SpooledSink(self.directory, max_memory=10)

    def blocking(self, request: Any) -> Response:
        self.at("before")
        if self.place == "stream":
            for _ in request.stream():
                self.at("stream")
        form = request.form(open_sink=self.open_sink)
        self.at("form")

        def body() -> Iterator[bytes]:
            self.at("first chunk")
            yield form.files["f0"].read()
            self.at("later chunk")
            yield b"."

        return Response(body(), content_type="text/plain")

    async def awaiting(self, request: Any) -> Response:
        self.at("before")
        if self.place == "stream":
            async for _ in request.stream():
                self.at("stream")
        form = await request.form(open_sink=self.open_sink)
        self.at("form")

        async def body() -> AsyncIterator[bytes]:
            self.at("first chunk")
            yield form.files["f0"].read()
            self.at("later chunk")
            yield b"."

        return Response(body(), content_type="text/plain")


@pytest.fixture(params=STATUSES)
def script(request: pytest.FixtureRequest, tmp_path: Path) -> Script:
    return Script(request.param, tmp_path)


def check(script: Script, status: int, error: BaseException | None) -> None:
    """The client has its status, the server the very error, in a traceback without another one around it."""
    assert status == STATUSES[script.place]
    assert isinstance(error, Fault)
    assert error.args == (script.place,)
    story = "".join(traceback.format_exception(error))
    assert story.count("Traceback (most recent call last)") == 1
    assert f'self.at("{script.place}")' in story


@pytest.mark.parametrize("kind", ["blocking", "awaiting"])
def test_on_wsgi(script: Script, kind: str) -> None:
    app = toolkit.wsgi.application(getattr(script, kind))
    threads = threading.active_count()
    with nothing_left(script.directory):
        exchange = WSGIExchange().call(app, post(BODY, MULTIPART))
    assert threading.active_count() == threads
    check(script, exchange.status, exchange.error)
    if script.place == "later chunk":
        assert exchange.chunks == [b"x" * 300]


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("kind", ["blocking", "awaiting"])
def test_on_asgi(loop: str, script: Script, kind: str) -> None:
    app = toolkit.asgi.application(getattr(script, kind))
    scope = http_scope("POST", "/", [("Content-Type", MULTIPART), ("Content-Length", str(len(BODY)))])
    run(loop, partial(call, app, scope, script))


async def call(app: Callable[..., Any], scope: dict[str, Any], script: Script) -> None:
    exchange = ASGIExchange(*[BODY[at : at + 100] for at in range(0, len(BODY), 100)])
    with nothing_left(script.directory), pytest.raises(Fault) as caught:
        await app(scope, exchange.receive, exchange.send)
    check(script, exchange.status, caught.value)
    if script.place == "later chunk":
        assert exchange.sent[1:] == [{"type": "http.response.body", "body": b"x" * 300, "more_body": True}]
