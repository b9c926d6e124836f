"""A classical measure as nodes, and what replacing it by nodes can change.

For a density that is constant on cells of a grid with sides h_i and for its node masses w_k at the cells' centres:

    above   every point of a cell takes the coupling of its centre; c is ½|z|² plus a linear function of z, so that
            E² ≤ Σ tr(c_kQ_k) + ½Σ_k w_k Var_k,   Var_k = Σ h_i²/12;
    below   z ↦ λ_min(c(z) − B) − ½|z|² is concave, hence at least its multilinear interpolation between centres:
            ∫p λ_min(c − B) ≥ Σ_k M_kλ_k − ½(ΣM_k|z_k|² − ∫p|z|²) with the masses M of p against the hat functions of the grid,
            M = (1/8, 3/4, 1/8) ∗ w along every axis, and the bracket is −½Σ(h_i²/4 − h_i²/12).

Both corrections are of second order in h. A weighted cloud of points is what it is: no correction. A Gaussian m + Lu, u standard
normal, is taken against the hat functions of a grid of u: node k has the mass M_k, the mean m_k of what is assigned to it and takes
one coupling for all of that, which costs Σtr((c_k − (m_k − z_k)·Ẑ)Q_k) + ½(E|z|² − ΣM_k|z_k|²); below the same sums hold as for
cells, up to what lies beyond the grid, at most the norm of Ẑ times the mean distance to it.
"""

from __future__ import annotations

import math
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy.special import erf
from jaxtyping import Float

from jaxwigner._checks import require
from jaxwigner._types import Array
from jaxwigner.states import Density, Gaussian, Particles

HAT = (0.125, 0.75, 0.125)
DEVIATIONS, PER_AXIS = 6.0, {1: 41, 2: 11}  # of the grid that carries a Gaussian, by dimension d


class Nodes(eqx.Module):
    """`points` (K, 2d), `weights` w (K,) for couplings and `hat_weights` M (K,) for dual points; corrections of both sides.

    `shifts` (K, 2d): the mean of what a node stands for less the node, times w, where this is not zero; `beyond`: mean distance
    from p to the hull of the nodes.
    """

    points: Float[Array, "k m"]
    weights: Float[Array, " k"]
    hat_weights: Float[Array, " k"]
    above: Any
    below: Any
    shifts: Float[Array, "k m"] | None = None
    beyond: Any = 0.0

    @property
    def dimension(self) -> int:
        """d."""
        return self.points.shape[1] // 2


def middle(p: Any) -> Float[Array, " m"]:
    """A point of phase space in the middle of a measure: seen from there, numbers are of the size of differences. No derivative."""
    if isinstance(p, Gaussian):
        return lax.stop_gradient(p.mean)
    if isinstance(p, Density):
        boxes = (p.grid.position, p.grid.momentum)
        ends = [0.5 * (a + b) for g in boxes for a, b in zip(g.lower, g.upper)]
        return lax.stop_gradient(jnp.stack([jnp.asarray(end, float) for end in ends]))
    require(isinstance(p, Particles), "p", "be Particles, a Density or a Gaussian", p)
    points = lax.stop_gradient(jnp.concatenate([p.positions, p.momenta], axis=1))
    return points[0] + jnp.mean(points - points[0], axis=0)


def nodes_of(p: Any, centre: Any = 0.0) -> Nodes:
    """Nodes of `Particles`, of a `Density` or of a `Gaussian`, as seen from a point of phase space."""
    if isinstance(p, Density):
        nodes = _of_density(p)
        return eqx.tree_at(lambda n: n.points, nodes, nodes.points - centre)
    if isinstance(p, Gaussian):
        return _of_gaussian(eqx.tree_at(lambda g: g.mean, p, p.mean - centre))
    require(isinstance(p, Particles), "p", "be Particles, a Density or a Gaussian", p)
    points = jnp.concatenate([p.positions, p.momenta], axis=1) - centre
    weights = p.weights / jnp.sum(p.weights)
    return Nodes(points, weights, weights, 0.0, 0.0)


