"""The generic syntax of URLs (RFC 3986 sections 3 and 5): text to parts, parts to text, and resolution.

What lives here: pure functions on the five parts as they are written. A text of the RFC's grammar is taken as
it is. Of the rest, what all readers of URLs read alike is repaired, by percent-encoding: spaces, `"<>[]^{|}`
and the backtick, non-ASCII text (RFC 3987 section 3.1) and lone `%` in a path, query or fragment. What
readers disagree about is refused with `MalformedURL`:

- controls anywhere (browsers delete tabs and newlines), and spaces at the ends (browsers trim them);
- a backslash before the query (browsers read it as `/`); in a query or fragment it is encoded;
- a second `@`, escapes and odd characters in the host (see `hosts`), a port that is no number up to 65535;
- http, https, ws, wss and ftp URLs with an empty host (RFC 9110 section 4.2.1).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from toolkit.sansio.errors.base import MalformedURL
from toolkit.sansio.percent import Quoter, quote_fragment, quote_path, quote_query, quote_userinfo
from toolkit.sansio.url.hosts import check_host, parse_ipv6

DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
"""The schemes whose URLs name a host of the Internet, and the port that each may leave out."""

MAX_PORT: Final = 65535


class Authority(NamedTuple):
    """`authority = [ userinfo "@" ] host [ ":" port ]` (RFC 3986 section 3.2), as written.

    `host` is without the brackets of an IPv6 literal; `port` is digits, empty after a bare colon.
    """

    userinfo: str | None
    host: str
    port: str | None

    @property
    def port_number(self) -> int | None:
        """The number that `port` is, however many zeros it begins with; None where there are no digits."""
        return int(self.port.lstrip("0") or "0") if self.port else None

    def __str__(self) -> str:
        userinfo = "" if self.userinfo is None else self.userinfo + "@"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return userinfo + host + ("" if self.port is None else ":" + self.port)


class Parts(NamedTuple):
    """The parts of a URL or a reference, as written; None is absent, which is not the same as empty."""

    scheme: str | None
    authority: Authority | None
    path: str
    query: str | None
    fragment: str | None


# RFC 3986 appendix B. It matches every text.
_SPLIT = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL).fullmatch
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*").fullmatch
_DIGITS = re.compile(r"[0-9]*").fullmatch
# What needs no repair, whatever part it stands in: `unreserved`, `sub-delims`, `:@/?`, and escapes.
_PLAIN = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*(?:#[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*)?").fullmatch
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})").search
_quote_userinfo = Quoter("userinfo, whole", quote_userinfo.safe + ":")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]").search


def read(text: str) -> tuple[Parts, str]:
    """The parts of a URL or a reference, checked and repaired, and the text that writes them.

    `MalformedURL` for what is refused. The text is the same one when there was nothing to repair.
    """
    match = _SPLIT(text)
    # Never None; a checker cannot know it.
    scheme, authority, path, query, fragment = match.groups() if match else (None, None, text, None, None)
    plain = _PLAIN(text) and not ("%" in text and _LONE_PERCENT(text))
    if not plain:
        _refuse_characters(text)
        if "\\" in (authority or "") or ("\\" in path and is_strict(scheme)):
            raise MalformedURL(text, "a backslash is no separator: write '/', or '%5C' where it is meant")
        path = quote_path.requote(path)
        query = None if query is None else quote_query.requote(query)
        fragment = None if fragment is None else quote_fragment.requote(fragment)
    if scheme is None:
        if ":" in path.partition("/")[0] and authority is None:
            raise MalformedURL(text, "a scheme, or './' before a first segment with a colon, is missing")
    else:
        check_scheme(scheme, text)
    parsed = None if authority is None else split_authority(authority, scheme, text)
    parts = Parts(scheme, parsed, path, query, fragment)
    return parts, text if plain else unsplit(parts)


def is_strict(scheme: str | None) -> bool:
    """Whether hosts are those of the Internet; a reference without a scheme may turn out to be of http."""
    return scheme is None or scheme.lower() in DEFAULT_PORTS


def check_scheme(scheme: str, url: str) -> None:
    """Refuse what is no scheme (RFC 3986 section 3.1)."""
    if not _SCHEME(scheme):
        raise MalformedURL(url, "a scheme is a letter, then letters, digits and '+-.'")


def _refuse_characters(text: str) -> None:
    """Refuse what may not stand anywhere in a URL."""
    if found := _FORBIDDEN(text):
        raise MalformedURL(text, f"a URL has no {'controls' if found[0] < '€' else 'lone surrogates'}")
    if text.strip(" ") != text:
        raise MalformedURL(text, "a URL has no spaces at its ends")


def split_authority(authority: str, scheme: str | None, url: str) -> Authority:
    """The authority of `url`, checked for `scheme`; a reference's own is checked as that of http."""
    userinfo, at, rest = authority.rpartition("@")
    if "@" in userinfo:
        raise MalformedURL(url, "an authority has one '@'; write '%40' in a name or password")
    if rest.startswith("["):
        host, bracket, after = rest[1:].partition("]")
        if not bracket or parse_ipv6(host) is None or not (after == "" or after.startswith(":")):
            raise MalformedURL(url, "what stands in brackets is an IPv6 address, without zone")
        port = after[1:] if after else None
    else:
        host, colon, digits = rest.partition(":")
        port = digits if colon else None
        host = _host(host, scheme, url)
    if port and not (
        _DIGITS(port) and len(number := port.lstrip("0")) <= 5 and int(number or "0") <= MAX_PORT
    ):
        raise MalformedURL(url, f"a port is a number up to {MAX_PORT}")
    if host == "" and (at or port is not None):
        raise MalformedURL(url, "a host is missing")
    return Authority(_quote_userinfo.requote(userinfo) if at else None, host, port)


