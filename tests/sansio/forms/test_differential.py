"""Other decoders on the same bodies: where they differ, a rule in docs/conformance/forms.md says why.

A body is made of plain parts and of quirks: a quirk is one thing that is odd or wrong, as a part, as what
comes before the first part, or as what comes after the last. Each has a row in the conformance page, and
names the decoders that see it otherwise than ours. By itself, each one of these does differ, and no other
does. And on bodies of plain parts and of any quirks that a decoder does not see otherwise, generated, it
says exactly what ours says: the same parts, or that the body is none.
"""

from __future__ import annotations

import importlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sansio.forms.bodies import CLOSE, field, file, part
from toolkit.sansio.errors.base import RemoteError
from toolkit.sansio.forms.events import Field, FileData, FileStart
from toolkit.sansio.forms.multipart import MultipartDecoder

if TYPE_CHECKING:
    from collections.abc import Callable

Part: TypeAlias = "tuple[str, str | None, bytes]"
Decode: TypeAlias = "Callable[[bytes], list[Part] | None]"

CONFORMANCE: Final = Path(__file__).parents[3] / "docs" / "conformance" / "forms.md"
MULTIPART, PYTHON_MULTIPART, WERKZEUG, DJANGO = "multipart", "python-multipart", "werkzeug", "django"
ALL: Final = frozenset((MULTIPART, PYTHON_MULTIPART, WERKZEUG, DJANGO))
CD: Final = "Content-Disposition: form-data; "


class Quirk(NamedTuple):
    """Something odd or wrong: its bytes, where they stand, and the decoders that see it otherwise."""

    body: bytes
    differs: frozenset[str]
    where: str = "part"


def quirk(body: bytes, *differs: str, where: str = "part") -> Quirk:
    return Quirk(body, frozenset(differs), where)


def head(text: str, content: bytes = b"1") -> bytes:
    """A part as it is, with what cannot be encoded as raw bytes."""
    return b"--B\r\n" + text.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + content + b"\r\n"


