"""The errors of the toolkit: what each one means, what data it carries, which status answers it.

::

    ToolkitError
    ├── LocalError                 the caller misused the toolkit: a bug on this side of the wire
    │   └── InvalidHeader          a header name or value that may not go on the wire
    ├── RemoteError                the peer sent it; .status is the HTTP status to answer
    │   ├── MalformedHeader        400  a field value outside its grammar
    │   ├── MalformedURL           400  a URL, path or query outside its grammar
    │   ├── FormError              what the errors of a form body share: offset, part, name
    │   │   ├── MalformedForm      400  a form body outside its grammar
    │   │   ├── IncompleteForm     400  a form body that was cut short
    │   │   ├── UnsupportedCharset 415  text in a charset that the toolkit does not read
    │   │   └── UnsupportedForm    415  a body that is no form: another media type, or none
    │   └── LimitExceeded          413  a limit was reached (414 for URLs, 431 for heads)
    └── HTTPError                  an application answers with a status other than success
        ├── Redirect               3xx with a Location
        └── BadRequest … NetworkAuthenticationRequired, one for each registered 4xx and 5xx

More specific local errors stand beside the code that raises them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face

if TYPE_CHECKING:
    from toolkit.sansio.errors.base import (
        FormError,
        IncompleteForm,
        InvalidHeader,
        LimitExceeded,
        LocalError,
        MalformedForm,
        MalformedHeader,
        MalformedURL,
        RemoteError,
        ToolkitError,
        UnsupportedCharset,
        UnsupportedForm,
    )
    from toolkit.sansio.errors.http import (
        BadGateway,
        BadRequest,
        Conflict,
        ContentTooLarge,
        ExpectationFailed,
        FailedDependency,
        Forbidden,
        GatewayTimeout,
        Gone,
        HTTPError,
        HTTPVersionNotSupported,
        InsufficientStorage,
        InternalServerError,
        LengthRequired,
        Locked,
        LoopDetected,
        MethodNotAllowed,
        MisdirectedRequest,
        NetworkAuthenticationRequired,
        NotAcceptable,
        NotExtended,
        NotFound,
        NotImplemented,
        PaymentRequired,
        PreconditionFailed,
        PreconditionRequired,
        ProxyAuthenticationRequired,
        RangeNotSatisfiable,
        Redirect,
        RequestHeaderFieldsTooLarge,
        RequestTimeout,
        ServiceUnavailable,
        TooEarly,
        TooManyRequests,
        Unauthorized,
        UnavailableForLegalReasons,
        UnprocessableContent,
        UnsupportedMediaType,
        UpgradeRequired,
        URITooLong,
        VariantAlsoNegotiates,
    )
else:  # of a module with a `__getattr__`, type checkers would believe any name
    _HOMES = {
        "toolkit.sansio.errors.base": (
            "FormError",
            "IncompleteForm",
            "InvalidHeader",
            "LimitExceeded",
            "LocalError",
            "MalformedForm",
            "MalformedHeader",
            "MalformedURL",
            "RemoteError",
            "ToolkitError",
            "UnsupportedCharset",
            "UnsupportedForm",
        ),
        "toolkit.sansio.errors.http": (
            "BadGateway",
            "BadRequest",
            "Conflict",
            "ContentTooLarge",
            "ExpectationFailed",
            "FailedDependency",
            "Forbidden",
            "GatewayTimeout",
            "Gone",
            "HTTPError",
            "HTTPVersionNotSupported",
            "InsufficientStorage",
            "InternalServerError",
            "LengthRequired",
            "Locked",
            "LoopDetected",
            "MethodNotAllowed",
            "MisdirectedRequest",
            "NetworkAuthenticationRequired",
            "NotAcceptable",
            "NotExtended",
            "NotFound",
            "NotImplemented",
            "PaymentRequired",
            "PreconditionFailed",
            "PreconditionRequired",
            "ProxyAuthenticationRequired",
            "RangeNotSatisfiable",
            "Redirect",
            "RequestHeaderFieldsTooLarge",
            "RequestTimeout",
            "ServiceUnavailable",
            "TooEarly",
            "TooManyRequests",
            "Unauthorized",
            "UnavailableForLegalReasons",
            "UnprocessableContent",
            "UnsupportedMediaType",
            "UpgradeRequired",
            "URITooLong",
            "VariantAlsoNegotiates",
        ),
    }
    __getattr__, __dir__ = lazy_face(__name__, _HOMES)

__all__ = [
    "BadGateway",
    "BadRequest",
    "Conflict",
    "ContentTooLarge",
    "ExpectationFailed",
    "FailedDependency",
    "Forbidden",
    "FormError",
    "GatewayTimeout",
    "Gone",
    "HTTPError",
    "HTTPVersionNotSupported",
    "IncompleteForm",
    "InsufficientStorage",
    "InternalServerError",
    "InvalidHeader",
    "LengthRequired",
    "LimitExceeded",
    "LocalError",
    "Locked",
    "LoopDetected",
    "MalformedForm",
    "MalformedHeader",
    "MalformedURL",
    "MethodNotAllowed",
    "MisdirectedRequest",
    "NetworkAuthenticationRequired",
    "NotAcceptable",
    "NotExtended",
    "NotFound",
    "NotImplemented",
    "PaymentRequired",
    "PreconditionFailed",
    "PreconditionRequired",
    "ProxyAuthenticationRequired",
    "RangeNotSatisfiable",
    "Redirect",
    "RemoteError",
    "RequestHeaderFieldsTooLarge",
    "RequestTimeout",
    "ServiceUnavailable",
    "TooEarly",
    "TooManyRequests",
    "ToolkitError",
    "URITooLong",
    "Unauthorized",
    "UnavailableForLegalReasons",
    "UnprocessableContent",
    "UnsupportedCharset",
    "UnsupportedForm",
    "UnsupportedMediaType",
    "UpgradeRequired",
    "VariantAlsoNegotiates",
]
