from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.sinks import (
    Asynchronous,
    Automatic,
    Final,
    FinalAsynchronous,
    Log,
    Plain,
    Recording,
    failing,
)
from toolkit.sansio.errors.base import (
    FormError,
    IncompleteForm,
    LimitExceeded,
    LocalError,
    MalformedForm,
    RemoteError,
    UnsupportedCharset,
    UnsupportedForm,
)
from toolkit.sansio.errors.http import Forbidden
from toolkit.sansio.forms.collector import FormCollector, Write, decoder_for
from toolkit.sansio.forms.data import FormData, Upload
from toolkit.sansio.limits import FormLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from toolkit.sansio.forms.events import FileStart
    from toolkit.sansio.forms.sinks import OpenSink, Sink

MULTIPART = "multipart/form-data; boundary=B"
URLENCODED = "application/x-www-form-urlencoded"


def field(name: str, value: str) -> bytes:
    return f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def file(name: str, content: bytes) -> bytes:
    head = f'--B\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.txt"\r\n'
    return head.encode() + b"Content-Type: text/plain\r\n\r\n" + content + b"\r\n"


END = b"--B--\r\n"
BODY = field("a", "1") + file("f", b"first") + field("b", "é") + file("g", b"") + file("f", b"x" * 50) + END


@pytest.fixture
def collected() -> Iterator[None]:
    """Let coroutines that nobody awaited say so while that is expected."""
    yield
    gc.collect()


def notes(error: BaseException) -> list[str]:
    """What was added to an error."""
    added: list[str] = getattr(error, "__notes__", [])
    return added


def drive(collector: FormCollector, chunks: Iterable[bytes]) -> FormData:
    with collector:
        for chunk in chunks:
            for write in collector.feed(chunk):
                write.sink.write(write.data)
        return collector.finish()


async def drive_async(collector: FormCollector, chunks: Iterable[bytes]) -> FormData:
    async with collector:
        for chunk in chunks:
            for write in collector.feed(chunk):
                await write.sink.write(write.data)
        for write in collector.end():
            await write.sink.write(write.data)
        return collector.finish()


def collector_to(open_sink: OpenSink, content_type: str = MULTIPART, **limits: int) -> FormCollector:
    return FormCollector(content_type, limits=FormLimits(**limits), open_sink=open_sink)


def no_sink(start: FileStart) -> Sink:
    raise AssertionError(start)


class TestContentType:
    @pytest.mark.parametrize(
        "content_type",
        ["", "text/plain", "multipart/mixed; boundary=B", "application/json", "multipart", ";"],
    )
    def test_that_is_no_form(self, content_type: str) -> None:
        with pytest.raises(UnsupportedForm) as caught:
            collector_to(no_sink, content_type)
        assert caught.value.status == 415
        assert caught.value.content_type == content_type
        assert isinstance(caught.value, FormError)
        assert (content_type or "without a Content-Type") in str(caught.value)

    @pytest.mark.parametrize(
        "parameter", ["", "; boundary", "; boundary=", '; boundary=""', "; boundary=a\x00b"]
    )
    def test_without_a_boundary(self, parameter: str) -> None:
        with pytest.raises(MalformedForm) as caught:
            collector_to(no_sink, "multipart/form-data" + parameter)
        assert caught.value.status == 400

    def test_with_an_endless_boundary(self) -> None:
        with pytest.raises(RemoteError):
            collector_to(no_sink, "multipart/form-data; boundary=" + "B" * 71)

    def test_with_a_charset_that_is_not_read(self) -> None:
        with pytest.raises(UnsupportedCharset):
            collector_to(no_sink, URLENCODED + "; charset=utf-7")

    @pytest.mark.parametrize(
        "content_type",
        [MULTIPART, 'Multipart/Form-Data ; charset=utf-8; BOUNDARY="B"', "multipart/form-data;boundary=B"],
    )
    def test_of_multipart(self, content_type: str) -> None:
        assert drive(collector_to(no_sink, content_type), [field("a", "1"), END]) == {"a": "1"}

    def test_of_urlencoded(self) -> None:
        form = drive(collector_to(no_sink, URLENCODED), [b"a=1&b", b"=%C3%A9&a=2"])
        assert form.items(multi=True) == [("a", "1"), ("b", "é"), ("a", "2")]
        assert drive(collector_to(no_sink, URLENCODED + ";charset=latin-1"), [b"a=%e9"]) == {"a": "é"}

    def test_decoder_for(self) -> None:
        assert decoder_for(MULTIPART).feed(field("a", "1") + END)


