"""The boundary of a multipart body, and the delimiter that it makes (RFC 2046 section 5.1.1).

::

    boundary      = 0*69<bchars> bcharsnospace
    bchars        = bcharsnospace / " "
    bcharsnospace = DIGIT / ALPHA / "'" / "(" / ")" / "+" / "_" / "," / "-" / "." / "/" / ":" / "=" / "?"
    delimiter     = CRLF "--" boundary

The CRLF belongs to the delimiter, not to the content before it; at the start of a body it may be missing.
"""

from __future__ import annotations

from typing import Final

from toolkit.sansio.errors.base import LimitExceeded, MalformedForm

BCHARS: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'()+_,-./:=? "
"""The octets that a boundary may have; the last one must not be the space."""


def check_boundary(boundary: bytes | str, maximum: int) -> bytes:
    """The boundary as octets, if it is one of at most `maximum` octets.

    It comes from the peer's Content-Type: an empty one, or one with other octets, is a `MalformedForm`, a
    long one is `LimitExceeded`.

    >>> check_boundary("----WebKitFormBoundary7MA4YWxkTrZu0gW", 70)
    b'----WebKitFormBoundary7MA4YWxkTrZu0gW'
    """
    # What is not UTF-8 gets a backslash, which no boundary has.
    octets = boundary.encode("utf-8", "backslashreplace") if isinstance(boundary, str) else boundary
    # PERF: dashes, then letters and digits: what most clients make (benchmarks/forms.py::simple).
    if len(octets) <= maximum and octets.lstrip(b"-").isalnum():
        return octets
    if octets and len(octets) <= maximum and not octets.translate(None, BCHARS) and octets[-1] != 0x20:
        return octets
    if len(octets) > maximum:
        raise LimitExceeded("max_boundary", maximum, len(octets))
    raise MalformedForm("the boundary is empty, or has other characters than RFC 2046 section 5.1.1 allows")
