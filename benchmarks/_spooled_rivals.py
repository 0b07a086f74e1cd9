"""How each library makes a whole form, so that all of them do the same job.

A contender is a class whose instances are forms, made from a Content-Type and the chunks of a body. Fields
are text then; files know name, file name and content type, and are in memory up to `MAX_MEMORY` bytes and
beyond that in temporary files. `parts` reads everything back, for the check; `close` frees the files. Whoever
reads a stream gets one that gives the chunks as they are, so that nobody pays for joining them.
"""

from __future__ import annotations

from importlib import import_module
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, Protocol

from benchmarks._form_bodies import Part
from benchmarks._form_rivals import load_werkzeug_1
from toolkit.sansio.forms.collector import FormCollector
from toolkit.sansio.forms.data import Upload
from toolkit.sansio.limits import FormLimits
from toolkit.storage import MAX_MEMORY, spool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GIB = 1 << 30
LARGE = FormLimits(max_body=GIB)


class Form(Protocol):
    """A form that is complete."""

    def parts(self) -> list[Part]: ...

    def close(self) -> None: ...


class Make(Protocol):
    """A way to make one."""

    def __call__(self, content_type: str, chunks: Sequence[bytes], /) -> Form: ...


class Chunks:
    """A stream that gives one chunk for each `read`."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self._next = iter(chunks).__next__

    def read(self, _: int = -1) -> bytes:
        try:
            return self._next()
        except StopIteration:
            return b""

    def readline(self, _: int = -1) -> bytes:
        """What Werkzeug 1 looks for, and never calls."""
        raise NotImplementedError


class Toolkit:
    def __init__(self, content_type: str, chunks: Sequence[bytes]) -> None:
        if len(chunks) > 1:
            collector = FormCollector(content_type, limits=LARGE, open_sink=spool)
        else:
            collector = FormCollector(content_type, open_sink=spool)
        with collector:
            for chunk in chunks:
                for write in collector.feed(chunk):
                    write.sink.write(write.data)
            self.form = collector.finish()
        self.close = self.form.close

    def parts(self) -> list[Part]:
        return [
            Part(name, value.filename, value.read())
            if isinstance(value, Upload)
            else Part(name, None, value.encode())
            for name, value in self.form.items(multi=True)
        ]


def multipart() -> Make:
    module: Any = import_module("multipart")

    class Multipart:
        def __init__(self, content_type: str, chunks: Sequence[bytes]) -> None:
            options = module.parse_options_header(content_type)[1]
            parser = module.MultipartParser(Chunks(chunks), options["boundary"], spool_limit=MAX_MEMORY)
            self.fields: list[Any] = []
            self.files: list[Any] = []
            for part in parser:
                if part.filename is None:
                    self.fields.append((part.name, part.value))
                else:
                    self.files.append(part)

        def parts(self) -> list[Part]:
            return [
                *(Part(name, None, value.encode()) for name, value in self.fields),
                *(Part(file.name, file.filename, file.raw) for file in self.files),
            ]

        def close(self) -> None:
            for file in self.files:
                file.close()

    return Multipart


def _by_form_parser(module: Any) -> Make:
    config = {"MAX_MEMORY_FILE_SIZE": MAX_MEMORY}

    class WithFormParser:
        def __init__(self, content_type: str, chunks: Sequence[bytes]) -> None:
            self.fields: list[tuple[str, str]] = []
            self.files: list[Any] = []
            headers = {"Content-Type": content_type.encode()}
            parser = module.create_form_parser(headers, self.on_field, self.files.append, config=config)
            for chunk in chunks:
                parser.write(chunk)
            parser.finalize()

        def on_field(self, field: Any) -> None:
            self.fields.append((field.field_name.decode(), field.value.decode()))

        def parts(self) -> list[Part]:
            return [
                *(Part(name, None, value.encode()) for name, value in self.fields),
                *(
                    Part(file.field_name.decode(), file.file_name.decode(), self.content(file.file_object))
                    for file in self.files
                ),
            ]

        def content(self, file: Any) -> bytes:
            file.seek(0)
            content: bytes = file.read()
            return content

        def close(self) -> None:
            for file in self.files:
                file.close()

    return WithFormParser


def python_multipart() -> Make:
    import python_multipart

    return _by_form_parser(python_multipart)


def multipart_rs() -> Make:
    import multipart_rs

    return _by_form_parser(multipart_rs)


class _Spooled:
    """What those get who have no files of their own: fields as text, files from the standard library."""

    def __init__(self) -> None:
        self.fields: list[tuple[str, str]] = []
        self.files: list[tuple[str, str, str, SpooledTemporaryFile[bytes]]] = []

    def open(self, name: str, filename: str, content_type: str) -> SpooledTemporaryFile[bytes]:
        file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(MAX_MEMORY)  # noqa: SIM115  # `close` does it
        self.files.append((name, filename, content_type, file))
        return file

    def parts(self) -> list[Part]:
        return [
            *(Part(name, None, value.encode()) for name, value in self.fields),
            *(Part(name, filename, self.content(file)) for name, filename, _, file in self.files),
        ]

    def content(self, file: SpooledTemporaryFile[bytes]) -> bytes:
        file.seek(0)
        return file.read()

    def close(self) -> None:
        for *_, file in self.files:
            file.close()


def rust_multipart() -> Make:
    from rust_multipart import MultipartParser, PartBegin, PartData, parse_options_header

    class RustMultipart(_Spooled):
        def __init__(self, content_type: str, chunks: Sequence[bytes]) -> None:
            super().__init__()
            parser = MultipartParser(parse_options_header(content_type)[1]["boundary"].encode())
            name = ""
            pieces: list[bytes] = []
            write: Any = None
            is_file = False
            for chunk in chunks:
                for event in parser.feed(chunk):
                    if isinstance(event, PartData):
                        write(event.data)
                    elif isinstance(event, PartBegin):
                        headers = {field.lower(): value for field, value in event.headers}
                        options = parse_options_header(headers[b"content-disposition"].decode())[1]
                        name = options["name"]
                        filename = options.get("filename")
                        is_file = filename is not None
                        if filename is not None:
                            kind = headers.get(b"content-type", b"").decode()
                            write = self.open(name, filename, kind).write
                        else:
                            pieces = []
                            write = pieces.append
                    elif not is_file:
                        self.fields.append((name, b"".join(pieces).decode()))
            parser.finish()

    return RustMultipart


def streaming_form_data(names: Sequence[str], files: Sequence[str]) -> Make:
    """It has to be told the names of the parts ahead, each once."""
    from streaming_form_data import StreamingFormDataParser
    from streaming_form_data.targets import BaseTarget, ValueTarget

    class StreamingFormData(_Spooled):
        def __init__(self, content_type: str, chunks: Sequence[bytes]) -> None:
            super().__init__()
            form = self

            class Target(BaseTarget):  # type: ignore[misc,unused-ignore]  # untyped
                def on_start(self) -> None:
                    file = form.open(self.name, self.multipart_filename, self.multipart_content_type)
                    self.write = file.write

                def on_data_received(self, chunk: bytes) -> None:
                    self.write(chunk)

            parser = StreamingFormDataParser({"Content-Type": content_type})
            targets: dict[str, Any] = {}
            for name in names:
                targets[name] = ValueTarget()
                parser.register(name, targets[name])
            for name in files:
                target = Target()
                target.name = name
                parser.register(name, target)
            for chunk in chunks:
                parser.data_received(chunk)
            self.fields = [(name, target.value.decode()) for name, target in targets.items()]

    return StreamingFormData


def emmett() -> Make:
    from emmett_core._emmett_core import MultiPartReader

    class Emmett:
        def __init__(self, content_type: str, chunks: Sequence[bytes]) -> None:
            reader = MultiPartReader(content_type, GIB)
            for chunk in chunks:
                reader.parse(chunk)
            self.fields: list[tuple[str, str]] = []
            self.files: list[tuple[str, Any]] = []
            for name, is_file, value in reader.contents():
                if is_file:
                    self.files.append((name, value))
                else:
                    self.fields.append((name, value.decode()))

        def parts(self) -> list[Part]:
            return [
                *(Part(name, None, value.encode()) for name, value in self.fields),
                *(Part(name, file.filename, file.read()) for name, file in self.files),
            ]

        def close(self) -> None:
            self.files = []

    return Emmett


def _by_form_data_parser(formparser: Any) -> Make:

    def stream_factory(*_: object, **__: object) -> Any:
        return SpooledTemporaryFile(MAX_MEMORY, mode="rb+")

    class Werkzeug:
        def __init__(self, content_type: str, chunks: Sequence[bytes]) -> None:
            parser = formparser.FormDataParser(stream_factory=stream_factory, silent=False)
            mimetype, options = formparser.parse_options_header(content_type)
            length = sum(map(len, chunks))  # which the old one needs
            _, self.form, self.files = parser.parse(Chunks(chunks), mimetype, length, options)

        def parts(self) -> list[Part]:
            return [
                *(Part(name, None, value.encode()) for name, value in self.form.items(multi=True)),
                *(
                    Part(name, file.filename, file.stream.read())
                    for name, file in self.files.items(multi=True)
                ),
            ]

        def close(self) -> None:
            for file in self.files.values():
                file.close()

    return Werkzeug


def werkzeug() -> Make:
    from werkzeug import formparser

    return _by_form_data_parser(formparser)


def werkzeug_1() -> Make:
    """The parser from before Flask 2.0."""
    return _by_form_data_parser(load_werkzeug_1())


def django() -> Make:
    from django.conf import settings
    from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
    from django.http.multipartparser import MultiPartParser

    if not settings.configured:
        settings.configure()
    # With these, the form goes to memory if all of it is small.
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = settings.DATA_UPLOAD_MAX_NUMBER_FILES = None
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_MEMORY

    class Django:
        def __init__(self, content_type: str, chunks: Sequence[bytes]) -> None:
            meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": sum(map(len, chunks))}
            handlers = [MemoryFileUploadHandler(), TemporaryFileUploadHandler()]
            self.form, self.files = MultiPartParser(meta, Chunks(chunks), handlers).parse()

        def parts(self) -> list[Part]:
            return [
                *(Part(name, None, value.encode()) for name, values in self.form.lists() for value in values),
                *(Part(name, file.name, file.read()) for name, file in self.uploads()),
            ]

        def uploads(self) -> Iterator[tuple[str, Any]]:
            return ((name, file) for name, files in self.files.lists() for file in files)

        def close(self) -> None:
            for _, file in self.uploads():
                file.close()

    return Django
