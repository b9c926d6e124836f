"""Phase-space functions at any points, `at=(x, p)`: positions and momenta that broadcast, a point, a line, two vectors or a mesh.

On a grid        Σ_m F(x)[m] e^{−ip·y_m}: a field F that depends on x alone, summed over its nodes y_m for every p
In closed form   Σ_k w_k N(z_k, S)(z), of a Töplitz state (S = ħ/2, Husimi: ħ) or a Gaussian
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_finite, check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.phase_space._windows import (
    Part,
    check_phase_grid,
    check_same_hbar,
    check_transform,
    is_natural,
    part_of,
)
from jaxwigner.phase_space.toeplitz import ToeplitzState
from jaxwigner.states import FockState, Gaussian

AT_ONCE = 2**21  # entries of the arrays in memory together

Points = tuple[tuple[Array, ...], tuple[Array, ...]]


def points_of(at: Any, dimension: int) -> Points:
    """(x, p) as d arrays each, of one rank and of shapes that broadcast together."""
    pair = isinstance(at, (tuple, list)) and len(at) == 2
    require(pair, "at", "be a pair (x, p) of positions and momenta", at)
    found = []
    for values in at:
        axes = _axes(values, dimension)
        must = f"have {dimension} arrays of positions and of momenta, one for each axis of space"
        require(len(axes) == dimension, "at", must, len(axes))
        for axis in axes:
            check_finite("at", axis)
        found.append(tuple(jnp.asarray(axis, float) for axis in axes))
    try:
        np.broadcast_shapes(*(axis.shape for axis in (*found[0], *found[1])))
    except ValueError:
        shapes = ", ".join(str(axis.shape) for axis in (*found[0], *found[1]))
        require(False, "at", "have shapes that broadcast together", shapes)
    rank = max(axis.ndim for axis in (*found[0], *found[1]))
    x, p = (tuple(a.reshape((1,) * (rank - a.ndim) + a.shape) for a in axes) for axes in found)
    return x, p


def _axes(values: Any, dimension: int) -> tuple[Any, ...]:
    """The arrays in a tuple, or one array, for which a list of numbers stands as well."""
    if not isinstance(values, (tuple, list)):
        return (values,)
    one_list = dimension == 1 and not (len(values) == 1 and np.ndim(values[0]) > 0)
    return (values,) if one_list else tuple(values)


def window(
    grid: Any, phase_grid: Any, hbar: Any, at: Any
) -> tuple[Grid, Scalar, PhaseGrid | Points]:
    """Grid and ħ of a state, and where its function is wanted: the phase grid, or the points."""
    if at is None:
        check_transform(grid, phase_grid, hbar)
        return grid, hbar, phase_grid
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_positive_scalar("hbar", hbar)
    require(phase_grid is None, "phase_grid", "be left out where `at` is given", phase_grid)
    return grid, hbar, points_of(at, grid.dimension)


def of_its_own(state: Any, phase_grid: Any, hbar: Any, at: Any) -> tuple[Any, Scalar, Points]:
    """State, ħ and points, of a state that needs no grid."""
    hbar = hbar if isinstance(state, Gaussian) else own_hbar(state, hbar)
    check_positive_scalar("hbar", hbar)
    if at is None:
        check_phase_grid(phase_grid, state.dimension, "state")
        x, p = phase_grid.mesh
        return state, hbar, (tuple(map(jnp.asarray, x)), tuple(map(jnp.asarray, p)))
    require(phase_grid is None, "phase_grid", "be left out where `at` is given", phase_grid)
    return state, hbar, points_of(at, state.dimension)


def own_hbar(state: FockState | ToeplitzState, hbar: Scalar | None) -> Scalar:
    """ħ of a state that knows it; one that is given must be the same."""
    if hbar is None:
        return state.hbar
    check_positive_scalar("hbar", hbar)
    check_same_hbar(state, hbar)
    return hbar


def window_or_natural(grid: Grid, where: PhaseGrid | Points, hbar: Scalar) -> Any:
    """None for the natural pixels of a grid, which follow from it and ħ; every other window as it is."""
    return None if isinstance(where, PhaseGrid) and is_natural(grid, where, hbar) else where


def window_or_part(grid: Grid, where: PhaseGrid | Points, hbar: Scalar) -> Any:
    """The same, and which of the natural pixels, where a window consists of some of them."""
    other = window_or_natural(grid, where, hbar)
    part = part_of(grid, other, hbar) if isinstance(other, PhaseGrid) else None
    if part is None and other is not None and any(grid.periodic):
        must = "be `phase_grid(grid, hbar)`, or pixels of it, where the grid is a ring: momenta have the step πħ/L there"
        raise ValueError(f"Argument `phase_grid` must {must}, but is another window")
    return other if part is None else part


def shape_of(where: PhaseGrid | Part | Points | None, grid: Grid | None = None) -> tuple[int, ...]:
    """Of the function: the window's, that of a grid's natural pixels, or what the arrays broadcast to."""
    if where is None and grid is not None:
        return (*grid.points, *(2 * n for n in grid.points))
    if not isinstance(where, tuple):
        return () if where is None else where.shape
    return np.broadcast_shapes(*(axis.shape for axis in (*where[0], *where[1])))


def held(points: Points, grid: Grid, hbar: Scalar) -> Array:
    """Whether the grid holds the momenta, |p| < πħ/Δ."""
    inside: Any = True
    for p, step in zip(points[1], grid.spacing):
        inside = inside & (jnp.abs(p) <= (1 + 1e-12) * np.pi * hbar / step)
    return inside


def fourier_sums(
    field: Callable[[tuple[Array, ...]], Array],
    nodes: Sequence[Array],
    points: Points,
    pick: Callable[[Array], Array],
) -> Float[Array, "*points"]:
    """pick(Σ_m F(x)[m] e^{−ip·y_m}) at points (x, p): F once for each x, however many momenta stand beside it.

    **Arguments:** `field`: F of one x, a tuple of d numbers; `nodes`: y per axis; `pick`: the real number that is wanted of each sum.
    """
    x, p, back = _x_first(points)
    size = int(np.prod([axis.shape[0] for axis in nodes]))

    @jax.checkpoint
    def at_position(where):
        position, momenta = where
        values = field(position)
        batch = max(
            1, AT_ONCE // max(sum(axis.shape[0] for axis in nodes), size // nodes[0].shape[0])
        )
        return jax.lax.map(lambda k: pick(_sum(values, nodes, k)), momenta, batch_size=batch)

    held = max(size, p[0].shape[1] * sum(axis.shape[0] for axis in nodes))
    return back(jax.lax.map(at_position, (x, p), batch_size=max(1, AT_ONCE // (4 * held))))


def _sum(values: Array, nodes: Sequence[Array], momentum: tuple[Array, ...]) -> Array:
    """One axis after the other, the last one first."""
    for y, p in reversed(list(zip(nodes, momentum))):
        values = values @ jnp.exp(-1j * p * y).astype(values.dtype)
    return values


def _x_first(points: Points) -> tuple[tuple[Array, ...], tuple[Array, ...], Callable]:
    """Positions (B,), momenta (B, M), and the way back from (B, M) to the shape of the points.

    The axes along which no position varies are the M momenta that share a correlation.
    """
    shape = shape_of(points)
    of_x = np.broadcast_shapes(*(axis.shape for axis in points[0]))
    moving = [i for i, n in enumerate(of_x) if n == shape[i]]
    order = [*moving, *(i for i in range(len(shape)) if i not in moving)]
    count = int(np.prod([shape[i] for i in moving]))
    x = tuple(jnp.broadcast_to(axis, of_x).reshape(count) for axis in points[0])
    p = tuple(
        jnp.broadcast_to(axis, shape).transpose(order).reshape(count, -1) for axis in points[1]
    )

    def back(values):
        return values.reshape([shape[i] for i in order]).transpose(np.argsort(order))

    return x, p, back


def closed_form(
    state: ToeplitzState | Gaussian, hbar: Scalar, points: Points, husimi: bool
) -> Float[Array, "*points"]:
    """W, or W̃ = W ∗ N(0, ħ/2), of states whose Wigner function is a sum of normal laws."""
    if isinstance(state, Gaussian):
        _check_uncertainty(state, hbar)
        size = 2 * state.dimension
        extra = 0.5 * hbar if husimi else 0.0
        return _normal(state.mean, state.covariance + extra * jnp.eye(size), points)
    variance = state.hbar if husimi else 0.5 * state.hbar
    cloud = state.particles

    def add(total, term):
        weight, q, k = term
        squares = sum((a - b) ** 2 for a, b in zip((*points[0], *points[1]), (*q, *k)))
        return total + weight * jnp.exp(-squares / (2 * variance)), None

    start = jnp.zeros(shape_of(points), jnp.result_type(points[0][0], cloud.positions))
    terms = (cloud.weights, cloud.positions, cloud.momenta)
    return jax.lax.scan(add, start, terms)[0] / (2 * np.pi * variance) ** state.dimension


def _normal(mean: Array, covariance: Array, points: Points) -> Array:
    """The density of a normal law."""
    z = jnp.stack(jnp.broadcast_arrays(*points[0], *points[1]), axis=-1)
    factor = jnp.linalg.cholesky(covariance)
    whitened = jax.scipy.linalg.solve_triangular(
        factor, z.reshape(-1, mean.size).T - mean[:, None], lower=True
    )
    scale = jnp.prod(jnp.sqrt(2 * np.pi) * jnp.diagonal(factor))
    return (jnp.exp(-0.5 * jnp.sum(whitened**2, axis=0)) / scale).reshape(z.shape[:-1])


def _check_uncertainty(state: Gaussian, hbar: Scalar) -> None:
    """S + iħJ/2 ≥ 0: the Gaussian is the Wigner function of a state."""
    if not concrete((state.covariance, hbar)):
        return
    S, d = np.asarray(state.covariance), state.dimension
    J = np.kron(np.array([[0.0, 1.0], [-1.0, 0.0]]), np.eye(d))
    least = float(np.linalg.eigvalsh(S + 0.5j * float(hbar) * J)[0])
    must = "have a covariance S with S + iħJ/2 ≥ 0, as a quantum state has"
    require(least >= -1e-9 * abs(S).max(), "state", must, state.covariance)
