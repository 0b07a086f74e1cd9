"""Where a server listens: addresses, paths, TLS; and what it says when it cannot."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.server.apps import APPS
from tests.server.raw import say
from tests.support.waiting import PATIENCE
from toolkit.server import Server, Settings, StartError

if TYPE_CHECKING:
    from pathlib import Path

GET = b"GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="without IPv6")
def test_ipv6(protocol: str) -> None:
    with Server(APPS[protocol], Settings(host="::1", port=0)) as server:
        assert server.url.startswith("http://[::1]:")
        assert say(server, GET).endswith(b"GET /x")


def test_every_address_of_a_name(protocol: str) -> None:
    with Server(APPS[protocol], Settings(host="localhost", port=0)) as server:
        port = int(server.url.rpartition(":")[2])
        families = {info[0] for info in socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM)}
        for family in families:
            with closing(socket.socket(family)) as sock:
                sock.connect(("::1" if family == socket.AF_INET6 else "127.0.0.1", port))
                sock.sendall(GET)
                assert sock.recv(1000).startswith(b"HTTP/1.1 200")


def test_unix(protocol: str, tmp_path: Path) -> None:
    path = tmp_path / "socket"
    for _ in range(2):
        with Server(APPS[protocol], Settings(unix=str(path))) as server:
            assert server.url == f"unix:{path}"
            assert say(server, GET).endswith(b"GET /x")
            with pytest.raises(StartError, match="is in use"), Server(APPS[protocol], server.settings):
                pass
        assert not path.exists()
    with closing(socket.socket(socket.AF_UNIX)) as left:
        left.bind(str(path))  # as a server leaves it that was killed
    with Server(APPS[protocol], Settings(unix=str(path))) as server:
        assert say(server, GET).endswith(b"GET /x")
    path.write_text("a file")
    with pytest.raises(StartError, match="is no socket"), Server(APPS[protocol], Settings(unix=str(path))):
        pass
    assert path.read_text() == "a file"


def test_whatever_has_the_path_of_a_unix_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    refused = pytest.raises(StartError, match="is in use")
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as other:
        other.bind(str(path))  # it speaks in datagrams
        with refused, Server(APPS["wsgi"], Settings(unix=str(path))):
            pass
    path.unlink()
    with closing(socket.socket(socket.AF_UNIX)) as busy, closing(socket.socket(socket.AF_UNIX)) as first:
        busy.bind(str(path))
        busy.listen(0)
        first.connect(str(path))  # and it has no room for another one
        with refused, Server(APPS["wsgi"], Settings(unix=str(path))):
            pass
    assert path.is_socket()


def test_tls(protocol: str, certificate: Path, caplog: pytest.LogCaptureFixture) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    trust = ssl.create_default_context(cafile=str(certificate.with_suffix(".pem.crt")))
    with Server(APPS[protocol], Settings(port=0, ssl=context)) as server:
        assert server.url.startswith("https://127.0.0.1:")
        with httpx.Client(verify=trust, base_url=server.url, timeout=PATIENCE) as client:
            assert client.get("/x").text == "GET /x"
            assert client.post("/digest", content=b"x" * 1_000_000).json()[0] == 1_000_000
        assert b"HTTP/1.1" not in say(server, b"GET / HTTP/1.1\r\n\r\n")  # not TLS
        assert httpx.get(f"{server.url}/again", verify=trust, timeout=PATIENCE).text == "GET /again"
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (Settings(host="no-such-host.invalid"), "no such host: 'no-such-host.invalid'"),
        (Settings(host="192.0.2.1", port=0), "is no address of this machine"),
        (
            Settings(unix="/no/such/directory/socket"),
            "/no/such/directory/socket is in no directory: make its directory first",
        ),
    ],
)
def test_what_is_in_the_way(settings: Settings, says: str) -> None:
    with pytest.raises(StartError, match=says) as raised, Server(APPS["wsgi"], settings):
        pass
    assert "\n" not in str(raised.value)
