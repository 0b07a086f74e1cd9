"""`python -m toolkit routes MODULE:ROUTER`: the rules of a router, where a path leads, how a URL is built."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, TypeAlias, cast

from toolkit.cli.loading import LoadError, load
from toolkit.cli.mistakes import complain
from toolkit.sansio.errors.base import ToolkitError
from toolkit.sansio.errors.http import HTTPError, MethodNotAllowed, Redirect
from toolkit.sansio.routing.results import Match, RouteNotFound, WebSocketMismatch
from toolkit.sansio.routing.router import Router

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from toolkit.sansio.routing.rules import Rule

_DESCRIPTION = "Show the rules of a router, where a path leads, and how a URL is built."

Cell: TypeAlias = "str | list[str]"
Fact: TypeAlias = "str | int | list[str] | dict[str, str]"


def add_parser(add: Callable[..., ArgumentParser]) -> None:
    """Describe the command to `argparse`, with the `add_parser` of its subparsers."""
    parser = add("routes", help="list the rules of a router", description=_DESCRIPTION)
    parser.add_argument("router", metavar="MODULE:ROUTER", help="such as shop.web:router")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--match", metavar="PATH", help="say where a path leads, and what comes near")
    parser.add_argument("--method", default=None, help="for --match (default: GET) and --build")
    parser.add_argument("--host", default=None, help="the host of the request")
    parser.add_argument("--websocket", action="store_true", help="with --match: a WebSocket handshake")
    what.add_argument(
        "--build",
        nargs="+",
        metavar=("ENDPOINT", "NAME=VALUE"),
        help="build a URL of an endpoint and parameters",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    what.add_argument("--shadowed", action="store_true", help="only the rules that can never match")
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Do what the options say; the exit status."""
    try:
        router = _load(options.router)
        if options.match is not None:
            text, status = _match(router, options)
        elif options.build is not None:
            text, status = _build(router, options), 0
        elif options.shadowed:
            text, status = _shadowed(router, as_json=options.json)
        else:
            text, status = _table([_row(rule) for rule in router], as_json=options.json), 0
    except LoadError as error:
        return complain("routes", error, error.status)
    except ToolkitError as error:
        return complain("routes", error, 2)
    sys.stdout.write(f"{text}\n")
    return status


def _load(name: str) -> Router[object]:
    """The router that is named so."""
    found = load(name, "a router")
    if not isinstance(found, Router):
        raise LoadError(f"{name} is no router: it is of type {type(found).__name__}")
    return cast("Router[object]", found)


def _row(rule: Rule[object]) -> dict[str, Cell]:
    """What is told of a rule."""
    methods = ["WEBSOCKET"] if rule.websocket else ["ANY"] if rule.methods is None else sorted(rule.methods)
    kind = (
        "alias" if rule.alias else "build only" if rule.build_only else "redirect" if rule.redirect_to else ""
    )
    return {
        "methods": methods,
        "host": rule.host or "",
        "path": rule.path,
        "endpoint": _title(rule),
        "kind": kind,
    }


def _title(rule: Rule[object]) -> str:
    """What URLs of a rule are built by, as text."""
    return rule.name or _name(rule.endpoint)


def _name(endpoint: object) -> str:
    """An endpoint as text: a name as it is, a function by its qualified name."""
    if isinstance(endpoint, str):
        return endpoint
    return str(getattr(endpoint, "__qualname__", endpoint))


def _table(rows: list[dict[str, Cell]], *, as_json: bool) -> str:
    """The rows as JSON, or as aligned columns without the empty ones."""
    if as_json:
        return json.dumps(rows, indent=2)
    columns = [
        name for name in ("methods", "host", "path", "endpoint", "kind") if any(row[name] for row in rows)
    ]
    if not rows:
        return "there are no rules"
    cells = [[name.upper() for name in columns]]
    for row in rows:
        values = [row[name] for name in columns]
        cells.append([",".join(value) if isinstance(value, list) else value for value in values])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
    return "\n".join(lines)


def _match(router: Router[object], options: Namespace) -> tuple[str, int]:
    """Where a path leads, and the exit status: 0 for a match, 1 otherwise."""
    path = options.match.partition("?")[0]  # what a server routes by
    result = router.resolve(path, options.method or "GET", host=options.host, websocket=options.websocket)
    answer: dict[str, Fact]
    if isinstance(result, Match):
        params = {name: repr(value) for name, value in result.params.items()}
        answer = {"endpoint": _title(result.rule), "params": params, "rule": repr(result.rule)}
    else:
        answer = {
            "status": result.status,
            "title": result.title,
            **_more(result, websocket=options.websocket),
        }
    if options.json:
        text = json.dumps(answer, indent=2)
    else:
        text = "\n".join(f"{name}: {_text(value)}" for name, value in answer.items())
    return text, 0 if isinstance(result, Match) else 1


def _more(result: HTTPError, *, websocket: bool) -> dict[str, Fact]:
    """What else is known of a failure."""
    if isinstance(result, Redirect):
        return {"location": result.location}
    if isinstance(result, MethodNotAllowed):
        return {"allowed": list(result.allowed)}
    if isinstance(result, WebSocketMismatch):
        others = "plain requests" if websocket else "WebSocket handshakes"
        return {"mismatch": f"the path is there for {others} only"}
    return {"near": result.near() if isinstance(result, RouteNotFound) else []}


def _text(value: Fact) -> str:
    """A value for people."""
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items()) or "none"
    return ", ".join(value) or "none" if isinstance(value, list) else str(value)


def _build(router: Router[object], options: Namespace) -> str:
    """The URL of an endpoint; a parameter is read by the converters of the endpoint's rules."""
    name, *params = options.build
    given = dict(map(_param, params))
    endpoint = next(
        (rule.endpoint for rule in router if rule.name != name and _name(rule.endpoint) == name), name
    )
    return router.build(
        endpoint, router.read_params(endpoint, given), method=options.method, host=options.host
    )


def _param(text: str) -> tuple[str, str]:
    """A parameter with its value."""
    name, equals, value = text.partition("=")
    if not equals:
        raise LoadError(f"a parameter is NAME=VALUE, not {text!r}")
    return name, value


def _shadowed(router: Router[object], *, as_json: bool) -> tuple[str, int]:
    """The rules that never match, and the exit status: 1 where there are some."""
    found = router.shadowed()
    if as_json:
        rows = [{"rule": repr(rule), "by": list(map(repr, owners))} for rule, owners in found]
        return json.dumps(rows, indent=2), int(bool(found))
    lines = [
        f"{rule!r} never matches: before it {'comes' if len(owners) == 1 else 'come'} "
        f"{', '.join(map(repr, owners))}"
        for rule, owners in found
    ]
    return "\n".join(lines) or "every rule can match", int(bool(found))
