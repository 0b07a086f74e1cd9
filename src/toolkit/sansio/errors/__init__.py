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
        FormError as FormError,
        IncompleteForm as IncompleteForm,
        InvalidHeader as InvalidHeader,
        LimitExceeded as LimitExceeded,
        LocalError as LocalError,
        MalformedForm as MalformedForm,
        MalformedHeader as MalformedHeader,
        MalformedURL as MalformedURL,
        RemoteError as RemoteError,
        ToolkitError as ToolkitError,
        UnsupportedCharset as UnsupportedCharset,
        UnsupportedForm as UnsupportedForm,
    )
    from toolkit.sansio.errors.http import (
        BadGateway as BadGateway,
        BadRequest as BadRequest,
        Conflict as Conflict,
        ContentTooLarge as ContentTooLarge,
        ExpectationFailed as ExpectationFailed,
        FailedDependency as FailedDependency,
        Forbidden as Forbidden,
        GatewayTimeout as GatewayTimeout,
        Gone as Gone,
        HTTPError as HTTPError,
        HTTPVersionNotSupported as HTTPVersionNotSupported,
        InsufficientStorage as InsufficientStorage,
        InternalServerError as InternalServerError,
        LengthRequired as LengthRequired,
        Locked as Locked,
        LoopDetected as LoopDetected,
        MethodNotAllowed as MethodNotAllowed,
        MisdirectedRequest as MisdirectedRequest,
        NetworkAuthenticationRequired as NetworkAuthenticationRequired,
        NotAcceptable as NotAcceptable,
        NotExtended as NotExtended,
        NotFound as NotFound,
        NotImplemented as NotImplemented,
        PaymentRequired as PaymentRequired,
        PreconditionFailed as PreconditionFailed,
        PreconditionRequired as PreconditionRequired,
        ProxyAuthenticationRequired as ProxyAuthenticationRequired,
        RangeNotSatisfiable as RangeNotSatisfiable,
        Redirect as Redirect,
        RequestHeaderFieldsTooLarge as RequestHeaderFieldsTooLarge,
        RequestTimeout as RequestTimeout,
        ServiceUnavailable as ServiceUnavailable,
        TooEarly as TooEarly,
        TooManyRequests as TooManyRequests,
        Unauthorized as Unauthorized,
        UnavailableForLegalReasons as UnavailableForLegalReasons,
        UnprocessableContent as UnprocessableContent,
        UnsupportedMediaType as UnsupportedMediaType,
        UpgradeRequired as UpgradeRequired,
        URITooLong as URITooLong,
        VariantAlsoNegotiates as VariantAlsoNegotiates,
    )
else:
    _HOMES = {
        "toolkit.sansio.errors.base": """
            FormError IncompleteForm InvalidHeader LimitExceeded LocalError MalformedForm MalformedHeader
            MalformedURL RemoteError ToolkitError UnsupportedCharset UnsupportedForm
        """,
        "toolkit.sansio.errors.http": """
            BadGateway BadRequest Conflict ContentTooLarge ExpectationFailed FailedDependency Forbidden
            GatewayTimeout Gone HTTPError HTTPVersionNotSupported InsufficientStorage InternalServerError
            LengthRequired Locked LoopDetected MethodNotAllowed MisdirectedRequest
            NetworkAuthenticationRequired NotAcceptable NotExtended NotFound NotImplemented
            PaymentRequired PreconditionFailed PreconditionRequired ProxyAuthenticationRequired
            RangeNotSatisfiable Redirect RequestHeaderFieldsTooLarge RequestTimeout ServiceUnavailable
            TooEarly TooManyRequests Unauthorized UnavailableForLegalReasons UnprocessableContent
            UnsupportedMediaType UpgradeRequired URITooLong VariantAlsoNegotiates
        """,
    }
    __getattr__, __dir__, __all__ = lazy_face(__name__, _HOMES)
