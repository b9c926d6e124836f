"""States and boxes that the claims of Golse and Paul share."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.potentials import Cosine
from jaxwigner.states import Gaussian, Particles
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import mean_field

COSINE = Cosine(1.0, 1.0)  # L = ‖V‖∞ = ‖∇V‖∞ = 1


HBAR = 0.1


def cloud(count: int, spread: float = 0.4, seed: int = 0) -> Particles:
    """A cloud of variance `spread` in both directions, drawn once."""
    z = np.random.default_rng(seed).normal(size=(2, count)) * np.sqrt(spread)
    return Particles(np.full(count, 1 / count), *z)


def box(points: int, turns: int = 4) -> Grid:
    """A box of whole periods of cos x."""
    return Grid(-turns * np.pi, turns * np.pi, points)


def gaussian(mean, spread) -> Gaussian:
    return Gaussian(jnp.asarray(mean), jnp.asarray(spread))


def pair_of_gaussians() -> tuple[Gaussian, Gaussian]:
    """A classical and a quantum Gaussian which differ in mean and covariance."""
    p = gaussian([0.3, 0.0], [[0.5, 0.1], [0.1, 0.3]])
    return p, gaussian([0.0, 0.2], [[0.4, 0.1], [0.1, 0.3]])


def two_bodies(classical: str):
    """The coupling of f^{⊗2} and R_f^{⊗2}, with full and with half the steps."""
    z, grid = cloud(4, 0.4, 3), box(72, 2)

    @lightly
    def program(hbar, steps):
        options = {"duration": 1.0, "steps": steps, "classical": classical}
        return mean_field.body_coupling(z, COSINE, grid, hbar, **options)

    return [program(0.3, steps) for steps in (40, 20)]
