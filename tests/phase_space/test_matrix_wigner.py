"""Matrices of Wigner functions: their entries, mixtures, points, more coordinates, what is refused."""

import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw

HBAR = 0.4
GRID = jw.Grid(-4.0, 4.0, 48)
PHASE = jw.phase_grid(GRID, HBAR)
FIRST, SECOND = (jw.coherent_state(GRID, q, p, HBAR) for q, p in ((-0.5, 0.3), (0.4, -0.2)))
PSI = jnp.stack([0.6 * FIRST, 0.8j * SECOND])

PUBLIC = [small.call(jw.matrix_wigner, state=PSI, grid=GRID, phase_grid=PHASE, hbar=0.4)]


def test_entries():
    W = jw.matrix_wigner(PSI, GRID, PHASE, HBAR)
    for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
        expected = jw.phase_space.bilinear_wigner(PSI[a], PSI[b], GRID, PHASE, HBAR)
        np.testing.assert_allclose(W[a, b], expected, atol=1e-14)
    np.testing.assert_allclose(W, jnp.conj(jnp.swapaxes(W, 0, 1)), atol=0)
    overlap = PSI @ jnp.conj(PSI).T * GRID.cell
    assert abs(overlap[0, 1]) > 0.1
    np.testing.assert_allclose(jnp.sum(W, (2, 3)) * PHASE.cell, overlap, atol=1e-13)


def test_mixtures_and_points():
    R = jw.MixedState([0.3, 0.7], jnp.stack([PSI, PSI[::-1]]))
    x, p = jnp.array([0.1, -0.4]), jnp.array([0.2, 0.0])
    found = jw.matrix_wigner(R, GRID, hbar=HBAR, at=(x, p))
    one, other = (jw.matrix_wigner(psi, GRID, hbar=HBAR, at=(x, p)) for psi in (PSI, PSI[::-1]))
    assert found.shape == (2, 2, 2)
    np.testing.assert_allclose(found, 0.3 * one + 0.7 * other, atol=1e-14)


def test_shapes():
    with pytest.raises(ValueError, match="Argument `state` must have shape"):
        jw.matrix_wigner(PSI[0], GRID, PHASE, HBAR)
    with pytest.raises(ValueError, match="Argument `orbitals` must have shape"):
        jw.matrix_wigner(jw.MixedState([0.3, 0.7], PSI), GRID, PHASE, HBAR)
