"""What classical nuclei see of a matrix potential: levels, forces, how fast a gap closes; and what they start from.

In the adiabatic basis at q, W_i = Qᵀ∂_iV Q: its diagonal are the slopes of the levels, W_ab = (λ_b − λ_a)d_ab between two of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner._checks import concrete, require
from jaxwigner._types import Array
from jaxwigner.classical.newton import entered
from jaxwigner.potentials.surfaces.algebra import levels_of, packed, rotated, transposed, vectors_of
from jaxwigner.potentials.surfaces.matrix import MatrixPotential, as_matrix_potential, level_number
from jaxwigner.states import Particles


class Sight(NamedTuple):
    """At places (…, d): levels (…, n), vectors (…, n, n), slopes W (…, d, n, n)."""

    levels: Any
    vectors: Any
    slopes: Any

    def force(self, level: Array) -> Array:
        """−∇λ of the level that each place is on, (…, d)."""
        own = jnp.diagonal(self.slopes, axis1=-2, axis2=-1)
        return -jnp.take_along_axis(own, level[..., None, None], axis=-1)[..., 0]

    def height(self, level: Array) -> Array:
        """λ of the level that each place is on."""
        return jnp.take_along_axis(self.levels, level[..., None], axis=-1)[..., 0]


def seen_at(potential: MatrixPotential, places: Float[Array, "*shape d"]) -> Sight:
    """Levels and slopes at places."""
    q = tuple(jnp.moveaxis(places, -1, 0))
    fields = packed(potential(*q))
    Q = vectors_of(fields)
    slopes = jnp.stack([rotated(Q, slope) for slope in potential.gradient(*q)], axis=-3)
    return Sight(jnp.moveaxis(levels_of(fields), 0, -1), Q, slopes)


def function_of(potential: Any, dimension: int) -> MatrixPotential:
    """A matrix potential that is known everywhere, as trajectories need it."""
    must = "be a MatrixPotential or a function, which trajectories can ask anywhere"
    require(callable(potential), "potential", must, potential)
    return as_matrix_potential(potential, dimension)


def start_level(potential: MatrixPotential, cloud: Any, level: Any) -> tuple[Particles, int]:
    """The cloud as it is taken, and the number of the level; not at the very tip, where there is no level to be on."""
    cloud = entered(cloud, "cloud")
    function_of(potential, cloud.dimension)
    number = level_number(level, potential.size)
    levels = potential.levels(*cloud.positions.T)
    if concrete(levels):
        height = np.asarray(levels)
        apart = np.all(np.diff(height, axis=-1)[:, max(number - 1, 0) : number + 1] > 0)
        must = f"keep away from where level {number} meets another"
        require(apart, "cloud", must, "on it")
    return cloud, number


def on_levels(Q: Float[Array, "k n n"], c: Complex[Array, "k n"]) -> Float[Array, "k n"]:
    """|(Qᵀc)_j|², how much of each amplitude is on each level."""
    own = jnp.sum(transposed(Q) * c[:, None, :], axis=-1)
    return jnp.real(own) ** 2 + jnp.imag(own) ** 2


def energies_of_motion(momenta: Float[Array, "*shape d"], masses: tuple[Any, ...]) -> Array:
    """Σp_i²/2m_i."""
    return sum((momenta[..., i] ** 2 / (2 * m) for i, m in enumerate(masses)), start=jnp.zeros(()))
