"""A server that keeps the bodies it is sent, as they were sent, and what decoding them gives."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from typing_extensions import override

from tests.sansio.forms.cutting import in_fast_lane
from tests.support.waiting import PATIENCE
from toolkit.sansio.forms.collector import FormCollector, decoder_for
from toolkit.sansio.forms.multipart import MultipartDecoder
from toolkit.sansio.limits import FormLimits
from toolkit.storage import spool

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from io import BufferedIOBase

    from toolkit.sansio.forms.data import FormData, Upload

PAGE = b"<!doctype html><meta charset=utf-8><title>form</title><form method=post action=/sent></form>"
ROOMY = FormLimits(max_body=1 << 30)


class Sent(NamedTuple):
    """One request: its Content-Type and its body."""

    content_type: str
    body: bytes


class File(NamedTuple):
    """What is known of an upload on both sides."""

    filename: str
    content_type: str
    content: bytes

    @override
    def __repr__(self) -> str:
        return (
            f"<{self.filename!r}, {self.content_type}, {len(self.content)} bytes, crc {crc32(self.content)}>"
        )


class Capture(NamedTuple):
    """A running server: where it is, and what it was sent."""

    url: str
    requests: Queue[Sent]

    def last(self) -> Sent:
        return self.requests.get(timeout=PATIENCE)


@contextmanager
def capture() -> Generator[Capture, None, None]:
    """Run the server as long as the block."""
    requests: Queue[Sent] = Queue()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(PAGE)

        def do_POST(self) -> None:
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = b"".join(_chunks(self.rfile))
            else:
                body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.put(Sent(self.headers.get("Content-Type", ""), body))
            self.answer(b"<title>sent</title>")

        def answer(self, page: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        @override
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: clients leave when they like."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Capture(f"http://127.0.0.1:{server.server_port}/", requests)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _chunks(file: BufferedIOBase) -> Iterator[bytes]:
    while size := int(file.readline(), 16):
        yield file.read(size)
        file.readline()
    file.readline()


def collect(content_type: str, chunks: Iterable[bytes]) -> FormData:
    """The form, the way an adapter makes it."""
    collector = FormCollector(content_type, limits=ROOMY, open_sink=spool)
    with collector:
        for chunk in chunks:
            for write in collector.feed(chunk):
                write.sink.write(write.data)
        return collector.finish()


def decoded(sent: Sent) -> list[tuple[str, str | File]]:
    """The form of a body, which must be the same however the body is cut, and be for the fast lane."""
    body = sent.body
    decoder = decoder_for(sent.content_type, ROOMY)
    decoder.feed(body)
    assert not isinstance(decoder, MultipartDecoder) or in_fast_lane(decoder)
    sizes = {1, 7, 65536, len(body) or 1} if len(body) < 100_000 else {65536, 1_000_003}
    results: list[list[tuple[str, str | File]]] = []
    for size in sizes:
        with collect(sent.content_type, (body[at : at + size] for at in range(0, len(body), size))) as form:
            results.append([(name, _known(value)) for name, value in form.items(multi=True)])
    assert all(result == results[0] for result in results)
    return results[0]


def _known(value: str | Upload) -> str | File:
    return value if isinstance(value, str) else File(value.filename, value.content_type, value.read())
