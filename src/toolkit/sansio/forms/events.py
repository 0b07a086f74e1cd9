"""What a form body says, as events: the fields and the files of a form in the order they were sent.

A field is one event, complete. A file is a `FileStart`, any number of `FileData`, and a `FileEnd`;
between these no other event occurs. Events are frozen, complete when born, equal when they say the same,
and do not depend on which decoder, which lane of it, or which cut of the input made them (adjacent
`FileData` may be cut differently). The encoder takes the same events and gives the bytes back.

Events are tuples underneath, because tuples are the cheapest frozen objects that Python has, to make and
to read. How many items they have, and which, is private: use the attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias, TypeVar, cast, final

from typing_extensions import override

from toolkit.sansio.fields.content_disposition import escape_form

if TYPE_CHECKING:
    from typing_extensions import Self

DEFAULT_CONTENT_TYPE: Final = "application/octet-stream"
"""The content type of a file that was sent without one (RFC 7578 section 4.4, RFC 2046 section 4.5.1)."""

_Event = TypeVar("_Event", bound=tuple[object, ...])
_PLAIN: Final = b'Content-Disposition: form-data; name="'


@final
class PartHeaders(Mapping[str, str]):
    r"""The header fields of one part: a read-only mapping whose keys ignore case.

    Made from the block of header lines as received, without the blank line that ends it, or from (name,
    value) pairs. It is read when it is first asked for something: most forms never do. The value of a
    name that occurs twice is its first one; `pairs` has them all. Equality ignores the case of names.

    >>> headers = PartHeaders(b"Content-Type: text/plain\r\nX-Note: one,\r\n two")
    >>> headers["content-type"], headers["X-Note"]
    ('text/plain', 'one, two')
    """

    __slots__ = ("_pairs", "_raw")

    def __init__(self, source: bytes | Mapping[str, str] | Iterable[tuple[str, str]] = b"") -> None:
        self._raw: bytes | None = None
        self._pairs: tuple[tuple[str, str], ...] | None = None
        if isinstance(source, bytes):
            self._raw = source
        else:
            items = cast("Mapping[str, str]", source).items() if isinstance(source, Mapping) else source
            self._pairs = tuple(items)

    @property
    def raw(self) -> bytes:
        """The header lines as they were received (or as UTF-8), joined with CRLF."""
        if self._raw is None:
            self._raw = "\r\n".join(f"{name}: {value}" for name, value in self.pairs).encode()
        return self._raw

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every header field as (name, value), in order, names as they were spelled."""
        if self._pairs is None:
            self._pairs = tuple(_read(self._raw or b""))
        return self._pairs

    def get_all(self, name: str) -> list[str]:
        """The values of every header field of that name."""
        name = name.lower()
        return [value for key, value in self.pairs if key.lower() == name]

    @override
    def __getitem__(self, name: str) -> str:
        for value in self.get_all(name):
            return value
        raise KeyError(name)

    @override
    def __iter__(self) -> Iterator[str]:
        names: dict[str, str] = {}
        for name, _ in self.pairs:
            names.setdefault(name.lower(), name)
        return iter(names.values())

    @override
    def __len__(self) -> int:
        return len({name.lower() for name, _ in self.pairs})

    @override
    def __eq__(self, other: object) -> bool:
        if isinstance(other, PartHeaders):
            return self._folded() == other._folded()
        return NotImplemented

    @override
    def __hash__(self) -> int:
        return hash(self._folded())

    @override
    def __repr__(self) -> str:
        return f"PartHeaders({self._raw!r})" if self._raw is not None else f"PartHeaders({self._pairs!r})"

    def _folded(self) -> tuple[tuple[str, str], ...]:
        return tuple((name.lower(), value) for name, value in self.pairs)


HeaderSource: TypeAlias = PartHeaders | bytes | Mapping[str, str] | Iterable[tuple[str, str]] | None
"""What an event takes as its headers; None stands for those that its other attributes imply."""


class _Field(NamedTuple):
    name: str
    value: bytes
    head: PartHeaders | bytes | None
    charset: str


class _FileStart(NamedTuple):
    name: str
    filename: str
    content_type: str
    head: PartHeaders | bytes | None


class _FileData(NamedTuple):
    data: bytes


class _FileEnd(NamedTuple):
    size: int


