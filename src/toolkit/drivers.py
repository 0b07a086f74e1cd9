"""The two drivers of everything that the core decides, one that blocks and one that awaits, side by side.

What lives here: reading the content of a request, and walking the body of a response. The functions of the
two halves are the same but for `async` and `await` (a test compares them): they move bytes, and whether
more may come, what they are worth and what is wrong with them is decided in `toolkit.sansio`.
"""

from __future__ import annotations

from collections import deque
from functools import update_wrapper
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Literal, TypeVar, overload
from weakref import ref

from toolkit.bridges.base import bridge
from toolkit.sansio.errors.base import RemoteError
from toolkit.sansio.exchange.body import RequestBody, decode_text, validated
from toolkit.sansio.exchange.content import parse_json
from toolkit.sansio.exchange.request import Request
from toolkit.sansio.exchange.typed import lazy
from toolkit.sansio.forms.collector import FormCollector
from toolkit.sansio.forms.steps import DONE
from toolkit.storage import spool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from toolkit.sansio.exchange.content import JSON
    from toolkit.sansio.forms.collector import Write
    from toolkit.sansio.forms.data import FormData
    from toolkit.sansio.forms.events import FileStart
    from toolkit.sansio.forms.sinks import OpenSink
    from toolkit.sansio.limits import BodyLimits, FormLimits

T = TypeVar("T")
A = TypeVar("A", bound="Callable[..., object]")

Duplicates = Literal["error", "last"]


class Readable(Request):
    """What both kinds of request share: the content as one object, and the form once it is read."""

    _form: FormData | None = None

    has_resources: bool = False
    """Whether there is anything to close."""

    @lazy
    def body(self) -> RequestBody:
        """What is known of the content, and who has read it. The same errors as the methods that read."""
        return RequestBody.of(self, terminated=True)

    @property
    def expects_content(self) -> bool:
        """Whether content may still come: announced, or asked for, and not read to its end."""
        body: RequestBody | None = vars(self).get("body")
        return self.announces_content if body is None else not body.complete

    def drop_content(self) -> bool:
        """Let nobody begin to read the content any more; whether what still comes is for nobody."""
        try:
            return self.body.drop()
        except RemoteError:  # nobody can read what is announced like this
            return True

    def give_up(self, error: Exception) -> None:
        """Take note that whoever was reading the content has failed, and will not go on."""
        body: RequestBody | None = vars(self).get("body")
        if body is not None:
            body.give_up(error)

    def close(self) -> None:
        """Free what the form holds in memory and in temporary files. `@application` calls it at the end."""
        form, self._form = self._form, None
        if form is not None:
            form.close()


class Pieces:
    """The content of a request as an iterator. It holds nothing that would have to be closed."""

    __slots__ = ("__weakref__", "_body", "_pieces", "_pull")

    def __init__(
        self, pieces: list[bytes], body: RequestBody, pull: Callable[[RequestBody], list[bytes]]
    ) -> None:
        self._pieces = deque(pieces)
        self._body = body
        self._pull = pull
        body.reader = ref(self)

    def __iter__(self) -> Pieces:
        return self

    def __next__(self) -> bytes:
        while not self._pieces:
            if not self._body.unread:
                self._body.check()
                raise StopIteration
            self._pieces.extend(self._pull(self._body))
        return self._pieces.popleft()


class AsyncPieces:
    """The same, awaited. An asynchronous generator, left early, would have to be."""

    __slots__ = ("__weakref__", "_body", "_pieces", "_pull")

    def __init__(
        self, pieces: list[bytes], body: RequestBody, pull: Callable[[RequestBody], Awaitable[list[bytes]]]
    ) -> None:
        self._pieces = deque(pieces)
        self._body = body
        self._pull = pull
        body.reader = ref(self)

    def __aiter__(self) -> AsyncPieces:
        return self

    async def __anext__(self) -> bytes:
        while not self._pieces:
            if not self._body.unread:
                self._body.check()
                raise StopAsyncIteration
            self._pieces.extend(await self._pull(self._body))
        return self._pieces.popleft()


