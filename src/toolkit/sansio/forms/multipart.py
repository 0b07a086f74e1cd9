r"""The decoder of `multipart/form-data` (RFC 7578): bytes in, fields and files out, at once.

There are two lanes. The fast lane knows the strict grammar that browsers and HTTP clients send::

    body = delimiter *(part delimiter) "--" epilogue    ; the first delimiter may lack its CRLF
    part = CRLF head CRLF CRLF content

It also skips a preamble that ends in the first chunk. What it does not know, it hands over at a part's
delimiter, with all that follows, to the general lane: `PartDecoder`, which reads the whole grammar of
RFC 2046. Both lanes tell the same assembler about their parts, and the assembler makes the events and knows
the limits. Whatever is wrong with a delimiter or a head is found by the general lane alone. So both lanes
give equal events, and equal errors.

At any moment the next byte belongs to one of four things, and `_state` says to which: a delimiter and the
head after it, the content of a part, the general lane, or the epilogue. Between two chunks `_tail` keeps
what is not decided yet: a head in progress with its delimiter, or the beginning of what may be a delimiter.

What costs time is not the scanning of bytes, which `bytes.find` does at the speed of memory, but the number
of interpreter operations for each part and each chunk. So the fast lane cuts a chunk at all its delimiters
with one `split`, and what a part costs then is a `partition`, a lookup and an event (see `_take`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from toolkit.sansio.errors.base import FormError, IncompleteForm, LimitExceeded
from toolkit.sansio.forms.assembly import CHARSET_FIELD, HEAD_OVERHEAD, FormAssembler
from toolkit.sansio.forms.base import DEFAULT_LIMITS
from toolkit.sansio.forms.boundary import check_boundary
from toolkit.sansio.forms.events import Field, FileData, FileEnd, FileStart, FormEvent, make_event
from toolkit.sansio.forms.heads import lowered, read_strict
from toolkit.sansio.forms.parts import PartData, PartDecoder, PartEvent, PartStart

if TYPE_CHECKING:
    from toolkit.sansio.limits import FormLimits

_DELIMITER, _CONTENT, _GENERAL, _EPILOGUE = range(4)  # what the next byte belongs to

_CRLF: Final = b"\r\n"
_BLANK: Final = b"\r\n\r\n"

# The heads that browsers send, after the CRLF of the delimiter. Those that need unescaping are left out.
_PLAIN: Final = re.compile(
    rb'\r\nContent-Disposition: form-data; name="([^"%\\\x00-\x1f\x7f]*)"'
    rb'(?:; filename="([^"%\\\x00-\x1f\x7f]*)"\r\nContent-Type: ([!-~]+(?: [!-~]+)*))?'
).fullmatch
_MAX_HEAD: Final = 1024  # bytes that such a head has at most
_MAX_FIELDS: Final = 2  # header fields that it has at most

# PERF: the names of fields by their heads. The forms of an application have few names, which come again
# and again (benchmarks/forms.py::large). It holds at most so many heads of at most so many bytes.
_NAMES: Final[dict[bytes, str]] = {}
_MAX_NAMES: Final = 1024
_MAX_NAME: Final = 128
_name_of: Final = _NAMES.get


class MultipartDecoder(FormAssembler):
    r"""A decoder for one `multipart/form-data` body.

    Fields come complete, as `Field`; files as `FileStart`, any number of `FileData`, `FileEnd`. No more
    of the input is kept than a field or a head in progress, which the limits bound, and the beginning of a
    delimiter. A chunk that is content from end to end is passed on as it is, uncopied.

    `boundary` is the parameter of the Content-Type, unquoted. Raises `MalformedForm` or `LimitExceeded`
    for one that is none.

    >>> decoder = MultipartDecoder("B")
    >>> decoder.feed(b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B--\r\n')
    [Field('a', b'1')]
    >>> decoder.finish()
    """

    __slots__ = ("_general", "_state", "_tail")

    def __init__(self, boundary: bytes | str, *, limits: FormLimits = DEFAULT_LIMITS) -> None:
        super().__init__(b"\r\n--" + check_boundary(boundary, limits.max_boundary), limits)
        self._state = _DELIMITER
        self._tail = _CRLF  # a body starts as if after a CRLF
        self._general: PartDecoder | None = None  # the other lane, once it has taken over

    @override
    def finish(self) -> None:
        """End of input. Every event was complete before, and `feed` has returned it.

        Raises `IncompleteForm` when the body was cut short. Nothing else may follow.
        """
        self._end()
        self._settle()
        if self._general is not None:
            try:
                self._general.finish()
            except IncompleteForm as error:
                error.name = self._open
                raise
        elif self._state == _CONTENT:
            reason, end = "the closing delimiter is missing", self._received
            raise IncompleteForm(reason, offset=end, part=self._items, name=self._open)

    @override
    def _decode(self, chunk: bytes) -> list[FormEvent]:
        state = self._state
        if state == _CONTENT:
            return self._content(chunk, [])
        if state == _DELIMITER:
            delimiter = self._delimiter
            dashes = delimiter[2:]
            if self._received == len(chunk) and chunk.startswith(dashes):  # at the start of the body
                # PERF: the first piece is cut, so that the chunk need not be (benchmarks/forms.py::browser).
                pieces = chunk.split(delimiter)
                if len(pieces) == 1:
                    return self._begin_last(chunk, len(dashes), [])
                pieces[0] = pieces[0][len(dashes) :]
                return self._take(pieces, len(chunk) + 2, [])
            return self._parts(self._tail + chunk, [])
        if state == _EPILOGUE or self._general is None:
            return []  # nobody reads it
        return self._leave(self._general, chunk, [])

    @override
    def _settle(self) -> None:
        if self._state == _DELIMITER:  # the general lane says what is wrong
            self._hand_over(self._tail, [])

    @property
    @override
    def _part(self) -> int:
        return self._items if self._general is None else self._general.number

    # The fast lane

    def _parts(self, buffer: bytes, events: list[FormEvent]) -> list[FormEvent]:
        """Take the parts of a buffer that should begin with a delimiter."""
        delimiter = self._delimiter
        if not buffer.startswith(delimiter):
            if delimiter.startswith(buffer):
                self._tail = buffer
                return events
            start = self._end_of_preamble(buffer)
            if start < 0:
                return self._hand_over(buffer, events)
            buffer = buffer[start:]
        return self._take(buffer.split(delimiter)[1:], len(buffer), events)

    def _end_of_preamble(self, buffer: bytes) -> int:
        """Where the first delimiter is, if the buffer is all of the body so far, with a preamble; else -1."""
        dashes = buffer.find(self._delimiter[2:])
        start = dashes - len(_CRLF)
        is_all = self._received == len(buffer) - len(_CRLF)
        is_line = dashes >= 0 and buffer.endswith(_CRLF, 0, dashes)
        return start if is_all and is_line and start <= self._limits.max_preamble else -1

    def _take(self, pieces: list[bytes], size: int, events: list[FormEvent]) -> list[FormEvent]:
        """Take what follows delimiters: complete parts, and a last piece; `size` bytes with the delimiters.

        Plain parts are taken in one sweep. The first one that is anything else, and all after it, are left
        to `_take_slowly`; and so are all of them, if the limits may not allow them all.
        """
        # PERF: a field that is known costs three calls into C and a lookup; nothing of ours is called, and
        # limits are reckoned for all parts together (benchmarks/forms.py::simple, ::large, ::files100).
        last = pieces.pop()
        limits = self._limits
        items = self._items + len(pieces)
        # What the parts may keep in memory: at first as much as if they were all fields.
        memory = self._memory + size - len(last) - len(self._delimiter) + len(pieces) * limits.item_cost
        if (
            items > limits.max_items
            or memory > limits.max_form_memory
            or limits.max_part_header_size < _MAX_HEAD
            or limits.max_part_headers < _MAX_FIELDS
        ):
            return self._take_slowly(pieces, last, events)
        charset = self._charset
        add = events.append
        remaining = iter(pieces)
        for piece in remaining:
            head, blank, content = piece.partition(_BLANK)
            name = _name_of(head)
            if name is not None and blank:
                add(make_event(Field, (name, content, None, charset)))
                continue
            plain = _read_plain(head) if blank else None
            if type(plain) is str:
                add(make_event(Field, (plain, content, None, charset)))
            elif type(plain) is FileStart and self._is_unmeasured and self._files < limits.max_files:
                self._files += 1
                memory -= len(content)
                add(plain)
                if content:
                    add(make_event(FileData, (content,)))
                add(make_event(FileEnd, (len(content),)))
            else:
                rest = [piece, *remaining]
                self._items = items - len(rest)
                self._memory = memory - sum(map(self._cost_of_a_part, rest))
                return self._take_slowly(rest, last, events)
        self._items = items
        self._memory = memory
        if last[:2] == b"--":
            self._state = _EPILOGUE
            return events
        return self._begin_last(last, 0, events)

    def _cost_of_a_part(self, piece: bytes) -> int:
        return len(self._delimiter) + len(piece) + self._limits.item_cost

    def _take_slowly(self, pieces: list[bytes], last: bytes, events: list[FormEvent]) -> list[FormEvent]:
        """Take complete parts one by one, with every check where it belongs, and a last piece."""
        delimiter = self._delimiter
        offset = self._received - len(last) - sum(map(len, pieces)) - (len(pieces) + 1) * len(delimiter) + 2
        for index, piece in enumerate(pieces):
            if piece[:2] == b"--":  # the close; what looked like parts is in the epilogue
                self._state = _EPILOGUE
                return events
            head, blank, content = piece.partition(_BLANK)
            if not blank and piece[-2:] == b"\r\n":
                head = piece[:-2]  # a part without content, whose blank line is the delimiter's
            fields = self._read(head)
            if fields is None:
                return self._hand_over(delimiter + delimiter.join([*pieces[index:], last]), events)
            self._begin(fields, head[2:], offset, events)
            if content:
                self._add(content, events)
            self._close(events)
            offset += len(piece) + len(delimiter)
        return self._begin_last(last, 0, events)

    def _begin_last(self, buffer: bytes, start: int, events: list[FormEvent]) -> list[FormEvent]:
        """Begin the part that is not complete, if its head is; a delimiter ends at `start`."""
        delimiter = self._delimiter
        if buffer.startswith(b"--", start):
            self._state = _EPILOGUE
            return events
        blank = buffer.find(_BLANK, start)
        content = blank + len(_BLANK)
        # The blank line's CRLF may be that of a delimiter: until that is known, the head waits.
        if blank < 0 or delimiter.startswith(buffer[content : content + len(delimiter)], 2):
            return self._wait_for_head(buffer[start:], events)
        head = buffer[start:blank]
        offset = self._received - (len(buffer) - start) - len(delimiter) + 2
        if self._is_allowed(head) and type(plain := _read_plain(head)) is FileStart:
            self._begin_file(plain, head[2:], offset, events)
        elif (fields := self._read(head)) is not None:
            self._begin(fields, head[2:], offset, events)
        else:
            return self._hand_over(delimiter + buffer[start:], events)
        self._state = _CONTENT
        self._tail = b""
        return self._pass_on(buffer[content:], events)

    def _wait_for_head(self, piece: bytes, events: list[FormEvent]) -> list[FormEvent]:
        """Put off the head that is not complete, unless it is none already, or too long."""
        size = len(piece) - len(self._delimiter) - HEAD_OVERHEAD
        may_be_one = piece[:2] == _CRLF or piece in (b"", b"\r", b"-")
        if size > self._limits.max_part_header_size or not may_be_one:
            return self._hand_over(self._delimiter + piece, events)
        self._tail = self._delimiter + piece
        self._state = _DELIMITER
        return events

    def _content(self, chunk: bytes, events: list[FormEvent]) -> list[FormEvent]:
        """Go on with the content of the part that is open."""
        delimiter = self._delimiter
        if self._tail:
            chunk = self._resolve_tail(chunk, events)
        end = chunk.find(delimiter)
        if end >= 0:
            if end:
                self._add(chunk[:end], events)
            self._close(events)
            self._state = _DELIMITER
            return self._parts(chunk[end:], events)
        return self._pass_on(chunk, events)

    def _pass_on(self, chunk: bytes, events: list[FormEvent]) -> list[FormEvent]:
        """Add content in which there is no delimiter, but for what may be the beginning of one."""
        delimiter = self._delimiter
        # A delimiter has one CR, its first byte (a boundary has none): only the last CR can begin one.
        start = chunk.rfind(b"\r", 1 - len(delimiter))
        if start >= 0 and delimiter.startswith(chunk[start:]):
            self._tail = chunk[start:]
            chunk = chunk[:start]
        if self._is_streamed and chunk:
            # PERF: what `_add` would do (benchmarks/forms.py::upload, ::random).
            self._size += len(chunk)
            events.append(make_event(FileData, (chunk,)))
        elif chunk:
            self._add(chunk, events)
        return events

    def _resolve_tail(self, chunk: bytes, events: list[FormEvent]) -> bytes:
        """Decide with `chunk` whether the tail begins a delimiter; what is to be searched is returned."""
        delimiter = self._delimiter
        tail, self._tail = self._tail, b""
        if len(chunk) < len(delimiter) or (tail + chunk[: len(delimiter)]).startswith(delimiter):
            return tail + chunk
        # PERF: an event of its own for the tail, since to join them would copy the chunk once more
        # (benchmarks/forms.py::crlf, ::bchar).
        self._add(tail, events)
        return chunk

    def _read(self, head: bytes) -> list[tuple[str, str]] | None:
        """The fields of a head, which begins with the CRLF of its delimiter; None if it is not strict."""
        return read_strict(head[2:]) if self._is_allowed(head) else None

    def _is_allowed(self, head: bytes) -> bool:
        """Whether a head begins as it must, and is within the limits on heads."""
        limits = self._limits
        return (
            head[:2] == _CRLF
            and len(head) - 2 <= limits.max_part_header_size
            and head.count(_CRLF) <= limits.max_part_headers
        )

    # The general lane

    def _hand_over(self, buffer: bytes, events: list[FormEvent]) -> list[FormEvent]:
        """Leave the rest to the general lane, from a buffer on that begins with the CRLF of a delimiter."""
        offset = self._received - len(buffer) + 2
        self._general = general = PartDecoder(
            self._delimiter[4:], limits=self._limits, offset=offset, part=self._items
        )
        self._state = _GENERAL
        self._tail = b""
        return self._leave(general, buffer[2:], events)

    def _leave(self, general: PartDecoder, chunk: bytes, events: list[FormEvent]) -> list[FormEvent]:
        """Let the general lane decode a chunk, and make events of its parts."""
        parts: list[PartEvent] = []
        try:
            general.feed_into(parts, chunk)
        except (FormError, LimitExceeded) as error:
            self._assemble(parts, events)  # what is wrong with an earlier part comes first
            error.name = self._open
            raise
        self._assemble(parts, events)
        if general.has_seen_the_close:
            self._state = _EPILOGUE
        return events

    def _assemble(self, parts: list[PartEvent], events: list[FormEvent]) -> None:
        """Make the events of a form of those of its parts."""
        for part in parts:
            if isinstance(part, PartData):
                self._add(part.data, events)
            elif isinstance(part, PartStart):
                headers = part.headers
                self._begin(lowered(headers.pairs), headers.raw, part.offset, events)
            else:
                self._close(events)


def _read_plain(head: bytes) -> str | FileStart | None:
    """What a plain head begins: a field, whose name is returned, or a file; None for any other head."""
    match = _PLAIN(head)
    if match is None or len(head) > _MAX_HEAD:
        return None
    raw, filename, content_type = match.groups()
    try:
        name = raw.decode()
        if filename is not None:
            return make_event(FileStart, (name, filename.decode(), content_type.decode(), None))
    except UnicodeDecodeError:
        return None
    if name == CHARSET_FIELD:
        return None
    if len(head) <= _MAX_NAME:
        if len(_NAMES) >= _MAX_NAMES:
            _NAMES.clear()
        _NAMES[head] = name
    return name
