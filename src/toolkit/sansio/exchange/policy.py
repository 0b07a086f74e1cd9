"""What a server decides once for all its requests: whom to trust, and what to allow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from toolkit.sansio.errors.base import MalformedURL, RemoteError
from toolkit.sansio.fields.proxies import TrustedProxies
from toolkit.sansio.limits import BodyLimits, FormLimits
from toolkit.sansio.url.hosts import parse_ipv6
from toolkit.sansio.url.syntax import Authority, split_authority

if TYPE_CHECKING:
    from collections.abc import Iterable


class UntrustedHost(RemoteError):
    """A request for a host that this server does not answer for. Status 421 (RFC 9110 section 15.5.20)."""

    status = 421

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host

    def __str__(self) -> str:
        return f"this server does not answer for {self.host!r}"


@dataclass(frozen=True)
class Policy:
    """Whom to trust and what to allow; one frozen value for an application.

    >>> policy = Policy(trusted_hosts=("example.org", ".example.net"))
    >>> policy.trusts_host("www.example.net"), policy.trusts_host("example.com")
    (True, False)
    """

    trusted_hosts: tuple[str, ...] = ()
    """The host names to answer for, without a port; `.example.org` stands for the name and all below it. They
    are kept as they are compared, in lower case and ASCII. None at all: any valid host, and links made from
    it are the application's risk. ValueError for what is no host name, TypeError for a single text."""

    proxies: TrustedProxies = field(default_factory=TrustedProxies)
    """Whose Forwarded or X-Forwarded fields to believe: nobody's, by default."""

    body: BodyLimits = field(default_factory=BodyLimits)
    """What the content of a request may grow to."""

    form: FormLimits = field(default_factory=FormLimits)
    """What a form may hold."""

    max_message: int = 1024 * 1024
    """Bytes of a WebSocket message as received, text as UTF-8: as much as forms may keep in memory."""

    def __post_init__(self) -> None:
        if self.max_message < 0:
            raise ValueError(f"max_message is 0 or more, not {self.max_message}")
        object.__setattr__(self, "trusted_hosts", _several(self.trusted_hosts))

    def trusts_host(self, name: str) -> bool:
        """Whether to answer for a host name (without port, in any case)."""
        if not self.trusted_hosts:
            return True
        name = name.lower().removesuffix(".")
        return any(
            name == host.removeprefix(".") or (host.startswith(".") and name.endswith(host))
            for host in self.trusted_hosts
        )


def _several(hosts: Iterable[str]) -> tuple[str, ...]:
    """The hosts to trust, each as it is compared. A single text, which is iterable too, is refused."""
    if isinstance(hosts, str):
        raise TypeError(f"several hosts are meant, not one: [{hosts!r}]")
    return tuple(map(_comparable, hosts))


def _comparable(host: str) -> str:
    """A trusted host as it is compared: in lower case and ASCII, without brackets or a dot at its end."""
    name = host.removeprefix(".")
    try:
        authority = read_host(f"[{name}]" if parse_ipv6(name) else name)
    except MalformedURL as error:
        raise ValueError(f"a host to trust is a name or an address: {error}") from None
    if authority.port is not None or "*" in name:
        raise ValueError(f"a host to trust has no port and no '*' (all below it: '.example.org'): {host!r}")
    return host[: len(host) - len(name)] + authority.host.lower().removesuffix(".")


def read_host(text: str) -> Authority:
    """The host, and perhaps the port, of a request, checked: that of a URL, without user and empty labels.

    Raises `MalformedURL`.
    """
    authority = split_authority(text, "http", text)
    if authority.userinfo is not None:
        raise MalformedURL(text, "the host of a request has no user")
    if not all(authority.host.removesuffix(".").split(".")):
        raise MalformedURL(text, "a host has no empty label between its dots")
    return authority


DEFAULT_POLICY: Final = Policy()
"""Trust nobody, answer for any host, allow what the limits allow by default."""