QUIRKS: Final[dict[str, Quirk]] = {
    # names and file names
    "`%22` in a name": quirk(field("a%22b"), PYTHON_MULTIPART, DJANGO),
    "`%0D%0A` in a name": quirk(field("a%0D%0Ab"), PYTHON_MULTIPART, WERKZEUG, DJANGO),
    "another escape in a name": quirk(field("a%41")),
    "a backslash in a name": quirk(field("a\\b"), WERKZEUG),
    "a backslash and a quote in a name": quirk(field('a\\"b')),
    "a file name that is a Windows path": quirk(
        file("f", "C:\\dir\\x.txt"), MULTIPART, PYTHON_MULTIPART, WERKZEUG, DJANGO
    ),
    "a file name that is a Unix path": quirk(file("f", "dir/x.txt"), DJANGO),
    "`filename*` beside `filename`": quirk(
        part(CD + 'name="f"; filename="_"; filename*=utf-8\'\'%C3%BC'), MULTIPART, PYTHON_MULTIPART
    ),
    "`filename*` alone": quirk(part(CD + "name=\"f\"; filename*=utf-8''%C3%BC"), MULTIPART, PYTHON_MULTIPART),
    "`name*` beside `name`": quirk(part(CD + "name=\"a\"; name*=utf-8''b"), WERKZEUG, DJANGO),
    "an empty name": quirk(field("", b"1")),
    "an empty file name": quirk(file("f", "", b"")),
    # heads
    "unusual case and spaces in a head": quirk(part('content-disposition:FORM-DATA;NAME="a"', b"1")),
    "Content-Type before Content-Disposition": quirk(part(f'Content-Type: text/plain\n{CD}name="a"', b"1")),
    "an unknown header field": quirk(part(f'X-Note: 1\n{CD}name="a"', b"1")),
    "a folded header field": quirk(
        head('Content-Disposition: form-data;\r\n name="a"'), PYTHON_MULTIPART, DJANGO
    ),
    "a part without a head": quirk(head("")[:5] + b"\r\n1\r\n", PYTHON_MULTIPART, WERKZEUG, DJANGO),
    "a part without Content-Disposition": quirk(head("Content-Type: text/plain"), PYTHON_MULTIPART, DJANGO),
    "a part without a name": quirk(head(CD + "x=y"), *ALL),
    "another disposition than form-data": quirk(
        head('Content-Disposition: attachment; name="a"'), PYTHON_MULTIPART, WERKZEUG, DJANGO
    ),
    "two Content-Dispositions": quirk(head(f'{CD}name="a"\r\n{CD}name="b"'), *ALL),
    "two names": quirk(head(CD + 'name="a"; name="b"'), *ALL),
    "a stray quote": quirk(head(CD + 'name="a"b"'), *ALL),
    "text after a quoted name": quirk(head(CD + 'name="a"b'), *ALL),
    "a line without a colon": quirk(head(f'{CD}name="a"\r\nbad'), WERKZEUG, DJANGO),
    "a line without a field name": quirk(head(f'{CD}name="a"\r\n: bad'), WERKZEUG, DJANGO),
    "NUL in a name": quirk(field("a\0"), *ALL),
    "another control in a name": quirk(field("a\x01"), *ALL),
    "a name that is not UTF-8": quirk(head(CD + 'name="\udcff"'), DJANGO),
    "bare LF as the line end of a head": quirk(
        b"--B\n" + field("a")[5:].replace(b"\r\n", b"\n", 2), PYTHON_MULTIPART, WERKZEUG, DJANGO
    ),
    "bare LF in a head": quirk(head(CD + 'name="a"\nX: y'), *ALL),
    "bare CR in a head": quirk(head(CD + 'name="a"\rX: y'), MULTIPART, WERKZEUG, DJANGO),
    # charsets, encodings, lengths
    "a field in Latin-1 that says so": quirk(
        field("a", b"\xe9", "\nContent-Type: text/plain; charset=latin-1"), DJANGO
    ),
    "a field in a charset that is not read": quirk(
        field("a", b"1", "\nContent-Type: text/plain; charset=utf-16"), *ALL
    ),
    "`_charset_` with a charset that is not read": quirk(field("_charset_", b"utf-16"), *ALL),
    "a field that is not UTF-8": quirk(field("a", b"\xff"), DJANGO),
    "Content-Transfer-Encoding: base64": quirk(
        field("a", b"MQ==", "\nContent-Transfer-Encoding: base64"), DJANGO
    ),
    "a Content-Length that is right": quirk(field("a", b"1", "\nContent-Length: 1")),
    "a Content-Length that is wrong": quirk(field("a", b"1", "\nContent-Length: 3"), MULTIPART),
    # delimiters
    "padding after a delimiter": quirk(b"--B \t\r\n" + field("a")[5:], MULTIPART, PYTHON_MULTIPART),
    "a part without content and its CRLF": quirk(field("a", b"")[:-2], MULTIPART, PYTHON_MULTIPART, DJANGO),
    "the boundary after a bare LF in content": quirk(field("a", b"x\n--B"), WERKZEUG, DJANGO),
    "the boundary after a bare CR in content": quirk(field("a", b"x\r--B"), WERKZEUG, DJANGO),
    "the boundary inside a line of content": quirk(field("a", b"x--B"), DJANGO),
    "content that begins with the boundary": quirk(field("a", b"--Bx"), *ALL),
    "a line of content that begins with the boundary": quirk(
        field("a", b"x\r\n--Bx"), PYTHON_MULTIPART, WERKZEUG, DJANGO
    ),
    # before the first delimiter
    "a line end before": quirk(b"\r\n", where="start"),
    "a preamble": quirk(b"preamble\r\n", PYTHON_MULTIPART, where="start"),
    "a preamble that ends in bare LF": quirk(b"x\n", WERKZEUG, DJANGO, where="start"),
    "bytes before the first delimiter": quirk(b"x", WERKZEUG, DJANGO, where="start"),
    "the boundary in a preamble": quirk(b"x--B\r\n", WERKZEUG, DJANGO, where="start"),
    # after the last part
    "no line end after the close": quirk(b"--B--", where="end"),
    "an epilogue": quirk(b"--B--\r\nepilogue", where="end"),
    "bytes right after the close": quirk(b"--B--x", where="end"),
    "padding after the close": quirk(b"--B-- \r\n", where="end"),
    "a part in the epilogue": quirk(CLOSE + field("a") + CLOSE, DJANGO, where="end"),
    "no closing delimiter": quirk(b"", PYTHON_MULTIPART, DJANGO, where="end"),
    "a body that ends in a delimiter": quirk(b"--B\r\n", PYTHON_MULTIPART, DJANGO, where="end"),
    "half of a closing delimiter": quirk(b"--B-", PYTHON_MULTIPART, DJANGO, where="end"),
}


