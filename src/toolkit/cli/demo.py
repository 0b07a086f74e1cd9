"""`python -m toolkit demo`: upload files in a browser, and watch them arrive; or send some from here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.mistakes import complain, port, whole_number
from toolkit.demo.app import THIS_MACHINE, Demo, asgi_app, wsgi_app
from toolkit.demo.sending import SendError, send
from toolkit.server.errors import StartError
from toolkit.server.server import Server
from toolkit.server.settings import Settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

_DESCRIPTION = "Upload files in a browser, and watch them arrive; or send some from here."
_DEFAULTS = Settings()
_MiB = 1024 * 1024


def add_parser(add: Callable[..., ArgumentParser]) -> None:
    """Describe the command to `argparse`, with the `add_parser` of its subparsers."""
    parser = add("demo", help="upload files in a browser, and watch them arrive", description=_DESCRIPTION)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--wsgi", dest="interface", action="store_const", const="wsgi", help="as a WSGI app (the default)"
    )
    kind.add_argument("--asgi", dest="interface", action="store_const", const="asgi", help="as an ASGI app")
    parser.add_argument("--host", default=_DEFAULTS.host, help="where to listen (default: %(default)s)")
    parser.add_argument(
        "--port", type=port, default=_DEFAULTS.port, help="0: a free one (default: %(default)s)"
    )
    parser.add_argument(
        "--directory",
        type=Path,
        metavar="PATH",
        help="where files go (default: one that is deleted at the end)",
    )
    parser.add_argument(
        "--sample",
        type=whole_number(1, 65535),  # with the rest of its form, what an upload may be
        metavar="MIB",
        help="begin with a generated file of that size; without a terminal, end after it",
    )
    sending = parser.add_argument_group("send files to a demo that runs")
    sending.add_argument("--send", nargs="+", type=Path, metavar="FILE", help="show a bar, compare digests")
    sending.add_argument(
        "--to",
        default=f"http://127.0.0.1:{_DEFAULTS.port}",
        metavar="URL",
        help="where it is (default: %(default)s)",
    )
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Do what the options say; the exit status: 0 when all went well, 1 when not."""
    try:
        if options.send:
            send(options.send, options.to, sys.stdout)
        else:
            _serve(options)
    except (SendError, StartError, OSError) as error:
        return complain("demo", error, 1)
    except KeyboardInterrupt:
        return 130 if options.send else 0
    return 0


def _serve(options: Namespace) -> None:
    """Run the demo until it is interrupted, or until the sample is there if nobody looks on."""
    with ExitStack() as stack:
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # as tidy an end as that of Ctrl-C
        stack.callback(signal.signal, signal.SIGTERM, before)
        directory: Path = options.directory or Path(stack.enter_context(_temporary()))
        _make(directory)
        demo = Demo(directory, hosts=THIS_MACHINE if options.host in THIS_MACHINE else ())
        app, kind = (asgi_app(demo), "an ASGI") if options.interface == "asgi" else (wsgi_app(demo), "a WSGI")
        server = stack.enter_context(Server(app, Settings(host=options.host, port=options.port)))
        _say(f"The upload demo runs as {kind} application: {server.url}/")
        _say(f"Files go to {directory}{'' if options.directory else ', which is deleted at the end'}.")
        if options.sample:
            _try_out(options.sample, server.url)
        if not options.sample or (sys.stdin.isatty() and sys.stdout.isatty()):
            _say(f"Open {server.url}/ and drop files on it. Ctrl-C ends it.")
            threading.Event().wait()


def _make(directory: Path) -> None:
    """Make the directory for the files, if it is not there."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise StartError(f"files cannot go to {directory}: it is no directory") from None
    except OSError as error:
        raise StartError(f"files cannot go to {directory}: {error.strerror}") from error


def _try_out(size: int, url: str) -> None:
    """Send a generated file of `size` MiB to our own demo, from a process of its own as any client is."""
    _say(f"Sending a generated file of {size} MiB:")
    block = os.urandom(_MiB - 8)
    with _temporary() as scratch:
        sample = Path(scratch, "sample.bin")
        with sample.open("wb") as file:
            for number in range(size):
                file.write(number.to_bytes(8, "big") + block)
        command = [sys.executable, "-m", "toolkit", "demo", "--send", str(sample), "--to", url]
        if subprocess.run(command, check=False).returncode:  # noqa: S603  # ourselves
            raise SendError("the sample did not arrive")


def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="toolkit-demo-")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
