r"""Server-sent events: what a `text/event-stream` is made of (WHATWG HTML section 9.2).

::

    stream  = [ bom ] *event
    event   = *( comment / field ) end-of-line
    comment = colon *any-char end-of-line
    field   = 1*name-char [ colon [ space ] *any-char ] end-of-line
    end-of-line = CR LF / CR / LF

Data may have several lines, each in a field of its own; it arrives with LF between them, whatever was between
them before. Every other field is one line, and what holds a line end cannot be sent in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from toolkit.sansio.errors.base import LimitExceeded
from toolkit.sansio.grammar import parse_digits

MAX_EVENT: Final = 1024 * 1024
"""Bytes that a decoder holds of one event: events are messages, not files."""

_END_OF_LINE: Final = re.compile("\r\n|\r|\n").split
_END_OF_LINE_OCTETS: Final = re.compile(b"\r\n|\r|\n").split


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    r"""One event: `data` for the listeners of the type `event`.

    `id` is what the client tells in `Last-Event-ID` when it connects again, `retry` how many milliseconds it
    waits before it does. Without `data` (None) no listener hears of the event, but `id` and `retry` hold. A
    `comment` is for nobody: it keeps a connection from being taken for dead. Raises ValueError for what
    cannot be sent, and for an event that says nothing.

    >>> ServerSentEvent("one\ntwo", "news", id="7").encode()
    b'event: news\nid: 7\ndata: one\ndata: two\n\n'
    >>> ServerSentEvent(comment="still here").encode()
    b': still here\n\n'
    """

    data: str | None = None
    event: str = "message"
    id: str | None = None
    retry: int | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        if not self.event or len(_END_OF_LINE(self.event)) > 1:
            raise ValueError(f"the type of an event is one line, and not empty: {self.event!r}")
        if self.id is not None and ("\0" in self.id or len(_END_OF_LINE(self.id)) > 1):
            raise ValueError(f"the id of an event is one line without NUL: {self.id!r}")
        if self.retry is not None and self.retry < 0:
            raise ValueError(f"a delay in milliseconds is not negative: {self.retry}")
        if self.data is None and self.event != "message":
            raise ValueError(f"an event of a type has data, or nobody hears of it: {self.event!r}")
        if all(part is None for part in (self.data, self.id, self.retry, self.comment)):
            raise ValueError("an event has data, an id, a delay or a comment")

    def encode(self) -> bytes:
        """The bytes of the event, with the empty line that ends it. ValueError for a lone surrogate."""
        lines: list[str] = []
        if self.comment is not None:
            lines += [f": {line}" for line in _END_OF_LINE(self.comment)]
        if self.event != "message":
            lines.append(f"event: {self.event}")
        if self.id is not None:
            lines.append(f"id: {self.id}")
        if self.retry is not None:
            lines.append(f"retry: {self.retry}")
        if self.data is not None:
            lines += [f"data: {line}" for line in _END_OF_LINE(self.data)]
        return "\n".join([*lines, "", ""]).encode()


class EventDecoder:
    r"""A reader of an event stream, the mirror of `ServerSentEvent.encode`: bytes in, events out.

    It does what a browser does: comments and unknown fields are passed over, an event without data is none,
    and one that the stream breaks off in is never seen. `last_id` and `retry` are what holds for the next
    connection. Raises `LimitExceeded` for an event of more than `max_event` bytes.

    >>> decoder = EventDecoder()
    >>> decoder.feed(b": hello\n\nid: 7\ndata: o"), decoder.feed(b"ne\r\ndata: two\r\n\r\n")
    ([], [ServerSentEvent(data='one\ntwo', event='message', id='7', retry=None, comment=None)])
    """

    def __init__(self, *, max_event: int = MAX_EVENT) -> None:
        self.last_id: str | None = None
        self.retry: int | None = None
        self._max_event = max_event
        self._kept = 0  # bytes of the event that is not complete
        self._held = 0  # the same, and those of the line that is not complete
        self._line: list[bytes] = []  # the pieces of the line that is not complete
        self._after_cr = False  # whether a LF would belong to the line end before it
        self._at_start = True
        self._event = ""
        self._data: list[str] = []

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Take some bytes; the events that are complete because of them."""
        if not data:
            return []
        if self._after_cr:
            data = data.removeprefix(b"\n")
        self._after_cr = data.endswith(b"\r")
        events: list[ServerSentEvent] = []
        *ends, rest = _END_OF_LINE_OCTETS(data)
        for end in ends:
            self._hold(end)
            line, self._line = b"".join(self._line), []
            if line:
                self._take(line)
            else:
                events += self._dispatch()
            self._held = self._kept
        self._hold(rest)
        return events

    def _hold(self, piece: bytes) -> None:
        self._held += len(piece)
        if self._held > self._max_event:
            raise LimitExceeded("max_event", self._max_event, self._held)
        if piece:
            self._line.append(piece)

    def _take(self, octets: bytes) -> None:
        """Take one line, which is not empty."""
        line = octets.decode("utf-8", "replace")
        if self._at_start:
            line = line.removeprefix("\ufeff")
            self._at_start = False
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            self._kept += len(octets)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self.last_id = value
        elif name == "retry" and (delay := parse_digits(value)) is not None:
            self.retry = delay

    def _dispatch(self) -> list[ServerSentEvent]:
        """The event that an empty line ends, if it is one."""
        self._at_start = False
        data, self._data = self._data, []
        event, self._event = self._event, ""
        self._kept = 0
        return [ServerSentEvent("\n".join(data), event or "message", self.last_id)] if data else []
