"""Runs rivals and us interleaved in one process, and reports ratios.

A suite is a module of this folder with a docstring and one function::

    def scenarios() -> Iterator[Scenario]:
        text = "a=1; b=2"
        yield Scenario(
            "three cookies",
            {
                "toolkit": lambda: parse_cookies(text),
                **rival("werkzeug", lambda: _werkzeug(text)),
            },
            check=lambda cookies: list(cookies) == ["a", "b"],
        )

Each contender is a call without arguments. `"toolkit"` is ours; the ratio of a row is its least time
divided by ours, so a rival's ratio above 1 means that we are faster. `rival` makes its call (importing
what it needs) and leaves the row out, saying so, where the package is not installed.

One round times every contender once, each for about 20 ms, in an order that turns with the round, with
the garbage collector off; minimum and median are over rounds. On a busy machine, many rounds of short slices
(`--rounds 300 --slice 0.0005`) find the quiet moments; whoever has had two seconds has had enough of them.
Absolute times drift with the machine: quote ratios of one run.

Time is that of the wall, unless the suite says `CLOCK = thread_time`: the processor time of this thread is
the better one where nothing waits, because others on the machine do not count.
"""

from __future__ import annotations

import gc
import json
import platform
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

OURS = "toolkit"
RESULTS = Path(__file__).parent / "results"
SLICE = 0.02  # seconds for one contender in one round
_ENOUGH = 2.0  # seconds for one contender in all rounds
_LEAST = 7  # rounds, however long they take

Clock: TypeAlias = "Callable[[], float]"
Timer: TypeAlias = "Callable[[Callable[[], object], int], float]"


@dataclass(frozen=True)
class Scenario:
    """One job that every contender does.

    `items` is the number of operations in one call (times are given per operation), `size` the number
    of bytes worked through (speeds are given in MB/s where it is not 0), `check` says whether a result
    is right; a contender whose result is wrong is not timed, and named. With `timed` the result is the
    seconds that the job took, measured by the contender where it happens, such as in another process.
    """

    name: str
    contenders: Mapping[str, Callable[[], object]]
    items: int = 1
    size: int = 0
    check: Callable[[object], bool] | None = None
    timed: bool = False


@dataclass(frozen=True)
class Row:
    """What one contender reached in one scenario; times in seconds per operation."""

    scenario: str
    contender: str
    minimum: float
    median: float
    ratio: float
    speed: float
    """Megabytes per second, 0 where the scenario counts operations."""


@dataclass
class Report:
    """The rows of one suite, with the machine they were measured on."""

    suite: str
    clock: str
    rows: list[Row] = field(default_factory=list)

    def save(self) -> Path:
        """Write the rows as JSON; the path is returned."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.suite}.json"
        data = {
            "suite": self.suite,
            "python": platform.python_version(),
            "machine": platform.machine(),
            "clock": self.clock,
            "rows": [vars(row) for row in self.rows],
        }
        path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        return path


def rival(name: str, make: Callable[[], Callable[[], object]]) -> dict[str, Callable[[], object]]:
    """A contender made by `make`, which imports the rival; empty where the rival is not installed."""
    try:
        return {name: make()}
    except ImportError as error:
        print(f"  ({name} is left out: {error})")
        return {}


def run(
    suite: str,
    scenarios: Iterable[Scenario],
    *,
    rounds: int = 7,
    slice_seconds: float = SLICE,
    clock: Clock = perf_counter,
) -> Report:
    """Time every scenario, print its table, and return the report."""
    report = Report(suite, clock.__name__)
    for scenario in scenarios:
        timer = _sum if scenario.timed else partial(_time, clock)
        rows = _measure(scenario, rounds, slice_seconds, timer)
        print(_table(scenario, rows), flush=True)
        report.rows.extend(rows)
    return report


def _measure(scenario: Scenario, rounds: int, slice_seconds: float, timer: Timer) -> list[Row]:
    """Interleave the contenders of one scenario."""
    calls = {name: call for name, call in scenario.contenders.items() if _is_right(scenario, name, call)}
    loops = {name: _calibrate(call, slice_seconds, timer) for name, call in calls.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    order = list(calls)
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name in order:
                if len(times[name]) < _LEAST or sum(times[name]) * loops[name] * scenario.items < _ENOUGH:
                    times[name].append(timer(calls[name], loops[name]) / scenario.items)
            order.append(order.pop(0))
    finally:
        gc.enable()
    ours = min(times[OURS]) if OURS in times else min(map(min, times.values()))
    return [
        Row(
            scenario.name,
            name,
            min(seconds),
            median(seconds),
            min(seconds) / ours,
            scenario.size / scenario.items / min(seconds) / 1e6,
        )
        for name, seconds in times.items()
    ]


def _is_right(scenario: Scenario, name: str, call: Callable[[], object]) -> bool:
    """Whether the contender does the job; the reason is printed where it does not."""
    try:
        result = call()
    except Exception as error:  # whatever a rival raises, it is out of this race
        if name == OURS:
            raise
        print(f"  ({name} is left out of {scenario.name}: {type(error).__name__}: {error})")
        return False
    if scenario.check is None or scenario.check(result):
        return True
    if name == OURS:
        raise AssertionError(f"{scenario.name}: our own result is wrong: {result!r}")
    print(f"  ({name} is left out of {scenario.name}: its result is wrong: {str(result)[:80]})")
    return False


def _calibrate(call: Callable[[], object], slice_seconds: float, timer: Timer) -> int:
    """How often to call for one slice of time."""
    loops = 1
    while (seconds := timer(call, loops)) * loops < slice_seconds / 4:
        loops *= 4
    return max(1, round(slice_seconds / seconds))


def _time(clock: Clock, call: Callable[[], object], loops: int) -> float:
    """Seconds for one call, the average of some."""
    repeats = range(loops)
    start = clock()
    for _ in repeats:
        call()
    return (clock() - start) / loops


def _sum(call: Callable[[], object], loops: int) -> float:
    """The same for calls that return their seconds."""
    return sum(float(str(call())) for _ in range(loops)) / loops


def _table(scenario: Scenario, rows: list[Row]) -> str:
    """The rows as aligned text, fastest first."""
    lines = [f"\n{scenario.name}"]
    for row in sorted(rows, key=lambda row: row.minimum):
        speed = f"{row.speed:10,.1f} MB/s" if row.speed else ""
        lines.append(
            f"  {row.contender:<24}{_unit(row.minimum):>12} (median {_unit(row.median):>10})"
            f"  ratio {row.ratio:8.2f}{speed}"
        )
    return "\n".join(lines)


def _unit(seconds: float) -> str:
    """A time with a fitting unit."""
    for factor, unit in ((1e9, "ns"), (1e6, "us"), (1e3, "ms")):
        if seconds * factor < 1000:
            return f"{seconds * factor:.1f} {unit}"
    return f"{seconds:.2f} s"
