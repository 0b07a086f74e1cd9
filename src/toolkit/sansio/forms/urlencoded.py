"""The decoder of `application/x-www-form-urlencoded` (WHATWG URL section 5.1): bytes in, fields out, at once.

- Fields are separated by `&`; empty ones are skipped. The name ends at the first `=`, if there is one.
- `+` is a space, then `%` and two hexadecimal digits are a byte; any other `%` is itself.
- Names and values are text in UTF-8, or in the charset given; what is not of it becomes U+FFFD.

Nothing in here is malformed, and no end is missing: only limits can be exceeded. They are those of
multipart, counted on the bytes as they were received, escapes included. But the last field has no end of
its own, only the end of input says that it is complete: it is what `finish` returns.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from typing_extensions import override

from toolkit.sansio.forms.base import DEFAULT_LIMITS, FormDecoder, Item
from toolkit.sansio.forms.events import Field, FormEvent, make_event
from toolkit.sansio.forms.heads import find_charset
from toolkit.sansio.percent import unquote_bytes
from toolkit.sansio.url.query import parse_query

if TYPE_CHECKING:
    from toolkit.sansio.limits import FormLimits


class _RunDecoder(FormDecoder[Item]):
    """What tells fields from each other and counts them: complete ones are read a run at a time.

    A run is fields and the separators between them, as received. That none of it exceeds a limit is known
    before it is read.
    """

    __slots__ = ("_pending",)

    def __init__(self, *, limits: FormLimits = DEFAULT_LIMITS, charset: str = "utf-8") -> None:
        super().__init__(limits)
        self._charset = find_charset(charset) or self._charset
        self._pending = bytearray()  # the field in progress, as received

    @override
    def finish(self) -> list[Item]:
        """End of input: the last field in a list, or an empty list. Nothing else may follow."""
        self._end()
        return self._read(bytes(self._pending))

    @override
    def _decode(self, chunk: bytes) -> list[Item]:
        start = self._received - len(chunk)
        first, last = chunk.find(b"&"), chunk.rfind(b"&")
        if first < 0:
            self._continue(chunk, start)
            return []
        self._continue(chunk[:first], start)
        run = bytes(self._pending) + self._count(chunk[first : last + 1], start + first)
        self._pending = bytearray()
        self._continue(chunk[last + 1 :], start + last + 1)
        return self._read(run)

    def _continue(self, piece: bytes, offset: int) -> None:
        """Go on with the field in progress, or begin one."""
        if piece:
            if not self._pending:
                self._begin(offset)
            self._charge(len(piece))
            self._pending += piece

    def _count(self, run: bytes, offset: int) -> bytes:
        """Count the complete fields of a run that begins with a separator, at `offset`, and ends with one.

        They are returned, each behind a separator, and without the empty ones: these are charged nothing.
        """
        # PERF: fields that are not empty are counted without making them (benchmarks/exchange.py::form).
        separators = run.count(b"&")
        items, fields = separators - 1, run[:-1]
        if b"&&" in run:
            pieces = [piece for piece in run.split(b"&") if piece]
            items, fields = len(pieces), b"".join([b"&" + piece for piece in pieces])
        limits = self._limits
        size = len(run) - separators + items * limits.item_cost
        if self._items + items > limits.max_items or self._memory + size > limits.max_form_memory:
            for piece in run.split(b"&"):  # pragma: no branch  # one of them is too much
                if piece:
                    self._begin(offset)
                    self._charge(len(piece))
                offset += len(piece) + 1
        self._items += items
        self._memory += size
        return fields

    def _begin(self, offset: int) -> None:
        """Begin the field at `offset`."""
        self._begin_item(offset)
        self._charge(self._limits.item_cost)

    @abstractmethod
    def _read(self, run: bytes) -> list[Item]:
        """The fields of a run."""


class UrlencodedDecoder(_RunDecoder[FormEvent]):
    r"""A decoder for one urlencoded body; its events are `Field`, without headers.

    `charset` is UTF-8, ASCII or of the Latin-1 family; `UnsupportedCharset` is raised for any other.

    >>> decoder = UrlencodedDecoder()
    >>> decoder.feed(b"q=caf%C"), decoder.feed(b"3%A9+noir&page=2"), decoder.finish()
    ([], [Field('q', b'caf\xc3\xa9 noir', b'')], [Field('page', b'2', b'')])
    """

    __slots__ = ()

    @override
    def _read(self, run: bytes) -> list[FormEvent]:
        charset = self._charset
        return [
            make_event(Field, (name.decode(charset, "replace"), value, b"", charset))
            for name, value in _split(run)
        ]


class PairDecoder(_RunDecoder[tuple[str, str]]):
    """The same decoder, which gives the name and the text of each field at the end: what a `FormData` keeps.

    >>> decoder = PairDecoder()
    >>> decoder.feed(b"q=caf%C3%A9+noir&page=2"), decoder.finish()
    ([], [('q', 'café noir'), ('page', '2')])
    """

    __slots__ = ("_runs",)

    def __init__(self, *, limits: FormLimits = DEFAULT_LIMITS, charset: str = "utf-8") -> None:
        super().__init__(limits=limits, charset=charset)
        self._runs: list[bytes] = []

    @override
    def _read(self, run: bytes) -> list[tuple[str, str]]:
        if run:
            self._runs.append(run)
        return []

    @override
    def finish(self) -> list[tuple[str, str]]:
        """End of input: all fields. Nothing else may follow."""
        super().finish()
        charset = self._charset
        body = b"&".join(self._runs)
        # PERF: all at once, and nearly always it is the same as in a query (benchmarks/exchange.py::form).
        if charset == "utf-8" and body.isascii():
            return parse_query(body.decode(), max_pairs=None, max_bytes=None).items(multi=True)
        return [
            (name.decode(charset, "replace"), value.decode(charset, "replace"))
            for name, value in _split(body)
        ]


def _split(run: bytes) -> list[tuple[bytes, bytes]]:
    """The names and the values of a run of fields, without their escapes."""
    run = run.replace(b"+", b" ")
    # PERF: where no separator is escaped, to decode the whole and then split it is the same as the other
    # way round, and several times faster (benchmarks/forms.py::urlencoded).
    hides = b"%26" in run or b"%3D" in run or b"%3d" in run
    pieces = (run if hides else unquote_bytes(run)).split(b"&")
    pairs = [(name, value) for piece in pieces if piece for name, _, value in (piece.partition(b"="),)]
    return [(unquote_bytes(name), unquote_bytes(value)) for name, value in pairs] if hides else pairs
