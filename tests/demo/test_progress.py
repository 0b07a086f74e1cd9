"""Streams of an upload that stalls, ends, or never begins."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from toolkit.demo import progress
from toolkit.demo.progress import Transfers
from toolkit.sansio.exchange.events import ServerSentEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HELLO, BEAT = ServerSentEvent(retry=1000), ServerSentEvent(comment="")


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "INTERVAL", 0.001)
    monkeypatch.setattr(progress, "HEARTBEAT", 0.01)
    monkeypatch.setattr(progress, "EARLY_HEARTBEAT", 0.005)
    monkeypatch.setattr(progress, "PATIENCE", 0.025)


async def every(events: AsyncIterator[ServerSentEvent]) -> list[ServerSentEvent]:
    return [event async for event in events]


def test_an_upload_that_never_begins() -> None:
    assert asyncio.run(every(Transfers(1).follow("token"))) == [HELLO, BEAT, BEAT, BEAT, BEAT]


def test_an_upload_that_stalls() -> None:
    async def watch() -> list[ServerSentEvent]:
        transfers = Transfers(1)
        transfer = transfers.begin("token", 100)
        transfer.received = 50
        found: list[ServerSentEvent] = []
        async for event in transfers.follow("token"):
            found.append(event)
            if found.count(BEAT) == 3 and not transfer.over:
                transfer.end("failed", reason="stalled")
        return found

    found = asyncio.run(watch())
    assert [event.event for event in found if event.data] == ["progress", "failed"]
    assert found[:2] == [HELLO, found[1]]
    assert '"received": 50, "total": 100' in (found[1].data or "")
    assert found[2:5] == [BEAT, BEAT, BEAT]


def test_the_rate_is_what_comes_and_no_more() -> None:
    async def watch() -> list[dict[str, int | None]]:
        transfers = Transfers(1)
        transfer = transfers.begin("token", None)
        told: list[dict[str, int | None]] = []
        async for event in transfers.follow("token"):
            told += [json.loads(event.data)] if event.event == "progress" and event.data else []
            if len(told) == 50 and not transfer.over:
                transfer.end("stored")
            transfer.received += 1000
        return told

    told = asyncio.run(watch())
    assert [state["received"] for state in told[:3]] == [1000, 2000, 3000]
    assert told[0]["total"] is None
    assert all(0 < (state["rate"] or 0) <= 1000 / progress.INTERVAL for state in told)
