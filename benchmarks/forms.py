"""Decoding forms, push mode: the scenarios of the public multipart benchmark, and some of ours.

Every contender delivers name, file name and content of each part, from chunks of 64 KiB, and its result is
checked before it is timed. `find` is the floor of pure Python: `bytes.find` of the delimiter over the same
chunks, and nothing else. `rust-multipart (raw)` leaves the headers unread, which no form can do. Everything
is warm: the harness has called each contender some times before it counts. For us that means that the
names of fields have been seen before, as those of an application's forms have; `names never seen` is the
same with the memory of them emptied before each call.

Where the limits are, in microseconds of one run on a busy machine (multipart takes 12.5 for `simple`):

- `simple` takes 4.1: 0.8 for the decoder object, 0.45 for the `split` at a delimiter of 50 bytes, 0.55 for
  each field (a partition, a lookup, an event: 0.2), 0.6 for what the caller does with them, and 1.1 for
  counting, checking limits and five calls. rust-multipart takes 6.1, and 3.9 if nobody reads the names.
- A chunk of 64 KiB that is all content takes 5.5 and the caller 0.3, of which `find` is 4.6, an event in a
  list 0.35 (its memory is not in the cache by then), and 0.2 the look at its end, where a delimiter may
  begin: 0.75 to 0.85 of `find`. With nothing but `find` and the event it would be 0.88. Slower memory, or
  longer chunks, bring it nearer to 1.
- In `crlf` and `bchar` each chunk ends in what may be a delimiter, so it has to be copied without its end, at
  3 to 4 for each copy: 0.45 of `find`. Whoever gives `bytes`, and keeps no chunk back, has to do that.
- `mixed`, `lf` and others of 1 to 3 MiB: beginning and end of a file are copied out of their chunks, once.
- `junk` needs its limits raised: the preamble then comes in many chunks, and the general lane skips them.

What we tried and did not keep, for a form of 100 small fields, as times of what we have (1.0):

- the parts one by one, with the head's beginning compared and the name checked by a pattern: 1.8
- all names joined, checked and decoded together and split again, events made by `map`: 1.3, and slower
  still for few fields
- events as slotted classes instead of tuples: 1.0, but not frozen; as `NamedTuple` calls: 1.2
- a metaclass that lets events be made without `tuple.__new__`: 0.95, and nobody would understand it
- for content, `delimiter in chunk` instead of `find`, which is 5 to 10 % slower, or to search for a part of
  the delimiter, which takes 1.2 to 8 times as long: the longer it is, the farther `find` skips
- all of the way of a chunk in one function instead of two: no difference that could be measured
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
from toolkit.sansio.forms.events import Field
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