class SyncRequest(Readable):
    """A request whose content is read by calls that block.

    `limits` of a call stand for those of the policy. All of these raise `LimitExceeded` (413) before more is
    held than allowed, `IncompleteContent`, `MalformedContent` and `MalformedHeader` (400),
    `UnsupportedCoding` (415), `ClientDisconnect` when the client goes away, and `ContentConsumed` when the
    content was read before and not kept.
    """

    def _pull(self, body: RequestBody) -> list[bytes]:
        """Wait for the next bytes, and feed them to `body`."""
        raise NotImplementedError

    def stream(self, *, limits: BodyLimits | None = None) -> Iterator[bytes]:
        """The content, piece by piece as it arrives, codings taken off. Nothing is kept."""
        body = self.body
        return Pieces(body.open(limits or self.policy.body), body, self._pull)

    def data(self, *, limits: BodyLimits | None = None) -> bytes:
        """The whole content. It is kept: reading it again, in any way, gives it again."""
        body = self.body
        pieces = body.open(limits or self.policy.body)
        with body:
            while body.unread:
                pieces += self._pull(body)
        return body.keep(pieces)

    def text(self, *, limits: BodyLimits | None = None) -> str:
        """The content as text, strictly in the charset of the Content-Type, or UTF-8. It is kept."""
        data = self.data(limits=limits)
        return decode_text(data, self.content_type.charset if self.content_type else None)

    @overload
    def json(self, *, limits: BodyLimits | None = None, duplicates: Duplicates = "error") -> JSON: ...
    @overload
    def json(
        self,
        validate: Callable[[JSON], T],
        *,
        limits: BodyLimits | None = None,
        duplicates: Duplicates = "error",
    ) -> T: ...
    def json(
        self,
        validate: Callable[[JSON], T] | None = None,
        *,
        limits: BodyLimits | None = None,
        duplicates: Duplicates = "error",
    ) -> JSON | T:
        """The content as JSON (see `parse_json`), or what `validate` makes of it. The content is kept.

        Whatever the Content-Type says. A ValueError or TypeError of `validate` is an `InvalidContent` (422).
        """
        value = parse_json(self.data(limits=limits), duplicates=duplicates)
        return value if validate is None else validated(value, validate)

    def form(
        self,
        *,
        limits: FormLimits | None = None,
        open_sink: OpenSink = spool,
        progress: Callable[[int, FileStart | None], object] | None = None,
    ) -> FormData:
        """The content as a form. It is kept: the next call gives the same one, whatever its arguments.

        `open_sink` decides where files go, `progress` is told of each chunk; see `FormCollector`. Raises
        `UnsupportedForm` (415), `MalformedForm` and `IncompleteForm` (400) besides.
        """
        form = self._form
        if form is None:
            limits = limits or self.policy.form
            content_type = self.headers.get("Content-Type", "")
            body = self.body
            collector = FormCollector(content_type, limits=limits, open_sink=open_sink, progress=progress)
            with collector:
                pieces = body.open_form(limits, self.policy.body)
                with body:
                    while pieces or body.unread:
                        for piece in pieces:
                            self._write(collector.feed(piece))
                        pieces = self._pull(body) if body.unread else []
                self._write(collector.end())
                if collector.has_files:
                    self.has_resources = True
                form = self._form = collector.finish()
        return form

    def _write(self, writes: list[Write]) -> None:
        """Carry out what a collector says."""
        for write in writes:
            write.sink.write(write.data)


