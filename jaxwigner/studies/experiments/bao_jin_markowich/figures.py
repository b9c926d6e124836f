"""Figures of the experiment of Bao, Jin and Markowich."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxwigner.plot.fields import density, wigner
from jaxwigner.plot.rates import rates
from jaxwigner.plot.style import CLASSICAL, QUANTUM, new_figure

SERIES = {
    "observable": r"$\int\rho\,\cos 2\pi x$",
    "current_observable": r"$\int J\,\sin 2\pi x$",
    "density": r"$\rho$, smoothed",
    "current": r"$J$, smoothed",
    "transport": r"$\rho$, distance $W_1$",
}


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Names and figures: densities against the limit, phase space, rates."""
    yield "bao-jin-markowich_densities", _densities(dataset)
    yield "bao-jin-markowich_phase_space", _phase_space(dataset)
    yield "bao-jin-markowich_rates", _rates(dataset)


def _densities(dataset: Any) -> Any:
    """Density and current for three ε, and the limit they oscillate about."""
    order = np.argsort(dataset["epsilon"].values)[::-1]
    chosen = order[: min(3, order.size)]
    figure = new_figure(9.5, 4.8)
    grid = figure.subplots(2, len(chosen), sharex=True, sharey="row", squeeze=False)
    for row, (name, symbol) in zip(grid, (("density", r"$\rho$"), ("current", r"$J$"))):
        top = 1.15 * float(np.abs(dataset[name].values[chosen[-1]]).max())
        for ax, index in zip(row, chosen):
            ax.plot(dataset["x"], dataset[name][index], color=QUANTUM, lw=0.8, label="quantum")
            limit = dataset[f"limit_{name}"]
            ax.plot(dataset["x"], limit, color=CLASSICAL, lw=1.3, label=r"$\varepsilon\to 0$")
            ax.set(xlim=(0.15, 0.85), ylim=(-top if name == "current" else 0.0, top))
        row[0].set_ylabel(f"{symbol}$(t, x)$")
    for ax, index in zip(grid[0], chosen):
        ax.set_title(rf"$\varepsilon = {float(dataset['epsilon'][index]):g}$")
    for ax in grid[-1]:
        ax.set_xlabel("$x$")
    grid[0, 0].legend(loc="lower center")
    figure.suptitle(_title(dataset))
    return figure


def _title(dataset: Any) -> str:
    time, caustic = dataset.attrs["time"], dataset.attrs["caustic_time"]
    return rf"Focusing WKB state at $t = {time:g}$ (caustic at $t = {caustic:g}$)"


def _phase_space(dataset: Any) -> Any:
    """Wigner and Husimi functions, and the curve on which the limit measure sits."""
    epsilon = dataset.attrs["picture_epsilon"]
    figure = new_figure(7.4, 4.0)
    left, right = figure.subplots(1, 2, sharey=True)
    plane = (dataset["picture_x"].values, dataset["picture_p"].values)
    W = dataset["wigner"].values
    # The caustics' crests are far above the rest.
    bright = float(np.quantile(np.abs(W), 0.995))
    wigner(W, plane, ax=left, title="Wigner function", limit=bright, equal=False)
    density(dataset["husimi"].values, plane, ax=right, title="Husimi function", equal=False)
    for ax in (left, right):
        ax.plot(
            dataset["curve_x"], dataset["curve_p"], color="black", lw=0.7, ls=(0, (5, 4)), alpha=0.7
        )
        ax.set(xlim=plane[0][[0, -1]], ylim=plane[1][[0, -1]])
        ax.label_outer()
    figure.suptitle(
        rf"$\hbar = \varepsilon = {epsilon:g}$, $t = {dataset.attrs['time']:g}$; "
        r"dashed: where the limit $\varepsilon\to 0$ sits"
    )
    return figure


def _rates(dataset: Any) -> Any:
    figure = new_figure(5.4, 4.2)
    errors = {text: dataset[f"error_{name}"].values for name, text in SERIES.items()}
    slopes = {
        text: (dataset.attrs[f"rate_{name}"], *dataset.attrs[f"rate_{name}_interval"])
        for name, text in SERIES.items()
    }
    rates(
        dataset["epsilon"].values,
        errors,
        slopes=slopes,
        ax=figure.subplots(),
        labels=(r"$\varepsilon$", "distance to the classical limit"),
        title="Weak convergence past the caustic",
    )
    return figure
