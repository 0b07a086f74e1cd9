r"""Authentication: Authorization and WWW-Authenticate (RFC 9110 section 11).

::

    Authorization    = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
    WWW-Authenticate = 1#( auth-scheme [ 1*SP ( token68 / #auth-param ) ] )
    auth-scheme      = token
    auth-param       = token BWS "=" BWS ( token / quoted-string )
    token68          = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="

Basic is RFC 7617, Bearer is RFC 6750, Digest is RFC 7616. Nothing here decides whether anybody may do
anything: it tells what was said. Proxy-Authorization and Proxy-Authenticate have the same grammars.
"""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from toolkit.sansio.errors.base import MalformedHeader
from toolkit.sansio.fields.lists import MAX_MEMBERS, split_list
from toolkit.sansio.fields.parameters import Parameters, decode_ext_value, quote_string
from toolkit.sansio.grammar import OWS, is_field_value, is_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from typing_extensions import Self

_TOKEN68 = re.compile(r"[0-9A-Za-z\-._~+/]+=*").fullmatch
_BASE64 = re.compile(r"(?:[0-9A-Za-z+/]{4})*(?:[0-9A-Za-z+/]{2}==|[0-9A-Za-z+/]{3}=)?").fullmatch
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]").search

# A name and "=" that something follows. `abc=` is no parameter: the "=" pads a token68.
_PARAM = re.compile(
    r"""([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^" \t][^"]*))""", re.DOTALL
).fullmatch
_unescape = re.compile(r"\\(.)", re.DOTALL).sub

# Parameters that must be sent without quotes (RFC 7616 sections 3.3 and 3.4); all others are sent with.
_UNQUOTED = frozenset({"algorithm", "nc", "stale", "userhash"})
_NO_PARAMS = Parameters()
_SPELLINGS = {scheme.lower(): scheme for scheme in ("Basic", "Bearer", "Digest", "DPoP", "Negotiate")}


class _Scheme:
    """What both fields are: a scheme, and with it either a token or parameters, or neither.

    Schemes compare without regard to case; the well-known ones are kept as their RFCs spell them.
    """

    __slots__ = ("_params", "_scheme", "_token")

    field_name: ClassVar[str]
    _unquoted: ClassVar[frozenset[str]] = _UNQUOTED

    def __init__(self, scheme: str, params: Mapping[str, str] | None = None, *, token: str = "") -> None:
        if not is_token(scheme):
            raise ValueError(f"an authentication scheme is a token, not {scheme!r}")
        self._scheme = _SPELLINGS.get(scheme.lower(), scheme)
        self._params = params if isinstance(params, Parameters) else Parameters(params)
        self._token = token
        if token and self._params:
            raise ValueError("a token or parameters: not both")
        if token and not self._is_token(token):
            raise ValueError("a token with characters that it cannot be sent with")
        if len(self._params) > MAX_MEMBERS:
            raise ValueError(f"more than {MAX_MEMBERS} parameters: nobody reads as many")
        for text in self._params.values():
            if not is_field_value(text):
                raise ValueError(f"a parameter cannot be {text!r}")

    @property
    def scheme(self) -> str:
        """The authentication scheme, such as `Basic`."""
        return self._scheme

    @property
    def token(self) -> str:
        """What follows the scheme, where it is not parameters; empty if nothing is."""
        return self._token

    @property
    def params(self) -> Parameters:
        """The parameters by their names."""
        return self._params

    @staticmethod
    def _is_token(token: str) -> bool:
        """Whether `token` can be sent, and will be read as the token it is."""
        return _TOKEN68(token) is not None

    @classmethod
    def _of(cls, scheme: str, params: Mapping[str, str], token: str) -> Self:
        """The value of a scheme and what comes with it, all known to be good."""
        value = cls.__new__(cls)
        value._scheme = _SPELLINGS.get(scheme.lower(), scheme)  # noqa: SLF001  # it is our own
        value._params = Parameters(params) if params else _NO_PARAMS  # noqa: SLF001  # the same
        value._token = token  # noqa: SLF001  # the same
        return value

    def _identity(self) -> tuple[str, str, Parameters]:
        return self._scheme.lower(), self._token, self._params

    def __eq__(self, other: object) -> bool:
        return self._identity() == other._identity() if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._identity())

    def __str__(self) -> str:
        params = ", ".join(
            f"{name}={text}" if name in self._unquoted and is_token(text) else f"{name}={quote_string(text)}"
            for name, text in self._params.items()
        )
        return f"{self._scheme} {self._token or params}".rstrip(" ")


