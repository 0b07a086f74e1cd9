"""Content-Security-Policy: as browsers read it, and as its own inverse."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from toolkit.sansio.errors.base import InvalidHeader, MalformedHeader
from toolkit.sansio.fields.security import ContentSecurityPolicy, hash_source, nonce_source

NAMES = st.text("abcXYZ019-", min_size=1, max_size=8)
SOURCES = st.text([chr(code) for code in range(0x21, 0x7F) if chr(code) not in ",;"], min_size=1, max_size=8)
POLICIES = st.dictionaries(NAMES.map(str.lower), st.lists(SOURCES, max_size=4), max_size=5).map(
    ContentSecurityPolicy
)


@given(POLICIES)
def test_parse_and_str_are_inverse(policy: ContentSecurityPolicy) -> None:
    assert ContentSecurityPolicy.parse(str(policy)) == policy
    assert hash(ContentSecurityPolicy.parse(str(policy))) == hash(policy)
    assert eval(repr(policy)) == policy  # noqa: S307


@given(st.lists(POLICIES.filter(lambda policy: bool(policy.directives))))
def test_lists_of_policies(policies: list[ContentSecurityPolicy]) -> None:
    assert ContentSecurityPolicy.parse_list(", ".join(map(str, policies))) == tuple(dict.fromkeys(policies))


@given(st.text() | st.text("a-'; \t\n,\x01é"))
def test_any_text_is_a_list(text: str) -> None:
    for policy in ContentSecurityPolicy.parse_list(text):
        assert ContentSecurityPolicy.parse(str(policy)) == policy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        (" ; ;", {}),
        ("default-src 'self'; img-src *", {"default-src": ["'self'"], "img-src": ["*"]}),
        ("SCRIPT-SRC\t'Self'  a.b\n;", {"script-src": ["'Self'", "a.b"]}),
        ("img-src a; IMG-SRC b", {"img-src": ["a"]}),
        ("upgrade-insecure-requests", {"upgrade-insecure-requests": []}),
        ("img_src a; é b; img-src é; font-src \x01; x y", {"x": ["y"]}),
    ],
)
def test_parse(text: str, expected: dict[str, list[str]]) -> None:
    assert ContentSecurityPolicy.parse(text) == ContentSecurityPolicy(expected)


def test_a_comma_parts_policies() -> None:
    with pytest.raises(MalformedHeader, match="comma"):
        ContentSecurityPolicy.parse("img-src a, b")


@pytest.mark.parametrize(
    "directives",
    [
        {"": ["a"]},
        {"a b": ["a"]},
        {"é": ["a"]},
        {"a": [""]},
        {"a": ["b c"]},
        {"a": ["b;c"]},
        {"a": ["b,c"]},
        {"a": ["b\n"]},
        {"a": ["é"]},
        {"a": [], "A": []},
        [("a", ["b"]), ("a", ["c"])],
    ],
)
def test_what_may_not_be_sent_is_refused(directives: Any) -> None:  # noqa: ANN401  # mapping or pairs
    with pytest.raises(InvalidHeader):
        ContentSecurityPolicy(directives)


def test_a_text_is_no_list_of_sources() -> None:
    with pytest.raises(TypeError, match="list of sources"):
        ContentSecurityPolicy({"img-src": "'self'"})


def test_changes_make_new_policies() -> None:
    policy = ContentSecurityPolicy([("default-src", ["'none'"]), ("img-src", ["a"])])
    assert policy["Default-Src"] == ("'none'",)
    assert "IMG-SRC" in policy
    assert policy.get("font-src") is None
    with pytest.raises(KeyError, match="font-src"):
        policy["font-src"]
    assert str(policy.extend("DEFAULT-src", "b", "b")) == "default-src b; img-src a"
    assert str(policy.extend("img-src", "a", "b")) == "default-src 'none'; img-src a b"
    assert str(policy.extend("font-src", "c")) == "default-src 'none'; img-src a; font-src c"
    assert str(policy.replace("Default-src")) == "default-src; img-src a"
    assert str(policy.without("IMG-src").without("absent")) == "default-src 'none'"
    assert str(policy) == "default-src 'none'; img-src a"
    assert len({policy, ContentSecurityPolicy(dict(policy.directives))}) == 1


def test_nonces_and_hashes() -> None:
    assert nonce_source("abc+/_-0==") == "'nonce-abc+/_-0=='"
    for nonce in ("", "a b", "a===", "'", "é", "a\n"):
        with pytest.raises(InvalidHeader):
            nonce_source(nonce)
    source = hash_source("sha256", sha256(b"").digest())
    assert str(ContentSecurityPolicy({"script-src": [source]})) == f"script-src {source}"
    unknown: Any = "md5"
    with pytest.raises(ValueError, match="digest"):
        hash_source(unknown, b"x" * 16)
    with pytest.raises(ValueError, match="digest"):
        hash_source("sha256", b"x")


@pytest.mark.parametrize("unit", ["a", " ", ";", ",", ", ", "a,", "a b;", "'self' "])
def test_time_is_linear(unit: str) -> None:
    assert_linear(ContentSecurityPolicy.parse_list, unit)
