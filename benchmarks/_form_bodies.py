"""The forms that are decoded in benchmarks: those of the public multipart benchmark, and some of ours."""

from __future__ import annotations

import random
import string
from typing import NamedTuple

BOUNDARY = b"------------------------WqclBHaXe8KIsoSum4zfZ6"
CHUNK = 65536
MIB = 1024 * 1024
_PRINTABLE = string.printable.encode()


class Part(NamedTuple):
    """One part: a field, or a file if it has a file name."""

    name: str
    filename: str | None
    content: bytes


def pattern(size: int, unit: bytes = _PRINTABLE) -> bytes:
    """So many bytes of one pattern."""
    return (unit * (size // len(unit) + 1))[:size]


def encode(parts: list[Part], content_type: str = "text/plain") -> bytes:
    """The body as the public benchmark has it, without a CRLF at its end."""
    body = bytearray()
    for name, filename, content in parts:
        head = f'Content-Disposition: form-data; name="{name}"'
        if filename is not None:
            head += f'; filename="{filename}"\r\nContent-Type: {content_type}'
        body += b"--%s\r\n%s\r\n\r\n%s\r\n" % (BOUNDARY, head.encode(), content)
    return bytes(body) + b"--%s--" % BOUNDARY


def cut(body: bytes, size: int = CHUNK) -> list[bytes]:
    """The body as it arrives, in chunks."""
    return [body[start : start + size] for start in range(0, len(body), size)]


def forms() -> dict[str, list[Part]]:
    """The parts of every form, by the name of the scenario; small ones first."""
    rng = random.Random(2046)
    texts = [Part("a", None, b"1"), Part("b", None, pattern(20)), Part("c", None, pattern(60))]
    near = b"\r\n--" + BOUNDARY[:-1]
    return {
        "simple": [Part("email", None, pattern(24)), Part("password", None, pattern(16))],
        "large": [Part(f"field{i}", None, pattern(i)) for i in range(100)],
        "browser": [*texts, Part("f", "me.png", rng.randbytes(20_000))],
        "files100": [Part(f"f{i}", f"file{i}.txt", pattern(1000)) for i in range(100)],
        "upload": [Part("foo", "bar.bin", pattern(32 * MIB))],
        "random": [Part("foo", "bar.bin", rng.randbytes(8 * MIB))],
        "mixed": [
            Part("field", None, pattern(16)),
            Part("file", "file.bin", pattern(MIB)),
            Part("field2", None, pattern(32)),
            Part("file2", "file2.bin", pattern(2 * MIB)),
        ],
        "crlf": [Part("file", "file.bin", pattern(MIB, b"\r\n"))],
        "lf": [Part("file", "file.bin", pattern(MIB, b"\n"))],
        "bchar": [Part("file", "file.bin", pattern(MIB, near))],
    }
