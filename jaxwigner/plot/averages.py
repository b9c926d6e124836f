"""Figure of the sweep of averages: ⟨φ⟩ over momentum for falling ħ, and its distance to the classical value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxwigner.plot.style import CLASSICAL, QUANTUM, new_figure


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Name and figure."""
    figure = new_figure(8.6, 3.6)
    left, right = figure.subplots(1, 2)
    ordered = dataset.sortby(["hbar", "momentum"])
    hbar, momentum = ordered["hbar"].values, ordered["momentum"].values
    quantum, classical = ordered["quantum"].values, ordered["classical"].values
    for shade, h, row in zip(np.linspace(1.0, 0.25, len(hbar)), hbar, quantum):
        left.plot(momentum, row, color=QUANTUM, alpha=shade, lw=1.2, label=rf"$\hbar={h:g}$")
    left.plot(momentum, classical[0], "--", color=CLASSICAL, lw=1.2, label="classical path")
    left.set(xlabel="initial momentum", ylabel=r"$\langle\varphi\rangle$")
    left.legend(loc="best", fontsize="x-small")
    distance = np.max(np.abs(quantum - classical), axis=1)
    right.loglog(hbar, distance, "o-", color=QUANTUM, ms=4, label="largest distance")
    right.loglog(hbar, distance[0] * hbar / hbar[0], ":", color="0.5", label=r"$\propto\hbar$")
    right.set(xlabel=r"$\hbar$", ylabel=r"$|\langle\varphi\rangle-\varphi(q,p)|$")
    right.legend(loc="best", fontsize="small")
    right.set_xticks(hbar, [f"{h:g}" for h in hbar], rotation=45)
    right.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
    figure.suptitle("Averages of packets on a torsion")
    yield "averages", figure
