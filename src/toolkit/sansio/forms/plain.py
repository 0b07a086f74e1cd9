"""The heads that browsers send, read in one step: what the fast lane knows without looking closer.

Whatever is not read here is read by `toolkit.sansio.forms.heads`, to the same result.
"""

from __future__ import annotations

import re
from typing import Final

from toolkit.sansio.forms.assembly import CHARSET_FIELD
from toolkit.sansio.forms.events import FileStart, make_event

# The heads that browsers send, after the CRLF of the delimiter. Those that need unescaping are left out.
_PLAIN: Final = re.compile(
    r'\r\nContent-Disposition: form-data; name="([^"%\\\x00-\x1f\x7f]*)"'
    r'(?:; filename="([^"%\\\x00-\x1f\x7f]*)"\r\nContent-Type: ([!-~]+(?: [!-~]+)*))?'
).fullmatch
MAX_HEAD: Final = 1024  # bytes that such a head has at most
MAX_FIELDS: Final = 2  # header fields that it has at most

# PERF: the names of fields by their heads. The forms of an application have few names, which come again
# and again (benchmarks/forms.py::large). It holds at most so many heads of at most so many bytes.
NAMES: Final[dict[bytes, str]] = {}
_MAX_NAMES: Final = 1024
_MAX_NAME: Final = 128
name_of: Final = NAMES.get


def read_plain(head: bytes) -> str | FileStart | None:
    """What a plain head begins: a field, whose name is returned, or a file; None for any other head."""
    if len(head) > MAX_HEAD:
        return None
    try:
        match = _PLAIN(head.decode())
    except UnicodeDecodeError:
        return None
    if match is None:
        return None
    name, filename, content_type = match.groups()
    if filename is not None:
        return make_event(FileStart, (name, filename, content_type, None))
    if name == CHARSET_FIELD:
        return None
    if len(head) <= _MAX_NAME:
        if len(NAMES) >= _MAX_NAMES:
            NAMES.clear()
        NAMES[head] = name
    return name
