"""The attributes of a Set-Cookie field: what each one's text says, and what a server may write there.

A reader ignores an attribute that says nothing valid (RFC 6265bis section 5.6); what it would not read back
as it is, is refused before it is written (section 4.1.1), with `InvalidHeader`.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Literal

from toolkit.sansio.durations import count_seconds
from toolkit.sansio.errors.base import InvalidHeader
from toolkit.sansio.fields.cookie_date import FIRST_YEAR, MAX_ATTRIBUTE, parse_cookie_date
from toolkit.sansio.grammar import OWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta

FIELD = "Set-Cookie"

MAX_MAX_AGE = 2**63 - 1
"""Where a Max-Age is cut off, in seconds, either way: far beyond what any user agent keeps."""

SameSite = Literal["Strict", "Lax", "None"]

_SAMESITE: dict[str, SameSite] = {"strict": "Strict", "lax": "Lax", "none": "None"}

# av-octet = %x20-3A / %x3C-7E, and no space at the ends, where a reader trims it
_is_attribute = re.compile(r"(?! )[ -:<-~]+(?<! )").fullmatch
# a host name, with the leading dot of old (RFC 2109) that readers drop
_is_domain = re.compile(r"\.?[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*").fullmatch
_is_delta = re.compile(r"-?[0-9]+").fullmatch


def read_attributes(text: str) -> dict[str, object]:
    """The attributes behind the first `;`, by the names that `SetCookie` has for them (section 5.6).

    The last attribute of a name counts. One that is not known is one of the `extensions`.
    """
    values: dict[str, object] = {}
    extensions: list[str] = []
    for item in text.split(";"):
        attribute, _, value = item.partition("=")
        name = attribute.strip(OWS).lower()
        value = value.strip(OWS)
        if not name or len(value) > MAX_ATTRIBUTE:
            continue
        reader = _READERS.get(name)
        if reader is None:
            extensions.append(item.strip(OWS))
            continue
        read = reader(value)
        if read is not None or name not in _SKIPPED_IF_INVALID:
            values[name.replace("-", "_")] = read
    values["extensions"] = tuple(extensions)
    return values


def _read_delta(value: str) -> int | None:
    """The seconds of a Max-Age, cut to what 64 bits hold; None for other text."""
    return max(-MAX_MAX_AGE, min(int(value), MAX_MAX_AGE)) if _is_delta(value) else None


_READERS: dict[str, Callable[[str], object]] = {
    "expires": parse_cookie_date,
    "max-age": _read_delta,
    "domain": lambda value: value or None,
    "path": lambda value: value if value.startswith("/") else None,
    "secure": lambda _: True,
    "httponly": lambda _: True,
    "samesite": lambda value: _SAMESITE.get(value.lower()),
    "partitioned": lambda _: True,
}
"""What each attribute's text says. None takes back what an earlier attribute of the name said, ..."""

_SKIPPED_IF_INVALID = ("expires", "max-age")
"""... but for these two, where the earlier one stands."""


def checked_max_age(seconds: int | timedelta) -> int:
    """The whole seconds of an integer or a timedelta, by `count_seconds`, if a reader keeps them."""
    number = count_seconds(seconds)
    if abs(number) > MAX_MAX_AGE:
        raise InvalidHeader(FIELD, hex(number), "Max-Age is beyond 64 bits")
    return number


def checked_expires(moment: datetime) -> datetime:
    """`moment` in UTC without its microseconds, if a cookie-date can name it."""
    if moment.utcoffset() is None:
        raise InvalidHeader(FIELD, str(moment), "a naive datetime; use an aware one")
    try:
        utc = moment.astimezone(timezone.utc).replace(microsecond=0)
    except OverflowError:
        utc = None
    if utc is None or utc.year < FIRST_YEAR:
        raise InvalidHeader(FIELD, str(moment), f"years are {FIRST_YEAR} to 9999")
    return utc


def checked_samesite(text: str) -> SameSite:
    """The value that `text` means in whatever case."""
    samesite = _SAMESITE.get(text.lower())
    if samesite is None:
        raise InvalidHeader(FIELD, text, "SameSite is Strict, Lax or None")
    return samesite


def check_texts(domain: str | None, path: str | None, extensions: Iterable[str]) -> None:
    """Refuse a Domain, a Path or another attribute that would not be read back."""
    if domain is not None and not (_is_domain(domain) and len(domain) <= MAX_ATTRIBUTE):
        raise InvalidHeader(FIELD, domain, "Domain is a host name in ASCII (punycode)")
    if path is not None and not (path.startswith("/") and _is_attribute(path) and len(path) <= MAX_ATTRIBUTE):
        reason = f"Path begins with '/', is ASCII without controls and ';', at most {MAX_ATTRIBUTE} octets"
        raise InvalidHeader(FIELD, path, reason)
    for extension in extensions:
        name, _, value = extension.partition("=")
        name = name.strip(OWS).lower()
        if not _is_attribute(extension) or not name or name in _READERS or len(value) > MAX_ATTRIBUTE:
            raise InvalidHeader(FIELD, extension, "not an attribute that is an extension")
