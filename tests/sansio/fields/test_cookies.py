"""Cookie and Set-Cookie: the published vectors, round trips, and each rule."""

from __future__ import annotations

import pickle
import string
from contextlib import suppress
from dataclasses import FrozenInstanceError, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.errors.base import InvalidHeader, MalformedHeader
from toolkit.sansio.fields.cookie_attributes import MAX_MAX_AGE
from toolkit.sansio.fields.cookies import (
    EPOCH,
    SetCookie,
    decode_cookie_value,
    dump_cookies,
    encode_cookie_value,
    parse_cookies,
)
from toolkit.sansio.grammar import TCHAR

OCTETS = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '",;\\')
NAMES = st.text(sorted(TCHAR), min_size=1, max_size=20)
VALUES = st.text(OCTETS, max_size=30) | st.text(OCTETS, max_size=30).map('"{}"'.format)
LABELS = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=10)
EXTENSIONS = st.sampled_from(["Priority=High", "SameParty", "future = a=b", "a b"])

# ---------------------------------------------------------------------------------------------- Cookie


def pairs(header: str) -> list[tuple[str, str]]:
    return list(parse_cookies(header).items(multi=True))


@each_of("jshttp/cookie-parse.json")
def test_parse_vectors_of_jshttp(case: dict[str, Any]) -> None:
    found: dict[str, str] = {}
    for header in case["input"]["cookie_headers"]:
        for name, value in pairs(header):
            found.setdefault(name, decode_cookie_value(value))
    assert found == case["expected"]["mapping"]


@each_of("rfc-examples/cookie.json")
def test_parse_examples_of_the_rfc(case: dict[str, Any]) -> None:
    [header] = case["input"]["cookie_headers"]
    assert pairs(header) == [tuple(pair) for pair in case["expected"]["cookies"]]
    assert dump_cookies(pairs(header)) == header


