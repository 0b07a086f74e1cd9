"""`python -m toolkit serve MODULE:APP`: run an application on the built-in server, for development."""

from __future__ import annotations

import inspect
import ssl
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING, cast

from toolkit.cli.loading import LoadError, load
from toolkit.cli.mistakes import complain, port
from toolkit.cli.reloading import run_again_on_changes
from toolkit.interfaces import interface_of
from toolkit.sansio.errors.base import LocalError
from toolkit.server.errors import StartError
from toolkit.server.logs import log_to
from toolkit.server.server import Server
from toolkit.server.settings import Settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from toolkit.interfaces import Interface
    from toolkit.server.server import App

_DEFAULTS = Settings()
_DESCRIPTION = "Run an application on the built-in server, for development."
_EPILOG = "For production: gunicorn, uvicorn, hypercorn or granian."


def add_parser(add: Callable[..., ArgumentParser]) -> None:
    """Describe the command to `argparse`, with the `add_parser` of its subparsers."""
    parser = add("serve", help="run an application for development", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("app", metavar="MODULE:APP", help="such as shop.web:app")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--wsgi", dest="interface", action="store_const", const="wsgi", help="it is a WSGI app")
    kind.add_argument(
        "--asgi", dest="interface", action="store_const", const="asgi", help="it is an ASGI app"
    )
    add_options(parser)
    parser.set_defaults(run=run)


def add_options(parser: ArgumentParser) -> None:
    """The options of every command that serves; `settings_of` reads them."""
    where = parser.add_argument_group("where it listens")
    where.add_argument("--host", default=_DEFAULTS.host, help="a name or an address (default: %(default)s)")
    where.add_argument(
        "--port", type=port, default=_DEFAULTS.port, help="0: a free one (default: %(default)s)"
    )
    where.add_argument("--unix", metavar="PATH", help="a Unix socket instead")
    where.add_argument("--root-path", default="", metavar="PATH", help="where the application is mounted")
    where.add_argument("--cert", metavar="FILE", help="TLS: the certificate chain, PEM")
    where.add_argument("--key", metavar="FILE", help="TLS: the private key, PEM (default: in --cert)")
    how = parser.add_argument_group("how it runs")
    how.add_argument("--reload", action="store_true", help="start again when a Python file changes")
    how.add_argument("--workers", type=_one, default=1, help="1: more is the business of production servers")


def settings_of(options: Namespace) -> Settings:
    """The settings that `add_options` asked for. `StartError`."""
    return Settings(
        host=options.host,
        port=options.port,
        unix=options.unix,
        ssl=_tls(options.cert, options.key),
        root_path=options.root_path.rstrip("/"),
    )


def run(options: Namespace) -> int:
    """Serve; the exit status: 0 when it was stopped, 1 when the application failed, 2 for a mistake."""
    if options.reload:
        return run_again_on_changes()
    try:
        settings = settings_of(options)
        app = _load(options.app)
        server = Server(app, settings, interface=options.interface or _interface(app, options.app))
    except LoadError as error:
        return complain("serve", error, error.status)
    except LocalError as error:
        return complain("serve", error, 2)
    return run_server("serve", server)


def _load(name: str) -> App:
    """The application that is named so."""
    found = load(name, "an app")
    if not callable(found):
        raise LoadError(
            f"{name} is no application: it is of type {type(found).__name__}, which cannot be called"
        )
    if _takes_nothing(found):
        raise LoadError(
            f"{name} takes no arguments, as an application does; name what it returns: app = "
            f"{name.rpartition(':')[2]}()"
        )
    return cast("App", found)


def _takes_nothing(call: Callable[..., object]) -> bool:
    """Whether it is rather a factory: what takes no arguments at all, as far as that can be seen."""
    try:
        return not inspect.signature(call).parameters
    except (TypeError, ValueError):
        return False


def _interface(app: App, name: str) -> Interface:
    """Whether an application is one of WSGI or of ASGI."""
    try:
        return interface_of(app)
    except LocalError:
        raise LoadError(
            f"cannot tell whether {name} is a WSGI or an ASGI application: say --wsgi or --asgi"
        ) from None


def run_server(command: str, server: Server) -> int:
    """Run a server for a command, telling everything to the terminal; the exit status."""
    log_to(sys.stderr)
    try:
        server.run()
    except StartError as error:
        return complain(command, error, 1)
    except KeyboardInterrupt:
        return 130
    return 0


def _tls(certificate: str | None, key: str | None) -> ssl.SSLContext | None:
    """TLS with a certificate, None where there is none."""
    if certificate is None:
        if key is not None:
            raise StartError("--key needs the certificate that it is for: --cert FILE")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    for file in filter(None, (certificate, key)):
        _check_readable(file)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        hint = "" if key else " (name the key's file with --key)"
        raise StartError(f"{certificate} is no certificate with its key, in PEM{hint}: {error}") from error
    return context


def _check_readable(file: str) -> None:
    """Tell which file is at fault, and why: `ssl` does not."""
    try:
        with Path(file).open("rb"):
            pass
    except FileNotFoundError:
        raise StartError(
            f"no such file: {file}; make one with: openssl req -x509 -newkey rsa:2048 -nodes -days 30 "
            f"-subj /CN=localhost -keyout key.pem -out cert.pem"
        ) from None
    except OSError as error:
        raise StartError(f"{file} cannot be read: {error.strerror}") from error


def _one(text: str) -> int:
    """The only number of workers there is."""
    if text != "1":
        raise ArgumentTypeError(f"there is 1, not {text!r}: servers for production have more")
    return 1
