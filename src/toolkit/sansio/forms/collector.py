"""From the bytes of a form body to a complete form, with every file going where it should.

What lives here: `FormCollector`, and the choice of a decoder by content type. The collector decides; the
driver only moves bytes. Whatever is to be done to a sink, closing and committing included, is handed out as
a `Write`; the driver carries it out, in a thread or awaiting it if it likes to::

    with collector:                              # async with, where sinks are asynchronous
        for chunk in body:
            for write in collector.feed(chunk):
                write.sink.write(write.data)     # or: await …
        for write in collector.end():            # may be left out where nothing is awaited
            write.sink.write(write.data)
        return collector.finish()

A file is closed when its last byte has been written, committed when the whole form is known to be good, and
finished when all have been committed. When anything fails (the body, a limit, a sink, the driver's own code
inside `with`), every sink is closed and discarded at that moment, the last first; the first error is the
one that is raised, and what goes wrong while cleaning up is told in its notes (`__notes__`, which tracebacks
show from Python 3.11 on).
"""

from __future__ import annotations

from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast, final

from toolkit.sansio.errors.base import LocalError, MalformedForm, UnsupportedForm
from toolkit.sansio.fields.parameters import parse_options
from toolkit.sansio.forms.base import DEFAULT_LIMITS
from toolkit.sansio.forms.data import FormData, Upload
from toolkit.sansio.forms.events import Field, FileData, FileStart, make_event
from toolkit.sansio.forms.multipart import MultipartDecoder
from toolkit.sansio.forms.sinks import PartSink
from toolkit.sansio.forms.steps import DONE, settle
from toolkit.sansio.forms.urlencoded import PairDecoder, UrlencodedDecoder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from toolkit.sansio.forms.base import FormDecoder
    from toolkit.sansio.forms.data import FormValue
    from toolkit.sansio.forms.events import FormEvent
    from toolkit.sansio.forms.sinks import OpenSink
    from toolkit.sansio.forms.steps import Steps
    from toolkit.sansio.limits import FormLimits

Urlencoded = TypeVar("Urlencoded", UrlencodedDecoder, PairDecoder)

__all__ = ["FormCollector", "Write", "decoder_for"]

RECEIVING, ENDED, FINISHED, FAILED = "under way", "at its end", "finished", "broken"


class Write(NamedTuple):
    """The one instruction to a driver: call `sink.write(data)`, and await what it returns if you are async.

    `data` is empty where there is only something to close or to commit. `sink` is not what `open_sink`
    gave, but stands before it and sees to it that all of the bytes get there.
    """

    sink: PartSink
    data: bytes


def decoder_for(content_type: str, limits: FormLimits = DEFAULT_LIMITS) -> FormDecoder[FormEvent]:
    """The decoder of a form body with that Content-Type.

    Raises `UnsupportedForm` (415) when it is no form's, `MalformedForm` (400) when its boundary is missing
    or is none, `UnsupportedCharset` (415) when its charset is not read.

    >>> decoder_for("application/x-www-form-urlencoded").feed(b"a=1&b=2&")
    [Field('a', b'1', b''), Field('b', b'2', b'')]
    """
    return _choose(content_type, limits, UrlencodedDecoder)


def _choose(
    content_type: str, limits: FormLimits, urlencoded: type[Urlencoded]
) -> MultipartDecoder | Urlencoded:
    """The decoder for a Content-Type: that of multipart, or the one that is given for urlencoded forms."""
    # PERF: what most clients send, and no keyword, which costs a dictionary (benchmarks/spooled.py::simple).
    kind, _, boundary = content_type.partition("; boundary=")
    if kind == "multipart/form-data" and limits is DEFAULT_LIMITS and boundary.strip("-").isalnum():
        return MultipartDecoder(boundary)
    kind, params = parse_options(content_type)
    if kind == "multipart/form-data":
        if "boundary" not in params:
            raise MalformedForm("the Content-Type of a multipart form needs a boundary parameter")
        return MultipartDecoder(params["boundary"], limits=limits)
    if kind == "application/x-www-form-urlencoded":
        return urlencoded(limits=limits, charset=params.get("charset", "utf-8"))
    raise UnsupportedForm(content_type)


