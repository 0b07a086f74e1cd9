"""The URL vectors of WHATWG: each right, refused for a stated reason, or different by a stated rule.

We follow RFC 3986, and WHATWG where a server sees its results. Results are compared after `normalise`, since
WHATWG carries out dot segments and default ports while it parses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.support.vectors import load, params
from toolkit.sansio.errors.base import MalformedURL
from toolkit.sansio.url import URL

if TYPE_CHECKING:
    from collections.abc import Callable


class _Case(NamedTuple):
    url: str
    base: str
    href: str  # empty: WHATWG refuses


def _case(case: dict[str, Any]) -> _Case:
    url, base = case["input"]["url"], case["input"]["base"]
    return _Case(url, base or "", case["expected"].get("href") or "")


# What WHATWG reads and we refuse: the reason we give, and what must be in the input.
REFUSALS: dict[str, Callable[[str], object]] = {
    # browsers delete tabs and newlines, and trim
    "a URL has no controls": re.compile(r"[\x00-\x1f\x7f]").search,
    "a URL has no spaces at its ends": lambda url: url != url.strip(" "),
    "a URL has no lone surrogates": re.compile("[\ud800-\udfff]").search,
    # browsers read it as a slash
    "a backslash is no separator": lambda url: "\\" in url,
    # RFC 3986 section 4.2: path-noscheme
    "a scheme, or './'": lambda url: url.startswith(":"),
    "a scheme is a letter": re.compile(r"[^A-Za-z/?#][^/?#]*:").match,
    # browsers take the last one
    "an authority has one '@'": lambda url: url.count("@") > 1,
    # browsers decode escapes in a host, and let WHATWG's other characters stand
    "a host has letters": re.compile(r"//[^/?#]*[%\"`{}|]").search,
    # browsers read them as addresses
    "an IPv4 address is four": re.compile(r"//.*[0-9０]").search,
    "IDNA 2003 and 2008 disagree": lambda url: not url.isascii(),
    # browsers skip surplus slashes
    "a host is missing": lambda url: url.startswith("///"),
}


# Where both read a URL and read it differently.
DIFFERENCES: dict[str, Callable[[_Case], object]] = {
    "a special scheme without '//': RFC 3986 section 5.2 is strict": lambda case: re.match(
        "(?:https?|wss?|ftp|file):(?!//)", case.url, re.IGNORECASE
    ),
    "file: drive letters, localhost and slashes of an operating system": lambda case: any(
        text.lower().startswith("file:") for text in case
    ),
    "an empty name or password stays": lambda case: re.search("//(?:[^/@]*:)?@", case.url),
    "`'` may stand in a query": lambda case: re.search(r"\?[^#]*'", case.url),
    "an international host of any scheme becomes Punycode": lambda case: (
        not (case.url + case.base).isascii() and re.search("//[^/]*%", case.href)
    ),
    "a base without '/' has a path like any other (RFC 3986 section 5.2.3)": lambda case: re.match(
        "[^:/]+:(?!/)", case.base
    ),
}


def read(case: _Case) -> URL:
    url = URL(case.base).join(case.url) if case.base else URL(case.url)
    if not url.is_absolute:
        raise MalformedURL(case.url, "relative")
    return url.normalise()


def reason_to_refuse(case: _Case) -> str:
    with pytest.raises(MalformedURL) as caught:
        read(case)
    return caught.value.reason


@pytest.mark.parametrize("vector", params("wpt/urltestdata.json"))
def test_parse(vector: dict[str, Any]) -> None:
    case = _case(vector)
    try:
        result = read(case)
    except MalformedURL:
        reason = reason_to_refuse(case)
        known = [rule(case.url) for start, rule in REFUSALS.items() if reason.startswith(start)]
        assert not case.href or any(known), reason
        return
    assert is_same(result, case.href) or any(rule(case) for rule in DIFFERENCES.values()), result


def is_same(result: URL, href: str) -> bool:
    try:
        return result == URL(href).normalise()
    except MalformedURL:
        return False


def test_each_rule_is_needed() -> None:
    cases = load("wpt/urltestdata.json")
    if not cases:
        pytest.skip("shared/vectors is not here")
    assert all(any(rule(_case(case)) for case in cases) for rule in DIFFERENCES.values())
    assert all(any(rule(case["input"]["url"]) for case in cases) for rule in REFUSALS.values())


# A setter of the DOM ignores or cuts what it cannot take; `replace` refuses it.
SETTERS = {
    "protocol": "scheme",
    "username": "username",
    "password": "password",
    "hostname": "host",
    "port": "port",
    "pathname": "path",
    "search": "query",
    "hash": "fragment",
}


def setter_difference(attribute: str, href: str, value: str) -> str | None:
    """Why `replace` gives something else than the setter."""
    if attribute == "protocol":
        return "WHATWG keeps special and other schemes, and URLs with and without a host, apart"
    if href.startswith("file:"):
        return "WHATWG's file URLs have no userinfo and port, and always a path"
    if attribute in {"username", "password"} and "%" in value:
        return "a name and a password are plain text: '%' is a percent sign"
    if attribute == "hostname" and value == "":
        return "no host takes the '//' away"
    if attribute == "pathname" and not re.match("[^/]+://", href):
        return "a path is given whole, with or without its '/'"
    if attribute in {"search", "hash"} and value in {"?", "#"}:
        return "an empty text takes the part away"
    if re.search("[\x00-\x1f]", value):
        return "controls are encoded, none is deleted"
    return None


@pytest.mark.parametrize("case", params("wpt/url-setters.json"))
def test_replace(case: dict[str, Any]) -> None:
    attribute, href, value = (case["input"][key] for key in ("attribute", "href", "new_value"))
    if attribute not in SETTERS:
        pytest.skip("`host` is `host` and `port` here; `href` is a new URL")
    plain: str | int | None = value
    if attribute == "protocol":
        plain = value.removesuffix(":")
    elif attribute == "search":
        plain = value.removeprefix("?")
    elif attribute == "hash":
        plain = value.removeprefix("#")
    elif attribute == "port":
        plain = (int(value) if re.fullmatch("[0-9]+", value) else value) or None
    try:
        result = URL(href).replace(**{SETTERS[attribute]: plain})  # type: ignore[arg-type]
    except MalformedURL:
        return
    if not is_same(result.normalise(), case["expected"]["href"]):
        assert setter_difference(attribute, href, value), result
