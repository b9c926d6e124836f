"""A classical measure as nodes, and what replacing it by nodes can change.

For a density that is constant on cells of a grid with sides h_i and for its node masses w_k at the cells' centres:

    above   every point of a cell takes the coupling of its centre; c is ½|z|² plus a linear function of z, so that
            E² ≤ Σ tr(c_kQ_k) + ½Σ_k w_k Var_k,   Var_k = Σ h_i²/12;
    below   z ↦ λ_min(c(z) − B) − ½|z|² is concave, hence at least its multilinear interpolation between centres:
            ∫p λ_min(c − B) ≥ Σ_k M_kλ_k − ½(ΣM_k|z_k|² − ∫p|z|²) with the masses M of p against the hat functions of the grid,
            M = (1/8, 3/4, 1/8) ∗ w along every axis, and the bracket is −½Σ(h_i²/4 − h_i²/12).

Both corrections are of second order in h. A weighted cloud of points is what it is: no correction.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxwigner._checks import require
from jaxwigner.states import Density, Particles

HAT = (0.125, 0.75, 0.125)


class Nodes(eqx.Module):
    """`points` (K, 2d), `weights` w (K,) for couplings and `hat_weights` M (K,) for dual points; corrections of both sides."""

    points: Float[Array, "k m"]
    weights: Float[Array, " k"]
    hat_weights: Float[Array, " k"]
    above: Any
    below: Any

    @property
    def dimension(self) -> int:
        """d."""
        return self.points.shape[1] // 2


def nodes_of(p: Any) -> Nodes:
    """Nodes of `Particles` or of a `Density`."""
    if isinstance(p, Density):
        return _of_density(p)
    require(isinstance(p, Particles), "p", "be Particles, a Density or a Gaussian", p)
    points = jnp.concatenate([p.positions, p.momenta], axis=1)
    weights = p.weights / jnp.sum(p.weights)
    return Nodes(points, weights, weights, 0.0, 0.0)


def _of_density(p: Density) -> Nodes:
    """One empty ring of cells around the grid, so that the hats fit."""
    axes, steps = [], []
    for grid in (p.grid.position, p.grid.momentum):
        for x, step in zip(grid.axes, grid.spacing):
            x = jnp.asarray(x)
            axes.append(jnp.concatenate([x[:1] - step, x, x[-1:] + step]))
            steps.append(step)
    weights = jnp.pad(p.values, 1) * p.grid.cell
    weights = weights / jnp.sum(weights)
    hats = weights
    for axis in range(weights.ndim):
        inner = hats * HAT[1]
        hats = inner + HAT[0] * (jnp.roll(hats, 1, axis) + jnp.roll(hats, -1, axis))
    mesh = jnp.meshgrid(*axes, indexing="ij")
    points = jnp.stack([m.reshape(-1) for m in mesh], axis=1)
    squares = sum(step**2 for step in steps)
    return Nodes(points, weights.reshape(-1), hats.reshape(-1), squares / 24, -squares / 12)
