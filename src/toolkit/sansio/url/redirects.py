r"""Whether a URL that a peer proposes (`?next=…`) may be redirected to: the guard against open redirects.

What lives here: one decision, which fails closed. Browsers repair URLs (they delete tabs and newlines, read
`\` as `/`, trim), and programs in between decode or normalise once more: a URL is safe only if no such
reading leaves the site.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from toolkit.sansio.errors.base import MalformedURL
from toolkit.sansio.percent import unquote
from toolkit.sansio.url.model import URL
from toolkit.sansio.url.syntax import remove_dot_segments

if TYPE_CHECKING:
    from collections.abc import Collection

_SEPARATORS = "/\\:?#@.%"


def is_safe_redirect(url: str, host: str, *, schemes: Collection[str] = ("http", "https")) -> bool:
    r"""Whether a redirect to `url` stays on `host`, however it is read.

    `host` is the site's own, as in a Host field (`example.com`, `example.com:8080`), from configuration or
    checked against it: a Host field as received is what a peer wants it to be. Safe are:

    - a path that starts with `/`, a query, a fragment. Other relative references are not, since
      `https://example.com` + `@evil.example` is a mistake that programs make;
    - an absolute URL of one of `schemes` (`["https"]` to forbid a step down), or `//host/…`, of the very
      same host and port and without userinfo.

    Not safe is anything with a space in it, or with a control, a backslash or an invisible character, these
    even encoded in the path; a path that starts with `//` after decoding and normalising; a character whose
    compatible form is a separator (`／`); anything that `URL` refuses. No `url` raises anything; `schemes`
    that are a single text raise TypeError, since `"http" in "https"`.

    >>> is_safe_redirect("/account", "me.example"), is_safe_redirect("https://me.example/", "me.example")
    (True, True)
    >>> is_safe_redirect("//evil.example", "me.example"), is_safe_redirect("/\\evil.example", "me.example")
    (False, False)
    """
    if isinstance(schemes, str):
        raise TypeError(f"schemes are several texts, not one: [{schemes!r}]")
    if not url or " " in url or "\\" in url or not url.isprintable() or _hides_separator(url):
        return False
    try:
        target = URL(url)
    except MalformedURL:
        return False
    if target.authority is None:
        return not target.is_absolute and url[0] in "/?#" and _stays(target.path)
    if target.userinfo is not None or (target.is_absolute and target.scheme not in schemes):
        return False
    return _is_at(target, host) and _stays(target.path)


def _hides_separator(url: str) -> bool:
    """Whether a program that folds compatible characters would see more separators than we do."""
    if url.isascii():
        return False
    folded = unicodedata.normalize("NFKC", url)
    return any(folded.count(separator) != url.count(separator) for separator in _SEPARATORS)


def _stays(path: str) -> bool:
    """Whether a path is of this site even for who decodes it, folds characters, carries out dot segments."""
    plain = unquote(path)
    folded = plain if plain.isascii() else unicodedata.normalize("NFKC", plain)
    return (
        plain.isprintable()
        and "\\" not in folded
        and not folded.startswith("//")
        and not remove_dot_segments(folded).startswith("//")
    )


def _is_at(target: URL, host: str) -> bool:
    """Whether `target` has the very host and port of a Host field."""
    if not target.host or not {*"/?#@"}.isdisjoint(host):
        return False
    try:
        own = URL(f"{target.scheme}://{host}" if target.is_absolute else f"//{host}")
    except MalformedURL:
        return False
    return target.host == own.host and target.effective_port == own.effective_port
