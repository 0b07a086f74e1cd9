"""Requests that another site makes a browser send (CSRF), told by what browsers say of them, without tokens.

Every browser since 2023 says in `Sec-Fetch-Site` where a request comes from (W3C Fetch Metadata), but only
to HTTPS and to the local host; with every unsafe method they send `Origin` (RFC 6454, Fetch). Clients that
are no browsers send neither, and cannot be made to do anything on somebody else's behalf::

    Sec-Fetch-Site           Origin               the request is
    same-origin, none        any                  ours, or made by the user
    same-site, cross-site    one that is allowed  ours
    same-site, cross-site    any other            refused
    absent                   absent               not a browser's
    absent                   that of the Host     ours
    absent                   any other            refused

Names that an attacker points at this machine (DNS rebinding) are of the same origin: list your own in
`Policy.trusted_hosts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from toolkit.sansio.errors.base import RemoteError

if TYPE_CHECKING:
    from collections.abc import Collection

    from toolkit.sansio.exchange.request import Request

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 section 9.2.1), if the application keeps to it."""


class CrossSiteRequest(RemoteError):
    """An unsafe request that another site made a browser send. Status 403. `origin` is that site, or ""."""

    status = 403

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.origin = origin

    def __str__(self) -> str:
        return f"this request was made by another site ({self.origin or 'of unknown origin'})"


def refuse_cross_site(request: Request, *, allow: Collection[str] = ()) -> None:
    """Raise `CrossSiteRequest` for an unsafe request that another site made a browser send.

    `allow` are other origins to trust, as browsers write them: `https://example.org`.

    >>> from toolkit.sansio.exchange.request import Request
    >>> refuse_cross_site(Request("POST", headers={"Host": "a.org", "Origin": "https://b.org"}))
    Traceback (most recent call last):
    toolkit.sansio.exchange.cross_site.CrossSiteRequest: this request was made by another site (https://b.org)
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.combined("Sec-Fetch-Site")
    origin = request.headers.combined("Origin")
    if site in {"same-origin", "none"} or origin in allow:
        return
    if site is None and (origin is None or _host_of(origin) == request.host.lower()):
        return
    raise CrossSiteRequest(origin or "")


def _host_of(origin: str) -> str:
    """The host and port of an origin. (The scheme is not compared: behind a proxy we may not know ours.)"""
    return origin.partition("://")[2].lower()
