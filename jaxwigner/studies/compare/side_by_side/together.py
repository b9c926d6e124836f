"""Both sides as a `Comparison`: means by name, errors, and W₁ of densities in d = 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.studies.compare.side_by_side.comparison import Comparison, Densities
from jaxwigner.studies.compare.side_by_side.sampling import Sample


def together(
    *,
    times: np.ndarray,
    hbars: np.ndarray,
    names: tuple[str, ...],
    quantum: Any,
    classical: Sample,
    fine: Grid,
    potential: np.ndarray,
    asked_density: bool,
    settings: dict[str, Any],
) -> Comparison:
    """The result; in d = 1 with densities."""
    means, step_error, rho = quantum
    named = lambda a: {name: a[..., i] for i, name in enumerate(names)}  # noqa: E731
    return Comparison(
        times=times,
        hbar=hbars,
        quantum=named(means),
        classical=named(classical.mean),
        trajectory=named(classical.trajectory),
        error=named(classical.error + step_error),
        quantum_error=named(step_error),
        densities=densities(fine, rho, classical, potential) if fine.dimension == 1 else None,
        asked_density=asked_density,
        samples=classical.number,
        **settings,
    )


def densities(fine: Grid, rho: np.ndarray, sample: Sample, potential: np.ndarray) -> Densities:
    """Densities on the points of the fine grid, and their distances: ∫|F − F′|dx of distribution functions at the edges of cells."""
    x, step = np.asarray(fine.axes[0]), float(fine.spacing[0])
    k = 2 * np.pi * np.fft.rfftfreq(len(x))
    # Means over cells of a band-limited density.
    cells = np.fft.irfft(np.fft.rfft(rho, axis=-1) * np.sinc(k / (2 * np.pi)), len(x), axis=-1)
    total = np.cumsum(cells, axis=-1)
    distance = _distance(total, np.cumsum(sample.cells, axis=-1), step)
    error = step * sample.cells_error
    place = sample.place[..., None]
    single = np.sum(rho * np.abs(x - place), axis=-1)
    return Densities(x, rho / step, sample.cells / step, potential, distance, error, single)


def _distance(F: np.ndarray, G: np.ndarray, step: float) -> np.ndarray:
    return step * np.sum(np.abs(F - G), axis=-1)
