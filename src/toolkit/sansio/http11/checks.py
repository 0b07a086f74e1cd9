"""What a head must be besides well formed, so that everyone on its way reads it alike (RFC 9112).

Each function takes what was parsed and returns what it means, or raises a `MessageError`. Where the RFC
leaves a choice between repairing and refusing, we refuse: what is repaired in one program and not in the next
is how requests are smuggled.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from toolkit.sansio.errors.base import LimitExceeded, MalformedURL
from toolkit.sansio.fields.lists import split_list
from toolkit.sansio.grammar import is_token, parse_digits
from toolkit.sansio.http11.errors import MessageError
from toolkit.sansio.http11.events import RequestReceived
from toolkit.sansio.url.syntax import split_authority

if TYPE_CHECKING:
    from toolkit.sansio.headers import Headers, HeadersView
    from toolkit.sansio.http11.lines import RequestLine
    from toolkit.sansio.limits import ConnectionLimits

# origin-form   = absolute-path [ "?" query ]                        (RFC 9112 section 3.2.1)
# absolute-form = absolute-URI                                       (section 3.2.2)
# To the characters of RFC 3986 come those that browsers leave as they are: "|", "[", "]" and "^" in a path,
# in a query everything visible but `"`, "#", "<" and ">", and "%" without digits.
_PATH = r"[A-Za-z0-9\-._~!$&'()*+,;=:@/|\[\]^]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~!$&'()*+,;=:@/|\[\]^]*)*"
_QUERY = r"(?:\?[\x21\x24-\x3b=\x3f-\x7e]*)?"
_ORIGIN_FORM = re.compile(rf"/{_PATH}{_QUERY}").fullmatch
_ABSOLUTE_FORM = re.compile(rf"https?://([^/?#]*)(?:/{_PATH})?{_QUERY}", re.IGNORECASE).fullmatch

# What may not be a trailer (RFC 9110 section 6.5.1): message framing, routing, request modifiers,
# authentication with its cookies, content format, and response controls.
_NO_TRAILERS: Final = frozenset((
    "transfer-encoding", "content-length", "connection", "keep-alive", "proxy-connection", "te", "trailer",
    "upgrade", "host", "forwarded", "max-forwards", "cache-control", "pragma", "expect", "range", "if-match",
    "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "authorization", "cookie",
    "proxy-authorization", "www-authenticate", "proxy-authenticate", "authentication-info", "set-cookie",
    "proxy-authentication-info", "content-encoding", "content-type", "content-range", "age", "date",
    "expires", "location", "retry-after", "vary", "warning",
))  # fmt: skip


class Framing(NamedTuple):
    """How the fields of a head say where its content ends: `length` in bytes, or chunked, or neither."""

    length: int | None
    chunked: bool


_UNSAID: Final = Framing(None, chunked=False)
_CHUNKED: Final = Framing(None, chunked=True)


def check_request(line: RequestLine, headers: Headers, limits: ConnectionLimits) -> RequestReceived:
    """The head of a request, when everything about it is right."""
    method, target, version = line
    check_target(method, target)
    _check_host(headers, version)
    length: int | None = 0
    # PERF: most requests have neither (benchmarks/http11.py::exchange)
    if "Content-Length" in headers or "Transfer-Encoding" in headers:
        framing = declared_framing(headers, version, max_body=limits.max_body)
        length = None if framing.chunked else framing.length or 0
    options = connection_options(headers)
    is_1_0 = version == "1.0"
    return RequestReceived(
        method,
        target,
        headers,
        version,
        length,
        # "A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that
        # expectation" (RFC 9110 section 10.1.1).
        expects_continue=not is_1_0 and _expects_continue(headers) and length != 0,
        keeps_alive=not is_1_0 and "close" not in options,
        upgrade=_upgrade(headers) if "upgrade" in options and not is_1_0 else (),
    )


def check_target(method: str, target: str) -> None:
    """Refuse a target that is not of a form for its method (RFC 9112 section 3.2)."""
    if method == "CONNECT":
        _, colon, port = target.rpartition(":")
        # authority-form = uri-host ":" port
        if not (colon and port and _is_authority(target)):
            raise MessageError("request target", "CONNECT takes a host and a port", target)
    elif target.startswith("/"):
        if _ORIGIN_FORM(target) is None:
            raise MessageError(
                "request target", "a path or query has a character that must be escaped", target
            )
    elif target == "*":
        if method != "OPTIONS":
            raise MessageError("request target", "'*' is for OPTIONS only", target)
    else:
        match = _ABSOLUTE_FORM(target)
        if match is None or not _is_authority(match[1]):
            raise MessageError("request target", "it is a path, an http or https URL, or '*'", target)


def _check_host(headers: HeadersView, version: str) -> None:
    """One Host, and a valid one; HTTP/1.0 may do without (RFC 9112 section 3.2)."""
    lines = headers.getlist("Host")
    if len(lines) > 1 or not (lines or version == "1.0"):
        raise MessageError("Host", f"a request has one Host, this one has {len(lines)}")
    if lines and not _is_authority(lines[0]):
        raise MessageError("Host", "it is a host name or an IP address, and maybe a port", lines[0])


def _is_authority(text: str) -> bool:
    """Whether `text` is `uri-host [ ":" port ]` with a host, as an http URL has it, without a user."""
    return _is_short_authority(text) if len(text) < 256 else _split_authority(text)


def _split_authority(text: str) -> bool:
    # A comma may be in a name, but it is what two fields look like that were joined on the way.
    try:
        return text.isascii() and "," not in text and split_authority(text, "http", text).userinfo is None
    except MalformedURL:
        return False


# PERF: the requests of a connection have the same Host (benchmarks/server.py::small)
_is_short_authority = lru_cache(maxsize=64)(_split_authority)


def declared_framing(headers: HeadersView, version: str, *, max_body: int | None = None) -> Framing:
    """What the fields say about the end of the content (RFC 9112 sections 6.1 to 6.3).

    What two recipients could read differently is refused: Content-Length beside Transfer-Encoding, more
    than one Content-Length even where all are equal, chunked in HTTP/1.0. Codings other than chunked alone
    are not implemented (501); a length above `max_body` is too large (413).
    """
    codings = headers.combined("Transfer-Encoding")
    lengths = headers.getlist("Content-Length")
    if codings is not None:
        if lengths:
            raise MessageError("Content-Length", "a message has it or Transfer-Encoding, not both")
        if version == "1.0":
            raise MessageError("Transfer-Encoding", "HTTP/1.0 has none", codings)
        if codings.lower() != "chunked":
            raise _unknown_codings(codings)
        return _CHUNKED
    if not lengths:
        return _UNSAID
    length = parse_digits(lengths[0])
    if len(lengths) > 1 or length is None:
        raise MessageError("Content-Length", "it is up to 19 digits, once", ", ".join(lengths))
    if max_body is not None and length > max_body:
        raise LimitExceeded("max_body", max_body, length)
    return Framing(length, chunked=False)


def _unknown_codings(codings: str) -> MessageError:
    """The error of a Transfer-Encoding but chunked alone: 400 where no server could read it, else 501."""
    names = split_list(codings.lower())
    if names and all(map(is_token, names)) and "chunked" not in names[:-1] and names != ["chunked"]:
        return MessageError("Transfer-Encoding", "only chunked alone is implemented", codings, status=501)
    return MessageError("Transfer-Encoding", "it is a list of names, and chunked is the last, once", codings)


def connection_options(headers: HeadersView) -> set[str]:
    """The options of the Connection field, in lower case (RFC 9110 section 7.6.1)."""
    if "Connection" not in headers:
        return set()
    return {option.lower() for option in split_list(headers.combined("Connection") or "")}


def _expects_continue(headers: HeadersView) -> bool:
    """Whether the client waits for a 100; 417 for any other expectation (RFC 9110 section 10.1.1)."""
    if "Expect" not in headers:
        return False
    expectation = headers.combined("Expect") or ""
    if expectation.lower() != "100-continue":
        raise MessageError("Expect", "100-continue is the only expectation", expectation, status=417)
    return True


def _upgrade(headers: HeadersView) -> tuple[str, ...]:
    return tuple(protocol.lower() for protocol in split_list(headers.combined("Upgrade") or ""))


def forbidden_trailer(trailers: HeadersView) -> str | None:
    """The first name that may not be in a trailer section; None when all may (RFC 9110 section 6.5.1)."""
    return next((name for name in trailers if name.lower() in _NO_TRAILERS), None)


def check_trailers(trailers: Headers) -> Headers:
    """The trailers received, when all of them may be there."""
    name = forbidden_trailer(trailers)
    if name is not None:
        raise MessageError("trailer section", f"{name} may not be a trailer (RFC 9110 section 6.5.1)")
    return trailers
