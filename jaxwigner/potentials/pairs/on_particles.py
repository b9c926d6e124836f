"""∇V⋆ρ at the places of particles: exactly, by chunks of pairs, or through a mesh with cubic charges."""

from __future__ import annotations

import itertools
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Bool, Float

from jaxwigner._checks import check_integer
from jaxwigner._types import Array
from jaxwigner.grid import Grid
from jaxwigner.potentials.on_grid import is_periodic, turning, with_edge
from jaxwigner.potentials.pairs.on_grids import Convolution, potential_field
from jaxwigner.potentials.potential import Potential

CHUNK = 256  # particles whose pairs exist at a time


class PairSum(eqx.Module):
    """x_k ↦ Σ_l w_l V(x_k − x_l) and its gradient in x_k, pair by pair, `chunk` rows at a time."""

    pair: Any  # a Potential, or another function of differences with a `gradient`
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
    turns: tuple[bool, ...] = eqx.field(static=True)

    def __init__(self, pair: Potential, mesh: Grid):
        plain = potential_field(pair, mesh)
        self.field = eqx.tree_at(
            lambda f: f.kernel, plain, plain.kernel / _attenuation(plain) / mesh.cell
        )
        self.mesh = mesh
        self.turns = turning(mesh, is_periodic(pair, mesh))

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
        return index % n if self.turns[axis] else jnp.clip(index, 0, n - 1)

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


def off_mesh(positions: Float[Array, "k d"], mesh: Grid) -> Bool[Array, " k"]:
    """Which particles are not at least two points inside of a mesh, where its splines are whole; a ring has them everywhere."""
    low = jnp.asarray(mesh.lower) + 2 * jnp.asarray(mesh.spacing)
    high = jnp.asarray(mesh.upper) - 3 * jnp.asarray(mesh.spacing)
    beyond = (positions < low[None, :]) | (positions > high[None, :])
    return jnp.any(beyond[:, np.array(with_edge(mesh), int)], axis=1)


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
