"""A corpus of multipart bodies with the boundary `B`: good ones, odd ones, bad ones."""

from __future__ import annotations

from typing import Final


def part(head: str, content: bytes = b"") -> bytes:
    """A part with its delimiter."""
    lines = "".join(f"{line}\r\n" for line in head.split("\n"))
    return b"--B\r\n" + lines.encode() + b"\r\n" + content + b"\r\n"


def field(name: str, content: bytes = b"1", more: str = "") -> bytes:
    """A field as browsers send it."""
    return part(f'Content-Disposition: form-data; name="{name}"{more}', content)


def file(name: str, filename: str, content: bytes = b"content", kind: str = "text/plain") -> bytes:
    """A file as browsers send it."""
    return part(
        f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\nContent-Type: {kind}', content
    )


CLOSE: Final = b"--B--\r\n"

# What clients send; each with its name, and all of it for the fast lane.
CLIENTS: Final[dict[str, bytes]] = {
    "empty": CLOSE,
    "preamble": b"Hello!\r\n\r\n" + field("a") + CLOSE,
    "leading line end": b"\r\n" + field("a") + file("f", "b") + CLOSE,
    "one field": field("a") + CLOSE,
    "fields": field("a") + field("b", b"") + field("a", b"2\r\n3") + CLOSE,
    "no final line end": field("a") + b"--B--",
    "epilogue": field("a") + CLOSE + b"\r\n--B\r\nwhatever",
    "files": file("f", "a.txt") + field("x") + file("f", "b.txt", b"") + file("f", "", b"") + CLOSE,
    "chrome": field("é") + file("f", "ü%22 %0D%0A.txt") + field("a%22b%0D%0A%41") + CLOSE,
    "firefox 3": file("f", 'say \\"hi\\" \\\\o/ 100%22') + CLOSE,
    "internet explorer": file("f", "C:\\dir\\file.txt") + file("f", "\\\\host\\dir\\") + field("a\\") + CLOSE,
    "curl": file("f", "a.txt", b"x" * 99, "application/octet-stream") + CLOSE,
    "aiohttp": part(
        'Content-Type: text/plain; charset=utf-8\nContent-Disposition: form-data; name="a"', "é".encode()
    )
    + part(
        'Content-Type: image/png\nContent-Disposition: form-data; name="f"; filename="a.png"',
        b"\x89PNG\r\n\x1a\n",
    )
    + CLOSE,
    "axios": field("user[name]")
    + file("f", "ü.png", b"\x89PNG\r\n", "image/png")
    + file("f", "a", b"", "application/octet-stream")
    + CLOSE,
    "requests": part(
        "Content-Disposition: form-data; name=\"f\"; filename*=utf-8''%C3%BC%20%E2%82%AC.txt", b"1"
    )
    + part('Content-Disposition: form-data; name="g"; filename="b"\nContent-Type: text/plain', b"2")
    + CLOSE,
    "undici": part(
        'Content-Disposition: form-data; name="f"; filename="b"\nContent-Type: text/plain\nContent-Length: 7',
        b"content",
    )
    + CLOSE,
    "okhttp": part('Content-Disposition: form-data; name="a"\nContent-Length: 1', b"1")
    + part(
        'Content-Disposition: form-data; name="f"; filename="a"\nContent-Type: image/png\nContent-Length: 0'
    )
    + CLOSE,
    ".NET": part("Content-Type: text/plain; charset=utf-8\nContent-Disposition: form-data; name=a", b"1")
    + part("Content-Disposition: form-data; name=f; filename=a.txt; filename*=utf-8''%C3%BC.txt")
    + CLOSE,
    "go": part('Content-Disposition: form-data; name="a"', b"1")
    + part('Content-Disposition: form-data; name="f"; filename="a"\nContent-Type: application/octet-stream')
    + CLOSE,
    "java": part('content-disposition: FORM-DATA; NAME="a"\nContent-Transfer-Encoding: 8bit', b"1")
    + part(
        "CONTENT-TYPE:text/plain\nContent-Transfer-Encoding: Binary\n"
        'Content-Disposition:form-data;name="f";filename="x"'
    )
    + CLOSE,
    "filename first": part('Content-Disposition: form-data; filename="a"; name="f";\nContent-Type:', b"1")
    + CLOSE,
    "empty content": b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
    b"--B\r\nContent-Disposition: form-data; "
    b'name="f"; filename="x"\r\nContent-Type: a/b\r\n\r\n--B--',
    "near delimiters": file("f", "a", b"\r\n--\r\n-\r\r\n--A\r\n\r\n--b--\r")
    + field("a", b"\r\r\n\r\n--")
    + CLOSE,
    "wrong length": part('Content-Disposition: form-data; name="a"\nContent-Length: 3', b"1") + CLOSE,
    "_charset_": field("_charset_", b"ISO-8859-1") + field("a", b"\xe9") + CLOSE,
    "charset": part(
        'Content-Disposition: form-data; name="a"\nContent-Type: text/plain; charset="latin1"', b"\xe9"
    )
    + field("b", "é".encode())
    + CLOSE,
    "empty charsets": field("_charset_", b" ")
    + part('Content-Disposition: form-data; name="a"\nContent-Type: text/plain; charset=""', "é".encode())
    + field("_charset_", b"latin1")
    + part('Content-Disposition: form-data; name="b"\nContent-Type: text/plain; charset=""', b"\xe9")
    + CLOSE,
}

