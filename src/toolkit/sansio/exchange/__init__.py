"""One request and its response: heads, bodies, and the states that both go through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face

if TYPE_CHECKING:
    from toolkit.sansio.exchange.content import (
        JSON,
        ContentDecoder,
        IncompleteContent,
        MalformedContent,
        UnsupportedCoding,
        parse_json,
    )
    from toolkit.sansio.exchange.cross_site import CrossSiteRequest, refuse_cross_site
    from toolkit.sansio.exchange.events import EventDecoder, ServerSentEvent
    from toolkit.sansio.exchange.framing import Framed, frame
    from toolkit.sansio.exchange.machine import ContentLengthError, Exchange, ExchangeError, content_forbidden
    from toolkit.sansio.exchange.partial import Representation, Selection
    from toolkit.sansio.exchange.policy import Policy, UntrustedHost
    from toolkit.sansio.exchange.request import Request
    from toolkit.sansio.exchange.response import Body, Response, UnsafeRedirect
    from toolkit.sansio.exchange.states import (
        REQUEST_STEPS,
        RESPONSE_STEPS,
        RequestState,
        ResponseState,
        Step,
    )

_HOMES = {
    "Body": "toolkit.sansio.exchange.response",
    "ContentDecoder": "toolkit.sansio.exchange.content",
    "ContentLengthError": "toolkit.sansio.exchange.machine",
    "CrossSiteRequest": "toolkit.sansio.exchange.cross_site",
    "EventDecoder": "toolkit.sansio.exchange.events",
    "Exchange": "toolkit.sansio.exchange.machine",
    "ExchangeError": "toolkit.sansio.exchange.machine",
    "Framed": "toolkit.sansio.exchange.framing",
    "IncompleteContent": "toolkit.sansio.exchange.content",
    "JSON": "toolkit.sansio.exchange.content",
    "MalformedContent": "toolkit.sansio.exchange.content",
    "Policy": "toolkit.sansio.exchange.policy",
    "REQUEST_STEPS": "toolkit.sansio.exchange.states",
    "RESPONSE_STEPS": "toolkit.sansio.exchange.states",
    "Representation": "toolkit.sansio.exchange.partial",
    "Request": "toolkit.sansio.exchange.request",
    "RequestState": "toolkit.sansio.exchange.states",
    "Response": "toolkit.sansio.exchange.response",
    "ResponseState": "toolkit.sansio.exchange.states",
    "Selection": "toolkit.sansio.exchange.partial",
    "ServerSentEvent": "toolkit.sansio.exchange.events",
    "Step": "toolkit.sansio.exchange.states",
    "UnsafeRedirect": "toolkit.sansio.exchange.response",
    "UnsupportedCoding": "toolkit.sansio.exchange.content",
    "UntrustedHost": "toolkit.sansio.exchange.policy",
    "content_forbidden": "toolkit.sansio.exchange.machine",
    "frame": "toolkit.sansio.exchange.framing",
    "parse_json": "toolkit.sansio.exchange.content",
    "refuse_cross_site": "toolkit.sansio.exchange.cross_site",
}

__all__ = [
    # messages
    "Body",
    "CrossSiteRequest",
    "Policy",
    "Request",
    "Response",
    "UnsafeRedirect",
    "UntrustedHost",
    "refuse_cross_site",
    # content
    "JSON",
    "ContentDecoder",
    "IncompleteContent",
    "MalformedContent",
    "UnsupportedCoding",
    "parse_json",
    # streams of events, parts of content
    "EventDecoder",
    "Representation",
    "Selection",
    "ServerSentEvent",
    # framing and states
    "REQUEST_STEPS",
    "RESPONSE_STEPS",
    "ContentLengthError",
    "Exchange",
    "ExchangeError",
    "Framed",
    "RequestState",
    "ResponseState",
    "Step",
    "content_forbidden",
    "frame",
]

__getattr__, __dir__ = lazy_face(__name__, _HOMES)
