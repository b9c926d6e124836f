"""Husimi functions: the formulas that hold, and those as printed, which do not."""

# ruff: noqa: E731

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import (
    husimi_functions,
)


@pytest.mark.slow
def test_husimi_claims_fail_with_the_printed_formulas():
    phase = jw.PhaseGrid(jw.Grid(-6.0, 6.5, 80), jw.Grid(-5.5, 6.0, 72))
    grid = jw.Grid(-7.0, 6.5, 128)
    points = np.array([0.2, -0.5, 0.3]), np.array([0.4, 0.1, -0.2])

    def program(hbar):
        orbitals = [jw.coherent_state(grid, q, p, hbar) for q, p in ((0.4, 0.2), (-0.7, 0.5))]
        state = jw.MixedState(jnp.array([0.4, 0.6]), jnp.stack(orbitals))
        inverse = jax.vmap(
            lambda band: husimi_functions.reconstruction(state, grid, phase, hbar, band=band)
        )
        heat = jax.vmap(
            lambda time: husimi_functions.smoothed_wigner(state, grid, phase, hbar, time=time)
        )
        printed = (
            husimi_functions.coherent_expectation(state, grid, phase, hbar, printed=True),
            husimi_functions.holomorphic_identity(state, grid, *points, hbar, printed=True),
        )
        correct = (
            husimi_functions.coherent_expectation(state, grid, phase, hbar),
            husimi_functions.holomorphic_identity(state, grid, *points, hbar),
        )
        return correct, printed, heat(jnp.array([0.25, 0.3])), inverse(jnp.array([6.0, 18.0]))

    correct, printed, heat, inverse = jax.jit(program)(0.4)
    entry = lambda claim, k: jax.tree.map(lambda leaf: leaf[k], claim)
    assert [claim.verdict for claim in correct] == ["holds", "holds"]
    assert [claim.verdict for claim in printed] == ["violated", "violated"]
    assert [entry(heat, k).verdict for k in (0, 1)] == ["holds", "violated"]
    # Beyond K the stated error e^{ħK²/4} × rounding leaves nothing to decide.
    assert [entry(inverse, k).verdict for k in (0, 1)] == ["holds", "undecided"]
