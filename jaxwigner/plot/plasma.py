"""Figures of the plasma problems: the mode over time, Vlasov and Hartree, beside the rate of the dispersion relation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxwigner.plot.style import CLASSICAL, CYCLE, new_figure

TITLES = {"landau": "Landau damping", "stream": "two streams"}


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Name and figure."""
    figure = new_figure(9.4, 4.4)
    for ax, name in zip(figure.subplots(1, 2), TITLES):
        _panel(ax, dataset, name)
    yield "plasma", figure


def _panel(ax: Any, dataset: Any, name: str) -> None:
    time = dataset[f"{name}_time"].values
    others = [colour for colour in CYCLE if colour != CLASSICAL]
    for i, hbar in enumerate(dataset["hbar"].values):
        series = np.abs(dataset[f"{name}_amplitude"].values[i])
        rate = float(dataset[f"{name}_rate"].values[i])
        label = "Vlasov" if hbar == 0 else rf"Hartree, $\hbar = {hbar:g}$"
        colour = CLASSICAL if hbar == 0 else others[i - 1]
        label = rf"{label}: $\gamma = {rate:.5f}$"
        ax.plot(time, series, color=colour, lw=1.2 if hbar == 0 else 0.8, label=label)
    theory = float(dataset[f"{name}_rate_theory"].values[0])
    first = np.abs(dataset[f"{name}_amplitude"].values[0])
    middle = len(time) // 2 if name == "landau" else np.argmax(first > 20 * first[0])
    top = first[middle : middle + len(time) // 8].max() if name == "landau" else first[middle]
    line = top * np.exp(theory * (time - time[middle]))
    kept = line < 1.5 * first.max()
    label = rf"dispersion relation: $\gamma = {theory:.5f}$"
    ax.plot(time[kept], line[kept], color="0.2", ls="--", lw=0.9, label=label)
    k = dataset.attrs["wavenumber" if name == "landau" else "stream_wavenumber"]
    ax.set(yscale="log", xlabel=r"$t\,\omega_p$", ylabel=r"$|\int\rho\cos kx\,dx|$")
    low = max(first[first > 0].min(), 1e-3 * first.max()) if name == "landau" else 0.3 * first[0]
    ax.set_ylim(0.5 * low, 3 * first.max())
    ax.set_title(rf"{TITLES[name]}, $k = {k:g}$", loc="left")
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, -0.18), fontsize=7, ncols=2)
