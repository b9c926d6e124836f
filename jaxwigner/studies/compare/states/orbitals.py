"""A mixture of orbitals on a grid of its own, its densities, and its values between the points."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaxwigner.grid import Grid


class Own(NamedTuple):
    """A mixture Σ w_j |ψ_j⟩⟨ψ_j| of normalised orbitals on a grid of its own; NumPy arrays."""

    grid: Grid
    weights: np.ndarray
    orbitals: np.ndarray

    def densities(self, hbar: float) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each axis (x, ρ·Δx), then for each (p, ρ̂·Δp), each summing to 1."""
        axes = range(self.grid.dimension)
        rho = np.einsum("j,j...->...", self.weights, np.abs(self.orbitals) ** 2)
        spectra = np.abs(np.fft.fftn(self.orbitals, axes=[a + 1 for a in axes])) ** 2
        power = np.einsum("j,j...->...", self.weights, spectra)
        momenta = [hbar * np.asarray(k) for k in self.grid.wavenumbers]
        found = []
        for field, places in ((rho, self.grid.axes), (power, momenta)):
            for axis in axes:
                others = tuple(a for a in axes if a != axis)
                shares = field.sum(axis=others)
                found.append((np.asarray(places[axis]), shares / shares.sum()))
        return found


def waves_at(grid: Grid, axis: int, places: np.ndarray) -> np.ndarray:
    """e^{ikx} along an axis at places (place, k): with the amplitudes of an orbital its interpolant, 0 outside of the box."""
    low, high = float(grid.lower[axis]), float(grid.upper[axis])
    n = grid.points[axis]
    k = np.asarray(grid.wavenumbers[axis], float)
    waves: Any = np.exp(1j * np.outer(places - low, k))
    if n % 2 == 0:  # the highest wave counts half for either sign
        waves[:, n // 2] = waves[:, n // 2].real
    return waves * ((places >= low) & (places < high))[:, None]
