"""What is done to the content of a message before anyone reads it: codings taken off, limits kept, JSON read.

Everything here is fed bytes and returns bytes or values. Memory is bounded: a compressed chunk is unpacked
in pieces, and what it may grow to is limited both in total and as a ratio to what was received.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from math import isinf
from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.sansio.errors.base import LimitExceeded, RemoteError
from toolkit.sansio.limits import BodyLimits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
"""A JSON value as Python has it."""

_STEP = 4 * 1024  # bytes taken at a time: zlib copies what it leaves of them, at each piece and each member
_PIECE = 64 * 1024  # bytes unpacked at a time
_WINDOW = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
_ALIASES = {"x-gzip": "gzip"}  # RFC 9110 section 8.4.1.3
_MAX_CODINGS = 2  # nobody sends more; each costs a window of memory
_LIMITS = BodyLimits()
_SPACE = " \t\n\r"  # JSON's own (RFC 8259 section 2)


class MalformedContent(RemoteError):
    """Content that does not follow its own coding, charset or media type. Status 400."""


class IncompleteContent(RemoteError):
    """Content that ends before its coding does, or before its announced length. Status 400."""


class UnsupportedCoding(RemoteError):
    """A Content-Encoding that is not read here. Status 415. `coding` is its name."""

    status = 415

    def __init__(self, coding: str) -> None:
        super().__init__(coding)
        self.coding = coding

    def __str__(self) -> str:
        return f"content coding {self.coding!r} is not supported; allowed are gzip and deflate, at most two"


class _Inflater:
    """Takes one coding off: gzip (RFC 1952, several members allowed) or deflate (RFC 1950, or 1951 bare)."""

    def __init__(self, coding: str, max_members: int) -> None:
        self._coding = coding
        self._max_members = max_members
        self._members = 1
        self._started = False
        self._inflate = zlib.decompressobj(_WINDOW[coding])

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The unpacked bytes, in pieces of at most 64 KiB."""
        if data and not self._started:
            self._started = True
            # Some clients send deflate without its zlib wrapper; the first byte of a wrapper ends in 8.
            if self._coding == "deflate" and data[0] & 0x0F != 8:
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        for start in range(0, len(data), _STEP):
            yield from self._unpack(data[start : start + _STEP])

    def _unpack(self, data: bytes) -> Iterator[bytes]:
        more_waits = False
        while data or more_waits:
            if self._inflate.eof:
                self._begin_member()
            try:
                piece = self._inflate.decompress(data, _PIECE)
            except zlib.error as error:
                raise MalformedContent(f"content is not {self._coding}: {error}") from None
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            more_waits = len(piece) == _PIECE and not self._inflate.eof
            if piece:
                yield piece

    def _begin_member(self) -> None:
        """Content goes on after an end: gzip may, but an empty member costs us more than its 20 bytes."""
        if self._coding == "deflate":
            raise MalformedContent("deflate content goes on after its end")
        self._members += 1
        if self._members > self._max_members:
            raise LimitExceeded("max_members", self._max_members, self._members)
        self._inflate = zlib.decompressobj(_WINDOW["gzip"])

    def finish(self) -> None:
        """The content is over: it must be whole. Content without a byte is."""
        if self._started and not self._inflate.eof:
            raise IncompleteContent(f"{self._coding} content ends before its end")


