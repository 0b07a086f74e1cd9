"""The lifespan of an ASGI application."""
# ruff: noqa: ANN401  # signatures are given by what is played

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.asgi import LOOPS, Exchange, http_scope, pause, run
from toolkit.asgi import Request, application
from toolkit.sansio.exchange.response import Response

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from toolkit.asgi_scope import Message


@pytest.fixture(params=LOOPS)
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def handler(request: Request) -> Response:
    return Response(request.state.get("database", "none"))


def live(loop: str, lifespan: Any, raises: type[Exception] | None = None) -> tuple[list[Message], bytes]:
    """Start up, answer a request, shut down: what was sent, and the answer."""
    app = application(handler, lifespan=lifespan)
    scope: dict[str, Any] = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    sent: list[Message] = []
    bodies: list[bytes] = []
    coming = ["startup", "shutdown"]

    async def receive() -> Message:
        await pause()
        if coming[0] == "shutdown":
            bodies.append((await Exchange().call(app, http_scope(state=scope["state"].copy()))).body)
        return {"type": f"lifespan.{coming.pop(0)}"}

    async def send(message: Message) -> None:
        await pause()
        sent.append(message)

    async def call() -> None:
        if raises is None:
            await app(scope, receive, send)
        else:
            with pytest.raises(raises):
                await app(scope, receive, send)

    run(loop, call)
    return sent, b"".join(bodies)


DONE = [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]


def test_without_one(loop: str) -> None:
    assert live(loop, None) == (DONE, b"none")


def test_what_it_gives_is_the_state(loop: str) -> None:
    steps: list[str] = []

    @asynccontextmanager
    async def lifespan() -> AsyncGenerator[dict[str, object]]:
        steps.append("up")
        await pause()
        yield {"database": "sqlite"}
        await pause()
        steps.append("down")

    assert live(loop, lifespan) == (DONE, b"sqlite")
    assert steps == ["up", "down"]


def test_it_may_give_nothing(loop: str) -> None:
    @asynccontextmanager
    async def lifespan() -> AsyncGenerator[None]:
        yield

    assert live(loop, lifespan) == (DONE, b"none")


def test_a_startup_that_fails(loop: str) -> None:
    no_database = True

    @asynccontextmanager
    async def lifespan() -> AsyncGenerator[None]:
        if no_database:
            raise KeyError("database")
        yield

    sent, _ = live(loop, lifespan, KeyError)
    assert sent == [{"type": "lifespan.startup.failed", "message": "KeyError: 'database'"}]


def test_a_shutdown_that_fails(loop: str) -> None:
    @asynccontextmanager
    async def lifespan() -> AsyncGenerator[None]:
        yield
        raise KeyError("database")

    sent, _ = live(loop, lifespan, KeyError)
    assert sent == [DONE[0], {"type": "lifespan.shutdown.failed", "message": "KeyError: 'database'"}]
