"""Classical states: probability measures on phase space as weighted particles, densities on a grid, and Gaussians.

Particles:  Σ_k w_k δ_{(x_k, p_k)}        Density:  f(x, p) on a grid of phase space        Gaussian:  mean and covariance in R^{2d}
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import (
    as_inexact,
    check_finite,
    check_shape,
    check_weights,
    concrete,
    nan_unless,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Grid, PhaseGrid, check_line


class Particles(eqx.Module):
    """A probability measure Σ_k w_k δ_(q_k, p_k) on phase space: `weights` (K,), `positions` and `momenta` (K, d).

    For d = 1 positions and momenta may be given as (K,).

    **Raises:** `ValueError` for negative weights, a sum other than 1, or shapes that do not fit.

    >>> import jaxwigner as jw
    >>> jw.Particles([0.5, 0.5], [0.0, 1.0], [1.0, -1.0]).positions.shape
    (2, 1)
    """

    weights: Float[Array, " k"]
    positions: Float[Array, "k d"]
    momenta: Float[Array, "k d"]

    def __init__(self, weights: Any, positions: Any, momenta: Any):
        check_weights("weights", weights)
        check_finite("positions", positions)
        check_finite("momenta", momenta)
        self.weights = as_inexact(weights)
        self.positions = _columns(positions)
        self.momenta = _columns(momenta)
        check_shape("positions", self.positions, (self.weights.shape[0], None))
        check_shape("momenta", self.momenta, self.positions.shape)

    @property
    def dimension(self) -> int:
        """d."""
        return self.positions.shape[1]


class Density(eqx.Module):
    """A probability measure on phase space that is constant on the cells centred at the points of a grid.

    **Arguments:** `values`: the density, of the grid's shape, ≥ 0 up to rounding (which is clipped), Σ values · cell = 1;
    `grid`: a `PhaseGrid`.

    **Raises:** `ValueError` for another shape, negative values or another mass.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.PhaseGrid(jw.Grid(-1.0, 1.0, 4), jw.Grid(-2.0, 2.0, 6))
    >>> jw.Density(jnp.full((4, 6), 1 / 8), grid).dimension
    1
    """

    values: Float[Array, "*shape"]
    grid: PhaseGrid

    def __init__(self, values: Any, grid: PhaseGrid):
        check_finite("values", values)
        require(isinstance(grid, PhaseGrid), "grid", "be a PhaseGrid", grid)
        check_line(grid.position)
        check_shape("values", values, grid.shape)
        self.values = as_inexact(values)
        self.grid = grid
        if concrete((self.values, grid.cell)):
            array = np.asarray(self.values)
            least = -1e-10 * max(float(array.max()), 1e-300)
            require(array.min() >= least, "values", "be non-negative", float(array.min()))
            mass = float(array.sum()) * float(grid.cell)
            require(abs(mass - 1) <= 1e-6, "values", "have mass 1 on the grid", mass)
        self.values = jnp.maximum(self.values, 0.0)

    @property
    def dimension(self) -> int:
        """d."""
        return self.grid.dimension


class Gaussian(eqx.Module):
    """A Gaussian on phase space: `mean` (2d,) and `covariance` (2d, 2d), in the order x_1 … x_d, ξ_1 … ξ_d.

    **Raises:** `ValueError` for a covariance that is not symmetric and positive semidefinite. A traced one becomes NaN if it is not
    symmetric or one of two coordinates is none: for d = 1 exactly if known numbers would be refused.

    As a classical measure N(m, Σ); as a quantum state the one whose Wigner function is N(m, S), which needs S + iħJ/2 ≥ 0.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> jw.Gaussian(jnp.zeros(2), jnp.eye(2)).dimension
    1
    """

    mean: Float[Array, " m"]
    covariance: Float[Array, "m m"]

    def __init__(self, mean: Any, covariance: Any):
        check_finite("mean", mean)
        check_finite("covariance", covariance)
        self.mean, self.covariance = as_inexact(mean), as_inexact(covariance)
        even = self.mean.ndim == 1 and self.mean.shape[0] % 2 == 0 and self.mean.shape[0] > 0
        require(even, "mean", "be a vector of even length 2d", mean)
        check_shape("covariance", self.covariance, self.mean.shape * 2)
        if concrete(self.covariance):
            array = np.asarray(self.covariance)
            scale = max(float(abs(array).max()), 1e-300)
            symmetric = abs(array - array.T) <= 1e-9 * scale
            require(symmetric, "covariance", "be symmetric", covariance)
            least = float(np.linalg.eigvalsh(array)[0])
            require(least >= -1e-12 * scale, "covariance", "be positive semidefinite", covariance)
        else:
            self.covariance = self.covariance * nan_unless(_may_be_one(self.covariance))

    @property
    def dimension(self) -> int:
        """d."""
        return self.mean.shape[0] // 2


def _may_be_one(covariance: Array) -> Array:
    """Symmetric, and positive semidefinite in every plane of two axes: without eigenvalues, which every program would pay for."""
    scale = jnp.max(jnp.abs(covariance))
    own = jnp.diagonal(covariance) + 1e-12 * scale
    symmetric = jnp.abs(covariance - covariance.T) <= 1e-9 * scale
    planes = covariance**2 <= own[:, None] * own[None, :] * (1 + 1e-12)
    return jnp.all(symmetric & planes) & jnp.all(own >= 0)


def _columns(values: Any) -> Array:
    values = as_inexact(values)
    return values[:, None] if values.ndim == 1 else values


def check_inside(particles: Particles, grid: Grid) -> None:
    """Every particle lies in the box."""
    for q, low, high in zip(particles.positions.T, grid.lower, grid.upper):
        if concrete((q, low, high)):
            inside = (np.asarray(q) >= low) & (np.asarray(q) < high)
            require(inside, "particles", f"lie inside the box [{low:g}, {high:g})", q)