@final
class FormCollector:
    """A form on its way: feed it the body, carry out what it says, get the `FormData` from `finish`.

    `content_type` is the field as received. `open_sink` is called at the start of every file and decides
    where it goes, or raises to refuse the form. `progress(received, part)`, if there is one, is called after
    each chunk with the bytes of the body so far and the `FileStart` of the file under way, or None.

    Raises what `decoder_for` raises when it is made; `feed` and `finish` raise `RemoteError` for a bad
    body and what `open_sink` raises; carrying out a `Write` raises what the sink raises.
    """

    # PERF: slots, all set when it is made (benchmarks/spooled.py::simple).
    __slots__ = (
        "_cleanup", "_decoder", "_last_writes", "_open_sink", "_pairs", "_parts", "_paths", "_progress",
        "_received", "_state", "_under_way",
    )  # fmt: skip

    def __init__(
        self,
        content_type: str,
        *,
        limits: FormLimits = DEFAULT_LIMITS,
        open_sink: OpenSink,
        progress: Callable[[int, FileStart | None], object] | None = None,
    ) -> None:
        self._decoder = _choose(content_type, limits, PairDecoder)
        self._open_sink = open_sink
        self._progress = progress
        self._state = RECEIVING
        self._received = 0  # bytes of the body, counted for `progress` only
        self._under_way: FileStart | None = None  # the file that the last byte is in
        self._pairs: list[tuple[str, FormValue]] = []
        self._parts: list[PartSink] = []
        self._paths: set[str] = set()  # of the files that are committed
        self._last_writes: Sequence[Write] = ()  # those that must have been carried out before `finish`
        self._cleanup: tuple[Awaitable[None], ...] = ()  # what must still be awaited after a failure

    def feed(self, data: bytes | bytearray | memoryview) -> list[Write]:
        """Take some bytes of the body; what is to be written because of them, in order."""
        if self._state != RECEIVING:
            raise self._misused(RECEIVING)
        try:
            decoder = self._decoder
            writes: list[Write] = []
            if isinstance(decoder, PairDecoder):
                decoder.feed(data)
            else:
                writes = self._take(decoder.feed(data))
            if self._progress is not None:
                self._received += data.nbytes if isinstance(data, memoryview) else len(data)
                self._progress(self._received, self._under_way)
        except BaseException as error:
            self._abort(error)
            raise
        return writes

    @property
    def has_files(self) -> bool:
        """Whether any file was begun, and the form not yet given away."""
        return bool(self._parts)

    def _take(self, events: list[FormEvent]) -> list[Write]:
        """Keep fields, open sinks; what is to be written."""
        writes: list[Write] = []
        pairs = self._pairs
        part: PartSink | None = None  # the one of the last write, if there was one for the file under way
        # PERF: no properties, and no calls to make a Write (benchmarks/spooled.py::large, ::files100).
        for event in events:
            if type(event) is Field:
                name, value, _, charset = event
                pairs.append((name, value.decode(charset, "replace")))
            elif type(event) is FileData:
                part = self._parts[-1]
                writes.append(make_event(Write, (part, event.data)))
            elif type(event) is FileStart:
                part = None
                self._under_way = event
                sink = self._open_sink(event)
                self._parts.append(PartSink(event, sink, self._abort, len(pairs), self._paths))
                pairs.append((event.name, ""))  # in the place of the upload
            else:
                self._under_way = None
                if part is None:
                    self._parts[-1].size = event.size
                    writes.append(Write(self._parts[-1], b""))
                else:  # its last write closes it
                    part.size = part.closes_at = event.size
        return writes

    def end(self) -> list[Write]:
        """The end of the input, if the form is complete: the last writes, which commit the files.

        Raises `IncompleteForm` when the body was cut short. A driver that does not await may leave this to
        `finish`.
        """
        if self._state != RECEIVING:
            raise self._misused(RECEIVING)
        try:
            self._pairs += self._decoder.finish() or ()  # the fields of an urlencoded form
        except BaseException as error:
            self._abort(error)
            raise
        self._state = ENDED
        parts = [part for part in self._parts if part.steps_left]
        writes = [Write(part, b"") for part in parts for _ in range(part.steps_left)]
        # What cannot be undone comes when all files are committed.
        writes += [Write(part, b"") for part in parts if part.may_finish]
        self._last_writes = writes
        return writes

    def finish(self) -> FormData:
        """The form, complete; from now on its uploads are the caller's to close."""
        if self._state == RECEIVING:
            for write in self.end():
                write.sink.write(b"")
        if self._state != ENDED:
            raise self._misused(ENDED)
        pairs = self._pairs
        if self._parts:
            self._check()
            for part in self._parts:
                pairs[part.place] = (part.start.name, Upload(part.start, part.sink, part.size))
            self._forget()
        self._state = FINISHED
        # PERF: not FormData(pairs), which would copy them (benchmarks/spooled.py::large).
        return cast("FormData", FormData.adopt(pairs))

    def _check(self) -> None:
        """Refuse to finish while something has not been done."""
        for write in self._last_writes:
            if write.sink.steps_left:
                name = write.sink.start.name
                error = LocalError(f"file {name!r}: not every Write was carried out, and awaited")
                self._abort(error)
                raise error

    def _misused(self, state: str) -> LocalError:
        return LocalError(f"the form is {self._state}: it must be {state} for this")

    def _forget(self) -> None:
        """Let go of everything: parts and collector refer to each other."""
        self._pairs = []
        self._parts = []
        self._last_writes = ()

    def _abort(self, error: BaseException) -> None:
        """End everything because of `error`, as far as it can be done without awaiting."""
        if self._state in (FINISHED, FAILED):
            return
        self._state = FAILED
        with ExitStack() as stack:  # the last first, and all of them, even if we are interrupted
            for part in self._parts:
                stack.callback(self._end_part, part, error)
        self._forget()

    def _end_part(self, part: PartSink, error: BaseException) -> None:
        rest = settle(_end(part, error))
        if rest is not DONE:
            self._cleanup = (*self._cleanup, rest)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._state == FINISHED:
            return
        first = error or LocalError("the form was left before it was finished")
        self._abort(first)
        if self._cleanup:
            _note(first, LocalError("an asynchronous sink was left open: it needs `async with`"))
        if error is None and _has_notes(first):
            raise first

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._state == FINISHED:
            return
        first = error or LocalError("the form was left before it was finished")
        self._abort(first)
        pending, self._cleanup = self._cleanup, ()
        async with AsyncExitStack() as stack:
            for rest in reversed(pending):
                stack.push_async_callback(_wait, rest)
        if error is None and _has_notes(first):
            raise first


async def _wait(rest: Awaitable[None]) -> None:
    await rest


def _end(part: PartSink, error: BaseException) -> Steps:
    """End `part` because of `error`, which is told what else goes wrong."""
    for ending in part.endings():
        try:
            yield ending()
        except Exception as other:  # noqa: BLE001, PERF203  # what is left must still be done
            if other is not error:
                _note(error, other)


def _note(error: BaseException, other: Exception) -> None:
    """Add to `error` that `other` happened while cleaning up (`add_note`, which Python 3.10 lacks)."""
    notes: list[str] = vars(error).setdefault("__notes__", [])
    notes.append(f"while cleaning up: {other!r}")


def _has_notes(error: BaseException) -> bool:
    return "__notes__" in vars(error)
