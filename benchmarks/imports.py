"""What it takes to import: each package in a fresh interpreter, which measures itself.

Bytecode is there already, as in any second start. Times are of the processor.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.harness import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JOBS = {
    "the package": {
        "toolkit": "import toolkit",
        "werkzeug": "import werkzeug",
        "flask": "import flask",
        "starlette": "import starlette",
        "falcon": "import falcon",
        "aiohttp": "import aiohttp",
    },
    "every name of the face": {
        "toolkit": "import toolkit; [getattr(toolkit, name) for name in toolkit.__all__]",
        "werkzeug": "from werkzeug import *",
        "flask": "from flask import *",
        "falcon": "from falcon import *",
        "aiohttp": "from aiohttp import *",
    },
    "a router, requests and responses on WSGI": {
        "toolkit": "from toolkit import Response, Router; from toolkit.wsgi import Request, application",
        "werkzeug": "from werkzeug.routing import Map, Rule; from werkzeug.wrappers import Request, Response",
        "flask": "from flask import Flask",
        "falcon": "from falcon import App",
    },
    "a router, requests and responses on ASGI": {
        "toolkit": "from toolkit import Response, Router; from toolkit.asgi import Request, application",
        "starlette": "from starlette.applications import Starlette",
        "falcon": "from falcon.asgi import App",
        "aiohttp": "from aiohttp.web import Application",
    },
    "header fields, cookies and URLs": {
        "toolkit": "from toolkit import Headers, SetCookie, URL; from toolkit.sansio.fields import *",
        "werkzeug": "from werkzeug import datastructures, http, urls",
        "starlette": "from starlette import datastructures",
        "yarl": "import multidict, yarl",
    },
}
_PROGRAM = "from time import process_time; start = process_time(); {}; print(process_time() - start)"


def scenarios() -> Iterator[Scenario]:
    with TemporaryDirectory() as bytecode:
        for job, statements in JOBS.items():
            calls: dict[str, Callable[[], object]] = {
                name: partial(_import, statement, bytecode)
                for name, statement in statements.items()
                if find_spec(name)
            }
            yield Scenario(f"import {job}", calls, timed=True)


def _import(statement: str, bytecode: str) -> float:
    """Seconds that the statement takes in a fresh interpreter."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    program = [sys.executable, "-c", _PROGRAM.format(statement)]
    run = partial(subprocess.run, program, env=environment | {"PYTHONPYCACHEPREFIX": bytecode})
    return float(run(check=True, capture_output=True, text=True).stdout)