# What is right, and for the general lane however it is cut.
ODD: Final[dict[str, bytes]] = {
    "padding": b"--B \t\r\n" + field("a")[5:] + b"--B  \r\n" + file("f", "x")[5:] + CLOSE,
    "folded": part('Content-Disposition: form-data;\n  name="a"\nContent-Type:\n\ttext/plain', b"1")
    + field("b")
    + CLOSE,
    "other fields": part('X-Note: 1\nContent-Disposition: form-data; name="a"\nX-Note: 2', b"1") + CLOSE,
    "base64": part('Content-Disposition: form-data; name="a"\nContent-Transfer-Encoding: base64', b"MQ==")
    + CLOSE,
    "space before the colon": part('Content-Disposition : form-data; name="a"', b"1") + field("b") + CLOSE,
}

# What is wrong: (body, reason, offset, part, name).
BAD: Final[dict[str, tuple[bytes, str, int, int, str | None]]] = {
    "nothing": (b"", "the first delimiter is missing", 0, 0, None),
    "no delimiter": (b"a=1&b=2", "the first delimiter is missing", 7, 0, None),
    "no close": (field("a"), "the closing delimiter is missing", 52, 1, "a"),
    "half a close": (field("a") + b"--B-", "the closing delimiter is missing", 56, 1, None),
    "only a delimiter": (field("a") + b"--B\r\n", "the closing delimiter is missing", 57, 2, None),
    "cut in a head": (field("a") + field("b")[:20], "the closing delimiter is missing", 72, 2, None),
    "cut in a file": (field("a") + file("f", "b")[:-4], "the closing delimiter is missing", 146, 2, "f"),
    "bytes before": (b"x--B\r\n", "the boundary is not at the start of a line", 1, 0, None),
    "dashes before": (b"x---B\r\n", "the boundary is not at the start of a line", 2, 0, None),
    "bytes after": (field("a") + b"--Bx\r\n", "bytes after the boundary", 55, 1, None),
    "dash after": (field("a") + b"--B-x\r\n", "bytes after the boundary", 56, 1, None),
    "padding and dashes": (field("a") + b"--B --\r\n", "bytes after the boundary", 56, 1, None),
    "bare CR after": (field("a") + b"--B\rx", "bytes after the boundary", 56, 1, None),
    "bare LF after": (field("a") + b"--B\n", "bytes after the boundary", 55, 1, None),
    "file without a blank line": (
        b'--B\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n' + CLOSE,
        "malformed segment header",
        61,
        1,
        None,
    ),
    "field without a blank line": (
        field("b") + b'--B\r\nContent-Disposition: form-data; name="a"\r\n' + CLOSE,
        "malformed segment header",
        99,
        2,
        None,
    ),
    "no blank line after a line end": (
        b'\r\n--B\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n' + field("b") + CLOSE,
        "malformed segment header",
        63,
        1,
        None,
    ),
    "bare LF in a head": (
        b"--B\r\na: b\nc: d\r\n\r\n",
        "a line of a part's head is not ended by CRLF",
        9,
        1,
        None,
    ),
    "bare CR in a head": (
        b"--B\r\na: b\rc: d\r\n\r\n",
        "a line of a part's head is not ended by CRLF",
        9,
        1,
        None,
    ),
    "no colon": (part("Content-Disposition") + CLOSE, "malformed segment header", 5, 1, None),
    "folded first": (b"--B\r\n a: b\r\n\r\n", "unexpected segment header continuation", 5, 1, None),
    "no header name": (
        part(': x\nContent-Disposition: form-data; name="a"'),
        "invalid segment header name",
        5,
        1,
        None,
    ),
    "not UTF-8": (
        b'--B\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n',
        "segment header failed to decode",
        5,
        1,
        None,
    ),
    "no head": (field("a") + b"--B\r\n\r\n1\r\n--B--", "a part without Content-Disposition", 52, 2, None),
    "no disposition": (
        part("Content-Type: text/plain") + CLOSE,
        "a part without Content-Disposition",
        0,
        1,
        None,
    ),
    "two dispositions": (
        part('Content-Disposition: form-data; name="a"\ncontent-disposition: form-data; name="b"') + CLOSE,
        "two Content-Disposition fields in one part",
        0,
        1,
        None,
    ),
    "two types": (
        field("a", more="\nContent-Type: a/b\nContent-Type: c/d") + CLOSE,
        "two Content-Type fields in one part",
        0,
        1,
        None,
    ),
    "two lengths": (
        field("a", more="\nContent-Length: 1\nContent-Length: 1") + CLOSE,
        "multiple segment Content-Length headers",
        66,
        1,
        None,
    ),
    "no name": (
        field("a") + part("Content-Disposition: form-data; filename=a") + CLOSE,
        "a part without a name",
        52,
        2,
        None,
    ),
    "name*": (
        part("Content-Disposition: form-data; name*=utf-8''a") + CLOSE,
        "a part without a name",
        0,
        1,
        None,
    ),
    "two names": (
        part("Content-Disposition: form-data; name=a; NAME=b") + CLOSE,
        "two parameters name in one Content-Disposition",
        0,
        1,
        None,
    ),
    "attachment": (
        part('Content-Disposition: attachment; name="a"') + CLOSE,
        "the disposition of a part is not form-data",
        0,
        1,
        None,
    ),
    "empty disposition": (
        part("Content-Disposition:") + CLOSE,
        "the disposition of a part is not form-data",
        0,
        1,
        None,
    ),
    "stray quote": (file("a", 'b"c"d') + CLOSE, "Content-Disposition is outside its grammar", 0, 1, None),
    "NUL in a name": (
        field("a\0b") + CLOSE,
        "control character in the header field content-disposition",
        0,
        1,
        None,
    ),
    "DEL in a file name": (
        file("a", "\x7f") + CLOSE,
        "control character in the header field content-disposition",
        0,
        1,
        None,
    ),
    "control in a type": (
        file("a", "b", b"", "a/b\x01") + CLOSE,
        "control character in the header field content-type",
        0,
        1,
        None,
    ),
    "control in filename*": (
        field("a", more="; filename*=utf-8''%00") + CLOSE,
        "control character in filename*",
        0,
        1,
        None,
    ),
    "bad filename*": (
        field("a", more="; filename*=utf-16''a") + CLOSE,
        "filename* is outside its grammar",
        0,
        1,
        None,
    ),
    "charset": (
        field("a") + field("b", more="\nContent-Type: text/plain; charset=utf-16") + CLOSE,
        "charset 'utf-16' is not supported; send utf-8",
        52,
        2,
        "b",
    ),
    "_charset_": (
        field("a") + field("_charset_", b"shift_jis") + CLOSE,
        "charset 'shift_jis' is not supported; send utf-8",
        52,
        2,
        "_charset_",
    ),
    "two errors": (
        field("a", more="; x") + part("Content-Disposition: form-data; name=b") + b"--Bx",
        "Content-Disposition is outside its grammar",
        0,
        1,
        None,
    ),
}