class Frame(eqx.Module):
    """The `centre` (m,) and the `scale` of two measures: costs depend on differences, and numbers of size 1 keep their digits."""

    centre: Float[Array, " m"]
    scale: Float[Array, ""]


def framed(one: Nodes, other: Nodes) -> tuple[Nodes, Nodes, Frame]:
    """Both measures in the frame of their common mean and root mean square distance from it; costs are in units of scale²."""
    still = lax.stop_gradient
    pairs = [(still(measure.points), still(measure.weights)) for measure in (one, other)]
    # In two steps, since the mean of large numbers is rounded: differences from a point that is near are exact.
    near = pairs[0][0][0]
    centre = near + 0.5 * sum(w @ (z - near) for z, w in pairs)
    square = 0.5 * sum(w @ jnp.sum((z - centre) ** 2, axis=1) for z, w in pairs)
    frame = Frame(centre, jnp.where(square > 0, jnp.sqrt(square), 1.0))
    return _seen_from(one, frame), _seen_from(other, frame), frame


def _seen_from(measure: Nodes, frame: Frame) -> Nodes:
    scale = frame.scale
    return Nodes(
        (measure.points - frame.centre) / scale,
        measure.weights,
        measure.hat_weights,
        measure.above / scale**2,
        measure.below / scale**2,
        None if measure.shifts is None else measure.shifts / scale,
        measure.beyond / scale,
    )


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


def _of_gaussian(p: Gaussian) -> Nodes:
    """Hat functions of a product grid of u, z = m + Lu."""
    d = p.dimension
    require(d in PER_AXIS, "p", "be of dimension 1 or 2 unless R is a Gaussian too", d)
    values, vectors = jnp.linalg.eigh(p.covariance)
    L = vectors * jnp.sqrt(jnp.maximum(values, 0.0))
    u, mass, mean = _normal_hats(PER_AXIS[d])
    grids = jnp.meshgrid(*(u,) * (2 * d), indexing="ij")
    where = jnp.stack([g.reshape(-1) for g in grids], axis=1)
    masses = jnp.meshgrid(*(mass,) * (2 * d), indexing="ij")
    weights = jnp.prod(jnp.stack([g.reshape(-1) for g in masses]), axis=0)
    means = jnp.meshgrid(*(mean,) * (2 * d), indexing="ij")
    moved = jnp.stack([g.reshape(-1) for g in means], axis=1) - where
    points = p.mean + where @ L.T
    excess = jnp.sum(p.mean**2) + jnp.trace(p.covariance) - weights @ jnp.sum(points**2, axis=1)
    far = DEVIATIONS
    outside = 2 * (np.exp(-0.5 * far**2) / np.sqrt(2 * np.pi) - 0.5 * far * math.erfc(far / 2**0.5))
    beyond = outside * jnp.sum(jnp.sqrt(jnp.maximum(values, 0.0)))
    half = 0.5 * excess
    return Nodes(points, weights, weights, half, half, weights[:, None] * (moved @ L.T), beyond)


def _normal_hats(count: int) -> tuple[Array, Array, Array]:
    """Nodes, masses and means of a standard normal against hat functions, the outermost ones constant beyond the grid."""
    u = jnp.linspace(-DEVIATIONS, DEVIATIONS, count)
    step = u[1] - u[0]
    phi = jnp.exp(-0.5 * u**2) / np.sqrt(2 * np.pi)
    Phi = 0.5 * (1 + erf(u / np.sqrt(2)))
    # Moments 0, 1, 2 of every interval, and of both tails.
    zero, one = jnp.diff(Phi), -jnp.diff(phi)
    two = zero - jnp.diff(u * phi)
    right0, right1 = (one - u[:-1] * zero) / step, (two - u[:-1] * one) / step
    left0, left1 = zero - right0, one - right1
    mass = jnp.pad(right0, (1, 0)) + jnp.pad(left0, (0, 1))
    first = jnp.pad(right1, (1, 0)) + jnp.pad(left1, (0, 1))
    tail = 0.5 * math.erfc(DEVIATIONS / 2**0.5)
    mass = mass.at[0].add(tail).at[-1].add(tail)
    first = first.at[0].add(-phi[0]).at[-1].add(phi[-1])
    return u, mass, first / mass