def ours(body: bytes) -> list[Part] | None:
    decoder = MultipartDecoder("B")
    parts: list[Part] = []
    try:
        for event in decoder.feed(body):
            if isinstance(event, Field):
                parts.append((event.name, None, event.value))
            elif isinstance(event, FileStart):
                parts.append((event.name, event.filename, b""))
            elif isinstance(event, FileData):
                parts[-1] = (*parts[-1][:2], parts[-1][2] + event.data)
        decoder.finish()
    except RemoteError:
        return None
    return parts


def multipart(body: bytes) -> list[Part] | None:
    module = importlib.import_module("multipart")
    parts: list[Part] = []
    try:
        with module.PushMultipartParser("B") as parser:
            for event in parser.parse(body):
                if isinstance(event, module.MultipartSegment):
                    parts.append((event.name, event.filename, b""))
                elif event:
                    parts[-1] = (*parts[-1][:2], parts[-1][2] + event)
    except module.MultipartError:
        return None
    return parts


def python_multipart(body: bytes) -> list[Part] | None:
    module = pytest.importorskip("python_multipart.multipart")
    parts: list[Any] = []
    fields: list[list[bytes]] = []

    def end_of_head() -> None:
        given: dict[bytes, bytes] = {}
        for name, value in fields:
            if name.lower() == b"content-disposition":
                given = module.parse_options_header(value)[1]
        filename = given.get(b"filename")
        parts.append([given.get(b"name", b"?").decode(), filename and filename.decode(), b""])

    def data(raw: bytes, start: int, end: int) -> None:
        parts[-1][2] += raw[start:end]

    def name(raw: bytes, start: int, end: int) -> None:
        fields.append([raw[start:end], b""])

    def value(raw: bytes, start: int, end: int) -> None:
        fields[-1][1] += raw[start:end]

    calls = {
        "on_part_begin": fields.clear,
        "on_header_field": name,
        "on_header_value": value,
        "on_headers_finished": end_of_head,
        "on_part_data": data,
    }
    try:
        parser = module.MultipartParser(b"B", calls)
        parser.write(body)
        parser.finalize()
    except (module.MultipartParseError, UnicodeDecodeError):
        return None
    return [tuple(part) for part in parts]


def werkzeug(body: bytes) -> list[Part] | None:
    module = pytest.importorskip("werkzeug.sansio.multipart")
    decoder = module.MultipartDecoder(b"B")
    parts: list[Part] = []
    try:
        for chunk in (body, None):
            decoder.receive_data(chunk)
            while not isinstance(event := decoder.next_event(), (module.NeedData, module.Epilogue)):
                if isinstance(event, (module.Field, module.File)):
                    parts.append((event.name, getattr(event, "filename", None), b""))
                elif isinstance(event, module.Data):
                    parts[-1] = (*parts[-1][:2], parts[-1][2] + event.data)
    except (ValueError, KeyError):  # a cut body, a head it cannot read; no disposition
        return None
    return parts


