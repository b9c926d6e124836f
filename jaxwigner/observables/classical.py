"""Moments of classical states: of weighted particles, and of densities on a grid of phase space."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._checks import (
    check_finite,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import PhaseGrid
from jaxwigner.states import Particles


def moments(particles: Particles) -> tuple[Float[Array, " z"], Float[Array, "z z"]]:
    """Mean (⟨x⟩, ⟨p⟩) and covariance of a measure on phase space, positions first.

    >>> import jaxwigner as jw
    >>> mean, covariance = jw.observables.moments(jw.Particles([0.5, 0.5], [0.0, 2.0], [1.0, 1.0]))
    >>> mean.tolist(), covariance.tolist()
    ([1.0, 1.0], [[1.0, 0.0], [0.0, 0.0]])
    """
    require(isinstance(particles, Particles), "particles", "be Particles", particles)
    z = jnp.concatenate([particles.positions, particles.momenta], axis=1)
    mean = particles.weights @ z
    centred = z - mean[None]
    return mean, (particles.weights[:, None] * centred).T @ centred


def phase_moments(
    W: Float[Array, "*shape"], grid: PhaseGrid
) -> tuple[Float[Array, " z"], Float[Array, "z z"]]:
    """Mean and covariance of a density on phase space (a Wigner function has the quantum covariance)."""
    require(isinstance(grid, PhaseGrid), "grid", "be a PhaseGrid", grid)
    check_finite("W", W, grid.shape)
    x, p = grid.mesh
    z = x + p
    mass = jnp.sum(W)
    mean = jnp.stack([jnp.sum(a * W) for a in z]) / mass
    second = jnp.stack([jnp.stack([jnp.sum(a * b * W) for a in z]) for b in z]) / mass
    return mean, second - mean[:, None] * mean[None, :]
