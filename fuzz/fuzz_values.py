"""Invariant: any text is parsed, or refused with a RemoteError; what was parsed survives `str` and `parse`.

Run with `python fuzz/fuzz_values.py -max_total_time=60` (needs atheris). The first byte chooses the parser.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["toolkit"]):
    from toolkit.sansio import fields
    from toolkit.sansio.errors.base import RemoteError
    from toolkit.sansio.fields.cookie_date import parse_cookie_date
    from toolkit.sansio.fields.cookies import parse_cookies
    from toolkit.sansio.fields.dates import format_date, parse_date
    from toolkit.sansio.fields.lists import split_list
    from toolkit.sansio.fields.parameters import dump_options, parse_options
    from toolkit.sansio.url.model import URL
    from toolkit.sansio.url.query import build_query, parse_query

TYPES = [
    value
    for value in [getattr(fields, name) for name in dir(fields)]
    if isinstance(value, type) and hasattr(value, "parse")
] + [URL]


def check_type(kind: type, text: str) -> None:
    """A type whose `parse` and `str` are inverses."""
    parse = getattr(kind, "parse", kind)
    try:
        value = parse(text)
    except RemoteError:
        return
    assert parse(str(value)) == value, (kind, text, str(value))


def check_functions(text: str) -> None:
    """The functions that never refuse."""
    parse_cookies(text)
    parse_cookie_date(text)
    split_list(text)
    value, params = parse_options(text)
    try:
        dumped = dump_options(value, params)
    except ValueError:
        pass  # what a lenient parser reads may not be fit to be written
    else:
        if not any(name.endswith("*") for name in params):
            assert parse_options(dumped) == (value, params), (text, dumped)
    moment = parse_date(text)
    if moment is not None:
        assert parse_date(format_date(moment)) == moment
    try:
        pairs = parse_query(text)
    except RemoteError:
        return
    assert parse_query(build_query(pairs), max_pairs=None, max_bytes=None) == pairs


def check(data: bytes) -> None:
    """One input."""
    kind = data[0] if data else 0
    text = data[1:].decode("latin-1")
    if kind < len(TYPES) * 4:
        check_type(TYPES[kind % len(TYPES)], text)
    else:
        check_functions(text)


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
