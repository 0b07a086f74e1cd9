"""The reference: each rule is a regular expression, all are tried, and the written precedence is applied.

Slow and obvious, and nothing of the router is in it; of a `Rule`, what was written down is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.sansio.routing.rules import Rule

Segments: TypeAlias = "list[list[tuple[str, str, str]]]"
"""Of each segment the parts: a variable's converter and name, or a literal."""

Fit: TypeAlias = "tuple[tuple[object, ...], bool, int | None, Rule[int], dict[str, object]]"
"""Where a rule stands, whether the slash differs, how well it takes the method, the rule, its values."""

PART = re.compile("<(?:([^<>:]+):)?([^<>]+)>|([^<]+)")
MANY = float("inf")


def inside(text: str) -> str:
    """The value of a `path`."""
    if text[0] in "/\0" or {".", ".."} & set(re.split("[/\0]", text)):
        raise ValueError
    return text.replace("\0", "/")


# converter: its texts, where "\0" is a slash that separates; its values; may it hold slashes, how many texts,
# of how many characters, how long, how short, its name
KINDS: dict[str, tuple[str, Callable[[str], object], tuple[object, ...]]] = {
    "any(a, b)": ("[ab]", str, (0, 2, 2, 1, -1, "any('a', 'b')")),
    "int": ("[0-9]{1,18}", int, (0, 10**18, 10, 18, -1, "int()")),
    "slug": ("[A-Za-z0-9_-]+", str, (0, MANY, 64, MANY, -1, "slug()")),
    "string(length=2)": ("[^\0]{2}", str, (0, MANY, MANY, 2, -2, "string(length=2)")),
    "": ("[^\0]+", str, (0, MANY, MANY, MANY, -1, "string()")),
    "path": (".+", inside, (1, MANY, MANY, MANY, -1, "path()")),
}


def parts(text: str, separator: str) -> Segments:
    return [PART.findall(segment) for segment in text.split(separator)]


def read(segments: Segments, text: str) -> dict[str, object] | None:
    """The values of the variables; the leftmost is the longest, as in every regular expression."""
    expression = ""
    kinds: dict[str, Callable[[str], object]] = {}
    for segment in segments:
        expression += "\0"
        for kind, name, literal in segment:
            expression += re.escape(unquote(literal)) or f"(?P<{name}>{KINDS[kind][0]})"
            kinds |= {name: KINDS[kind][1]} if name else {}
    found = re.fullmatch(expression, text, re.DOTALL)
    try:
        return found and {name: value(found[name]) for name, value in kinds.items()}
    except ValueError:
        return None


def order(segments: Segments) -> list[list[tuple[object, ...]]]:
    return [
        [
            (1, *KINDS[kind][2]) if name else (0, -len(unquote(literal)), unquote(literal))
            for kind, name, literal in segment
        ]
        + [(9,)]
        for segment in segments
    ] + [[(9,), (9,)]]


def place(rule: Rule[int]) -> tuple[object, ...]:
    """Rules with one pattern but for the slash stand at one place, unless a `path` takes the rest."""
    path = parts(rule.path, "/")[1:]
    across = any(kind == "path" for segment in path for kind, _, _ in segment)
    return (
        rule.host is None,
        order(parts(rule.host or "", ".")),
        order(path if path[-1] or across else path[:-1]),
    )


def takes(rule: Rule[int], method: str) -> int | None:
    """How well: 0 by name, 1 as HEAD of GET, 2 as any; None: not."""
    if rule.methods is None or method in rule.methods:
        return 2 if rule.methods is None else 0
    return 1 if method == "HEAD" and "GET" in rule.methods else None


def resolve(  # noqa: C901  # a list of cases reads best from top to bottom
    rules: list[Rule[int]], path: str, method: str, host: str | None, *, websocket: bool, merge: bool = True
) -> tuple[object, ...]:
    segments = [unquote(segment, errors="strict") for segment in path.split("/")[1:]]
    if {".", ".."} & set(segments):
        return ("404",)
    slash = segments[-1] == ""
    turned = segments[:-1] if slash else [*segments, ""]
    sole = slash and turned[-1:] in ([], [""])  # the root, and two slashes at the end, have one spelling
    fits: list[Fit] = []
    redirects = False
    for rule in rules:
        if rule.websocket != websocket or (rule.host is not None and host is None):
            continue
        of_host = {} if rule.host is None else read(parts(rule.host, "."), f".{host}".replace(".", "\0"))
        found = read(parts(rule.path, "/")[1:], "\0" + "\0".join(segments))
        differs = found is None and not sole and rule.slashes != "strict"
        if differs:
            found = read(parts(rule.path, "/")[1:], "\0" + "\0".join(turned))
        if of_host is None or found is None:
            continue
        well = takes(rule, method)
        if differs and rule.slashes == "redirect":
            redirects = redirects or well is not None
        else:
            fits.append((place(rule), differs, well, rule, of_host | found))
    able = [one for one in fits if one[2] is not None]
    if able:
        *_, rule, values = min(able, key=lambda one: one[:3])
        return ("match", rule.endpoint, values)
    if redirects:
        return ("redirect", quoted(turned))
    if merge and "" in segments[:-1]:
        merged = quoted([*filter(None, segments[:-1]), segments[-1]])
        result = resolve(rules, merged, method, host, websocket=websocket, merge=False)
        if result[0] in {"match", "redirect"}:
            return result if result[0] == "redirect" else ("redirect", merged)
    methods = {method for one in fits for method in one[3].methods or ()}
    methods |= {"HEAD"} if "GET" in methods else set()
    return ("405", tuple(sorted(methods | {"OPTIONS"}))) if fits else ("404",)


def quoted(segments: list[str]) -> str:
    return "".join("/" + quote(segment, safe="!$&'()*+,;=:@") for segment in segments)
