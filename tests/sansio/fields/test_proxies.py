"""Who asks, through proxies: what a client makes up never wins over what our proxies saw."""

from __future__ import annotations

import pickle
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.forwarded import Forwarded, ForwardedElement
from toolkit.sansio.fields.proxies import Origin, TrustedProxies, effective_origin
from toolkit.sansio.headers import Headers

DIRECT = Origin("10.0.0.1", "http", "inner:8000")
PARTS: Any = ("for", "proto", "host", "port", "prefix")
NETWORKS = TrustedProxies(networks=("10.0.0.0/8", "fd00::/8"), parts=PARTS)


def x_forwarded(trusted: TrustedProxies, direct: Origin = DIRECT, /, **fields: str) -> Origin:
    return effective_origin(
        Headers((f"X-Forwarded-{part}", text) for part, text in fields.items()), direct, trusted
    )


def forwarded(text: str, **trusted: Any) -> Origin:  # noqa: ANN401  # any of its arguments
    return effective_origin(
        Headers([("Forwarded", text)]), DIRECT, TrustedProxies(field="Forwarded", **trusted)
    )


def test_nobody_is_trusted_by_default() -> None:
    assert x_forwarded(TrustedProxies(), For="192.0.2.1", Proto="https") is DIRECT


def test_a_peer_that_is_no_proxy_is_the_client() -> None:
    direct = Origin("203.0.113.9", "http", "h")
    assert x_forwarded(NETWORKS, direct, For="192.0.2.1", Proto="https", Host="evil") is direct


@each_of("jshttp/x-forwarded-for.json")
def test_hops_count_from_the_nearest(case: dict[str, Any]) -> None:
    text, addresses = case["input"]["x_forwarded_for"], case["expected"]["addresses"]
    headers = Headers([] if text is None else [("X-Forwarded-For", text.strip(" "))])
    direct = Origin(case["input"]["peer"], "http", "h")
    found = [
        effective_origin(headers, direct, TrustedProxies(hops=hops)).client for hops in range(len(addresses))
    ]
    assert found == addresses


@each_of("rfc-examples/x-forwarded-for.json")
def test_x_forwarded_for_as_forwarded(case: dict[str, Any]) -> None:
    addresses = case["input"]["x_forwarded_for"].split(", ")
    elements = (ForwardedElement(f"[{text}]" if ":" in text else text) for text in addresses)
    assert str(Forwarded(elements)) == case["expected"]["forwarded"]


@pytest.mark.parametrize(
    "made_up",
    ["", "6.6.6.6, ", "10.9.9.9, ", '"6.6.6.6, ', "garbage, ", "_x, ", "unknown, ,, ", "10.0.0.5, " * 99],
)
@pytest.mark.parametrize("trusted", [TrustedProxies(hops=2, parts=PARTS), NETWORKS], ids=["hops", "networks"])
def test_what_a_client_makes_up_never_wins(made_up: str, trusted: TrustedProxies) -> None:
    # client 192.0.2.1 -> 10.0.0.2 -> 10.0.0.1 -> us; each proxy appends.
    origin = x_forwarded(trusted, For=f"{made_up}192.0.2.1, 10.0.0.2", Proto=f"{made_up}https, http")
    assert origin == Origin("192.0.2.1", "https", "inner:8000")


MADE_UP = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])) | st.text('for=_";, 1.')
ADDRESSES = st.ip_addresses(v=4, network="192.0.2.0/24").map(str)
PROXIES = st.ip_addresses(v=4, network="10.0.0.0/8").map(str)


@given(
    st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])),
    ADDRESSES,
    st.lists(PROXIES, max_size=5),
)
def test_whatever_a_client_makes_up_never_wins(made_up: str, client: str, proxies: list[str]) -> None:
    text = ", ".join([made_up.strip(), client, *proxies]).strip()
    hops = TrustedProxies(hops=len(proxies) + 1)
    assert x_forwarded(NETWORKS, For=text).client == client
    assert x_forwarded(hops, For=text).client == client
    chain = ", ".join(f"for={each}" for each in [client, *proxies])
    try:
        assert forwarded(f"{made_up.strip()}, {chain}".strip(), networks=NETWORKS.networks).client == client
    except MalformedHeader as error:
        assert error.name == "Forwarded"  # noqa: PT017  # refused is as good


