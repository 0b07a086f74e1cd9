"""Cookies (RFC 6265bis): `Cookie` read and written, `Set-Cookie` read and written.

Lenient in, strict out. Reading follows what browsers and servers agree on: `;` always ends a pair, also
inside quotes, so that no pair can swallow its neighbour. Writing follows section 4.1.1 to the letter, and
refuses what a browser would drop. A value is an opaque string: quotes are part of it, and nothing is
decoded behind your back; `encode_cookie_value` and `decode_cookie_value` carry other text.

The attributes of Set-Cookie are read and checked in `toolkit.sansio.fields.cookie_attributes`. Nothing here
knows the time or keeps a cookie: that is `toolkit.sansio.fields.cookie_jar`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from toolkit.sansio.errors.base import InvalidHeader, MalformedHeader
from toolkit.sansio.fields.cookie_attributes import (
    SameSite,
    check_texts,
    checked_expires,
    checked_max_age,
    checked_samesite,
    read_attributes,
)
from toolkit.sansio.fields.dates import format_date
from toolkit.sansio.grammar import OWS, is_token
from toolkit.sansio.multidict import MultiDict
from toolkit.sansio.percent import unquote_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta

    from typing_extensions import Self

MAX_PAIR = 4096
"""What name and value may hold together, in octets; user agents drop a longer cookie (section 5.6)."""

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

# cookie-value = *cookie-octet / ( DQUOTE *cookie-octet DQUOTE )
# cookie-octet = %x21 / %x23-2B / %x2D-3A / %x3C-5B / %x5D-7E
_OCTETS = r"[!#-+\--:<-\[\]-~]*"
_is_value = re.compile(f'{_OCTETS}|"{_OCTETS}"').fullmatch
_control = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]").search

_new: Callable[[type], MultiDict[str, str]] = object.__new__

_ESCAPES = {octet: f"%{octet:02X}" for octet in range(256) if octet == 0x25 or not _is_value(chr(octet))}


def parse_cookies(header: str) -> MultiDict[str, str]:
    """The cookies of a `Cookie` field, in order, duplicates kept (RFC 6265bis section 4.2).

    Several field lines are one list, joined with `"; "` (RFC 9113 section 8.2.3). Nothing is ever
    raised, time and memory grow with the length of the field, which the limit on heads bounds.

    - `;` ends a pair wherever it stands, `=` ends a name; SP and HTAB around both are trimmed.
    - A pair without `=` is skipped. A pair without a name is kept under the name `""`, so that
      `=__Host-id=1` cannot pass for the cookie `__Host-id`.
    - Values are kept as they came: quotes are part of the value, as they are for a user agent;
      percent-encoding is the application's (`decode_cookie_value`).
    - A name or value that is UTF-8 on the wire, as browsers send it, is decoded, each on its own;
      any other stays latin-1, as it is in the field.

    >>> parse_cookies('sid=31d4; lang="en; theme=dark; lang=de').lists()
    [('sid', ['31d4']), ('lang', ['"en', 'de']), ('theme', ['dark'])]
    """
    # PERF: a loop for several only, and the plain one (benchmarks/cookies.py::parse one cookie). One regular
    # expression for all, or checks of the whole field that save the calls of strip, gain nothing.
    if ";" in header:
        pairs: list[tuple[str, str]] = []
        for pair in header.split(";"):
            name, equals, value = pair.partition("=")
            if equals:
                pairs.append((name.strip(OWS), value.strip(OWS)))
    else:
        name, equals, value = header.partition("=")
        pairs = [(name.strip(OWS), value.strip(OWS))] if equals else []
    if not header.isascii():
        pairs = [(_from_utf8(name), _from_utf8(value)) for name, value in pairs]
    # PERF: `MultiDict.adopt`, without a call (benchmarks/cookies.py::parse one cookie).
    cookies: MultiDict[str, str] = _new(MultiDict)
    cookies._pairs = pairs  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    cookies._index = None  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return cookies


def dump_cookies(cookies: Iterable[tuple[str, str]]) -> str:
    """A `Cookie` field with these pairs of name and value, the inverse of `parse_cookies`.

    Raises `InvalidHeader` for a name that is no token and a value outside `cookie-octet`.

    >>> dump_cookies([("sid", "31d4"), ("lang", "en")])
    'sid=31d4; lang=en'
    """
    pairs: list[str] = []
    for name, value in cookies:
        _check_pair("Cookie", name, value)
        pairs.append(f"{name}={value}")
    return "; ".join(pairs)


def encode_cookie_value(text: str) -> str:
    """Any text as a cookie value: UTF-8, percent-encoded where it is no `cookie-octet`, or `%`.

    >>> encode_cookie_value("50%; naïve")
    '50%25%3B%20na%C3%AFve'
    """
    return text.encode("utf-8").decode("latin-1").translate(_ESCAPES)


def decode_cookie_value(value: str) -> str:
    """The text that `encode_cookie_value` (or `encodeURIComponent`) made into a value.

    A `%` without two hexadecimal digits stays, and a value whose octets are not UTF-8 is returned as
    it is: the value may not be yours.

    >>> decode_cookie_value("50%25%3B%20na%C3%AFve"), decode_cookie_value("100%"), decode_cookie_value("%FF")
    ('50%; naïve', '100%', '%FF')
    """
    if "%" not in value:
        return value
    try:
        return unquote_bytes(value.encode("utf-8", "surrogatepass")).decode("utf-8")
    except UnicodeDecodeError:
        return value


@dataclass(frozen=True, slots=True, init=False)
class SetCookie:
    """One `Set-Cookie` field: a cookie with its attributes (RFC 6265bis section 4.1).

    `max_age` is in seconds (a `timedelta` does too), `expires` an aware datetime (kept in UTC, without the
    fraction of a second that the field cannot carry), `extensions` other attributes as text, such as
    `"Priority=High"`.

    A cookie that you make is held to section 4.1.1 and to what user agents accept, else
    `InvalidHeader` is raised: the name is a token, the value of `cookie-octet` (in quotes if you like),
    both within `MAX_PAIR`; `domain` a host name and `path` from `/`, both within `MAX_ATTRIBUTE`;
    `SameSite=None` and `Partitioned` need `Secure`; a name that begins with `__Secure-`, `__Host-`,
    `__Http-` or `__Host-Http-`, in any case, needs the attributes that the prefix promises.

    A cookie that you `parse` is what the peer sent: it may hold what this constructor refuses.

    >>> str(SetCookie("__Host-sid", "31d4", max_age=3600, path="/", secure=True, samesite="Lax"))
    '__Host-sid=31d4; Max-Age=3600; Path=/; Secure; SameSite=Lax'
    >>> SetCookie("__Host-sid", "31d4", secure=True)
    Traceback (most recent call last):
    toolkit.sansio.errors.base.InvalidHeader: header 'Set-Cookie': the prefix __Host- needs Path=/ ...
    """

    field_name: ClassVar[str] = "Set-Cookie"

    name: str
    value: str = ""
    max_age: int | None = None
    expires: datetime | None = None
    domain: str | None = None
    path: str | None = None
    secure: bool = False
    httponly: bool = False
    samesite: SameSite | None = None
    partitioned: bool = False
    extensions: tuple[str, ...] = ()

    def __init__(
        self,
        name: str,
        value: str = "",
        *,
        max_age: int | timedelta | None = None,
        expires: datetime | None = None,
        domain: str | None = None,
        path: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = None,
        partitioned: bool = False,
        extensions: tuple[str, ...] = (),
    ) -> None:
        _check_pair(self.field_name, name, value)
        put = partial(object.__setattr__, self)
        put("name", name)
        put("value", value)
        put("max_age", None if max_age is None else checked_max_age(max_age))
        put("expires", None if expires is None else checked_expires(expires))
        put("domain", domain)
        put("path", path)
        put("secure", secure)
        put("httponly", httponly)
        put("samesite", None if samesite is None else checked_samesite(str(samesite)))
        put("partitioned", partitioned)
        put("extensions", extensions)
        check_texts(domain, path, extensions)
        problem = secure_violation(self) or prefix_violation(self)
        if problem:
            raise InvalidHeader(self.field_name, self.name, problem)

    def __str__(self) -> str:
        return self.dump()

    def dump(self) -> str:
        """The field value, which `parse` reads back as an equal cookie."""
        parts = [f"{self.name}={self.value}"]
        if self.expires is not None:
            parts.append(f"Expires={format_date(self.expires)}")
        if self.max_age is not None:
            parts.append(f"Max-Age={self.max_age}")
        if self.domain is not None:
            parts.append(f"Domain={self.domain}")
        if self.path is not None:
            parts.append(f"Path={self.path}")
        if self.httponly:
            parts.append("HttpOnly")
        if self.secure:
            parts.append("Secure")
        if self.samesite is not None:
            parts.append(f"SameSite={self.samesite}")
        if self.partitioned:
            parts.append("Partitioned")
        parts += self.extensions
        return "; ".join(parts)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cookie of one `Set-Cookie` line, read as a user agent reads it (RFC 6265bis section 5.6).

        Never join these lines: a comma does not part them. The last attribute of a name counts, an
        attribute that says nothing valid is ignored; one that is not known is kept in `extensions`.
        Whether the cookie may be stored is the jar's question. Raises `MalformedHeader` where a user
        agent ignores the line: a control character, or name and value beyond `MAX_PAIR`.

        >>> SetCookie.parse("sid = 31d4; path=/;; SECURE; Max-Age=soon; Priority=High")
        SetCookie(name='sid', value='31d4', max_age=None, expires=None, domain=None, path='/', \
secure=True, httponly=False, samesite=None, partitioned=False, extensions=('Priority=High',))
        """
        if _control(text):
            raise MalformedHeader(cls.field_name, text, "a control character is not allowed")
        pair, _, rest = text.partition(";")
        name, equals, value = pair.partition("=")
        if not equals:
            name, value = "", name
        name, value = name.strip(OWS), value.strip(OWS)
        if len(name) + len(value) > MAX_PAIR:
            raise MalformedHeader(cls.field_name, text, f"name and value exceed {MAX_PAIR} octets")
        values = {"name": name, "value": value, **read_attributes(rest)}
        cookie = cls.__new__(cls)
        for field in fields(cls):
            object.__setattr__(cookie, field.name, values.get(field.name, field.default))
        return cookie

    @classmethod
    def delete(
        cls,
        name: str,
        *,
        path: str = "/",
        domain: str | None = None,
        secure: bool = False,
        partitioned: bool = False,
    ) -> Self:
        """The field that makes a user agent forget a cookie, which it knows by name, domain and path.

        `path` and `domain` must be those that the cookie was set with. A prefixed name needs here what
        it needed then.

        >>> str(SetCookie.delete("sid"))
        'sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/'
        """
        return cls(
            name, max_age=0, expires=EPOCH, path=path, domain=domain, secure=secure, partitioned=partitioned
        )

    def deleted(self) -> Self:
        """The field that makes a user agent forget this very cookie: `delete` with its attributes."""
        return replace(self, value="", max_age=0, expires=EPOCH)


