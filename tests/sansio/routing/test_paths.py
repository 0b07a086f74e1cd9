from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.percent import unquote_bytes
from toolkit.sansio.routing.paths import path_from_raw, path_from_wsgi
from toolkit.sansio.routing.router import Router
from toolkit.sansio.routing.rules import Rule


def test_raw_path_keeps_escapes() -> None:
    assert path_from_raw(b"/a%2Fb/x") == "/a%2Fb/x"
    assert path_from_raw(b'/a"b/\xc3\xa9') == "/a%22b/%C3%A9"


def test_path_info_is_encoded_again() -> None:
    assert path_from_wsgi("/users/7") == "/users/7"
    assert path_from_wsgi("/caf\xc3\xa9/100%") == "/caf%C3%A9/100%25"
    assert path_from_wsgi("") == ""


@given(st.binary(max_size=20))
def test_nothing_but_the_slash_is_lost(octets: bytes) -> None:
    assert unquote_bytes(path_from_wsgi(octets.decode("latin-1")).encode()) == octets


def test_both_are_served() -> None:
    router = Router([Rule("/<name>", "name")])
    assert router.match(path_from_raw("/ü%2Fx".encode())).params == {"name": "ü/x"}
    assert router.match(path_from_wsgi("/ü".encode().decode("latin-1"))).params == {"name": "ü"}
