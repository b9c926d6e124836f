"""The mean field V⋆ρ of a pair potential: on grids by Fourier transforms, for particles by pairs or through a mesh.

    (V⋆ρ)(x) = ∫V(x − x′)ρ(x′)dx′          energy ½∬Vρρ (the ½ counts every pair once)

On a grid the sum over points is a convolution. It is padded to twice the box, so that no image of the box acts on it, unless the
box holds whole periods of V. For particles, `PairSum` visits pairs in chunks; `MeshSum` spreads them with cubic B-splines,
convolves, and interpolates with the same splines, whose attenuation is divided out of V (Essmann et al., J. Chem. Phys. 103,
8577 (1995)): its force is the gradient of its energy, and a kick with positions at rest stays exact.
"""

from __future__ import annotations

import itertools
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Complex, Float

from jaxwigner._checks import check_finite, check_integer, concrete, require
from jaxwigner.grid import Grid, spread
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.potentials.on_grid import check_covers, check_potential, is_periodic

CHUNK = 256  # particles whose pairs exist at a time
SAMPLES = 9  # differences along each axis at which V(x) and V(−x) are compared
UNEVEN = 1e-6  # relative difference that is more than rounding


class Convolution(eqx.Module):
    """ρ ↦ K⋆ρ on a grid for one or several kernels, prepared: the transform of the kernels times the volume of a cell."""

    kernel: Complex[Array, "c *spectrum"]
    padded: tuple[int, ...] = eqx.field(static=True)
    shape: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, rho: Float[Array, "*shape"]) -> Float[Array, "c *shape"]:
        axes = tuple(range(len(self.shape)))
        spectrum = jnp.fft.rfftn(rho, s=self.padded, axes=axes)
        later = tuple(i + 1 for i in axes)
        field = jnp.fft.irfftn(self.kernel * spectrum[None], s=self.padded, axes=later)
        return field[(slice(None), *(slice(0, n) for n in self.shape))]


def potential_field(pair: Potential, grid: Grid) -> Convolution:
    """ρ ↦ (V⋆ρ,)."""
    return _convolution(pair, grid, lambda *x: (pair(*x),))


def force_field(pair: Potential, grid: Grid) -> Convolution:
    """ρ ↦ (∂_1V⋆ρ, …, ∂_dV⋆ρ)."""
    return _convolution(pair, grid, pair.gradient)


def _convolution(pair: Potential, grid: Grid, kernels: Any) -> Convolution:
    offsets, padded = _offsets(pair, grid)
    values = [jnp.broadcast_to(value, padded) for value in kernels(*offsets)]
    axes = tuple(range(1, grid.dimension + 1))
    spectrum = jnp.fft.rfftn(jnp.stack(values), axes=axes) * grid.cell
    return Convolution(spectrum, padded, grid.shape)


def _offsets(pair: Potential, grid: Grid) -> tuple[tuple[Array, ...], tuple[int, ...]]:
    """Differences of grid points in NumPy's order: 0, h, …, −h."""
    factor = 1 if is_periodic(pair, grid) else 2
    padded = tuple(factor * n for n in grid.shape)
    lines = [np.fft.fftfreq(n, 1 / n) * h for n, h in zip(padded, grid.spacing)]
    return tuple(map(jnp.asarray, spread(lines))), padded


def check_pair(pair: Any, dimension: int, grid: Grid | None = None) -> Potential:
    """`pair` as a `Potential` of `dimension` coordinates, even, and defined at every difference of points of `grid`.

    V(−x) = V(x) makes the force on j by k the opposite of that on k by j; every theorem of Golse and Paul assumes it.

    **Raises:** `ValueError` («Argument `pair` must …»).
    """
    require(callable(pair), "pair", "be a Potential or a function of differences", pair)
    pair = as_potential(pair)
    try:
        check_potential(pair, dimension)
        if grid is not None and not is_periodic(pair, grid):
            check_covers(pair, tuple(-side for side in grid.length), grid.length)
    except ValueError as error:
        raise ValueError(str(error).replace("`potential`", "`pair`")) from error
    _check_even(pair, (3.0,) * dimension if grid is None else grid.length)
    return pair


def _check_even(pair: Potential, sides: tuple[Any, ...]) -> None:
    if not concrete((pair, sides, pair.domain)):
        return
    # Irregular places: a symmetric sample could hit only zeros of the odd part.
    places = (np.arange(1, SAMPLES + 1) / (SAMPLES + 1)) ** 1.3
    first, last = (float(np.min(np.abs(end))) for end in pair.domain)
    reach = [min(float(side), first, last) for side in sides]
    mesh = spread([(1 if i == 0 else -1) * side * places for i, side in enumerate(reach)])
    with jax.ensure_compile_time_eval():
        there, back = (np.asarray(pair(*(sign * jnp.asarray(x) for x in mesh))) for sign in (1, -1))
    check_finite("pair", there)
    gap = np.max(np.abs(there - back)) / max(np.max(np.abs(there)), 1e-300)
    if gap > UNEVEN:
        must = "be even, V(−x) = V(x)"
        raise ValueError(
            f"Argument `pair` must {must}, but differs by a factor {gap:.1e} of itself"
        )