class AsyncRequest(Readable):
    """A request whose content is awaited. The same methods as those of `SyncRequest`, and the same errors."""

    async def _pull(self, body: RequestBody) -> list[bytes]:
        """Wait for the next bytes, and feed them to `body`."""
        raise NotImplementedError

    def stream(self, *, limits: BodyLimits | None = None) -> AsyncIterator[bytes]:
        """The content, piece by piece as it arrives, codings taken off. Nothing is kept."""
        body = self.body
        return AsyncPieces(body.open(limits or self.policy.body), body, self._pull)

    async def data(self, *, limits: BodyLimits | None = None) -> bytes:
        """The whole content. It is kept: reading it again, in any way, gives it again."""
        body = self.body
        pieces = body.open(limits or self.policy.body)
        with body:
            while body.unread:
                pieces += await self._pull(body)
        return body.keep(pieces)

    async def text(self, *, limits: BodyLimits | None = None) -> str:
        """The content as text, strictly in the charset of the Content-Type, or UTF-8. It is kept."""
        data = await self.data(limits=limits)
        return decode_text(data, self.content_type.charset if self.content_type else None)

    @overload
    async def json(self, *, limits: BodyLimits | None = None, duplicates: Duplicates = "error") -> JSON: ...
    @overload
    async def json(
        self,
        validate: Callable[[JSON], T],
        *,
        limits: BodyLimits | None = None,
        duplicates: Duplicates = "error",
    ) -> T: ...
    async def json(
        self,
        validate: Callable[[JSON], T] | None = None,
        *,
        limits: BodyLimits | None = None,
        duplicates: Duplicates = "error",
    ) -> JSON | T:
        """The content as JSON (see `parse_json`), or what `validate` makes of it. The content is kept.

        Whatever the Content-Type says. A ValueError or TypeError of `validate` is an `InvalidContent` (422).
        """
        value = parse_json(await self.data(limits=limits), duplicates=duplicates)
        return value if validate is None else validated(value, validate)

    async def form(
        self,
        *,
        limits: FormLimits | None = None,
        open_sink: OpenSink = spool,
        progress: Callable[[int, FileStart | None], object] | None = None,
    ) -> FormData:
        """The content as a form. It is kept: the next call gives the same one, whatever its arguments.

        `open_sink` decides where files go, `progress` is told of each chunk; see `FormCollector`. Raises
        `UnsupportedForm` (415), `MalformedForm` and `IncompleteForm` (400) besides.
        """
        form = self._form
        if form is None:
            limits = limits or self.policy.form
            content_type = self.headers.get("Content-Type", "")
            body = self.body
            collector = FormCollector(content_type, limits=limits, open_sink=open_sink, progress=progress)
            async with collector:
                pieces = body.open_form(limits, self.policy.body)
                with body:
                    while pieces or body.unread:
                        for piece in pieces:
                            await self._write(collector.feed(piece))
                        pieces = await self._pull(body) if body.unread else []
                await self._write(collector.end())
                if collector.has_files:
                    self.has_resources = True
                form = self._form = collector.finish()
        return form

    async def _write(self, writes: list[Write]) -> None:
        """Carry out what a collector says: in a worker thread, if any of it may block."""
        while writes:
            if any(write.sink.may_block(len(write.data)) for write in writes):
                done, rest = await bridge().in_thread(_carry_out, writes)
            else:
                done, rest = _carry_out(writes)
            await rest
            writes = writes[done:]


def _carry_out(writes: list[Write]) -> tuple[int, Awaitable[None]]:
    """Carry out writes up to one that has to be awaited: how many, and what to await."""
    for count, write in enumerate(writes, 1):
        rest = write.sink.write(write.data)
        if rest is not DONE:
            return count, rest
    return len(writes), DONE


def is_asynchronous(handler: Callable[..., object]) -> bool:
    """Whether calling `handler` gives a coroutine: it is a coroutine function, or its `__call__` is."""
    return iscoroutinefunction(handler) or iscoroutinefunction(getattr(handler, "__call__", None))  # noqa: B004


def named_after(handler: Callable[..., object], app: A) -> A:
    """`app`, with the name and the documentation of its handler, but not with its signature."""
    update_wrapper(app, handler, ("__module__", "__name__", "__qualname__", "__doc__"), ())
    del app.__wrapped__  # type: ignore[attr-defined]  # whoever looks at signatures would follow it
    return app
