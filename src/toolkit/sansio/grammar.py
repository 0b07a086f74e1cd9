r"""The wire grammars that every header field shares, each written once, beside its ABNF.

Nothing here knows a field, and nothing here is lenient: a text is of a grammar or it is not. HTTP is
octets, given as text of code points up to U+00FF (latin-1); `str.strip()`, `str.isdigit()`, `int()`
and `\d` mean more than HTTP does, so peer text goes through these instead. All in linear time.
"""

from __future__ import annotations

import re

DIGITS = frozenset("0123456789")
"""`DIGIT = %x30-39` (RFC 5234 appendix B.1): ten characters, where `str.isdigit` has hundreds."""

ALPHA = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
"""`ALPHA = %x41-5A / %x61-7A` (RFC 5234 appendix B.1)."""

TCHAR = DIGITS | ALPHA | frozenset("!#$%&'*+-.^_`|~")
"""The characters of a token::

    token = 1*tchar
    tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~"
          / DIGIT / ALPHA

RFC 9110 section 5.6.2.
"""

OWS = " \t"
"""The characters of optional whitespace: `OWS = *( SP / HTAB )` (RFC 9110 section 5.6.3)."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch

# field-value   = *field-content
# field-content = field-vchar [ 1*( SP / HTAB / field-vchar ) field-vchar ]
# field-vchar   = VCHAR / obs-text;   obs-text = %x80-FF                      (RFC 9110 section 5.5)
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*").fullmatch


def is_token(text: str) -> bool:
    """Whether `text` is a token: one or more `TCHAR` (RFC 9110 section 5.6.2).

    >>> is_token("Content-Type"), is_token(""), is_token("a b"), is_token("naïve")
    (True, False, False, False)
    """
    return _TOKEN(text) is not None


def is_field_value(text: str) -> bool:
    r"""Whether `text` may stand in a field value: no control but HTAB, nothing above U+00FF.

    Outer whitespace, which belongs to the line and not to the value, is the caller's to trim or refuse
    (RFC 9110 section 5.5).

    >>> is_field_value("caf\xe9\t\x80"), is_field_value("a\r\nb"), is_field_value("€")
    (True, False, False)
    """
    return _FIELD_VALUE(text) is not None


def trim_ows(text: str) -> str:
    r"""`text` without SP and HTAB at its ends, and no other whitespace (RFC 9110 section 5.6.3).

    >>> trim_ows(" \t value\x0b\t")
    'value\x0b'
    """
    return text.strip(OWS)


def parse_digits(text: str, *, max_digits: int = 19) -> int | None:
    """The number that 1 to `max_digits` ASCII digits write; None for any other text.

    Signs, spaces, underscores and the digits of other scripts are not HTTP's. 19 digits hold every
    signed 64-bit size; the cap also keeps a peer from buying a quadratic conversion.

    >>> parse_digits("0042"), parse_digits("+1"), parse_digits("1_0"), parse_digits("٣"), parse_digits("")
    (42, None, None, None, None)
    """
    # On ASCII text `isdigit` means 0-9 and nothing else.
    if len(text) <= max_digits and text.isascii() and text.isdigit():
        return int(text)
    return None
