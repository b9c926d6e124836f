"""Derivatives and tails along an evolution, and what breaks their bounds."""

import jax
import jax.numpy as jnp
from two_packets import GRID, HBAR, PHI

import jaxwigner as jw
from jaxwigner.phase_space import wigner_expectation
from jaxwigner.potentials import Cosine
from jaxwigner.theorems import (
    propagation,
)


def test_derivative_is_that_of_the_evolution(psi):
    """d/dt∫∫Wφ by its formula against central differences of the evolved state."""
    psi = psi / jnp.sqrt(jw.observables.norm(psi, GRID))
    system, h = jw.Schrodinger(GRID, Cosine(0.8), HBAR), 1e-3

    @jax.jit
    def value(t):
        run = jw.evolve(system, psi, duration=t, steps=2, gradient="forward", throw=False)
        return wigner_expectation(run.state, GRID, PHI, HBAR)

    difference = (value(h) - value(-h)) / (2 * h)
    assert abs(propagation.derivative(psi, Cosine(0.8), GRID, PHI, HBAR) - difference) < 1e-6


def test_tail_bounds_see_the_box():
    """An evolution in too small a box decides nothing."""
    times = {"duration": 1.0, "steps": 8, "saves": 2}

    @jax.jit
    def claim(lower, upper):
        grid = jw.Grid(lower, upper, 96)
        psi = jw.coherent_state(grid, 0.5, 1.5, HBAR)
        return propagation.position_tail(
            psi, Cosine(0.3), grid, HBAR, radius=2.5, inner=1.5, **times
        )

    assert claim(-6.0, 5.5).verdict == "holds"
    assert claim(-2.0, 2.2).verdict == "undecided"


def test_momentum_tail_constant_matters():
    """A packet of sharp momentum just above R uses most of Chebyshev's bound."""
    psi = jw.squeezed_state(GRID, -0.5, 1.5, 0.2, 6.0)
    claim = jax.jit(
        lambda psi: propagation.momentum_tail(
            psi, Cosine(0.02), GRID, 0.2, radius=1.2, duration=0.5, steps=8, saves=4
        )
    )(psi)
    assert claim.verdict == "holds" and claim.with_constant(0.5).verdict == "violated"