class TestForm:
    @given(st.lists(st.integers(1, 40)))
    def test_is_the_same_however_the_body_is_cut(self, sizes: list[int]) -> None:
        chunks: list[bytes] = []
        rest = BODY
        for size in sizes:
            chunks.append(rest[:size])
            rest = rest[size:]
        log = Log()
        form = drive(collector_to(log), [*chunks, rest])
        assert log.contents == {"f1": b"first", "g2": b"", "f3": b"x" * 50}
        assert [name for name, _ in form.items(multi=True)] == ["a", "f", "b", "g", "f"]
        assert form.fields == {"a": "1", "b": "é"}
        assert [upload.size for upload in form.files.values(multi=True)] == [5, 0, 50]

    def test_is_empty_only_when_the_body_says_so(self) -> None:
        assert not drive(collector_to(no_sink), [END])
        assert not drive(collector_to(no_sink, URLENCODED), [])
        for body in (b"", b"--B", b"--B\r\n", BODY[:-6]):
            with pytest.raises(IncompleteForm):
                drive(collector_to(Log()), [body])

    def test_knows_its_uploads(self) -> None:
        sinks: list[Plain] = []

        def open_sink(start: FileStart) -> Sink:
            sinks.append(Plain(Log(), start.name))
            return sinks[-1]

        upload = drive(collector_to(open_sink), [BODY]).getlist("f")[1]
        assert isinstance(upload, Upload)
        assert (upload.name, upload.filename, upload.content_type, upload.size) == (
            "f",
            "f.txt",
            "text/plain",
            50,
        )
        assert upload.headers["content-type"] == "text/plain"
        assert upload.sink is sinks[2]

    def test_takes_any_buffer(self) -> None:
        log = Log()
        collector = FormCollector(MULTIPART, open_sink=log)
        for buffer in (BODY[:100], bytearray(BODY[100:150]), memoryview(BODY[150:])):
            for write in collector.feed(buffer):
                write.sink.write(write.data)
        assert collector.finish()
        assert log.contents["f1"] == b"first"


