"""Figures of the banana: E_ħ² between its bounds, and the optimal coupling as one pure state per point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxwigner.plot.style import CLASSICAL, QUANTUM, new_figure


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Names and figures."""
    yield "banana_limit", _limit(dataset)
    yield "banana_coupling", _coupling(dataset)


def _limit(dataset: Any) -> Any:
    figure = new_figure(8.6, 3.8)
    left, right = figure.subplots(1, 2)
    order = np.argsort(dataset["hbar"].values)
    hbar = dataset["hbar"].values[order]
    cost, above, below = (dataset[name].values[order] for name in ("cost", "above", "below"))
    left.fill_between(hbar, below[:, 0], above[:, 1], color="0.9", label="Theorem 2.4")
    left.plot(hbar, above.mean(1), color=CLASSICAL, lw=1.0, label=r"dist$(p,\mu)^2+\hbar/2$")
    below_label = r"dist$(p,\widetilde W)^2-\hbar/2$"
    left.plot(hbar, below.mean(1), color=CLASSICAL, lw=1.0, ls="--", label=below_label)
    left.plot(hbar, cost.mean(1), "o-", color=QUANTUM, ms=4, label=r"$E_\hbar(p,R_\mu)^2$")
    left.set(xscale="log", xlabel=r"$\hbar$", ylabel="squared distance")
    left.legend(loc="best", fontsize="small")
    centre = 0.5 * (dataset.attrs["distance_lower"] + dataset.attrs["distance_upper"])
    gap = cost.mean(1) - centre
    low, high = dataset.attrs["rate_interval"]
    rate = rf"rate {dataset.attrs['rate']:.2f} [{low:.2f}, {high:.2f}]"
    right.loglog(hbar, gap, "o-", color=QUANTUM, ms=4, label=rate)
    right.loglog(hbar, 0.5 * hbar, color="0.5", lw=1.0, ls=":", label=r"$\hbar/2$")
    right.set(xlabel=r"$\hbar$", ylabel=r"$E_\hbar^2-\mathrm{dist}(p,\mu)^2$")
    right.legend(loc="best", fontsize="small")
    for ax in (left, right):
        ax.set_xticks(hbar, [f"{h:g}" for h in hbar])
        ax.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
    figure.suptitle(r"The semiquantum distance as $\hbar\to 0$")
    return figure


def _coupling(dataset: Any) -> Any:
    """Points of p joined to the Husimi ellipses (one standard deviation) of their pure states."""
    from matplotlib.collections import EllipseCollection, LineCollection

    figure = new_figure(5.6, 5.2)
    ax = figure.subplots()
    points, means = dataset["point"].values, dataset["state_mean"].values
    chosen = np.linspace(0, len(points) - 1, int(dataset.attrs["ellipses"])).astype(int)
    links = np.stack([points[chosen], means[chosen]], axis=1)
    ax.add_collection(LineCollection(list(links), colors="0.6", linewidths=0.7, zorder=1))
    values, vectors = np.linalg.eigh(dataset["state_covariance"].values[chosen])
    widths = 2 * np.sqrt(np.maximum(values, 0.0))
    angles = np.degrees(np.arctan2(vectors[:, 1, 1], vectors[:, 0, 1]))
    ellipses = EllipseCollection(
        widths[:, 1],
        widths[:, 0],
        angles,
        units="xy",
        offsets=means[chosen],
        transOffset=ax.transData,
        facecolors="none",
        edgecolors=QUANTUM,
        linewidths=0.7,
        alpha=0.6,
        zorder=2,
    )
    ax.add_collection(ellipses)
    ax.plot(*points[chosen].T, ".", color=CLASSICAL, ms=6, zorder=3, label="points of $p$")
    ax.plot([], [], color=QUANTUM, lw=0.9, label=r"their states $\psi_k$ (Husimi, 1 s.d.)")
    packets = dataset["packet"].values
    ax.plot(*packets.T, "+", color="black", ms=9, zorder=4, label=r"packets of $R_\mu$")
    ax.set(xlabel="$x$", ylabel=r"$\xi$", aspect="equal")
    reach = np.sqrt(np.diagonal(dataset["state_covariance"].values[chosen], axis1=1, axis2=2))
    ends = np.concatenate([means[chosen] - reach, means[chosen] + reach, points[chosen]])
    low, high = ends.min(0) - 0.15, ends.max(0) + 0.15
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.legend(loc="upper center", fontsize="small")
    purity = dataset.attrs["median_purity"]
    ax.set_title(
        rf"Optimal coupling, $\hbar={dataset.attrs['picture_hbar']:g}$, median purity {purity:.3f}"
    )
    return figure
