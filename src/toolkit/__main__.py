"""`python -m toolkit COMMAND`: what the toolkit can tell and do from the command line."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from toolkit.cli import demo, routes, serve
from toolkit.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COMMANDS = (serve, routes, demo)
"""The modules of the commands, in the order of the help: each has `add_parser`, which sets `run`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status: 0 for yes, 1 for no, 2 for a mistake in the call."""
    parser = argparse.ArgumentParser(
        prog="python -m toolkit",
        description="A sans-IO HTTP toolkit: what it can do from the command line.",
        epilog="COMMAND --help tells more of each.",
    )
    parser.add_argument("--version", action="version", version=f"toolkit {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(commands.add_parser)
    options = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


if __name__ == "__main__":  # pragma: no cover
    sys.exit(main())
