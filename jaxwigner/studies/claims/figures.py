"""The overview of the measured claims: how much of each is used up, by paper and theorem, and what is beyond the papers apart.

A line a claim: every case stands at its r = left side/right side, the bar ends at the largest of them, controls are crosses beyond 1,
identities stand at 1. Rates are exponents over the predicted intervals.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxwigner.plot.style import VERDICTS, new_figure
from jaxwigner.studies.claims.claim import AFG, CLAIMS, CONTROL, GP, SHARE, beyond, used
from jaxwigner.studies.claims.diagram_figure import diagram

LINE = 0.185  # inches for each row
FEWEST = 6  # lines that a column has room for at least
LONGEST = 46  # letters of a label
FLOOR, TOP = 1e-3, 30.0  # what is outside stands at the edge
NEARLY = 0.5  # from here on a claim is nearly used up
BEYOND = "beyond the papers"
BARS = {True: "#0072B2", False: "#B5CFE3"}  # nearly used up or not
HEADS = {AFG: "Ambrosio–Friesecke–Giannoulis", GP: "Golse–Paul", BEYOND: BEYOND}


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Name and figure: the overview, and Diagram 1 where it was measured."""
    names = dataset["id"].values.astype(str)
    if np.any(names != "diagram"):
        yield "limits", _overview(dataset.isel(row=names != "diagram"))
    if np.any(names == "diagram"):
        yield "diagram", diagram(dataset)


