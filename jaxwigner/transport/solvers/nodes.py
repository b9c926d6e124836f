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

from jaxwigner._checks import as_inexact, check_finite, check_shape, check_weights, require
from jaxwigner._types import Array
from jaxwigner.grid import Grid
from jaxwigner.states import Density, Gaussian, Particles

HAT = (0.125, 0.75, 0.125)
FAR, LIGHT = (
    1e8,
    1e-18,
)  # squared distance of a far node and moment of a light one, in units of a typical square
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


class Cloud(eqx.Module):
    """Σ_k w_k δ_{x_k} in a space of any dimension n ≥ 1: `weights` (K,), `points` (K, n)."""

    weights: Float[Array, " k"]
    points: Float[Array, "k n"]


def cloud_of(name: str, pair: tuple[Any, Any]) -> Cloud:
    """The cloud of a pair (weights, points), checked; on a line points may be given as (K,)."""
    weights, points = pair
    check_weights(name, weights)
    check_finite(name, points)
    weights, points = as_inexact(weights), as_inexact(points)
    points = points[:, None] if points.ndim == 1 else points
    check_shape(name, points, (weights.shape[0], None))
    require(points.shape[1] > 0, name, "have points of at least one coordinate", points)
    return Cloud(weights, points)


def coordinates(p: Any) -> int:
    """The dimension of the space where a measure lives: 2d on phase space."""
    return p.points.shape[1] if isinstance(p, Cloud) else 2 * p.dimension


def middle(p: Any) -> Float[Array, " m"]:
    """A point of phase space in the middle of a measure: seen from there, numbers are of the size of differences. No derivative."""
    if isinstance(p, Gaussian):
        return lax.stop_gradient(p.mean)
    if isinstance(p, Density):
        boxes = (p.grid.position, p.grid.momentum)
        ends = [0.5 * (a + b) for g in boxes for a, b in zip(g.lower, g.upper)]
        return lax.stop_gradient(jnp.stack([jnp.asarray(end, float) for end in ends]))
    points, weights = lax.stop_gradient(_weighted(p))
    near = points[jnp.argmax(weights)]
    gaps = points - near
    counted = ~light(gaps, weights, weights @ jnp.sum(gaps**2, axis=1))
    return near + jnp.sum(jnp.where(counted[:, None], gaps, 0.0), axis=0) / jnp.sum(counted)


def light(points: Float[Array, "k m"], weights: Float[Array, " k"], square: Any) -> Array:
    """Which nodes are far off and weigh nothing: all digits would be lost in their distances, and a cost does not feel them.

    `square`: a typical squared distance.
    """
    squares = jnp.sum(points**2, axis=1)
    return (squares > FAR * square) & (weights * squares <= LIGHT * square)


def nodes_of(p: Any, centre: Any = 0.0) -> Nodes:
    """Nodes of a measure, as seen from a point of its space."""
    if isinstance(p, Density):
        return _of_density(p, centre)
    if isinstance(p, Gaussian):
        return _of_gaussian(eqx.tree_at(lambda g: g.mean, p, p.mean - centre))
    points, weights = _weighted(p)
    weights = weights / jnp.sum(weights)
    return Nodes(points - centre, weights, weights, 0.0, 0.0)


def _weighted(p: Any) -> tuple[Array, Array]:
    """Points (K, m) and weights (K,) of what is a cloud."""
    if isinstance(p, Cloud):
        return p.points, p.weights
    require(isinstance(p, Particles), "p", "be Particles, a Density or a Gaussian", p)
    return jnp.concatenate([p.positions, p.momenta], axis=1), p.weights


class Frame(eqx.Module):
    """What two measures are seen from: `origin` + `centre` (m,) and a `scale`.

    Costs depend on differences, and numbers of size 1 keep their digits. The origin is near, so that differences from it are
    exact; the centre is the common mean, seen from there.
    """

    origin: Float[Array, " m"]
    centre: Float[Array, " m"]
    scale: Float[Array, ""]

    def put_back(self, measure: Nodes) -> Nodes:
        """Nodes of this frame as they are seen from the origin of the space."""
        scale = self.scale
        points = measure.points * scale + self.centre + self.origin
        above, below = measure.above * scale**2, measure.below * scale**2
        return Nodes(points, measure.weights, measure.hat_weights, above, below)


def framed(p: Any, q: Any) -> tuple[Nodes, Nodes, Frame]:
    """Both measures in the frame of their common mean and root mean square distance from it; costs are in units of scale²."""
    still = lax.stop_gradient
    origin = middle(p)
    one, other = nodes_of(p, origin), nodes_of(q, origin)
    pairs = [(still(measure.points), still(measure.weights)) for measure in (one, other)]
    centre = 0.5 * sum(w @ z for z, w in pairs)
    square = 0.5 * sum(w @ jnp.sum((z - centre) ** 2, axis=1) for z, w in pairs)
    frame = Frame(origin, jnp.asarray(centre), jnp.where(square > 0, jnp.sqrt(square), 1.0))
    return _seen_from(one, frame), _seen_from(other, frame), frame


def _seen_from(measure: Nodes, frame: Frame) -> Nodes:
    scale = frame.scale
    return Nodes(
        (measure.points - frame.centre) / scale,
        measure.weights,
        measure.hat_weights,
        measure.above / scale**2,
        measure.below / scale**2,
    )


def ringed_axes(p: Density, centre: Any) -> list[Array]:
    """The axes of the grid with one empty cell at either end, as seen from a point of phase space."""
    ends = iter(jnp.broadcast_to(jnp.asarray(centre, float), (2 * p.dimension,)))
    found = []
    for grid in (p.grid.position, p.grid.momentum):
        for low, high, count in zip(grid.lower, grid.upper, grid.points):
            end = next(ends)
            moved = Grid(
                low - end, high - end, count
            )  # differences first: large numbers are coarse
            x, step = jnp.asarray(moved.axes[0]), moved.spacing[0]
            found.append(jnp.concatenate([x[:1] - step, x, x[-1:] + step]))
    return found


def _of_density(p: Density, centre: Any) -> Nodes:
    """One empty ring of cells around the grid, so that the hats fit."""
    axes = ringed_axes(p, centre)
    steps = [*p.grid.position.spacing, *p.grid.momentum.spacing]
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