def _host(host: str, scheme: str | None, url: str) -> str:
    """A host that is no IPv6 literal, checked."""
    if not host:
        if scheme is not None and is_strict(scheme):
            raise MalformedURL(url, "a host is missing (RFC 9110 section 4.2)")
        return host
    try:
        return check_host(host, strict=is_strict(scheme))
    except MalformedURL as error:
        raise MalformedURL(url, error.reason) from None


def unsplit(parts: Parts) -> str:
    """The text of `parts` (RFC 3986 section 5.3), the inverse of `read`."""
    scheme, authority, path, query, fragment = parts
    text = path if authority is None else f"//{authority}{path}"
    if scheme is not None:
        text = f"{scheme}:{text}"
    if query is not None:
        text += "?" + query
    if fragment is not None:
        text += "#" + fragment
    return text


def guard(parts: Parts) -> Parts:
    """`parts` with a path that cannot be read as another part: `unsplit` and `read` give them back.

    Without an authority a path may not start with `//`, and without a scheme not with a segment that has
    a colon: `/.` or `./` is put before it, which resolution takes away again (RFC 3986 section 4.2).
    """
    if parts.authority is not None:
        return parts
    if parts.path.startswith("//"):
        return parts._replace(path="/." + parts.path)
    if parts.scheme is None and ":" in parts.path.partition("/")[0]:
        return parts._replace(path="./" + parts.path)
    return parts


def resolve(base: Parts, reference: Parts) -> Parts:
    """The target of `reference` seen from `base`: RFC 3986 section 5.2.2, strict."""
    scheme, authority, path, query, fragment = reference
    if scheme is not None or authority is not None:
        return Parts(
            base.scheme if scheme is None else scheme, authority, remove_dot_segments(path), query, fragment
        )
    if path == "":
        return base._replace(query=base.query if query is None else query, fragment=fragment)
    if not path.startswith("/"):
        path = _merge(base, path)
    return Parts(base.scheme, base.authority, remove_dot_segments(path), query, fragment)


def _merge(base: Parts, path: str) -> str:
    """RFC 3986 section 5.2.3: `path` in the place of the last segment of the base."""
    if base.authority is not None and base.path == "":
        return "/" + path
    return base.path[: base.path.rfind("/") + 1] + path


def remove_dot_segments(path: str) -> str:
    """`path` with its `.` and `..` segments carried out: RFC 3986 section 5.2.4, in one pass.

    >>> remove_dot_segments("/a/b/c/./../../g"), remove_dot_segments("mid/content=5/../6")
    ('/a/g', 'mid/6')
    """
    if "/." not in path and not path.startswith("."):
        return path
    segments = path.split("/")
    first = 0
    while segments[first] in {".", ".."}:  # step A and D: they stand before anything
        first += 1
        if first == len(segments):
            return ""
    # Each entry is a segment with the slash before it; a rootless path's first has none.
    output = [segments[first]] if segments[first] else []
    rest = segments[first + 1 :]
    for segment in rest:
        if segment == "..":
            if output:
                output.pop()
        elif segment != ".":
            output.append("/" + segment)
    if rest and rest[-1] in {".", ".."}:
        output.append("/")
    return "".join(output)
