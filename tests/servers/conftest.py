"""Each server is started once: all tests of one follow each other, on one worker."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.servers.catalogue import SERVERS
from tests.servers.launching import running

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.servers.catalogue import Server
    from tests.servers.launching import Running

_UNWANTED = re.compile(r"never awaited|never retrieved|unclosed event loop|Segmentation")
# uWSGI has its own way to report what it is told of.
_DELIBERATE = re.compile(r"DeliberateError|SystemError: <built-in function uwsgi_spit>")


def _parameter(server: Server) -> object:
    group = pytest.mark.xdist_group(f"server {server}")
    missing = pytest.mark.skipif(bool(server.missing), reason=f"without {', '.join(server.missing)}")
    return pytest.param(server, id=server.name.replace(" ", "-"), marks=(group, missing))


@pytest.fixture(scope="session", params=[_parameter(server) for server in SERVERS])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Running, None, None]:
    """A server that runs the conformance application. In the end its log must be clean."""
    chosen: Server = request.param
    directory = tmp_path_factory.mktemp("server")
    with running(chosen, directory) as process:
        yield process
    log = process.log.read_text(encoding="utf-8", errors="replace")
    assert not _UNWANTED.search(log), log
    for end in re.findall(r"^Traceback.*?^(\S.*?)$", log, re.MULTILINE | re.DOTALL):
        assert _DELIBERATE.search(end), log
