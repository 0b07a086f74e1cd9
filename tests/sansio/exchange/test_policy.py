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


def test_an_untrusted_host_is_misdirected() -> None:
    error = UntrustedHost("evil.example")
    assert (error.status, str(error)) == (421, "this server does not answer for 'evil.example'")
