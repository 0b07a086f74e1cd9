"""The content of one request as one object: how much may come, what came, and who has read it.

The adapters move the bytes; whether more are to come, whether they are too many or too few, what is taken
off them and whether anyone may read them again is decided here. Content is read once; what was kept can
be read as often as wanted, and everything else is an error. No content at all is SPENT when it is opened::

    state      what it means                                leads to
    UNREAD     nobody has asked for the content             READING, by `open`; DROPPED, by `drop`
    READING    some of it came, or none yet                 SPENT or FAILED
    SPENT      all of it came and went (stream, form)       KEPT, by `keep`
    KEPT       all of it is in `data`
    FAILED     too much, too little, or not what it claims
    DROPPED    nobody has asked before the response began

"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from toolkit.sansio.errors.base import (
    LimitExceeded,
    LocalError,
    MalformedHeader,
    RemoteError,
    UnsupportedCharset,
)
from toolkit.sansio.errors.http import LengthRequired
from toolkit.sansio.exchange.content import ContentDecoder, IncompleteContent, MalformedContent
from toolkit.sansio.limits import BodyLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from toolkit.sansio.exchange.content import JSON
    from toolkit.sansio.exchange.request import Request
    from toolkit.sansio.limits import FormLimits

    T = TypeVar("T")

UNREAD, READING, SPENT, KEPT, FAILED, DROPPED = "unread", "being read", "spent", "kept", "failed", "dropped"

CHUNK: Final = 64 * 1024
"""Bytes asked of a server at a time, where it can be asked: what pipes and sockets hold."""

_LIMITS = BodyLimits()
_CHARSETS = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "ascii", "ascii": "ascii", "iso-8859-1": "latin-1",
    "latin-1": "latin-1", "latin1": "latin-1", "windows-1252": "cp1252", "cp1252": "cp1252",
}  # fmt: skip


class ContentConsumed(LocalError):
    """Content that was read before and not kept, or that is being read right now by somebody else."""


class ClientDisconnect(RemoteError):
    """The client went away: before its request was whole, or before it had the response.

    Status 400, for the logs: nobody is there to see the answer.
    """


class InvalidContent(RemoteError):
    """Content that is well-formed and not what the application wants. Status 422.

    `reason` is the text of the validator's error, which is the `__cause__`.
    """

    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RequestBody:
    """The content of one request: `length` bytes, or as many as come; `codings` are taken off.

    A driver opens it, and as long as it is `unread`, feeds it what comes; the pieces that it gets back are
    the content::

        pieces = body.open(limits)
        with body:
            while body.unread:
                pieces += body.feed(read(body.room), more=…)
        data = body.keep(pieces)

    `with body` is for whoever reads all of it: an exception there means that nobody will read on.
    """

    __slots__ = (
        "_cause",
        "_codings",
        "_decoder",
        "_limits",
        "_state",
        "data",
        "length",
        "reader",
        "received",
        "unread",
    )

    def __init__(self, length: int | None = None, codings: Sequence[str] = ()) -> None:
        self.length = length
        """The announced length in bytes, or None."""
        self.received = 0
        """Bytes that came so far."""
        self.unread = False
        """Whether it is open and more is to come."""
        self.data: bytes | None = None
        """The whole content, once somebody has kept it."""
        self.reader: Callable[[], object | None] | None = None
        """A weak reference to whoever reads on when it likes to; a driver sets it."""
        self._codings = codings
        self._decoder: ContentDecoder | None = None
        self._limits = _LIMITS
        self._state = UNREAD
        self._cause: BaseException | None = None

    @classmethod
    def of(cls, request: Request, *, terminated: bool) -> RequestBody:
        """The content of `request`, as its header fields announce it.

        `terminated` says that the server tells where content without a length ends; where it does not, none
        is expected. Raises `MalformedHeader` for a bad length, and for one together with
        Transfer-Encoding, which is how requests are smuggled (RFC 9112 section 6.1); `LengthRequired` for
        content whose end nobody can find.
        """
        headers = request.headers
        length = request.content_length
        transfer_encoding = headers.get("Transfer-Encoding")
        if transfer_encoding is not None:
            if length is not None:
                raise MalformedHeader(
                    "Transfer-Encoding", transfer_encoding, "not together with Content-Length"
                )
            if not terminated:
                raise LengthRequired("This server does not pass on content without a Content-Length.")
        elif length is None and not terminated:
            length = 0
        # PERF: hardly any request has codings (benchmarks/exchange.py::json).
        return cls(length, request.content_encoding if "Content-Encoding" in headers else ())

    @property
    def complete(self) -> bool:
        """Whether all of it came."""
        return self._state in {SPENT, KEPT} or self.length == 0

    def open(self, limits: BodyLimits) -> list[bytes]:
        """Begin to read: what is there already, all of it or nothing.

        Raises `ContentConsumed` where the content was read and not kept, and `LimitExceeded` where it is, or
        announces to be, longer than `limits` allow.
        """
        if self.data is not None:
            if len(self.data) > limits.max_decoded:
                raise LimitExceeded("max_decoded", limits.max_decoded, len(self.data))
            return [self.data]
        if self._state != UNREAD:
            raise self._consumed() from self._cause
        if self.length is not None and self.length > limits.max_body:
            raise LimitExceeded("max_body", limits.max_body, self.length)
        if self._codings:
            self._decoder = ContentDecoder(self._codings, limits=limits)
        self._limits = limits
        self.unread = self.length != 0
        self._state = READING if self.unread else SPENT
        return []

    def open_form(self, limits: FormLimits, policy: BodyLimits) -> list[bytes]:
        """`open` for a form: `limits.max_body` is what counts, and what `policy` says of codings."""
        maximum = limits.max_body
        # PERF: the defaults are the same, and to replace them is dear (benchmarks/exchange.py::form).
        if policy.max_body == policy.max_decoded == maximum:
            return self.open(policy)
        return self.open(replace(policy, max_body=maximum, max_decoded=maximum))

    @property
    def missing(self) -> int | None:
        """How many bytes are still to come, where that is known."""
        return None if self.length is None else self.length - self.received

    @property
    def room(self) -> int:
        """How many bytes to ask a server for that would wait for more than there are: at most `CHUNK`."""
        return CHUNK if self.length is None else min(CHUNK, self.length - self.received)

    def feed(self, data: bytes, *, more: bool) -> list[bytes]:
        """Take what came; the content that it makes. `more` is false when nothing can follow.

        Raises `LimitExceeded`, `IncompleteContent` where less came than was announced, `MalformedContent`
        where more did, and what the content's coding makes of it. After any of these nothing more is read.
        """
        self.received += len(data)
        try:
            pieces = self._take(data)
            if not more:
                self._end()
        except RemoteError as error:
            self.fail(error)
            raise
        return pieces

    def fail(self, error: BaseException) -> None:
        """Nothing more will come, because of `error`."""
        self._state = FAILED
        self._cause = error
        self.unread = False

    def give_up(self, error: BaseException) -> None:
        """Whoever was reading will not go on, because of `error`."""
        if self._state == READING:
            self.fail(error)

    def check(self) -> None:
        """Raise `ContentConsumed` where nothing more comes because the content has failed."""
        if self._state == FAILED:
            raise self._consumed() from self._cause

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None:
            self.give_up(error)

    def drop(self) -> bool:
        """Let nobody begin to read any more; whether what still comes is for nobody.

        It is for somebody only while it is being read: as long as there is a reader.
        """
        if self._state == UNREAD:
            self._state = DROPPED
        return self._state != READING or (self.reader is not None and self.reader() is None)

    def keep(self, pieces: list[bytes]) -> bytes:
        """The whole content, which from now on is there to be read again."""
        if self.data is None:
            self.data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            self._state = KEPT
        return self.data

    def _take(self, data: bytes) -> list[bytes]:
        limits = self._limits
        if self.length is not None and self.received > self.length:
            raise MalformedContent(f"more content ({self.received} bytes) than announced ({self.length})")
        if self._decoder is not None:
            return self._decoder.feed(data)
        if self.received > limits.max_body:
            raise LimitExceeded("max_body", limits.max_body, self.received)
        if self.received > limits.max_decoded:
            raise LimitExceeded("max_decoded", limits.max_decoded, self.received)
        return [data] if data else []

    def _end(self) -> None:
        if self.length is not None and self.received < self.length:
            raise IncompleteContent(f"less content ({self.received} bytes) than announced ({self.length})")
        if self._decoder is not None:
            self._decoder.finish()
        self._state = SPENT
        self.unread = False

    def _consumed(self) -> ContentConsumed:
        if self._state == SPENT:
            return ContentConsumed("the content was read as a stream or a form, and not kept: it is gone")
        if self._state == READING:
            return ContentConsumed("the content is being read, or was given up before its end")
        if self._state == DROPPED:
            return ContentConsumed("the content was dropped when the response began: call `stream` before")
        return ContentConsumed("the content could not be read, and still cannot: see the cause")


def decode_text(data: bytes, charset: str | None) -> str:
    r"""Text content, strictly in its charset; UTF-8 where it names none.

    Raises `MalformedContent` (400) for bytes outside the charset, `UnsupportedCharset` (415).

    >>> decode_text(b"caf\xe9", "iso-8859-1")
    'café'
    """
    name = _CHARSETS.get(charset or "utf-8")
    if name is None:
        raise UnsupportedCharset(charset or "")
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise MalformedContent(f"text must be {charset or name}: byte {error.start} is not") from None


def validated(value: JSON, validate: Callable[[JSON], T]) -> T:
    """What `validate` makes of a value; its ValueError or TypeError is an `InvalidContent`."""
    try:
        return validate(value)
    except (ValueError, TypeError) as error:
        raise InvalidContent(str(error)) from error
