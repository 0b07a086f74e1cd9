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
else:  # of a module with a `__getattr__`, type checkers would believe any name
    _HOMES = {
        "toolkit.sansio.exchange.content": (
            "JSON",
            "ContentDecoder",
            "IncompleteContent",
            "MalformedContent",
            "UnsupportedCoding",
            "parse_json",
        ),
        "toolkit.sansio.exchange.cross_site": ("CrossSiteRequest", "refuse_cross_site"),
        "toolkit.sansio.exchange.events": ("EventDecoder", "ServerSentEvent"),
        "toolkit.sansio.exchange.framing": ("Framed", "frame"),
        "toolkit.sansio.exchange.machine": (
            "ContentLengthError",
            "Exchange",
            "ExchangeError",
            "content_forbidden",
        ),
        "toolkit.sansio.exchange.partial": ("Representation", "Selection"),
        "toolkit.sansio.exchange.policy": ("Policy", "UntrustedHost"),
        "toolkit.sansio.exchange.request": ("Request",),
        "toolkit.sansio.exchange.response": ("Body", "Response", "UnsafeRedirect"),
        "toolkit.sansio.exchange.states": (
            "REQUEST_STEPS",
            "RESPONSE_STEPS",
            "RequestState",
            "ResponseState",
            "Step",
        ),
    }
    __getattr__, __dir__ = lazy_face(__name__, _HOMES)

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
