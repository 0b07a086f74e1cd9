"""An upload that goes straight into object storage while it arrives, and not at all if it breaks.

Run it: it starts an S3 server of its own (moto), sends itself a form, and tells what is where and when. It
needs `pip install s3fs "moto[server]"`. The point is `open_sink`: a file object of fsspec is a sink as it
is, because it has `write`, `close`, `commit` and `discard`.
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import s3fs  # type: ignore[import-untyped, import-not-found, unused-ignore]
from moto.server import ThreadedMotoServer

from toolkit.sansio.errors.base import IncompleteForm
from toolkit.sansio.errors.http import UnsupportedMediaType
from toolkit.sansio.fields.content_disposition import safe_filename
from toolkit.sansio.forms.collector import FormCollector
from toolkit.sansio.limits import FormLimits
from toolkit.storage import HashingSink

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from toolkit.sansio.forms.events import FileStart
    from toolkit.sansio.forms.sinks import Sink

BUCKET = "uploads"
PART = 5 * 1024 * 1024  # the least that S3 takes as a part of an object
LIMITS = FormLimits(max_body=1 << 30)  # nothing is kept here, so there may be much of it
CONTENT_TYPE = "multipart/form-data; boundary=example"


@contextmanager
def object_storage() -> Generator[s3fs.S3FileSystem, None, None]:
    """A server, and the file system that speaks with it."""
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        fs = s3fs.S3FileSystem(
            key="example", secret="example", endpoint_url=f"http://{host}:{port}", use_listings_cache=False
        )
        fs.mkdir(BUCKET)
        yield fs
    finally:
        server.stop()


def collector_into(fs: s3fs.S3FileSystem) -> FormCollector:
    """A collector that puts every file of a form into the bucket, and refuses what is not video."""

    def open_sink(part: FileStart) -> Sink:
        if not part.content_type.startswith("video/"):
            raise UnsupportedMediaType(f"{part.content_type} is not wanted here")
        key = f"{BUCKET}/{safe_filename(part.filename)}"
        # Without autocommit the object appears when the whole form is good, and not when the file is closed.
        return HashingSink(fs.open(key, "wb", block_size=PART, autocommit=False), "sha256")

    return FormCollector(CONTENT_TYPE, limits=LIMITS, open_sink=open_sink)


def body(size: int, *, content_type: str = "video/mp4") -> Iterator[bytes]:
    """A form with one file of `size` bytes, chunk by chunk."""
    yield b'--example\r\nContent-Disposition: form-data; name="film"; filename="film.mp4"\r\n'
    yield f"Content-Type: {content_type}\r\n\r\n".encode()
    for _ in range(size // 65536):
        yield bytes(65536)
    yield b"\r\n--example--\r\n"


def parts_there(fs: s3fs.S3FileSystem) -> int:
    """How many parts of unfinished objects the server holds."""
    uploads = fs.call_s3("list_multipart_uploads", Bucket=BUCKET).get("Uploads", [])
    return sum(
        len(fs.call_s3("list_parts", Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])["Parts"])
        for upload in uploads
    )


def main() -> None:
    with object_storage() as fs:
        received = 0
        with collector_into(fs) as collector:
            for chunk in body(24 * 1024 * 1024):
                received += len(chunk)
                for write in collector.feed(chunk):
                    write.sink.write(write.data)
                if received // PART > (received - len(chunk)) // PART:
                    there = parts_there(fs)
                    print(f"{received >> 20} MiB came, {there} parts are there, objects: {fs.ls(BUCKET)}")
            film = collector.finish().files["film"]
        print(f"the form is complete, objects: {fs.ls(BUCKET)}, {fs.size(f'{BUCKET}/film.mp4')} bytes")
        print(f"sha256 on the way: {(film.digest or b'').hex()}")
        fs.rm(f"{BUCKET}/film.mp4")

        try:
            with collector_into(fs) as collector:
                for chunk in list(body(12 * 1024 * 1024))[:-1]:  # the client goes away
                    for write in collector.feed(chunk):
                        write.sink.write(write.data)
                collector.finish()
        except IncompleteForm as error:
            print(f"answered with {error.status}: {error}")
        print(f"a broken upload leaves {parts_there(fs)} parts, objects: {fs.ls(BUCKET)}")

        try:
            with collector_into(fs) as collector:
                for chunk in body(1 << 20, content_type="text/html"):
                    collector.feed(chunk)
        except UnsupportedMediaType as error:
            print(f"answered with {error}")


if __name__ == "__main__":
    main()
