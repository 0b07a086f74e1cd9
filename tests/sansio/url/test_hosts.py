"""Hosts: IPv6 against `ipaddress`, international names against the vectors of WHATWG and Unicode."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of, load
from toolkit.sansio.errors.base import MalformedURL
from toolkit.sansio.url import URL
from toolkit.sansio.url.hosts import check_host, format_ipv6, host_to_ascii, host_to_unicode, parse_ipv6

LABELS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=".。．｡"), min_size=1, max_size=8
)


def read_by_ipaddress(text: str) -> tuple[int, ...] | None:
    try:
        number = int(ipaddress.IPv6Address(text))
    except ValueError:
        return None
    return tuple(number >> shift & 0xFFFF for shift in range(112, -1, -16))


@given(
    st.ip_addresses(v=6).map(str)
    | st.ip_addresses(v=6).map(lambda address: address.exploded)
    | st.text(st.sampled_from(":::::::0123456789abcdefABCDEF."), max_size=42)
    | st.lists(st.sampled_from(["0", "ffff", "1.2.3.4", "", "12345", "01"]), max_size=9).map(":".join)
)
def test_ipv6_is_that_of_ipaddress(text: str) -> None:
    assert parse_ipv6(text) == read_by_ipaddress(text)


@pytest.mark.parametrize(
    "text",
    [
        *[
            ":",
            ":::",
            "1::2::3",
            "::1%eth0",
            "::1%25eth0",
            "1.2.3.4",
            "::1.2.3.256",
            "::01.2.3.4",
            "1.2.3.4::",
        ],
        *["1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "", "::\u0661", "::+1", "::1_0"],
        "::" + "0" * 60,
    ],
)
def test_no_ipv6(text: str) -> None:
    assert parse_ipv6(text) is None


@given(st.lists(st.sampled_from([0, 0, 1, 0xFFFF]), min_size=8, max_size=8).map(tuple))
def test_ipv6_is_written_as_rfc_5952_says(groups: tuple[int, ...]) -> None:
    text = format_ipv6(groups)
    assert parse_ipv6(text) == groups
    if groups[:5] != (0,) * 5:  # `ipaddress` writes mapped addresses with dots since 3.13
        number = sum(group << 16 * (7 - index) for index, group in enumerate(groups))
        assert text == str(ipaddress.IPv6Address(number))


@pytest.mark.parametrize(
    "host",
    [
        *[
            "0",
            "127.1",
            "0x7f.1",
            "0177.0.0.1",
            "2130706433",
            "1.2.3.4.",
            "1.2.3.256",
            "01.2.3.4",
            "a.1",
            "a.0x",
        ],
        *[
            "0X.",
            "1.2.3",
            "０x7f.1",
            "a b",
            "a%20b",
            "a%2Fb",
            "a/b",
            "a\\b",
            "a<b",
            "a|b",
            "a^b",
            "a\0b",
            "a@b",
        ],
        *["a[b]", "a:b"],
    ],
)
def test_strict_hosts_refused(host: str) -> None:
    with pytest.raises(MalformedURL):
        check_host(host, strict=True)


@pytest.mark.parametrize(
    "host", ["a", "A.b", "127.0.0.1", "255.255.255.255", "1a", "0x7g", "a_b", "a..b", "a.", "~", "1.a"]
)
def test_strict_hosts(host: str) -> None:
    assert check_host(host, strict=True) == host
    assert check_host(host, strict=False) == host


def test_other_hosts_may_have_escapes() -> None:
    assert check_host("%2Fvar%2Frun", strict=False) == "%2Fvar%2Frun"
    for host in ("%", "%zz", "a b", "|"):
        with pytest.raises(MalformedURL):
            check_host(host, strict=False)


@pytest.mark.parametrize(
    ("name", "ascii_name"),
    [
        ("example.com", "example.com"),
        ("Example.COM", "Example.COM"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("MÜNCHEN.Example", "xn--mnchen-3ya.example"),
        ("mu\u0308nchen.example", "xn--mnchen-3ya.example"),
        ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"),
        ("日本語。JP", "xn--wgv71a119e.jp"),
        ("♥.example", "xn--g6h.example"),
        ("💩.example", "xn--ls8h.example"),
        ("ä.", "xn--4ca."),
        ("xn--.ä", "xn--.xn--4ca"),
    ],
)
def test_to_ascii(name: str, ascii_name: str) -> None:
    assert host_to_ascii(name) == ascii_name


@pytest.mark.parametrize(
    "name",
    [
        *[
            "straße.example",
            "ς.example",
            "a\u200db.example",
            "ẞ.example",
            "\u0308a.example",
            "ä..b",
            "ä" * 64,
        ],
        *["ä." * 200, "www‥ä", "a⒈com", "\ufffd.example", "\ud800ä", "xn--ä", "\u00ad", "\u3164", "אa\u0308"],
        *["\U000e0100ä"],
    ],
)
def test_to_ascii_refuses(name: str) -> None:
    with pytest.raises(MalformedURL):
        host_to_ascii(name)


@pytest.mark.parametrize(
    "name",
    ["example.com", "xn--a", "xn--", "xn--zca.example", "xn--" + "a" * 70, "xn--\u00e4", "XN--", "xn--ls8h="],
)
def test_what_does_not_come_back_stays(name: str) -> None:
    assert host_to_unicode(name) == name


@given(st.lists(LABELS, min_size=1, max_size=3).map(".".join))
def test_to_unicode_is_the_inverse(name: str) -> None:
    try:
        ascii_name = host_to_ascii(name)
    except MalformedURL:
        return
    readable = host_to_unicode(ascii_name)
    assert host_to_ascii(readable) == ascii_name
    assert host_to_unicode(readable) == readable


@pytest.mark.parametrize("piece", ["a.", "1.", "0x", "[", ":", "%41", "::", "ä", "xn--", "xn--a."])
def test_time_is_linear(piece: str) -> None:
    assert_linear(attempt, piece)


def attempt(host: str) -> None:
    host_to_unicode(host)
    parse_ipv6(host)
    for strict in (True, False):
        with suppress(MalformedURL):
            check_host(host, strict=strict)


@each_of("wpt/toascii.json", "wpt/IdnaTestV2.json")
def test_vectors(case: dict[str, Any]) -> None:
    assert read(case["input"]["domain"]) == case["expected"]["ascii"]


@pytest.mark.parametrize("name", ["wpt/toascii.json", "wpt/IdnaTestV2.json"])
def test_no_vector_is_encoded_in_another_way_or_let_through(name: str) -> None:
    for case in load(name):
        assert read(case["input"]["domain"]) in (case["expected"]["ascii"], None)


def read(domain: str) -> str | None:
    try:
        return URL(f"http://{domain}/").host
    except MalformedURL:
        return None
