"""Open redirects: what is known to get past other checks, and what must get past ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.url import is_safe_redirect

SAFE = [
    "/",
    "/account",
    "/account?tab=1&next=https://evil.example/",
    "/account?next=//evil.example#//evil.example",
    "/a//b",
    "/a/../b",
    "/a%2F%2Fb",
    "/@user",
    "/user@example.com",
    "/käse?q=brot",
    "/wiki/%E4%BB%80%E4%B9%88%EF%BC%9F",
    "/a:b",
    "?page=2",
    "#top",
    "http://me.example",
    "http://me.example/",
    "https://me.example/a?b#c",
    "HTTPS://ME.EXAMPLE/",
    "https://me.example:443/",
    "http://me.example:80/",
    "//me.example/path",
    "https://me.example:/x:y@evil.example",
    "https://me。example/",
]

UNSAFE = [
    "",
    " ",
    "account",
    "evil.example",
    "me.example",
    "@evil.example",
    ".evil.example",
    ":80@evil.example",
    # another host
    "http://evil.example",
    "https://evil.example/",
    "https://me.example.evil.example/",
    "https://evil.example/me.example",
    "https://evil.example?me.example",
    "https://evil.example#me.example",
    "https://evil.example;me.example",
    "https://notme.example/",
    "https://sub.me.example/",
    "https://me.example./",
    "https://me.example:8080/",
    "https://me.example:0/",
    "//me.example:0/",
    "https://me.example:80/",
    "http://me.example:443/",
    # no scheme
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/////evil.example/",
    "//evil.example/%2f..",
    "//evil.example/..;/css",
    "//me.example@evil.example",
    "//me.example:80@evil.example/",
    # backslashes
    "\\evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "//\\evil.example",
    "\\/\\/evil.example/",
    "/a\\b",
    "http:\\\\evil.example",
    "https:/\\evil.example",
    "https://me.example\\@evil.example",
    "https://evil.example\\me.example",
    "https://evil.example\\.me.example",
    # missing and surplus slashes
    "http:evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:////evil.example",
    "https:me.example",
    "https:/me.example/",
    "http:/",
    "http:",
    "http://",
    # whitespace and controls
    " //evil.example",
    " /account",
    "/account ",
    "/acc ount",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    "/\0/evil.example",
    "\x01https://evil.example",
    "java\nscript:alert(1)",
    "ht\ttps://evil.example",
    "/\x7f",
    "/\x85/evil.example",
    "/\xa0/evil.example",
    "\u2028//evil.example",
    "/\u2029/evil.example",
    "/\u200b/evil.example",
    "\ufeff//evil.example",
    "/\u202e/evil.example",
    "\u3000//evil.example",
    "/\ud800",
    # encoded
    "/%09/evil.example",
    "/%0a/evil.example",
    "/%0D%0ASet-Cookie:a=b",
    "/%00/evil.example",
    "/%5cevil.example",
    "/%5C%5Cevil.example",
    "/%2fevil.example",
    "/%2F/evil.example",
    "%2F%2Fevil.example",
    "/a/%5c..",
    "https://me.example/%0d%0aa",
    "https://me.example%2Fevil.example",
    "https://evil.example%2F@me.example/",
    "https://evil.example%00.me.example/",
    "https://me%2Eexample/",
    # dot segments
    "/.//evil.example",
    "/..//evil.example",
    "/a/..//evil.example",
    "/%2e//evil.example",
    "/.%2F/evil.example",
    "/a/%2e%2e//evil.example",
    "/./\\evil.example",
    # userinfo
    "https://me.example@evil.example",
    "https://me.example:443@evil.example/",
    "https://evil.example@me.example/",
    "https://@me.example/",
    "https://a:b@me.example",
    "https://me.example@evil.example@me.example",
    "https://evil.example#@me.example",
    "https://evil.example?@me.example",
    # other schemes
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "javascript://me.example/%0aalert(1)",
    "javascript:/me.example",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox",
    "file:///etc/passwd",
    "file://me.example/etc/passwd",
    "ftp://me.example/",
    "ws://me.example/",
    "blob:https://me.example/x",
    "mailto:me@me.example",
    "x-app://me.example/",
    "://evil.example",
    ":evil",
    # look-alikes of separators
    "／／evil.example",
    "/／evil.example",
    "/＼evil.example",
    "https：//evil.example",
    "https://evil.example／me.example",
    "https://evil.example℀me.example",
    "https://me.example＠evil.example",
    "https://evil.example？me.example",
    "/℀",
    "/%EF%BC%8Fevil.example",
    "/%EF%BC%BCevil.example",
    "/%EF%BC%8E%EF%BC%8E/%EF%BC%8Fevil.example",
    "/．．／／evil.example",
    # broken hosts
    "https://[me.example]/",
    "https://[::1",
    "https://me.example:99999/",
    "https://me.example:port/",
    "http://0x7f.1/",
    "http://2130706433/",
    "https://",
    "https://?me.example",
    "https://#me.example",
]


@pytest.mark.parametrize("url", SAFE)
def test_safe(url: str) -> None:
    assert is_safe_redirect(url, "me.example")


@pytest.mark.parametrize("url", UNSAFE)
def test_unsafe(url: str) -> None:
    assert not is_safe_redirect(url, "me.example")


@pytest.mark.parametrize(
    ("url", "host", "safe"),
    [
        ("https://me.example:8443/", "me.example:8443", True),
        ("//me.example:8443/", "me.example:8443", True),
        ("https://me.example/", "me.example:443", True),
        ("http://me.example/", "me.example:443", False),
        ("//me.example/", "me.example:443", False),
        ("https://ME.example/", "me.EXAMPLE", True),
        ("https://[::1]:8000/", "[::1]:8000", True),
        ("https://[::1]/", "[::2]", False),
        ("https://127.0.0.1/", "127.0.0.1", True),
        ("https://münchen.example/", "xn--mnchen-3ya.example", True),
        ("https://evil.example/", "", False),
        ("/account", "", True),
        ("https://evil.example/", "me.example/", False),
        ("https://me.example/", "user@me.example", False),
        ("https://me.example/", "me.example?", False),
        ("https://me.example/", "me.example#a", False),
        ("https://me.example/", "me.example?a", False),
        ("https://me.example/", "me example", False),
        ("https://evil.example/", "*", False),
        ("//evil.example/", "a:b", False),
        ("///evil.example/", "", False),
        ("////evil.example/", "", False),
    ],
)
def test_hosts(url: str, host: str, safe: bool) -> None:
    assert is_safe_redirect(url, host) is safe


def test_schemes() -> None:
    assert not is_safe_redirect("http://me.example/", "me.example", schemes=("https",))
    assert is_safe_redirect("//me.example/", "me.example", schemes=("https",))
    assert is_safe_redirect("ws://me.example/", "me.example", schemes=("ws",))
    with pytest.raises(TypeError, match="schemes"):
        is_safe_redirect("http://me.example/", "me.example", schemes="https")


@given(st.text() | st.text(st.sampled_from("/\\:@.?#%me.examplehttps//%2f5c \t")))
def test_never_raises_and_never_leaves(url: str) -> None:
    if is_safe_redirect(url, "me.example"):
        assert url[0] in "/?#" or url.lower().startswith(("http://me.example", "https://me.example"))
        assert not url.startswith(("//", "/\\")) or url.lower().startswith("//me.example")
