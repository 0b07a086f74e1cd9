"""The door to `multipart`, the parser that judges heads and the sequence of delimiters in the general lane.

It is fed one delimiter or one header line at a time; see `toolkit.sansio.forms.parts` for why.
"""

from __future__ import annotations

from math import inf

from multipart import MultipartError, MultipartSegment, PushMultipartParser
from typing_extensions import override


class Engine(PushMultipartParser):
    """A parser for parts that need not be those of a form, without limits: its driver has them."""

    def __init__(self, boundary: bytes) -> None:
        super().__init__(boundary, max_header_size=inf, max_header_count=inf)

    def tell(self, piece: bytes) -> int | None:
        """Take a piece of input; the number of header fields, if it completes a head.

        Raises `ValueError` with the reason, if it is malformed.
        """
        fields: int | None = None
        try:
            for event in self.parse(piece):
                if isinstance(event, MultipartSegment):
                    fields = len(event.headerlist)
        except MultipartError as error:
            text = str(error.args[0])
            raise ValueError(text[:1].lower() + text[1:]) from None
        return fields

    @override
    def _create_segment(self, headerlist: list[tuple[str, str]]) -> MultipartSegment:
        # A Content-Length inside a part has no meaning (RFC 7578 section 4.8), so it is not enforced.
        self._segment_limit = -1
        segment = MultipartSegment([])
        segment.headerlist = headerlist
        return segment
