"""A cookie jar: what a user agent does with cookies, for test clients (RFC 6265bis sections 5.7 and 5.8).

Pure: the time is an argument of every call that needs it, an aware datetime; URLs come taken apart. What
is judged here and what is not:

- Domain and path matching, host-only cookies, expiry (cut to 400 days), eviction, ordering, the
  prefixes, `Secure` and "leave secure cookies alone" are as the specification says.
- There is no public suffix list. Instead a domain of one label (`com`, `localhost`) is a public suffix:
  no host may set a cookie for it but the host of that very name, and then for itself alone. So a jar is for
  clients whose servers may be trusted with each other's cookies, such as those of a test.
- `localhost`, its subdomains and the loopback addresses count as secure, as in Chromium and Firefox.
- `SameSite` is kept, and judged when the caller says that a request is not same-site. `HttpOnly` and
  `Partitioned` are kept; there are no scripts here, and only one top-level site.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Literal

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.cookies import SetCookie, prefix_violation, secure_violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_LIFETIME = timedelta(days=400)
"""How long a cookie is kept at most, whatever it asks for (RFC 6265bis section 5.5)."""

Site = Literal["same", "navigation", "cross"]
"""Where a request comes from: the same site, a link followed on another site, or anything else there."""

MAX_NAME = 253
"""Characters of a name that DNS can look up (RFC 1035 section 2.3.4): a longer host has no domains."""

_Key = tuple[str, bool, str]


@dataclass(slots=True)
class StoredCookie:
    """A cookie in the jar: what was received, and what became of it there.

    `domain` and `path` are those that requests are matched with, `host_only` says that only the very
    host gets the cookie, `expires` is None for the length of a session. `created` and `used` are
    ordinal numbers, not times.
    """

    cookie: SetCookie
    domain: str
    host_only: bool
    path: str
    expires: datetime | None
    created: int
    used: int

    def is_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires is not None and self.expires <= now


class CookieJar:
    """The cookies that a client has been given, and those that it sends.

    `max_per_domain` and `max_cookies` bound the jar (RFC 6265bis section 6.1 asks for at least 50 and
    3000). When one is passed, expired cookies go first, then those without `Secure` (of the one
    domain), then those that were not used for longest.

    >>> from datetime import datetime, timezone
    >>> now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    >>> jar = CookieJar()
    >>> jar.store(["sid=31d4; Path=/; Secure", "lang=en; Domain=example.com", "a=b; Domain=org"],
    ...           "https", "www.example.com", "/shop/cart", now)
    [('a=b; Domain=org', 'the domain org does not cover the host www.example.com')]
    >>> jar.header("https", "www.example.com", "/shop/", now)
    'lang=en; sid=31d4'
    >>> jar.header("https", "example.com", "/shop/", now)
    'lang=en'
    """

    def __init__(self, *, max_cookies: int = 3000, max_per_domain: int = 50) -> None:
        self.max_cookies = max_cookies
        self.max_per_domain = max_per_domain
        self._domains: dict[str, dict[_Key, StoredCookie]] = {}
        self._ticks = count()

    def __iter__(self) -> Iterator[StoredCookie]:
        for bucket in self._domains.values():
            yield from bucket.values()

    def __len__(self) -> int:
        return sum(map(len, self._domains.values()))

    def clear(self) -> None:
        """Forget everything."""
        self._domains.clear()

    def store(
        self, lines: Iterable[str], scheme: str, host: str, path: str, now: datetime
    ) -> list[tuple[str, str]]:
        """Store the cookies of the `Set-Cookie` lines that answered a request.

        The lines that are refused are returned, each with the reason. `host` is without its port, `path`
        without the query. A cookie that has expired removes the one it would replace.
        """
        refused: list[tuple[str, str]] = []
        host = _canonical(host)
        secure = _is_secure(scheme, host)
        for line in lines:
            try:
                cookie = SetCookie.parse(line)
            except MalformedHeader as error:
                refused.append((line, error.reason))
                continue
            reason = self._store(cookie, secure, host, path, now)
            if reason is not None:
                refused.append((line, reason))
        return refused

    def cookies_for(
        self, scheme: str, host: str, path: str, now: datetime, *, site: Site = "same"
    ) -> list[tuple[str, str]]:
        """The names and values to send with a request: longer paths first, then those set earlier.

        With `site="cross"` only cookies with `SameSite=None` are sent, with `"navigation"` also those
        with `Lax` and those without `SameSite`, which are taken for `Lax`.
        """
        host = _canonical(host)
        secure = _is_secure(scheme, host)
        found: list[StoredCookie] = []
        for domain in _domains_of(host):
            bucket = self._domains.get(domain, {})
            for key in [key for key, stored in bucket.items() if stored.is_expired(now)]:
                del bucket[key]
            found += [
                stored
                for stored in bucket.values()
                if (secure or not stored.cookie.secure)
                and (not stored.host_only or domain == host)
                and _path_matches(path, stored.path)
                and _site_allows(stored.cookie, site)
            ]
        found.sort(key=lambda stored: (-len(stored.path), stored.created))
        for stored in found:
            stored.used = next(self._ticks)
        return [(stored.cookie.name, stored.cookie.value) for stored in found]

    def header(self, scheme: str, host: str, path: str, now: datetime, *, site: Site = "same") -> str:
        """The `Cookie` field to send with a request; empty when there is nothing to send.

        A cookie without a name is its bare value (RFC 6265bis section 5.8.3).
        """
        pairs = self.cookies_for(scheme, host, path, now, site=site)
        return "; ".join([f"{name}={value}" if name else value for name, value in pairs])

    def _store(self, cookie: SetCookie, secure: bool, host: str, path: str, now: datetime) -> str | None:
        """Store one cookie, or say why not (RFC 6265bis section 5.7)."""
        if not cookie.name and not cookie.value:
            return "neither a name nor a value"
        domain = (cookie.domain or "").lower().removeprefix(".")
        if not domain.isascii():
            return "the domain is not ASCII (punycode)"
        if domain == host:
            # A host that is a public suffix may have cookies, and must not share them.
            host_only = "." not in host
        elif domain:
            if "." not in domain.strip(".") or not _domain_matches(host, domain):
                return f"the domain {domain} does not cover the host {host}"
            host_only = False
        else:
            domain, host_only = host, True
        if cookie.secure and not secure:
            return "Secure over an insecure connection"
        stored = StoredCookie(
            cookie,
            domain,
            host_only,
            cookie.path or _default_path(path),
            _expiry(cookie, now),
            created=next(self._ticks),
            used=next(self._ticks),
        )
        if not cookie.secure and not secure and self._overlays_secure(stored):
            return "would overlay a Secure cookie"
        reason = secure_violation(cookie) or prefix_violation(cookie)
        if reason is None:
            self._insert(stored, now)
        return reason

    def _overlays_secure(self, new: StoredCookie) -> bool:
        """Whether a cookie from an insecure connection would hide a secure one ("leave secure alone")."""
        return any(
            old.cookie.secure
            and old.cookie.name == new.cookie.name
            and (_domain_matches(new.domain, old.domain) or _domain_matches(old.domain, new.domain))
            and _path_matches(new.path, old.path)
            for old in self
        )

    def _insert(self, new: StoredCookie, now: datetime) -> None:
        """Put a cookie in its place, take over the age of the one that was there, and keep the bounds."""
        bucket = self._domains.setdefault(new.domain, {})
        key = (new.cookie.name, new.host_only, new.path)
        old = bucket.pop(key, None)
        if new.is_expired(now):
            return
        if old is not None and not old.is_expired(now):
            new.created = old.created
        bucket[key] = new
        if len(bucket) > self.max_per_domain:
            _evict([bucket], now)
        if len(self) > self.max_cookies:
            _evict(list(self._domains.values()), now, spare_secure=False)


def _evict(buckets: list[dict[_Key, StoredCookie]], now: datetime, *, spare_secure: bool = True) -> None:
    """Remove the expired cookies, or if there is none the one that is missed least."""
    stored = [(bucket, key, item) for bucket in buckets for key, item in bucket.items()]
    victims = [(bucket, key) for bucket, key, item in stored if item.is_expired(now)]
    if not victims:
        bucket, key, _ = min(
            stored, key=lambda entry: (spare_secure and entry[2].cookie.secure, entry[2].used)
        )
        victims = [(bucket, key)]
    for bucket, key in victims:
        del bucket[key]


def _expiry(cookie: SetCookie, now: datetime) -> datetime | None:
    """When a cookie goes: Max-Age before Expires, neither beyond `MAX_LIFETIME`."""
    if cookie.max_age is not None:
        limit = int(MAX_LIFETIME.total_seconds())
        return now + timedelta(seconds=max(0, min(cookie.max_age, limit)))
    if cookie.expires is not None:
        return min(cookie.expires, now + MAX_LIFETIME)
    return None


def _canonical(host: str) -> str:
    """A host as hosts compare: in lower case, an IPv6 address without its brackets."""
    return host.lower().removeprefix("[").removesuffix("]")


def _is_secure(scheme: str, host: str) -> bool:
    """Whether a connection may carry `Secure` cookies."""
    return (
        scheme.lower() in ("https", "wss")
        or host == "localhost"
        or host.endswith(".localhost")
        or host == "::1"
        or (host.startswith("127.") and _is_address(host))
    )


def _is_address(host: str) -> bool:
    """Whether a host is an IP address: only names have domains. No top-level domain is a number."""
    last = host.rpartition(".")[2]
    return ":" in host or (last.isascii() and last.isdigit())


def _domain_matches(host: str, domain: str) -> bool:
    """Domain matching (RFC 6265bis section 5.1.3)."""
    return host == domain or (host.endswith(f".{domain}") and not _is_address(host))


def _domains_of(host: str) -> Iterator[str]:
    """Every domain that a host matches, the host itself first."""
    yield host
    if len(host) <= MAX_NAME and not _is_address(host):
        while rest := host.partition(".")[2]:
            yield (host := rest)


def _default_path(path: str) -> str:
    """The directory of a request's path (RFC 6265bis section 5.1.4)."""
    return path.rpartition("/")[0] or "/" if path.startswith("/") else "/"


def _path_matches(path: str, prefix: str) -> bool:
    """Path matching (RFC 6265bis section 5.1.4): whole segments."""
    return path == prefix or (
        path.startswith(prefix) and (prefix.endswith("/") or path[len(prefix) : len(prefix) + 1] == "/")
    )


def _site_allows(cookie: SetCookie, site: Site) -> bool:
    """Whether `SameSite` lets a request from there have the cookie; without it, `Lax` holds."""
    if site == "same" or cookie.samesite == "None":
        return True
    return site == "navigation" and cookie.samesite != "Strict"
