"""How each decoder of forms is used, so that all of them do the same job.

A contender takes a boundary and chunks and returns one `(name, file name or None, [take(bytes), …])` for
each part, in order. With `take=len` it is timed, with `take=bytes` its results are compared.
"""

from __future__ import annotations

import sys
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.sansio.forms.events import Field, FileData, FileStart
from toolkit.sansio.forms.multipart import MultipartDecoder
from toolkit.sansio.limits import FormLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GIB = 1 << 30
LARGE = FormLimits(max_body=GIB, max_form_memory=GIB, max_preamble=GIB)
Part: TypeAlias = "tuple[str, str | None, list[Any]]"
Decode: TypeAlias = "Callable[[bytes, Sequence[bytes], Callable[[bytes], Any]], list[Part]]"


def toolkit(boundary: bytes, chunks: Sequence[bytes], take: Callable[[bytes], Any]) -> list[Part]:
    parts: list[Part] = []
    decoder = MultipartDecoder(boundary, limits=LARGE) if len(chunks) > 16 else MultipartDecoder(boundary)
    pieces: list[Any] = []
    for chunk in chunks:
        for event in decoder.feed(chunk):
            if isinstance(event, Field):
                parts.append((event.name, None, [take(event.value)]))
            elif isinstance(event, FileData):
                pieces.append(take(event.data))
            elif isinstance(event, FileStart):
                pieces = []
                parts.append((event.name, event.filename, pieces))
    decoder.finish()
    return parts


def multipart() -> Decode:
    module: Any = import_module("multipart")
    segment = module.MultipartSegment

    def decode(boundary: bytes, chunks: Sequence[bytes], take: Callable[[bytes], Any]) -> list[Part]:
        parts: list[Part] = []
        pieces: list[Any] = []
        with module.PushMultipartParser(boundary) as parser:
            for chunk in chunks:
                for event in parser.parse(chunk):
                    if isinstance(event, segment):
                        pieces = []
                        parts.append((event.name, event.filename, pieces))
                    elif event:
                        pieces.append(take(event))
        return parts

    return decode


def rust_multipart() -> Decode:
    from rust_multipart import MultipartParser, PartBegin, PartData, parse_options_header

    def decode(boundary: bytes, chunks: Sequence[bytes], take: Callable[[bytes], Any]) -> list[Part]:
        parts: list[Part] = []
        pieces: list[Any] = []
        parser = MultipartParser(boundary)
        for chunk in chunks:
            for event in parser.feed(chunk):
                if isinstance(event, PartBegin):
                    pieces = []
                    for name, value in event.headers:
                        if name.lower() == b"content-disposition":
                            options = parse_options_header(value.decode())[1]
                            parts.append((options["name"], options.get("filename"), pieces))
                elif isinstance(event, PartData):
                    pieces.append(take(event.data))
        parser.finish()
        return parts

    return decode


def rust_multipart_raw() -> Decode:
    """Without the job: header fields are fetched, and no name is read from them."""
    from rust_multipart import MultipartParser, PartBegin, PartData

    def decode(boundary: bytes, chunks: Sequence[bytes], take: Callable[[bytes], Any]) -> list[Part]:
        parts: list[Any] = []
        pieces: list[Any] = []
        parser = MultipartParser(boundary)
        for chunk in chunks:
            for event in parser.feed(chunk):
                if isinstance(event, PartBegin):
                    pieces = []
                    parts.append((event.headers, None, pieces))
                elif isinstance(event, PartData):
                    pieces.append(take(event.data))
        parser.finish()
        return parts

    return decode


def _by_callbacks(module: Any, parse: Any) -> Decode:

    def decode(boundary: bytes, chunks: Sequence[bytes], take: Callable[[bytes], Any]) -> list[Part]:
        parts: list[Part] = []
        field = value = b""
        pieces: list[Any] = []

        def on_part_begin() -> None:
            nonlocal field, value, pieces
            field = value = b""
            pieces = []

        def on_header_field(data: bytes, start: int, end: int) -> None:
            nonlocal field
            field += data[start:end]

        def on_header_value(data: bytes, start: int, end: int) -> None:
            nonlocal value
            value += data[start:end]

        def on_header_end() -> None:
            nonlocal field, value
            if field.lower() == b"content-disposition":
                given = parse(value)[1]
                name = given.get(b"filename")
                parts.append((given[b"name"].decode(), None if name is None else name.decode(), pieces))
            field = value = b""

        def on_part_data(data: bytes, start: int, end: int) -> None:
            pieces.append(take(data[start:end]))

        calls = {
            call.__name__: call
            for call in (on_part_begin, on_header_field, on_header_value, on_header_end, on_part_data)
        }
        parser = module.MultipartParser(boundary, calls)
        for chunk in chunks:
            parser.write(chunk)
        parser.finalize()
        return parts

    return decode


def python_multipart() -> Decode:
    import python_multipart
    from python_multipart.multipart import parse_options_header

    return _by_callbacks(python_multipart, parse_options_header)


def multipart_rs() -> Decode:
    import multipart_rs

    return _by_callbacks(multipart_rs, multipart_rs.parse_options_header)


