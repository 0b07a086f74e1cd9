"""The limits on what a peer may make us hold or do, each with the reason for its default.

Limits are plain frozen values: no code here reads bytes. A limit counts received bytes or items, in total,
whether or not a Content-Length was sent, and is checked before buffering. It is a number of 0 or more, or
None for no limit where None is the default; anything else is a `LocalError`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import cast

from toolkit.sansio.errors.base import LocalError


@dataclass(frozen=True, slots=True)
class FormLimits:
    """What a form body may hold; the same for multipart and urlencoded. All sizes are in bytes.

    Change a few with `dataclasses.replace(limits, max_files=1)` or at construction.
    """

    max_body: int = 16 * 1024 * 1024
    """The whole body. 16 MiB holds any form a person fills in, with a few photographs; a handler that
    streams large uploads to their destination raises it on purpose."""

    max_form_memory: int = 1024 * 1024
    """All that is kept in memory together: field values, names, part headers, and `item_cost` for
    each item. 1 MiB times the number of concurrent requests is what a server must be able to spare."""

    item_cost: int = 128
    """What one item is charged besides its bytes: the objects that hold it. Without it a million empty
    fields would cost nothing."""

    max_items: int = 1000
    """Fields and files together. The limit of PHP and Django: above any real form, far below what
    makes a hash table or a handler slow."""

    max_files: int = 100
    """Files. Each may need a descriptor, and many systems allow 1024 to a process."""

    max_file_size: int | None = None
    """One file, counted while it streams; None: only `max_body` limits it."""

    max_files_size: int | None = None
    """All files together, counted while they stream; None: only `max_body` limits them."""

    max_part_headers: int = 8
    """Header fields of one part. Clients send one to four; RFC 7578 section 4.8 names three."""

    max_part_header_size: int = 4 * 1024
    """The header block of one part. A file name may have 255 bytes, percent-encoded three times that,
    sent once plain and once as `filename*`."""

    max_boundary: int = 70
    """The boundary parameter. RFC 2046 section 5.1.1 allows 70 characters."""

    max_preamble: int = 1024
    """Bytes before the first delimiter. No browser sends any; RFC 2046 allows a note for mail readers."""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """What the content of a request may grow to, before anyone asks what it is. All sizes are in bytes.

    They hold for content with and without a Content-Length; forms have further limits, `FormLimits`.
    """

    max_body: int = 16 * 1024 * 1024
    """The content as it is received, codings included. The same as `FormLimits.max_body`, for its reason."""

    max_decoded: int = 16 * 1024 * 1024
    """The content with its codings (gzip, deflate) taken off: what a handler has to hold."""

    max_ratio: int = 100
    """How many times longer content may become when its codings are taken off. JSON and text reach 20, long
    runs of one byte reach 1000."""

    ratio_grace: int = 64 * 1024
    """What may come out before the ratio counts: the first bytes of honest content may unpack to a lot."""

    max_members: int = 1024
    """Members of gzip content. Nearly all has one; bgzip begins another every 64 KiB, 256 in 16 MiB. Each
    costs as much time as some kilobytes, even if it is empty."""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What one message of an HTTP/1.1 connection may hold, apart from its content. All sizes are in bytes.

    What is held of a message that is not whole yet stays below `max_request_line + max_header_block`.
    """

    max_request_line: int = 8 * 1024
    """The request line, its end included (414); for a client, the status line. RFC 9112 section 3 wants 8000
    at least."""

    max_header_block: int = 16 * 1024
    """The header section with the empty line that ends it (431). Browsers keep at most 4 KiB of one cookie;
    nginx takes 32 KiB, Node.js 16, Apache 8 for each line."""

    max_fields: int = 100
    """Lines of a header or a trailer section (431). Apache's limit; browsers send about twenty."""

    max_chunk_extras: int = 16 * 1024
    """The chunk extensions and the trailer section of one message, together (413 and 431): nobody reads the
    former, and the latter is a header section that comes late."""

    max_body: int | None = None
    """The content (413), announced or counted. None: `BodyLimits` and `FormLimits` hold, where it is read."""

    max_drain: int = 64 * 1024
    """Content that nobody read, received and dropped after the response so that the connection can be used
    again. More than that costs more than a new connection."""

    def __post_init__(self) -> None:
        _check(self)


def _check(limits: FormLimits | BodyLimits | ConnectionLimits) -> None:
    """Refuse what is no limit, naming it."""
    for field in fields(limits):
        value = cast("object", getattr(limits, field.name))
        is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        if not is_number and not (value is None and field.default is None):
            kind = "0 or more" if field.default is not None else "0 or more, or None"
            raise LocalError(f"{type(limits).__name__}.{field.name} is {kind}, not {value!r}")