class Authorization(_Scheme):
    """The credentials of a request: a scheme, and with it a token or parameters.

    Make them with `basic` and `bearer`, or any others by the name of their scheme. Raises ValueError
    for what cannot be sent. `str` gives them away, for the wire; `repr` does not, for logs and tracebacks,
    and therefore cannot be pasted back. To compare secrets use `hmac.compare_digest`, not `==`.

    >>> Authorization.basic("Aladdin", "open sesame")
    <Authorization Basic username='Aladdin' …>
    >>> str(Authorization.bearer("mF_9.B5f-4.1JqM"))
    'Bearer mF_9.B5f-4.1JqM'
    """

    __slots__ = ()

    field_name: ClassVar[str] = "Authorization"
    _unquoted = _UNQUOTED | {"qop"}

    @classmethod
    def basic(cls, username: str, password: str) -> Self:
        """Basic credentials, in UTF-8 (RFC 7617). ValueError for a colon in `username`, and for controls.

        >>> str(Authorization.basic("test", "123£"))
        'Basic dGVzdDoxMjPCow=='
        """
        if ":" in username or _CONTROLS(username + password):
            raise ValueError("no colon in a username of Basic, and no control characters")
        octets = f"{username}:{password}".encode()
        return cls("Basic", token=b2a_base64(octets, newline=False).decode("ascii"))

    @classmethod
    def bearer(cls, token: str) -> Self:
        """A bearer token (RFC 6750)."""
        if not token:
            raise ValueError("a bearer token is not empty")
        return cls("Bearer", token=token)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The credentials of `text`. Raises MalformedHeader without a scheme, and for a repeated parameter.

        What is neither a token68 nor parameters (1000 at most) is kept as the token, for there are such
        bearer tokens; and a parameter without quotes may have any characters but quotes and commas.

        >>> Authorization.parse("bearer 7|abc").token
        '7|abc'
        >>> Authorization.parse('Digest username="Mufasa", qop=auth, nc=00000001').params["nc"]
        '00000001'
        """
        scheme, _, rest = text.strip(OWS).partition(" ")
        if not is_token(scheme) or not is_field_value(rest):
            raise MalformedHeader(cls.field_name, _redact(scheme), "not a scheme with credentials")
        token, params = _read_credentials(rest.strip(OWS))
        names = {name.lower() for name, _ in params}
        if len(names) < len(params):
            raise MalformedHeader(cls.field_name, _redact(scheme), "a parameter comes twice")
        return cls._of(scheme, dict(params), token)

    @property
    def username(self) -> str | None:
        """Who is said to ask: by Basic, or by a parameter `username` or `username*`; None where nobody is.

        Basic credentials that are no base64 of UTF-8 with a colon say nothing: refuse them with 401, as any
        that are wrong (RFC 9110 section 15.5.2).
        """
        if self._scheme == "Basic":
            return self._decode_basic()[0]
        extended = decode_ext_value(self._params.get("username*", ""))
        return extended.text if extended else self._params.get("username")

    @property
    def password(self) -> str | None:
        """The password of Basic credentials; None for other schemes, and where `username` is None."""
        return self._decode_basic()[1] if self._scheme == "Basic" else None

    def _decode_basic(self) -> tuple[str, str] | tuple[None, None]:
        """Username and password (RFC 7617 section 2)."""
        if not _BASE64(self._token):
            return None, None
        try:
            text = a2b_base64(self._token).decode()
        except UnicodeDecodeError:
            return None, None
        username, colon, password = text.partition(":")
        return (username, password) if colon and not _CONTROLS(text) else (None, None)

    @staticmethod
    @override
    def _is_token(token: str) -> bool:
        return is_field_value(token) and token == token.strip(OWS) and _read_credentials(token)[0] == token

    def __repr__(self) -> str:
        username = f" username={self.username!r}" if self.username is not None else ""
        return f"<Authorization {self._scheme}{username} …>"


class WWWAuthenticate(_Scheme):
    """A challenge: a scheme that would do, and with it a token or parameters.

    Make one with `basic`, `bearer` or `digest`, or any other by the name of its scheme. A field may hold
    several: see `Challenges`.
    Raises ValueError for what cannot be sent.

    >>> str(WWWAuthenticate("Newauth", {"realm": "apps", "type": "1"}))
    'Newauth realm="apps", type="1"'
    """

    __slots__ = ()

    field_name: ClassVar[str] = "WWW-Authenticate"

    @classmethod
    def basic(cls, realm: str) -> Self:
        """A challenge for Basic, in UTF-8 (RFC 7617 section 2.1).

        >>> str(WWWAuthenticate.basic("WallyWorld"))
        'Basic realm="WallyWorld", charset="UTF-8"'
        """
        return cls("Basic", {"realm": realm, "charset": "UTF-8"})

    @classmethod
    def bearer(
        cls, realm: str = "", *, scope: str = "", error: str = "", error_description: str = ""
    ) -> Self:
        """A challenge for a bearer token (RFC 6750 section 3); what is empty is left out.

        >>> str(WWWAuthenticate.bearer("example", error="invalid_token"))
        'Bearer realm="example", error="invalid_token"'
        """
        params = {"realm": realm, "scope": scope, "error": error, "error_description": error_description}
        return cls("Bearer", {name: text for name, text in params.items() if text})

    @classmethod
    def digest(
        cls,
        realm: str,
        nonce: str,
        *,
        algorithm: str = "SHA-256",
        qop: str = "auth",
        opaque: str = "",
        stale: bool = False,
    ) -> Self:
        """Digest (RFC 7616 section 3.3). Making `nonce` fresh and unguessable is up to the caller.

        >>> str(WWWAuthenticate.digest("api@example.org", "7ypf/xlj9X"))
        'Digest realm="api@example.org", qop="auth", algorithm=SHA-256, nonce="7ypf/xlj9X"'
        """
        params = {"realm": realm, "qop": qop, "algorithm": algorithm, "nonce": nonce, "opaque": opaque}
        chosen = {name: text for name, text in params.items() if text or name in ("realm", "nonce")}
        return cls("Digest", chosen | ({"stale": "true"} if stale else {}))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The challenge of `text`. Raises MalformedHeader unless there is exactly one; see `Challenges`."""
        challenges = cls.parse_all(text)
        if len(challenges) != 1:
            count = len(challenges)
            raise MalformedHeader(cls.field_name, text, f"{count} challenges; Challenges reads several")
        return challenges[0]

    @classmethod
    def parse_all(cls, text: str) -> list[Self]:
        """The challenges of `text`, in order. Raises MalformedHeader for any other text.

        More than 1000 challenges and parameters are refused as well: no server offers so many.

        >>> for challenge in WWWAuthenticate.parse_all('Newauth realm="a, b", type=1, Basic realm="c"'):
        ...     print(repr(challenge))
        WWWAuthenticate('Newauth', {'realm': 'a, b', 'type': '1'})
        WWWAuthenticate('Basic', {'realm': 'c'})
        """
        found: list[tuple[str, str, dict[str, str]]] = []
        members = split_list(text)
        if len(members) > MAX_MEMBERS:
            raise MalformedHeader(cls.field_name, text, f"more than {MAX_MEMBERS} challenges and parameters")
        for member in members:
            param = _read_param(member)
            if param is None:
                scheme, _, rest = member.partition(" ")
                rest = rest.strip(OWS)
                token = rest if _TOKEN68(rest) else ""
                param = _read_param(rest) if rest and not token else None
                if not is_token(scheme) or (rest and not token and param is None):
                    raise MalformedHeader(cls.field_name, text, "neither a challenge nor a parameter of one")
                found.append((scheme, token, {}))
            if param is not None:
                name, value = param
                if not found or found[-1][1] or name in found[-1][2] or not is_field_value(value):
                    raise MalformedHeader(cls.field_name, text, f"a parameter out of place: {name}")
                found[-1][2][name] = value
        return [cls._of(scheme, params, token) for scheme, token, params in found]

    def __repr__(self) -> str:
        token = f", token={self._token!r}" if self._token else ""
        params = f", {dict(self._params)!r}" if self._params else ""
        return f"WWWAuthenticate({self._scheme!r}{params}{token})"


