"""The application: what is answered to whom. It knows no protocol; `wsgi_app` and `asgi_app` add one each.

`Demo.answer` decides everything that can be decided from the head of a request. Only an upload has content to
be read: for that it gives a `Receiving`, and the two applications at the end read the form, one blocking, one
awaiting. They differ in nothing else::

    GET /, GET /static/<name>       the page
    GET /files                      what is stored, as JSON
    GET /files/<name>               a download: ranges, preconditions, always as an attachment
    DELETE /files/<name>            204
    POST /uploads/<token>           takes a form; 201 and what was stored, as JSON; clients make up the token
    GET /uploads/<token>/events     the progress of that upload, as server-sent events
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import toolkit.asgi
import toolkit.wsgi
from toolkit.demo.progress import Transfers
from toolkit.demo.receiving import Receiving
from toolkit.demo.store import Store
from toolkit.files import file_response
from toolkit.sansio.errors.http import BadRequest, NotFound
from toolkit.sansio.exchange.cross_site import refuse_cross_site
from toolkit.sansio.exchange.outcome import render_error
from toolkit.sansio.exchange.policy import Policy
from toolkit.sansio.exchange.response import Response
from toolkit.sansio.fields.security import ContentSecurityPolicy
from toolkit.sansio.grammar import is_token, parse_digits
from toolkit.sansio.routing.router import Router

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from _typeshed.wsgi import WSGIApplication

    from toolkit.asgi_scope import ASGIApplication
    from toolkit.sansio.errors.base import RemoteError
    from toolkit.sansio.errors.http import HTTPError
    from toolkit.sansio.exchange.request import Request

THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
"""The names of the local host. No other name may be used for it: one that an attacker's DNS gave (rebinding)
would make his page and this one the same site."""

_PAGE = Path(__file__).parent / "page"
_ASSETS = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}

_SECURITY = {
    "Content-Security-Policy": str(
        ContentSecurityPolicy(
            {
                "default-src": ["'none'"],
                "script-src": ["'self'"],
                "style-src": ["'self'"],
                "img-src": ["'self'"],
                "connect-src": ["'self'"],
                "form-action": ["'none'"],
                "base-uri": ["'none'"],
                "frame-ancestors": ["'none'"],
            }
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Demo:
    """The demo, for files in a `directory`.

    It answers for these `hosts` only; none at all: for any. At most `max_streams` watch uploads at once.
    """

    router: Router[Callable[..., Response | Receiving]] = Router()

    def __init__(
        self,
        directory: str | os.PathLike[str],
        *,
        hosts: Sequence[str] = THIS_MACHINE,
        max_streams: int = 8,
    ) -> None:
        self.store = Store(directory)
        self.transfers = Transfers(max_streams)
        self.policy = Policy(trusted_hosts=tuple(hosts))

    def answer(self, request: Request) -> Response | Receiving:
        """What becomes of a request: its response, or how to read the form that it brings."""
        request.origin  # noqa: B018  # it must be for one of our hosts
        refuse_cross_site(request)
        match = self.router.match(request.raw_path, request.method)
        answer = match.endpoint(self, request, **match.params)
        return secured(answer) if isinstance(answer, Response) else answer

    @router.get("/")
    def page(self, request: Request) -> Response:
        """The page."""
        return file_response(
            request, (_PAGE / "page.html").open("rb"), content_type="text/html; charset=utf-8"
        )

    @router.get("/static/<name>")
    def static(self, request: Request, name: str) -> Response:
        """What belongs to the page."""
        if name not in _ASSETS:
            raise NotFound
        return file_response(request, (_PAGE / name).open("rb"), content_type=_ASSETS[name])

    @router.get("/files")
    def list_files(self, _request: Request) -> Response:
        """What is stored."""
        return Response.json(
            [
                {"name": name, "size": size, "modified": modified.isoformat(), "sha256": sha256}
                for name, size, modified, sha256 in self.store.files()
            ]
        )

    @router.get("/files/<name>")
    def download(self, request: Request, name: str) -> Response:
        """A file, or ranges of it. Never to be shown: what strangers upload must not run as our page."""
        return file_response(request, self.store.open(name), filename=name)

    @router.delete("/files/<name>")
    def delete(self, _request: Request, name: str) -> Response:
        """Delete a file."""
        self.store.delete(name)
        return Response.empty()

    @router.post("/uploads/<token>")
    def upload(self, request: Request, token: str) -> Receiving:
        """Take a form."""
        if not is_token(token) or not 8 <= len(token) <= 64:
            raise BadRequest("The token of an upload has 8 to 64 letters, digits and hyphens.")
        return Receiving(self.store, self.transfers.begin(token, request.content_length))

    @router.get("/uploads/<token>/events")
    def watch(self, request: Request, token: str) -> Response:
        """Tell of an upload, from its beginning or from where an earlier stream ended."""
        seen = parse_digits(request.headers.get("Last-Event-ID", "0")) or 0
        return Response.events(self.transfers.follow(token, seen))


def secured(response: Response) -> Response:
    """`response`, with what every response has: browsers run our files here and no others."""
    for name, value in _SECURITY.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-cache")
    return response


def render(error: HTTPError | RemoteError, request: Request) -> Response:
    """The answer to an error."""
    return secured(render_error(error, request))


def wsgi_app(demo: Demo) -> WSGIApplication:
    """The demo for WSGI servers."""

    @toolkit.wsgi.application(policy=demo.policy, errors=render)
    def app(request: toolkit.wsgi.Request) -> Response:
        answer = demo.answer(request)
        if isinstance(answer, Response):
            return answer
        with answer:
            answer.keep(request.form(**answer.options))
        return secured(answer.response)

    return app


def asgi_app(demo: Demo) -> ASGIApplication:
    """The demo for ASGI servers."""

    @toolkit.asgi.application(policy=demo.policy, errors=render)
    async def app(request: toolkit.asgi.Request) -> Response:
        answer = demo.answer(request)
        if isinstance(answer, Response):
            return answer
        with answer:
            answer.keep(await request.form(**answer.options))
        return secured(answer.response)

    return app
