"""`URL`: one value for absolute URLs and relative references, immutable and always in ASCII.

What lives here: the value and what can be asked of it. Grammar and resolution are in `syntax`, hosts in
`hosts`, queries in `query`. A URL never guesses: see `syntax` for what is taken, repaired and refused.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

from toolkit.sansio.errors.base import MalformedURL
from toolkit.sansio.percent import (
    normalise_escapes,
    quote_fragment,
    quote_path,
    quote_query,
    quote_userinfo,
    unquote,
)
from toolkit.sansio.url.hosts import format_ipv6, host_to_unicode, parse_ipv6
from toolkit.sansio.url.query import build_query, parse_query
from toolkit.sansio.url.syntax import (
    DEFAULT_PORTS,
    Authority,
    Parts,
    check_scheme,
    guard,
    read,
    remove_dot_segments,
    resolve,
    split_authority,
    unsplit,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from toolkit.sansio.multidict import MultiDict
    from toolkit.sansio.url.query import QueryItems


class _Same(Enum):
    SAME = "the part stays as it is"


_SAME: Final = _Same.SAME
_Kept = Literal[_Same.SAME]

_HIGH_ESCAPES = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")


class URL:
    """A URL, or a reference to be joined to one (RFC 3986), in ASCII.

    `text` may be an IRI: its host becomes Punycode, the rest percent-encoded UTF-8. `MalformedURL` says what
    is wrong with a text that is refused. One of the RFC's grammar stays exactly as it is: `str(URL(text)) ==
    text`; what else is accepted is repaired (see `toolkit.sansio.url.syntax` for the rules).

    Frozen and hashable. Equal are URLs of the same text; for equivalence compare what `normalise` returns.

    >>> url = URL("https://user:pw@example.com:8443/caf%C3%A9?q=1#top")
    >>> url.scheme, url.host, url.port, url.path, url.query, url.fragment
    ('https', 'example.com', 8443, '/caf%C3%A9', 'q=1', 'top')
    >>> URL("http://münchen.example/straße?q=ä b")
    URL('http://xn--mnchen-3ya.example/stra%C3%9Fe?q=%C3%A4%20b')
    """

    __slots__ = ("_parts", "_text")

    _parts: Parts
    _text: str

    def __init__(self, text: str) -> None:
        self._parts, self._text = read(text)

    @classmethod
    def _of(cls, parts: Parts) -> Self:
        """A URL of parts that are checked already."""
        self = cls.__new__(cls)
        self._parts = guard(parts)
        self._text = unsplit(self._parts)
        return self

    # ---------------------------------------------------------------------------------------- the parts

    @property
    def scheme(self) -> str:
        """The scheme in lower case; empty for a relative reference."""
        return (self._parts.scheme or "").lower()

    @property
    def authority(self) -> str | None:
        """Userinfo, host and port as written; None where there is no `//`."""
        return None if self._parts.authority is None else str(self._parts.authority)

    @property
    def userinfo(self) -> str | None:
        """What stands before the `@`, as written; None where there is none."""
        return None if self._parts.authority is None else self._parts.authority.userinfo

    @property
    def username(self) -> str | None:
        """The user name, decoded; None where there is no userinfo."""
        return None if (userinfo := self.userinfo) is None else unquote(userinfo.partition(":")[0])

    @property
    def password(self) -> str | None:
        """The password, decoded; None where there is none."""
        _, colon, password = (self.userinfo or "").partition(":")
        return unquote(password) if colon else None

    @property
    def host(self) -> str | None:
        """The host in lower case and ASCII, an IPv6 address without its brackets; None where there is no
        `//`.
        """
        return None if self._parts.authority is None else self._parts.authority.host.lower()

    @property
    def port(self) -> int | None:
        """The port as written; None where there is none. See `effective_port`."""
        return None if self._parts.authority is None else self._parts.authority.port_number

    @property
    def effective_port(self) -> int | None:
        """The port that is meant: the one written, or the default of http, https, ws, wss or ftp."""
        return DEFAULT_PORTS.get(self.scheme) if (port := self.port) is None else port

    @property
    def path(self) -> str:
        """The path as written, percent-encoded; it may be empty."""
        return self._parts.path

    @property
    def query(self) -> str:
        """The query as written, without the `?`; empty where there is none."""
        return self._parts.query or ""

    @property
    def query_params(self) -> MultiDict[str, str]:
        """The pairs of the query, parsed anew on each call; `LimitExceeded` beyond the limits of
        `parse_query`.
        """
        return parse_query(self._parts.query or "")

    @property
    def fragment(self) -> str:
        """The fragment as written, without the `#`; empty where there is none."""
        return self._parts.fragment or ""

    @property
    def origin(self) -> str | None:
        """Scheme, host and port as browsers compare them and the Origin field writes them (RFC 6454 section
        6.2).

        None where there is no host or the scheme is not one of http, https, ws, wss and ftp.

        >>> URL("HTTPS://user@Example.com:443/path").origin
        'https://example.com'
        """
        scheme = self.scheme
        if self._parts.authority is None or scheme not in DEFAULT_PORTS:
            return None
        return f"{scheme}://{_normal_authority(self._parts.authority, scheme)._replace(userinfo=None)}"

    @property
    def is_absolute(self) -> bool:
        """Whether there is a scheme."""
        return self._parts.scheme is not None

    # ------------------------------------------------------------------------------------- other URLs

    def join(self, reference: str | URL) -> Self:
        """The target of `reference` seen from this URL (RFC 3986 section 5.2, strict).

        `MalformedURL` where the reference is malformed, or its target would be.

        >>> base = URL("http://a/b/c/d;p?q")
        >>> str(base.join("../g")), str(base.join("//h")), str(base.join("?y")), str(base.join("#s"))
        ('http://a/b/g', 'http://h', 'http://a/b/c/d;p?y', 'http://a/b/c/d;p?q#s')
        """
        parts = URL(reference)._parts if isinstance(reference, str) else reference._parts  # noqa: SLF001  # a URL's own
        target = resolve(self._parts, parts)
        if parts.authority is not None and parts.scheme is None:
            # The host was read without a scheme to say what it may be.
            split_authority(str(parts.authority), target.scheme, unsplit(target))
        return self._of(target)

    def replace(
        self,
        *,
        scheme: str | _Kept = _SAME,
        username: str | _Kept | None = _SAME,
        password: str | _Kept | None = _SAME,
        host: str | _Kept | None = _SAME,
        port: int | _Kept | None = _SAME,
        path: str | _Kept = _SAME,
        query: str | QueryItems | _Kept | None = _SAME,
        fragment: str | _Kept | None = _SAME,
    ) -> Self:
        """This URL with some parts replaced; None, or an empty text, takes a part away.

        `username` and `password` are plain text. `path`, `query` and `fragment` are written as in a URL:
        escapes stay, and what may not stand there is encoded, `?` and `#` too; of a mapping or pairs the
        query is built. `host` may be international, or an IPv6 address; without a host there is no userinfo
        and no port. `MalformedURL` where the parts do not make a URL.

        >>> URL("http://example.com/a?b#c").replace(path="/x y", query={"q": "é"}, fragment=None)
        URL('http://example.com/x%20y?q=%C3%A9')
        """
        old = self._parts
        new_scheme = old.scheme if scheme is _SAME else scheme or None
        if new_scheme is not None:
            check_scheme(new_scheme, new_scheme)
        new = Parts(
            new_scheme,
            _replaced(old.authority, new_scheme, username=username, password=password, host=host, port=port),
            old.path if path is _SAME else quote_path.requote(path),
            old.query if query is _SAME else _query(query) or None,
            old.fragment if fragment is _SAME else quote_fragment.requote(fragment or "") or None,
        )
        if new.authority is not None and new.path and not new.path.startswith("/"):
            raise MalformedURL(unsplit(new), "a path after a host starts with '/'")
        return self._of(new)

    def normalise(self) -> Self:
        """The URL that all equivalent ones have in common (RFC 3986 section 6.2).

        Scheme and host in lower case, IPv6 addresses as RFC 5952 writes them, no default, empty or
        zero-padded port, `/` for the empty path of a URL with a host, escapes in upper case and none of
        unreserved characters, dot segments carried out. A relative path keeps its dot segments.

        >>> URL("HTTP://EXAMPLE.com:80/%7esmith/./a/../b%2f").normalise()
        URL('http://example.com/~smith/b%2F')
        """
        scheme, authority, path, query, fragment = self._parts
        scheme = None if scheme is None else scheme.lower()
        path = normalise_escapes(path)
        if scheme is not None or authority is not None or path.startswith("/"):
            path = remove_dot_segments(path)
        if authority is not None:
            authority = _normal_authority(authority, scheme or "")
            if scheme in DEFAULT_PORTS:
                path = path or "/"
        return self._of(
            Parts(
                scheme,
                authority,
                path,
                None if query is None else normalise_escapes(query),
                None if fragment is None else normalise_escapes(fragment),
            )
        )

    def to_iri(self) -> str:
        """The URL as people read it: Punycode labels and escapes of printable non-ASCII text decoded.

        An IRI (RFC 3987 section 3.2): `URL(url.to_iri())` means the same as `url`. It is for showing; letters
        of different scripts may look alike.

        >>> URL("http://xn--mnchen-3ya.example/stra%C3%9Fe%20%2F%FF").to_iri()
        'http://münchen.example/straße%20%2F%FF'
        """
        scheme, authority, path, query, fragment = self._parts
        if authority is not None:
            userinfo = None if authority.userinfo is None else _readable(authority.userinfo)
            authority = Authority(userinfo, host_to_unicode(authority.host), authority.port)
        return unsplit(
            Parts(
                scheme,
                authority,
                _readable(path),
                None if query is None else _readable(query),
                None if fragment is None else _readable(fragment),
            )
        )

    # -------------------------------------------------------------------------------------- the value

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._text!r})"

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, URL) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[Callable[[str], Self], tuple[str]]:
        return type(self), (self._text,)


