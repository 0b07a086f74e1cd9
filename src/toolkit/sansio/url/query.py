"""Queries as pairs: `application/x-www-form-urlencoded`, parsed and built (WHATWG URL section 5).

What lives here: text to pairs and pairs to text, as inverses. A query is made of pieces between `&`; an empty
piece is nothing; the first `=` parts the name from the value, and where there is none the value is empty; `+`
is a space; escapes are UTF-8, and what is malformed in them is read as `percent.unquote` says. No query is an
error, but one that is too long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from toolkit.sansio.errors.base import LimitExceeded
from toolkit.sansio.multidict import MultiDict
from toolkit.sansio.percent import quote_form, unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

QueryItems: TypeAlias = Mapping[str, object] | Iterable[tuple[str, object]]
"""What a query is built of: a mapping, a multi-dictionary, or pairs."""

_PLAIN = quote_form.safe + "=&"
_NO_ONE_TEXT = (bool, bytes, bytearray, memoryview, dict, set, frozenset)

_new: Callable[[type], MultiDict[str, str]] = object.__new__

MAX_PAIRS: Final = 1000
"""Pairs of a query: as many as a form may have items (`FormLimits.max_items`)."""

MAX_BYTES: Final = 64 * 1024
"""Bytes of a query as received: what servers take as a request line at most (h11: 64 KiB, others 8 KiB)."""


def parse_query(
    text: str, *, max_pairs: int | None = MAX_PAIRS, max_bytes: int | None = MAX_BYTES
) -> MultiDict[str, str]:
    """The pairs of a query, in order, all of them.

    `text` is without the `?`. `LimitExceeded`, status 414, for more than `max_bytes` bytes (limit
    `max_query_bytes`) or `max_pairs` pairs (limit `max_query_pairs`), before any pair is made; None is no
    limit.

    >>> parse_query("q=caf%C3%A9+au+lait&tag=a&tag=b&&flag")
    MultiDict([('q', 'café au lait'), ('tag', 'a'), ('tag', 'b'), ('flag', '')])
    """
    if max_bytes is not None and 4 * len(text) > max_bytes:  # no character has more than 4 bytes
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        if size > max_bytes:
            raise LimitExceeded("max_query_bytes", max_bytes, size, status=414)
    if "+" in text:
        text = text.replace("+", " ")
    # PERF: where no separator is escaped, to decode the whole and then split it is the same as the other
    # way round, for a tenth of the time (benchmarks/query.py::parse_query): a separator ends any escaped
    # sequence of UTF-8.
    decode = None
    if "%" in text:
        if "%26" in text or "%3D" in text or "%3d" in text:
            decode = unquote
        else:
            text = unquote(text)
    pieces = text.split("&")
    if max_pairs is not None and len(pieces) > max_pairs:
        count = sum(map(bool, pieces))
        if count > max_pairs:
            raise LimitExceeded("max_query_pairs", max_pairs, count, status=414)
    pairs = [(name, value) for piece in pieces if piece for name, _, value in (piece.partition("="),)]
    if decode is not None:
        pairs = [(decode(name), decode(value)) for name, value in pairs]
    # PERF: `MultiDict.adopt`, without a call (benchmarks/query.py::parse_query 5 short pairs).
    query: MultiDict[str, str] = _new(MultiDict)
    query._pairs = pairs  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    query._index = None  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return query


def build_query(items: QueryItems) -> str:
    """The query of `items`, a mapping or pairs, as browsers write it: the inverse of `parse_query`.

    Of a multi-dictionary all values are taken, and a list or tuple as a value is as many pairs. Names are
    text; values are text or anything whose `str` is meant, such as numbers, UUIDs and dates. None leaves its
    pair out. A boolean and bytes, whose `str` is hardly ever meant, are refused with TypeError.

    >>> build_query({"q": "café & co", "tag": ["a", "b"], "page": 2, "sort": None})
    'q=caf%C3%A9+%26+co&tag=a&tag=b&page=2'
    """
    if isinstance(cast("object", items), (str, bytes)):
        raise TypeError(f"a query is built of a mapping or pairs, not of {items!r}")
    pairs = MultiDict[str, object](items).items(multi=True)
    # PERF: what needs no quoting is joined and found out whole (benchmarks/query.py::build_query). As many
    # separators as there must be are no others.
    try:
        text = "&".join(map("=".join, cast("list[tuple[str, str]]", pairs)))
    except TypeError:  # not all of them are texts
        text = "%"
    if not text.strip(_PLAIN) and text.count("=") == len(pairs) and text.count("&") + 1 == (len(pairs) or 1):
        return text
    pieces: list[str] = []
    for name, value in pairs:
        if isinstance(value, str):
            pieces.append(f"{quote_form(name)}={quote_form(value)}")
        else:
            pieces += [f"{quote_form(name)}={quote_form(text)}" for text in _texts(name, value)]
    return "&".join(pieces)


def _texts(name: str, value: object) -> list[str]:
    """The texts of a value that is not itself one."""
    if isinstance(value, (list, tuple)):
        return [text for one in cast("Sequence[object]", value) for text in _texts(name, one)]
    if value is None:
        return []
    if isinstance(value, _NO_ONE_TEXT):
        kind = type(cast("object", value)).__name__
        raise TypeError(f"query {name!r}: a {kind} has no one text; say which is meant")
    return [str(value)]