class Challenges:
    """All challenges of a WWW-Authenticate, in order, of which a client takes one that it can. Immutable.

    They may share a line or have several (RFC 9110 section 11.6.1). ValueError for more than 1000 challenges
    and parameters.

    >>> challenges = Challenges([WWWAuthenticate("Basic", {"realm": "a"}), WWWAuthenticate.bearer()])
    >>> str(challenges), [challenge.scheme for challenge in challenges]
    ('Basic realm="a", Bearer', ['Basic', 'Bearer'])
    """

    __slots__ = ("_challenges",)

    field_name: ClassVar[str] = "WWW-Authenticate"

    def __init__(self, challenges: Iterable[WWWAuthenticate] = ()) -> None:
        self._challenges = tuple(challenges)
        if sum(max(1, len(challenge.params)) for challenge in self._challenges) > MAX_MEMBERS:
            raise ValueError(f"more than {MAX_MEMBERS} challenges and parameters: nobody reads as many")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The challenges of `text`. Raises MalformedHeader for any other text.

        >>> Challenges.parse('Basic realm="a", Negotiate')
        Challenges([WWWAuthenticate('Basic', {'realm': 'a'}), WWWAuthenticate('Negotiate')])
        """
        return cls(WWWAuthenticate.parse_all(text))

    def __iter__(self) -> Iterator[WWWAuthenticate]:
        return iter(self._challenges)

    def __len__(self) -> int:
        return len(self._challenges)

    def __eq__(self, other: object) -> bool:
        return self._challenges == other._challenges if isinstance(other, Challenges) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._challenges)

    def __str__(self) -> str:
        return ", ".join(map(str, self._challenges))

    def __repr__(self) -> str:
        return f"Challenges({list(self._challenges)!r})"


def _read_param(member: str) -> tuple[str, str] | None:
    """The name, in lower case, and the text of a parameter; None for what is none."""
    match = _PARAM(member)
    if match is None:
        return None
    name, quoted, plain = match.groups()
    return name.lower(), plain.rstrip(OWS) if quoted is None else _unescape(r"\1", quoted)


def _read_credentials(rest: str) -> tuple[str, list[tuple[str, str]]]:
    """The token, or else the parameters, of credentials."""
    if not rest or _TOKEN68(rest):
        return rest, []
    params: list[tuple[str, str]] = []
    members = split_list(rest)
    if len(members) > MAX_MEMBERS:  # no scheme has so many parameters
        return rest, []
    for member in members:
        param = _read_param(member)
        if param is None:
            return rest, []
        params.append(param)
    return "", params


def _redact(scheme: str) -> str:
    """What of malformed credentials may stand in an error: nothing that could be a secret."""
    return f"{scheme} …" if _SPELLINGS.get(scheme.lower()) else "…"
