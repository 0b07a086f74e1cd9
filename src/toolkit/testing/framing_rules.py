"""The rules of HTTP for lengths and content, which an application has to keep, whichever its protocol.

What every server makes good is no breach: it drops the content of a response to HEAD, and applications rely
on that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from toolkit.sansio.headers import Headers
    from toolkit.testing.errors import Watch

NO_CONTENT: Final = "RFC 9110 section 6.4.1"
NO_LENGTH: Final = "RFC 9110 section 8.6"
TRANSFER: Final = "RFC 9112 section 6.2"

_EMPTY = frozenset({204, 205, 304})


def check_framing(method: str, status: int, headers: Headers, watch: Watch) -> None:
    """What the head of a response says of its content."""
    has_length = "Content-Length" in headers
    watch.demand(
        not (has_length and (status == 204 or _is_tunnel(method, status))),
        NO_LENGTH,
        "a response with {} to {} has no Content-Length",
        status,
        method,
    )
    watch.demand(
        not (has_length and "Transfer-Encoding" in headers),
        TRANSFER,
        "a response has a Content-Length or a Transfer-Encoding, not both",
    )


def check_content(method: str, status: int, size: int, watch: Watch) -> None:
    """`size` bytes of content of a response."""
    watch.demand(
        not size or method == "HEAD" or not (status in _EMPTY or _is_tunnel(method, status)),
        NO_CONTENT,
        "a response with {} to {} has no content",
        status,
        method,
    )


def _is_tunnel(method: str, status: int) -> bool:
    """Whether what follows the head is no content, but a tunnel (RFC 9110 section 9.3.6)."""
    return method == "CONNECT" and 200 <= status < 300
