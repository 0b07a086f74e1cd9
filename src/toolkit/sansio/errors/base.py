"""What goes wrong, and who did it: the caller (`LocalError`) or the peer (`RemoteError`).

An error carries data; its text is derived from the data, and no error carries a response. The whole
tree is drawn in `toolkit.sansio.errors`. Nothing here imports anything of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class ToolkitError(Exception):
    """The base of everything the toolkit raises on purpose. All of them can be copied and pickled."""

    def __reduce__(
        self,
    ) -> tuple[Callable[..., ToolkitError], tuple[type[ToolkitError], tuple[object, ...]], dict[str, object]]:
        # Not by calling the class again, which asks for other arguments than an exception keeps.
        return _revive, (type(self), self.args), self.__dict__


def _revive(kind: type[ToolkitError], arguments: tuple[object, ...]) -> ToolkitError:
    """An error of this kind as it is before it gets its attributes."""
    return kind.__new__(kind, *arguments)


class LocalError(ToolkitError):
    """The caller misused the toolkit: the fix is in the calling code, not in the peer."""


class InvalidHeader(LocalError, ValueError):
    """A header name or value, given by the caller, that may not go on the wire (RFC 9110 section 5)."""

    def __init__(self, name: str, value: str, reason: str) -> None:
        super().__init__(name, value, reason)
        self.name = name
        self.value = value
        self.reason = reason

    def __str__(self) -> str:
        return f"header {self.name!r}: {self.reason} (value {_shorten(self.value)})"


class RemoteError(ToolkitError):
    """The peer sent something that cannot be accepted; `status` is the HTTP status to answer."""

    status: int = 400


class MalformedHeader(RemoteError):
    """A received field value outside its grammar. Status 400.

    `name` is the field's name, `value` what was received, `reason` what is wrong and what is allowed.
    """

    def __init__(self, name: str, value: str, reason: str) -> None:
        super().__init__(name, value, reason)
        self.name = name
        self.value = value
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.name}: {self.reason} (received {_shorten(self.value)})"


class MalformedURL(RemoteError):
    """A received URL, path or query outside its grammar. Status 400.

    `url` is the text received, `reason` what is wrong and what is allowed.
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url = url
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason} (received {_shorten(self.url)})"


class FormError(RemoteError):
    """What the errors of a form body share: where it happened.

    `offset` counts received bytes from the start of the body, `part` counts parts from 1 (0: before
    the first), `name` is the part's field name; each is None where it is not known.
    """

    def __init__(
        self,
        reason: str,
        *,
        offset: int | None = None,
        part: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        self.part = part
        self.name = name

    def __str__(self) -> str:
        return self.reason + _where(self.offset, self.part, self.name)


class MalformedForm(FormError):
    """A form body outside its grammar (RFC 7578, WHATWG urlencoded). Status 400."""


class IncompleteForm(FormError):
    """A form body that was cut short: its closing delimiter never came. Status 400."""


class UnsupportedCharset(FormError):
    """Text in a charset that the toolkit does not read. Status 415. `charset` is the name received."""

    status = 415

    def __init__(
        self,
        charset: str,
        reason: str = "",
        *,
        offset: int | None = None,
        part: int | None = None,
        name: str | None = None,
    ) -> None:
        text = reason or f"charset {_shorten(charset)} is not supported; send utf-8"
        super().__init__(text, offset=offset, part=part, name=name)
        self.charset = charset


class UnsupportedForm(FormError):
    """A body that is no form: another media type, or none. Status 415. `content_type` is as received."""

    status = 415

    def __init__(self, content_type: str) -> None:
        super().__init__(
            "a form is multipart/form-data or application/x-www-form-urlencoded, "
            f"not {_shorten(content_type) if content_type else 'without a Content-Type'}"
        )
        self.content_type = content_type


class LimitExceeded(RemoteError):
    """A limit was reached. Status 413 unless the limit says otherwise (414 for URLs, 431 for heads).

    `limit` is the name of the limit (the attribute of `FormLimits`, for a form), `maximum` what it
    allows, `actual` what was received by then: at least that much, not always the whole.
    """

    status = 413

    def __init__(
        self,
        limit: str,
        maximum: int,
        actual: int,
        *,
        status: int | None = None,
        offset: int | None = None,
        part: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(limit, maximum, actual)
        self.limit = limit
        self.maximum = maximum
        self.actual = actual
        self.offset = offset
        self.part = part
        self.name = name
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        where = _where(self.offset, self.part, self.name)
        return f"{self.limit} is limited to {self.maximum}, received at least {self.actual}{where}"


def _shorten(text: str) -> str:
    """`repr` of what a peer sent, cut to a length that is fit for a log line."""
    return repr(text) if len(text) <= 80 else f"{text[:77]!r}…"


def _where(offset: int | None, part: int | None, name: str | None) -> str:
    """The place in a form body as the end of a sentence: ` (part 3, field 'photo', at byte 1042)`."""
    places: list[str] = []
    if part is not None:
        places.append(f"part {part}")
    if name is not None:
        places.append(f"field {_shorten(name)}")
    if offset is not None:
        places.append(f"at byte {offset}")
    return f" ({', '.join(places)})" if places else ""
