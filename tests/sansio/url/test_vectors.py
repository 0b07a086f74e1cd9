"""The URL vectors of WHATWG, as far as they agree with RFC 3986 and with what is safe.

Results are compared after `normalise`, since WHATWG carries out dot segments and default ports while it
parses.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.vectors import each_of
from toolkit.sansio.errors.base import MalformedURL
from toolkit.sansio.url.model import URL


def read(url: str, base: str | None) -> URL:
    result = URL(base).join(url) if base else URL(url)
    if not result.is_absolute:
        raise MalformedURL(url, "relative")
    return result.normalise()


@each_of("wpt/urltestdata.json")
def test_parse(case: dict[str, Any]) -> None:
    url, base, href = case["input"]["url"], case["input"]["base"], case["expected"].get("href")
    if href is None:
        with pytest.raises(MalformedURL):
            read(url, base)
    else:
        assert read(url, base) == URL(href).normalise()


# The attributes of the DOM's URL that `replace` has, by its name for them.
PARTS = {
    "protocol": "scheme",
    "username": "username",
    "password": "password",
    "hostname": "host",
    "port": "port",
    "pathname": "path",
    "search": "query",
    "hash": "fragment",
}
# What a setter takes besides the part itself.
DECORATIONS = {"protocol": r":\Z", "search": r"\A\?", "hash": r"\A#"}


def assign(url: URL, attribute: str, value: str) -> URL:
    """What the setter would do, by `replace`. A setter ignores what it cannot take, `replace` refuses it."""
    try:
        if attribute == "href":
            return URL(value)
        if attribute == "host":
            alone = URL(f"{url.scheme}://{value}")
            return url.replace(host=alone.host, port=url.port if alone.port is None else alone.port)
        plain: str | int | None = re.sub(DECORATIONS.get(attribute, r"\A\Z"), "", value)
        if attribute == "port":
            plain = (int(value) if re.fullmatch("[0-9]+", value) else value) or None
        return url.replace(**{PARTS[attribute]: plain})  # type: ignore[arg-type]
    except MalformedURL:
        return url


@each_of("wpt/url-setters.json")
def test_replace(case: dict[str, Any]) -> None:
    attribute, href, value = (case["input"][key] for key in ("attribute", "href", "new_value"))
    result = assign(URL(href), attribute, value)
    assert result.normalise() == URL(case["expected"]["href"]).normalise()
