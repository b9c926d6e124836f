"""E_ħ(p, R_μ)² between its two bounds of Golse–Paul's Theorem 2.4 as ħ → 0, for a bent cloud p and another measure μ.

    dist(p, W̃[R_μ])² − ½ħ ≤ E_ħ(p, R_μ)² ≤ dist(p, μ)² + ½ħ,   so that E_ħ² − dist(p, μ)² = O(ħ)

At one ħ the optimal coupling is kept: with many more points than r² it consists of one pure state per classical point,
R = Σ_k w_k|ψ_k⟩⟨ψ_k|, whose mean and covariance are those of its Husimi function less ħ/2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.phase_space import ToeplitzState
from jaxwigner.phase_space.husimi import husimi_cells
from jaxwigner.progress import Progress, quiet
from jaxwigner.provenance import provenance
from jaxwigner.states import Particles
from jaxwigner.studies.experiments.settings import demand, within
from jaxwigner.theorems import fitted_rate
from jaxwigner.transport import monge_kantorovich, semiquantum


@dataclass(frozen=True)
class Settings:
    """The keys of `configs/banana.toml`."""

    hbars: tuple[float, ...]
    nodes: int
    packets: int
    bend: float
    seed: int
    cells: int
    picture_hbar: float
    ellipses: int

    def check(self) -> None:
        """Complain about what cannot be run."""
        demand(len(self.hbars) >= 3, "hbars", "have at least 3 entries", self.hbars)
        demand(len(set(self.hbars)) == len(self.hbars), "hbars", "be distinct", self.hbars)
        within(self, hbars=(1e-3, 2.0), picture_hbar=(1e-2, 2.0), bend=(-2.0, 2.0))
        within(self, nodes=(2, 4096), packets=(2, 24), cells=(8, 200), seed=(0, 2**31))
        demand(1 <= self.ellipses <= self.nodes, "ellipses", "be at most `nodes`", self.ellipses)


def bent_cloud(count: int, bend: float, seed: int) -> Particles:
    """Points with x normal and ξ = bend (x² − 1) + noise.

    >>> from jaxwigner.studies.experiments.banana import bent_cloud
    >>> bent_cloud(10, 0.5, 0).positions.shape
    (10, 1)
    """
    x, noise = np.random.default_rng(seed).normal(size=(2, count))
    return Particles(np.full(count, 1 / count), 0.9 * x, 0.3 * noise + bend * (x**2 - 1))


def centres(count: int, seed: int) -> Particles:
    """The points of μ: few, unequal, elsewhere."""
    rng = np.random.default_rng(seed + 1000)
    x, p = rng.normal(size=(2, count))
    return Particles(rng.dirichlet(np.full(count, 4.0)), 0.9 * x + 0.4, 0.9 * p - 0.2)


def cells_around(mu: Particles, hbar: float, cells: int) -> PhaseGrid:
    """A grid that reaches 6 standard deviations of N(0, ħ) beyond the points of μ."""
    points = np.concatenate([mu.positions, mu.momenta], axis=1)
    reach = 6 * np.sqrt(hbar)
    low, high = points.min(0) - reach, points.max(0) + reach
    return PhaseGrid(Grid(low[0], high[0], cells), Grid(low[1], high[1], cells + 2))


def run(settings: Settings, progress: Progress = quiet):
    """E_ħ², both bounds and the coupling.

    **Returns:** an `xarray.Dataset` over `hbar` (brackets of E_ħ² and of the bounds) and over `node` (points of p, mean and
    covariance of their pure states); attributes `rate` and `rate_interval`.
    """
    p = bent_cloud(settings.nodes, settings.bend, settings.seed)
    mu = centres(settings.packets, settings.seed)
    distance = monge_kantorovich(p, mu, tolerance=1e-4)

    @jax.jit
    def solve(hbar):
        return semiquantum(p, ToeplitzState(mu, hbar), rank=settings.packets)

    costs, lower = [], []
    for number, hbar in enumerate(settings.hbars):
        progress("E_ħ and its bounds", number, len(settings.hbars))
        costs.append(jax.device_get(solve(hbar).cost))
        cells = husimi_cells(mu, hbar, cells_around(mu, hbar, settings.cells))
        lower.append(jax.device_get(monge_kantorovich(p, cells)))
    progress("the coupling", 0, 1)
    result = jax.device_get(solve(settings.picture_hbar))
    return _dataset(settings, distance, costs, lower, result, mu)


def _pure_states(result: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Purities, means (K, 2) and Husimi covariances (K, 2, 2) of the leading states of all Q_k."""
    purity, vectors = result.pure_states()
    vectors = np.asarray(vectors)
    Z, half = np.asarray(result.state.quadratures), np.asarray(result.state.half_square)
    mean = np.einsum("kr,irs,ks->ki", vectors.conj(), Z, vectors).real
    # Within the range ⟨Ẑ_iẐ_j⟩ of the compressed matrices misses what leaves it; ⟨|Ẑ|²⟩ is exact and fixes the size.
    moved = np.einsum("irs,ks->kir", Z, vectors)
    inside = np.einsum("kir,kjr->kij", moved.conj(), moved).real
    square = 2 * np.einsum("kr,rs,ks->k", vectors.conj(), half, vectors).real
    missing = 0.5 * (square - np.trace(inside, axis1=1, axis2=2))
    covariance = inside - mean[:, :, None] * mean[:, None, :]
    covariance = covariance + (missing[:, None, None] + 0.5 * float(result.state.hbar)) * np.eye(2)
    return np.asarray(purity), mean, covariance


def _dataset(settings, distance, costs, lower, result, mu):
    import xarray

    hbar = np.array(settings.hbars)
    purity, mean, covariance = _pure_states(result)
    bracket = lambda brackets: np.array([[float(b.lower), float(b.upper)] for b in brackets])  # noqa: E731
    squares = bracket(costs)
    middle = squares.mean(1)
    centre = float(distance.centre)
    fit = fitted_rate(jnp.asarray(hbar), jnp.asarray(middle - centre))
    side = ("hbar", "side")
    variables = {
        "cost": (side, squares, {"long_name": "E_ħ(p, R_μ)²"}),
        "above": (side, bracket([distance + 0.5 * h for h in hbar])),
        "below": (side, bracket([b - 0.5 * h for b, h in zip(lower, hbar)])),
        "point": (("node", "axis"), np.asarray(result.nodes.points)),
        "weight": ("node", np.asarray(result.nodes.weights)),
        "state_mean": (("node", "axis"), mean),
        "state_covariance": (("node", "axis", "other_axis"), covariance),
        "purity": ("node", purity),
        "packet": (("packet_number", "axis"), np.hstack([mu.positions, mu.momenta])),
        "packet_weight": ("packet_number", np.asarray(mu.weights)),
    }
    coordinates = {
        "hbar": ("hbar", hbar, {"units": "1"}),
        "side": ["lower", "upper"],
        "axis": ["x", "xi"],
    }
    attributes = {
        "experiment": "banana",
        "title": "E_ħ between a bent cloud and a Töplitz state, ħ → 0",
        "distance_lower": float(distance.lower),
        "distance_upper": float(distance.upper),
        "rate": float(fit.centre),
        "rate_interval": [float(fit.lower), float(fit.upper)],
        "picture_hbar": settings.picture_hbar,
        "ellipses": settings.ellipses,
        "median_purity": float(np.median(purity)),
        "relative_gap": float(result.relative_gap),
    }
    return xarray.Dataset(variables, coordinates, attributes | provenance())