@each_of("jshttp/cookie-stringify.json")
def test_dump_vectors_of_jshttp(case: dict[str, Any]) -> None:
    cookies = [(name, value) for name, value in case["input"]["cookies"].items() if value is not None]
    encoded = [(name, encode_cookie_value(value)) for name, value in cookies]
    if case["expected"].get("result") == "error":
        with pytest.raises(InvalidHeader):
            dump_cookies(encoded)
        return
    header = dump_cookies(encoded)
    assert header == case["expected"]["cookie_header"]
    assert [(name, decode_cookie_value(value)) for name, value in pairs(header)] == cookies


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", []),
        (";;; ;", []),
        ("a=1; a=2; b=3; a=4", [("a", "1"), ("a", "2"), ("b", "3"), ("a", "4")]),
        ("a=1;b=2 ;\tc = 3 ", [("a", "1"), ("b", "2"), ("c", "3")]),
        ('a="b; s=evil"; c=d', [("a", '"b'), ("s", 'evil"'), ("c", "d")]),
        ('a="b\\"; s=1', [("a", '"b\\"'), ("s", "1")]),
        ('a="b"', [("a", '"b"')]),
        ("a=b=c; d==", [("a", "b=c"), ("d", "=")]),
        ("bare; a=1; ; bare", [("a", "1")]),
        ("=__Host-a=b; a=1", [("", "__Host-a=b"), ("a", "1")]),
        ("a b=c d; e[f]=g,h=i", [("a b", "c d"), ("e[f]", "g,h=i")]),
        ("a=%41\\054", [("a", "%41\\054")]),
        ("a=\x0b1\x85\xa0", [("a", "\x0b1\x85\xa0")]),
        ("$Version=1; a=1; $Path=/", [("$Version", "1"), ("a", "1"), ("$Path", "/")]),
        ("a=\x00\x7f", [("a", "\x00\x7f")]),
    ],
)
def test_parse(header: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(header) == expected


def test_utf8_is_decoded_in_each_name_and_value_on_its_own() -> None:
    wire = "naïve=ümlaut; x=1".encode().decode("latin-1")
    assert pairs(wire) == [("naïve", "ümlaut"), ("x", "1")]
    assert pairs(wire + "; latin=\xe9") == [("naïve", "ümlaut"), ("x", "1"), ("latin", "é")]
    assert pairs("decoded=€") == [("decoded", "€")]


@given(st.text() | st.text('ab=; \t"\\\xc3\xa9'))
def test_parse_is_the_naive_model(header: str) -> None:
    """Any text gives a value; a pair is what stands between semicolons, whatever stands elsewhere."""
    expected: list[tuple[str, str]] = []
    for part in header.split(";"):
        if "=" in part:
            expected += pairs(part)
            name, value = (side.strip(" \t") for side in part.split("=", 1))
            if header.isascii():
                assert expected[-1] == (name, value)
    assert pairs(header) == expected


@given(st.lists(st.tuples(NAMES, VALUES)))
def test_dump_and_parse_are_inverse(cookies: list[tuple[str, str]]) -> None:
    assert pairs(dump_cookies(cookies)) == cookies


@pytest.mark.parametrize(
    ("name", "value"),
    [("", "x"), ("a=b", "x"), ("a b", "x"), ("é", "x"), ("a", "x y"), ("a", "x;y"), ("a", 'x"y'), ("a", "é")],
)
def test_dump_refuses_what_is_no_cookie(name: str, value: str) -> None:
    with pytest.raises(InvalidHeader, match="header 'Cookie'"):
        dump_cookies([(name, value)])


@given(st.text())
def test_any_text_goes_through_a_value(text: str) -> None:
    value = encode_cookie_value(text)
    assert set(value) <= set(OCTETS)
    assert decode_cookie_value(value) == text
    assert pairs(dump_cookies([("a", value)])) == [("a", value)]


@given(st.text(st.characters(codec="utf-8")) | st.text("%2fFé"))
def test_any_value_decodes(value: str) -> None:
    assert isinstance(decode_cookie_value(value), str)


@pytest.mark.parametrize(
    ("value", "text"), [("%", "%"), ("%4", "%4"), ("%zz%41", "%zzA"), ("%ff%41", "%ff%41"), ("%c3%a9", "é")]
)
def test_decode_leaves_what_is_not_encoded(value: str, text: str) -> None:
    assert decode_cookie_value(value) == text


@pytest.mark.parametrize("unit", ["a", "=", ";", " ", "a=b; ", '"', "a ", "; ", "\xc3\xa9=", " \t;"])
def test_parsing_time_is_linear(unit: str) -> None:
    assert_linear(parse_cookies, unit)
    assert_linear(SetCookie.parse, unit, lead="a=b; c=")


# ------------------------------------------------------------------------------------------ Set-Cookie


@st.composite
def set_cookies(draw: st.DrawFn) -> SetCookie:
    """Every kind of cookie that can be constructed."""
    secure = draw(st.booleans())
    return SetCookie(
        draw(NAMES.filter(lambda name: not name.startswith("__"))),
        draw(VALUES),
        max_age=draw(st.none() | st.integers(-MAX_MAX_AGE, MAX_MAX_AGE)),
        expires=draw(
            st.none()
            | st.datetimes(
                min_value=datetime(1602, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
                max_value=datetime(9998, 1, 1),  # noqa: DTZ001
                timezones=st.timezones(),
            )
        ),
        domain=draw(st.none() | st.lists(LABELS, min_size=1, max_size=4).map(".".join)),
        path=draw(st.none() | st.text(OCTETS + '",\\', max_size=30).map("/{}".format)),
        secure=secure,
        httponly=draw(st.booleans()),
        samesite=draw(
            st.sampled_from((None, "Strict", "Lax", "None") if secure else (None, "Strict", "Lax"))
        ),
        partitioned=secure and draw(st.booleans()),
        extensions=tuple(draw(st.lists(EXTENSIONS, max_size=2))),
    )


@given(set_cookies())
def test_parse_and_dump_are_inverse(cookie: SetCookie) -> None:
    assert SetCookie.parse(cookie.dump()) == cookie
    assert SetCookie.parse(str(cookie)) == cookie
    assert hash(SetCookie.parse(str(cookie))) == hash(cookie)
    assert eval(repr(cookie), {"SetCookie": SetCookie, "datetime": __import__("datetime")}) == cookie  # noqa: S307
    assert pickle.loads(pickle.dumps(cookie)) == cookie  # noqa: S301


@given(
    st.text()
    | st.text('aA=;, \t"/-1xX')
    | st.lists(
        st.sampled_from(
            [
                "=",
                ";",
                " ",
                "a",
                "Path",
                "/",
                "Domain",
                "Max-Age",
                "Expires",
                "SameSite",
                "Lax",
                "1",
                "Secure",
                "-",
                "__Host-",
            ]
        )
    ).map("".join)
)
def test_any_line_is_a_cookie_or_malformed(line: str) -> None:
    with suppress(MalformedHeader):
        cookie = SetCookie.parse(line)
        assert SetCookie.parse(cookie.dump()) == cookie


KEYS: dict[str, str] = {"maxAge": "max_age", "httpOnly": "httponly", "sameSite": "samesite"}


def value_of(key: str, value: Any) -> Any:  # noqa: ANN401  # JSON
    """A value of a vector as we have it."""
    if key == "expires":
        text: str = value if isinstance(value, str) else value["__date"]
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    if key == "sameSite":
        return "Strict" if value is True else value.capitalize()
    return value


@each_of("jshttp/set-cookie-parse.json", "rfc-examples/set-cookie.json")
def test_parse_vectors(case: dict[str, Any]) -> None:
    cookie = SetCookie.parse(case["input"]["set_cookie"])
    expected: dict[str, Any] = dict(case["expected"]["cookie"])
    assert decode_cookie_value(cookie.value) == expected.pop("value")
    if priority := expected.pop("priority", None):
        # Not an attribute of RFC 6265bis: kept as text.
        assert [extension.lower() for extension in cookie.extensions] == [f"priority={priority}"]
    for key, value in expected.items():
        assert getattr(cookie, KEYS.get(key, key)) == value_of(key, value), key


@each_of("jshttp/set-cookie-stringify.json")
def test_set_cookie_dump_vectors_of_jshttp(case: dict[str, Any]) -> None:
    given: dict[str, Any] = dict(case["input"]["cookie"])
    name, value = given.pop("name"), encode_cookie_value(given.pop("value"))
    if "priority" in given:
        given["extensions"] = (f"Priority={str(given.pop('priority')).capitalize()}",)

    def write() -> str:
        options: dict[str, Any] = {KEYS.get(key, key): value_of(key, option) for key, option in given.items()}
        return SetCookie(name, value, **options).dump()

    if case["expected"].get("result") == "error":
        with pytest.raises((ValueError, TypeError, AttributeError)):
            write()
    else:
        assert write() == case["expected"]["set_cookie"]


def test_everything_is_written() -> None:
    cookie = SetCookie(
        "sid",
        "31d4",
        max_age=60,
        expires=datetime(2021, 6, 9, 12, 18, 14, 999, tzinfo=timezone(timedelta(hours=2))),
        domain="example.com",
        path="/a",
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
        extensions=("Priority=High",),
    )
    assert str(cookie) == (
        "sid=31d4; Expires=Wed, 09 Jun 2021 10:18:14 GMT; Max-Age=60; Domain=example.com; Path=/a; "
        "HttpOnly; Secure; SameSite=None; Partitioned; Priority=High"
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"name": ""}, "token"),
        ({"name": "a b"}, "token"),
        ({"name": "a\r\nX"}, "token"),
        ({"value": "a b"}, "encode_cookie_value"),
        ({"value": "a;b"}, "encode_cookie_value"),
        ({"value": "a,b"}, "encode_cookie_value"),
        ({"value": "a\\b"}, "encode_cookie_value"),
        ({"value": 'a"b'}, "encode_cookie_value"),
        ({"value": '"a'}, "encode_cookie_value"),
        ({"value": "é"}, "encode_cookie_value"),
        ({"value": "a\r\nSet-Cookie: b=c"}, "encode_cookie_value"),
        ({"value": "a\n"}, "encode_cookie_value"),
        ({"value": "x" * 4096}, "4096"),
        ({"domain": ""}, "Domain"),
        ({"domain": "a;b"}, "Domain"),
        ({"domain": "a..b"}, "Domain"),
        ({"domain": "b\u00fccher.example"}, "punycode"),
        ({"domain": "a\n"}, "Domain"),
        ({"domain": "a" * 1025}, "Domain"),
        ({"path": ""}, "Path"),
        ({"path": "a"}, "Path"),
        ({"path": "/a;b"}, "Path"),
        ({"path": "/a "}, "Path"),
        ({"path": "/é"}, "Path"),
        ({"path": "/\n"}, "Path"),
        ({"path": "/" * 1025}, "Path"),
        ({"samesite": "Loose"}, "SameSite"),
        ({"samesite": True}, "SameSite is Strict, Lax or None"),
        ({"samesite": "None"}, "needs Secure"),
        ({"partitioned": True}, "needs Secure"),
        ({"max_age": 2**63}, "64 bits"),
        ({"max_age": -(10**400)}, "64 bits"),
        ({"expires": datetime(2021, 1, 1)}, "naive"),  # noqa: DTZ001  # that is what is refused
        ({"expires": datetime(1600, 1, 1, tzinfo=timezone.utc)}, "1601"),
        ({"expires": datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))}, "9999"),
        ({"extensions": ("Secure",)}, "extension"),
        ({"extensions": ("path = /",)}, "extension"),
        ({"extensions": ("a;b",)}, "extension"),
        ({"extensions": ("=b",)}, "extension"),
        ({"extensions": ("",)}, "extension"),
        ({"extensions": ("a=" + "b" * 1025,)}, "extension"),
        ({"name": "__Secure-a"}, "__Secure- needs Secure"),
        ({"name": "__SECURE-a"}, "__Secure- needs Secure"),
        ({"name": "__Host-a", "path": "/"}, "__Host- needs Secure"),
        ({"name": "__Host-a", "secure": True}, "needs Path=/"),
        ({"name": "__host-a", "secure": True, "path": "/a"}, "needs Path=/"),
        ({"name": "__Host-a", "secure": True, "path": "/", "domain": "a.b"}, "no Domain"),
        ({"name": "__Http-a", "secure": True}, "__Http- needs HttpOnly"),
        ({"name": "__Host-Http-a", "secure": True, "path": "/"}, "__Host-Http- needs HttpOnly"),
    ],
)
def test_what_may_not_be_sent_is_refused(arguments: dict[str, Any], reason: str) -> None:
    arguments.setdefault("name", "a")
    with pytest.raises(InvalidHeader, match=reason) as caught:
        SetCookie(**arguments)
    assert caught.value.name == "Set-Cookie"


