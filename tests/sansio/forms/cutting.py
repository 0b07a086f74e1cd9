"""Runs a decoder over an input cut in every way, and demands that the cuts make no difference."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from toolkit.sansio.errors.base import RemoteError
from toolkit.sansio.forms.events import FileData
from toolkit.sansio.forms.multipart import MultipartDecoder
from toolkit.sansio.forms.parts import PartData

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from toolkit.sansio.limits import FormLimits

Decoder: TypeAlias = Any  # whatever has feed and finish
Make: TypeAlias = "Callable[[], Decoder]"


class Outcome(NamedTuple):
    """What became of an input: its events with adjacent data merged, or its error and where it was."""

    events: tuple[object, ...] = ()
    error: tuple[object, ...] = ()


def merged(events: Iterable[object]) -> tuple[object, ...]:
    """Events with adjacent data made one."""
    result: list[object] = []
    for event in events:
        if isinstance(event, (FileData, PartData)):
            assert event.data, "data is never empty"
            last = result[-1] if result else None
            if isinstance(last, (FileData, PartData)):
                result[-1] = type(event)(last.data + event.data)
                continue
        result.append(event)
    return tuple(result)


def outcome(make: Make, pieces: Iterable[bytes]) -> Outcome:
    """What a decoder makes of an input in these pieces."""
    events: list[object] = []
    try:
        decoder = make()
        for piece in pieces:
            events += decoder.feed(piece)
        events += decoder.finish() or ()
    except RemoteError as error:
        place = [getattr(error, name, None) for name in ("limit", "maximum", "actual", "charset", "reason")]
        where = [getattr(error, name, None) for name in ("offset", "part", "name")]
        return Outcome(error=(type(error), str(error), *place, *where))
    return Outcome(merged(events))


def by_bytes(body: bytes) -> Iterator[bytes]:
    """A body byte by byte."""
    return (body[i : i + 1] for i in range(len(body)))


def at(body: bytes, cuts: Sequence[int]) -> list[bytes]:
    """A body cut at some places."""
    return [body[a:b] for a, b in pairwise([0, *sorted(cuts), len(body)])]


def every_cut(make: Make, body: bytes, *, pairs: bool = True) -> Outcome:
    """The outcome of a body: the same whole, byte by byte, with empty pieces, and cut in two anywhere."""
    expected = outcome(make, [body])
    assert outcome(make, by_bytes(body)) == expected, "byte by byte"
    assert outcome(make, [b"", body, b""]) == expected, "with empty pieces"
    if pairs:
        for cut in range(1, len(body)):
            assert outcome(make, [body[:cut], body[cut:]]) == expected, f"cut at {cut}"
    return expected


def random_cuts(make: Make, body: bytes, rng: random.Random, *, times: int, expected: Outcome) -> None:
    """The outcome is the expected one for a body cut at random places, some near each other."""
    for _ in range(times):
        cuts = [rng.randint(0, len(body)) for _ in range(rng.choice((1, 2, 3, 8)))]
        cuts += [min(len(body), cuts[0] + rng.randint(0, 6)) for _ in range(rng.choice((0, 1, 2)))]
        assert outcome(make, at(body, cuts)) == expected, f"cuts {sorted(cuts)}"


def general(boundary: bytes | str, **options: FormLimits) -> MultipartDecoder:
    """A decoder that is in the general lane from the first byte."""
    decoder = MultipartDecoder(boundary, **options)
    decoder._hand_over(b"\r\n", [])
    return decoder


def in_fast_lane(decoder: MultipartDecoder) -> bool:
    """Whether a decoder has not needed the general lane."""
    return decoder._general is None
