"""The decoder of `application/x-www-form-urlencoded` (WHATWG URL section 5.1): bytes in, fields out, at once.

- Fields are separated by `&`; empty ones are skipped. The name ends at the first `=`, if there is one.
- `+` is a space, then `%` and two hexadecimal digits are a byte; any other `%` is itself.
- Names and values are text in UTF-8, or in the charset given; what is not of it becomes U+FFFD.

Nothing in here is malformed, and no end is missing: only limits can be exceeded. They are those of
multipart, counted on the bytes as they were received, escapes included. But the last field has no end of
its own, only the end of input says that it is complete: it is what `finish` returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from toolkit.sansio.forms.base import DEFAULT_LIMITS, FormDecoder
from toolkit.sansio.forms.events import Field, make_event
from toolkit.sansio.forms.heads import find_charset
from toolkit.sansio.percent import unquote_bytes

if TYPE_CHECKING:
    from toolkit.sansio.forms.events import FormEvent
    from toolkit.sansio.limits import FormLimits


class UrlencodedDecoder(FormDecoder):
    r"""A decoder for one urlencoded body; its events are `Field`, without headers.

    `charset` is UTF-8, ASCII or of the Latin-1 family; `UnsupportedCharset` is raised for any other.

    >>> decoder = UrlencodedDecoder()
    >>> decoder.feed(b"q=caf%C"), decoder.feed(b"3%A9+noir&page=2"), decoder.finish()
    ([], [Field('q', b'caf\xc3\xa9 noir', b'')], [Field('page', b'2', b'')])
    """

    __slots__ = ("_pending",)

    def __init__(self, *, limits: FormLimits = DEFAULT_LIMITS, charset: str = "utf-8") -> None:
        super().__init__(limits)
        self._charset = find_charset(charset, offset=0, part=0, name=None)
        self._pending = bytearray()  # the field in progress, as received

    @override
    def finish(self) -> list[FormEvent]:
        """End of input: the last field in a list, or an empty list. Nothing else may follow."""
        self._end()
        return self._fields([bytes(self._pending)])

    @override
    def _decode(self, chunk: bytes) -> list[FormEvent]:
        first, *pieces = chunk.split(b"&")
        self._continue(first, self._received - len(chunk))
        if not pieces:
            return []
        first = bytes(self._pending)
        self._pending = bytearray()
        last = pieces.pop()
        end = self._received - len(last)
        self._count(pieces, end - sum(map(len, pieces)) - len(pieces))
        self._continue(last, end)
        return self._fields([first, *pieces])

    def _continue(self, piece: bytes, offset: int) -> None:
        """Go on with the field in progress, or begin one."""
        if piece:
            if not self._pending:
                self._begin(offset)
            self._charge(len(piece))
            self._pending += piece

    def _count(self, pieces: list[bytes], offset: int) -> None:
        """Count complete fields, the first of them at `offset`."""
        items = len(pieces) - pieces.count(b"")
        size = sum(map(len, pieces)) + items * self._limits.item_cost
        if (
            self._items + items <= self._limits.max_items
            and self._memory + size <= self._limits.max_form_memory
        ):
            self._items += items
            self._memory += size
            return
        for piece in pieces:  # pragma: no branch  # one of them is too much
            if piece:
                self._begin(offset)
                self._charge(len(piece))
            offset += len(piece) + 1

    def _begin(self, offset: int) -> None:
        """Begin the field at `offset`."""
        self._begin_item(offset)
        self._charge(self._limits.item_cost)

    def _fields(self, pieces: list[bytes]) -> list[FormEvent]:
        """The fields that complete pieces are."""
        # PERF: decoding is left out where nothing is encoded (benchmarks/forms.py::urlencoded).
        charset = self._charset
        events: list[FormEvent] = []
        for piece in pieces:
            if not piece:
                continue
            text = piece.replace(b"+", b" ") if b"+" in piece else piece
            name, _, value = text.partition(b"=")
            if b"%" in text:
                name, value = unquote_bytes(name), unquote_bytes(value)
            events.append(make_event(Field, (name.decode(charset, "replace"), value, b"", charset)))
        return events
