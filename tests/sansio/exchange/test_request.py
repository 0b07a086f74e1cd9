from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.errors.base import MalformedHeader, MalformedURL, RemoteError
from toolkit.sansio.exchange.policy import Policy, UntrustedHost
from toolkit.sansio.exchange.request import Request
from toolkit.sansio.fields.authorization import Authorization
from toolkit.sansio.fields.conditions import Verdict
from toolkit.sansio.fields.etags import ETag
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.fields.proxies import TrustedProxies
from toolkit.sansio.fields.ranges import Range
from toolkit.sansio.headers import Headers

HOST = {"Host": "example.org"}


@pytest.mark.parametrize(
    ("target", "raw_path", "query"),
    [
        ("/", "/", ""),
        ("/a%2Fb?x=1?y", "/a%2Fb", "x=1?y"),
        ("/a?", "/a", ""),
        ("/a#b?c", "/a", ""),
        ("/?a#b", "/", "a"),
        ("//a/b", "//a/b", ""),
        ("*", "*", ""),
        ("example.org:443", "example.org:443", ""),
        ("http://other.example/a%20b?c", "/a%20b", "c"),
        ("http://other.example", "/", ""),
        ("http://other.example?a", "/", "a"),
        ("/redirect?to=http://x/y", "/redirect", "to=http://x/y"),
    ],
)
def test_targets(target: str, raw_path: str, query: str) -> None:
    request = Request("GET", target)
    assert (request.target, request.raw_path, request.query_string) == (target, raw_path, query)


def test_the_defaults() -> None:
    request = Request()
    assert (request.method, request.target, request.scheme, request.root_path) == ("GET", "/", "http", "")
    assert (request.client, request.server, request.headers) == (None, None, Headers())
    assert (request.http_version, request.announces_content) == ("1.1", False)
    assert str(request.url) == "http://localhost/"
    assert repr(request) == "<Request GET />"


@pytest.mark.parametrize(
    ("version", "method", "headers", "announced"),
    [
        ("1.1", "POST", {}, False),
        ("1.1", "POST", {"Content-Length": "0"}, False),
        ("1.1", "GET", {"Content-Length": "1"}, True),
        ("1.0", "POST", {"Content-Length": "nonsense"}, True),
        ("1.1", "POST", {"Transfer-Encoding": "chunked", "Content-Length": "0"}, True),
        ("2", "POST", {}, True),
        ("3", "POST", {"Content-Length": "0"}, False),
        ("2", "GET", {}, False),
    ],
)
def test_whether_content_is_announced(
    version: str, method: str, headers: dict[str, str], announced: bool
) -> None:
    assert Request(method, headers=headers, http_version=version).announces_content is announced


def test_a_bare_request_has_facts_too() -> None:
    request = Request()
    assert (request.method, request.target, request.scheme, request.root_path) == ("GET", "/", "http", "")
    assert (request.client, request.server, request.headers) == (None, None, Headers())


def test_a_kind_of_request_need_not_know_every_fact() -> None:
    class Sparse(Request):
        def __init__(self) -> None:
            self._headers = self._raw_path = None

    request = Sparse()
    assert (request.target, request.raw_path, request.root_path) == ("/", "/", "")
    assert (request.client, request.server, request.headers) == (None, None, Headers())
    assert request.http_version == "1.1"


def test_paths_and_queries_are_decoded() -> None:
    request = Request("GET", "/caf%C3%A9/%FF?q=a+b&q=%26&r")
    assert request.path == "/café/\ufffd"
    assert request.args.items(multi=True) == [("q", "a b"), ("q", "&"), ("r", "")]


@pytest.mark.parametrize("name", ["headers", "raw_path", "path", "args", "cookies", "url", "accept"])
def test_what_was_computed_is_kept(name: str) -> None:
    request = Request("GET", "/a?b=c", {"Cookie": "d=e", "Host": "example.org"})
    assert getattr(request, name) is getattr(request, name)


def test_fields_are_typed() -> None:
    request = Request(
        headers={
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": "42",
            "Content-Encoding": "gzip, deflate",
            "Accept": "text/html;q=0.5, */*;q=0.1",
            "Accept-Language": "de, en;q=0.5",
            "Accept-Encoding": "gzip",
            "Cache-Control": "no-cache",
            "Range": "bytes=0-9",
            "Authorization": "Bearer abc",
            "Cookie": "a=1; a=2",
        }
    )
    assert request.content_type == MediaType("text", "html", {"charset": "utf-8"})
    assert request.content_length == 42
    assert request.content_encoding == ["gzip", "deflate"]
    assert request.accept.best_match(["image/png", "text/html"]) == "text/html"
    assert request.accept_language.lookup(["en", "de"]) == "de"
    assert request.accept_encoding.best_match(["br", "gzip"]) == "gzip"
    assert request.cache_control.no_cache
    assert request.range == Range.parse("bytes=0-9")
    assert request.authorization == Authorization.bearer("abc")
    assert request.cookies.getlist("a") == ["1", "2"]


def test_fields_that_are_absent() -> None:
    request = Request()
    assert (request.content_type, request.content_length) == (None, None)
    assert (request.range, request.authorization) == (None, None)
    assert request.content_encoding == []
    assert request.accept.best_match(["image/png"]) == "image/png"
    assert request.accept_language.lookup(["fr"], default="fr") == "fr"
    assert request.accept_encoding.best_match(["gzip", "identity"]) == "identity"
    assert request.cache_control.max_age is None
    assert not request.cookies
    assert not request.args


