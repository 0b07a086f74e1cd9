"""Invariant: any bytes in any pieces give the same events, or the same RemoteError; nothing else.

Run with `python fuzz/fuzz_forms.py -max_total_time=60` (needs atheris). The first bytes of an input choose
the decoder, its limits and the cuts; the rest is the body, in which `\\x01` stands for a delimiter.
"""

from __future__ import annotations

import sys
from functools import partial
from itertools import pairwise
from typing import Any, cast

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # has no types

with atheris.instrument_imports(include=["toolkit"]):
    from toolkit.sansio.errors.base import RemoteError
    from toolkit.sansio.forms.events import FileData
    from toolkit.sansio.forms.multipart import MultipartDecoder
    from toolkit.sansio.forms.parts import PartData, PartDecoder
    from toolkit.sansio.forms.urlencoded import PairDecoder, UrlencodedDecoder
    from toolkit.sansio.limits import FormLimits

TIGHT = FormLimits(
    max_body=300,
    max_form_memory=200,
    item_cost=10,
    max_items=3,
    max_files=1,
    max_file_size=20,
    max_part_headers=2,
    max_part_header_size=100,
    max_preamble=10,
)
ROOMY = FormLimits()


def run(kind: int, limits: FormLimits, pieces: list[bytes]) -> object:
    """The events with data merged, or the error."""
    decoder: Any
    if kind == 0:
        decoder = MultipartDecoder("B", limits=limits)
    elif kind == 1:
        decoder = MultipartDecoder("B", limits=limits)
        decoder._hand_over(b"\r\n", [])  # noqa: SLF001  # the general lane, for everything
    else:
        makers: list[Any] = [partial(PartDecoder, "B"), UrlencodedDecoder, PairDecoder]
        decoder = makers[kind - 2](limits=limits)
    events: list[object] = []
    try:
        for piece in pieces:
            events += decoder.feed(piece)
        events += decoder.finish() or ()  # a PartDecoder has nothing to give at the end
    except RemoteError as error:
        return type(error), str(error)
    merged: list[object] = []
    for event in events:
        if isinstance(event, (FileData, PartData)) and merged and type(merged[-1]) is type(event):
            merged[-1] = type(event)(merged[-1].data + event.data)
        else:
            merged.append(event)
    return merged


def check(data: bytes) -> None:
    """One input."""
    provider = atheris.FuzzedDataProvider(data)
    kind = provider.ConsumeIntInRange(0, 3)
    limits = TIGHT if provider.ConsumeBool() else ROOMY
    cuts = sorted(provider.ConsumeIntListInRange(3, 0, 200))
    body = provider.ConsumeBytes(provider.remaining_bytes())
    body = body.replace(b"\x01", b"\r\n--B").removeprefix(b"\r\n")
    whole = run(kind, limits, [body])
    edges = [0, *(min(cut, len(body)) for cut in cuts), len(body)]
    assert run(kind, limits, [body[a:b] for a, b in pairwise(edges)]) == whole
    assert run(kind, limits, [body[i : i + 1] for i in range(len(body))]) == whole
    if kind == 0:
        assert run(1, limits, [body]) == whole
    if kind == 3:
        pairs = run(4, limits, [body[a:b] for a, b in pairwise(edges)])
        is_form = isinstance(whole, list)
        expected = [(event.name, event.text) for event in cast("list[Any]", whole)] if is_form else whole
        assert pairs == expected


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
