"""From parts to the events of a form: the semantics and the limits that both lanes share.

A part is begun with its head, given its content, and closed. What that makes, an event or an error, is
decided here and nowhere else, so that the lanes cannot differ in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from toolkit.sansio.forms.base import FormDecoder
from toolkit.sansio.forms.events import (
    DEFAULT_CONTENT_TYPE,
    Field,
    FileData,
    FileEnd,
    FileStart,
    FormEvent,
    make_event,
)
from toolkit.sansio.forms.heads import describe, find_charset

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD_OVERHEAD: Final = 6
"""What a head has besides its block: the CRLF before it and the two after it."""

CHARSET_FIELD: Final = "_charset_"
"""The field that says the charset of the others (RFC 7578 section 4.6)."""


class FormAssembler(FormDecoder[FormEvent]):
    """The part of the multipart decoder that knows forms, and not how parts are told from each other."""

    __slots__ = (
        "_delimiter", "_field_charset", "_files", "_files_size", "_headers", "_is_file", "_is_streamed",
        "_size", "_value",
    )  # fmt: skip

    # What a decoder sets when it is made; and the last three when it begins a field.
    _delimiter: bytes
    _files: int  # files that were begun
    _files_size: int  # their bytes, if they are measured
    _is_file: bool  # whether the part that is open is a file
    _is_streamed: bool  # whether it is a file that only max_body limits
    _size: int  # its content so far, of a file
    _value: bytearray  # the content so far of a field that is open
    _headers: bytes  # its head
    _field_charset: str | None  # the charset that it declares

    def _begin(
        self, fields: Iterable[tuple[str, str]], block: bytes, offset: int, events: list[FormEvent]
    ) -> None:
        """Begin the part at `offset`, with these header fields, of which `block` is the wire form."""
        self._begin_item(offset)
        name, filename, content_type, charset = describe(fields, offset=offset, part=self._items)
        if filename is not None:
            start = FileStart(name, filename, content_type or DEFAULT_CONTENT_TYPE, block)
            self._open_file(start, block, events)
            return
        self._charge(len(self._delimiter) + len(block) + HEAD_OVERHEAD + self._limits.item_cost, name)
        self._open = name
        self._is_file = self._is_streamed = False
        self._value = bytearray()
        self._headers = block
        self._field_charset = charset

    def _begin_file(self, start: FileStart, block: bytes, offset: int, events: list[FormEvent]) -> None:
        """Begin the part at `offset`, a file, of whose head `block` is the wire form."""
        self._begin_item(offset)
        self._open_file(start, block, events)

    def _open_file(self, start: FileStart, block: bytes, events: list[FormEvent]) -> None:
        """Begin the file in the part that has begun."""
        limits = self._limits
        name = start.name
        self._charge(len(self._delimiter) + len(block) + HEAD_OVERHEAD + limits.item_cost, name)
        self._files += 1
        if self._files > limits.max_files:
            raise self._exceeded("max_files", limits.max_files, offset=self._start, name=name)
        self._open = name
        self._is_file = True
        self._is_streamed = limits.max_file_size is None is limits.max_files_size
        self._size = 0
        events.append(start)

    def _add(self, data: bytes, events: list[FormEvent]) -> None:
        """Add content, which is not empty, to the part that is open."""
        if self._is_file:
            self._size += len(data)
            if not self._is_streamed:
                self._measure(len(data))
            events.append(make_event(FileData, (data,)))
        else:
            self._charge(len(data), self._open)
            self._value += data

    def _close(self, events: list[FormEvent]) -> None:
        """Close the part that is open."""
        name = self._open or ""
        self._open = None
        if self._is_file:
            events.append(FileEnd(self._size))
            return
        value = bytes(self._value)
        self._value = bytearray()
        if name == CHARSET_FIELD:
            label = value.decode("latin-1")
            charset = find_charset(label, offset=self._start, part=self._items, name=name)
            self._charset = charset or self._charset
        events.append(Field(name, value, self._headers, charset=self._field_charset or self._charset))

    def _measure(self, size: int) -> None:
        """Hold the file that is open, which has grown by `size`, to the limits on files."""
        self._files_size += size
        limits = self._limits
        one, together = limits.max_file_size, limits.max_files_size
        beyond = 0 if together is None else max(0, self._files_size - together)
        # The one that is exceeded by more was reached first.
        if one is not None and self._size - one >= max(1, beyond):
            raise self._exceeded("max_file_size", one, offset=self._start, name=self._open)
        if together is not None and beyond:
            raise self._exceeded("max_files_size", together, offset=self._start, name=self._open)