class TestLifeOfASink:
    def test_close_at_the_end_of_a_file_and_commit_at_the_end_of_the_form(self) -> None:
        log = Log()
        drive(collector_to(log), [file("a", b"1"), file("b", b"2"), END])
        # The chunk that ends one file begins the other: a sink is opened when that is known.
        assert log.calls == ["open a1", "open b2", "close a1", "close b2", "commit a1", "commit b2"]

    def test_two_files_may_not_be_committed_to_one_path(self) -> None:
        class Placed(Recording):
            @property
            def committed_path(self) -> str:
                return self.name[0]

        log = Log(Placed)
        drive(collector_to(log), [file("a", b"1"), file("b", b"2"), END])
        assert log.calls[-2:] == ["commit a1", "commit b2"]
        log = Log(Placed)
        with pytest.raises(FileExistsError, match="two files of a form go to one path"):
            drive(collector_to(log), [file("a", b"1"), file("a", b"2"), END])
        assert log.calls[-3:] == ["commit a2", "discard a2", "discard a1"]

    def test_whether_there_are_files_is_known_until_the_form_is_given_away(self) -> None:
        collector = collector_to(Log())
        known = [collector.has_files]
        for piece in (field("a", "1"), file("f", b"x"), END):
            for write in collector.feed(piece):
                write.sink.write(write.data)
            known.append(collector.has_files)
        collector.finish()
        assert [*known, collector.has_files] == [False, False, True, True, False]

    def test_a_driver_that_awaits_commits_by_itself(self) -> None:
        log = Log()
        collector = collector_to(log)
        with collector:
            for write in collector.feed(BODY):
                write.sink.write(write.data)
            writes = collector.end()
            assert [write.data for write in writes] == [b"", b"", b""]
            assert not any(call.startswith("commit") for call in log.calls)
            for write in writes:
                write.sink.write(write.data)
            assert log.calls[-3:] == ["commit f1", "commit g2", "commit f3"]
            collector.finish()
        assert log.calls[-3:] == ["commit f1", "commit g2", "commit f3"]

    def test_the_least_of_a_sink_is_enough(self) -> None:
        log = Log(Plain)
        collector = collector_to(log)
        for write in [*collector.feed(BODY), *collector.end()]:
            write.sink.write(write.data)
            if not write.data:
                write.sink.write(b"")  # there is no further step
        assert collector.finish()
        assert [call for call in log.calls if "open" not in call] == ["close f1", "close g2", "close f3"]

    def test_a_sink_that_publishes_by_itself_is_not_told_to_commit(self) -> None:
        log = Log(Automatic)
        drive(collector_to(log), [file("a", b"1"), END])
        assert log.calls == ["open a1", "close a1"]

    @pytest.mark.parametrize(
        "end",
        [
            field("", "no name").replace(b'; name=""', b""),
            file("b", b"2") + file("c", b"3") + field("x", "too much" * 100),
        ],
    )
    def test_when_the_body_is_wrong_everything_is_discarded_at_that_moment(self, end: bytes) -> None:
        log = Log()
        collector = collector_to(log, max_form_memory=900)
        for write in collector.feed(file("a", b"1") + file("b", b"second")[:-5]):
            write.sink.write(write.data)
        log.calls.clear()
        with pytest.raises((MalformedForm, LimitExceeded)):
            collector.feed(file("b", b"second")[-5:] + end)
        assert log.calls[-3:] == ["close b2", "discard b2", "discard a1"]
        with pytest.raises(LocalError, match="the form is broken"):
            collector.feed(b"")
        with pytest.raises(LocalError, match="the form is broken"):
            collector.finish()

    def test_when_the_body_is_cut_short(self) -> None:
        log = Log()
        with pytest.raises(IncompleteForm):
            drive(collector_to(log), [file("a", b"1"), file("b", b"2")])
        assert log.calls == ["open a1", "open b2", "close a1", "close b2", "discard b2", "discard a1"]

    def test_when_the_block_is_left(self) -> None:
        log = Log()
        with collector_to(log) as collector:
            for write in collector.feed(file("a", b"1") + file("b", b"2")[:-2]):
                write.sink.write(write.data)
        assert log.calls == ["open a1", "open b2", "close a1", "close b2", "discard b2", "discard a1"]

    def test_when_the_block_fails(self) -> None:
        log = Log(Plain)
        with pytest.raises(ZeroDivisionError), collector_to(log) as collector:  # noqa: PT012  # two steps
            collector.feed(file("a", b"1")[:-2])
            _ = 1 / 0
        assert log.calls == ["open a1", "close a1"]

    def test_when_a_sink_that_publishes_by_itself_is_not_complete(self) -> None:
        log = Log(Automatic)
        with collector_to(log) as collector:
            for write in collector.feed(file("a", b"1") + file("b", b"2")[:-2]):
                write.sink.write(write.data)
        assert log.calls[2:] == ["close a1", "discard b2"]

    def test_when_such_a_sink_cannot_discard(self) -> None:
        log = Log(failing(Automatic, "discard"))
        with pytest.raises(LocalError) as caught, collector_to(log) as collector:
            collector.feed(file("a", b"1")[:-2])
        assert notes(caught.value) == ["while cleaning up: OSError('a1')"]
        assert log.calls == ["open a1", "discard a1", "close a1"]

    def test_when_the_close_of_such_a_sink_fails(self) -> None:
        log = Log(failing(Automatic, "close"))
        with pytest.raises(OSError, match="a1"):
            drive(collector_to(log), [file("a", b"1"), END])
        assert log.calls == ["open a1", "close a1", "discard a1"]

    def test_a_finished_form_is_not_touched_any_more(self) -> None:
        log = Log()
        with pytest.raises(ZeroDivisionError), collector_to(log) as collector:  # noqa: PT012  # the same
            for write in collector.feed(BODY):
                write.sink.write(write.data)
            collector.finish()
            log.calls.clear()
            with pytest.raises(LocalError, match="the form is finished"):
                collector.finish()
            with pytest.raises(LocalError, match="the form is finished"):
                collector.feed(b"")
            _ = 1 / 0
        assert log.calls == []

    def test_nothing_refers_to_a_form_that_is_over(self) -> None:
        log = Log()
        gc.collect()
        gc.disable()
        try:
            form = drive(collector_to(log), [BODY])
            with pytest.raises(IncompleteForm):
                drive(collector_to(log), [BODY[:-5]])
            kinds = {type(found).__name__ for found in gc.get_objects()}
            assert "FormCollector" not in kinds
            assert "PartSink" not in kinds
        finally:
            gc.enable()
        assert form


