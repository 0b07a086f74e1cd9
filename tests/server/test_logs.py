from __future__ import annotations

import io
import logging
import re
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from toolkit.server.logs import ACCESS, SERVER, log_access, log_to

if TYPE_CHECKING:
    from collections.abc import Generator


class Terminal(io.StringIO):
    @override
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logs(monkeypatch: pytest.MonkeyPatch) -> Generator[None, None, None]:
    """What a test sets up is taken down."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    yield
    for logger in (ACCESS, SERVER):
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


def test_the_common_format() -> None:
    log_to(stream := io.StringIO())
    log_access("127.0.0.1", "GET /a HTTP/1.1", 200, 7)
    log_access("", 'GET /"\x1b[2J HTTP/1.1', 400, 0)
    first, second = stream.getvalue().splitlines()
    time = r"\[\d\d/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]"
    assert re.fullmatch(rf'127\.0\.0\.1 - - {time} "GET /a HTTP/1\.1" 200 7', first)
    assert re.fullmatch(rf'- - - {time} "GET /\\x22\\x1b\[2J HTTP/1\.1" 400 0', second)


@pytest.mark.parametrize(("status", "colour"), [(204, 32), (304, 36), (404, 33), (500, 31)])
def test_a_terminal_sees_the_status_in_colour(status: int, colour: int) -> None:
    log_to(stream := Terminal())
    log_access("::1", "GET / HTTP/1.1", status, 0)
    assert re.fullmatch(rf"\x1b\[{colour}m::1 .* {status} 0\x1b\[0m\n", stream.getvalue())


def test_other_lines_are_plain_and_errors_are_red() -> None:
    log_to(stream := Terminal())
    SERVER.info("Listening")
    SERVER.error("It failed")
    assert stream.getvalue() == "Listening\n\x1b[31mIt failed\x1b[0m\n"


def test_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    log_to(stream := Terminal())
    log_access("::1", "GET / HTTP/1.1", 200, 0)
    assert "\x1b" not in stream.getvalue()
