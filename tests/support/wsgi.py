"""A WSGI server played by hand, with `wsgiref.validate` between it and the application."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any
from wsgiref.validate import validator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import WSGIApplication


def make_environ(
    method: str = "GET",
    path: str = "/",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes | None = None,
    **more: object,
) -> dict[str, Any]:
    """The environ of a request, as a server makes it; `body` with its Content-Length, unless there is one."""
    raw, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": raw,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body or b""),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if body is not None:
        environ["CONTENT_LENGTH"] = str(len(body))
    for name, value in headers:
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
    environ.update(more)
    return {key: value for key, value in environ.items() if value is not None}


class Exchange:
    """One call of an application: walked to its end, or `steps` steps far; closed always."""

    def __init__(self) -> None:
        self.starts: list[tuple[str, list[tuple[str, str]], object]] = []
        self.chunks: list[bytes] = []
        self.error: Exception | None = None

    def call(
        self, app: WSGIApplication, environ: dict[str, Any] | None = None, *, steps: int | None = None
    ) -> Exchange:
        """Whatever the application raises is kept in `error`."""

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:  # noqa: ANN401  # PEP 3333's
            if exc_info is not None and any(self.chunks):
                raise exc_info[1].with_traceback(exc_info[2])
            assert exc_info is not None or not self.starts
            self.starts.append((status, headers, exc_info))
            return self.chunks.append

        parts = None
        try:
            parts = validator(app)(make_environ() if environ is None else environ, start_response)
            for chunk in parts:
                self.chunks.append(chunk)
                if steps is not None and len(self.chunks) >= steps:
                    break
        except Exception as error:  # noqa: BLE001  # the test looks at it
            self.error = error
        finally:
            if parts is not None:
                parts.close()  # type: ignore[attr-defined]  # the validator's has it
        return self

    @property
    def status(self) -> int:
        return int(self.starts[-1][0].split()[0])

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.starts[-1][1]}

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)
