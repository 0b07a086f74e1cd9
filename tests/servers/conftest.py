"""Each server is started once: all tests of one follow each other, on one worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.catalogue import SERVERS
from tests.servers.launching import running
from tests.servers.logs import faults

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.servers.catalogue import Server
    from tests.servers.launching import Running


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
    log = process.log.read_bytes()
    running_log, stopping_log = (
        part.decode(errors="replace") for part in (log[: process.lived], log[process.lived :])
    )
    assert not faults(running_log, stopping_log, chosen.stuck), log.decode(errors="replace")
