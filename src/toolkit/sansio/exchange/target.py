"""The request target as application servers tell it: what was sent, and what they made of it."""

from __future__ import annotations

from toolkit.sansio.percent import unquote


def sent_below(sent: str, root: str, path: str) -> str | None:
    """The part of a request target below `root`, percent-encoded as it was on the wire, without the query.

    `root` and `path`, which begins with it, are decoded; in `sent` a `%2F` is still one. None where what was
    sent is not what `path` says, for somebody has changed that since: a mount, a rewriting middleware.

    >>> sent_below("/app/a%2Fb?q", "/app", "/app/a/b"), sent_below("/app/a%2Fb", "/app", "/app/c")
    ('/a%2Fb', None)
    """
    raw = sent.partition("?")[0]
    if raw == path:
        return raw[len(root) :]
    if unquote(raw) != path:
        return None
    if not root:
        return raw
    # The root has as many segments encoded as decoded, unless it has an encoded slash.
    below = "".join([f"/{segment}" for segment in raw.split("/")[root.count("/") + 1 :]])
    return below if unquote(below) == path[len(root) :] else None
