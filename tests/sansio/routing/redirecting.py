"""Where a router redirects to, as its tests ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.sansio.routing.results import RouteRedirect

if TYPE_CHECKING:
    from toolkit.sansio.routing.router import Router


def location(router: Router[str], path: str, method: str = "GET") -> str:
    """The location of the permanent redirect that answers a path."""
    result = router.resolve(path, method)
    assert isinstance(result, RouteRedirect)
    assert result.status == 308
    return result.location
