"""Decoding forms, push mode: the scenarios of the public multipart benchmark, and some of ours.

Every contender delivers name, file name and content of each part, from chunks of 64 KiB, and its result is
checked before it is timed. `find` is the floor of pure Python: `bytes.find` of the delimiter over the same
chunks, and nothing else. `rust-multipart (raw)` leaves the headers unread, which no form can do. Everything
is warm: the harness has called each contender some times before it counts. For us that means that the
names of fields have been seen before, as those of an application's forms have; `names never seen` is the
same with the memory of them emptied before each call.

`what a chunk costs` takes the way of a chunk apart: `find`, then what every push decoder has to do besides.
Where the limits are, and what was tried, is told in docs/explanation/forms.md.
"""

from __future__ import annotations

import random
import string
from functools import partial
from time import thread_time
from typing import TYPE_CHECKING, Any, cast

from benchmarks import _form_rivals as rivals
from benchmarks.harness import Scenario, rival
from toolkit.sansio.errors.base import LimitExceeded
from toolkit.sansio.forms.events import Field, FileData, make_event
from toolkit.sansio.forms.multipart import MultipartDecoder
from toolkit.sansio.forms.plain import NAMES
from toolkit.sansio.forms.urlencoded import UrlencodedDecoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

CLOCK = thread_time
BOUNDARY = b"------------------------WqclBHaXe8KIsoSum4zfZ6"
PRINTABLE = string.printable.encode()
CHUNK = 65536
MIB = 1024 * 1024


