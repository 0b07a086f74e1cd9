"""Start and stop of an ASGI application (ASGI Lifespan 2.0)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from toolkit.testing.asgi_rules import LIFESPAN, message_type, value_of
from toolkit.testing.concurrency import GRACE, Pipe, is_of_the_loop, open_scope
from toolkit.testing.errors import LifespanFailed, Watch

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from toolkit.testing.asgi import ASGIApp, Message
    from toolkit.testing.transport import App

_TYPES = tuple(
    f"lifespan.{phase}.{outcome}" for phase in ("startup", "shutdown") for outcome in ("complete", "failed")
)


@asynccontextmanager
async def lifespan(app: App, state: Message) -> AsyncGenerator[None, None]:
    """The time from start to stop. The application may put into `state` what every request is to have.

    An application that raises before it receives anything has no lifespan, and is not told of it. Raises
    `LifespanFailed`, or what the application raised.
    """
    life = Life(cast("ASGIApp", app), state)
    async with open_scope() as tasks:
        tasks.start(life.run)
        try:
            await life.reach("startup")
            try:
                yield
            finally:
                await life.reach("shutdown")
        finally:
            await tasks.finish(GRACE)
    life.verify()


class Life:
    """The one call of an application for its lifespan."""

    def __init__(self, app: ASGIApp, state: Message) -> None:
        self._app = app
        self._state = state
        self._watch = Watch()
        self._to_app: Pipe[Message] = Pipe()
        self._outcomes: Pipe[Mapping[str, object]] = Pipe()
        self._phase = ""
        self._has_received = False
        self._failure: BaseException | None = None

    async def run(self) -> None:
        """The task of the application. What it raises is kept, but for its cancellation."""
        scope: Message = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self._state,
        }
        try:
            await self._app(scope, self._receive, self._send)
        except BaseException as error:
            # Raised before it has received anything, this is how an application says that it has none.
            if self._has_received or not isinstance(error, Exception):
                self._failure = error
            if is_of_the_loop(error):
                raise
        finally:
            self._outcomes.end()

    async def reach(self, phase: str) -> None:
        """Tell the application to start or to stop, and wait until it has."""
        self._phase = phase
        await self._to_app.put({"type": f"lifespan.{phase}"})
        outcome = await self._outcomes.get()
        if outcome is not None and outcome["type"] == f"lifespan.{phase}.complete":
            return
        if outcome is not None:
            await self._outcomes.get()  # it may raise now what made it fail
            reason = value_of(outcome, "message", str, LIFESPAN, self._watch)
            raise LifespanFailed(f"{phase} failed: {reason}") from self._take_failure()
        self.verify()

    def verify(self) -> None:
        """Raise what the application raised, or did wrong."""
        self._watch.verify()
        failure = self._take_failure()
        if failure is not None and not is_of_the_loop(failure):
            raise failure

    def _take_failure(self) -> BaseException | None:
        failure, self._failure = self._failure, None
        return failure

    async def _receive(self) -> Message:
        self._has_received = True
        message = await self._to_app.get()
        if message is None:  # pragma: no cover  # the pipe is never ended
            raise LifespanFailed("nothing more comes")
        return message

    async def _send(self, message: Mapping[str, object]) -> None:
        kind, message = message_type(message, _TYPES, self._watch)
        asked, self._phase = self._phase, "nothing"
        self._watch.demand(
            kind.split(".")[1] == asked, LIFESPAN, "{} was sent where {} was asked for", kind, asked
        )
        await self._outcomes.put(message)