def _overview(dataset: Any) -> Any:
    """Bounds and identities above, rates below, each in three columns of lines of one height."""
    groups, rates = _grouped(dataset)
    deep = -(-len(rates) // 3)
    columns = [rates[first : first + deep] for first in range(0, len(rates), max(deep, 1))]
    lines = [max(map(len, groups.values())), *[deep] * bool(rates)]
    lines = [max(number, FEWEST) for number in lines]
    heights = [number + 3.5 for number in lines]  # with titles and axes
    figure = new_figure(16.5, LINE * sum(heights) + 0.5)
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    for ax, (name, group) in zip(parts[0].subplots(1, 3), groups.items()):
        _used(ax, dataset, HEADS[name], group)
        _lines(ax, lines[0])
    if columns:
        for ax, column in zip(parts[1].subplots(1, 3), columns):
            _intervals(ax, dataset, column)
            ax.set_xlim(*_exponents(dataset, rates))
            _lines(ax, lines[1])
        parts[1].axes[0].set_title("rates", loc="left")
    figure.legend(handles=_legend(), loc="outside lower center", ncols=8)
    return figure


def _lines(ax: Any, number: int) -> None:
    ax.set_ylim(number - 0.4, -0.6)


def _grouped(dataset: Any) -> tuple[dict[str, dict[str, list[int]]], list[int]]:
    """Rows of bounds and identities by paper and claim, what is beyond the papers apart; and the rows of rates."""
    groups: dict[str, dict[str, list[int]]] = {AFG: {}, GP: {}, BEYOND: {}}
    rates = []
    for row in range(dataset.sizes["row"]):
        name, statement = _text(dataset, "id", row), _text(dataset, "statement", row)
        if _text(dataset, "kind", row) == "rate" and SHARE not in statement:
            rates.append(row)
            continue
        paper = CLAIMS[name].paper if name in CLAIMS else AFG
        group = groups[BEYOND if beyond(statement) else paper]
        group.setdefault(name, []).append(row)
    return groups, rates


def _text(dataset: Any, name: str, row: int) -> str:
    return str(dataset[name].values[row])


def _used(ax: Any, dataset: Any, title: str, lines: dict[str, list[int]]) -> None:
    """A line a claim: its cases at their r."""
    for height, rows in enumerate(lines.values()):
        cases = [row for row in rows if not _is_control(dataset, row)]
        bounds = [_r(dataset, row) for row in cases if _text(dataset, "kind", row) == "inequality"]
        most = max(bounds, default=FLOOR)
        ax.barh(height, most - FLOOR, left=FLOOR, height=0.55, color=BARS[most >= NEARLY], lw=0)
        for row in rows:
            _mark(ax, dataset, row, height)
    ax.axvline(1.0, color="0.3", lw=0.9)
    ax.set_title(title, loc="left")
    ax.set(xscale="log", xlim=(0.8 * FLOOR, 1.25 * TOP), xlabel="r = left side / right side")
    _labels(ax, [_label(name, CLAIMS[name].place if name in CLAIMS else "") for name in lines])


def _mark(ax: Any, dataset: Any, row: int, height: int) -> None:
    """A sign for a row; for one that is bounded from both sides, the interval that its r must lie in."""
    if SHARE in _text(dataset, "statement", row):
        ends = np.maximum(_sides(dataset, row)[1], FLOOR)
        ax.plot(ends, [height - 0.36] * 2, color="black", lw=1.0, marker="|", ms=4)
        return
    x = _r(dataset, row)
    if _is_control(dataset, row):
        ax.plot(x, height, marker="x", color="0.6", ls="", ms=4)
        return
    colour, marker = VERDICTS.get(_text(dataset, "verdict", row), ("black", "s"))
    face = "white" if _text(dataset, "kind", row) == "identity" else colour
    ax.plot(x, height, marker=marker, color=colour, ls="", ms=4.5, mfc=face, mew=0.8)


def _is_control(dataset: Any, row: int) -> bool:
    if "expected" in dataset:
        return _text(dataset, "expected", row) == CONTROL
    return _text(dataset, "statement", row).startswith("control, ")


def _r(dataset: Any, row: int) -> float:
    """r, between the edges; identities, and cases without one, stand at 1, controls without one beyond it."""
    kind = _text(dataset, "kind", row)
    lhs, rhs = _sides(dataset, row)
    r = used(kind, tuple(lhs), tuple(rhs))
    if not _is_control(dataset, row) and (kind == "identity" or r is None):
        return 1.0
    return float(np.clip(TOP if r is None else r, FLOOR, TOP))


def _sides(dataset: Any, row: int) -> tuple[np.ndarray, np.ndarray]:
    lhs, rhs = (
        np.array([float(dataset[f"{side}_{end}"].values[row]) for end in ("lower", "upper")])
        for side in ("lhs", "rhs")
    )
    return lhs, rhs


def _label(name: str, text: str) -> str:
    text = f"{text}  {name}".strip().replace("𝓔", "E")  # a letter that the font has not
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _labels(ax: Any, labels: list[str]) -> None:
    ax.set_yticks(range(len(labels)), labels)
    ax.tick_params(axis="y", length=0, labelsize=7.5)
    ax.grid(True, axis="x", color="0.92", lw=0.6)
    ax.set_axisbelow(True)


def _intervals(ax: Any, dataset: Any, rows: list[int]) -> None:
    """Measured exponents with their intervals, over the predicted ones in grey."""
    for height, row in enumerate(rows):
        colour, marker = VERDICTS.get(_text(dataset, "verdict", row), ("black", "s"))
        colour = "0.6" if _is_control(dataset, row) else colour
        lhs, rhs = _sides(dataset, row)
        ax.barh(height, rhs[1] - rhs[0], left=rhs[0], height=0.75, color="0.85", lw=0)
        ax.plot(lhs, [height, height], color=colour, lw=1.6)
        ax.plot(lhs.mean(), height, marker=marker, color=colour, ls="", ms=4.5, mec="white")
    ax.set_xlabel("exponent (grey: predicted)")
    _labels(ax, [_label(_text(dataset, "id", row), _text(dataset, "case", row)) for row in rows])


def _exponents(dataset: Any, rows: list[int]) -> tuple[float, float]:
    """Where the axes of the rates end."""
    ends = np.concatenate([np.concatenate(_sides(dataset, row)) for row in rows])
    low, high = np.quantile(ends, 0.02), np.quantile(ends, 0.98)
    return max(low - 0.3, -1.0), min(high + 0.3, 6.5)


def _legend() -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    bars = [
        Patch(color=BARS[near], label=f"largest r, {'at least' if near else 'below'} {NEARLY:g}")
        for near in BARS
    ]
    marks = [
        Line2D([], [], ls="", marker=marker, color=colour, ms=4.5, label=name)
        for name, (colour, marker) in VERDICTS.items()
        if name != CONTROL
    ]
    sides = Line2D([], [], ls="", marker="o", color="0.3", mfc="white", ms=4.5, label="identity")
    both = Line2D([], [], color="black", lw=1.0, marker="|", ms=4, label="r, from both sides")
    control = Line2D([], [], ls="", marker="x", color="0.6", label="control")
    return [*bars, *marks, sides, both, control]
