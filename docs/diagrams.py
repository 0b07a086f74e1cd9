"""Draws the state tables of the core as SVG: `python docs/diagrams.py` writes them beside their pages.

States stand one below the other in the order of their enumeration; steps forward run on the right, a state's
step to itself and the way to the end that an abort takes on the left.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from toolkit.sansio.exchange.states import REQUEST_STEPS, RESPONSE_STEPS
from toolkit.sansio.websocket import SESSION_STEPS

if TYPE_CHECKING:
    from collections.abc import Mapping

State = TypeVar("State", bound=Enum)
Step = TypeVar("Step", bound=Enum)

HERE = Path(__file__).parent / "explanation"
BOX, GAP, LEFT, TOP = (130, 34), 40, 180, 50
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2933 }
.step { font-size: 11px; fill: #52606d; paint-order: stroke; stroke: #fff; stroke-width: 3px }
rect { fill: #f5f7fa; stroke: #52606d; rx: 6 }
path { fill: none; stroke: #829ab1; marker-end: url(#head) }
#head path { fill: #829ab1; stroke: none; marker-end: none }
"""


def draw(title: str, table: Mapping[State, Mapping[Step, State]]) -> str:
    """One table as an SVG document."""
    states = list(table)
    rows = {state: TOP + index * (BOX[1] + GAP) for index, state in enumerate(states)}
    arrows: dict[tuple[State, State], list[str]] = {}
    for state, row in table.items():
        for step, target in row.items():
            arrows.setdefault((state, target), []).append(str(step.value))
    body = [f'<text x="{LEFT}" y="24" font-weight="bold">{title}</text>']
    for state, top in rows.items():
        body.append(f'<rect x="{LEFT}" y="{top}" width="{BOX[0]}" height="{BOX[1]}"/>')
        body.append(f'<text x="{LEFT + BOX[0] / 2}" y="{top + 22}" text-anchor="middle">{state.value}</text>')
    for (state, target), steps in arrows.items():
        body += _arrow(rows[state], rows[target], ", ".join(steps), abort=steps == ["abort"])
    height = TOP + len(states) * (BOX[1] + GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 520 {height}" width="520" height="{height}">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n"
        '<marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto">'
        '<path d="M0 0 8 4 0 8z"/></marker>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _arrow(start: int, end: int, label: str, *, abort: bool) -> list[str]:
    """One arrow with its label, as elements."""
    middle = BOX[1] // 2
    side = LEFT if abort or start == end else LEFT + BOX[0]
    away = -1 if side == LEFT else 1
    if start == end:
        path = f"M{side} {start + 8} h-26 v18 h26"
        x, y = side - 30.0, start + 21.0
    else:
        reach = 30 + (end - start) * 0.45
        x = side + away * reach * 0.76
        y = (start + end) / 2 + middle
        bend = side + away * reach
        path = (
            f"M{side} {start + middle} C{bend} {start + middle} {bend} {end + middle} {side} {end + middle}"
        )
        if abort:
            return [f'<path d="{path}" stroke-dasharray="3 3"/>']
    anchor = "end" if away < 0 else "start"
    return [
        f'<path d="{path}"/>',
        f'<text class="step" x="{x}" y="{y}" text-anchor="{anchor}">{label}</text>',
    ]


DIAGRAMS = {
    "request-states.svg": draw("A request", REQUEST_STEPS),
    "response-states.svg": draw("A response", RESPONSE_STEPS),
    "session-states.svg": draw("A WebSocket session", SESSION_STEPS),
}


if __name__ == "__main__":
    for name, text in DIAGRAMS.items():
        (HERE / name).write_text(text, encoding="utf-8")
