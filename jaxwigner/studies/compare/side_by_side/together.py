"""Both sides as a `Comparison`: means by name, errors, and W₁ of densities in d = 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner.studies.compare.side_by_side.comparison import Comparison, Densities
from jaxwigner.studies.compare.side_by_side.sampling import Sample, Stepped


def together(
    *,
    times: np.ndarray,
    hbars: np.ndarray,
    names: tuple[str, ...],
    quantum: Any,
    classical: Sample,
    steps: Stepped,
    edges: np.ndarray,
    potential: np.ndarray | None,
    asked_density: bool,
    settings: dict[str, Any],
) -> Comparison:
    """The result; in d = 1 with densities."""
    means, step_error, cells, moved = quantum
    named = lambda a: {name: a[..., i] for i, name in enumerate(names)}  # noqa: E731
    without = means[:, None] - np.moveaxis(_without(classical.mean, classical.replicas), 2, 1)
    left_out, found = named(without), None
    if potential is not None:
        found = densities(edges, cells, moved, classical, steps, potential)
    if asked_density:
        left_out["density"] = _others(edges, cells, classical)
    return Comparison(
        times=times,
        hbar=hbars,
        quantum=named(means),
        classical=named(classical.mean),
        trajectory=named(classical.trajectory),
        error=named(classical.error + step_error + steps.error),
        quantum_error=named(step_error),
        densities=found,
        asked_density=asked_density,
        samples=classical.number,
        step_error=named(steps.error),
        trajectory_error=named(step_error + steps.single),
        left_out=left_out,
        **settings,
    )


def _without(pooled: np.ndarray, replicas: np.ndarray) -> np.ndarray:
    """The pooled (ħ, time, …) without one of its replicas (ħ, time, R, …)."""
    count = replicas.shape[2]
    return (count * pooled[:, :, None] - replicas) / (count - 1)


def densities(
    edges: np.ndarray,
    cells: np.ndarray,
    moved: np.ndarray,
    sample: Sample,
    steps: Stepped,
    potential: np.ndarray,
) -> Densities:
    """Means of densities over cells, and their distances: ∫|F − F′|dx of distribution functions at the edges of cells."""
    x, step = 0.5 * (edges[1:] + edges[:-1]), float(edges[1] - edges[0])
    distance = _distance(np.cumsum(cells, axis=-1), np.cumsum(sample.cells, axis=-1), step)
    alone = np.abs(x - sample.place[..., None])
    return Densities(
        x,
        cells / step,
        sample.cells / step,
        potential,
        distance,
        step * sample.cells_error + moved + steps.shift,
        np.sum(cells * alone, axis=-1),
        moved + steps.single_shift,
        moved + steps.shift,
    )


def _others(edges: np.ndarray, cells: np.ndarray, sample: Sample) -> np.ndarray:
    """Distances (ħ, R, time) without one of the scrambles."""
    total, step = np.cumsum(cells, axis=-1), float(edges[1] - edges[0])
    others = np.cumsum(_without(sample.cells, sample.cell_replicas), axis=-1)
    return np.moveaxis(_distance(total[:, :, None], others, step), 2, 1)


def _distance(F: np.ndarray, G: np.ndarray, step: float) -> np.ndarray:
    return step * np.sum(np.abs(F - G), axis=-1)
