"""Raw requests made from the rules of RFC 9110 and RFC 9112, each with what must become of it.

The valid ones are one request each; an invalid one breaks one rule, and has the status that it deserves.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = b"POST / HTTP/1.1\r\nHost: example.org\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
TCHARS = "!#$%&'*+-.^_`|~09azAZ"


class Valid(NamedTuple):
    """A request that must be taken, with its content."""

    name: str
    raw: bytes
    content: bytes = b""


class Invalid(NamedTuple):
    """A request that must be refused."""

    name: str
    raw: bytes
    status: int = 400


def get(target: str = "/", *fields: str, method: str = "GET", version: str = "HTTP/1.1") -> bytes:
    lines = [f"{method} {target} {version}", *(fields or ["Host: example.org"]), "", ""]
    return "\r\n".join(lines).encode("latin-1")


TARGETS = {
    "path": "/a/b/c", "empty segments": "//a//", "dots": "/a/../b/.", "escapes": "/%41%2f%ff",
    "sub-delims": "/!$&'()*+,;=:@-._~", "left by browsers": "/|[]^", "query": "/?a=b&c", "empty query": "/?",
    "query left by browsers": "/?a[]={x}|`^\\%", "query with slashes": "/?a/b?c",
    "absolute": "http://example.org/a?b", "absolute https": "https://example.org:8443",
    "absolute upper case": "HTTP://EXAMPLE.ORG/", "absolute IPv6": "http://[::1]:80/",
    "absolute without path": "http://example.org?q",
}  # fmt: skip
BAD_TARGETS = {
    "relative": "a/b", "fragment": "/a#b", "quote": '/a"b', "less than": "/a<b", "brace in path": "/{a}",
    "backslash in path": "/a\\b", "lone percent in path": "/%", "half an escape": "/%4", "no digits": "/%zz",
    "fragment in query": "/?a#b", "quote in query": '/?a="b"', "greater than in query": "/?a>b",
    "two spaces": "/a b",
    "tab": "/a\tb", "delete": "/a\x7fb", "octet": "/caf\xe9", "authority": "example.org:80", "colon": ":",
    "asterisk": "*", "asterisk and more": "*/", "user": "http://me@example.org/",
    "other scheme": "ftp://example.org/",
    "javascript": "javascript:alert(1)", "no host": "http:///a", "no slashes": "http:a",
    "bad port": "http://a:b/",
    "port above 65535": "http://a:65536/", "absolute with fragment": "http://a/#b", "question": "?a",
    "absolute with escape in host": "http://a%62c/", "network path": "://a",
}  # fmt: skip
HOSTS = ["example.org", "example.org:80", "EXAMPLE.ORG:", "127.0.0.1:8000", "[::1]", "[2001:db8::1]:443",
         "localhost", "a_b.example", "xn--mnchen-3ya.example", "example.org."]  # fmt: skip
BAD_HOSTS = ["", "a/b?c", "a@b", "a b", "a,b", "http://a", "a:b", "a:65536", "a:-1", "[::1", "::1",
"[::1]x", "a#b",
             "a\\b", "m\xfcnchen.example", "%61", "a%00b", ":80", "[v1.x]", "[fe80::1%25eth0]", "0x7f.1",
             'a"b',
             "1.2.3", "a:80:80", "<a>"]  # fmt: skip
VALUES = ["", "a", "a b", "a\tb", "\xff\x80", '"quoted, text"', "a:b", "(comment)", "=?;,", "a" * 1000]
CHUNK_LINES = ["5", "05", "0000000000000005", "5;a", "5;a=b", '5;a="b c\\"d"', "5;a=b;c;d=e", '5;a=""']
BAD_CHUNK_LINES = [
    "", " 5", "5 ", "5\t", "+5", "-5", "0x5", "5_0", "5h", "5,", "5;", "5; a", "5 ;a", "5;a =b", "5;a= b",
    "5;a=",
    "5;=b", "5;a=b;", '5;a="b', '5;a="b"c', "5;a=b c", "5;a\x00", "5;a\x7f", "5\r", "5\x00", "\x0b5",
    "5;a\rb",
    "00000000000000005", "\xb25", "5.", "5;a=(b)", "5;a/b",
]  # fmt: skip
BAD_LENGTHS = ["", "a", "+5", "-5", "5 5", "5,5", "5, 5", "5,6", "0x5", "5.0", "5_0", '"5"', "\xb25",
"5;", "1e1",
               "12345678901234567890", "5\x00"]  # fmt: skip
BAD_CODINGS = {"gzip": 501, "gzip, chunked": 501, "identity": 501, "chunked, chunked": 400,
"chunked, gzip": 400,
               "": 400, "chunked,": 400, ", chunked": 400, '"chunked"': 400, "chunked;a=b": 400,
               "\x0bchunked": 400,
               "x chunked": 400, "xchunked": 501, "chunked\x00": 400, "chunke\xe4": 400}  # fmt: skip
BAD_TRAILERS = ["Content-Length: 5", "Transfer-Encoding: chunked", "Host: a", "content-encoding: gzip",
                "Authorization: Basic eDp5", "Cookie: a=b", "Set-Cookie: a=b", "TE: trailers", "Trailer: X",
                "Connection: close", "If-Match: *", "Range: bytes=0-", "Expect: 100-continue",
                "Cache-Control: no-cache", "Max-Forwards: 1", "Content-Type: text/html",
                "Content-Range: x"]  # fmt: skip


def cases() -> list[Valid | Invalid]:
    """All of them."""
    return [*valid(), *invalid()]


def valid() -> Iterator[Valid]:
    """Requests that every server must take."""
    for name, target in TARGETS.items():
        yield Valid(f"target {name}", get(target))
    yield Valid("target asterisk", get("*", method="OPTIONS"))
    for target in ("example.org:443", "[::1]:80"):
        yield Valid(f"CONNECT {target}", get(target, method="CONNECT"))
    for method in ("GET", "PUT", "QUERY", "get", "M-SEARCH", TCHARS):
        yield Valid(f"method {method}", get(method=method))
    for host in HOSTS:
        yield Valid(f"host {host}", get("/", f"Host: {host}"))
    for value, before, after in product(VALUES, ("", " ", "\t \t"), ("", " \t ")):
        yield Valid(
            f"value {value[:20]!r} {before!r} {after!r}", get("/", "Host: a", f"X:{before}{value}{after}")
        )
    yield Valid("names of every character", get("/", "hOST: a", f"{TCHARS}: x", "x: 1", "X: 2"))
    yield Valid("100 fields", get("/", "Host: a", *[f"X-{n}: {n}" for n in range(99)]))
    yield Valid("an empty line before it", b"\r\n" + get())
    yield Valid("HTTP/1.0", get(version="HTTP/1.0"))
    yield Valid("HTTP/1.0 without host", b"GET / HTTP/1.0\r\n\r\n")
    yield Valid("HTTP/1.0 with an unknown expectation", get("/", "Expect: x", version="HTTP/1.0"))
    yield Valid("HTTP/1.0 with content", b"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", b"hi")
    yield Valid("a later minor version", get(version="HTTP/1.9"))
    for length in ("5", "05", "0000000000000000005"):
        raw = HEAD + f"Content-Length: {length}\r\n\r\nhello".encode()
        yield Valid(f"length {length}", raw, b"hello")
    yield Valid("length 0", HEAD + b"Content-Length: 0\r\n\r\n")
    for coding in ("chunked", "CHUNKED", "Chunked \t"):
        raw = HEAD + f"Transfer-Encoding: {coding}\r\n\r\n3\r\na\r\n\r\n0\r\n\r\n".encode()
        yield Valid(f"coding {coding!r}", raw, b"a\r\n")
    for line in CHUNK_LINES:
        yield Valid(f"chunk {line}", CHUNKED + line.encode() + b"\r\nhello\r\n0\r\n\r\n", b"hello")
    yield Valid("last chunk of zeros", CHUNKED + b"0000;x\r\n\r\n")
    yield Valid("many chunks",
    CHUNKED + b"1\r\na\r\n" * 30 + b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
                b"a" * 30 + b"0123456789" * 2)  # fmt: skip
    yield Valid("trailers", CHUNKED + b'1\r\na\r\n0\r\nX-Sum: 1\r\nETag: "a" \r\n\r\n', b"a")
    yield Valid("expectation", HEAD + b"Expect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi", b"hi")


def invalid() -> Iterator[Invalid]:
    """Requests that no server may take."""
    for name, target in BAD_TARGETS.items():
        yield Invalid(f"target {name}", get(target))
    for target in ("/", "*", "http://a/", "a", "a:", ":80", "a:b", "a@b:80", "a:80/"):
        yield Invalid(f"CONNECT {target}", get(target, method="CONNECT"))
    yield Invalid("OPTIONS **", get("**", method="OPTIONS"))
    for method in ("", "G ET", "GE(T", "G\xcbT", "G\x00T", "GET\t", '"GET"', "G:T", "@", "\xa0"):
        yield Invalid(f"method {method!r}", get(method=method))
    for host in BAD_HOSTS:
        yield Invalid(f"host {host!r}", get("/", f"Host: {host}"))
        yield Invalid(f"host {host!r} in HTTP/1.0", get("/", f"Host: {host}", version="HTTP/1.0"))
    for version in ("HTTP/0.9", "HTTP/2.0", "HTTP/3.0", "HTTP/0.0", "HTTP/9.9"):
        yield Invalid(version, get(version=version), 505)
    for version in ("", "HTTP", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/1.10", "HTTP/01.1", "HTTP/1,1",
    "http/1.1",
                    "HTTPS/1.1", "HTTP/1.1 ", " HTTP/1.1", "HTTP/1.1\t", "HTTP/\xb9.1", "ICY/1.1",
                    "HTTP/-1.1"):  # fmt: skip
        yield Invalid(f"version {version!r}", get(version=version))
    yield from _invalid_lines()
    yield from _invalid_framing()
    yield from _over_limits()


def _invalid_lines() -> Iterator[Invalid]:
    for control in [*range(9), *range(10, 32), 127]:
        for place in ("a%sb", "%sa", "a%s"):
            yield Invalid(f"control {control} in {place}", get("/", "Host: a", "X:" + place % chr(control)))
    for name in (
        "",
        "X ",
        "X\t",
        " X",
        "X(",
        "X\xe9",
        "X\x00",
        "X Y",
        "X\x7f",
        '"X"',
        "[X]",
        "{X}",
        "X/",
        "X@",
        "\xa0X",
    ):
        yield Invalid(f"name {name!r}", get("/", "Host: a", f"{name}: 1"))
    yield Invalid("no colon", get("/", "Host: a", "X"))
    yield Invalid("fold", get("/", "Host: a", "X: 1", " 2"))
    yield Invalid("fold with tab", get("/", "Host: a", "X: 1", "\t2"))
    yield Invalid("fold of nothing", get("/", "Host: a", "X: 1", " "))
    yield Invalid("fold first", get("/", " X: 1", "Host: a"))
    request = get("/", "Host: a", "X: 1")
    for nth in range(4):
        lines = request.split(b"\r\n")
        for name, end in (("LF", b"\n"), ("CR", b"\r"), ("CRCRLF", b"\r\r\n"), ("LFCR", b"\n\r")):
            broken = b"\r\n".join([*lines[:nth], lines[nth] + end + lines[nth + 1], *lines[nth + 2 :]])
            if name != "CR" or nth < 3:  # the last would wait for more
                yield Invalid(f"{name} after line {nth}", broken)
    yield Invalid("LF only", request.replace(b"\r\n", b"\n"))
    yield Invalid("two empty lines before it", b"\r\n\r\n" + request)
    yield Invalid("an LF before it", b"\n" + request)
    yield Invalid("a CR before it", b"\r" + request)
    yield Invalid("a space before it", b" " + request)
    yield Invalid("a byte order mark before it", b"\xef\xbb\xbf" + request)
    yield Invalid("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    yield Invalid("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505)
    yield Invalid("no host", b"GET / HTTP/1.1\r\n\r\n")
    yield Invalid("no host in a later version", b"GET / HTTP/1.2\r\n\r\n")
    yield Invalid("two hosts", get("/", "Host: a", "Host: b"))
    yield Invalid("two equal hosts", get("/", "Host: a", "host: a"))
    yield Invalid("no host beside an absolute target", b"GET http://a/ HTTP/1.1\r\n\r\n")
    for expectation in ("x", "", "100-continue, x", "100-continue;a", "200-ok", "100"):
        yield Invalid(f"Expect {expectation!r}", get("/", "Host: a", f"Expect: {expectation}"), 417)


def _invalid_framing() -> Iterator[Invalid]:
    for length in BAD_LENGTHS:
        yield Invalid(f"length {length!r}", HEAD + f"Content-Length: {length}\r\n\r\nhello".encode("latin-1"))
    for first, second in (("5", "5"), ("5", "6"), ("5", ""), ("", "5"), ("0", "5"), ("5", "x")):
        fields = f"Content-Length: {first}\r\ncontent-length: {second}\r\n\r\nhello"
        yield Invalid(f"lengths {first!r} {second!r}", HEAD + fields.encode())
    for coding, status in BAD_CODINGS.items():
        fields = f"Transfer-Encoding: {coding}\r\n\r\n0\r\n\r\n"
        yield Invalid(f"coding {coding!r}", HEAD + fields.encode("latin-1"), status)
    both = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
    yield Invalid("length and coding", HEAD + both + b"\r\n0\r\n\r\n")
    yield Invalid(
        "coding and length", HEAD + b"".join(reversed(both.splitlines(keepends=True))) + b"\r\n0\r\n\r\n"
    )
    yield Invalid("length 0 and coding", HEAD + both.replace(b"5", b"0") + b"\r\n0\r\n\r\n")
    yield Invalid("chunked twice", HEAD + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n")
    yield Invalid("chunked in HTTP/1.0", CHUNKED.replace(b"1.1", b"1.0") + b"0\r\n\r\n")
    for line in BAD_CHUNK_LINES:
        yield Invalid(f"chunk {line!r}", CHUNKED + line.encode("latin-1") + b"\r\nhello\r\n0\r\n\r\n")
    for name, rest in (("LF after line", b"5\nhello\r\n0\r\n\r\n"), ("LF after data",
    b"5\r\nhello\n0\r\n\r\n"),
                       ("CR after data", b"5\r\nhello\r0\r\n\r\n"), ("nothing after data",
                       b"5\r\nhello0\r\n\r\n"),
                       ("data too long", b"4\r\nhello\r\n0\r\n\r\n"), ("data too short",
                       b"6\r\nhello\r\n0\r\n\r\n"),
                       ("LF at the end", b"0\r\n\n"), ("LF after last chunk", b"0\n\r\n"), ("no end",
                       b"5\r\nhello\r\n"),
                       ("half an end", b"0\r\n"), ("junk for an end", b"0\r\nx\r\n\r\n"),
                       ("folded trailer", b"0\r\nX: 1\r\n 2\r\n\r\n"), ("LF in trailers", b"0\r\nX: 1\n\r\n"),
                       ("control in trailer", b"0\r\nX: \x01\r\n\r\n"), ("blank in name",
                       b"0\r\nX : 1\r\n\r\n")):  # fmt: skip
        yield Invalid(f"chunked: {name}", CHUNKED + rest)
    for trailer in BAD_TRAILERS:
        yield Invalid(f"trailer {trailer}", CHUNKED + b"0\r\n" + trailer.encode() + b"\r\n\r\n")


def _over_limits() -> Iterator[Invalid]:
    yield Invalid("101 fields", get("/", "Host: a", *[f"X-{n}: {n}" for n in range(100)]), 431)
