"""Töplitz quantisation: R_μ = OP^T((2πħ)^d μ) = ∫ |z⟩⟨z| μ(dz) for a probability measure μ (Golse–Paul §2.3).

W[R_μ] = μ ∗ N(0, ħ/2) and W̃[R_μ] = μ ∗ N(0, ħ): the quantum state that looks most like the classical one.
"""

from __future__ import annotations

import equinox as eqx
import jax
import numpy as np

from jaxwigner._checks import check_positive_scalar, concrete, require
from jaxwigner.grid import Grid, Scalar
from jaxwigner.states import MixedState, Particles, check_inside, coherent_state


def toeplitz_state(particles: Particles, grid: Grid, hbar: Scalar) -> MixedState:
    """R_μ = Σ_k w_k |z_k⟩⟨z_k| of a weighted cloud of points (Golse–Paul §2.3).

    **Arguments:** `particles`: K points of dimension d; `grid`: a grid of the same dimension; `hbar`: ħ > 0.

    **Returns:** a `MixedState` of K coherent states.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> jw.toeplitz_state(jw.Particles([1.0], [0.0], [1.0]), grid, hbar=0.5).orbitals.shape
    (1, 64)
    """
    require(isinstance(particles, Particles), "particles", "be Particles", particles)
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_positive_scalar("hbar", hbar)
    must = f"have the dimension of `grid` ({grid.dimension})"
    require(particles.dimension == grid.dimension, "particles", must, particles.dimension)
    check_inside(particles, grid)
    for p, step in zip(particles.momenta.T, grid.spacing):
        if concrete((p, step, hbar)):
            must = "have momenta below πħ/Δ, which the grid holds (increase `points`)"
            require(np.abs(np.asarray(p)) < np.pi * hbar / step, "particles", must, p)
    packet = jax.vmap(lambda q, p: coherent_state(grid, tuple(q), tuple(p), hbar))
    return MixedState(particles.weights, packet(particles.positions, particles.momenta))


class ToeplitzState(eqx.Module):
    """R_μ = Σ_k w_k |z_k⟩⟨z_k| without a grid, in any dimension: overlaps and moments of coherent states are explicit.

    ⟨z|z'⟩ = e^{−|a|²/2 − |a'|²/2 + ā·a'} up to the phases of Golse–Paul's |z, ħ⟩, a = (q + ip)/√(2ħ).

    **Arguments:** `particles`: the K points of μ; `hbar`: ħ > 0.

    >>> import jaxwigner as jw
    >>> jw.ToeplitzState(jw.Particles([1.0], [0.0], [1.0]), hbar=0.5).dimension
    1
    """

    particles: Particles
    hbar: Scalar

    def __init__(self, particles: Particles, hbar: Scalar):
        require(isinstance(particles, Particles), "particles", "be Particles", particles)
        check_positive_scalar("hbar", hbar)
        self.particles = particles
        self.hbar = hbar

    @property
    def dimension(self) -> int:
        """d."""
        return self.particles.dimension
