"""A narrated multipart parse: a generated upload goes through the streaming decoder, chunk by chunk.

Run it: `python examples/parse_upload.py [MEGABYTES]`.
"""

from __future__ import annotations

import hashlib
import sys
from time import perf_counter
from typing import TYPE_CHECKING

from toolkit.sansio.forms.collector import FormCollector
from toolkit.sansio.forms.encoder import MultipartEncoder
from toolkit.sansio.forms.events import Field, FileData, FileEnd, FileStart
from toolkit.sansio.limits import FormLimits
from toolkit.storage import spool

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 64 * 1024


def upload(encoder: MultipartEncoder, megabytes: int) -> Iterator[bytes]:
    """The body of a form with two fields and one file of so many megabytes."""
    yield encoder.encode(Field("title", b"Holiday"))
    yield encoder.encode(Field("place", "Zürich".encode()))
    yield encoder.encode(FileStart("film", "holiday.mp4", "video/mp4"))
    block = bytes(range(256)) * (CHUNK // 256)
    for _ in range(megabytes * 1024 * 1024 // CHUNK):
        yield encoder.encode(FileData(block))
    yield encoder.encode(FileEnd(megabytes * 1024 * 1024))
    yield encoder.finish()


def main() -> None:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    print(f"1. A browser would send this form: two fields and a file of {megabytes} MiB.")
    encoder = MultipartEncoder("example-boundary")
    body = b"".join(upload(encoder, megabytes))
    print(f"   {encoder.content_type}, {len(body):,} bytes")

    print(f"2. It arrives in chunks of {CHUNK:,} bytes; what has to be written is written at once.")
    limits = FormLimits(max_body=1 << 34)
    start = perf_counter()
    with FormCollector(encoder.content_type, limits=limits, open_sink=spool) as collector:
        for offset in range(0, len(body), CHUNK):
            for write in collector.feed(body[offset : offset + CHUNK]):
                write.sink.write(write.data)
        form = collector.finish()
    seconds = perf_counter() - start

    print("3. The form, in the order in which it was sent:")
    with form:
        for name, value in form.items(multi=True):
            print(f"   {name}: {value!r}")
        film = form.files["film"]
        digest = hashlib.sha256(film.read()).hexdigest()
    print(f"   SHA-256 of the file: {digest}")
    print(f"4. Decoded and stored in {seconds:.3f} s: {len(body) / seconds / 1e6:,.0f} MB/s.")


if __name__ == "__main__":
    main()