class TestFinish:
    """The step after the commit: it comes when nothing can fail any more, and nothing is undone after it."""

    def test_comes_when_every_file_is_committed(self) -> None:
        log = Log(Final)
        drive(collector_to(log), [BODY])
        assert log.calls[-6:] == [
            "commit f1",
            "commit g2",
            "commit f3",
            "finish f1",
            "finish g2",
            "finish f3",
        ]

    @pytest.mark.parametrize("late", [False, True])
    def test_awaited(self, late: bool) -> None:
        log = Log(FinalAsynchronous)

        async def open_late(start: FileStart) -> Sink:
            await asyncio.sleep(0)
            return log(start)

        assert asyncio.run(drive_async(collector_to(open_late if late else log), [BODY]))
        assert log.calls[-6:] == [
            "commit f1",
            "commit g2",
            "commit f3",
            "finish f1",
            "finish g2",
            "finish f3",
        ]

    def test_does_not_come_after_a_commit_that_fails(self) -> None:
        log = Log(failing(Final, "commit", name="g2"))
        with pytest.raises(OSError, match="g2"):
            drive(collector_to(log), [BODY])
        assert log.calls[-5:] == ["commit f1", "commit g2", "discard f3", "discard g2", "discard f1"]

    def test_that_fails_ends_the_form_but_undoes_nothing_that_is_final(self) -> None:
        log = Log(failing(Final, "finish", name="g2"))
        with pytest.raises(OSError, match="g2"):
            drive(collector_to(log), [BODY])
        assert log.calls[-4:] == ["finish f1", "finish g2", "discard f3", "discard g2"]

    def test_must_be_carried_out(self) -> None:
        collector = collector_to(Log(Final))
        for write in collector.feed(BODY):
            write.sink.write(write.data)
        *writes, _last = collector.end()
        for write in writes:
            write.sink.write(write.data)
        with pytest.raises(LocalError, match="not every Write was carried out"):
            collector.finish()

    def test_is_for_sinks_that_commit(self) -> None:
        class Both(Automatic, Final):
            """It publishes by itself, and could finish."""

        log = Log(Both)
        drive(collector_to(log), [file("a", b"1"), END])
        assert log.calls == ["open a1", "close a1"]


class TestRefusal:
    def test_with_a_status(self) -> None:
        log = Log()

        def refuse(start: FileStart) -> Sink:
            if start.name == "b":
                raise Forbidden("no b")
            return log(start)

        collector = collector_to(refuse)
        with pytest.raises(Forbidden):
            drive(collector, [file("a", b"1") + b"--B", file("b", b"2")[3:], END])
        assert log.calls == ["open a1", "close a1", "discard a1"]

    def test_before_any_of_its_bytes_are_written(self) -> None:
        def refuse(start: FileStart) -> Sink:
            raise Forbidden(start.filename)

        with pytest.raises(Forbidden, match=r"f\.txt"):
            collector_to(refuse).feed(file("f", b"x")[:-2])

    def test_by_the_limits(self) -> None:
        log = Log()
        with pytest.raises(LimitExceeded) as caught:
            drive(collector_to(log, max_file_size=10), [BODY])
        assert caught.value.limit == "max_file_size"
        with pytest.raises(LimitExceeded) as caught:
            drive(collector_to(log, max_body=100), [BODY])
        assert caught.value.limit == "max_body"


class TestProgress:
    def test_is_told_after_each_chunk(self) -> None:
        told: list[tuple[int, str | None]] = []

        def progress(received: int, part: FileStart | None) -> None:
            told.append((received, part and part.name))

        collector = FormCollector(MULTIPART, open_sink=Log(), progress=progress)
        start = field("a", "1") + file("f", b"first")[:-3]
        for chunk in (start, b"st", memoryview(b"\r\n"), END):
            for write in collector.feed(chunk):
                write.sink.write(write.data)
        size = len(start)
        assert told == [(size, "f"), (size + 2, "f"), (size + 4, "f"), (size + 4 + len(END), None)]
        assert collector.finish()

    def test_may_end_it(self) -> None:
        def progress(received: int, part: FileStart | None) -> None:
            raise TimeoutError(received, part)

        log = Log()
        with pytest.raises(TimeoutError):
            FormCollector(MULTIPART, open_sink=log, progress=progress).feed(file("f", b"first"))
        assert log.calls == ["open f1", "close f1", "discard f1"]