@pytest.mark.parametrize("length", ["-1", "+1", "1_0", "", "5, 5", "\xb2", "9" * 30])
def test_a_length_is_one_number(length: str) -> None:
    with pytest.raises(MalformedHeader, match="decimal digits"):
        _ = Request(headers=[("Content-Length", length)]).content_length


def test_two_lengths_are_none() -> None:
    with pytest.raises(MalformedHeader):
        _ = Request(headers=[("Content-Length", "5"), ("Content-Length", "5")]).content_length


def test_urls() -> None:
    request = Request("GET", "/a%20b?c=d", HOST, scheme="https", root_path="/app")
    assert str(request.url) == "https://example.org/app/a%20b?c=d"
    assert str(request.base_url) == "https://example.org/app/"
    assert (request.host, request.remote_addr, request.is_secure) == ("example.org", None, True)


def test_the_url_of_a_request_to_no_path() -> None:
    assert str(Request("OPTIONS", "*", HOST).url) == "http://example.org/"


def test_the_host_of_an_absolute_target_wins() -> None:
    request = Request("GET", "http://example.com:8080/a", HOST)
    assert (request.host, str(request.url)) == ("example.com:8080", "http://example.com:8080/a")


@pytest.mark.parametrize(
    ("server", "host"),
    [
        (("192.0.2.1", 8000), "192.0.2.1:8000"),
        (("::1", 80), "[::1]"),
        (("/run/app.sock", None), "/run/app.sock"),
    ],
)
def test_a_request_without_a_host_is_at_the_servers_address(
    server: tuple[str, int | None], host: str
) -> None:
    assert Request(server=server).host == host


@pytest.mark.parametrize(
    "host",
    [
        "a b",
        "a/b",
        "a@b",
        "u:p@a",
        "a?b",
        "a#b",
        "[::1",
        "a:99999",
        "a:x",
        "a, b",
        "",
        "a\\b",
        "<a>",
        ".",
        "a..b",
        ".a",
        "ex\xe4.org",
    ],
)
def test_a_bad_host_is_malformed(host: str) -> None:
    with pytest.raises(MalformedHeader, match="Host"):
        _ = Request(headers=[("Host", host)]).host


@pytest.mark.parametrize("authority", ["u:p@evil.example", "@a", ".", "a..b", "a:x"])
def test_a_bad_host_of_an_absolute_target_is_malformed(authority: str) -> None:
    with pytest.raises(MalformedURL, match=r"host|user|port"):
        _ = Request("GET", f"http://{authority}/x", HOST).host


@pytest.mark.parametrize("host", ["a.", "a.example:80", "192.0.2.1", "[::ffff:192.0.2.1]:8000", "a_b"])
def test_a_good_host_comes_as_it_is(host: str) -> None:
    assert Request(headers={"Host": host}).host == Request("GET", f"http://{host}/").host == host


def test_two_hosts_are_malformed() -> None:
    with pytest.raises(MalformedHeader, match="one Host"):
        _ = Request(headers=[("Host", "a"), ("Host", "a")]).host


def test_only_trusted_hosts_are_answered_for() -> None:
    policy = Policy(trusted_hosts=("example.org",))
    assert Request(headers={"Host": "Example.org:8000"}, policy=policy).host == "Example.org:8000"
    with pytest.raises(UntrustedHost):
        _ = Request(headers={"Host": "evil.example"}, policy=policy).url


def test_proxies_are_believed_when_the_policy_says_so() -> None:
    headers = {"Host": "inner", "X-Forwarded-For": "6.6.6.6, 192.0.2.7", "X-Forwarded-Proto": "https"}
    client = ("10.0.0.1", 4711)
    request = Request("GET", "/a", headers, client=client)
    assert (request.remote_addr, request.is_secure) == ("10.0.0.1", False)
    request = Request("GET", "/a", headers, client=client, policy=Policy(proxies=TrustedProxies(hops=1)))
    assert (request.remote_addr, request.is_secure, str(request.url)) == (
        "192.0.2.7",
        True,
        "https://inner/a",
    )


def test_preconditions() -> None:
    request = Request(headers={"If-None-Match": '"v1"'})
    assert request.evaluate(etag=ETag("v1")) is Verdict.NOT_MODIFIED
    assert request.evaluate(etag=ETag("v2")) is Verdict.PROCEED


ATTRIBUTES = [
    name
    for name in dir(Request)
    if not name.startswith("__") and name not in {"evaluate", "policy"} and not name.startswith("_")
]


@given(
    target=st.text(st.characters(max_codepoint=0xFF), max_size=20),
    name=st.sampled_from(
        ["Host", "Content-Type", "Accept", "Range", "Cookie", "Authorization", "Cache-Control"]
    ),
    value=st.text(st.characters(max_codepoint=0xFF), max_size=20),
)
def test_whatever_a_peer_sends_is_a_value_or_a_remote_error(target: str, name: str, value: str) -> None:
    request = Request("GET", target, Headers.adopt([(name, value)]))
    for attribute in ATTRIBUTES:
        with suppress(RemoteError):
            getattr(request, attribute)
