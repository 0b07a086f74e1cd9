"""Draws the saved results of a suite as one SVG: the time of each contender relative to ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt

from benchmarks.harness import OURS

if TYPE_CHECKING:
    from pathlib import Path


def draw(results: Path) -> Path:
    """Draw the JSON file that `Report.save` wrote; the path of the SVG is returned."""
    data = json.loads(results.read_text("utf-8"))
    scenarios: dict[str, list[tuple[str, float]]] = {}
    for row in data["rows"]:
        scenarios.setdefault(row["scenario"], []).append((row["contender"], row["ratio"]))
    bars = sum(len(rows) + 1 for rows in scenarios.values())
    figure, axes = plt.subplots(figsize=(8, 0.8 + 0.22 * bars), layout="constrained")
    position, ticks, labels = 0, [], []
    for scenario, rows in scenarios.items():
        axes.text(0, -position, f"{scenario} ", ha="right", va="center", fontweight="bold", fontsize=8,
                  transform=axes.get_yaxis_transform())  # fmt: skip
        position += 1
        for contender, ratio in sorted(rows, key=lambda row: row[1]):
            axes.barh(-position, ratio, color="tab:green" if contender == OURS else "tab:gray")
            axes.text(ratio, -position, f" {ratio:.2f}", va="center", fontsize=7)
            ticks.append(-position)
            labels.append(contender)
            position += 1
    axes.axvline(1, color="tab:green", linewidth=0.8)
    axes.set_yticks(ticks, labels, fontsize=7)
    axes.set_xscale("log")
    axes.set_xlabel("time relative to toolkit (right of the line: slower)")
    axes.set_title(f"{data['suite']} on CPython {data['python']}")
    path = results.with_suffix(".svg")
    mpl.rcParams["svg.hashsalt"] = "toolkit"
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    return path
