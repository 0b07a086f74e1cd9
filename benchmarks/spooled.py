"""Whole forms: fields as text, files in memory while they are small, and beyond that in temporary files.

Every contender takes the Content-Type and the same chunks of 64 KiB, keeps up to 256 KiB of a file in memory
where that can be set (emmett-core decides for itself), and frees everything at the end. Its result is checked
before it is timed. rust-multipart and streaming-form-data have no temporary files; they get those of the
standard library. rust-multipart is driven by hand, and leaves out what the others check: limits, charsets,
names that are escaped, parts without a name.

`find and write` is the floor: `bytes.find` of the delimiter over the same chunks, and one unbuffered `write`
of each to a file without a name, made as `tempfile` makes it. Ours may beat it: it writes larger blocks.
"""

from __future__ import annotations

import tempfile
from functools import partial
from time import thread_time
from typing import TYPE_CHECKING, cast

from benchmarks import _spooled_rivals as rivals
from benchmarks._form_bodies import BOUNDARY, CHUNK, cut, encode, forms
from benchmarks.harness import Scenario, rival

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks._form_bodies import Part

CLOCK = thread_time
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY.decode()}"
DELIMITER = b"\r\n--" + BOUNDARY


def _make_and_close(make: rivals.Make, chunks: Sequence[bytes]) -> None:
    make(CONTENT_TYPE, chunks).close()


def _find_and_write(chunks: Sequence[bytes]) -> None:
    with tempfile.TemporaryFile(buffering=0) as file:
        for chunk in chunks:
            chunk.find(DELIMITER)
            file.write(chunk)


def _is_right(make: rivals.Make, chunks: Sequence[bytes], expected: list[Part]) -> bool:
    form = make(CONTENT_TYPE, chunks)
    try:
        return sorted(form.parts(), key=str) == sorted(expected, key=str)
    finally:
        form.close()


def _contenders(parts: list[Part], chunks: Sequence[bytes]) -> dict[str, Callable[[], object]]:
    """Those who make the form right."""
    names = [part.name for part in parts if part.filename is None]
    files = [part.name for part in parts if part.filename is not None]
    makers: dict[str, Callable[[], rivals.Make]] = {
        "toolkit": lambda: rivals.Toolkit,
        "multipart": rivals.multipart,
        "python-multipart": rivals.python_multipart,
        "multipart-rs": rivals.multipart_rs,
        "rust-multipart": rivals.rust_multipart,
        "streaming-form-data": partial(rivals.streaming_form_data, names, files),
        "emmett-core": rivals.emmett,
        "werkzeug": rivals.werkzeug,
        "werkzeug 1.0.1": rivals.werkzeug_1,
        "django": rivals.django,
    }
    contenders: dict[str, Callable[[], object]] = {}
    for name, maker in makers.items():
        for key, value in rival(name, cast("Callable[[], Callable[[], object]]", maker)).items():
            make = cast("rivals.Make", value)
            try:
                right = _is_right(make, chunks, parts)
            except Exception as error:  # noqa: BLE001  # whatever it raises, it does not do the job
                print(f"  ({key} is left out: {type(error).__name__}: {str(error)[:60]})")
                continue
            if right:
                contenders[key] = partial(_make_and_close, make, chunks)
            else:
                print(f"  ({key} is left out: its result is wrong)")
    return contenders


def scenarios() -> Iterator[Scenario]:
    """The scenarios, small forms first."""
    for name, parts in forms().items():
        body = encode(parts)
        chunks = cut(body)
        contenders = _contenders(parts, chunks)
        if len(body) > 4 * CHUNK:
            contenders["find and write"] = partial(_find_and_write, chunks)
        yield Scenario(name, contenders, size=len(body))
