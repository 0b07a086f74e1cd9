"""The lifespan of an ASGI application, from the server's side: startup comes first, shutdown last."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from toolkit.server.errors import StartError
from toolkit.server.logs import SERVER

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from toolkit.asgi_scope import ASGIApplication, Message

_LAST: Final = 0.2  # seconds to end in, where all of the time was used


class Lifespan:
    """One application's lifespan. `state` is for the scopes of its requests; None where there is none."""

    def __init__(self, app: ASGIApplication, loop: AbstractEventLoop) -> None:
        self.state: dict[str, object] | None = None
        self._app = app
        self._loop = loop
        self._answered = False
        self._task: asyncio.Task[None] | None = None
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._answer: asyncio.Future[Message] = loop.create_future()

    async def start(self) -> None:
        """Start up. An application that raises before it answers knows no lifespan (ASGI Lifespan)."""
        state: dict[str, object] = {}
        self._task = self._loop.create_task(self._run(state))
        answer = await self._ask("lifespan.startup")
        if answer is None:
            return
        if answer["type"] == "lifespan.startup.failed":
            await self._ended(5.0)
            raise StartError(
                f"the application's startup failed: {answer.get('message') or 'it says not why'}"
            )
        self.state = state

    async def stop(self, timeout: float) -> None:
        """Shut down."""
        end = self._loop.time() + timeout
        if self.state is not None and self._task is not None and not self._task.done():
            self._answer = self._loop.create_future()
            try:
                answer = await asyncio.wait_for(self._ask("lifespan.shutdown"), timeout)
            except asyncio.TimeoutError:
                answer = {"type": "lifespan.shutdown.failed", "message": "it took too long"}
            if answer is not None and answer["type"] == "lifespan.shutdown.failed":
                SERVER.error(
                    "the application's shutdown failed: %s", answer.get("message") or "it says not why"
                )
        await self._ended(max(_LAST, end - self._loop.time()))

    async def _ask(self, kind: str) -> Message | None:
        """Send a message; the answer, or None where the application ended without one."""
        task = self._task
        if task is None:
            return None
        self._incoming.put_nowait({"type": kind})
        waiting: list[asyncio.Future[None] | asyncio.Future[Message]] = [task, self._answer]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        return self._answer.result() if self._answer.done() else None

    async def _run(self, state: dict[str, object]) -> None:
        scope: Message = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": state,
        }
        try:
            await self._app(scope, self._incoming.get, self._send)
        except Exception as error:
            if self._answered:
                raise
            SERVER.debug("the application knows no lifespan: %s", error, exc_info=error)

    async def _send(self, message: Message) -> None:
        self._answered = True
        if not self._answer.done():
            self._answer.set_result(message)

    async def _ended(self, timeout: float) -> None:
        """Wait for the end of the application, and make one."""
        task = self._task
        if task is None:
            return
        await asyncio.wait([task], timeout=timeout)
        if not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=timeout)
        elif not task.cancelled() and (error := task.exception()) is not None:
            SERVER.error("the application's lifespan failed", exc_info=error)