@pytest.mark.parametrize(
    ("span", "seconds"),
    [(timedelta(days=1), 86400), (timedelta(seconds=-1), -1), (timedelta(milliseconds=1999), 1)],
)
def test_max_age_may_be_a_timedelta(span: timedelta, seconds: int) -> None:
    cookie = SetCookie("a", max_age=span)
    assert cookie == SetCookie("a", max_age=seconds)
    assert cookie.max_age == seconds


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"max_age": 1.5}, "whole seconds"),
        ({"max_age": "60"}, "whole seconds"),
        ({"value": 1}, "the value of the cookie 'a' is text, not 1"),
    ],
)
def test_the_wrong_types_are_refused(arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        SetCookie("a", **arguments)


def test_what_may_be_sent() -> None:
    assert str(SetCookie("__Secure-a", secure=True)) == "__Secure-a=; Secure"
    assert str(SetCookie("__Host-a", secure=True, path="/")) == "__Host-a=; Path=/; Secure"
    assert SetCookie("__Http-a", secure=True, httponly=True).httponly
    assert SetCookie("__Host-Http-a", secure=True, httponly=True, path="/").path == "/"
    assert SetCookie("__other").name == "__other"
    assert SetCookie("a", "x" * 4095).value
    assert SetCookie("a", domain=".Example.com").domain == ".Example.com"
    lower: Any = "strict"
    assert SetCookie("a", samesite=lower).samesite == "Strict"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a=b", {"name": "a", "value": "b"}),
        ("b", {"name": "", "value": "b"}),
        ("=b=c", {"name": "", "value": "b=c"}),
        ("__Host-a=b", {"name": "__Host-a", "secure": False}),
        ("a b=c d", {"name": "a b", "value": "c d"}),
        ("a=b; Path=/x; Path", {"path": None}),
        ("a=b; Path=x", {"path": None}),
        ("a=b; Path=/x; Path=/" + "y" * 1024, {"path": "/x"}),
        ("a=b; Domain=x.y; Domain=", {"domain": None}),
        ("a=b; Max-Age=60; Max-Age=soon", {"max_age": 60}),
        ("a=b; Max-Age=-", {"max_age": None}),
        ("a=b; Max-Age=+1", {"max_age": None}),
        ("a=b; Max-Age=1_0", {"max_age": None}),
        ("a=b; Max-Age=٣", {"max_age": None}),
        ("a=b; Max-Age=-5", {"max_age": -5}),
        ("a=b; Max-Age=" + "9" * 1024, {"max_age": MAX_MAX_AGE}),
        ("a=b; Max-Age=-" + "9" * 1023, {"max_age": -MAX_MAX_AGE}),
        ("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=never", {"expires": EPOCH}),
        ("a=b; SameSite=lax; SameSite=Loose", {"samesite": None}),
        ("a=b; SameSite=STRICT", {"samesite": "Strict"}),
        ("a=b; secure=false; HTTPONLY; partitioned", {"secure": True, "httponly": True, "partitioned": True}),
        ("a=b; x; ; =y; z=1 ", {"extensions": ("x", "z=1")}),
    ],
)
def test_a_line_is_read_as_user_agents_read_it(line: str, expected: dict[str, Any]) -> None:
    cookie = SetCookie.parse(line)
    assert {key: getattr(cookie, key) for key in expected} == expected


@pytest.mark.parametrize("line", ["a=b\x00", "a=b; Path=/\n", "a\x7f=b", "a=b\r\nc", "a=" + "x" * 4096])
def test_a_line_that_user_agents_ignore_is_malformed(line: str) -> None:
    with pytest.raises(MalformedHeader, match="Set-Cookie"):
        SetCookie.parse(line)


def test_deletion() -> None:
    assert str(SetCookie.delete("a")) == "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/"
    cookie = SetCookie("__Host-a", "b", max_age=60, path="/", secure=True, partitioned=True)
    assert cookie.deleted() == SetCookie.delete("__Host-a", secure=True, partitioned=True)
    assert SetCookie.delete("a", domain="b.c", path="/d").domain == "b.c"


def test_it_is_a_value() -> None:
    cookie = SetCookie("a", "b")
    with pytest.raises(FrozenInstanceError):
        cookie.value = "c"  # type: ignore[misc]
    assert {cookie, SetCookie("a", "b")} == {cookie}
    assert replace(cookie, value="c") == SetCookie("a", "c")
    assert SetCookie.field_name == "Set-Cookie"
