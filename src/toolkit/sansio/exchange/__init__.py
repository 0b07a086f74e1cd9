"""One request and its response: heads, bodies, and the states that both go through."""

from __future__ import annotations

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
from toolkit.sansio.exchange.states import REQUEST_STEPS, RESPONSE_STEPS, RequestState, ResponseState, Step

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