def test_a_chain_of_proxies_only() -> None:
    # A request that one of our own proxies made: it is the client.
    assert x_forwarded(NETWORKS, For="10.0.0.3, 10.0.0.2").client == "10.0.0.3"
    assert x_forwarded(TrustedProxies(hops=5), For="10.0.0.3, 10.0.0.2").client == "10.0.0.3"
    assert x_forwarded(NETWORKS).client == "10.0.0.1"
    long = x_forwarded(NETWORKS, For=", ".join(f"10.0.0.{number}" for number in range(100)))
    assert long.client == "10.0.0.68"  # nobody has more than 32 proxies


def test_addresses_are_written_one_way() -> None:
    for text, client in [
        ("192.0.2.1:4711", "192.0.2.1"),
        ("[2001:DB8:0::17]:4711", "2001:db8::17"),
        ("2001:db8::17", "2001:db8::17"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("_hidden", "_hidden"),
        ("unknown", None),
        ("Unknown", None),
    ]:
        assert x_forwarded(NETWORKS, For=text).client == client


def test_ipv4_inside_ipv6_is_the_same_proxy() -> None:
    direct = Origin("::ffff:10.0.0.1", "http", "h")
    assert x_forwarded(NETWORKS, direct, For="192.0.2.1").client == "192.0.2.1"
    assert NETWORKS.trusts("fd00::1")
    assert not NETWORKS.trusts("fe80::1")
    assert not NETWORKS.trusts("testclient")


def test_local_sockets() -> None:
    direct = Origin(None, "http", "h")
    assert x_forwarded(NETWORKS, direct, For="192.0.2.1") is direct
    assert x_forwarded(TrustedProxies(networks=("unix",)), direct, For="192.0.2.1").client == "192.0.2.1"
    assert x_forwarded(TrustedProxies(hops=1), direct, For="192.0.2.1").client == "192.0.2.1"


def test_only_the_parts_that_proxies_write_are_read() -> None:
    told = {"For": "192.0.2.1", "Proto": "https", "Host": "evil", "Port": "1", "Prefix": "/evil"}
    assert x_forwarded(TrustedProxies(hops=1), **told) == Origin("192.0.2.1", "https", "inner:8000")
    assert x_forwarded(TrustedProxies(hops=1, parts=("host",)), **told) == Origin("10.0.0.1", "http", "evil")


def test_everything_that_can_be_told() -> None:
    told = {
        "For": "192.0.2.1",
        "Proto": "HTTPS",
        "Host": "example.com",
        "Port": "8443",
        "Prefix": "/a/b%20c/",
    }
    assert x_forwarded(NETWORKS, **told) == Origin("192.0.2.1", "https", "example.com:8443", "/a/b%20c")


@pytest.mark.parametrize(
    ("host", "port", "proto", "expected"),
    [
        ("example.com", "443", "https", "example.com"),
        ("example.com:8000", "443", "https", "example.com"),
        ("example.com", "80", "https", "example.com:80"),
        ("[::1]:1", "8080", "http", "[::1]:8080"),
        ("[::1]", "80", "http", "[::1]"),
        ("", "8080", "http", "inner:8080"),
        ("example.com", "", "", "example.com"),
    ],
)
def test_ports(host: str, port: str, proto: str, expected: str) -> None:
    assert x_forwarded(NETWORKS, Host=host, Port=port, Proto=proto).host == expected


def test_a_port_beside_a_host_of_no_shape() -> None:
    assert x_forwarded(NETWORKS, Origin("10.0.0.1", "http", ""), Port="81").host == ":81"


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("For", "192.0.2.256"),
        ("For", "example.com"),
        ("For", "a b"),
        ("Proto", "javascript"),
        ("Host", "a/b"),
        ("Host", "user@a"),
        ("Host", "a:b"),
        ("Port", "65536"),
        ("Port", "+80"),
        ("Port", "٨٠"),
        ("Prefix", "//evil"),
        ("Prefix", "evil"),
        ("Prefix", "/a?b"),
        ("Prefix", "/a\\b"),
    ],
)
def test_nonsense_from_a_proxy_is_refused(part: str, text: str) -> None:
    headers = {f"X-Forwarded-{part}": text}

    class Fields:
        def combined(self, name: str, /) -> str | None:
            return {key.lower(): value for key, value in headers.items()}.get(name.lower())

    with pytest.raises(MalformedHeader, match=f"X-Forwarded-{part}"):
        effective_origin(Fields(), DIRECT, NETWORKS)


