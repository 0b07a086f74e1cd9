"""Sinks that write down what happens to them, and those in which one step fails."""

from __future__ import annotations

import asyncio
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.sansio.forms.events import FileStart
    from toolkit.sansio.forms.sinks import Sink


class Log:
    """An `open_sink`, and all that happens to its sinks, in order."""

    def __init__(self, make: Callable[[Log, str], Sink] | None = None) -> None:
        self.calls: list[str] = []
        self.contents: dict[str, bytes] = {}
        self.opened = 0
        self._make = make or Recording

    def __call__(self, start: FileStart) -> Sink:
        self.opened += 1
        name = f"{start.name}{self.opened}"
        self.calls.append(f"open {name}")
        return self._make(self, name)


class Plain:
    """The least of a sink."""

    def __init__(self, log: Log, name: str) -> None:
        self.log = log
        self.name = name
        log.contents[name] = b""

    def say(self, what: str) -> None:
        self.log.calls.append(f"{what} {self.name}")

    def write(self, data: bytes, /) -> object:
        assert data
        self.log.contents[self.name] += data
        return len(data)

    def close(self) -> object:
        self.say("close")
        return None


class Recording(Plain):
    """A sink with everything that the collector uses."""

    def commit(self) -> object:
        self.say("commit")
        return None

    def discard(self) -> object:
        self.say("discard")
        return None


class Automatic(Recording):
    """A sink that publishes what it took when it is closed."""

    autocommit = True


class Final(Recording):
    """A sink that can be undone until the form is finished."""

    def finish(self) -> object:
        self.say("finish")
        return None


class FinalAsynchronous(Final):
    """The same, awaited."""

    @override
    async def commit(self) -> object:
        return super().commit()

    @override
    async def finish(self) -> object:
        return super().finish()


class Asynchronous(Plain):
    """A sink that has to be awaited, and does not take much at a time."""

    @override
    async def write(self, data: bytes, /) -> int:
        await asyncio.sleep(0)
        super().write(data[:30])
        return len(data[:30])

    @override
    async def close(self) -> None:
        await asyncio.sleep(0)
        self.say("close")

    async def commit(self) -> None:
        await asyncio.sleep(0)
        self.say("commit")

    async def discard(self) -> None:
        await asyncio.sleep(0)
        self.say("discard")


def failing(kind: type[Plain], step: str, *, name: str = "") -> type[Plain]:
    """The `kind` of sink whose `step` fails when it is done: in every sink, or in the one of that `name`."""
    done: Callable[[Plain], Any] = getattr(kind, step)

    def fail(sink: Plain) -> None:
        if name in ("", sink.name):
            raise OSError(sink.name)

    def call(sink: Plain) -> object:
        result: object = done(sink)
        fail(sink)
        return result

    async def wait(sink: Plain) -> object:
        result: object = await done(sink)
        fail(sink)
        return result

    return type("Failing", (kind,), {step: wait if iscoroutinefunction(done) else call})
