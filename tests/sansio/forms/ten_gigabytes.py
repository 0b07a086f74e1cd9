"""A program: 10 GB through the decoder; tells the most memory that Python took, and how the process grew.

`python -m tests.sansio.forms.ten_gigabytes` prints both, in bytes. It is a process of its own, since nothing
else's memory must count, and nothing of what an earlier peak has left can be used.
"""

from __future__ import annotations

import resource
import sys
import tracemalloc
from itertools import cycle

from toolkit.sansio.forms.events import FileData, FileEnd
from toolkit.sansio.forms.multipart import MultipartDecoder
from toolkit.sansio.limits import FormLimits

HEAD = b'--B\r\nContent-Disposition: form-data; name="f"; filename="x"\r\nContent-Type: a/b\r\n\r\n'
CHUNK = bytes(range(256)) * 512
# Most chunks are nothing but content; some end in what may be a delimiter.
CHUNKS = (CHUNK, CHUNK, CHUNK, CHUNK, CHUNK + b"\r", CHUNK + b"\r\n--")


def stream(size: int) -> None:
    """Decode a file of `size` bytes, and a bit more."""
    decoder = MultipartDecoder("B", limits=FormLimits(max_body=size + 2 * len(CHUNK)))
    decoder.feed(HEAD)
    fed = received = 0
    for chunk in cycle(CHUNKS):
        fed += len(chunk)
        for event in decoder.feed(chunk):
            if isinstance(event, FileData):
                received += len(event.data)
        if fed >= size:
            break
    for event in decoder.feed(b"\r\n--B--"):
        if isinstance(event, FileData):
            received += len(event.data)
        elif event != FileEnd(fed):
            raise AssertionError(event)
    decoder.finish()
    if received != fed:
        raise AssertionError(received, fed)


def main() -> None:
    """Run, and print."""
    stream(100_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    stream(10_000_000_000)
    allocated = tracemalloc.get_traced_memory()[1]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    sys.stdout.write(f"{allocated} {grown * 1024}\n")


if __name__ == "__main__":
    main()
