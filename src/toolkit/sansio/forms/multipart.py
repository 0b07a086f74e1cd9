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

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from toolkit.sansio.errors.base import FormError, IncompleteForm, LimitExceeded
from toolkit.sansio.forms.assembly import HEAD_OVERHEAD, FormAssembler
from toolkit.sansio.forms.base import DEFAULT_LIMITS
from toolkit.sansio.forms.boundary import check_boundary
from toolkit.sansio.forms.events import Field, FileData, FileEnd, FileStart, FormEvent, make_event
from toolkit.sansio.forms.heads import lowered, read_strict
from toolkit.sansio.forms.parts import PartData, PartDecoder, PartEvent, PartStart, held_back
from toolkit.sansio.forms.plain import MAX_FIELDS, MAX_HEAD, name_of, read_plain

if TYPE_CHECKING:
    from toolkit.sansio.limits import FormLimits

# What the next byte belongs to; `_STREAM` is content of which nothing is counted or held back.
_DELIMITER, _STREAM, _CONTENT, _GENERAL, _EPILOGUE = range(5)

_CRLF: Final = b"\r\n"
_BLANK: Final = b"\r\n\r\n"
_CLOSES: Final = frozenset((b"--\r\n", b"--"))  # what nearly always follows the last delimiter

# PERF: so many bytes have not as many plain parts as the default limits allow (benchmarks/forms.py::simple).
_HARMLESS: Final = 32 * 1024
_SMALL: Final = 4 * 1024  # it costs next to nothing to copy so many bytes


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

    __slots__ = ("_general", "_harmless", "_room", "_state", "_tail")

    def __init__(self, boundary: bytes | str, *, limits: FormLimits = DEFAULT_LIMITS) -> None:
        # PERF: everything at once, for the base classes, too (benchmarks/forms.py::simple).
        self._delimiter = b"\r\n--" + check_boundary(boundary, limits.max_boundary)
        self._limits = limits
        self._harmless = _HARMLESS if limits is DEFAULT_LIMITS else 0
        self._most = limits.max_body
        self._received = self._items = self._start = self._memory = self._files = self._files_size = 0
        self._charset = "utf-8"
        self._open = None
        self._ended = ""
        self._is_file = self._is_streamed = False
        self._size = 0
        self._state = _DELIMITER
        self._tail = _CRLF  # a body starts as if after a CRLF
        self._room = 0  # how many bytes without an LF may follow the tail, and still nothing is decided
        self._general: PartDecoder | None = None  # the other lane, once it has taken over

    @override
    def finish(self) -> None:
        """End of input. Every event was complete before, and `feed` has returned it.

        Raises `IncompleteForm` when the body was cut short. Nothing else may follow.
        """
        self._end()
        if self._state == _EPILOGUE:
            return
        self._settle()
        if self._general is not None:
            try:
                self._general.finish()
            except IncompleteForm as error:
                error.name = self._open
                raise
        reason, end = "the closing delimiter is missing", self._received
        raise IncompleteForm(reason, offset=end, part=self._items, name=self._open)

    @override
    def _decode(self, chunk: bytes) -> list[FormEvent]:
        state = self._state
        delimiter = self._delimiter
        if state == _DELIMITER:
            if len(chunk) > _SMALL and self._received == len(chunk):
                return self._first(chunk)
            if len(chunk) <= self._room and b"\n" not in chunk:  # or else long heads cost quadratic time
                self._room -= len(chunk)
                self._tail += chunk
                return []
            buffer = self._tail + chunk
            return self._take(buffer.split(delimiter), len(buffer), [])
        if state == _STREAM:
            # PERF: nearly every chunk of a large file ends here, with no other call. Of a delimiter, only the
            # first byte is a CR: only the last CR can begin one (benchmarks/forms.py::upload, ::random).
            end = chunk.find(delimiter)
            if end < 0:
                start = chunk.rfind(b"\r", 1 - len(delimiter))
                if start < 0 or not delimiter.startswith(chunk[start:]):
                    self._size += len(chunk)
                    return [make_event(FileData, (chunk,))] if chunk else []
            return self._content(b"", chunk, end, [])
        if state == _CONTENT:
            return self._more(chunk)
        if self._general is not None and state == _GENERAL:
            return self._leave(self._general, chunk, [])
        return []  # the epilogue, which nobody reads

    def _first(self, chunk: bytes) -> list[FormEvent]:
        """Take the first chunk of the body, a large one."""
        # PERF: its first piece is cut, so that it need not be copied (benchmarks/forms.py::browser).
        delimiter = self._delimiter
        width = len(delimiter) - 2
        pieces = chunk.split(delimiter)
        if not pieces[0].startswith(delimiter[2:]):
            if len(pieces) == 1:  # a long preamble (benchmarks/forms.py::junk)
                return self._hand_over(_CRLF + chunk, [])
            return self._take((_CRLF + chunk).split(delimiter), len(chunk) + 2, [])
        if len(pieces) == 1:
            return self._begin_last(chunk, width, [])
        pieces[:1] = [b"", pieces[0][width:]]
        return self._take(pieces, len(chunk) + 2, [])

    def _more(self, chunk: bytes) -> list[FormEvent]:
        """Go on with content that is counted, or of which the end is held back."""
        # PERF: single bytes begin no delimiter, or go on with one (benchmarks/forms.py::one byte per chunk).
        tail = self._tail
        delimiter = self._delimiter
        if not tail and b"\r" not in chunk:
            events: list[FormEvent] = []
            if chunk:
                self._add(chunk, events)
            return events
        if tail and len(chunk) < len(delimiter):
            tail, chunk = b"", tail + chunk
            if len(chunk) < len(delimiter) and delimiter.startswith(chunk):
                self._tail = chunk
                return []
        elif tail and (tail + chunk[: len(delimiter)]).startswith(delimiter):
            tail, chunk = b"", tail + chunk
        return self._content(tail, chunk, chunk.find(delimiter), [])

    @override
    def _settle(self) -> None:
        if self._state == _DELIMITER:  # the general lane says what is wrong
            self._hand_over(self._tail, [])

    @property
    @override
    def _part(self) -> int:
        return self._items if self._general is None else self._general.number

    # The fast lane

    def _take(self, pieces: list[bytes], size: int, events: list[FormEvent]) -> list[FormEvent]:
        """Take the parts of a buffer of `size` bytes, which has been cut at its delimiters.

        The first piece is what comes before them, and the last is a part that is not complete.
        Plain parts are taken in one sweep. The first one that is anything else, and all after it, are left to
        `_take_slowly`; and so are all of them, if the limits may not allow them all.
        """
        # PERF: a field that is known costs three calls into C and a lookup; nothing of ours is called, and
        # limits are reckoned for all parts together (benchmarks/forms.py::simple, ::large, ::files100).
        last = pieces.pop()
        remaining = iter(pieces)
        before = next(remaining, last)
        if before:
            if not self._is_preamble(before, size, len(pieces)):
                return self._wait_for_delimiter(self._delimiter.join([*pieces, last]), events)
            size -= len(before)
        limits = self._limits
        items = len(pieces) - 1
        if self._received > self._harmless and not self._allows(items, size):
            return self._take_slowly(pieces[1:], last, events)
        charset = self._charset
        for piece in remaining:
            head, blank, content = piece.partition(_BLANK)
            name = name_of(head)
            if name is not None and blank:
                events.append(make_event(Field, (name, content, None, charset)))
                continue
            plain = read_plain(head) if blank else None
            if type(plain) is str:
                events.append(make_event(Field, (plain, content, None, charset)))
            elif (
                type(plain) is FileStart
                and self._files < limits.max_files
                and limits.max_file_size is None is limits.max_files_size
            ):
                self._files += 1
                size -= len(content)  # which is not kept
                events.append(plain)
                if content:
                    events.append(make_event(FileData, (content,)))
                events.append(make_event(FileEnd, (len(content),)))
            else:
                rest = [piece, *remaining]
                self._count(items - len(rest), size, [*rest, last])
                return self._take_slowly(rest, last, events)
        if last in _CLOSES:  # then nobody asks for the memory any more
            self._items += items
            self._state = _EPILOGUE
            return events
        self._count(items, size, [last])
        return self._begin_last(last, 0, events)

    def _allows(self, items: int, size: int) -> bool:
        """Whether the limits allow so many plain parts of `size` bytes, even if all of them were fields."""
        limits = self._limits
        return (
            self._items + items <= limits.max_items
            and self._memory + size + items * limits.item_cost <= limits.max_form_memory
            and limits.max_part_header_size >= MAX_HEAD
            and limits.max_part_headers >= MAX_FIELDS
        )

    def _count(self, items: int, size: int, rest: list[bytes]) -> None:
        """Count so many parts; `size` bytes are kept of them, and of the `rest` with its delimiters."""
        self._items += items
        self._memory += size - sum(map(len, rest)) - len(rest) * len(self._delimiter)
        self._memory += items * self._limits.item_cost

    def _is_preamble(self, before: bytes, size: int, delimiters: int) -> bool:
        """Whether this is a preamble, with delimiters after it, in a buffer that is the body so far."""
        is_all = self._received == size - len(_CRLF)
        if not is_all or not delimiters or len(before) > self._limits.max_preamble:
            return False
        # PERF: dashes are rare, and quickly not found (benchmarks/forms.py::junk within limits).
        return b"--" not in before or self._delimiter[2:] not in before

    def _wait_for_delimiter(self, buffer: bytes, events: list[FormEvent]) -> list[FormEvent]:
        """Put off what may become a delimiter; anything else is for the general lane."""
        if not self._delimiter.startswith(buffer):
            return self._hand_over(buffer, events)
        self._tail = buffer
        self._room = len(self._delimiter) - len(buffer) - 1
        return events

    def _take_slowly(self, pieces: list[bytes], last: bytes, events: list[FormEvent]) -> list[FormEvent]:
        """Take complete parts one by one, with every check where it belongs, and a last piece."""
        delimiter = self._delimiter
        offset = self._received - len(last) - sum(map(len, pieces)) - (len(pieces) + 1) * len(delimiter) + 2
        for index, piece in enumerate(pieces):
            if piece[:2] == b"--":  # the close; what looked like parts is in the epilogue
                self._state = _EPILOGUE
                return events
            head, blank, content = piece.partition(_BLANK)
            if not blank:  # then it must be a part without content, whose blank line is the delimiter's
                head = piece[:-2] if piece[-2:] == _CRLF else b""
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
        if buffer.startswith(b"--", start):
            self._state = _EPILOGUE
            return events
        delimiter = self._delimiter
        blank = buffer.find(_BLANK, start)
        content = blank + len(_BLANK)
        # The blank line's CRLF may be that of a delimiter: until that is known, the head waits.
        if blank < 0 or delimiter.startswith(buffer[content : content + len(delimiter)], 2):
            return self._wait_for_head(buffer[start:], events)
        head = buffer[start:blank]
        offset = self._received - (len(buffer) - start) - len(delimiter) + 2
        if self._is_allowed(head) and type(plain := read_plain(head)) is FileStart:
            self._begin_file(plain, head[2:], offset, events)
        elif (fields := self._read(head)) is not None:
            self._begin(fields, head[2:], offset, events)
        else:
            return self._hand_over(delimiter + buffer[start:], events)
        return self._content(b"", buffer[content:], -1, events)

    def _wait_for_head(self, piece: bytes, events: list[FormEvent]) -> list[FormEvent]:
        """Put off the head that is not complete, unless it is none already, or too long."""
        limits = self._limits
        room = limits.max_part_header_size - (len(piece) - len(self._delimiter) - HEAD_OVERHEAD)
        may_be_one = piece[:2] == _CRLF or piece in (b"", b"\r", b"-")
        # The CRLF of the delimiter, one for each header field, and that of the blank line.
        if room < 0 or not may_be_one or piece.count(_CRLF) > limits.max_part_headers + 2:
            return self._hand_over(self._delimiter + piece, events)
        self._tail = self._delimiter + piece
        self._state = _DELIMITER
        line = piece[piece.rfind(b"\n") + 1 :]
        self._room = room if line and piece[:1] == b"\r" and not self._delimiter.startswith(line, 2) else 0
        return events

    def _content(self, tail: bytes, chunk: bytes, end: int, events: list[FormEvent]) -> list[FormEvent]:
        """Add what was held back, and a chunk, to the part that is open; `end` is where its delimiter is."""
        if end >= 0:
            pieces = chunk.split(self._delimiter)
            if content := tail + pieces[0]:
                self._add(content, events)
            self._close(events)
            pieces[0] = b""
            return self._take(pieces, len(chunk) - end, events)
        held = held_back(chunk, self._delimiter)
        self._state = _STREAM if self._is_streamed and not held else _CONTENT
        self._tail = b""
        if held:
            self._tail = chunk[-held:]
            # PERF: the tail goes with what is copied anyway (benchmarks/forms.py::crlf, ::bchar).
            chunk = b"".join((tail, memoryview(chunk)[:-held])) if tail else chunk[:-held]
            tail = b""
        if tail:
            self._add(tail, events)
        if chunk:
            self._add(chunk, events)
        return events

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
