"""What a server decides once for all its requests: whom to trust, and what to allow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from toolkit.sansio.errors.base import RemoteError
from toolkit.sansio.fields.proxies import TrustedProxies
from toolkit.sansio.limits import BodyLimits, FormLimits


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
    """The host names to answer for, in lower case and without a port; `.example.org` stands for the name and
    all below it. None at all: any valid host, and links made from it are the application's risk."""

    proxies: TrustedProxies = field(default_factory=TrustedProxies)
    """Whose Forwarded or X-Forwarded fields to believe: nobody's, by default."""

    body: BodyLimits = field(default_factory=BodyLimits)
    """What the content of a request may grow to."""

    form: FormLimits = field(default_factory=FormLimits)
    """What a form may hold."""

    def trusts_host(self, name: str) -> bool:
        """Whether to answer for a host name (without port, in any case)."""
        if not self.trusted_hosts:
            return True
        name = name.lower().removesuffix(".")
        return any(
            name == host.removeprefix(".") or (host.startswith(".") and name.endswith(host))
            for host in self.trusted_hosts
        )


DEFAULT_POLICY: Final = Policy()
"""Trust nobody, answer for any host, allow what the limits allow by default."""
