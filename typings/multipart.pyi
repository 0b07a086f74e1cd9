# The part of `multipart` 2.x that is used here, which ships without type information.

from collections.abc import Callable, Iterator

class MultipartError(ValueError): ...

class MultipartSegment:
    headerlist: list[tuple[str, str]]
    def __init__(self, headerlist: list[tuple[str, str]]) -> None: ...

def parse_options_header(
    header: str, options: dict[str, str] | None = None, unquote: Callable[..., str] = ...
) -> tuple[str, dict[str, str]]: ...

class PushMultipartParser:
    closed: bool
    _segment_limit: int
    def __init__(
        self,
        boundary: str | bytes | bytearray,
        content_length: int = -1,
        max_header_size: float = ...,
        max_header_count: float = ...,
        max_segment_size: float = ...,
        max_segment_count: float = ...,
        header_charset: str = "utf8",
        strict: bool = False,
    ) -> None: ...
    def parse(self, chunk: bytes | bytearray) -> Iterator[MultipartSegment | bytes | None]: ...
    def close(self, check_complete: bool = True) -> None: ...
    def _create_segment(self, headerlist: list[tuple[str, str]]) -> MultipartSegment: ...
