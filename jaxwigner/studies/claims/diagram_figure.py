"""Golse–Paul's Diagram 1 as measured: the square with a rate and measured/bound on every arrow, the series, and two surfaces."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner.plot.style import CLASSICAL, CYCLE, MARKERS, POSITIVE, QUANTUM, frame, new_figure

CORNERS = {
    "N-body Schrödinger": (0.0, 1.0),
    "Hartree": (1.0, 1.0),
    "N-body Liouville": (0.0, 0.0),
    "Vlasov": (1.0, 0.0),
}
ARROWS = {  # from where to where, where the label stands, and how it is aligned
    "top": ("N-body Schrödinger", "Hartree", 0.5, 1.12, "center", "bottom"),
    "right": ("Hartree", "Vlasov", 1.03, 0.5, "left", "center"),
    "left": ("N-body Schrödinger", "N-body Liouville", -0.03, 0.5, "right", "center"),
    "bottom": ("N-body Liouville", "Vlasov", 0.5, -0.12, "center", "top"),
    "diagonal": ("N-body Schrödinger", "Vlasov", 0.5, 0.5, "center", "center"),
}
LETTERS = {
    "E_ħ(f, R¹_N)²": r"$E_\hbar(f, R^1_N)^2$",
    "E_ħ(f, R)²": r"$E_\hbar(f, R)^2$",
    "E_ħ(F_2, R_2)²/2": r"$\frac{1}{2} E_\hbar(F_2, R_2)^2$",
    "E_ħ(F_N, R_N)²/N": r"$\frac{1}{N} E_\hbar(F_N, R_N)^2$",
    "‖R¹_N − R‖₁": r"$\|R^1_N - R\|_1$",
    "dist(W̃[R¹_N], W̃[R])": r"dist$(\tilde W[R^1_N], \tilde W[R])$",
    "dist(F¹_N, f)": r"dist$(F^1_N, f)$",
    "dist(F¹_N, f)²": r"dist$(F^1_N, f)^2$",
}


def diagram(dataset: Any) -> Any:
    """The figure, from the rows with the id «diagram» of a result of `jaxwigner limits`."""
    arrows = _arrows(dataset)
    figure = new_figure(15.5, 9.2)
    above, below = figure.subfigures(2, 1, height_ratios=(1.15, 1.0))
    left, right = above.subplots(1, 2, width_ratios=(2.1, 1.0))
    _square(left, arrows)
    _surface(above, right, dataset, "spread", "spread data, $V$ quadratic")
    panels = below.subplots(1, 4)
    _series(panels[0], arrows, ("right", "left", "diagonal"), r"$\hbar$")
    _series(panels[1], arrows, ("top", "bottom"), r"$1/N$")
    _rulers(panels[2], dataset)
    _surface(below, panels[3], dataset, "coherent", r"coherent data, $V = e^{-x^2/2}$")
    return figure


def _arrows(dataset: Any) -> list[dict[str, Any]]:
    """For every arrow its name, label, exponent with interval, and series."""
    found = []
    for number in range(dataset.sizes["row"]):
        key = f"series_{number}_measured"
        if str(dataset["id"].values[number]) != "diagram" or key not in dataset:
            continue
        case, statement = (str(dataset[name].values[number]) for name in ("case", "statement"))
        name, _, note = case.partition(": ")
        found.append(
            {
                "name": name,
                "note": note,
                "label": statement.partition(": ")[2],
                "claim": statement.partition(": ")[0],
                "rate": [float(dataset[f"lhs_{end}"].values[number]) for end in ("lower", "upper")],
                **{
                    s: dataset[f"series_{number}_{s}"].values
                    for s in ("scales", "measured", "bounds")
                },
            }
        )
    return found


def _square(ax: Any, arrows: list[dict[str, Any]]) -> None:
    for name, (x, y) in CORNERS.items():
        box = {"boxstyle": "round,pad=0.5", "fc": "0.95", "ec": "0.4", "lw": 0.8}
        ax.text(x, y, name, ha="center", va="center", bbox=box, fontsize=10.5)
    for side, (first, last, x, y, ha, va) in ARROWS.items():
        flat = CORNERS[first][1] == CORNERS[last][1]
        gap = 72 if flat else 30
        pattern = {"arrowstyle": "-|>", "color": "0.25", "lw": 1.3, "shrinkA": gap, "shrinkB": gap}
        ax.annotate("", CORNERS[last], CORNERS[first], arrowprops=pattern)
        lines = [_words(arrow) for arrow in arrows if arrow["name"] == side]
        paper = {"fc": "white", "ec": "none", "pad": 1.5}
        ax.text(x, y, "\n".join(lines), ha=ha, va=va, fontsize=8, linespacing=1.4, bbox=paper)
    ax.text(0.5, 0.96, r"$N \to \infty$", ha="center", va="top", color="0.4")
    ax.text(0.03, 0.22, r"$\hbar \to 0$", ha="left", color="0.4")
    ax.set(xlim=(-0.72, 1.55), ylim=(-0.38, 1.5))
    ax.axis("off")
    ax.set_title("measured exponent (95 %) and measured/bound on every arrow", loc="left")


def _words(arrow: dict[str, Any]) -> str:
    low, high = arrow["rate"]
    ratio = arrow["measured"] / arrow["bounds"]
    where = f" ({arrow['note']})" if arrow["note"] else ""
    rate = f"exponent {0.5 * (low + high):.2f} ± {max(0.5 * (high - low), 0.005):.2f}"
    share = f"{ratio.min():.1g} to {ratio.max():.1g}"
    if f"{ratio.min():.1g}" == f"{ratio.max():.1g}":
        share = f"{ratio.max():.1g}"
    return f"{_name(arrow)}{where}\n{rate}, {share} of the bound"


def _name(arrow: dict[str, Any]) -> str:
    plain = arrow["label"].partition(" = O")[0]
    return LETTERS.get(plain, plain)


def _series(ax: Any, arrows: list[dict[str, Any]], sides: tuple[str, ...], label: str) -> None:
    """Measured values as points, bounds as dashed lines of the same colour."""
    shown = [arrow for arrow in arrows if arrow["name"] in sides]
    for i, arrow in enumerate(shown):
        colour, marker = CYCLE[i % len(CYCLE)], MARKERS[i % len(MARKERS)]
        order = np.argsort(arrow["scales"])
        x = arrow["scales"][order]
        name = _name(arrow) + (f", {arrow['note']}" if arrow["note"] else "")
        ax.plot(x, arrow["measured"][order], color=colour, marker=marker, lw=0.8, label=name)
        ax.plot(x, arrow["bounds"][order], color=colour, ls="--", lw=0.9)
    ax.plot([], [], color="0.4", ls="--", lw=0.9, label="bound")
    ax.set(xscale="log", yscale="log", xlabel=label)
    ax.grid(True, which="major", color="0.92", lw=0.6)
    ax.set_axisbelow(True)
    ax.legend(fontsize=7, loc="upper left", bbox_to_anchor=(0.0, -0.17), borderaxespad=0.0)


def _rulers(ax: Any, dataset: Any) -> None:
    """The upper arrow at one N over ħ: the trace norm between its bounds, Husimi functions and MK_ħ with theirs."""
    found = [str(key) for key in dataset if str(key).endswith("_rulers_hbar")]
    if not found:
        ax.axis("off")
        return
    stem = found[0].removesuffix("hbar")
    x = dataset[stem + "hbar"].values
    series = {key[len(stem) :]: dataset[key].values for key in map(str, dataset) if stem in key}
    ends = series["norm_below"], series["norm_above"]
    ax.fill_between(x, *ends, color="0.6", alpha=0.6, lw=0, label=r"$\|R^1_N - R\|_1$")
    lines = {
        "mk": (QUANTUM, r"$MK_\hbar(R, R^1_N)$"),
        "excess": ("#009E73", r"$|MK_\hbar(R, R^1_N)^2 - MK_\hbar(R, R)^2|$"),
        "husimi": (CLASSICAL, LETTERS["dist(W̃[R¹_N], W̃[R])"]),
    }
    for key, (colour, label) in lines.items():
        ax.plot(x, series[key], color=colour, lw=1.2, label=label)
        if f"{key}_bound" in series:
            ax.plot(x, series[f"{key}_bound"], color=colour, ls="--", lw=0.9)
    ax.plot([], [], color="0.4", ls="--", lw=0.9, label="bound")
    ax.set(xscale="log", yscale="log", xlabel=r"$\hbar$", ylim=(3e-5, 5.0))
    ax.set_title(r"upper arrow, $N = 1000$, $V = -\frac{1}{4}x^2$", loc="left")
    ax.grid(True, which="major", color="0.92", lw=0.6)
    ax.set_axisbelow(True)
    ax.legend(fontsize=7, loc="upper left", bbox_to_anchor=(0.0, -0.17), borderaxespad=0.0)


def _surface(figure: Any, ax: Any, dataset: Any, kind: str, title: str) -> None:
    """log₁₀ E_ħ² over N and ħ with its level lines."""
    keys = [key for key in dataset if str(key).endswith(f"_{kind}_cost")]
    if not keys:
        ax.axis("off")
        return
    stem = str(keys[0]).removesuffix("cost")
    hbar, number, cost = (dataset[stem + name].values for name in ("hbar", "N", "cost"))
    order = np.argsort(hbar)
    values = np.log10(cost[order])
    ends = np.floor(values.min() * 4) / 4, np.ceil(values.max() * 4) / 4
    levels = np.linspace(*ends, max(round((ends[1] - ends[0]) * 4), 4) + 1)
    filled = ax.contourf(number, hbar[order], values, levels=levels, cmap=POSITIVE)
    lines = ax.contour(number, hbar[order], values, levels=levels, colors="0.3", linewidths=0.5)
    ax.clabel(lines, fmt="%.2f", fontsize=6.5)
    ax.set(xscale="log", yscale="log", xlabel=r"$N$", ylabel=r"$\hbar$")
    ax.set_title(r"$\log_{10} E_\hbar^2$" + f", {title}", loc="left")
    frame(ax)
    figure.colorbar(filled, ax=ax, shrink=0.85)
