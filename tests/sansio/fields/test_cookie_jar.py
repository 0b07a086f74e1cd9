"""The jar against the user-agent vectors of the IETF and of web-platform-tests, and rule by rule."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.vectors import each_of
from toolkit.sansio.fields.cookie_jar import MAX_LIFETIME, CookieJar, Site

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)


@each_of("http-state/cookies.json", "wpt/cookies.json")
def test_vectors(case: dict[str, Any]) -> None:
    data = case["input"]
    is_ietf = case["id"].startswith("http-state/")
    now = datetime(2011, 1, 1, tzinfo=timezone.utc) if is_ietf else NOW
    set_url = urlsplit(str(data["request_url" if is_ietf else "set_url"]))
    read_url = urlsplit(str(data["result_url" if is_ietf else "read_url"]))
    scheme = "https" if ".https." in data.get("file", "") else "http"
    lines = [line.replace("{{host}}", "web-platform.test").encode() for line in data["set_cookie"]]
    jar = CookieJar()
    jar.store([line.decode("latin-1") for line in lines], scheme, str(set_url.hostname), set_url.path, now)
    header = jar.header(scheme, str(read_url.hostname), read_url.path, now)
    assert header.encode("latin-1").decode() == case["expected"]["cookie"]


def stored(*lines: str, url: str = "https://www.example.com/dir/page", now: datetime = NOW) -> CookieJar:
    jar = CookieJar()
    assert store(jar, *lines, url=url, now=now) == []
    return jar


def store(
    jar: CookieJar, *lines: str, url: str = "https://www.example.com/dir/page", now: datetime = NOW
) -> list[str]:
    """The reasons of the refusals."""
    parts = urlsplit(url)
    return [reason for _, reason in jar.store(lines, parts.scheme, str(parts.hostname), parts.path, now)]


def sent(
    jar: CookieJar, url: str = "https://www.example.com/dir/page", now: datetime = NOW, site: Site = "same"
) -> str:
    parts = urlsplit(url)
    return jar.header(parts.scheme, str(parts.hostname), parts.path, now, site=site)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "neither a name nor a value"),
        ("a=\x01", "control character"),
        ("a=b; Domain=other.example", "does not cover"),
        ("a=b; Domain=sub.www.example.com", "does not cover"),
        ("a=b; Domain=ample.com", "does not cover"),
        ("a=b; Domain=com", "does not cover"),
        ("a=b; Domain=.com.", "does not cover"),
        ("a=b; Domain=\xe9.com", "not ASCII"),
        ("a=b; SameSite=None", "needs Secure"),
        ("a=b; Partitioned", "needs Secure"),
        ("__Secure-a=b", "needs Secure"),
        ("__hOsT-a=b; Secure; Path=/; Domain=www.example.com", "no Domain"),
        ("__Host-a=b; Secure; Path=/dir", "Path=/"),
        ("=__Host-a=b", "without a name"),
        ("__secure-a", "without a name"),
        ("__Http-a", "without a name"),
    ],
)
def test_refusals(line: str, reason: str) -> None:
    jar = CookieJar()
    [why] = store(jar, line)
    assert reason in why
    assert len(jar) == 0


def test_domains() -> None:
    jar = stored(
        "host=1; Path=/", "all=1; Domain=.EXAMPLE.com; Path=/", "same=1; Domain=www.example.com; Path=/"
    )
    assert sent(jar) == "host=1; all=1; same=1"
    assert sent(jar, "https://WWW.Example.Com/") == "host=1; all=1; same=1"
    assert sent(jar, "https://deep.www.example.com/") == "all=1; same=1"
    assert sent(jar, "https://example.com/") == "all=1"
    assert sent(jar, "https://notexample.com/") == ""


def test_a_single_label_is_a_public_suffix() -> None:
    jar = stored("a=b; Domain=intranet; Path=/", url="https://intranet/")
    assert sent(jar, "https://intranet/") == "a=b"
    assert sent(jar, "https://sub.intranet/") == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_addresses_have_no_domains(host: str) -> None:
    jar = stored("a=b; Path=/; Secure", url=f"http://{host}/")
    assert sent(jar, f"http://{host}/") == "a=b"
    [reason] = store(jar, "c=d; Domain=0.0.1", url=f"http://{host}/")
    assert "does not cover" in reason
    jar = stored("e=f; Domain=127.0.0.1; Path=/", url="http://127.0.0.1/")
    assert sent(jar, "http://127.0.0.1/") == "e=f"
    assert sent(jar, "http://x.127.0.0.1/") == ""


@pytest.mark.parametrize(
    ("path", "default"), [("/a/b/c", "/a/b"), ("/a/", "/a"), ("/a", "/"), ("/", "/"), ("", "/"), ("*", "/")]
)
def test_default_path(path: str, default: str) -> None:
    jar = CookieJar()
    jar.store(["a=b"], "https", "x.example", path, NOW)
    assert [cookie.path for cookie in jar] == [default]


def test_secure() -> None:
    jar = stored("s=1; Secure; Path=/", "p=1; Path=/")
    assert sent(jar, "http://www.example.com/") == "p=1"
    assert sent(jar, "wss://www.example.com/") == "s=1; p=1"
    assert store(jar, "x=1; Secure", url="http://www.example.com/") == ["Secure over an insecure connection"]
    for host in ("localhost", "app.localhost", "127.9.9.9"):
        assert sent(stored("s=1; Secure; Path=/", url=f"http://{host}/"), f"http://{host}/") == "s=1"


def test_leave_secure_cookies_alone() -> None:
    jar = stored("s=1; Secure; Path=/dir", "t=1; Secure; Path=/; Domain=example.com")
    insecure = "http://www.example.com/dir/page"
    overlay = ["would overlay a Secure cookie"]
    assert store(jar, "s=2", url=insecure) == overlay
    assert store(jar, "s=2; Path=/dir/sub", url=insecure) == overlay
    assert store(jar, "s=2; Domain=example.com", url=insecure) == overlay
    assert store(jar, "t=2", url=insecure) == overlay
    assert store(jar, "s=2; Path=/", "u=2", url=insecure) == []
    assert store(jar, "s=3; Path=/dir") == []


def test_expiry() -> None:
    jar = stored(
        "a=1; Max-Age=10",
        "b=1; Expires=Thu, 01 Jan 2026 00:00:20 GMT",
        "c=1",
        "d=1; Max-Age=5; Expires=Thu, 01 Jan 2026 00:01:00 GMT",
        "e=1; Max-Age=999999999999",
    )
    assert sent(jar) == "a=1; b=1; c=1; d=1; e=1"
    assert sent(jar, now=NOW + 5 * SECOND) == "a=1; b=1; c=1; e=1"
    assert sent(jar, now=NOW + 10 * SECOND) == "b=1; c=1; e=1"
    assert sent(jar, now=NOW + 20 * SECOND) == "c=1; e=1"
    assert sent(jar, now=NOW + MAX_LIFETIME) == "c=1"
    assert len(jar) == 1
    assert store(jar, "c=gone; Max-Age=0") == []
    assert sent(jar) == ""
    assert len(jar) == 0


def test_order_and_replacement() -> None:
    jar = stored("a=1", "b=1; Path=/", "c=1", "d=1; Path=/dir/page")
    assert sent(jar) == "d=1; a=1; c=1; b=1"
    assert store(jar, "a=2") == []
    assert sent(jar) == "d=1; a=2; c=1; b=1"
    assert store(jar, "a=3", now=NOW + 10 * SECOND) == []
    jar = stored("a=1; Max-Age=5", "b=1")
    assert store(jar, "a=2", now=NOW + 5 * SECOND) == []
    assert sent(jar, now=NOW + 5 * SECOND) == "b=1; a=2", "an expired cookie has no age to hand on"


def test_same_site() -> None:
    jar = stored("d=1", "l=1; SameSite=Lax", "s=1; SameSite=Strict", "n=1; SameSite=None; Secure")
    assert sent(jar) == "d=1; l=1; s=1; n=1"
    assert sent(jar, site="navigation") == "d=1; l=1; n=1"
    assert sent(jar, site="cross") == "n=1"


def test_eviction_in_a_domain() -> None:
    jar = CookieJar(max_per_domain=3)
    url = "https://x.example/"
    assert store(jar, "old=1; Secure", "a=1; Path=/", "b=1; Path=/b", url=url) == []
    assert sent(jar, url) == "old=1; a=1"
    assert store(jar, "c=1", url=url) == []
    assert [cookie.cookie.name for cookie in jar] == ["old", "a", "c"], "b was used least recently"
    assert store(jar, "d=1; Secure", "e=1; Max-Age=1", url=url) == []
    assert {cookie.cookie.name for cookie in jar} == {"old", "d", "e"}, "those without Secure go first"
    assert store(jar, "f=1", url=url, now=NOW + SECOND) == []
    assert {cookie.cookie.name for cookie in jar} == {"old", "d", "f"}, "the expired one goes before all"


def test_eviction_in_all() -> None:
    jar = CookieJar(max_cookies=3)
    for number in range(5):
        assert store(jar, f"n{number}=1; Secure", url=f"https://h{number}.example/") == []
    assert [cookie.cookie.name for cookie in jar] == ["n2", "n3", "n4"]
    jar.clear()
    assert list(jar) == []


@given(
    st.lists(
        st.text(max_size=10)
        | st.lists(
            st.sampled_from(
                ["a=b", "=", ";", "Path=/", "Domain=", "example.com", ".com", "Secure", "Max-Age=1", "x"]
            )
        ).map("".join)
    ),
    st.sampled_from(["http", "https"]),
    st.sampled_from(["example.com", "www.example.com", "com", "localhost", "::1", "10.0.0.1", ""])
    | st.text(),
    st.sampled_from(["/", "", "/a/b"]) | st.text(),
)
def test_any_lines_are_stored_or_refused(lines: list[str], scheme: str, host: str, path: str) -> None:
    jar = CookieJar(max_cookies=4, max_per_domain=3)
    refused = jar.store(lines, scheme, host, path, NOW)
    assert len(refused) + len(jar) <= len(lines)
    assert len(jar) <= 3
    for name, value in jar.cookies_for(scheme, host, path, NOW):
        assert name or value
    assert isinstance(jar.header(scheme, host, path, NOW), str)
