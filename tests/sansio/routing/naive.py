"""The reference: every rule is tried on its own, and the written precedence is applied to those that fit.

Slow and obvious. Rules come as trees of plain tuples (see `strategies.py`): a segment is a list of parts, a
part is a literal `("lit", text)` or a variable `("var", name, converter)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote

LETTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
DIGITS = set("0123456789")
# converter: (may hold slashes, how many texts, how many characters, longest, -shortest, its text)
WIDTH = {
    "any": (0, 2, 2, 1, -1, "any('a', 'b')"),
    "int": (0, 10**18, 10, 18, -1, "int()"),
    "slug": (0, 9e99, 64, 9e99, -1, "slug()"),
    "two": (0, 9e99, 9e99, 2, -2, "string(length=2)"),
    "string": (0, 9e99, 9e99, 9e99, -1, "string()"),
    "path": (1, 9e99, 9e99, 9e99, -1, "path()"),
}


@dataclass
class NaiveRule:
    number: int
    segments: list[list[tuple[str, ...]]]
    slash: bool
    methods: frozenset[str] | None
    slashes: str
    host: list[list[tuple[str, ...]]] | None = None
    websocket: bool = False
    text: str = field(default="", compare=False)


def inside(kind: str, text: str) -> bool:
    """Whether the text belongs to the converter's domain; a separating slash is "\\0"."""
    if not text or ("\0" in text and kind != "path"):
        return False
    if kind == "any":
        return text in set("ab")
    if kind == "int":
        return set(text) <= DIGITS and len(text) <= 18
    if kind == "slug":
        return set(text) <= LETTERS
    return len(text) == 2 if kind == "two" else True


def value(kind: str, text: str) -> object:
    if kind == "int":
        return int(text)
    if kind == "path":
        text = text.replace("\0", "/")
        if text.startswith("/") or {".", ".."} & set(text.split("/")):
            raise ValueError
    return text


def fit(parts: list[tuple[str, ...]], text: str) -> list[tuple[str, str, str]] | None:
    """The first split of `text`, leftmost longest, that the domains allow."""
    if not parts:
        return [] if not text else None
    if parts[0][0] == "lit":
        literal = parts[0][1]
        return fit(parts[1:], text[len(literal) :]) if text.startswith(literal) else None
    _, name, kind = parts[0]
    for end in range(len(text), 0, -1):
        if inside(kind, text[:end]) and (rest := fit(parts[1:], text[end:])) is not None:
            return [(name, kind, text[:end]), *rest]
    return None


def read(rule: NaiveRule, segments: list[str], slash: bool) -> dict[str, object] | None:
    """The parameters of a path in this spelling."""
    if not rule.segments or not segments:  # "/" has one spelling
        return {} if not rule.segments and not segments else None
    parts: list[tuple[str, ...]] = []
    for segment in rule.segments:
        parts += [("lit", "\0"), *segment]
    parts += [("lit", "\0")] if rule.slash else []
    found = fit(parts, "".join("\0" + segment for segment in segments) + ("\0" if slash else ""))
    try:
        return None if found is None else {name: value(kind, text) for name, kind, text in found}
    except ValueError:
        return None


def order(rule: NaiveRule) -> list[object]:
    keys: list[object] = []
    for segments in (rule.host, [*rule.segments, *([[]] if rule.slash else [])]):
        if segments is None:
            keys.append([9, 9])
            continue
        keys.append(
            [
                [
                    (0, -len(part[1]), part[1]) if part[0] == "lit" else (1, *WIDTH[part[2]])
                    for part in segment
                ]
                + [(9,)]
                for segment in segments
            ]
            + [[(9,), (9,)]]
        )
    keys[0] = (rule.host is None, keys[0] if rule.host is not None else [])
    return keys


def takes(rule: NaiveRule, method: str) -> int | None:
    """How well: 0 by name, 1 as HEAD of GET, 2 as any; None: not."""
    if rule.methods is None:
        return 2
    if method in rule.methods:
        return 0
    return 1 if method == "HEAD" and "GET" in rule.methods else None


def resolve(  # noqa: C901, PLR0912  # one long list of cases reads best from top to bottom
    rules: list[NaiveRule], path: str, method: str, host: str | None, *, websocket: bool, merge: bool = True
) -> tuple[object, ...]:
    raw = path.split("/")[1:]
    segments = [unquote(segment, errors="strict") for segment in raw]
    if {".", ".."} & set(segments):
        return ("404",)
    slash = segments[-1] == ""
    segments = segments[:-1] if slash else segments
    # order, whether the slash differs, how well, rule, params
    fitting: list[tuple[list[object], bool, int | None, NaiveRule, dict[str, object]]] = []
    redirects: list[NaiveRule] = []
    for rule in rules:
        if rule.websocket != websocket or (rule.host is not None and host is None):
            continue
        names: dict[str, object] = {}
        if rule.host is not None:
            assert host is not None
            labels = host.split(".")
            hosts = [fit(label, text) for label, text in zip(rule.host, labels, strict=False)]
            if len(rule.host) != len(labels) or None in hosts:
                continue
            names = {name: value(kind, text) for found in hosts for name, kind, text in found or []}
        well = takes(rule, method)
        for differs in (False, True):
            if differs and (not segments or not segments[-1]):  # "/", and two slashes at the end
                continue
            params = read(rule, segments, slash != differs)
            if params is None or (differs and rule.slashes == "strict"):
                continue
            if differs and rule.slashes == "redirect":
                if well is not None:
                    redirects.append(rule)
            else:
                fitting.append((order(rule), differs, well, rule, {**names, **params}))
            break
    # Rules with one pattern but for the slash stand at one place: the written spelling first.
    able = [one for one in fitting if one[2] is not None]
    if able:
        best = min(able, key=lambda one: (place(one[3]), one[1], one[2]))
        return ("match", best[3].number, best[4])
    if redirects:
        return ("redirect", quoted(segments) + ("" if slash else "/"))
    if merge and "" in segments:
        kept = [segment for segment in segments if segment]
        merged = quoted(kept) + ("/" if slash or not kept else "")
        result = resolve(rules, merged, method, host, websocket=websocket, merge=False)
        if result[0] == "redirect":
            return result
        if result[0] == "match":
            return ("redirect", merged)
    if fitting:
        methods = {method for one in fitting for method in one[3].methods or ()}
        return ("405", tuple(sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set()))))
    return ("404",)


def place(rule: NaiveRule) -> list[object]:
    """The order without the slash at the end, which does not decide between a path's two spellings.

    Where a variable with slashes takes the rest, the slash is one more literal, as everywhere else.
    """
    if any(part[0] == "var" and part[2] == "path" for segment in rule.segments for part in segment):
        return order(rule)
    return order(NaiveRule(rule.number, rule.segments, slash=False, methods=None, slashes="", host=rule.host))


def quoted(segments: list[str]) -> str:
    safe = LETTERS | set(".~!$&'()*+,;=:@")
    return "".join(
        "/" + "".join(c if c in safe else "".join(f"%{o:02X}" for o in c.encode()) for c in segment)
        for segment in segments
    )
