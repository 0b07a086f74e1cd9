"""Paths as servers hand them over, brought to the form that the router reads: percent-encoded text. And paths
on their way out, as references to the same host.

ASGI's `raw_path` and a request target are that already, but for octets that should have been escaped. WSGI's
`PATH_INFO` is decoded, and so is ASGI's `path`; of these `%2F` cannot be told from `/` any more, nor `%25`
before two digits from an escape, which is why they are the second choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.sansio.percent import PCHAR, quote_path, quote_segment

if TYPE_CHECKING:
    from collections.abc import Iterable

_SAFE = PCHAR + "/"
_KEEP = _SAFE + "%"
_ESCAPES = [chr(octet) if chr(octet) in _SAFE else f"%{octet:02X}" for octet in range(256)]
_RAW_ESCAPES = [chr(octet) if chr(octet) in _KEEP else f"%{octet:02X}" for octet in range(256)]


def path_from_raw(raw_path: bytes) -> str:
    r"""The path of ASGI's `raw_path`, or of a request target without its query: escapes stay as they are.

    >>> path_from_raw(b"/a%2Fb/caf\xc3\xa9")
    '/a%2Fb/caf%C3%A9'
    """
    text = raw_path.decode("latin-1")
    return "".join(map(_RAW_ESCAPES.__getitem__, raw_path)) if text.strip(_KEEP) else text


def path_from_wsgi(path_info: str) -> str:
    r"""The path of WSGI's `PATH_INFO`, whose characters are octets (PEP 3333): encoded again.

    Lost: a `%2F` of the client was decoded by the server and parts segments now. Where the server offers the
    target as it came (`RAW_URI`, `REQUEST_URI`), `path_from_raw` of that loses nothing.

    >>> path_from_wsgi("/caf\xc3\xa9/100%")
    '/caf%C3%A9/100%25'
    """
    if not path_info.strip(_SAFE):
        return path_info
    return "".join(map(_ESCAPES.__getitem__, path_info.encode("latin-1")))


def on_this_host(path: str) -> str:
    """The reference to a path: one with two slashes in front would name a host (RFC 3986 section 4.2).

    >>> on_this_host("/a"), on_this_host("//example.org/")
    ('/a', '/.//example.org/')
    """
    return f"/.{path}" if path.startswith("//") else path


def path_of(segments: Iterable[str]) -> str:
    """The path of decoded segments, encoded anew: nothing of a client's spelling gets into a header."""
    return on_this_host("/" + "/".join(map(quote_segment, segments)))


def below(root_path: str, path: str) -> str:
    """The reference to a path of an application that is mounted at `root_path` (decoded).

    >>> below("/my app/", "/a"), below("//example.org", "/a"), below("app", "/a")
    ('/my%20app/a', '/.//example.org/a', '/app/a')
    """
    root = quote_path(root_path.rstrip("/"))
    return on_this_host(f"{root}{path}" if root[:1] in ("", "/") else f"/{root}{path}")
