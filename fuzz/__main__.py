"""Runs every fuzz target: `python -m fuzz --seconds 20`. Inputs that fail are left in `fuzz/crashes`.

Each run tries inputs of its own, or with `--seed` those that it tried before, as far as it comes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
CRASHES = HERE / "crashes"


def main() -> int:
    """Run the targets one after the other; the number of those that failed."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=20, help="for each target (default: 20)")
    parser.add_argument("--seed", type=int, default=0, help="of what is tried (default: another each time)")
    options = parser.parse_args()
    if find_spec("atheris") is None:
        print("atheris is not installed: nothing was fuzzed (python -m pip install --group fuzz)")
        return 1
    CRASHES.mkdir(exist_ok=True)
    environment = os.environ | ({"PYTHONHASHSEED": str(options.seed)} if options.seed else {})
    failed = 0
    for target in sorted(HERE.glob("fuzz_*.py")):
        print(f"{target.name}: {options.seconds} seconds", flush=True)
        command = [sys.executable, str(target), f"-max_total_time={options.seconds}", f"-seed={options.seed}"]
        command += ["-timeout=60", "-max_len=4096", "-print_final_stats=0", f"-artifact_prefix={CRASHES}/"]
        result = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=HERE.parent, env=environment
        )
        if result.returncode:
            failed += 1
            print(result.stdout[-2000:], result.stderr[-4000:], sep="\n")
        else:
            print(
                "  " + next((line for line in reversed(result.stderr.splitlines()) if "DONE" in line), "done")
            )
    return failed


if __name__ == "__main__":
    sys.exit(main())