class PairSum(eqx.Module):
    """x_k ↦ Σ_l w_l V(x_k − x_l) and its gradient in x_k, pair by pair, `chunk` rows at a time."""

    pair: Potential
    chunk: int = eqx.field(static=True, default=CHUNK)

    def potential(self, positions: Float[Array, "k d"], weights: Float[Array, " k"]):
        """Σ_l w_l V(x_k − x_l), (K,)."""
        return self._rows(lambda gaps: self.pair(*gaps), positions, weights)

    def slope(self, positions: Float[Array, "k d"], weights: Float[Array, " k"]):
        """Σ_l w_l ∇V(x_k − x_l), (K, d)."""
        gradient = lambda gaps: jnp.stack(self.pair.gradient(*gaps), axis=-1)  # noqa: E731
        return self._rows(gradient, positions, weights)

    def _rows(self, function, positions, weights):
        # Recomputed on the way back: a gradient would otherwise store all pairs.
        @jax.checkpoint
        def row(x):
            return weights @ function(tuple((x[None, :] - positions).T))

        return lax.map(row, positions, batch_size=min(self.chunk, positions.shape[0]))


class MeshSum(eqx.Module):
    """The same through a mesh: cubic B-splines, V sampled on the mesh and corrected for their width.

    `mesh` must hold all particles with two points to spare, or be periodic with V; its spacing has to resolve V.
    """

    field: Convolution
    mesh: Grid
    periodic: bool = eqx.field(static=True)

    def __init__(self, pair: Potential, mesh: Grid):
        plain = potential_field(pair, mesh)
        self.field = eqx.tree_at(
            lambda f: f.kernel, plain, plain.kernel / _attenuation(plain) / mesh.cell
        )
        self.mesh = mesh
        self.periodic = is_periodic(pair, mesh)

    def potential(self, positions, weights):
        field = self._field(positions, weights)
        return self._gather(field, positions, (0,) * self.mesh.dimension)

    def slope(self, positions, weights):
        field = self._field(positions, weights)
        d = self.mesh.dimension
        columns = [
            self._gather(field, positions, tuple(int(i == j) for j in range(d))) for i in range(d)
        ]
        return jnp.stack(columns, axis=-1)

    def _field(self, positions, weights):
        where, splines = self._splines(positions)
        rho = jnp.zeros(self.mesh.shape, positions.dtype)
        for corner in itertools.product(range(4), repeat=self.mesh.dimension):
            share, index = weights, []
            for axis, j in enumerate(corner):
                share = share * splines[axis][0][j]
                index.append(self._index(where[axis] + j, axis))
            rho = rho.at[tuple(index)].add(share)
        return self.field(rho)[0]

    def _gather(self, field, positions, order):
        """Σ_g M(x − g)φ_g, or its derivative along an axis."""
        where, splines = self._splines(positions)
        total = jnp.zeros(positions.shape[0], positions.dtype)
        for corner in itertools.product(range(4), repeat=self.mesh.dimension):
            share, index = jnp.ones_like(total), []
            for axis, j in enumerate(corner):
                share = share * splines[axis][order[axis]][j]
                index.append(self._index(where[axis] + j, axis))
            total = total + share * field[tuple(index)]
        return total

    def _index(self, index, axis):
        n = self.mesh.points[axis]
        return index % n if self.periodic else jnp.clip(index, 0, n - 1)

    def _splines(self, positions):
        """First of the four mesh points, and weights and their derivatives, for every axis."""
        where, splines = [], []
        for axis, (low, step) in enumerate(zip(self.mesh.lower, self.mesh.spacing)):
            s = (positions[:, axis] - low) / step
            cell = jnp.floor(s)
            t = s - lax.stop_gradient(cell)
            where.append(cell.astype(int) - 1)
            splines.append((_cubic(t), tuple(slope / step for slope in _cubic_slopes(t))))
        return where, splines


def _cubic(t):
    """Weights of the cubic B-spline at the points −1, 0, 1, 2 of a cell, 0 ≤ t < 1."""
    s = 1 - t
    return s**3 / 6, (4 - 3 * t**2 * (2 - t)) / 6, (4 - 3 * s**2 * (2 - s)) / 6, t**3 / 6


def _cubic_slopes(t):
    s = 1 - t
    return -(s**2) / 2, t * (3 * t - 4) / 2, s * (4 - 3 * s) / 2, t**2 / 2


def _attenuation(plain: Convolution) -> Array:
    """Square of the transform of the sampled spline, (2 + cos k)/3 along each axis."""
    product = jnp.ones(())
    d = len(plain.padded)
    for axis, n in enumerate(plain.padded):
        frequencies = np.fft.rfftfreq(n) if axis == d - 1 else np.fft.fftfreq(n)
        line = ((2 + np.cos(2 * np.pi * frequencies)) / 3) ** 2
        product = product * line.reshape((1,) * axis + (-1,) + (1,) * (d - 1 - axis))
    return product[None]


def pair_sum(pair: Potential, mesh: Grid | None, chunk: int) -> PairSum | MeshSum:
    """By pairs, or through a mesh if one is given."""
    check_integer("chunk", chunk, at_least=1)
    return PairSum(pair, chunk) if mesh is None else MeshSum(pair, mesh)
