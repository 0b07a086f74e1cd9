"""The grammar of start lines, field lines and chunk lines, each written once, beside its ABNF (RFC 9112).

Text is latin-1, a code point for each octet. Nothing here is lenient: no blank, no fold, no control stands
where the ABNF has none. Every pattern is linear. A section is right when it has as many field lines as lines;
only when it has not is the line looked for that is to blame.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from toolkit.sansio.errors.base import LimitExceeded
from toolkit.sansio.grammar import is_token, trim_ows
from toolkit.sansio.headers import Headers
from toolkit.sansio.http11.errors import MessageError

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105  # RFC 9110 section 5.6.2

# request-line = method SP request-target SP HTTP-version            (RFC 9112 section 3)
# HTTP-version = "HTTP" "/" DIGIT "." DIGIT                          (section 2.3)
_REQUEST_LINE = re.compile(rf"({_TOKEN}) ([\x21-\x7e]+) HTTP/([0-9]\.[0-9])\r\n").fullmatch

# status-line = HTTP-version SP status-code SP [ reason-phrase ]     (section 4)
# The last SP is missing so often that every client does without it.
_STATUS_LINE = re.compile(r"HTTP/([0-9]\.[0-9]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?\r\n").fullmatch

# field-line = field-name ":" OWS field-value OWS                    (section 5)
# What is captured begins where the blanks end: neither part can take the other's characters.
_VALUE = r"(?:[\x21-\x7e\x80-\xff][\t\x20-\x7e\x80-\xff]*)?"
_FIELD_LINES = re.compile(rf"^({_TOKEN}):[ \t]*({_VALUE})\r\n", re.MULTILINE)
_BLANK_AT_END = re.compile(r"[ \t]\r\n").search

# chunk-size = 1*HEXDIG                                              (section 7.1)
# chunk-ext  = *( ";" chunk-ext-name [ "=" chunk-ext-val ] )         (section 7.1.1, without its BWS)
# 16 digits write every 64-bit size.
_QUOTED = r'"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"'
_CHUNK_LINE = re.compile(rf"([0-9A-Fa-f]{{1,16}})((?:;{_TOKEN}(?:=(?:{_TOKEN}|{_QUOTED}))?)*)\r\n").fullmatch


class RequestLine(NamedTuple):
    """What a request line says; `version` is `"1.0"`, `"1.1"` or a later 1.x."""

    method: str
    target: str
    version: str


class StatusLine(NamedTuple):
    """What a status line says."""

    status: int
    reason: str
    version: str


def parse_request_line(line: str) -> RequestLine:
    r"""The parts of a request line, its CRLF included. `MessageError`, with 505 for any major version but 1.

    >>> parse_request_line("GET /users?id=7 HTTP/1.1\r\n")
    RequestLine(method='GET', target='/users?id=7', version='1.1')
    """
    match = _REQUEST_LINE(line)
    if match is None:
        raise MessageError(
            "request line", "it is a method, a target and HTTP/1.1, with one space between them", line
        )
    method, target, version = match.groups()
    _check_version("request line", version, line)
    return RequestLine(method, target, version)


def parse_status_line(line: str) -> StatusLine:
    r"""The parts of a status line, its CRLF included. `MessageError`.

    >>> parse_status_line("HTTP/1.1 404 Not Found\r\n")
    StatusLine(status=404, reason='Not Found', version='1.1')
    """
    match = _STATUS_LINE(line)
    if match is None:
        raise MessageError("status line", "it is HTTP/1.1, a number from 100 to 999 and a phrase", line)
    version, status, reason = match.groups("")
    _check_version("status line", version, line)
    return StatusLine(int(status), reason, version)


def _check_version(part: str, version: str, line: str) -> None:
    """A later minor version is one that 1.1 can read (RFC 9110 section 2.5); another major one is not."""
    if version[0] != "1":
        raise MessageError(part, "the versions spoken here are HTTP/1.0 and HTTP/1.1", line, status=505)


def parse_section(text: str, part: str, *, max_fields: int) -> Headers:
    r"""The fields of a header or trailer section, with the empty line that ends it.

    Raises `LimitExceeded` (431) for more than `max_fields` lines, `MessageError` for a line that is none.

    >>> parse_section("Host: example.org\r\nX-Empty:\r\n\r\n", "header section", max_fields=100)
    Headers([('Host', 'example.org'), ('X-Empty', '')])
    """
    count = text.count("\r\n") - 1
    if count > max_fields:
        raise LimitExceeded("max_fields", max_fields, count, status=431)
    pairs: list[tuple[str, str]] = _FIELD_LINES.findall(text)
    if len(pairs) != count:
        raise _blame(text, part)
    if _BLANK_AT_END(text):
        pairs = [(name, trim_ows(value)) for name, value in pairs]
    return Headers.adopt(pairs)


def _blame(text: str, part: str) -> MessageError:
    """The error of the first line of a section that is not a field line. There is one."""
    lines = [line + "\r\n" for line in text.split("\r\n")[:-2]]
    line = next(line for line in lines if _FIELD_LINES.fullmatch(line) is None)
    if line[0] in " \t":
        return MessageError(part, "a line may not be folded onto the next one", line)
    name, colon, _ = line.partition(":")
    if not colon:
        return MessageError(part, "a line is a name, a colon and a value", line)
    if not is_token(name):
        return MessageError(
            part, "a name is letters, digits and !#$%&'*+-.^_`|~, right before its colon", line
        )
    return MessageError(part, "a value has no control characters but HTAB", line)


def parse_chunk_line(line: str) -> tuple[int, int]:
    r"""The size of a chunk, and that of its extensions, both in bytes, from its line with the CRLF.

    >>> parse_chunk_line('1f;name="a value"\r\n')
    (31, 15)
    """
    return _cached_chunk_line(line) if len(line) < 20 else _parse_chunk_line(line)


def _parse_chunk_line(line: str) -> tuple[int, int]:
    match = _CHUNK_LINE(line)
    if match is None:
        raise MessageError(
            "chunk", "its line is 1 to 16 hexadecimal digits and ;name=value extensions, without blanks", line
        )
    return int(match[1], 16), len(match[2])


# PERF: most chunks of a message have the same size (benchmarks/http11.py::upload)
_cached_chunk_line = lru_cache(maxsize=64)(_parse_chunk_line)
