"""The conformance application, what awaits content; the twin of `blocking`."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from tests.servers.answers import LARGE_BODY, LARGE_FORM, RULES, described, echo, outcome
from toolkit.sansio.errors.base import RemoteError
from toolkit.sansio.exchange.response import Response
from toolkit.sansio.limits import BodyLimits
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from toolkit.asgi import Request as ASGIRequest
    from toolkit.wsgi import AwaitedRequest

    Request = ASGIRequest | AwaitedRequest


async def digest(request: Request) -> Response:
    """The length and a hash of the content, read piece by piece."""
    size, state = 0, sha256()
    try:
        async for piece in request.stream(limits=LARGE_BODY):
            size += len(piece)
            state.update(piece)
    except RemoteError as error:
        outcome(request, error)
        raise
    return Response.json([size, state.hexdigest()])


async def form(request: Request) -> Response:
    """What a form holds."""
    try:
        return described(await request.form(limits=LARGE_FORM))
    except RemoteError as error:
        outcome(request, error)
        raise


async def repeated(request: Request) -> Response:
    """A JSON value, read twice."""
    return Response.json([await request.json(), (await request.data()).decode()])


async def limited(request: Request) -> Response:
    """Content of at most one byte."""
    return Response(await request.data(limits=BodyLimits(max_body=1)))


async def hints(request: Request) -> Response:
    """Early hints, and whether they could be sent."""
    sent = await request.early_hints("</style.css>; rel=preload; as=style", "</app.js>; rel=preload")
    return Response.json(sent)


ROUTER: Router[Callable[..., Response | Awaitable[Response]]] = Router(
    [
        *RULES,
        Rule("/digest", digest, methods=["POST"]),
        Rule("/form", form, methods=["POST"]),
        Rule("/json", repeated, methods=["POST"]),
        Rule("/limited", limited, methods=["POST"]),
        Rule("/hints", hints),
    ]
)


async def handle(request: Request) -> Response:
    """Answer any request."""
    if request.raw_path.startswith("/raw/"):  # paths that no rule can match
        return echo(request)
    match = ROUTER.match(request.raw_path, request.method)
    answer = match.endpoint(request, **match.params)
    return answer if isinstance(answer, Response) else await answer
