"""The overview of the measured claims: how far each left side is from its right side, and the rates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxwigner.plot.style import VERDICTS, new_figure
from jaxwigner.studies.claims.diagram_figure import diagram

LINE = 0.185  # inches for each row
LONGEST = 48  # letters of a label
TALLEST = 90  # rows of a panel
FLOOR = 1e-4  # ratios below are drawn at the edge


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Name and figure: the overview, and Diagram 1 where it was measured."""
    names = dataset["id"].values.astype(str)
    if np.any(names != "diagram"):
        yield "limits", _overview(dataset.isel(row=names != "diagram"))
    if np.any(names == "diagram"):
        yield "diagram", diagram(dataset)


def _overview(dataset: Any) -> Any:
    kinds = dataset["kind"].values.astype(str)
    measured = np.nonzero(kinds != "rate")[0]
    rated = np.nonzero(kinds == "rate")[0]
    columns = max(1, -(-measured.size // TALLEST))
    parts = np.array_split(measured, columns)
    most = max(*(part.size for part in parts), rated.size, 3)
    figure = new_figure(5.4 * (columns + 1) + 1.5, LINE * most + 1.5)
    axes = figure.subplots(1, columns + 1, squeeze=False)[0]
    highest = max([2.0, *(_ratio(*_sides(dataset, row))[1] for row in measured)])
    for ax, part in zip(axes, parts):
        _ratios(ax, dataset, part, highest)
    axes[0].set_title("inequalities and identities", loc="left")
    _intervals(axes[-1], dataset, rated)
    for ax, rows in zip(axes, [*parts, rated]):
        ax.set_ylim(most - 0.3, -0.7)
        ax.set_yticks(range(rows.size), [_label(dataset, int(row)) for row in rows])
        ax.tick_params(axis="y", length=0, labelsize=7.5)
        ax.grid(True, axis="both", color="0.92", lw=0.6)
        ax.set_axisbelow(True)
    figure.legend(handles=_legend(dataset), loc="outside lower center", ncols=5)
    return figure


def _label(dataset: Any, row: int | np.integer) -> str:
    text = f"{dataset['id'].values[row]}  {dataset['case'].values[row]}"
    text = text.replace("𝓔", "E")  # a letter that the font has not
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _style(dataset: Any, row: int | np.integer) -> tuple[str, str]:
    return VERDICTS.get(str(dataset["verdict"].values[row]), ("black", "s"))


def _sides(dataset: Any, row: int | np.integer) -> tuple[np.ndarray, np.ndarray]:
    lhs, rhs = (
        np.array([float(dataset[f"{side}_{end}"].values[row]) for end in ("lower", "upper")])
        for side in ("lhs", "rhs")
    )
    return lhs, rhs


def _ratios(ax: Any, dataset: Any, rows: np.ndarray, highest: float) -> None:
    """lhs/rhs with its interval; an identity with right side 0 is its left side."""
    for height, row in enumerate(rows):
        colour, marker = _style(dataset, row)
        low, high = _ratio(*_sides(dataset, row))
        ax.plot([low, high], [height, height], color=colour, lw=2.2, alpha=0.45)
        ax.plot(high, height, marker=marker, color=colour, ls="", mec="white", mew=0.5)
    ax.axvline(1.0, color="0.3", lw=0.9)
    ax.set(
        xscale="log",
        xlim=(0.6 * FLOOR, 2 * highest),
        xlabel=f"left side / right side (what is below {FLOOR:g} stands there)",
    )


def _ratio(lhs: np.ndarray, rhs: np.ndarray) -> tuple[float, float]:
    scale = rhs.mean() if abs(rhs.mean()) > 0 else 1.0
    # Where both sides are negative the quotient turns the inequality round.
    low, high = np.sort(lhs / scale if scale > 0 else scale / np.where(lhs == 0, scale, lhs))
    return max(float(low), FLOOR), min(max(float(high), FLOOR), 1e4)


def _intervals(ax: Any, dataset: Any, rows: np.ndarray) -> None:
    """Measured exponents with their intervals, over the predicted ones in grey."""
    for height, row in enumerate(rows):
        colour, marker = _style(dataset, row)
        lhs, rhs = _sides(dataset, row)
        ax.barh(height, rhs[1] - rhs[0], left=rhs[0], height=0.75, color="0.85", lw=0)
        ax.plot(lhs, [height, height], color=colour, lw=1.6)
        ax.plot(lhs.mean(), height, marker=marker, color=colour, ls="", mec="white", mew=0.5)
    if rows.size:
        ends = np.concatenate([np.concatenate(_sides(dataset, row)) for row in rows])
        low, high = np.quantile(ends, 0.02), np.quantile(ends, 0.98)
        ax.set_xlim(max(low - 0.3, -1.0), min(high + 0.3, 6.0))
    ax.set_xlabel("exponent (grey: predicted)")
    ax.set_title("rates", loc="left")


def _legend(dataset: Any) -> list[Any]:
    from matplotlib.lines import Line2D

    seen = set(dataset["verdict"].values.astype(str))
    return [
        Line2D([], [], ls="", marker=marker, color=colour, label=name)
        for name, (colour, marker) in VERDICTS.items()
        if name in seen
    ]