class ContentDecoder:
    """Takes the content codings off, the last one applied first (RFC 9110 section 8.4).

    `codings` are the members of Content-Encoding; `identity` and none at all pass every byte through. Raises
    `UnsupportedCoding` for what is not read, `MalformedContent` and `IncompleteContent` for what does not
    follow its coding, `LimitExceeded` for `max_body`, `max_decoded`, `max_ratio` and `max_members`.

    >>> import gzip
    >>> decoder = ContentDecoder(["gzip"])
    >>> decoder.feed(gzip.compress(b"hello"))
    [b'hello']
    >>> decoder.finish()
    """

    def __init__(self, codings: Iterable[str] = (), *, limits: BodyLimits = _LIMITS) -> None:
        names = [_ALIASES.get(coding.lower(), coding.lower()) for coding in codings]
        names = [name for name in reversed(names) if name != "identity"]
        for name in names:
            if name not in _WINDOW:
                raise UnsupportedCoding(name)
        if len(names) > _MAX_CODINGS:
            raise UnsupportedCoding(", ".join(reversed(names)))
        self._inflaters = [_Inflater(name, limits.max_members) for name in names]
        self._limits = limits
        self.received = 0
        """Bytes fed so far."""
        self.decoded = 0
        """Bytes that came out so far."""

    def feed(self, data: bytes) -> list[bytes]:
        """The bytes that come out for the bytes that go in, as pieces; empty pieces are left out."""
        self.received += len(data)
        if self.received > self._limits.max_body:
            raise LimitExceeded("max_body", self._limits.max_body, self.received)
        pieces: list[bytes] = []
        for piece in self._chain(data, self._inflaters):
            self.decoded += len(piece)
            self._check_growth()
            pieces.append(piece)
        return pieces

    def finish(self) -> None:
        """The end of the content. Raises `IncompleteContent` when a coding is not at its end."""
        for inflater in self._inflaters:
            inflater.finish()

    def _chain(self, data: bytes, inflaters: list[_Inflater]) -> Iterator[bytes]:
        if not inflaters:
            if data:
                yield data
            return
        for piece in inflaters[0].feed(data):
            yield from self._chain(piece, inflaters[1:])

    def _check_growth(self) -> None:
        limits = self._limits
        if self.decoded > limits.max_decoded:
            raise LimitExceeded("max_decoded", limits.max_decoded, self.decoded)
        if self.decoded > limits.ratio_grace and self.decoded > limits.max_ratio * self.received:
            raise LimitExceeded("max_ratio", limits.max_ratio, self.decoded // self.received)


def parse_json(data: bytes, *, duplicates: Literal["error", "last"] = "error") -> JSON:
    """The JSON value that `data` is (RFC 8259): UTF-8 without a byte order mark, and no NaN or Infinity.

    Nothing comes in that could not go out again: a number that no float can hold, and half of a surrogate
    pair, are errors (sections 6 and 8.2 leave them to the reader). So is a name that comes twice in one
    object, as two readers may disagree about it; `duplicates="last"` keeps the last. Raises
    `MalformedContent`.

    >>> parse_json(b'{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    """
    try:
        text = data.decode("utf-8")
        value = _scan(text, _DECODERS[duplicates])
        if "\\ud" in text or "\\uD" in text:  # UTF-8 has no half of a pair, so what is half cannot be encoded
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise MalformedContent(f"JSON must be UTF-8: byte {error.start} is not") from None
    except RecursionError:
        raise MalformedContent("JSON is nested too deeply") from None
    except UnicodeEncodeError:
        raise MalformedContent("JSON text has half of a surrogate pair") from None
    except ValueError as error:
        raise MalformedContent(f"content is not JSON: {error}") from None
    return value


def _scan(text: str, decoder: json.JSONDecoder) -> JSON:
    """The one value in `text`, which may have whitespace around it."""
    # PERF: `decode` looks for the whitespace with regular expressions, which cost as much as a small object
    # (benchmarks/exchange.py::json)
    value: JSON
    value, end = decoder.raw_decode(text, len(text) - len(text.lstrip(_SPACE)))
    if end != len(text) and text[end:].strip(_SPACE):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


def _unique(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    """An object whose names are all different."""
    members = dict(pairs)
    if len(members) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise ValueError(f"the name {twice!r} comes twice in one object")
    return members


def _refuse_constant(text: str) -> JSON:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text:.40} is more than a float holds")
    return number


_DECODERS = {
    "error": json.JSONDecoder(
        object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse_constant
    ),
    "last": json.JSONDecoder(parse_float=_finite, parse_constant=_refuse_constant),
}
