"""The potential terms of the Wigner and Liouville equations."""

import jax.numpy as jnp
import numpy as np
import pytest
from skewed import GRID, HBAR, NATURAL, coordinates, superposition

import jaxwigner as jw
from jaxwigner.phase_space import f_hbar, g_hbar


def test_potential_term_is_the_derivative_of_the_kick():
    psi = superposition()
    U = jw.potentials.Torsion(1.3)
    f = f_hbar(psi, U, GRID, NATURAL, HBAR)
    W = jw.wigner(psi, GRID, NATURAL, HBAR)
    moyal = jw.Moyal(NATURAL, U, HBAR)
    step = 1e-4
    slope = (moyal.kick(W, step) - moyal.kick(W, -step)) / (2 * step)
    np.testing.assert_allclose(f, slope, atol=1e-6 * float(jnp.max(jnp.abs(f))))


def test_force_points_down_the_slope():
    """The mean momentum moves by −⟨∇U⟩τ: the other sign of y would turn it round."""
    psi = jw.coherent_state(GRID, 1.2, 0.0, HBAR)
    W = jw.wigner(psi, GRID, NATURAL, HBAR)
    kicked = jw.Moyal(NATURAL, jw.potentials.Harmonic(1.0), HBAR).kick(W, 0.1)
    (_, p) = coordinates(NATURAL)
    assert jnp.sum(p * kicked) * NATURAL.cell == pytest.approx(-0.12, abs=1e-10)


def test_quadratic_potentials_have_no_quantum_correction():
    psi = superposition()
    U = jw.potentials.Harmonic(0.7, centre=0.4)
    assert float(jnp.max(jnp.abs(g_hbar(psi, U, GRID, NATURAL, HBAR)))) < 1e-8
    quartic = jw.potentials.DoubleWell(1.0, 2.0)
    assert float(jnp.max(jnp.abs(g_hbar(psi, quartic, GRID, NATURAL, HBAR)))) > 1e-2
