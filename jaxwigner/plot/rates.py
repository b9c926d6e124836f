"""Errors against a small parameter on logarithmic axes, with the exponents that were fitted."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner.plot.style import CYCLE, MARKERS, axes_or_new


def rates(
    scale: Any,
    errors: dict[str, Any],
    *,
    slopes: dict[str, tuple[float, float, float]] | None = None,
    ax: Any = None,
    labels: tuple[str, str] = (r"$\hbar$", "error"),
    title: str | None = None,
) -> Any:
    """Errors over a small parameter, log–log, with a line of the fitted slope through each.

    **Arguments:** `errors`: series by name; `slopes`: for some names (slope, lower, upper), as `theorems.fitted_rate` finds them.

    **Returns:** the axes.

    >>> import numpy as np
    >>> from jaxwigner import plot
    >>> hbar = np.array([0.1, 0.05, 0.02])
    >>> ax = plot.rates(hbar, {"mean": hbar**2}, slopes={"mean": (2.0, 1.9, 2.1)})
    >>> ax.get_legend_handles_labels()[1]
    ['mean: 2.00 (1.90, 2.10)']
    """
    ax = axes_or_new(ax)
    scale = np.asarray(scale, float)
    for number, (name, values) in enumerate(errors.items()):
        values = np.asarray(values, float)
        colour, marker = CYCLE[number % len(CYCLE)], MARKERS[number % len(MARKERS)]
        label = name
        if slopes and name in slopes:
            slope, low, high = slopes[name]
            label = f"{name}: {slope:.2f} ({low:.2f}, {high:.2f})"
            _line(ax, scale, values, slope, colour)
        ax.plot(
            scale, values, ls="", marker=marker, color=colour, label=label, mec="white", mew=0.6
        )
    ax.set(xscale="log", yscale="log", xlabel=labels[0], ylabel=labels[1], title=title)
    ax.grid(True, which="major", color="0.9", lw=0.6)
    ax.set_axisbelow(True)
    ax.legend(title="fitted exponent (95 %)" if slopes else None, alignment="left")
    return ax


def _line(ax: Any, scale: np.ndarray, values: np.ndarray, slope: float, colour: str) -> None:
    """The straight line of that slope through the centre of the points."""
    good = values > 0
    x, y = np.log(scale[good]), np.log(values[good])
    ends = np.array([x.min(), x.max()])
    height = y.mean() + slope * (ends - x.mean())
    ax.plot(np.exp(ends), np.exp(height), color=colour, lw=0.9, alpha=0.7, zorder=1)
