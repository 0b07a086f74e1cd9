"""Whatever a handler answers, on WSGI and on ASGI, blocking or not: client and server learn the same.

The test client stands between, so that no rule of either protocol is broken on the way.
"""
# ruff: noqa: ANN401  # the requests and applications of both sides

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

import toolkit.asgi
import toolkit.wsgi
from toolkit.sansio.errors.http import NotFound
from toolkit.sansio.exchange.response import Response
from toolkit.testing import Client, ConformanceError, ResponseLost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

THIS = Path(__file__)


class Fault(Exception):
    """What a body raises."""


FAILURES: dict[str, type[Exception]] = {"fault": Fault, "error": NotFound}


@dataclass(frozen=True)
class Plan:
    """A response to make: a new one each time."""

    kind: str
    chunks: list[Any]
    status: int
    headers: list[tuple[str, str]]

    def generator(self) -> Iterator[Any]:
        for chunk in self.chunks:
            if chunk in FAILURES:
                raise FAILURES[chunk]
            yield chunk

    async def awaited(self) -> AsyncIterator[Any]:
        for chunk in self.generator():
            yield chunk

    def response(self) -> Response:
        make: dict[str, Callable[[], Any]] = {
            "bytes": lambda: "".join(chunk for chunk in self.chunks if isinstance(chunk, str)),
            "list": lambda: self.chunks,
            "generator": self.generator,
            "awaited": self.awaited,
            "buffer": lambda: BytesIO(str(self.chunks).encode()),
            "file": lambda: THIS.open("rb"),
        }
        return Response(make[self.kind](), self.status, self.headers)

    def blocking(self, _: Any) -> Response:
        return self.response()

    async def awaiting(self, _: Any) -> Response:
        return self.response()


def seen(app: Any, method: str) -> tuple[object, ...]:
    """What the client sees of the answer, and what the server hears of."""
    heard: list[str] = []
    with Client(app) as client:
        try:
            client.request(method, "/")
        except ConformanceError:
            raise
        except Exception as error:  # noqa: BLE001  # it is compared
            heard.append(repr(error.__cause__) if isinstance(error, ResponseLost) else repr(error))
    with Client(app, raise_app_exceptions=False) as client:
        try:
            answer = client.request(method, "/")
        except ResponseLost:
            return "lost", heard
    if heard and answer.status != 500:
        return "lost", heard  # it broke off with all of its Content-Length sent, which is whole on WSGI
    if heard and method == "HEAD":
        return answer.status, heard  # a WSGI server that has sent nothing yet answers for itself
    lines = [(name.lower(), value) for name, value in answer.headers.items()]
    return answer.status, lines, answer.content, heard


plans = st.builds(
    Plan,
    st.sampled_from(["bytes", "list", "generator", "awaited", "buffer", "file"]),
    # No empty chunks: on ASGI they send the head, on WSGI nothing does before the first byte.
    st.lists(st.sampled_from(["a", "é", b"bc", None, 1, *FAILURES]), max_size=4),
    st.sampled_from([99, 200, 200, 200, 204, 205, 206, 304, 404, 999, 1000]),
    st.lists(
        st.sampled_from(
            [("Content-Length", "0"), ("Content-Length", "3"), ("X-A", "1"), ("Content-Type", "a/b")]
        ),
        max_size=2,
    ),
)


@given(plans, st.sampled_from(["GET", "HEAD", "POST"]))
def test_any_response(plan: Plan, method: str) -> None:
    on_wsgi = seen(toolkit.wsgi.application(plan.blocking), method)
    assert seen(toolkit.wsgi.application(plan.awaiting), method) == on_wsgi
    assert seen(toolkit.asgi.application(plan.blocking), method) == on_wsgi
    assert seen(toolkit.asgi.application(plan.awaiting), method) == on_wsgi