class TestShortWrites:
    @pytest.mark.parametrize("size", [1, 3, 49])
    def test_are_continued(self, size: int) -> None:
        class Raw(Plain):
            def write(self, data: bytes, /) -> object:
                super().write(data[:size])
                return len(data[:size])

        log = Log(Raw)
        drive(collector_to(log), [BODY])
        assert log.contents == {"f1": b"first", "g2": b"", "f3": b"x" * 50}

    def test_of_nothing_are_an_error(self) -> None:
        class Full(Recording):
            def write(self, _: bytes, /) -> object:
                return 0

        log = Log(Full)
        with pytest.raises(OSError, match="took 0 of 5 bytes"):
            drive(collector_to(log), [BODY])
        assert log.calls[-1] == "discard f1"

    @pytest.mark.parametrize("answer", [None, True, "ok", 10**9])
    def test_other_answers_mean_everything(self, answer: object) -> None:
        class Vague(Plain):
            def write(self, data: bytes, /) -> object:
                super().write(data)
                return answer

        log = Log(Vague)
        drive(collector_to(log), [file("f", b"x" * 3), file("g", b"y"), END])
        assert log.contents == {"f1": b"xxx", "g2": b"y"}


class TestCareless:
    """A driver that does not do what it is told is found out."""

    def test_that_writes_nothing(self) -> None:
        collector = collector_to(Log())
        collector.feed(BODY)
        with pytest.raises(LocalError, match="file 'f': 0 of 5 bytes were written"):
            collector.finish()

    def test_that_skips_a_write(self) -> None:
        log = Log()
        collector = collector_to(log)
        for write in collector.feed(BODY)[1:]:
            write.sink.write(write.data)
        with pytest.raises(LocalError, match="'f': 0 of 5 bytes"):
            collector.finish()
        assert log.calls[-1] == "discard f1"

    def test_that_writes_twice(self) -> None:
        log = Log()
        collector = collector_to(log)
        start, *_ = collector.feed(BODY[:-70])
        start.sink.write(start.data[:1])
        start.sink.write(start.data)
        with pytest.raises(LocalError, match="'f': 6 of 5 bytes"):  # noqa: PT012  # the same
            collector.feed(BODY[-70:])
            collector.finish()
        assert "commit f1" not in log.calls

    def test_that_ends_twice(self) -> None:
        collector = FormCollector("application/x-www-form-urlencoded", open_sink=Log())
        collector.feed(b"a=1")
        assert collector.end() == []
        with pytest.raises(LocalError, match="at its end"):
            collector.end()

    def test_that_leaves_out_what_is_empty(self) -> None:
        log = Log()
        collector = collector_to(log)
        for write in collector.feed(BODY):
            if write.data:
                write.sink.write(write.data)
        collector.finish()
        assert log.calls[3:] == ["close f1", "close f3", "commit f1", "close g2", "commit g2", "commit f3"]

    @pytest.mark.parametrize("size", [1, 50, len(BODY)])
    def test_that_is_late(self, size: int) -> None:
        log = Log()
        collector = collector_to(log)
        chunks = [BODY[at : at + size] for at in range(0, len(BODY), size)]
        writes = [write for chunk in chunks for write in collector.feed(chunk)]
        for write in [*writes, *collector.end()]:
            write.sink.write(write.data)
        assert collector.finish()
        assert log.calls[3:] == [
            *(f"close {f}" for f in log.contents),
            *(f"commit {f}" for f in log.contents),
        ]

    def test_that_does_not_commit(self) -> None:
        log = Log()
        collector = collector_to(log)
        for write in collector.feed(BODY):
            write.sink.write(write.data)
        collector.end()
        with pytest.raises(LocalError, match="not every Write was carried out"):
            collector.finish()
        assert log.calls[-1] == "discard f1"

    def test_that_goes_on_after_a_failure(self) -> None:
        collector = collector_to(Log())
        first, second, *_ = collector.feed(BODY)
        with pytest.raises(LocalError):
            collector.finish()
        for write in (first, second):
            with pytest.raises(LocalError, match="nothing can be written, it is broken"):
                write.sink.write(write.data)

    def test_that_writes_after_the_end(self) -> None:
        collector = collector_to(Log())
        writes = collector.feed(BODY)
        for write in writes:
            write.sink.write(write.data)
        with pytest.raises(LocalError, match="nothing can be written, it is closed"):
            writes[0].sink.write(b"more")

    @pytest.mark.filterwarnings("ignore:coroutine")
    @pytest.mark.usefixtures("collected")
    def test_that_does_not_await(self) -> None:
        log = Log(Asynchronous)
        collector = collector_to(log)
        with pytest.raises(LocalError):  # noqa: PT012  # the same
            for write in collector.feed(BODY):
                write.sink.write(write.data)
            collector.finish()
        with pytest.raises(LocalError, match="was left") as caught, collector:
            pass
        assert any("needs `async with`" in note for note in notes(caught.value))

    @pytest.mark.filterwarnings("ignore:coroutine")
    @pytest.mark.usefixtures("collected")
    def test_that_does_not_await_the_close(self) -> None:
        class Half(Recording):
            async def close(self) -> None:
                super().close()

        log = Log(Half)
        collector = collector_to(log)
        for write in collector.feed(file("a", b"1") + END):
            write.sink.write(write.data)
        gc.collect()
        with pytest.raises(LocalError, match="the form is broken"):
            collector.finish()
        assert log.calls == ["open a1", "discard a1"]

    @pytest.mark.filterwarnings("ignore:coroutine")
    @pytest.mark.usefixtures("collected")
    def test_that_leaves_an_asynchronous_sink_open(self) -> None:
        with pytest.raises(ZeroDivisionError) as caught, collector_to(Log(Asynchronous)) as collector:  # noqa: PT012
            collector.feed(BODY[:-50])
            _ = 1 / 0
        assert any("needs `async with`" in note for note in notes(caught.value))


