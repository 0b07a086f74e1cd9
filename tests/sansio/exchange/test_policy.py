from __future__ import annotations

import pytest

from toolkit.sansio.exchange.policy import DEFAULT_POLICY, Policy, UntrustedHost


def test_by_default_any_host_is_answered_for_and_no_proxy_believed() -> None:
    assert DEFAULT_POLICY.trusts_host("anything.example")
    assert not DEFAULT_POLICY.proxies.trusts("127.0.0.1")


@pytest.mark.parametrize(
    ("name", "trusted"),
    [
        ("example.org", True),
        ("EXAMPLE.org.", True),
        ("www.example.org", False),
        ("example.net", True),
        ("a.b.example.net", True),
        ("badexample.net", False),
        ("example.org.evil.example", False),
        ("", False),
    ],
)
def test_trusted_hosts(name: str, trusted: bool) -> None:
    assert Policy(trusted_hosts=("example.org", ".example.net")).trusts_host(name) is trusted


def test_trusted_hosts_are_compared_in_one_form() -> None:
    policy = Policy(trusted_hosts=["Example.ORG.", ".Bücher.example", "::1", "[2001:DB8::1]"])  # type: ignore[arg-type]
    assert policy.trusted_hosts == ("example.org", ".xn--bcher-kva.example", "::1", "2001:db8::1")
    assert hash(policy) == hash(Policy(trusted_hosts=policy.trusted_hosts))


@pytest.mark.parametrize(
    "host", ["", ".", "a..b", "http://a", "a:80", "u@a", "*.example.org", "a/b", "..a", "[::1", "[::1]:80"]
)
def test_what_is_no_host_name_cannot_be_trusted(host: str) -> None:
    with pytest.raises(ValueError, match="host"):
        Policy(trusted_hosts=(host,))


def test_trusted_hosts_are_not_the_letters_of_one() -> None:
    with pytest.raises(TypeError, match="several"):
        Policy(trusted_hosts="example.org")  # type: ignore[arg-type]


def test_an_untrusted_host_is_misdirected() -> None:
    error = UntrustedHost("evil.example")
    assert (error.status, str(error)) == (421, "this server does not answer for 'evil.example'")


def test_a_limit_is_not_negative() -> None:
    assert Policy(max_message=0).max_message == 0
    with pytest.raises(ValueError, match="max_message is 0 or more, not -1"):
        Policy(max_message=-1)
