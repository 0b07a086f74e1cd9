"""What happens on an HTTP/1.1 connection, as values: what came, and what is to be sent.

Each event is complete when it is born. A server gets `RequestReceived Data* EndOfRequest` and sends
`Informational* ResponseHead Data* EndOfResponse`; a client sends `RequestHead Data* EndOfRequest` and gets
`Informational* ResponseReceived Data* EndOfResponse`. A `Signal` is what there is when nothing happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from toolkit.sansio.headers import Headers


class Signal(str, Enum):
    """What to do when there is no event."""

    NEED_DATA = "need data"
    """Receive more."""
    PAUSED = "paused"
    """Bytes of the next request are here, and the response to this one is not done: send, do not receive."""
    SWITCHED = "switched"
    """The connection left HTTP, by a 101 or a successful CONNECT: `hand_over` gives what came after."""
    CLOSE = "close"
    """The last exchange is over: close the connection. Nothing that comes now is read."""


@dataclass(frozen=True, slots=True)
class RequestReceived:
    """The head of a request, checked.

    `target` is as on the wire, in one of the four forms of RFC 9112 section 3.2; `http_version` is `"1.0"`,
    `"1.1"` or a later 1.x. `content_length` is in bytes, 0 when there is no content, None when it is chunked.
    `upgrade` names the protocols that the client would rather speak, in lower case.
    """

    method: str
    target: str
    headers: Headers
    http_version: str = "1.1"
    content_length: int | None = 0
    expects_continue: bool = False
    keeps_alive: bool = True
    upgrade: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestHead:
    """The head of a request to send. Content needs a Content-Length or `Transfer-Encoding: chunked`."""

    method: str
    target: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class Data:
    """Some content, without its framing. Received data is never empty."""

    data: bytes


@dataclass(frozen=True, slots=True)
class EndOfRequest:
    """The request is whole. `trailers` came after its content; they are no part of its headers."""

    trailers: Headers = field(default_factory=Headers)


@dataclass(frozen=True, slots=True)
class ConnectionClosed:
    """The peer sends nothing more, and left nothing unfinished. It may still read a response."""


@dataclass(frozen=True, slots=True)
class Informational:
    """A response before the response; with status 101, the last one (RFC 9110 section 15.2)."""

    status: int
    headers: Headers = field(default_factory=Headers)


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """The head of the final response to send.

    Without a Content-Length the content is chunked, or ended by closing for HTTP/1.0. `reason` is the
    registered phrase of the status unless another is given.
    """

    status: int
    headers: Headers = field(default_factory=Headers)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ResponseReceived:
    """The head of a final response, checked.

    `content_length` is in bytes, 0 when there is no content, None when only the end will tell.
    """

    status: int
    headers: Headers
    reason: str = ""
    http_version: str = "1.1"
    content_length: int | None = 0


@dataclass(frozen=True, slots=True)
class EndOfResponse:
    """The response is whole. `trailers` come after its content."""

    trailers: Headers = field(default_factory=Headers)


ServerReceived: TypeAlias = RequestReceived | Data | EndOfRequest | ConnectionClosed | Signal
"""What a server's connection gives."""

ServerSent: TypeAlias = Informational | ResponseHead | Data | EndOfResponse
"""What a server's connection takes."""

ClientReceived: TypeAlias = (
    Informational | ResponseReceived | Data | EndOfResponse | ConnectionClosed | Signal
)
"""What a client's connection gives."""

ClientSent: TypeAlias = RequestHead | Data | EndOfRequest
"""What a client's connection takes."""
