"""E_ħ(p, R_μ)² between its two bounds of Golse–Paul's Theorem 2.4 as ħ → 0, for a bent cloud p and another measure μ.

    dist(p, W̃[R_μ])² − ½ħ ≤ E_ħ(p, R_μ)² ≤ dist(p, μ)² + ½ħ,   so that E_ħ² − dist(p, μ)² = O(ħ)

At one ħ the optimal coupling is kept: with many more points than r² it consists of one pure state per classical point,
R = Σ_k w_k|ψ_k⟩⟨ψ_k|, whose mean and covariance are those of its Husimi function less ħ/2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.phase_space import ToeplitzState
from jaxwigner.phase_space.husimi import husimi_cells
from jaxwigner.plot.style import CLASSICAL, QUANTUM, new_figure
from jaxwigner.progress import Progress, quiet
from jaxwigner.states import Particles
from jaxwigner.studies.experiments.experiment import Experiment
from jaxwigner.studies.experiments.settings import Keys, demand, key
from jaxwigner.theorems import fitted_rate
from jaxwigner.transport import monge_kantorovich, semiquantum


@dataclass(frozen=True)
class Settings(Keys):
    """The cloud p, the state R_μ, and what is drawn."""

    hbars: tuple[float, ...] = key(
        (0.8, 0.4, 0.2, 0.1, 0.05, 0.025), "ħ", within=(1e-3, 2.0), least=3, distinct=True
    )
    nodes: int = key(200, "points of p", within=(2, 4096))
    packets: int = key(7, "coherent states in R", within=(2, 24))
    bend: float = key(0.5, "of the banana: ξ = bend (x² − 1) + noise", within=(-2.0, 2.0))
    seed: int = key(1, "of both clouds", within=(0, 2**31))
    cells: int = key(40, "per axis, for the Husimi function in the lower bound", within=(8, 200))
    picture_hbar: float = key(0.2, "of the picture of the coupling", within=(1e-2, 2.0))
    ellipses: int = key(
        40, "how many of its pure states are drawn, at most `nodes`", within=(1, 10_000)
    )

    def check(self) -> None:
        """No more ellipses than states."""
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
    hbar = np.array(settings.hbars)
    purity, mean, covariance = _pure_states(result)
    bracket = lambda brackets: np.array([[float(b.lower), float(b.upper)] for b in brackets])  # noqa: E731
    squares = bracket(costs)
    middle = squares.mean(1)
    centre = float(distance.centre)
    fit = fitted_rate(jnp.asarray(hbar), jnp.asarray(middle - centre))
    side = ("hbar", "side")
    variables = {
        "cost": (side, squares, "", "E_ħ(p, R_μ)²"),
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
        "hbar": ("hbar", hbar, "1"),
        "side": ["lower", "upper"],
        "axis": ["x", "xi"],
    }
    attributes = {
        "distance_lower": float(distance.lower),
        "distance_upper": float(distance.upper),
        "rate": float(fit.centre),
        "rate_interval": [float(fit.lower), float(fit.upper)],
        "picture_hbar": settings.picture_hbar,
        "ellipses": settings.ellipses,
        "median_purity": float(np.median(purity)),
        "relative_gap": float(result.relative_gap),
    }
    return EXPERIMENT.labelled(variables, coordinates, attributes)


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


EXPERIMENT = Experiment(
    "banana",
    "E_ħ between a bent cloud and a Töplitz state, ħ → 0",
    Settings,
    run,
    figures,
    "E_ħ² between the two bounds of Golse and Paul's Theorem 2.4; and the optimal coupling: one pure state for every point.",
    "coupling.png",
)
