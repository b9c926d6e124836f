"""Bosons in a flat place of a bounded V against the closed form of a quadratic one, and the deviation of Husimi functions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems.gp.sharp import condensates, states

HBAR, L, TIME = 0.05, 0.5, 0.5


@pytest.mark.slow
def test_squeezed_condensate_moves_as_under_a_quadratic_interaction():
    grid, v = jw.Grid(-4.0, 4.0, 96), states.stretched(L, TIME)
    program = jax.jit(
        lambda N: condensates.squeezed_condensate(
            jw.FockExcitations(grid, states.hill(L), HBAR, N),
            states.tilted_orbitals(grid, HBAR, 2.0, v, 1)[0],
            duration=TIME,
            steps=24,
        )
    )
    start = jw.Gaussian(jnp.zeros(2), states.tilted_covariance(HBAR, 2.0, v))
    for N in (20.0, 1e4):
        found = program(N)
        end = jw.quantum.quadratic_marginal(start, -L, N, TIME)
        for claim in found.values():
            assert claim.verdict == "holds"
            np.testing.assert_allclose(claim.lhs.centre, 0.5 * np.trace(end.covariance), rtol=2e-3)
        assert 0.8 < found["sharp"].ratio < 1


@pytest.mark.slow
def test_deviation_of_husimi_functions():
    """Bounded from both sides, of order t² for short times, the same for every large N."""
    hill = jw.potentials.Gaussian(1.0, 1.0)
    program = jax.jit(
        lambda t: condensates.deviations(
            hill, np.ones(1), np.array([100.0, 1e4]), duration=t, steps=12
        )
    )
    late, early = program(1.0), program(0.1)
    for found in (late, early):
        assert np.all(found.below <= found.above) and np.max(found.missing) < 1e-3
        np.testing.assert_allclose(found.below[:, 0], found.below[:, 1], rtol=2e-3)
    assert np.all(early.above < 0.02 * late.trace_norm + 0.02) and np.all(late.below > 0.06)
