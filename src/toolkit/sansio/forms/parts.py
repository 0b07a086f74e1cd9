"""Multipart bodies of any kind, part by part: `multipart/mixed`, `multipart/byteranges`, and the odd form.

This is the general lane. It reads the whole tolerant grammar of RFC 2046: a preamble, padding after
delimiters, folded header fields, parts without header fields. Heads are read, and the sequence of lines
and delimiters is judged, by `multipart.PushMultipartParser`. What that parser makes of some inputs depends
on where they were cut, so it is fed pieces that do not: one delimiter or one header line at a time, and
of content, which it has no say in, nothing. That also makes every error's offset exact.

A part is a `PartStart`, any number of `PartData`, and a `PartEnd`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from toolkit.sansio.errors.base import IncompleteForm, LimitExceeded, LocalError, MalformedForm
from toolkit.sansio.forms.boundary import check_boundary
from toolkit.sansio.forms.events import PartHeaders
from toolkit.sansio.limits import FormLimits

if TYPE_CHECKING:
    from toolkit.sansio.forms.engine import Engine

_DEFAULT_LIMITS: Final = FormLimits()
_PREAMBLE, _DELIMITER, _HEAD, _FRESH, _CONTENT, _EPILOGUE = range(6)


class PartStart(NamedTuple):
    """The start of a part: its `headers`, its `number` (from 1), and the `offset` of its delimiter's CRLF."""

    headers: PartHeaders
    number: int
    offset: int


class PartData(NamedTuple):
    """Some bytes of the part that is open, never none."""

    data: bytes


class PartEnd(NamedTuple):
    """The end of the part that is open: its `size` in bytes."""

    size: int


PartEvent: TypeAlias = PartStart | PartData | PartEnd
"""What a `PartDecoder` yields."""