def _pattern(size: int, pattern: bytes = PRINTABLE) -> bytes:
    return (pattern * (size // len(pattern) + 1))[:size]


def _body(*parts: tuple[str, str | None, bytes], kind: str = "") -> bytes:
    """A body as the public benchmark makes it: heads have a Content-Type only where it is given."""
    body = bytearray()
    for name, filename, content in parts:
        disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
        head = f"Content-Disposition: {disposition}\r\n"
        if filename and kind:
            head += f"Content-Type: {kind}\r\n"
        body += b"--%s\r\n%s\r\n%s\r\n" % (BOUNDARY, head.encode(), content)
    return bytes(body) + b"--%s--" % BOUNDARY


def _cut(body: bytes, size: int = CHUNK) -> list[bytes]:
    return [body[i : i + size] for i in range(0, len(body), size)]


def _find(chunks: Sequence[bytes]) -> int:
    delimiter = b"\r\n--" + BOUNDARY
    return sum(chunk.find(delimiter) for chunk in chunks)


def _steps(chunks: Sequence[bytes]) -> dict[str, Callable[[], object]]:
    """The way of a chunk that is all content, step by step: `find`, and what comes to it."""
    delimiter = b"\r\n--" + BOUNDARY
    toolkit = rivals.toolkit
    start, end = _body(("foo", "bar.bin", b"-"), kind="text/plain").split(b"\r\n\r\n-")

    def event() -> int:
        size = 0
        for chunk in chunks:
            if chunk.find(delimiter) < 0:
                for one in [make_event(FileData, (chunk,))]:
                    size += len(one.data)
        return size

    def event_and_end() -> int:
        size = 0
        for chunk in chunks:
            if chunk.find(delimiter) < 0 and chunk.rfind(b"\r", 1 - len(delimiter)) < len(chunk):
                for one in [make_event(FileData, (chunk,))]:
                    size += len(one.data)
        return size

    def event_of_a_copy() -> int:
        size = 0
        for chunk in chunks:
            if chunk.find(delimiter) < 0:
                for one in [make_event(FileData, (chunk[:-1],))]:
                    size += len(one.data)
        return size

    return {
        "toolkit": partial(toolkit, BOUNDARY, [start + b"\r\n\r\n", *chunks, end], len),
        "find": partial(_find, chunks),
        "find, an event": event,
        "find, an event, a look at the end": event_and_end,
        "find, an event of a copy": event_of_a_copy,
    }


def _joined(parts: list[rivals.Part]) -> list[tuple[str, str | None, bytes]]:
    return sorted((name, filename or None, b"".join(pieces)) for name, filename, pieces in parts)


def _contenders(body: bytes, *, floor: bool) -> dict[str, Callable[[], object]]:
    """Those who decode a body right, timed with what they deliver measured and forgotten."""
    chunks = _cut(body)
    expected = _joined(rivals.toolkit(BOUNDARY, chunks, bytes))
    names = [name for name, _, _ in expected]
    makers: dict[str, Callable[[], rivals.Decode]] = {
        "multipart": rivals.multipart,
        "python-multipart": rivals.python_multipart,
        "werkzeug": rivals.werkzeug,
        "werkzeug 1.0.1 (pulls)": rivals.werkzeug_1,
        "streaming-form-data": partial(rivals.streaming_form_data, names),
        "rust-multipart": rivals.rust_multipart,
        "multipart-rs": rivals.multipart_rs,
        "emmett-core (keeps all)": rivals.emmett,
        "django (pulls)": rivals.django,
    }
    contenders: dict[str, Callable[[], object]] = {"toolkit": partial(rivals.toolkit, BOUNDARY, chunks, len)}
    for name, make in makers.items():
        for key, decode in _made(name, make).items():
            try:
                right = _joined(decode(BOUNDARY, chunks, bytes)) == expected
            except Exception as error:  # noqa: BLE001  # whatever it raises, it does not do the job
                print(f"  ({key} is left out: {type(error).__name__}: {str(error)[:60]})")
                continue
            if right:
                contenders[key] = partial(decode, BOUNDARY, chunks, len)
            else:
                print(f"  ({key} is left out: its result is wrong)")
    for key, decode in _made("rust-multipart (raw)", rivals.rust_multipart_raw).items():
        contenders[key] = partial(decode, BOUNDARY, chunks, len)
    if floor:
        contenders["find"] = partial(_find, chunks)
    return contenders


def _made(name: str, make: Callable[[], rivals.Decode]) -> dict[str, rivals.Decode]:
    """A rival's way to decode, where the rival is installed."""
    return cast("dict[str, rivals.Decode]", rival(name, cast("Callable[[], Callable[[], object]]", make)))


def _fresh(body: bytes) -> object:
    """Ours, with names that were never seen before."""
    NAMES.clear()
    return rivals.toolkit(BOUNDARY, [body], len)


def _junk() -> Any:
    decoder = MultipartDecoder(BOUNDARY)
    try:
        return decoder.feed(b"x" * CHUNK)
    except LimitExceeded:
        return None


def _urlencoded(body: bytes) -> object:
    decoder = UrlencodedDecoder()
    events = [*decoder.feed(body), *decoder.finish()]
    return [(event.name, event.text) for event in events if isinstance(event, Field)]


def _by_bytes(pieces: Sequence[bytes]) -> None:
    decoder = MultipartDecoder(BOUNDARY)
    for piece in pieces:
        decoder.feed(piece)


def scenarios() -> Iterator[Scenario]:
    """The scenarios, small forms first."""
    rng = random.Random(2046)
    text = "text/plain"
    large = [(f"field{i}", None, _pattern(i)) for i in range(100)]
    small = [("email", None, _pattern(24)), ("password", None, _pattern(16))]
    files = [(f"f{i}", f"file{i}.txt", _pattern(1000)) for i in range(100)]
    texts = [("a", None, b"1"), ("b", None, _pattern(20)), ("c", None, _pattern(60))]
    browser = [*texts, ("f", "me.png", rng.randbytes(20_000))]
    bodies: dict[str, tuple[bytes, bool]] = {
        "simple": (_body(*small), False),
        "large": (_body(*large), False),
        "browser": (_body(*browser, kind="image/png"), False),
        "files100": (_body(*files, kind=text), False),
        "upload": (_body(("foo", "bar.bin", _pattern(32 * MIB)), kind=text), True),
        "random": (_body(("foo", "bar.bin", rng.randbytes(8 * MIB)), kind=text), True),
        "mixed": (
            _body(
                ("field", None, _pattern(16)), ("file", "file.bin", _pattern(MIB)),
                ("field2", None, _pattern(32)), ("file2", "file2.bin", _pattern(2 * MIB)), kind=text,
            ),
            True,
        ),
        "crlf": (_body(("file", "file.bin", _pattern(MIB, b"\r\n")), kind=text), True),
        "lf": (_body(("file", "file.bin", _pattern(MIB, b"\n")), kind=text), True),
        "bchar": (_body(("file", "file.bin", _pattern(MIB, b"\r\n--" + BOUNDARY[:-1])), kind=text), True),
        "junk": (b"x" * MIB + b"\r\n" + _body(("a", None, b"1")) + b"\r\n" + b"x" * MIB, True),
        "junk within limits": (b"x" * 1000 + b"\r\n" + _body(("a", None, b"1")) + b"\r\nepilogue", False),
    }  # fmt: skip
    for name, (body, floor) in bodies.items():
        contenders = _contenders(body, floor=floor)
        if name in ("simple", "large"):
            contenders["toolkit (names never seen)"] = partial(_fresh, body)
        yield Scenario(name, contenders, size=len(body))
    content = _cut(rng.randbytes(8 * MIB))
    yield Scenario("what a chunk costs", _steps(content), items=len(content))
    yield Scenario("junk refused", {"toolkit": _junk}, size=CHUNK)
    slow = {name: bodies[name][0] for name in ("simple", "large", "browser", "files100")}
    slow["long head"] = _body(("f", "x" * 3900, b"1"), kind=text)
    slow |= {name: bodies[name][0][:CHUNK] for name in ("crlf", "lf", "bchar")}
    for name, body in slow.items():
        pieces = _cut(body, 1)
        contenders = {"toolkit": partial(_by_bytes, pieces)}
        yield Scenario(f"one byte per chunk: {name}", contenders, items=len(pieces))
    form = b"&".join(b"field%d=value+%d%%20caf%%C3%%A9" % (i, i) for i in range(100))
    yield Scenario(
        "urlencoded",
        {
            "toolkit": partial(_urlencoded, form),
            **rival("urllib.parse.parse_qsl", lambda: _parse_qsl(form)),
        },
        size=len(form),
    )


def _parse_qsl(form: bytes) -> Callable[[], object]:
    from urllib.parse import parse_qsl

    return lambda: parse_qsl(form.decode(), keep_blank_values=True)