def django(body: bytes) -> list[Part] | None:
    conf = pytest.importorskip("django.conf")
    if not conf.settings.configured:
        conf.settings.configure()
    parser = importlib.import_module("django.http.multipartparser")
    handlers = importlib.import_module("django.core.files.uploadhandler")
    io = importlib.import_module("io")
    meta = {"CONTENT_TYPE": "multipart/form-data; boundary=B", "CONTENT_LENGTH": str(len(body))}
    try:
        post, files = parser.MultiPartParser(
            meta, io.BytesIO(body), [handlers.MemoryFileUploadHandler()]
        ).parse()
    except parser.MultiPartParserError:
        return None
    parts: list[Part] = []
    for name, values in post.lists():
        parts += [(name, None, value.encode("utf-8", "replace")) for value in values]
    for name, items in files.lists():
        parts += [(name, file.name, file.read()) for file in items]
    return parts


RIVALS: Final[dict[str, Decode]] = {
    MULTIPART: multipart, PYTHON_MULTIPART: python_multipart, WERKZEUG: werkzeug, DJANGO: django,
}  # fmt: skip


def told(parts: list[Part] | None, rival: str) -> object:
    """What can be compared: django gives fields first and then files, and no file name for an empty one."""
    if parts is None:
        return "refused"
    plain = [(name, filename or None, content) for name, filename, content in parts]
    return sorted(plain, key=repr) if rival == DJANGO else plain


@pytest.fixture(autouse=True)
def _quiet() -> None:
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


@pytest.mark.parametrize("rival", RIVALS)
@pytest.mark.parametrize("name", QUIRKS)
def test_quirks(name: str, rival: str) -> None:
    odd = QUIRKS[name]
    plain = field("z", b"2")
    bodies = {
        "part": [plain + odd.body + plain + CLOSE, odd.body + plain + CLOSE],
        "start": [odd.body + plain + CLOSE],
        "end": [plain + odd.body],
    }[odd.where]
    differs = [told(ours(body), rival) != told(RIVALS[rival](body), rival) for body in bodies]
    assert any(differs) == (rival in odd.differs)


@pytest.mark.parametrize("name", QUIRKS)
def test_every_quirk_has_its_rule(name: str) -> None:
    (row,) = [line for line in CONFORMANCE.read_text("utf-8").splitlines() if line.startswith(f"| {name} |")]
    others = row.split("|")[4]
    assert {rival.strip() for rival in others.split(",")} - {""} == QUIRKS[name].differs


NAMES = st.sampled_from(["a", "b c", "é", "x[]", "a;b", "a=b", "日本", "."])
FILENAMES = st.sampled_from(["a.txt", "b c.png", "é", "x[1]", "a;b", "a=b"])
CONTENTS = st.lists(
    st.sampled_from([b"x", b"\r", b"\n", b"\r\n", b"-", b"--", b"\r\n--", b"\r\n-", b"\0", b"B", b"\r\n--A"])
).map(b"".join)
KINDS = st.sampled_from(["text/plain", "image/png", "application/x; a=b"])
PLAIN = st.one_of(
    st.builds(field, NAMES, CONTENTS),
    st.builds(file, NAMES, FILENAMES, CONTENTS, KINDS),
).filter(lambda made: made.count(b"--B") == 1)


def bodies(rival: str) -> st.SearchStrategy[bytes]:
    """Bodies with quirks that this decoder sees as ours does."""

    def shared(where: str) -> st.SearchStrategy[bytes]:
        return st.sampled_from(
            [odd.body for odd in QUIRKS.values() if odd.where == where and rival not in odd.differs]
        )

    def build(start: bytes, parts: list[bytes], end: bytes) -> bytes:
        return start + b"".join(parts) + end

    return st.builds(
        build,
        st.one_of(st.just(b""), st.just(b""), shared("start")),
        st.lists(st.one_of(PLAIN, PLAIN, shared("part")), max_size=5),
        st.one_of(st.just(CLOSE), st.just(CLOSE), shared("end")),
    )


@pytest.mark.parametrize("rival", RIVALS)
def test_all_else_is_the_same(rival: str) -> None:
    @settings(max_examples=5 * settings().max_examples, deadline=None)
    @given(bodies(rival))
    def check(body: bytes) -> None:
        assert told(ours(body), rival) == told(RIVALS[rival](body), rival)

    check()