def _query(query: str | QueryItems | None) -> str:
    return quote_query.requote(query) if isinstance(query, str) else build_query(query or ())


def _replaced(
    authority: Authority | None,
    scheme: str | None,
    *,
    username: str | _Kept | None,
    password: str | _Kept | None,
    host: str | _Kept | None,
    port: int | _Kept | None,
) -> Authority | None:
    """`authority` with some of its parts replaced, checked for `scheme`."""
    userinfo, new_host, new_port = authority or Authority(None, "", None)
    if host is not _SAME:
        if not host:
            return None
        literal = f"[{host}]" if ":" in host and not host.startswith("[") else host
        alone = split_authority(literal, scheme, host)
        if str(alone) != alone.host.join("[]" if ":" in alone.host else ("", "")):
            raise MalformedURL(host, "a host has no userinfo and no port")
        new_host = alone.host
    if port is not _SAME:
        new_port = None if port is None else str(port)
    name, _, secret = (userinfo or "").partition(":")
    if username is not _SAME:
        name = quote_userinfo(username or "")
    if password is not _SAME:
        secret = quote_userinfo(password or "")
    if username is not _SAME or password is not _SAME:
        userinfo = f"{name}:{secret}" if secret else name or None
    changed = Authority(userinfo, new_host, new_port)
    if authority is None and changed == Authority(None, "", None):
        return None
    return split_authority(str(changed), scheme, str(changed))


def _normal_authority(authority: Authority, scheme: str) -> Authority:
    """`authority` in the form that all equivalent ones have in common."""
    userinfo, host, _ = authority
    groups = parse_ipv6(host) if ":" in host else None
    # Decoded, then in lower case, then what escapes are left in upper case again.
    host = normalise_escapes(normalise_escapes(host).lower()) if groups is None else format_ipv6(groups)
    number = authority.port_number
    return Authority(
        None if userinfo is None else normalise_escapes(userinfo),
        host,
        None if number is None or number == DEFAULT_PORTS.get(scheme) else str(number),
    )


def _readable(text: str) -> str:
    """`text` with the escapes of printable non-ASCII characters decoded."""
    return _HIGH_ESCAPES.sub(_decode_printable, text) if "%" in text else text


def _decode_printable(match: re.Match[str]) -> str:
    run = bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogateescape")
    if run.isprintable():
        return run
    return "".join(
        [
            character
            if character.isprintable()
            else "".join([f"%{octet:02X}" for octet in character.encode("utf-8", "surrogateescape")])
            for character in run
        ]
    )
