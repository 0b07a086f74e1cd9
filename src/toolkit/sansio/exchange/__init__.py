"""One request and its response: heads, bodies, and the states that both go through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face

if TYPE_CHECKING:
    from toolkit.sansio.exchange.content import (
        JSON as JSON,
        ContentDecoder as ContentDecoder,
        IncompleteContent as IncompleteContent,
        MalformedContent as MalformedContent,
        UnsupportedCoding as UnsupportedCoding,
        parse_json as parse_json,
    )
    from toolkit.sansio.exchange.cross_site import (
        CrossSiteRequest as CrossSiteRequest,
        refuse_cross_site as refuse_cross_site,
    )
    from toolkit.sansio.exchange.events import (
        EventDecoder as EventDecoder,
        ServerSentEvent as ServerSentEvent,
    )
    from toolkit.sansio.exchange.framing import Framed as Framed, frame as frame
    from toolkit.sansio.exchange.machine import (
        ContentLengthError as ContentLengthError,
        Exchange as Exchange,
        ExchangeError as ExchangeError,
        content_forbidden as content_forbidden,
    )
    from toolkit.sansio.exchange.partial import Representation as Representation, Selection as Selection
    from toolkit.sansio.exchange.policy import Policy as Policy, UntrustedHost as UntrustedHost
    from toolkit.sansio.exchange.request import Request as Request
    from toolkit.sansio.exchange.response import (
        Body as Body,
        Response as Response,
        UnsafeRedirect as UnsafeRedirect,
    )
    from toolkit.sansio.exchange.states import (
        REQUEST_STEPS as REQUEST_STEPS,
        RESPONSE_STEPS as RESPONSE_STEPS,
        RequestState as RequestState,
        ResponseState as ResponseState,
        Step as Step,
    )
else:
    _HOMES = {
        "toolkit.sansio.exchange.content": """
            JSON ContentDecoder IncompleteContent MalformedContent UnsupportedCoding parse_json
        """,
        "toolkit.sansio.exchange.cross_site": "CrossSiteRequest refuse_cross_site",
        "toolkit.sansio.exchange.events": "EventDecoder ServerSentEvent",
        "toolkit.sansio.exchange.framing": "Framed frame",
        "toolkit.sansio.exchange.machine": "ContentLengthError Exchange ExchangeError content_forbidden",
        "toolkit.sansio.exchange.partial": "Representation Selection",
        "toolkit.sansio.exchange.policy": "Policy UntrustedHost",
        "toolkit.sansio.exchange.request": "Request",
        "toolkit.sansio.exchange.response": "Body Response UnsafeRedirect",
        "toolkit.sansio.exchange.states": "REQUEST_STEPS RESPONSE_STEPS RequestState ResponseState Step",
    }
    __getattr__, __dir__, __all__ = lazy_face(__name__, _HOMES)
