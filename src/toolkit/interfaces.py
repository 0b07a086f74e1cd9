"""Whether an application is one of WSGI or of ASGI."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.sansio.errors.base import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable

Interface: TypeAlias = Literal["wsgi", "asgi"]
"""The interface of an application."""


def interface_of(app: Callable[..., object]) -> Interface:
    """The interface of an application: ASGI's is a coroutine function, or takes three arguments and not two.

    LocalError when it looks like neither.

    >>> interface_of(lambda environ, start_response: []), interface_of(lambda scope, receive, send: None)
    ('wsgi', 'asgi')
    """
    call = getattr(app, "__call__", None)  # noqa: B004  # it is inspected, not asked for
    if any(map(inspect.iscoroutinefunction, (app, getattr(app, "func", None), call))):
        return "asgi"
    if _takes(app, 2):
        return "wsgi"
    if _takes(app, 3):
        return "asgi"
    raise LocalError(
        f'cannot tell whether {app!r} is a WSGI or an ASGI application: say interface="wsgi" or "asgi"'
    )


def _takes(app: Callable[..., object], count: int) -> bool:
    """Whether it can be called with so many arguments, as far as that can be seen."""
    try:
        inspect.signature(app).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True