class TestAwaited:
    @pytest.mark.parametrize("make", [Recording, Asynchronous])
    def test_it_makes_no_difference(self, make: Callable[[Log, str], Sink]) -> None:
        log = Log(make)
        form = asyncio.run(drive_async(collector_to(log), [BODY[:70], BODY[70:]]))
        assert [upload.size for upload in form.files.values(multi=True)] == [5, 0, 50]
        assert log.contents == {"f1": b"first", "g2": b"", "f3": b"x" * 50}
        assert log.calls[3:] == [
            *(f"close {f}" for f in log.contents),
            *(f"commit {f}" for f in log.contents),
        ]

    def test_finish_is_enough_where_nothing_is_committed(self) -> None:
        class Least(Plain):
            async def write(self, data: bytes, /) -> None:
                await asyncio.sleep(0)
                super().write(data)

            async def close(self) -> None:
                await asyncio.sleep(0)
                self.say("close")

        async def main() -> FormData:
            collector = collector_to(log)
            async with collector:
                for write in collector.feed(BODY):
                    await write.sink.write(write.data)
                return collector.finish()

        log = Log(Least)
        assert len(asyncio.run(main()).files.items(multi=True)) == 3
        assert log.calls[3:] == ["close f1", "close g2", "close f3"]

    @pytest.mark.parametrize("make", [Recording, Asynchronous])
    def test_a_failure_ends_everything(self, make: Callable[[Log, str], Sink]) -> None:
        log = Log(make)
        with pytest.raises(IncompleteForm):
            asyncio.run(drive_async(collector_to(log), [file("a", b"1"), file("b", b"2")[:-1]]))
        assert log.calls == ["open a1", "open b2", "close a1", "close b2", "discard b2", "discard a1"]

    def test_open_sink_may_be_awaited(self) -> None:
        log = Log(Asynchronous)

        async def open_sink(start: FileStart) -> Sink:
            await asyncio.sleep(0)
            return log(start)

        form = asyncio.run(drive_async(collector_to(open_sink), [BODY]))
        assert log.contents == {"f1": b"first", "g2": b"", "f3": b"x" * 50}
        assert all(isinstance(upload.sink, Asynchronous) for upload in form.files.values(multi=True))

    def test_and_may_refuse(self) -> None:
        log = Log()

        async def refuse(start: FileStart) -> Sink:
            await asyncio.sleep(0)
            if start.name == "g":
                raise Forbidden("no g")
            return log(start)

        with pytest.raises(Forbidden):
            asyncio.run(drive_async(collector_to(refuse), [BODY]))
        assert log.calls == ["open f1", "close f1", "discard f1"]

    def test_a_sink_that_was_never_opened(self) -> None:
        async def open_sink(start: FileStart) -> Sink:
            raise AssertionError(start)

        async def leave() -> None:
            async with collector_to(open_sink) as collector:
                collector.feed(BODY)

        async def leave_a_future() -> None:
            opening: asyncio.Future[Sink] = asyncio.get_running_loop().create_future()
            async with collector_to(lambda _: opening) as collector:
                collector.feed(BODY)
            assert opening.cancelled()

        async def leave_what_cannot_be_given_up() -> None:
            class Opening:
                def __await__(self) -> Iterator[None]:
                    raise AssertionError

            async with collector_to(lambda _: Opening()) as collector:  # type: ignore[arg-type, return-value]
                collector.feed(BODY)

        asyncio.run(leave())
        asyncio.run(leave_a_future())
        asyncio.run(leave_what_cannot_be_given_up())

    def test_an_error_of_cleaning_up_is_told_in_a_note(self) -> None:
        make = failing(Asynchronous, "discard")
        with pytest.raises(IncompleteForm) as caught:
            asyncio.run(drive_async(collector_to(Log(make)), [BODY[:-3]]))
        assert notes(caught.value) == [f"while cleaning up: OSError('{name}')" for name in ("f3", "g2", "f1")]

        async def leave() -> None:
            async with collector_to(Log(make)) as collector:
                collector.feed(file("a", b"1"))

        with pytest.raises(LocalError, match="left before it was finished"):
            asyncio.run(leave())

    @pytest.mark.parametrize("make", [Recording, Asynchronous])
    def test_one_error_of_everything_is_told_once(self, make: type[Plain]) -> None:
        broken = OSError("broken")

        class Failing(make):  # type: ignore[misc, valid-type]  # whichever it is
            def write(self, _: bytes, /) -> object:
                raise broken

            def discard(self) -> object:
                raise broken

        with pytest.raises(OSError, match="broken") as caught:
            asyncio.run(drive_async(collector_to(Log(Failing)), [BODY]))
        assert caught.value is broken
        assert notes(broken) == []

    def test_a_write_that_is_given_up_ends_everything(self) -> None:
        log = Log(Asynchronous)
        collector = collector_to(log)
        rest = collector.feed(BODY)[0].sink.write(b"x").__await__()
        assert next(rest) is None
        rest.close()
        with pytest.raises(LocalError, match="the form is broken"):
            collector.feed(b"")

        async def leave() -> None:
            async with collector:
                pass

        asyncio.run(leave())
        assert log.calls[-2:] == ["close f1", "discard f1"]

    def test_cancellation_while_cleaning_up_is_not_lost(self) -> None:
        class Slow(Asynchronous):
            async def discard(self) -> None:
                self.say("discard")
                discarding.set()
                await asyncio.sleep(60 if self.name == "b2" else 0)

        log = Log(Slow)
        discarding = asyncio.Event()

        async def main() -> None:
            task = asyncio.ensure_future(drive_async(collector_to(log), [file("a", b"1") + file("b", b"2")]))
            await discarding.wait()
            task.cancel()
            await task

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(main())
        assert log.calls[-1] == "discard a1"

    def test_cancellation_while_writing_ends_everything(self) -> None:
        class Stuck(Asynchronous):
            async def write(self, _: bytes, /) -> int:
                await asyncio.sleep(60)
                return 0

        log = Log(Stuck)

        async def main() -> None:
            task = asyncio.ensure_future(drive_async(collector_to(log), [BODY]))
            await asyncio.sleep(0.01)
            task.cancel()
            await task

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(main())
        assert log.calls[-2:] == ["close f1", "discard f1"]


def test_a_write_is_a_value() -> None:
    collector = collector_to(Log())
    first, *_ = collector.feed(BODY)
    assert isinstance(first, Write)
    assert (first.sink.start.name, first.data) == ("f", b"first")