@final
class Field(_Field):
    r"""A field that is not a file: its `name`, its `value` in bytes, the part's `headers`.

    `name` is unescaped; `value` is as it was sent (for urlencoded, percent-decoded). `text` is the value as
    text in `charset`, which the part or the form declared (UTF-8, if none did). A field of an urlencoded
    form has no headers; where none are given, they are those that a browser would send.

    >>> field = Field("city", "Zürich".encode())
    >>> field.text
    'Zürich'
    >>> field
    Field('city', b'Z\xc3\xbcrich')
    """

    __slots__ = ()
    if not TYPE_CHECKING:  # pragma: no branch  # those of the tuple are private
        __match_args__ = ("name", "value", "headers")

    def __new__(
        cls, name: str, value: bytes, headers: HeaderSource = None, *, charset: str = "utf-8"
    ) -> Self:
        """The event."""
        return super().__new__(cls, name, value, _keep(headers), charset)

    @property
    def headers(self) -> PartHeaders:
        """The header fields of the part."""
        head = self.head
        if head is None:
            return PartHeaders(disposition(self.name))
        return head if isinstance(head, PartHeaders) else PartHeaders(head)

    @property
    def text(self) -> str:
        """The value as text; bytes outside the charset become U+FFFD, as WHATWG decodes."""
        return self.value.decode(self.charset, "replace")

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Field) or self[:2] != other[:2] or self.charset != other.charset:
            return False
        return self.head == other.head or self.headers == other.headers

    @override
    def __ne__(self, other: object) -> bool:
        return not self == other

    @override
    def __hash__(self) -> int:
        return hash((Field, self.name, self.value))

    @override
    def __repr__(self) -> str:
        head = "" if self.head is None else f", {self.head!r}"
        charset = "" if self.charset == "utf-8" else f", charset={self.charset!r}"
        return f"Field({self.name!r}, {self.value!r}{head}{charset})"

    def __getnewargs_ex__(self) -> tuple[tuple[str, bytes, HeaderSource], dict[str, str]]:
        """What `copy` and `pickle` make it from."""
        return self[:3], {"charset": self.charset}


@final
class FileStart(_FileStart):
    """The start of a file: the `name` of the control, the client's `filename`, `content_type`, `headers`.

    `filename` is what the client sent, unescaped: it may be empty (no file was chosen), hold a path, or
    anything else; it is no path to open. `content_type` is the field as sent, or
    `application/octet-stream` if there was none.

    >>> FileStart("photo", "me.png", "image/png")
    FileStart('photo', 'me.png', 'image/png')
    """

    __slots__ = ()
    if not TYPE_CHECKING:  # pragma: no branch  # those of the tuple are private
        __match_args__ = ("name", "filename", "content_type", "headers")

    def __new__(
        cls,
        name: str,
        filename: str,
        content_type: str = DEFAULT_CONTENT_TYPE,
        headers: HeaderSource = None,
    ) -> Self:
        """The event."""
        return super().__new__(cls, name, filename, content_type, _keep(headers))

    @property
    def headers(self) -> PartHeaders:
        """The header fields of the part."""
        head = self.head
        if head is None:
            head = disposition(self.name, self.filename) + b"\r\nContent-Type: " + self.content_type.encode()
        return head if isinstance(head, PartHeaders) else PartHeaders(head)

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileStart) or self[:3] != other[:3]:
            return False
        return self.head == other.head or self.headers == other.headers

    @override
    def __ne__(self, other: object) -> bool:
        return not self == other

    @override
    def __hash__(self) -> int:
        return hash((FileStart, *self[:3]))

    @override
    def __repr__(self) -> str:
        head = "" if self.head is None else f", {self.head!r}"
        return f"FileStart({self.name!r}, {self.filename!r}, {self.content_type!r}{head})"


@final
class FileData(_FileData):
    """Some bytes of the file that is open: `data`, never empty.

    Where a whole chunk is content, `data` is the very object that was fed.

    >>> FileData(b"GIF89a")
    FileData(b'GIF89a')
    """

    __slots__ = ()

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileData) and self.data == other.data

    @override
    def __ne__(self, other: object) -> bool:
        return not self == other

    @override
    def __hash__(self) -> int:
        return hash((FileData, self.data))

    @override
    def __repr__(self) -> str:
        return f"FileData({self.data!r})"


@final
class FileEnd(_FileEnd):
    """The end of the file that is open: its `size` in bytes.

    >>> FileEnd(6)
    FileEnd(6)
    """

    __slots__ = ()

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileEnd) and self.size == other.size

    @override
    def __ne__(self, other: object) -> bool:
        return not self == other

    @override
    def __hash__(self) -> int:
        return hash((FileEnd, self.size))

    @override
    def __repr__(self) -> str:
        return f"FileEnd({self.size!r})"


class _Make(Protocol):
    def __call__(self, kind: type[_Event], items: tuple[object, ...], /) -> _Event: ...


# PERF: how the decoders make events: no function of Python's is called, and nothing is checked; `items` must
# be those of the tuple (benchmarks/forms.py::large).
make_event: Final = cast("_Make", tuple.__new__)  # pyright: ignore[reportUnknownMemberType]  # it is generic

FormEvent: TypeAlias = Field | FileStart | FileData | FileEnd
"""What a decoder yields and an encoder takes."""


def _keep(headers: HeaderSource) -> PartHeaders | bytes | None:
    """Headers in the form that an event keeps."""
    if headers is None or isinstance(headers, (PartHeaders, bytes)):
        return headers
    return PartHeaders(headers)


def disposition(name: str, filename: str | None = None) -> bytes:
    """The Content-Disposition line that a browser sends (WHATWG HTML, multipart/form-data encoding)."""
    text = f'{escape_form(name)}"'
    if filename is not None:
        text += f'; filename="{escape_form(filename)}"'
    return _PLAIN + text.encode()


def _read(block: bytes) -> Iterator[tuple[str, str]]:
    """The fields of a header block; a folded line continues the field before it."""
    text = block.decode("utf-8", "replace").replace("\r\n ", " ").replace("\r\n\t", " ")
    for line in text.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip(" \t"), value.strip(" \t")
