"""Other decoders on the same bodies: where they differ, a rule in docs/conformance/forms.md says why.

The bodies are generated, valid and not. A decoder that takes what we take must say the same; where only
one of the two takes a body, or they say different things, the difference belongs to a class named here.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.sansio.errors.base import RemoteError
from toolkit.sansio.forms.events import Field, FileData, FileStart
from toolkit.sansio.forms.multipart import MultipartDecoder

if TYPE_CHECKING:
    from collections.abc import Callable

Part: TypeAlias = "tuple[str, str | None, bytes]"

NAMES = st.sampled_from(["a", "b c", "é", "x[]", "", "a;b", "a%22b", "a%41", "c\\d", "a=b"])
CONTENTS = st.lists(
    st.sampled_from(
        [b"x", b"\r", b"\n", b"\r\n", b"-", b"--", b"--B", b"\r\n--", b"\r\n-", b"\xff", b"\0", b"B"]
    )
).map(b"".join)
FIELDS = st.builds('Content-Disposition: form-data; name="{}"\r\n'.format, NAMES)
FILES = st.builds(
    'Content-Disposition: form-data; name="{}"; filename="{}"\r\n{}'.format,
    NAMES,
    NAMES,
    st.sampled_from(["", "Content-Type: text/plain\r\n", "content-type: image/png\r\n"]),
)
ODD = st.sampled_from(
    [
        "", "Content-Type: text/plain\r\n", "content-disposition:form-data;name=a\r\n",
        "Content-Disposition: form-data\r\n", "Content-Disposition: attachment; name=a\r\n",
        "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n",
        "Content-Disposition: form-data;\r\n name=a\r\n",
        "X-Note: 1\r\nContent-Disposition: form-data; name=a\r\n",
        'Content-Disposition: form-data; name="a"b\r\n', "Content-Disposition: form-data; name=a\r\nbad\r\n",
    ]
)  # fmt: skip
PARTS = st.lists(st.tuples(st.one_of(FIELDS, FILES, FIELDS, FILES, ODD), CONTENTS), max_size=5)
ENDS = st.sampled_from([b"--B--\r\n", b"--B--", b"--B--\r\nepilogue", b"--B\r\n", b"", b"--B -- "])
STARTS = st.sampled_from([b"", b"", b"", b"\r\n", b"preamble\r\n", b"x"])


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    parts = b"".join(
        b"--B\r\n" + head.encode() + b"\r\n" + content + b"\r\n" for head, content in draw(PARTS)
    )
    return draw(STARTS) + parts + draw(ENDS)


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
    except (module.MultipartParseError, IndexError, AttributeError):
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
    except (ValueError, KeyError, TypeError, AttributeError):
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
    except (parser.MultiPartParserError, AttributeError):
        return None
    parts: list[Part] = []
    for name, values in post.lists():
        parts += [(name, None, value.encode("utf-8", "replace")) for value in values]
    for name, items in files.lists():
        parts += [(name, file.name, file.read()) for file in items]
    return parts


def _plain(text: str | None) -> str | None:
    return None if text is None else text.replace("%22", '"').replace("\\", "").replace("%0D", "\r")


def _told(parts: list[Part]) -> list[Any]:
    """What all decoders should agree on: names without what is escaped, file names or none, contents."""
    return [(_plain(name), _plain(filename or None), content) for name, filename, content in parts]


def agrees_with_multipart(body: bytes, mine: list[Part] | None, theirs: list[Part] | None) -> bool:
    if mine is None and theirs is not None:
        # Two dispositions, a part without a name, controls and stray quotes in a disposition.
        return b"disposition" in body.lower()
    if mine is not None and theirs is None:
        # Padding after a delimiter, and a part without content whose blank line is the delimiter's.
        return b"--B " in body or b"\r\n\r\n--B" in body
    if mine is not None and theirs is not None and _told(mine) != _told(theirs):
        # A blank line whose CRLF is the delimiter's: no content there, here; part of the content there.
        return b"\r\n\r\n--B" in body
    return True


def agrees_with_werkzeug(body: bytes, mine: list[Part] | None, theirs: list[Part] | None) -> bool:
    # They are tolerant: of bare LF as a line end, of anything before a delimiter, of missing ends.
    return mine is None or theirs is None or _told(mine) == _told(theirs) or _is_loose(body)


def _is_loose(body: bytes) -> bool:
    return any(
        mark in body for mark in (b"\r\n\r\n--B", b"\n--B", b"\r--B", b"--B--", b"preamble", b"\n\n", b"\r\r")
    )


@pytest.mark.parametrize(
    ("rival", "agrees"),
    [
        (multipart, agrees_with_multipart),
        (werkzeug, agrees_with_werkzeug),
        (python_multipart, agrees_with_werkzeug),
    ],
)
def test_generated_bodies(
    rival: Callable[[bytes], list[Part] | None],
    agrees: Callable[[bytes, list[Part] | None, list[Part] | None], bool],
) -> None:
    @settings(max_examples=400, deadline=None)
    @given(bodies())
    def check(body: bytes) -> None:
        mine, theirs = ours(body), rival(body)
        assert agrees(body, mine, theirs), (body, mine, theirs)

    check()


GOOD = st.lists(
    st.tuples(st.one_of(FIELDS, FILES), CONTENTS.filter(lambda content: b"--B" not in content)), max_size=5
).map(
    lambda parts: (
        b"".join(b"--B\r\n%s\r\n%s\r\n" % (head.encode(), content) for head, content in parts) + b"--B--\r\n"
    )
)


@pytest.mark.parametrize("rival", [multipart, werkzeug, python_multipart])
def test_all_agree_on_what_browsers_send(rival: Callable[[bytes], list[Part] | None]) -> None:
    @settings(max_examples=300, deadline=None)
    @given(GOOD)
    def check(body: bytes) -> None:
        mine, theirs = ours(body), rival(body)
        assert mine is not None
        assert theirs is not None
        assert _told(mine) == _told(theirs)

    check()


def test_django_agrees_on_the_names_and_contents_of_fields() -> None:
    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.tuples(FIELDS, st.sampled_from([b"", b"x", b"\r\n", b"a\r\n--\r\n"])), max_size=5))
    def check(fields: list[tuple[str, bytes]]) -> None:
        body = (
            b"".join(b"--B\r\n%s\r\n%s\r\n" % (head.encode(), content) for head, content in fields)
            + b"--B--\r\n"
        )
        mine, theirs = ours(body), django(body)
        assert sorted(_told(mine or [])) == sorted(_told(theirs or []))

    check()
