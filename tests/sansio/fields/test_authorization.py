"""Credentials and challenges: the examples of the RFCs, what is really sent, and secrets out of sight."""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.authorization import Authorization, Challenges, WWWAuthenticate
from toolkit.sansio.headers import Headers

TOKENS = st.text("abcXYZ019-_!|", min_size=1, max_size=6)
TOKEN68 = st.from_regex(r"\A[0-9A-Za-z\-._~+/]{1,12}={0,2}\Z")
TEXTS = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=8)
PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]))
PARAMS = st.dictionaries(TOKENS.map(str.lower), TEXTS, max_size=3)
CHALLENGES = st.builds(WWWAuthenticate, TOKENS, PARAMS) | st.builds(WWWAuthenticate, TOKENS, token=TOKEN68)
CREDENTIALS = st.builds(Authorization, TOKENS, PARAMS) | st.builds(Authorization.bearer, TOKEN68)


@given(CREDENTIALS)
def test_credentials_are_read_back(value: Authorization) -> None:
    again = Authorization.parse(str(value))
    assert again == value
    assert hash(again) == hash(value)


@given(st.lists(CHALLENGES, max_size=4))
def test_challenges_are_read_back(challenges: list[WWWAuthenticate]) -> None:
    again = WWWAuthenticate.parse_all(", ".join(map(str, challenges)))
    assert again == challenges
    assert [hash(value) for value in again] == [hash(value) for value in challenges]
    assert [eval(repr(value)) for value in challenges] == challenges  # noqa: S307  # that is what a repr is for


@given(st.text() | st.text('Basic ="\\,abc/ ', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    credentials: list[Authorization] = []
    challenges: list[WWWAuthenticate] = []
    with suppress(MalformedHeader):
        credentials.append(Authorization.parse(text))
    with suppress(MalformedHeader):
        challenges.extend(WWWAuthenticate.parse_all(text))
    assert [Authorization.parse(str(value)) for value in credentials] == credentials
    assert WWWAuthenticate.parse_all(", ".join(map(str, challenges))) == challenges


@given(PRINTABLE, PRINTABLE)
def test_basic_is_read_back(username: str, password: str) -> None:
    username = username.replace(":", "")
    value = Authorization.parse(str(Authorization.basic(username, password)))
    assert (value.username, value.password) == (username, password)


@pytest.mark.parametrize(
    ("text", "username", "password"),
    [
        ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame"),  # RFC 7617 section 2
        ("basic dGVzdDoxMjPCow==", "test", "123£"),  # RFC 7617 section 2.1
        ("BASIC \t QTpiOmM=\t", "A", "b:c"),
        ("Basic Og==", "", ""),
    ],
)
def test_basic(text: str, username: str, password: str) -> None:
    value = Authorization.parse(text)
    assert (value.scheme, value.username, value.password) == ("Basic", username, password)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "QQ==",  # no colon
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ",  # no padding
        "QWxh ZGRpbjpvcGVu",
        "QWxh*GRpbjpvcGVuIHNlc2FtZQ==",
        b64encode(b"a:\xff").decode(),
        b64encode(b"a:\x00").decode(),
        'realm="x"',
        "=",
    ],
)
def test_basic_that_says_nothing(token: str) -> None:
    value = Authorization.parse(f"Basic {token}")
    assert (value.username, value.password) == (None, None)


@pytest.mark.parametrize(("username", "password"), [("a:b", "c"), ("a\x00", "c"), ("a", "\n")])
def test_basic_that_cannot_be_sent_is_refused(username: str, password: str) -> None:
    with pytest.raises(ValueError, match="Basic"):
        Authorization.basic(username, password)


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("Bearer mF_9.B5f-4.1JqM", "mF_9.B5f-4.1JqM"),  # RFC 6750 section 2.1
        ("bearer   abc==", "abc=="),
        ("Bearer 7|abc", "7|abc"),
        ("Bearer a=b; c", ""),
        ("Bearer a b", "a b"),
        ("Bearer a,b", "a,b"),
        ("Bearer", ""),
    ],
)
def test_bearer(text: str, token: str) -> None:
    value = Authorization.parse(text)
    assert (value.scheme, value.token, value.username, value.password) == ("Bearer", token, None, None)


