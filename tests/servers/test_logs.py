from __future__ import annotations

import pytest

from tests.servers.catalogue import CANCELLED
from tests.servers.logs import faults

DELIBERATE = "Traceback (most recent call last):\n  File one\n    raise\nanswers.DeliberateError: as asked\n"
FAULT = "Traceback (most recent call last):\n  File one\n    call()\n    ^^^^\nKeyError: 'a'\n"
STUCK = """\
Exception in callback StreamReaderProtocol.connection_made.<locals>.callback(<Task>) at streams.py:248
handle: <Handle StreamReaderProtocol.connection_made.<locals>.callback(<Task>) at streams.py:248>
Traceback (most recent call last):
  File "events.py", line 80, in _run
    exc = task.exception()
          ^^^^^^^^^^^^^^^^
asyncio.exceptions.CancelledError
"""


@pytest.mark.parametrize(("running", "stopping", "found"), [
    ("GET /\n" + DELIBERATE, DELIBERATE + "done\n", []),
    (DELIBERATE + FAULT, "", ["KeyError: 'a'"]),
    ("", FAULT + STUCK, ["KeyError: 'a'"]),
    ("", STUCK + FAULT, ["KeyError: 'a'"]),
    ("", STUCK + STUCK + DELIBERATE, []),
    (STUCK, "", ["asyncio.exceptions.CancelledError"]),
    ("", STUCK.replace("Exception in callback Stream", "Stream"), ["asyncio.exceptions.CancelledError"]),
    ("", STUCK.replace("CancelledError", "InvalidStateError"), ["asyncio.exceptions.InvalidStateError"]),
    ("coroutine 'x' was never awaited\n", "", ["never awaited"]),
])  # fmt: skip
def test_what_a_log_must_not_have(running: str, stopping: str, found: list[str]) -> None:
    assert faults(running, stopping, CANCELLED) == found


def test_other_servers_are_never_cancelled() -> None:
    assert faults("", STUCK) == ["asyncio.exceptions.CancelledError"]
