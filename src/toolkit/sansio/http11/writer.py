"""What a server writes: an ordinary response as it stands, any other by h11.

An ordinary response leaves nothing to decide. It says how long it is or has no content, and of the connection
nothing, or that it closes: its head is its lines, its content is what it is, its end is nothing. Any other is
h11's, which frames content of unknown length and knows what becomes of the connection: whether it must close,
or has switched to another protocol.

PERF: h11 takes longer to write an ordinary response than all else that is done for an exchange, and is not
even made for one (benchmarks/http11.py::exchange).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import h11

from toolkit.sansio.http11.wire import octets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.sansio.http11.events import RequestReceived
    from toolkit.sansio.http11.wire import Lines

# What h11 reads, moves or spells its own way, in the head of a response of known length.
_UNUSUAL: Final = frozenset(("host", "transfer-encoding"))


class ResponseWriter:
    """Writes what answers `request`, or no request at all. That all is in turn is the caller's affair.

    `closes` says whether the connection ends with the response, by the head that was written.
    """

    __slots__ = ("_h11", "_request", "closes")

    def __init__(self, request: RequestReceived | None = None) -> None:
        self.closes = False
        self._request = request
        self._h11: h11.Connection | None = None  # of what is not ordinary

    def informational(self, status: int, reason: str, lines: Lines) -> bytes:
        """A response before the response, which is h11's from here on; or the switch to another protocol."""
        return self._unusual().send(
            h11.InformationalResponse(status_code=status, headers=octets(lines), reason=reason)
        )

    def head(self, status: int, reason: str, lines: Lines) -> bytes:
        """The head of the response, which has a `Connection: close` where the connection must close."""
        fields = {name.lower(): value for name, value in lines}
        if self._h11 is None and is_ordinary(self._request, status, fields):
            self.closes = "connection" in fields
            section = "".join([f"{name}: {value}\r\n" for name, value in lines])
            return f"HTTP/1.1 {status} {reason}\r\n{section}\r\n".encode("latin-1")
        wire = self._unusual()
        head = wire.send(
            h11.Response(status_code=status, headers=octets(lines), reason=reason.encode("latin-1"))
        )
        self.closes = wire.their_state is h11.MUST_CLOSE
        return head

    def data(self, data: bytes) -> bytes:
        """Some content."""
        return data if self._h11 is None else self._h11.send(h11.Data(data=data))

    def end(self, trailers: Lines) -> bytes:
        """The end of the response."""
        if self._h11 is None or self.switched:
            return b""
        return self._h11.send(h11.EndOfMessage(headers=octets(trailers)))

    @property
    def switched(self) -> bool:
        """Whether the response switched to another protocol."""
        return self._h11 is not None and self._h11.our_state is h11.SWITCHED_PROTOCOL

    def _unusual(self) -> h11.Connection:
        """h11, for this exchange: to it the request is whole, and has nothing but what it must know."""
        if self._h11 is None:
            self._h11 = h11.Connection(h11.SERVER)
            if self._request is not None:
                self._h11.receive_data(_skeleton(self._request))
                self._h11.next_event()
                self._h11.next_event()
        return self._h11


def is_ordinary(request: RequestReceived | None, status: int, fields: Mapping[str, str]) -> bool:
    """Whether a final response is all said by its lines and its content, as they are.

    `fields` are the last lines of each name, which is in lower case.
    """
    if request is not None and request.method == "CONNECT":
        return False
    says_its_length = "content-length" in fields or status in {204, 304}
    return says_its_length and _UNUSUAL.isdisjoint(fields) and fields.get("connection", "close") == "close"


def _skeleton(request: RequestReceived) -> bytes:
    # To h11, 1.2 is what 1.1 is, but that it asks for no Host.
    lines = [f"{request.method} / HTTP/{'1.0' if request.http_version == '1.0' else '1.2'}"]
    if not request.keeps_alive:
        lines.append("Connection: close")
    if request.upgrade:
        lines.append("Upgrade: -")
    return "\r\n".join([*lines, "", ""]).encode("ascii")