def test_forwarded() -> None:
    text = (
        'for=6.6.6.6;proto=evil, for="[2001:db8::17]:4711";proto=https;host=example.com, '
        "for=10.0.0.2;proto=http"
    )
    expected = Origin("2001:db8::17", "https", "example.com")
    assert forwarded(text, networks=("10.0.0.0/8",), parts=("for", "proto", "host")) == expected
    assert forwarded(text, hops=2, parts=("for", "proto", "host")) == expected
    assert forwarded(text, hops=2, parts=("for",)) == Origin("2001:db8::17", "http", "inner:8000")
    assert forwarded("", hops=1) == DIRECT
    assert forwarded("proto=https", hops=1) == Origin(None, "https", "inner:8000")
    assert forwarded("for=192.0.2.1, for=_a, for=10.0.0.2", networks=("10.0.0.0/8",)).client == "_a"
    assert forwarded("for=192.0.2.1, proto=http, for=10.0.0.2", networks=("10.0.0.0/8",)).client is None


def test_the_other_family_is_never_read() -> None:
    headers = Headers([("Forwarded", "for=6.6.6.6"), ("X-Forwarded-For", "192.0.2.1")])
    assert effective_origin(headers, DIRECT, TrustedProxies(hops=1)).client == "192.0.2.1"


@pytest.mark.parametrize(
    "arguments",
    [
        {"hops": -1},
        {"hops": 1, "networks": ("10.0.0.0/8",)},
        {"networks": ("10.0.0.1/8",)},
        {"networks": ("example.com",)},
        {"field": "Forwarded", "parts": ("for", "prefix")},
        {"parts": ("for", "scheme")},
        {"field": "X-Real-IP"},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"hops|10.0.0.1/8|example.com|does not tell"):
        TrustedProxies(**arguments)


@pytest.mark.parametrize("arguments", [{"networks": "10.0.0.0/8"}, {"parts": "for"}])
def test_one_text_is_not_several(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="several"):
        TrustedProxies(**arguments)


def test_policies_are_values() -> None:
    policy = TrustedProxies(networks=("10.0.0.0/8",))
    assert policy == TrustedProxies(networks=("10.0.0.0/8",)) != TrustedProxies()
    listed: Any = ["10.0.0.0/8"]
    assert policy == TrustedProxies(networks=listed)
    assert hash(policy) == hash(TrustedProxies(networks=listed))
    assert pickle.loads(pickle.dumps(policy)).trusts("10.1.2.3")  # noqa: S301  # our own bytes
    assert eval(repr(policy)) == policy  # noqa: S307  # that is what a repr is for


@pytest.mark.parametrize("unit", ["10.0.0.1,", "1:", "x", ",", " ", "[", "/a"])
def test_time_is_linear(unit: str) -> None:
    def read(text: str) -> None:
        for part in ("For", "Host", "Prefix"):
            with suppress(MalformedHeader):
                effective_origin(Headers([(f"X-Forwarded-{part}", text.strip())]), DIRECT, NETWORKS)

    assert_linear(read, unit)
