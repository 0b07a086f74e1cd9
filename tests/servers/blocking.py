"""The conformance application, what blocks while it reads content; the twin of `awaiting`."""

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
    from collections.abc import Callable

    from toolkit.asgi import ThreadedRequest
    from toolkit.wsgi import Request as WSGIRequest

    Request = WSGIRequest | ThreadedRequest


def digest(request: Request) -> Response:
    """The length and a hash of the content, read piece by piece."""
    size, state = 0, sha256()
    try:
        for piece in request.stream(limits=LARGE_BODY):
            size += len(piece)
            state.update(piece)
    except RemoteError as error:
        outcome(request, error)
        raise
    return Response.json([size, state.hexdigest()])


def form(request: Request) -> Response:
    """What a form holds."""
    try:
        return described(request.form(limits=LARGE_FORM))
    except RemoteError as error:
        outcome(request, error)
        raise


def repeated(request: Request) -> Response:
    """A JSON value, read twice."""
    return Response.json([request.json(), request.data().decode()])


def limited(request: Request) -> Response:
    """Content of at most one byte."""
    return Response(request.data(limits=BodyLimits(max_body=1)))


def hints(request: Request) -> Response:
    """Early hints, and whether they could be sent."""
    sent = request.early_hints("</style.css>; rel=preload; as=style", "</app.js>; rel=preload")
    return Response.json(sent)


ROUTER: Router[Callable[..., Response]] = Router(
    [
        *RULES,
        Rule("/digest", digest, methods=["POST"]),
        Rule("/form", form, methods=["POST"]),
        Rule("/json", repeated, methods=["POST"]),
        Rule("/limited", limited, methods=["POST"]),
        Rule("/hints", hints),
    ]
)


def handle(request: Request) -> Response:
    """Answer any request."""
    if request.raw_path.startswith("/raw/"):  # paths that no rule can match
        return echo(request)
    match = ROUTER.match(request.raw_path, request.method)
    return match.endpoint(request, **match.params)
