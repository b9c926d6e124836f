"""A Wigner function as weighted particles: quasi-random points of a Gaussian, each with the weight W(z)/Gaussian(z).

The points are those of the lattice sequence R_2 (n/ρ, n/ρ² mod 1, ρ³ = ρ + 1), mapped by the inverse normal distribution. Where W is
negative, so are the weights; classical transport moves the points and leaves the weights. Several shifted copies of the
sequence tell the sampling error.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.phase_space import wigner

PLASTIC = 1.32471795724474602596  # ρ
WIDER = 1.15  # the Gaussian's standard deviations, in those of W
REACH = 6.5  # half-width of the table of W, in its standard deviations
PIXELS = 512
STUDENT = 2.13  # 95 %, for 16 copies


class Cloud(NamedTuple):
    """Signed `weights`, `positions` and `momenta`, each (copy, particle); every copy alone represents W."""

    weights: Any
    positions: Any
    momenta: Any


def lattice(number: int, shift: Any) -> Any:
    """`number` points of the sequence R_2 in the unit square, shifted; shape (number, 2).

    >>> from jaxwigner.phase_space.ensembles import lattice
    >>> lattice(2, 0.0).round(6).tolist()
    [[0.754878, 0.56984], [0.509755, 0.139681]]
    """
    steps = np.array([1 / PLASTIC, 1 / PLASTIC**2])
    counts = np.arange(1, number + 1)
    return (counts[:, None] * steps[None, :] + shift) % 1.0


def wigner_cloud(psi: Any, grid: Grid, hbar: float, number: int, copies: int = 16) -> Cloud:
    """`number` particles, in `copies` shifted copies, that represent the Wigner function of a wave function at rest (d = 1).

    **Arguments:** `psi` real, on `grid`.

    >>> import jaxwigner as jw
    >>> from jaxwigner.phase_space.ensembles import wigner_cloud
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> cloud = wigner_cloud(jw.coherent_state(grid, 1.0, 0.0, 0.5), grid, 0.5, 2**12)
    >>> abs(float((cloud.weights * cloud.positions**2).sum(1).mean()) - 1.25) < 1e-3
    True
    """
    centre, widths = _moments(psi, grid, hbar)
    low = (centre[0] - REACH * widths[0], -REACH * widths[1])
    table = PhaseGrid(
        Grid(low[0], centre[0] + REACH * widths[0], PIXELS),
        Grid(low[1], REACH * widths[1], PIXELS),
    )
    shifts = np.random.default_rng(0).uniform(size=(copies, 1, 2))
    points = np.stack([lattice(number // copies, shift) for shift in shifts])

    def program(psi, points):
        W = wigner(psi, grid, table, hbar)
        normal = jax.scipy.special.ndtri(points)
        positions = centre[0] + WIDER * widths[0] * normal[..., 0]
        momenta = WIDER * widths[1] * normal[..., 1]
        pixels = (
            (positions - low[0]) / table.position.spacing[0],
            (momenta - low[1]) / table.momentum.spacing[0],
        )
        values = jax.scipy.ndimage.map_coordinates(W, pixels, order=1)
        weights = values * jnp.exp(0.5 * jnp.sum(normal**2, axis=-1))
        return Cloud(weights / jnp.sum(weights, axis=1, keepdims=True), positions, momenta)

    return jax.jit(program)(psi, points)


def _moments(psi: Any, grid: Grid, hbar: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Means and standard deviations of position and momentum."""
    x, k = np.asarray(grid.axes[0]), np.asarray(grid.wavenumbers[0])
    rho, power = np.abs(psi) ** 2, np.abs(np.fft.fft(psi)) ** 2
    rho, power = rho / rho.sum(), power / power.sum()
    mean, moving = float(rho @ x), float(hbar * power @ k)
    width = float(np.sqrt(rho @ (x - mean) ** 2))
    return (mean, moving), (width, float(np.sqrt(power @ (hbar * k - moving) ** 2)))
