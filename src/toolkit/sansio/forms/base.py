"""What every form decoder does, whatever it decodes: take bytes, count them, and stop for good.

A decoder is a state machine without I/O. `feed` takes a chunk at once and returns the events that it
completes; `finish` says that the input has ended, and is the only thing that says whether the form is
whole. After an error, and after `finish`, the decoder refuses everything with a `LocalError`: there is no
way to go on with half a form.

An error does not depend on how the input was cut: its type, its data and the place it names are those
of the first byte that makes it inevitable. (Events that a chunk completed before the byte that is wrong
are not returned: the form is lost anyway.)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final, Generic, NoReturn, TypeVar, cast

from toolkit.sansio.errors.base import LimitExceeded, LocalError
from toolkit.sansio.limits import FormLimits

DEFAULT_LIMITS: Final = FormLimits()

Item = TypeVar("Item")
"""What a decoder makes: a `FormEvent`, as a rule."""


class FormDecoder(ABC, Generic[Item]):
    """The common shell of the decoders: received bytes, the limits on them, and the end."""

    # PERF: slots, and all of them set at once: an attribute that an instance takes from its class costs four
    # times as much to read (benchmarks/forms.py::simple).
    __slots__ = (
        "_charset", "_ended", "_items", "_limits", "_memory", "_most", "_open", "_received", "_start",
    )  # fmt: skip

    def __init__(self, limits: FormLimits) -> None:
        self._limits = limits
        self._most = limits.max_body  # what `_received` may grow to; -1 when no more is taken
        self._received = 0  # bytes of the body that were fed
        self._items = 0  # fields and files that were begun
        self._start = 0  # the offset of the item that was begun last
        self._memory = 0  # bytes charged to max_form_memory
        self._charset = "utf-8"  # of values that declare none
        self._open: str | None = None  # the name of the item that is in progress
        self._ended = ""  # why no more is taken

    def feed(self, data: bytes | bytearray | memoryview) -> list[Item]:
        """The events that are complete with `data`, in order. The bytes are taken at once.

        Raises a `RemoteError` that says where the input is wrong or a limit was reached, and `LocalError`
        after the end.
        """
        chunk = data if type(data) is bytes else _to_bytes(data)
        received = self._received + len(chunk)
        if received > self._most:
            self._refuse(chunk)
        self._received = received
        try:
            return self._decode(chunk)
        except BaseException:  # an interrupt as well: what has been taken by then, nobody knows
            self._stop("it has failed")
            raise

    @abstractmethod
    def finish(self) -> list[Item] | None:
        """End of input: the events that only the end completes, or None where there can be none.

        Raises `IncompleteForm` when the body was cut short. Nothing else may follow.
        """

    @abstractmethod
    def _decode(self, chunk: bytes) -> list[Item]:
        """What the subclass does with a chunk, which may be empty; `_received` counts it already."""

    def _settle(self) -> None:  # most have put nothing off
        """Raise what is wrong with bytes that were put off; called before a limit on the body is reported."""

    def _end(self) -> None:
        """Refuse whatever comes after this."""
        if self._ended:
            raise LocalError(f"the decoder takes no more: {self._ended}")
        self._ended = "it is finished"
        self._most = -1

    def _stop(self, reason: str) -> None:
        """Take no more, not even nothing."""
        self._ended = reason
        self._most = -1

    def _refuse(self, chunk: bytes) -> NoReturn:
        """Refuse a chunk that comes after the end, or goes beyond `max_body`.

        In the latter case, what is wrong with the bytes within the limit comes first.
        """
        if self._ended:
            raise LocalError(f"the decoder takes no more: {self._ended}")
        maximum = self._limits.max_body
        room = maximum - self._received
        self._received = maximum
        try:
            if room:
                self._decode(chunk[:room])
            self._settle()
        finally:
            self._stop("it has failed")
        raise LimitExceeded(
            "max_body", maximum, maximum + 1, offset=maximum, part=self._part, name=self._open
        )

    def _begin_item(self, offset: int) -> None:
        """Count the item that begins at `offset`."""
        self._start = offset
        self._items += 1
        maximum = self._limits.max_items
        if self._items > maximum:
            raise self._exceeded("max_items", maximum, offset=offset)

    def _charge(self, size: int, name: str | None = None) -> None:
        """Count what the item in progress, of that name, keeps in memory."""
        self._memory += size
        maximum = self._limits.max_form_memory
        if self._memory > maximum:
            raise self._exceeded("max_form_memory", maximum, offset=self._start, name=name)

    @property
    def _part(self) -> int:
        """The number of the part that the last byte fed is in, 0 before the first."""
        return self._items

    def _exceeded(self, limit: str, maximum: int, *, offset: int, name: str | None = None) -> LimitExceeded:
        """The error for a limit, at an offset, in the item that was begun last."""
        return LimitExceeded(limit, maximum, maximum + 1, offset=offset, part=self._items, name=name)


def _to_bytes(data: object) -> bytes:
    """A private copy of the caller's buffer, which may change after `feed`."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(cast("bytes", data))
    raise TypeError(f"a decoder takes bytes, bytearray or memoryview, not {type(data).__name__}")
