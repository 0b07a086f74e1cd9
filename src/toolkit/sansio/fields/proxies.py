"""Who really asks, through proxies: Forwarded and X-Forwarded-* under one rule of trust.

Each proxy appends what it saw, so that the fields read like a chain: the client first, the nearest proxy
last, and behind it the peer of the connection. Whoever speaks to us can make up any beginning of it. So the
chain is walked from its end, as far as there are proxies of ours, and what stands before is not looked at.

X-Real-IP and its like are not read: one address without a chain does not tell who wrote it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, TypeVar

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.forwarded import Forwarded, parse_node
from toolkit.sansio.grammar import OWS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address, IPv4Network, IPv6Network

    from toolkit.sansio.fields.source import SupportsCombined

T = TypeVar("T", bound=str)

Part: TypeAlias = Literal["for", "proto", "host", "port", "prefix"]
"""What proxies may tell: X-Forwarded-For, -Proto, -Host, -Port and -Prefix; Forwarded has the first three."""

_PARTS: Final = {
    "X-Forwarded": frozenset({"for", "proto", "host", "port", "prefix"}),
    "Forwarded": frozenset({"for", "proto", "host"}),
}
_LOCAL = "unix"
_LONGEST_CHAIN = 32  # nobody has as many proxies; whoever claims it wants us to look up each
_DEFAULT_PORTS = {"http": "80", "ws": "80", "https": "443", "wss": "443"}

# uri-host [ ":" port ] (RFC 9110 section 7.2), without what no host of the web has in its name.
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z\-._~%]+)(?::([0-9]{1,5}))?").fullmatch
_PORT = re.compile(r"[0-9]{1,5}").fullmatch
# path-absolute (RFC 3986 section 3.3): not "//", which would begin a host.
_PREFIX = re.compile(r"(?:/[0-9A-Za-z\-._~%!$&'()*+,;=:@]+)*/?").fullmatch


class Origin(NamedTuple):
    """Where a request comes from, and what it asked for, as seen from outside the proxies.

    `client` is an IP address, or a name that begins with `_` where a proxy hides it; None where nobody
    knows it, as on a local socket. `host` is the text of a Host field. `prefix` is the path under
    which the proxies have mounted us: empty, or `/…` without a slash at its end.
    """

    client: str | None
    scheme: str
    host: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Which proxies to believe, and what.

    Either `hops`, the number of proxies that every request comes through; or `networks`, the addresses
    that proxies have (`"unix"`: peers on a local socket, which have none). `field` says which fields
    they write, and `parts` what of them *each* proxy appends to or overwrites. What is not listed is not
    read: a field that our proxies pass on as it came holds whatever the client likes.

    Nobody is trusted by default. Raises ValueError for a negative number, for a network that is none,
    for both ways at once, for another `field`, and for a part that `field` does not have; TypeError for a
    text where several are meant.

    >>> TrustedProxies(networks=("10.0.0.0/8", "::1")).trusts("10.1.2.3")
    True
    """

    hops: int = 0
    networks: tuple[str, ...] = ()
    field: Literal["X-Forwarded", "Forwarded"] = "X-Forwarded"
    parts: tuple[Part, ...] = ("for", "proto")
    _networks: tuple[IPv4Network | IPv6Network, ...] = dataclass_field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "networks", _several(self.networks))
        object.__setattr__(self, "parts", _several(self.parts))
        if self.hops < 0 or (self.hops and self.networks):
            raise ValueError("a number of hops, which is not negative, or networks: not both")
        told = _PARTS.get(self.field)
        if told is None or not told.issuperset(self.parts):
            raise ValueError(f"{self.field!r} does not tell all of {self.parts!r}")
        networks = tuple(ip_network(network) for network in self.networks if network != _LOCAL)
        object.__setattr__(self, "_networks", networks)

    def trusts(self, client: str | None) -> bool:
        """Whether the peer `client`, an address or None for one on a local socket, is a proxy to believe."""
        if self.hops:
            return True
        if client is None:
            return _LOCAL in self.networks
        address = _address(client)
        return address is not None and any(address in network for network in self._networks)


def _several(texts: Iterable[T]) -> tuple[T, ...]:
    """The texts as a tuple. A single text, which is iterable too, is refused."""
    if isinstance(texts, str):
        raise TypeError(f"several texts are meant, not one: [{texts!r}]")
    return tuple(texts)


