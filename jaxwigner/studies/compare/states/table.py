"""W of a state in d = 1 on a grid that resolves its fringes, and points of it with signed weights.

W = (πħ)⁻¹ ∫ ψ(x + u)ψ*(x − u) e^{−2ipu/ħ} du at the pixels; between them a quintic spline. Points are drawn from a density that is
constant on pixels, the largest |W| about each, by the inverse of its distribution function; weights are W over that density.
"""

from __future__ import annotations

import numpy as np

from jaxwigner._checks import require
from jaxwigner.studies.compare.states.orbitals import Own, waves_at

LEAST = 1e-13  # of the largest density: beyond that a state ends
FINE = 8.0  # pixels for the shortest fringe
COARSE = 4.0  # the fewest
FEWEST, MOST = 96, 1280  # pixels along an axis
MIXED, SMOOTH = (
    8,
    320,
)  # orbitals of a mixture whose W has no fringes, and pixels that are enough for it
FLOOR = 1e-7  # of the largest |W|: what is drawn from anywhere in the table


class WignerTable:
    """W on pixels of the rectangle that holds the state."""

    def __init__(self, own: Own, hbar: float):
        (x, rho), (p, power) = own.densities(hbar)
        self.hbar = hbar
        ends = [_range(*pair) for pair in ((x, rho), (p, power))]
        fringes = np.prod([high - low for low, high in ends]) / (2 * np.pi * hbar)
        must = "be larger: W of the state has too many fringes for a table"
        mixed = len(own.weights) > MIXED
        require(mixed or COARSE * fringes <= MOST, "hbar", must, hbar)
        count = int(np.clip(FINE * fringes, FEWEST, SMOOTH if mixed else MOST))
        self.edges = [np.linspace(low, high, count + 1) for low, high in ends]
        self.places = [(e[1:] + e[:-1]) / 2 for e in self.edges]
        self.values = self._wigner(own)

    def _wigner(self, own: Own) -> np.ndarray:
        """W at the middles of the pixels: orbitals at the same distances, and a sum over pairs of them about each."""
        x, p = self.places
        step, span = x[1] - x[0], self.edges[1][-1] - self.edges[1][0]
        # ψ(x + u)ψ*(x − u)e^{−2ipu/ħ} has frequencies below 2·span/ħ: so many lags between two pixels sum exactly.
        finer = int(np.ceil(1.05 * step * span / (np.pi * self.hbar)))
        step = step / finer
        half = finer * x.size // 2
        lattice = x[0] + step * np.arange(-half, finer * (x.size - 1) + half + 1)
        amplitudes = np.fft.fft(own.orbitals, axis=1, norm="forward")
        psi = amplitudes @ waves_at(own.grid, 0, lattice).T
        lags = np.arange(-half, half + 1)
        middle = half + finer * np.arange(x.size)[:, None]
        pairs = np.zeros((x.size, lags.size), complex)
        for weight, one in zip(own.weights, psi):
            pairs += weight * one[middle + lags] * np.conj(one[middle - lags])
        turned = np.exp((-2j * step / self.hbar) * np.outer(lags, p))
        return np.real(pairs @ turned) * (step / (np.pi * self.hbar))

    def at(self, x: np.ndarray, p: np.ndarray) -> np.ndarray:
        """W between the pixels."""
        from scipy.interpolate import RectBivariateSpline

        return RectBivariateSpline(self.places[0], self.places[1], self.values, kx=5, ky=5).ev(x, p)

    def points(self, uniforms: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """x, p of shape (n, 1) and weights of mean 1."""
        from scipy.ndimage import maximum_filter

        mass = maximum_filter(np.abs(self.values), 3)
        mass = np.maximum(mass, FLOOR * mass.max())
        mass = mass / mass.sum()
        rows = mass.sum(axis=1)
        x, i = quantile(uniforms[:, 0], rows[None], self.edges[0], np.zeros(len(uniforms), int))
        p, j = quantile(uniforms[:, 1], mass / rows[:, None], self.edges[1], i)
        pixel = np.prod([e[1] - e[0] for e in self.edges])
        weights = self.at(x, p) * pixel / mass[i, j]
        return x[:, None], p[:, None], weights / weights.mean()

    def outline(self, least: float) -> tuple[np.ndarray, np.ndarray]:
        """Points around {|W| > least·max|W|}: the first and the last p at each x, the first and the last x at each p."""
        inside = np.abs(self.values) > least * np.max(np.abs(self.values))
        found = []
        for mask, turned in ((inside, False), (inside.T, True)):
            for index in np.nonzero(mask.any(axis=1))[0][:: max(1, len(mask) // 32)]:
                ends = np.nonzero(mask[index])[0][[0, -1]]
                found += [(end, index) if turned else (index, end) for end in ends]
        i, j = np.array(found).T
        return self.places[0][i][:, None], self.places[1][j][:, None]


def _range(places: np.ndarray, shares: np.ndarray) -> tuple[float, float]:
    """Where a density is above LEAST of its maximum, and a margin."""
    inside = places[shares > LEAST * shares.max()]
    margin = 0.02 * np.ptp(inside)
    return inside.min() - margin, inside.max() + margin


def quantile(
    u: np.ndarray, shares: np.ndarray, edges: np.ndarray, row: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The place at which the distribution function of a row of shares is u, and its pixel."""
    sums = np.concatenate([np.zeros((len(shares), 1)), np.cumsum(shares, axis=1)], axis=1)
    sums = sums / sums[:, -1:]
    # All rows in one search: row r holds the numbers from 2r to 2r + 1.
    flat = (sums + 2 * np.arange(len(sums))[:, None]).ravel()
    width = sums.shape[1]
    index = np.searchsorted(flat, u + 2 * row, side="right") - 1 - row * width
    index = np.clip(index, 0, width - 2)
    low, high = sums[row, index], sums[row, index + 1]
    share = np.where(high > low, (u - low) / np.where(high > low, high - low, 1.0), 0.5)
    return edges[index] + np.clip(share, 0, 1) * (edges[1] - edges[0]), index
