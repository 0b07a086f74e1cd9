"""Hosts of URLs: names, IPv4 and IPv6 addresses, and international names in their ASCII form.

What lives here: a host's text is of a grammar or it is refused with the reason; nothing is looked up. Where
readers of URLs disagree on what a host means (`0x7f.1`, `ex%61mple.com`, `straße.de`), it is refused rather
than guessed: such hosts exist to pass a check in one program and be something else in the next.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from toolkit.sansio.errors.base import MalformedURL

MAX_NAME: Final = 253
"""Characters of a domain name that DNS can look up (RFC 1035 section 2.3.4), without the final dot. It is
asked of international names only: what Python's codec does for them may take quadratic time."""

# reg-name = *( unreserved / pct-encoded / sub-delims )           (RFC 3986 section 3.2.2)
_REG_NAME = re.compile(
    r"[A-Za-z0-9\-._~!$&'()*+,;=]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~!$&'()*+,;=]*)*"
).fullmatch
_DOMAIN = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=]*").fullmatch

# dec-octet: 0 to 255 without leading zeros                       (RFC 3986 section 3.2.2)
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}").fullmatch
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*").fullmatch
_GROUP = re.compile(r"[0-9A-Fa-f]{1,4}").fullmatch

# `ß`, `ς` and the joiners make another name under IDNA 2008 and UTS 46 than under IDNA 2003. The fillers and
# inherent vowels are letters to IDNA 2003, and to everybody else characters that cannot be seen.
_REFUSED = frozenset("ßς\u200c\u200d" + "\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_DOTS = frozenset("。．｡")


def check_host(host: str, *, strict: bool) -> str:
    """`host`, which is neither an IPv6 literal nor empty, as it may stand in a URL; or `MalformedURL`.

    A `strict` host is one of http, https, ws, wss or ftp: a domain name or an IPv4 address, in ASCII when it
    is returned. Any other is a `reg-name` and may hold escapes. The case of letters stays.

    >>> check_host("Example.COM", strict=True), check_host("münchen.example", strict=True)
    ('Example.COM', 'xn--mnchen-3ya.example')
    """
    if not host.isascii():
        host = host_to_ascii(host)
    if not strict:
        if not _REG_NAME(host):
            raise MalformedURL(host, "a host has letters, digits, '-._~!$&()*+,;=' and escapes")
        return host
    if not _DOMAIN(host):
        raise MalformedURL(host, "a host has letters, digits and '-._~!$&()*+,;=', and no escapes")
    # WHATWG: "ends in a number checker". `inet_aton` and browsers read 0x7f.1, 017700000001 and 2130706433
    # as addresses; RFC 3986 reads them as names.
    last = host.removesuffix(".").rpartition(".")[2]
    if _NUMBER(last) and not _IPV4(host):
        raise MalformedURL(host, "an IPv4 address is four decimal numbers up to 255, without leading zeros")
    return host


def host_to_ascii(host: str) -> str:
    """A domain name with its international labels as Punycode, in lower case; an ASCII name as it is.

    This is Python's `idna` codec, IDNA 2003 (RFC 3490), kept to the names that IDNA 2008 and UTS 46 (WHATWG)
    encode alike. `MalformedURL` for the others: those with `ß`, `ς` or joiners, which are other names under
    IDNA 2003 (write the `xn--` form); with characters that today's Unicode maps in another way, or that are
    newer than Unicode 3.2 and need mapping at all; with a label that starts with a combining mark; and for
    what is no international name, or has more than 253 characters.

    >>> host_to_ascii("bücher.example"), host_to_ascii("日本語。ＪＰ")
    ('xn--bcher-kva.example', 'xn--wgv71a119e.jp')
    """
    if host.isascii():
        return host
    if len(host) > MAX_NAME:
        raise MalformedURL(host, f"an international name has at most {MAX_NAME} characters")
    if not all(map(_is_mapped_alike, host)) or not _is_composed(host):
        raise MalformedURL(
            host, "IDNA 2003 and 2008 disagree on a character of the host: write its xn-- form"
        )
    try:
        name = host.encode("idna").decode("ascii").lower()
        marked = any(map(_starts_with_mark, name.split(".")))
    except UnicodeError:
        raise MalformedURL(host, "the host is not an international domain name (RFC 3490)") from None
    if marked:
        raise MalformedURL(host, "a label of the host starts with a combining mark")
    return name


def _starts_with_mark(label: str) -> bool:
    text = label[4:].encode().decode("punycode") if label.startswith("xn--") else label
    return unicodedata.category(text[0] if text else "-")[0] == "M"


def _is_newer(character: str) -> bool:
    """Whether IDNA 2003 does not know the character, and takes it as it is."""
    return unicodedata.ucd_3_2_0.category(character) == "Cn"


def _is_mapped_alike(character: str) -> bool:
    """Whether IDNA 2003 maps the character as UTS 46 does."""
    if character.isascii() or character in _DOTS:
        return True
    mapped = unicodedata.normalize("NFKC", character)
    if _is_newer(character):
        # Folded, composed, assigned, visible, and no invisible tag or variation selector.
        visible = unicodedata.category(character)[0] not in "CZ" and not 0xE0000 <= ord(character) <= 0xE0FFF
        return visible and mapped.casefold() == character
    return (
        character not in _REFUSED
        and "." not in mapped
        and mapped == unicodedata.ucd_3_2_0.normalize("NFKC", character)
    )


def _is_composed(host: str) -> bool:
    """Whether a host with newer characters needs none of the compositions that IDNA 2003 does not know."""
    return unicodedata.is_normalized("NFC", host) or not any(map(_is_newer, host))


def host_to_unicode(host: str) -> str:
    """A domain name with its Punycode labels as people read them; labels that do not come back stay.

    >>> host_to_unicode("xn--mnchen-3ya.example"), host_to_unicode("xn--zca.example")
    ('münchen.example', 'xn--zca.example')
    """
    if len(host) > MAX_NAME or "xn--" not in host.lower():
        return host
    return ".".join(map(_label_to_unicode, host.split(".")))


def _label_to_unicode(label: str) -> str:
    """One label; what would not be read back as the same one (a deviation, say) stays Punycode."""
    if len(label) > 63 or not label.lower().startswith("xn--"):
        return label
    try:
        text = label.encode("ascii").decode("idna")
        return text if text.isprintable() and host_to_ascii(text) == label.lower() else label
    except (UnicodeError, MalformedURL):
        return label


def parse_ipv6(text: str) -> tuple[int, ...] | None:
    """The eight 16-bit groups of an IPv6 address; None when it is none (RFC 4291 section 2.2).

    Zone identifiers (`fe80::1%eth0`) mean something on one machine only and are not read (RFC 9844).

    >>> parse_ipv6("::ffff:192.0.2.1"), parse_ipv6("1::2::3")
    ((0, 0, 0, 0, 0, 65535, 49152, 513), None)
    """
    if len(text) > 45:
        return None
    head, gap, tail = text.partition("::")
    left = _groups(head, ipv4=not gap) if head else []
    right = _groups(tail, ipv4=True) if tail else []
    if left is None or right is None:
        return None
    missing = 8 - len(left) - len(right)
    if missing < 1 if gap else missing:
        return None
    return (*left, *[0] * missing, *right)


def _groups(text: str, *, ipv4: bool) -> list[int] | None:
    """Groups between colons, the last two perhaps as an IPv4 address."""
    *pieces, last = text.split(":")
    groups: list[int] = []
    if ipv4 and _IPV4(last):
        a, b, c, d = map(int, last.split("."))
        groups = [a << 8 | b, c << 8 | d]
    else:
        pieces.append(last)
    return [int(piece, 16) for piece in pieces] + groups if all(map(_GROUP, pieces)) else None


def format_ipv6(groups: tuple[int, ...]) -> str:
    """The text of an IPv6 address in its one recommended form (RFC 5952 section 4, without dotted IPv4).

    >>> format_ipv6((0x2001, 0xdb8, 0, 0, 1, 0, 0, 1)), format_ipv6((0,) * 8)
    ('2001:db8::1:0:0:1', '::')
    """
    # The longest run of zeros, the first of equals; a single zero is written out.
    start, length = 0, 1
    for index in range(8):
        run = 0
        while index + run < 8 and groups[index + run] == 0:
            run += 1
        if run > length:
            start, length = index, run
    texts = [f"{group:x}" for group in groups]
    if length == 1:
        return ":".join(texts)
    return f"{':'.join(texts[:start])}::{':'.join(texts[start + length :])}"
