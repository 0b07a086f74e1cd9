"""`python -m benchmarks SUITE …`: run suites, print tables, keep JSON, draw SVG."""

from __future__ import annotations

import argparse
import pkgutil
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from time import perf_counter

from benchmarks.harness import SLICE, run

_NOT_SUITES = {"harness", "plot"}


def suites() -> list[str]:
    """The names of the suites: the modules of this folder that have `scenarios`."""
    names = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return sorted(name for name in names if not name.startswith("_") and name not in _NOT_SUITES)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="which suites to run (default: all)")
    parser.add_argument("--list", action="store_true", help="list the suites and stop")
    parser.add_argument(
        "--only", default="*", metavar="PATTERN", help="scenarios whose name fits, such as 'build*'"
    )
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds (default: 7)")
    parser.add_argument("--slice", type=float, default=SLICE, help="seconds for one call to be timed")
    parser.add_argument("--save", action="store_true", help="write results/SUITE.json and results/SUITE.svg")
    options = parser.parse_args()
    known = suites()
    if unknown := set(options.suites) - set(known):
        parser.error(f"no such suite: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    for name in options.suites or known:
        module = import_module(f"benchmarks.{name}")
        print(f"== {name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
        if options.list:
            continue
        chosen = (scenario for scenario in module.scenarios() if fnmatch(scenario.name, options.only))
        clock = getattr(module, "CLOCK", perf_counter)
        report = run(name, chosen, rounds=options.rounds, slice_seconds=options.slice, clock=clock)
        if options.save:
            from benchmarks.plot import draw

            print(f"\nwritten: {(path := report.save()).name}, {draw(path).name}")


if __name__ == "__main__":
    main()
