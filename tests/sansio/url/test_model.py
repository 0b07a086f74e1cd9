"""`URL`: parts, joins, replacement, normalisation, IRIs, and what is refused."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.errors.base import LimitExceeded, MalformedURL, RemoteError
from toolkit.sansio.multidict import MultiDict
from toolkit.sansio.url import URL

PIECES = st.sampled_from(
    [
        *[
            "http",
            "HTTPS",
            "x",
            ":",
            "/",
            "//",
            "?",
            "#",
            "@",
            "[",
            "]",
            "[::1]",
            "..",
            ".",
            "a",
            "B",
            "é",
            "ß",
        ],
        *["%41", "%", "%c3%a9", "%2F", "%2e", " ", "\\", "\t", "80", ":80", "127.0.0.1", "0x7f", "xn--4ca"],
        *["&", "=", "+", "|", "'", "\ud800"],
    ]
)
ANY = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=30)


@st.composite
def urls(draw: st.DrawFn) -> URL:
    """URLs that can be constructed, by the way of parts that may stand in one."""
    text = st.text(st.sampled_from("ab.:/?#@%é &=[]\\'~+"), max_size=8)
    url = URL(
        draw(
            st.sampled_from(
                ["http://h", "https://u:p@h:8/a", "//h/", "/a/b", "a", "", "x:y", "file:///a", "http://[::1]"]
            )
        )
    )
    path = draw(text)
    url = url.replace(path="/" + path if url.authority is not None else path)
    return url.replace(query=draw(text | st.none()), fragment=draw(text | st.none()))


def attempt(text: str) -> URL | None:
    try:
        return URL(text)
    except MalformedURL:
        return None


def parts(url: URL) -> list[object]:
    names = ("scheme", "authority", "userinfo", "host", "port", "path", "query", "fragment")
    return [getattr(url, name) for name in names]


# ------------------------------------------------------------------------------------------ the value


@given(ANY)
def test_any_text_is_a_url_or_malformed(text: str) -> None:
    url = attempt(text)
    if url is not None:
        assert str(url).isascii()
        assert URL(str(url)) == url
        assert str(URL(str(url))) == str(url)
        assert parts(URL(str(url))) == parts(url)
        for name in (
            "scheme",
            "userinfo",
            "username",
            "password",
            "host",
            "port",
            "path",
            "query",
            "fragment",
            "origin",
        ):
            getattr(url, name)
        normal = url.normalise()
        assert normal.normalise() == normal == URL(str(normal))
        assert URL(url.to_iri()).normalise() == normal
        assert URL(normal.to_iri()) == normal


@given(urls())
def test_str_is_the_inverse_of_parse(url: URL) -> None:
    assert URL(str(url)) == url
    assert parts(URL(str(url))) == parts(url)


@given(ANY, ANY)
def test_join_gives_a_url_or_malformed(base: str, reference: str) -> None:
    url = attempt(base)
    if url is None:
        return
    try:
        target = url.join(reference)
    except MalformedURL:
        return
    assert URL(str(target)) == target
    assert parts(URL(str(target))) == parts(target)


def test_value() -> None:
    url = URL("http://example.com/?a#b")
    assert url == URL("http://example.com/?a#b")
    assert url != URL("http://example.com/?a")
    assert url != "http://example.com/?a#b"
    assert hash(url) == hash(URL("http://example.com/?a#b"))
    assert eval(repr(url)) == url  # noqa: S307  # repr can be pasted back
    assert pickle.loads(pickle.dumps(url)) == url  # noqa: S301
    assert copy.copy(url) == copy.deepcopy(url) == url
    with pytest.raises(AttributeError):
        url.path = "/"  # type: ignore[misc]
    assert URL("http://a?") != URL("http://a")


@pytest.mark.parametrize(
    "text",
    [
        "ftp://ftp.is.co.za/rfc/rfc1808.txt",  # RFC 3986 section 1.1.2
        "http://www.ietf.org/rfc/rfc2396.txt",
        "ldap://[2001:db8::7]/c=GB?objectClass?one",
        "mailto:John.Doe@example.com",
        "news:comp.infosystems.www.servers.unix",
        "tel:+1-816-555-1212",
        "telnet://192.0.2.16:80/",
        "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
        "HTTP://User%3a@EXAMPLE.com:/%7esmith/../%c3%a9?#",
        "http://h:00080",
        "",
        "/",
        "//h",
        "?",
        "#",
        "a/b:c",
        "./a:b",
        "http:g",
        "file:///etc/hosts",
        "postgres://u:p@%2Fvar%2Frun/db",
        "https://example.com/a;b=c,d/@:!$&'()*+=?x=/?&y='#/?!",
    ],
)
def test_a_valid_text_stays(text: str) -> None:
    assert str(URL(text)) == text


def test_parts() -> None:
    url = URL("HTTPS://us%40er:p%3Aw:d@EXAMPLE.com:08443/a%2Fb?q=1&q=2#frag")
    assert url.scheme == "https"
    assert url.authority == "us%40er:p%3Aw:d@EXAMPLE.com:08443"
    assert url.userinfo == "us%40er:p%3Aw:d"
    assert url.username == "us@er"
    assert url.password == "p:w:d"
    assert url.host == "example.com"
    assert url.port == url.effective_port == 8443
    assert url.path == "/a%2Fb"
    assert url.query == "q=1&q=2"
    assert url.query_params == MultiDict([("q", "1"), ("q", "2")])
    assert url.fragment == "frag"
    assert url.origin == "https://example.com:8443"
    assert url.is_absolute


def test_absent_parts() -> None:
    url = URL("a")
    assert (url.scheme, url.path, url.query, url.fragment) == ("", "a", "", "")
    assert [url.authority, url.userinfo, url.username, url.password] == [None] * 4
    assert [url.host, url.port, url.effective_port, url.origin] == [None] * 4
    assert not url.is_absolute
    assert url.query_params == {}
    assert URL("http://u@h").username == "u"
    assert URL("http://u@h").password is None
    assert URL("http://u:@h").password == ""
    assert URL("http://h").username is None
    assert URL("http://h:").port is None
    assert URL("http://h:000").port == 0
    assert URL("http://h:" + "0" * 5000 + "80").port == 80
    assert str(URL("http://h:" + "0" * 5000 + "80").normalise()) == "http://h/"
    assert URL("wss://h").effective_port == 443
    assert URL("x://h").effective_port is None
    assert URL("x://h").origin is None
    assert URL("http:g").origin is None
    assert URL("file:///a").host == ""


def test_ipv6() -> None:
    url = URL("http://[2001:DB8::0:1]:80/")
    assert (url.host, url.port) == ("2001:db8::0:1", 80)
    assert str(url) == "http://[2001:DB8::0:1]:80/"
    assert url.origin == "http://[2001:db8::1]"


def test_query_params_have_limits() -> None:
    with pytest.raises(LimitExceeded):
        _ = URL("/?" + "a&" * 1001).query_params


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("http://h/a b", "http://h/a%20b"),
        (
            'http://h/a|b"<>^`{}[]?[a]=b c|\\#d\\ #e',
            "http://h/a%7Cb%22%3C%3E%5E%60%7B%7D%5B%5D?%5Ba%5D=b%20c%7C%5C#d%5C%20%23e",
        ),
        ("http://h/100%?100%#100%", "http://h/100%25?100%25#100%25"),
        ("http://h/%zz%41%e9", "http://h/%25zz%41%e9"),
        ("http://h/é?é#é", "http://h/%C3%A9?%C3%A9#%C3%A9"),
        ("http://é b:p|w@münchen.example/", "http://%C3%A9%20b:p%7Cw@xn--mnchen-3ya.example/"),
        ("data:text/plain,a\\b c", "data:text/plain,a%5Cb%20c"),
        ("/\u3000\x85", "/%E3%80%80%C2%85"),
    ],
)
def test_repaired(text: str, repaired: str) -> None:
    assert str(URL(text)) == repaired


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://h/\t", "no controls"),
        ("http://h/\r\n", "no controls"),
        ("java\nscript:a", "no controls"),
        ("http://h/?\0", "no controls"),
        ("http://h/#\x7f", "no controls"),
        (" http://h/", "no spaces at its ends"),
        ("http://h/ ", "no spaces at its ends"),
        ("http://h/\ud800", "no lone surrogates"),
        ("http://h\\a", "backslash"),
        ("http://h/\\a", "backslash"),
        ("\\\\h", "backslash"),
        ("x://a\\b", "backslash"),
        ("http://a\\@b", "backslash"),
        (":a", "scheme"),
        ("1a:b", "scheme"),
        ("a b:c", "scheme"),
        ("é:c", "scheme"),
        ("http://", "host is missing"),
        ("http:///a", "host is missing"),
        ("http://:80", "host is missing"),
        ("http://u@", "host is missing"),
        ("x://:80", "host is missing"),
        ("x://u@/", "host is missing"),
        ("http://a@b@c", "one '@'"),
        ("http://h:65536", "port is a number"),
        ("http://h:-1", "port is a number"),
        ("http://h:8a", "port is a number"),
        ("http://h:٣", "port is a number"),
        ("http://h:1:2", "port is a number"),
        ("http://h:" + "9" * 5000, "port is a number"),
        ("http://[::1", "brackets"),
        ("http://[::1]a", "brackets"),
        ("http://[v1.a]", "brackets"),
        ("http://[fe80::1%25eth0]", "brackets"),
        ("http://[]", "brackets"),
        ("http://a%41", "no escapes"),
        ("http://a b", "no escapes"),
        ("http://a[b]", "no escapes"),
        ("http://0x7f.1", "IPv4"),
        ("//256.1.1.1", "IPv4"),
        ("http://straße.de", "IDNA"),
    ],
)
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(MalformedURL, match=reason) as caught:
        URL(text)
    assert isinstance(caught.value, RemoteError)
    assert caught.value.status == 400
    assert caught.value.url == text


# -------------------------------------------------------------------------------------------- join

# RFC 3986 section 5.4: seen from http://a/b/c/d;p?q.
NORMAL = """
g:h     g:h
g       http://a/b/c/g
./g     http://a/b/c/g
g/      http://a/b/c/g/
/g      http://a/g
//g     http://g
?y      http://a/b/c/d;p?y
g?y     http://a/b/c/g?y
#s      http://a/b/c/d;p?q#s
g#s     http://a/b/c/g#s
g?y#s   http://a/b/c/g?y#s
;x      http://a/b/c/;x
g;x     http://a/b/c/g;x
g;x?y#s http://a/b/c/g;x?y#s
.       http://a/b/c/
./      http://a/b/c/
..      http://a/b/
../     http://a/b/
../g    http://a/b/g
../..   http://a/
../../  http://a/
../../g http://a/g
"""
ABNORMAL = """
../../../g    http://a/g
../../../../g http://a/g
/./g          http://a/g
/../g         http://a/g
g.            http://a/b/c/g.
.g            http://a/b/c/.g
g..           http://a/b/c/g..
..g           http://a/b/c/..g
./../g        http://a/b/g
./g/.         http://a/b/c/g/
g/./h         http://a/b/c/g/h
g/../h        http://a/b/c/h
g;x=1/./y     http://a/b/c/g;x=1/y
g;x=1/../y    http://a/b/c/y
g?y/./x       http://a/b/c/g?y/./x
g?y/../x      http://a/b/c/g?y/../x
g#s/./x       http://a/b/c/g#s/./x
g#s/../x      http://a/b/c/g#s/../x
http:g        http:g
"""
EXAMPLES = [
    ("", "http://a/b/c/d;p?q"),
    *(line.split() for line in (NORMAL + ABNORMAL).strip().splitlines() if line),
]


@pytest.mark.parametrize(("reference", "target"), EXAMPLES)
def test_join_as_in_rfc_3986(reference: str, target: str) -> None:
    base = URL("http://a/b/c/d;p?q")
    assert str(base.join(reference)) == target
    assert base.join(URL(reference)) == URL(target)


@pytest.mark.parametrize(
    ("base", "reference", "target"),
    [
        ("http://h", "a", "http://h/a"),
        ("http://h?q", "", "http://h?q"),
        ("/a/b", "c", "/a/c"),
        ("/a/b", "//h/c", "//h/c"),
        ("a", "./b:c", "./b:c"),
        ("a", "../..//b", "/b"),
        ("a/b", "../..//c", "/.//c"),
        ("x:a/b", "..//c", "x:/.//c"),
        ("file:///a", "///b", "file:///b"),
        ("http://h/a", "é ö", "http://h/%C3%A9%20%C3%B6"),
        ("https://h/a", "//[::1]:8/b", "https://[::1]:8/b"),
    ],
)
def test_join(base: str, reference: str, target: str) -> None:
    joined = URL(base).join(reference)
    assert str(joined) == target
    assert joined == URL(target)
    assert parts(joined) == parts(URL(target))


@pytest.mark.parametrize(
    ("base", "reference"), [("http://h/", "///a"), ("http://h/", "http://"), ("x:y", "//a%41")]
)
def test_join_refuses(base: str, reference: str) -> None:
    with pytest.raises(MalformedURL):
        URL(base).join(reference)


# ------------------------------------------------------------------------------------------ replace


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "http://u:p@h:8/a?b#c"),
        ({"scheme": "https"}, "https://u:p@h:8/a?b#c"),
        ({"scheme": ""}, "//u:p@h:8/a?b#c"),
        ({"username": "a:b@c"}, "http://a%3Ab%40c:p@h:8/a?b#c"),
        ({"username": None}, "http://:p@h:8/a?b#c"),
        ({"password": None}, "http://u@h:8/a?b#c"),
        ({"password": "%"}, "http://u:%25@h:8/a?b#c"),
        ({"username": None, "password": None}, "http://h:8/a?b#c"),
        ({"host": "Example.com"}, "http://u:p@Example.com:8/a?b#c"),
        ({"host": "::1"}, "http://u:p@[::1]:8/a?b#c"),
        ({"host": "[::1]"}, "http://u:p@[::1]:8/a?b#c"),
        ({"host": "é.example"}, "http://u:p@xn--9ca.example:8/a?b#c"),
        ({"host": None}, "http:/a?b#c"),
        ({"host": ""}, "http:/a?b#c"),
        ({"port": None}, "http://u:p@h/a?b#c"),
        ({"port": 0}, "http://u:p@h:0/a?b#c"),
        ({"path": ""}, "http://u:p@h:8?b#c"),
        ({"path": "/x?y#z %2F%"}, "http://u:p@h:8/x%3Fy%23z%20%2F%25?b#c"),
        ({"path": "/\n\\"}, "http://u:p@h:8/%0A%5C?b#c"),
        ({"host": None, "path": "//x"}, "http:/.//x?b#c"),
        ({"query": None}, "http://u:p@h:8/a#c"),
        ({"query": ""}, "http://u:p@h:8/a#c"),
        ({"query": {}}, "http://u:p@h:8/a#c"),
        ({"query": "x#y&é"}, "http://u:p@h:8/a?x%23y&%C3%A9#c"),
        ({"query": {"x": ["1", 2], "y": "&"}}, "http://u:p@h:8/a?x=1&x=2&y=%26#c"),
        ({"query": [("x", "1")]}, "http://u:p@h:8/a?x=1#c"),
        ({"fragment": None}, "http://u:p@h:8/a?b"),
        ({"fragment": "#"}, "http://u:p@h:8/a?b#%23"),
        ({"scheme": "x", "host": "%2Fa"}, "x://u:p@%2Fa:8/a?b#c"),
    ],
)
def test_replace(changes: dict[str, Any], text: str) -> None:
    url = URL("http://u:p@h:8/a?b#c").replace(**changes)
    assert str(url) == text
    assert url == URL(text)
    assert parts(url) == parts(URL(text))


@pytest.mark.parametrize(
    "changes",
    [
        {"scheme": "http://evil/"},
        {"scheme": "1"},
        {"host": "a/b"},
        {"host": "a?b"},
        {"host": "a#b"},
        {"host": "u@a"},
        {"host": "a:80"},
        {"host": "[::1]:80"},
        {"host": "a b"},
        {"host": "[a]"},
        {"host": "a\n"},
        {"port": 65536},
        {"port": -1},
        {"path": "x"},
    ],
)
def test_replace_refuses(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedURL):
        URL("http://u:p@h:8/a?b#c").replace(**changes)


def test_replace_where_there_is_no_host() -> None:
    assert str(URL("/a").replace(host="h", scheme="http", port=1)) == "http://h:1/a"
    assert str(URL("/a").replace(path="b:c")) == "./b:c"
    assert URL("/a").replace(port=None, username=None) == URL("/a")
    assert str(URL("file:///a").replace(path="/b")) == "file:///b"
    with pytest.raises(MalformedURL, match="host is missing"):
        URL("/a").replace(port=1)
    with pytest.raises(MalformedURL, match="host is missing"):
        URL("file:///a").replace(scheme="http")
    with pytest.raises(MalformedURL, match="escapes"):
        URL("x://%41/").replace(scheme="http")


# ---------------------------------------------------------------------------------------- normalise


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("HTTP://www.EXAMPLE.com", "http://www.example.com/"),
        ("eXAMPLE://a/./b/../b/%63/%7bfoo%7d", "example://a/b/c/%7Bfoo%7D"),  # RFC 3986 section 6.2.2
        ("http://example.com:", "http://example.com/"),
        ("http://example.com:/", "http://example.com/"),
        ("http://example.com:80/", "http://example.com/"),
        ("https://example.com:0443", "https://example.com/"),
        ("https://example.com:080/", "https://example.com:80/"),
        ("ws://h:80?q", "ws://h/?q"),
        ("http://h/%2e%2E/a/%2e/b", "http://h/a/b"),
        ("http://h/../a", "http://h/a"),
        ("http://h/a?%7e%3d#%7E%3a", "http://h/a?~%3D#~%3A"),
        ("http://U%7e:p%2f@h/", "http://U~:p%2F@h/"),
        ("http://[2001:DB8:0:0:0:0:0:1]/", "http://[2001:db8::1]/"),
        ("x://H%7E%2f", "x://h~%2F"),
        ("../a/./b", "../a/./b"),
        ("/a/../b", "/b"),
        ("/a/..//b", "/.//b"),
        ("x:a/../b", "x:/b"),
        ("x:/a/..//b", "x:/.//b"),
        ("MAILTO:A@B", "mailto:A@B"),
        ("http://h/?", "http://h/?"),
    ],
)
def test_normalise(text: str, normal: str) -> None:
    url = URL(text).normalise()
    assert str(url) == normal
    assert url.normalise() == url


# --------------------------------------------------------------------------------------------- IRIs


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("http://xn--mnchen-3ya.example/%C3%A9?%C3%A9=%E2%82%AC#%C3%A9", "http://münchen.example/é?é=€#é"),
        ("http://%C3%A9:%C3%A9@h/", "http://é:é@h/"),
        ("/%20%2F%25%41", "/%20%2F%25%41"),
        ("/%FF%C3%A9%C3", "/%FFé%C3"),
        ("/%E2%80%AE%E2%80%8B%C2%A0", "/%E2%80%AE%E2%80%8B%C2%A0"),  # what cannot be seen stays
        ("/%ED%A0%80", "/%ED%A0%80"),
        ("a", "a"),
    ],
)
def test_to_iri(text: str, iri: str) -> None:
    assert URL(text).to_iri() == iri
    assert URL(iri) == URL(text)