def effective_origin(headers: SupportsCombined, direct: Origin, trusted: TrustedProxies) -> Origin:
    """The origin of a request, from its headers and from what the connection says, `direct`.

    A peer that is not trusted is the origin itself. Otherwise the client is the node that the outermost
    trusted proxy saw, and scheme, host, port and prefix are what that proxy was asked for; of a field that
    has fewer values than there are proxies, the first value. What no proxy tells stays as in `direct`.
    Raises MalformedHeader when something that would count is not what it should be.

    >>> from toolkit.sansio.headers import Headers
    >>> headers = Headers({"X-Forwarded-For": "6.6.6.6, 192.0.2.1, 10.0.0.2", "X-Forwarded-Proto": "https"})
    >>> trusted = TrustedProxies(networks=("10.0.0.0/8",))
    >>> effective_origin(headers, Origin("10.0.0.1", "http", "example.com"), trusted)
    Origin(client='192.0.2.1', scheme='https', host='example.com', prefix='')
    """
    if not trusted.trusts(direct.client):
        return direct
    told = _read_forwarded(headers) if trusted.field == "Forwarded" else _read_x_forwarded(headers, trusted)
    nodes = told["for"] if "for" in trusted.parts else []
    index = _outermost(nodes, trusted)
    client = _client(nodes[index]) if nodes else direct.client
    # How many proxies the request came through, by what is known: the other fields are read as deep.
    depth = trusted.hops or max(1, len(nodes) - index)

    def outermost(part: Part) -> str | None:
        values = told[part] if part in trusted.parts else []
        return values[max(0, len(values) - depth)] if values else None

    scheme = _check_scheme(outermost("proto")) or direct.scheme
    host = _check_host(outermost("host")) or direct.host
    port = _check_port(outermost("port"))
    if port is not None:
        host = _with_port(host, port, scheme)
    return Origin(client, scheme, host, _check_prefix(outermost("prefix")) or direct.prefix)


def _read_forwarded(headers: SupportsCombined) -> dict[Part, list[str | None]]:
    """What the elements of Forwarded say, part by part, one value or None from each."""
    elements = Forwarded.parse(headers.combined("Forwarded") or "").elements
    return {
        "for": [element.for_ for element in elements],
        "proto": [element.proto for element in elements],
        "host": [element.host for element in elements],
    }


def _read_x_forwarded(headers: SupportsCombined, trusted: TrustedProxies) -> dict[Part, list[str | None]]:
    """What the fields X-Forwarded-* say, part by part. Quotes have no meaning in them."""
    told: dict[Part, list[str | None]] = {}
    for part in trusted.parts:
        members = (headers.combined(f"X-Forwarded-{part}") or "").split(",")
        told[part] = [trimmed for member in members if (trimmed := member.strip(OWS))]
    return told


def _outermost(nodes: list[str | None], trusted: TrustedProxies) -> int:
    """The index of the node that the outermost trusted proxy saw; 0 when there are no nodes."""
    if trusted.hops:
        return max(0, len(nodes) - trusted.hops)
    for index in range(len(nodes) - 1, max(0, len(nodes) - _LONGEST_CHAIN), -1):
        node = parse_node(nodes[index] or "")
        if node is None or not trusted.trusts(node.name):
            return index
    return max(0, len(nodes) - _LONGEST_CHAIN)


def _client(text: str | None) -> str | None:
    """The address, or the hidden name, of a node; None where the proxy did not tell or did not know."""
    if text is None:
        return None
    node = parse_node(text)
    if node is None:
        raise _malformed("For", text)
    if node.name.startswith("_"):
        return node.name
    if node.name.lower() == "unknown":
        return None
    address = _address(node.name)
    if address is None:
        raise _malformed("For", text)
    return str(address)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that `text` writes, IPv4 also where IPv6 carries it; None where it writes none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _check_scheme(text: str | None) -> str | None:
    scheme = text.lower() if text else None
    if scheme is not None and scheme not in _DEFAULT_PORTS:
        raise _malformed("Proto", scheme)
    return scheme


def _check_host(text: str | None) -> str | None:
    if text and not _HOST(text):
        raise _malformed("Host", text)
    return text


def _check_port(text: str | None) -> str | None:
    if text and (not _PORT(text) or int(text) > 65535):
        raise _malformed("Port", text)
    return text


def _check_prefix(text: str | None) -> str | None:
    if text and not _PREFIX(text):
        raise _malformed("Prefix", text)
    return text and text.rstrip("/")


def _with_port(host: str, port: str, scheme: str) -> str:
    """`host` with another port, which is left out where the scheme says as much."""
    match = _HOST(host)
    name = match[1] if match else host
    return name if _DEFAULT_PORTS.get(scheme) == port else f"{name}:{port}"


def _malformed(part: str, text: str) -> MalformedHeader:
    return MalformedHeader(f"X-Forwarded-{part}", text, "not what a proxy of ours may tell")