def test_digest() -> None:
    # RFC 7616 section 3.9.1
    text = (
        'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
        'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, '
        'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    value = Authorization.parse(text)
    assert str(value) == text
    assert value.username == "Mufasa"
    assert value.params["URI"] == "/dir/index.html"
    assert "753927" not in repr(value)


def test_the_username_of_digest_in_another_script() -> None:
    # RFC 7616 section 3.9.3
    value = Authorization.parse("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, qop=auth")
    assert value.username == "Jäsøn Doe"
    assert Authorization.parse("Digest username*=broken, username=x").username == "x"
    assert Authorization.parse("Digest").username is None


def test_unknown_schemes() -> None:
    value = Authorization.parse("AWS4-HMAC-SHA256 Credential=AKIA/s3, SignedHeaders=a;b, Signature=f5")
    assert value.scheme == "AWS4-HMAC-SHA256"
    assert value.params == {"credential": "AKIA/s3", "signedheaders": "a;b", "signature": "f5"}


@pytest.mark.parametrize(
    "text", ["", " ", "=", "a@b c", 'Digest a="1", A="2"', "Basic \x00", "Bearer a\r\nb", "Béarer a"]
)
def test_what_are_no_credentials(text: str) -> None:
    with pytest.raises(MalformedHeader, match="Authorization"):
        Authorization.parse(text)


def test_secrets_stay_out_of_sight() -> None:
    for value in (
        Authorization.basic("alice", "hunter2"),
        Authorization.bearer("hunter2"),
        Authorization("Digest", {"response": "hunter2"}),
        Authorization("X", token="hunter2"),
    ):
        assert "hunter2" not in repr(value)
        assert value.token not in repr(value) or not value.token
    assert repr(Authorization.basic("alice", "hunter2")) == "<Authorization Basic username='alice' …>"
    for text in ("Basic hunter2\x00", "hunter2@ x", 'Digest hunter2="1", hunter2="2"'):
        with pytest.raises(MalformedHeader) as caught:
            Authorization.parse(text)
        assert "hunter2" not in f"{caught.value}{caught.value!r}"
    with pytest.raises(ValueError, match="token") as refused:
        Authorization.bearer("hunter2\n")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "arguments",
    [
        {"scheme": ""},
        {"scheme": "a b"},
        {"scheme": "a", "token": "b", "params": {"c": "d"}},
        {"scheme": "a", "token": " b"},
        {"scheme": "a", "token": "b\n"},
        {"scheme": "a", "token": "b=c"},  # would be read as a parameter
        {"scheme": "a", "params": {"b c": "d"}},
        {"scheme": "a", "params": {"b": "\n"}},
    ],
)
@pytest.mark.parametrize("kind", [Authorization, WWWAuthenticate])
def test_what_cannot_be_sent_is_refused(
    kind: type[Authorization | WWWAuthenticate], arguments: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"token|parameter"):
        kind(**arguments)


def test_a_bearer_token_is_not_empty() -> None:
    with pytest.raises(ValueError, match="empty"):
        Authorization.bearer("")


def test_challenges_on_one_line() -> None:
    # RFC 9110 section 11.6.1
    text = 'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""'
    assert WWWAuthenticate.parse_all(text) == [
        WWWAuthenticate("basic", {"realm": "simple"}),
        WWWAuthenticate("newauth", {"realm": "apps", "type": "1", "title": 'Login to "apps"'}),
    ]
    assert WWWAuthenticate.parse("Basic realm=simple") == WWWAuthenticate("Basic", {"realm": "simple"})
    with pytest.raises(MalformedHeader, match="2 challenges"):
        WWWAuthenticate.parse(text)
    with pytest.raises(MalformedHeader, match="0 challenges"):
        WWWAuthenticate.parse(" , ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Negotiate", ["Negotiate"]),
        ("Negotiate, NTLM", ["Negotiate", "NTLM"]),
        ("Negotiate abc==, Basic realm=x", ["Negotiate abc==", 'Basic realm="x"']),
        ('Basic , realm = "a b" ,, Foo', ['Basic realm="a b"', "Foo"]),
        ('Digest qop="auth, auth-int", algorithm=MD5', ['Digest qop="auth, auth-int", algorithm=MD5']),
        ("", []),
    ],
)
def test_lists_of_challenges(text: str, expected: list[str]) -> None:
    assert [str(challenge) for challenge in WWWAuthenticate.parse_all(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        'realm="x"',
        'Basic realm="x", realm="y"',
        'Basic realm="x',
        "Basic a b",
        "Foo abc==, realm=x",
        "a@b",
        'Basic realm="\x00"',
    ],
)
def test_what_are_no_challenges(text: str) -> None:
    with pytest.raises(MalformedHeader, match="WWW-Authenticate"):
        WWWAuthenticate.parse_all(text)


