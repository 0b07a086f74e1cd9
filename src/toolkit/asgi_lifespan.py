"""The lifespan of an ASGI application: an asynchronous context manager around everything it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from toolkit.asgi_scope import Receive, Scope, Send


async def serve_lifespan(
    lifespan: Callable[[], AbstractAsyncContextManager[Mapping[str, object] | None]] | None,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Enter the context manager at startup, leave it at shutdown; what it gives becomes the scope's `state`.

    What goes wrong is told to the server, which ends, and raised.
    """
    await receive()
    phase = "startup"
    try:
        if lifespan is not None:
            async with lifespan() as state:
                if state:
                    scope.setdefault("state", {}).update(state)
                await send({"type": "lifespan.startup.complete"})
                phase = "shutdown"
                await receive()
        else:
            await send({"type": "lifespan.startup.complete"})
            await receive()
    except Exception as error:
        await send({"type": f"lifespan.{phase}.failed", "message": f"{type(error).__name__}: {error}"})
        raise
    await send({"type": "lifespan.shutdown.complete"})