class PartDecoder:
    r"""A decoder for a multipart body whose parts have arbitrary header fields.

    `offset` and `part` are where it starts in a body of which others have read the beginning. Of `limits`,
    those on sizes of files, their number and form memory are not its business.

    >>> decoder = PartDecoder("B")
    >>> for event in decoder.feed(b"--B\r\nContent-Range: bytes 0-1/9\r\n\r\nab\r\n--B--"):
    ...     print(event)
    PartStart(headers=PartHeaders(b'Content-Range: bytes 0-1/9'), number=1, offset=0)
    PartData(data=b'ab')
    PartEnd(size=2)
    >>> decoder.finish()
    """

    def __init__(
        self, boundary: bytes | str, *, limits: FormLimits = _DEFAULT_LIMITS, offset: int = 0, part: int = 0
    ) -> None:
        self.number = part
        """The number of the part that was begun last, 0 before the first."""
        self._limits = limits
        self._delimiter = b"\r\n--" + check_boundary(boundary, limits.max_boundary)
        self._engine = _make_engine(self._delimiter[4:])
        self._state = _PREAMBLE
        self._tail = b"\r\n"  # a body starts as if after a CRLF
        self._origin = offset
        self._base = offset - 2  # the offset of the first byte of the tail, or of the buffer while feeding
        self._start = 0  # the offset of the part
        self._block = bytearray()  # the header lines of the part so far
        self._size = 0  # of its content so far
        self._ended = ""

    def feed(self, data: bytes | bytearray | memoryview) -> list[PartEvent]:
        """The events that are complete with `data`, in order. Raises as the decoders of forms do."""
        events: list[PartEvent] = []
        self.feed_into(events, data)
        return events

    def feed_into(self, events: list[PartEvent], data: bytes | bytearray | memoryview) -> None:
        """As `feed`, into a list: when an error is raised, it has the events before it."""
        if self._ended:
            raise LocalError(f"the decoder takes no more: {self._ended}")
        buffer = self._tail + data
        room = self._limits.max_body - self._base
        try:
            position = self._advance(buffer if len(buffer) <= room else buffer[:room], events)
        except BaseException:  # an interrupt as well: what has been taken by then, nobody knows
            self._ended = "it has failed"
            raise
        if len(buffer) > room:
            self._ended = "it has failed"
            raise self._exceeded("max_body", self._limits.max_body, self._limits.max_body)
        self._tail = buffer[position:]
        self._base += position

    def finish(self) -> None:
        """End of input. Raises `IncompleteForm` if the closing delimiter has not come."""
        if self._ended:
            raise LocalError(f"the decoder takes no more: {self._ended}")
        self._ended = "it is finished"
        if self._state != _EPILOGUE:
            end = self._base + len(self._tail)
            which = "first" if self._state == _PREAMBLE else "closing"
            raise IncompleteForm(f"the {which} delimiter is missing", offset=end, part=self.number)

    @property
    def has_seen_the_close(self) -> bool:
        """Whether the closing delimiter has come: what follows it means nothing."""
        return self._state == _EPILOGUE

    def _advance(self, buffer: bytes, events: list[PartEvent]) -> int:
        """Decide what can be decided of a buffer; the position of the rest is returned."""
        position = 0
        while True:
            state = self._state
            if state == _CONTENT:
                after = self._content(buffer, position, events)
            elif state == _HEAD:
                after = self._header_line(buffer, position, events)
            elif state == _DELIMITER:
                after = self._delimiter_line(buffer, position)
            elif state == _FRESH:
                after = self._blank_line(buffer, position, events)
            elif state == _PREAMBLE:
                after = self._preamble(buffer, position)
            else:
                return len(buffer)  # the epilogue, which nobody reads
            if after == position and self._state == state:
                return position
            position = after

    def _preamble(self, buffer: bytes, position: int) -> int:
        """Skip what comes before the first delimiter."""
        end = len(buffer)
        if position == end:
            return end
        dashes = self._delimiter[2:]
        first = found = buffer.find(dashes, position)  # `first`: where the dashes begin, or may still begin
        if found < 0:
            first = max(position, end - len(dashes) + 1)
            first = first if b"-" in buffer[first:] else end
            while not dashes.startswith(buffer[first:]):
                first += 1
        maximum = self._limits.max_preamble
        if self._base + first - self._origin > maximum:
            raise self._exceeded("max_preamble", maximum, self._origin + maximum)
        if found < 0:
            # PERF: nothing is kept that cannot matter: the next chunk would be copied to be joined to it
            # (benchmarks/forms.py::junk).
            if first == end and buffer[-2:] != b"\r\n":
                return end - (buffer[-1:] == b"\r")
            return max(position, first - 2)
        if buffer[found - 2 : found] != b"\r\n":
            raise self._malformed("the boundary is not at the start of a line", found)
        self._state = _DELIMITER
        return found - 2

    def _delimiter_line(self, buffer: bytes, position: int) -> int:
        """Read the line of a delimiter, whose CRLF `position` is at."""
        after = position + len(self._delimiter)
        if buffer.startswith(b"--", after):
            self._engine.tell(self._delimiter + b"--")
            self._state = _EPILOGUE
            return len(buffer)
        maximum = self._limits.max_part_header_size
        window = buffer[after : after + maximum + 1]
        end = after + len(window) - len(window.lstrip(b" \t"))
        if end - after > maximum:
            self._start = self._base + position
            raise self._exceeded("max_part_header_size", maximum, self._start)
        rest = buffer[end : end + 2]
        if rest == b"\r\n":
            self._engine.tell(self._delimiter + rest)
            self._start = self._base + position + 2
            self._block.clear()
            self.number += 1
            self._state = _HEAD
            return end + 2
        right = 1 if rest[:1] == b"\r" or (rest[:1] == b"-" and end == after) else 0
        if len(rest) == right:
            return position
        raise self._malformed("bytes after the boundary", end + right)

    def _header_line(self, buffer: bytes, position: int, events: list[PartEvent]) -> int:
        """Read one line of the head of a part."""
        maximum = self._limits.max_part_header_size
        # A block of the allowed size, with the blank line after it, ends within this window.
        room = maximum + 4 - len(self._block)
        line_feed = buffer.find(b"\n", position, position + room)
        line = buffer[position : line_feed + 1] if line_feed >= 0 else buffer[position : position + room]
        bare = line.find(b"\r", 0, -2)
        if bare >= 0 or (line_feed >= 0 and line[-2:] != b"\r\n"):
            wrong = position + bare if bare >= 0 else line_feed
            raise self._malformed("a line of a part's head is not ended by CRLF", wrong)
        if line_feed < 0:
            if len(line) < room:
                return position
            raise self._exceeded("max_part_header_size", maximum, self._start)
        try:
            fields = self._engine.tell(line)
        except ValueError as error:
            raise self._malformed(str(error), position) from None
        if line != b"\r\n":
            self._block += line
            return line_feed + 1
        self._open(fields or 0, events)
        return position

    def _open(self, fields: int, events: list[PartEvent]) -> None:
        """The head of a part is complete, and has so many header fields."""
        limits = self._limits
        if fields > limits.max_part_headers:
            raise self._exceeded("max_part_headers", limits.max_part_headers, self._start)
        if self.number > limits.max_items:
            raise self._exceeded("max_items", limits.max_items, self._start)
        events.append(PartStart(PartHeaders(bytes(self._block[:-2])), self.number, self._start))
        self._size = 0
        self._state = _FRESH

    def _blank_line(self, buffer: bytes, position: int, events: list[PartEvent]) -> int:
        """Skip the blank line, unless its CRLF is that of a delimiter: then the part has no content."""
        if buffer.startswith(self._delimiter, position):
            events.append(PartEnd(0))
            self._state = _DELIMITER
        elif not self._delimiter.startswith(buffer[position:]):
            self._state = _CONTENT
            return position + 2
        return position

    def _content(self, buffer: bytes, position: int, events: list[PartEvent]) -> int:
        """Read content up to a delimiter, or to where one may begin."""
        found = buffer.find(self._delimiter, position)
        end = found if found >= 0 else len(buffer) - held_back(buffer, self._delimiter)
        if end > position:
            self._size += end - position
            events.append(PartData(buffer[position:end]))
        if found >= 0:
            events.append(PartEnd(self._size))
            self._state = _DELIMITER
        return end

    def _malformed(self, reason: str, position: int) -> MalformedForm:
        return MalformedForm(reason, offset=self._base + position, part=self.number)

    def _exceeded(self, limit: str, maximum: int, offset: int) -> LimitExceeded:
        return LimitExceeded(limit, maximum, maximum + 1, offset=offset, part=self.number)


def held_back(buffer: bytes, delimiter: bytes) -> int:
    r"""How many bytes at the end of `buffer` may be the beginning of a delimiter.

    >>> held_back(b"content\r\n--B", b"\r\n--Boundary"), held_back(b"content\r", b"\r\n--Boundary")
    (5, 1)
    """
    # A delimiter has one CR, its first byte (a boundary has none): only the last CR can begin one.
    start = buffer.rfind(b"\r", max(0, len(buffer) - len(delimiter) + 1))
    return len(buffer) - start if start >= 0 and delimiter.startswith(buffer[start:]) else 0


def _make_engine(boundary: bytes) -> Engine:
    # PERF: loaded for the first body of this lane, as hardly any body needs it. With `multipart` come half a
    # dozen modules that nobody else wants (benchmarks/imports.py::a router, requests and responses).
    engine: Engine = import_module("toolkit.sansio.forms.engine").Engine(boundary)
    return engine