def test_the_challenges_of_several_lines() -> None:
    headers = Headers([("WWW-Authenticate", 'Basic realm="a"'), ("WWW-Authenticate", "Bearer, Negotiate")])
    expected = Challenges(
        [WWWAuthenticate("Basic", {"realm": "a"}), *map(WWWAuthenticate, ["Bearer", "Negotiate"])]
    )
    challenges = headers.read(Challenges)
    assert challenges == expected
    assert hash(challenges) == hash(expected)
    assert challenges != Challenges()
    assert challenges != tuple(expected)
    assert len(expected) == 3
    assert eval(repr(challenges)) == challenges  # noqa: S307  # that is what a repr is for
    headers.write(expected)
    assert headers.items() == [("WWW-Authenticate", 'Basic realm="a", Bearer, Negotiate')]


def test_more_challenges_than_anybody_has() -> None:
    assert len(Challenges.parse("a," * 1000)) == 1000
    with pytest.raises(MalformedHeader, match="more than 1000"):
        Challenges.parse("a," * 1001)


def test_challenges_by_their_constructors() -> None:
    assert str(WWWAuthenticate.basic('a "b"')) == 'Basic realm="a \\"b\\"", charset="UTF-8"'
    assert str(WWWAuthenticate.bearer()) == "Bearer"
    assert str(WWWAuthenticate.bearer(scope="a b")) == 'Bearer scope="a b"'
    assert str(WWWAuthenticate.digest("r", "n", algorithm="MD5", qop="", opaque="o", stale=True)) == (
        'Digest realm="r", algorithm=MD5, nonce="n", opaque="o", stale=true'
    )


def test_equality() -> None:
    challenge = WWWAuthenticate("x", {"a": "b"})
    assert challenge == WWWAuthenticate("X", {"A": "b"})
    assert challenge != WWWAuthenticate("x", {"a": "B"})
    assert challenge != Authorization("x", {"a": "b"})


def test_more_than_a_thousand_parameters_are_none() -> None:
    params = ", ".join(f"p{number}=v" for number in range(1000))
    assert len(Authorization.parse(f"x {params}").params) == 1000
    assert Authorization.parse(f"x {params}, more=v").token == f"{params}, more=v"


def test_what_would_not_be_read_is_not_written() -> None:
    params = {f"p{number}": "v" for number in range(1000)}
    for scheme in (Authorization, WWWAuthenticate):
        most = scheme("x", params)
        assert scheme.parse(str(most)) == most
        with pytest.raises(ValueError, match="more than 1000 parameters"):
            scheme("x", {**params, "more": "v"})
    challenge = WWWAuthenticate("x", params)
    assert Challenges.parse(str(Challenges([challenge]))) == Challenges([challenge])
    with pytest.raises(ValueError, match="more than 1000 challenges and parameters"):
        Challenges([challenge, WWWAuthenticate("y")])


@pytest.mark.parametrize("unit", ["a,", "a=b,", "a b=c,", '"', 'a="b",', "a b,", "=", "a ", '\\"'])
def test_time_is_linear(unit: str) -> None:
    def read(text: str) -> None:
        with suppress(MalformedHeader):
            Authorization.parse("x " + text)
        with suppress(MalformedHeader):
            WWWAuthenticate.parse_all(text)

    assert_linear(read, unit)
