from __future__ import annotations

from datetime import datetime, timezone

import pytest

from toolkit.sansio.exchange.response import Response
from toolkit.sansio.exchange.typed import dated, lazy, typed
from toolkit.sansio.fields.cache_control import CacheControl


class Counter:
    def __init__(self) -> None:
        self.reads = 0

    @lazy
    def value(self) -> int:
        """How often it was computed."""
        self.reads += 1
        return self.reads


def test_lazy_computes_once_and_can_be_set() -> None:
    counter = Counter()
    assert (counter.value, counter.value, counter.reads) == (1, 1, 1)
    vars(counter)["value"] = 7
    assert counter.value == 7


def test_lazy_is_seen_on_the_class() -> None:
    assert isinstance(Counter.value, lazy)
    assert Counter.value.__doc__ == "How often it was computed."


def test_an_error_is_not_kept() -> None:
    class Flaky:
        failed = False

        @lazy
        def value(self) -> int:
            if not self.failed:
                self.failed = True
                raise ValueError
            return 1

    flaky = Flaky()
    with pytest.raises(ValueError):  # noqa: PT011  # there is nothing to tell it by
        _ = flaky.value
    assert flaky.value == 1


def test_a_typed_field_is_read_written_and_removed() -> None:
    response = Response()
    assert response.cache_control is None
    response.cache_control = CacheControl(max_age=60)
    assert response.headers["Cache-Control"] == "max-age=60"
    assert response.cache_control == CacheControl(max_age=60)
    response.cache_control = None
    assert "Cache-Control" not in response.headers
    response.cache_control = CacheControl(no_store=True)
    del response.cache_control
    assert "Cache-Control" not in response.headers
    assert isinstance(Response.cache_control, typed)


def test_a_dated_field_is_read_written_and_removed() -> None:
    response = Response()
    assert response.last_modified is None
    moment = datetime(1994, 11, 6, 8, 49, 37, tzinfo=timezone.utc)
    response.last_modified = moment
    assert response.headers["Last-Modified"] == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert response.last_modified == moment
    response.last_modified = None
    assert "Last-Modified" not in response.headers
    assert isinstance(Response.last_modified, dated)


def test_a_date_that_is_none_is_absent() -> None:
    assert Response(headers={"Last-Modified": "yesterday"}).last_modified is None
