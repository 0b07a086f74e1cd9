"""An ASGI server played by hand: it gives and takes messages, and notices when their order is wrong."""
# ruff: noqa: ASYNC105  # the awaitable of one of two libraries

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import trio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

    from toolkit.asgi_scope import ASGIApplication, Message, Scope

LOOPS = ["asyncio", "trio", "uvloop"]


def run(loop: str, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run on the event loop of that name."""
    if loop == "trio":
        trio.run(function)
    elif loop == "uvloop":
        uvloop = __import__("uvloop")
        new_loop = uvloop.new_event_loop()
        try:
            new_loop.run_until_complete(_finishing(function))
        finally:
            new_loop.close()
    else:
        asyncio.run(_finishing(function))


async def _finishing(function: Callable[[], Awaitable[None]]) -> None:
    """Run it; no task may be left."""
    await function()
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left


async def pause() -> None:
    """Let others run."""
    await (trio.lowlevel.checkpoint() if trio.lowlevel.in_trio_run() else asyncio.sleep(0))


async def nap(seconds: float) -> None:
    """Let others run for a while."""
    await (trio.sleep(seconds) if trio.lowlevel.in_trio_run() else asyncio.sleep(seconds))


async def for_ever() -> None:
    """Never come back, unless cancelled."""
    await (trio.sleep_forever() if trio.lowlevel.in_trio_run() else asyncio.Event().wait())


def http_scope(
    method: str = "GET",
    path: str = "/",
    headers: Iterable[tuple[str, str]] = (),
    *,
    extensions: Iterable[str] = (),
    **more: object,
) -> dict[str, Any]:
    """The scope of a request, as a server makes it."""
    raw, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": raw,
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("192.0.2.1", 4711),
        "server": ("127.0.0.1", 8000),
        "extensions": {name: {} for name in extensions},
        **more,
    }


class Exchange:
    """One call of an application.

    `chunks` come as messages, the last one with `more_body` false, unless `cut`: then a disconnect
    comes after them. `leave_after` messages the client stops taking any: `send` raises OSError.
    """

    def __init__(
        self, *chunks: bytes, cut: bool = False, leave_after: int | None = None, extra: Iterable[Message] = ()
    ) -> None:
        given = list(chunks or (() if cut else (b"",)))
        self.coming: list[Message] = [
            {"type": "http.request", "body": chunk, "more_body": cut or index < len(given) - 1}
            for index, chunk in enumerate(given)
        ]
        self.coming.extend(extra)
        if cut:
            self.coming.append({"type": "http.disconnect"})
        self.leave_after = leave_after
        self.received = 0
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        await pause()
        if not self.coming:
            await for_ever()
        self.received += 1
        return self.coming.pop(0)

    async def send(self, message: Message) -> None:
        await pause()
        if self.leave_after is not None and len(self.sent) >= self.leave_after:
            raise OSError("the client has left")
        self.sent.append(message)

    async def call(self, app: ASGIApplication, scope: Scope | None = None) -> Exchange:
        await app(http_scope() if scope is None else scope, self.receive, self.send)
        self.check()
        return self

    def check(self) -> None:
        """The order of messages, and that none is missing."""
        kinds = [message["type"].removeprefix("http.response.") for message in self.sent]
        kinds = [kind for kind in kinds if kind != "early_hint"]
        if not kinds:
            return
        assert kinds[0] == "start"
        assert kinds.count("start") == 1
        assert isinstance(self.sent[0].get("headers", []), list)
        if "pathsend" in kinds or "zerocopysend" in kinds:
            assert len(kinds) == 2
            return
        bodies = [message for message in self.sent if message["type"] == "http.response.body"]
        assert all(message.get("more_body", False) for message in bodies[:-1])
        assert bodies
        assert not bodies[-1].get("more_body", False)

    @property
    def start(self) -> Message:
        (start,) = (message for message in self.sent if message["type"] == "http.response.start")
        return start

    @property
    def status(self) -> int:
        return int(self.start["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.start["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)
