"""Squeezed levels against closed forms, the most stretched direction against a search."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.states.quadratic import flow_matrix
from jaxwigner.theorems.gp.sharp import states

GRID = jw.Grid(-9.0, 9.0, 128)


@pytest.mark.parametrize(("L", "time"), [(0.5, 1.0), (2.0, 0.4)])
def test_no_direction_is_stretched_more(L, time):
    v = np.asarray(states.stretched(L, time))
    flow = np.asarray(flow_matrix(-L, time))
    angles = np.linspace(0, np.pi, 721)
    most = np.linalg.norm(flow @ [np.cos(angles), np.sin(angles)], axis=0).max()
    assert np.linalg.norm(v) == pytest.approx(1)
    assert np.linalg.norm(flow @ v) == pytest.approx(most, rel=1e-5)


def test_levels_are_orthonormal_and_have_the_moments_of_their_oscillator():
    v, hbar = states.stretched(0.5, 1.0), 0.6
    psi = states.tilted_orbitals(GRID, hbar, 3.0, v, 4)
    np.testing.assert_allclose(psi @ psi.conj().T * GRID.cell, np.eye(4), atol=1e-9)
    S = states.tilted_covariance(hbar, 3.0, v)
    for n in range(4):  # ⟨ẑẑᵀ⟩ of level n is (2n + 1) times that of the lowest one
        found = jw.transport.quantum_moments(psi[n], grid=GRID, hbar=hbar).covariance
        np.testing.assert_allclose(found, (2 * n + 1) * S, atol=1e-7)


def test_the_hill_has_its_curvature_on_top():
    hill, x = states.hill(0.7), 1e-3
    assert -(hill(x) + hill(-x) - 2 * hill(0.0)) / x**2 == pytest.approx(0.7, rel=1e-4)
    assert jnp.isfinite(hill.gradient_bound)
