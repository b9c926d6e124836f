"""The worst cases found: measured/bound of the search beside random members and the known suprema, and how the search climbs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxwigner.plot.style import CLASSICAL, CYCLE, QUANTUM, SINGLE, new_figure


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Name and figure."""
    claims = dataset["claim"].values
    figure = new_figure(9.6, max(2.6, 1.8 + 0.38 * claims.size))
    left, right = figure.subplots(1, 2, width_ratios=(1.35, 1.0))
    _cases(left, dataset)
    _climbs(right, dataset)
    for ax, side in ((left, "left"), (right, "right")):
        figure.legend(*ax.get_legend_handles_labels(), loc=f"outside lower {side}", ncols=2)
    yield "worst-case", figure


def _cases(ax: Any, dataset: Any) -> None:
    """One row a claim: all random members, the best of them, the case found, the known supremum."""
    claims = dataset["claim"].values
    rows = np.arange(claims.size)
    for row in rows:
        members = dataset["random"].values[row]
        ax.plot(members, np.full(members.size, row), "|", color="0.75", ms=7, mew=0.5, zorder=1)
    best, found = dataset["random_best"].values, dataset["found"].values
    ax.hlines(rows, best, found, color=QUANTUM, lw=1.0, zorder=2)
    ax.plot(best, rows, "o", color=SINGLE, ms=5, label="best random member", zorder=3)
    ax.plot(found, rows, "D", color=QUANTUM, ms=6, label="search, confirmed", zorder=4)
    sharp = dataset["sharp"].values
    label = "known supremum"
    ax.plot(sharp, rows, "|", color=CLASSICAL, ms=15, mew=1.8, label=label, zorder=3)
    ax.plot([], [], "|", color="0.75", ms=7, label="random members")
    ax.axvline(1.0, color="0.3", lw=0.8, ls="--", zorder=0)
    ax.set_yticks(rows, [f"{name}" for name in claims])
    ax.set(xlim=(0.0, 1.04), ylim=(claims.size - 0.4, -0.6), xlabel="measured / bound")
    ax.tick_params(axis="y", length=0)
    ax.set_title("worst cases, at four times the points", loc="left")


def _climbs(ax: Any, dataset: Any) -> None:
    """Best so far over the iterations, of all starts; the best start is drawn heavier."""
    for number, name in enumerate(dataset["claim"].values):
        history = dataset["history"].values[number]
        history = np.where(np.isfinite(history), history, np.nan)
        colour = CYCLE[number % len(CYCLE)]
        style = "-" if number < len(CYCLE) else "--"
        steps = np.arange(1, history.shape[0] + 1)
        ax.plot(steps, history, color=colour, lw=0.4, alpha=0.35)
        best = int(np.nanargmax(history[-1]))
        ax.plot(steps, history[:, best], color=colour, lw=1.4, ls=style, label=str(name))
    ax.axhline(1.0, color="0.3", lw=0.8, ls="--", zorder=0)
    ax.set(ylim=(0.0, 1.04), xlim=(1, None), xlabel="iteration", ylabel="measured / bound")
    ax.set_title("best so far", loc="left")