def werkzeug() -> Decode:
    from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

    def decode(boundary: bytes, chunks: Sequence[bytes], take: Callable[[bytes], Any]) -> list[Part]:
        parts: list[Part] = []
        pieces: list[Any] = []
        decoder = MultipartDecoder(boundary)
        for chunk in (*chunks, None):
            decoder.receive_data(chunk)
            while not isinstance(event := decoder.next_event(), (NeedData, Epilogue)):
                if isinstance(event, Data):
                    pieces.append(take(event.data))
                elif isinstance(event, (Field, File)):
                    pieces = []
                    parts.append((event.name, event.filename if isinstance(event, File) else None, pieces))
        return parts

    return decode


def werkzeug_1() -> Decode:
    """The parser from before Flask 2.0. Two versions of a package cannot be installed, but both be loaded.

    It pulls from a stream; the content of files goes to an object of ours that does what the others do.
    """
    parser: Any = load_werkzeug_1().MultiPartParser

    class Sink:
        def __init__(self, take: Callable[[bytes], Any]) -> None:
            self.take = take
            self.pieces: list[Any] = []

        def write(self, data: bytes) -> None:
            self.pieces.append(self.take(data))

        def seek(self, position: int) -> None:
            """It is read by nobody."""

    def decode(boundary: bytes, chunks: Sequence[bytes], take: Callable[[bytes], Any]) -> list[Part]:
        def stream_factory(**_: object) -> Sink:
            return Sink(take)

        body = b"".join(chunks)
        fields, files = parser(stream_factory).parse(BytesIO(body), boundary, len(body))
        parts: list[Part] = [(name, None, [take(v.encode())]) for name, v in fields.items(multi=True)]
        return parts + [(name, f.filename, f.stream.pieces) for name, f in files.items(multi=True)]

    return decode


def load_werkzeug_1() -> Any:
    """The `formparser` of Werkzeug 1.0.1, which `make bench` puts beside the current one."""
    folder = Path(sys.prefix) / "werkzeug-1"
    if not folder.is_dir():
        raise ImportError(f"pip install --no-deps --target {folder.name} werkzeug==1.0.1")

    def take_out() -> dict[str, Any]:
        names = [key for key in sys.modules if key.partition(".")[0] == "werkzeug"]
        return {key: sys.modules.pop(key) for key in names}

    installed = take_out()
    sys.path.insert(0, str(folder))
    try:
        return import_module("werkzeug.formparser")
    finally:
        sys.path.remove(str(folder))
        take_out()
        sys.modules.update(installed)


def streaming_form_data(names: Sequence[str]) -> Decode:
    """It has to be told the names of the fields ahead, each once."""
    from streaming_form_data import StreamingFormDataParser
    from streaming_form_data.targets import BaseTarget

    def decode(boundary: bytes, chunks: Sequence[bytes], take: Callable[[bytes], Any]) -> list[Part]:
        class Target(BaseTarget):  # type: ignore[misc,unused-ignore]  # untyped
            def __init__(self, name: str) -> None:
                super().__init__()
                self.name = name

            def on_start(self) -> None:
                self.pieces: list[Any] = []
                parts.append((self.name, self.multipart_filename, self.pieces))

            def on_data_received(self, chunk: bytes) -> None:
                self.pieces.append(take(chunk))

        parts: list[Part] = []
        parser = StreamingFormDataParser(
            {"Content-Type": f"multipart/form-data; boundary={boundary.decode()}"}
        )
        for name in dict.fromkeys(names):
            parser.register(name, Target(name))
        for chunk in chunks:
            parser.data_received(chunk)
        return parts

    return decode


def emmett() -> Decode:
    """It keeps the whole form, in memory and in files, and gives it at the end."""
    from emmett_core._emmett_core import MultiPartReader

    def decode(boundary: bytes, chunks: Sequence[bytes], take: Callable[[bytes], Any]) -> list[Part]:
        reader = MultiPartReader(f"multipart/form-data; boundary={boundary.decode()}", GIB)
        for chunk in chunks:
            reader.parse(chunk)
        return [
            (name, item.filename if is_file else None, [take(item.read() if is_file else item)])
            for name, is_file, item in reader.contents()
        ]

    return decode


def django() -> Decode:
    """It pulls from a stream, and files go to a handler of ours that does what the others do."""
    from django.conf import settings
    from django.core.files.uploadhandler import FileUploadHandler
    from django.http.multipartparser import MultiPartParser

    if not settings.configured:
        settings.configure(DATA_UPLOAD_MAX_MEMORY_SIZE=None, DATA_UPLOAD_MAX_NUMBER_FILES=None)

    class Handler(FileUploadHandler):  # type: ignore[misc,unused-ignore]  # untyped
        def __init__(self, take: Callable[[bytes], Any]) -> None:
            super().__init__()
            self.take = take
            self.parts: list[Part] = []

        def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
            super().new_file(field_name, file_name, *args, **kwargs)
            self.pieces: list[Any] = []
            self.parts.append((field_name, file_name, self.pieces))

        def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002  # its interface
            self.pieces.append(self.take(raw_data))

        def file_complete(self, file_size: int) -> None:  # noqa: ARG002  # its interface
            return

    def decode(boundary: bytes, chunks: Sequence[bytes], take: Callable[[bytes], Any]) -> list[Part]:
        handler = Handler(take)
        body = b"".join(chunks)
        meta = {
            "CONTENT_TYPE": f"multipart/form-data; boundary={boundary.decode()}",
            "CONTENT_LENGTH": len(body),
        }
        fields, _ = MultiPartParser(meta, BytesIO(body), [handler]).parse()
        return [
            (name, None, [take(v.encode()) for v in values]) for name, values in fields.lists()
        ] + handler.parts

    return decode
