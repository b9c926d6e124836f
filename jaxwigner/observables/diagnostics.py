"""Whether a grid holds a state: its mass, what has reached the edge of the box, what has reached the highest wavenumbers."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._types import Array

TAIL = 0.1  # share of the spectrum, at its upper end, which must stay empty


EDGE = 0.05  # share of the box, at each end, which must stay empty


def square(z: Array) -> Array:
    """|z|², without the square root of `abs`."""
    return jnp.real(z) ** 2 + jnp.imag(z) ** 2


def total(values: Float[Array, "*shape"]) -> Float[Array, ""]:
    """The sum of all entries, row by row.

    XLA would join the two sums into one long one, which on a CPU runs on a single core and rounds more; hence the barrier.
    """
    rows = jnp.sum(values, axis=-1)
    return jnp.sum(jax.lax.optimization_barrier(rows)) if rows.ndim else rows


def spectral_tail(power: Float[Array, "*shape"], wavenumbers: tuple[Array, ...]) -> Array:
    """Share of the spectral power whose wavenumber lies in the outer tenth along some axis."""
    outer = np.zeros((1,) * power.ndim, bool)
    for k in map(abs, wavenumbers):  # NumPy's, where the box is known
        outer = outer | (k > (1 - TAIL) * k.max())
    return total(jnp.where(outer, power, 0.0)) / (total(power) + jnp.finfo(power.dtype).tiny)


def edge_mass(density: Float[Array, "*shape"], axes: tuple[int, ...]) -> Array:
    """Share of a density (its absolute value) in the outer twentieth of the box along some of `axes`."""
    density = jnp.abs(density)
    outer = np.zeros((1,) * density.ndim, bool)
    for axis in axes:
        n = density.shape[axis]
        j = np.arange(n)
        mask = (j < EDGE * n) | (j >= n - EDGE * n)
        outer = outer | mask.reshape(tuple(-1 if i == axis else 1 for i in range(density.ndim)))
    everything = total(density) + jnp.finfo(density.dtype).tiny
    return total(jnp.where(outer, density, 0.0)) / everything