def secure_violation(cookie: SetCookie) -> str | None:
    """Why user agents drop a cookie for want of `Secure`, or None (RFC 6265bis section 5.7)."""
    demanding = "SameSite=None" if cookie.samesite == "None" else "Partitioned" if cookie.partitioned else ""
    return f"{demanding} needs Secure" if demanding and not cookie.secure else None


def prefix_violation(cookie: SetCookie) -> str | None:
    """Why a cookie breaks the promise of its name's prefix, or None (RFC 6265bis section 4.1.3).

    Prefixes compare in any case, as user agents have it. A nameless cookie may not imitate one.
    """
    name = cookie.name.lower()
    if not name.startswith("__"):
        if not cookie.name and cookie.value.lower().startswith(("__secure-", "__host-", "__http-")):
            return "a cookie without a name may not look like one with a prefix"
        return None
    for prefix, needs_host, needs_http in (
        # The longer one first: each row is the whole promise of its prefix.
        ("__Host-Http-", True, True),
        ("__Host-", True, False),
        ("__Http-", False, True),
        ("__Secure-", False, False),
    ):
        if name.startswith(prefix.lower()):
            if not cookie.secure:
                return f"the prefix {prefix} needs Secure"
            if needs_host and (cookie.path != "/" or cookie.domain is not None):
                return f"the prefix {prefix} needs Path=/ and no Domain"
            if needs_http and not cookie.httponly:
                return f"the prefix {prefix} needs HttpOnly"
            return None
    return None


def _check_pair(field: str, name: str, value: str) -> None:
    """Refuse a name or value that section 4.1.1 does not let a server send."""
    if not is_token(name):
        raise InvalidHeader(field, name, "a cookie's name is a token")
    if not isinstance(cast("object", value), str):
        raise TypeError(f"the value of the cookie {name!r} is text, not {value!r}")
    if not _is_value(value):
        raise InvalidHeader(field, value, "not the octets of a cookie's value; use encode_cookie_value")
    if len(name) + len(value) > MAX_PAIR:
        raise InvalidHeader(field, value, f"name and value exceed {MAX_PAIR} octets")


def _from_utf8(text: str) -> str:
    """Latin-1 text whose octets are UTF-8, decoded; any other as it is."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
