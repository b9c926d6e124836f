"""The oscillator's orbitals against SciPy's Hermite polynomials, and its thermal state."""

import jax
import numpy as np
import pytest
from exact import fock_orbital, thermal_variance

import jaxwigner as jw

HBAR = 0.3
GRID = jw.Grid(-5.0, 6.0, 110)


def test_fock_orbitals_are_scipys():
    grid = jw.Grid(-9.0, 9.5, 260)
    x = np.asarray(grid.axes[0])
    orbitals = jw.fock_orbitals(grid, 60, HBAR)
    for n in (0, 1, 2, 7, 30, 59):
        np.testing.assert_allclose(orbitals[n], fock_orbital(n, x, HBAR), atol=1e-12)
    np.testing.assert_allclose(orbitals @ orbitals.T * grid.cell, np.eye(60), atol=1e-12)


def test_coherent_state_in_the_fock_basis():
    """⟨n|z⟩ = e^{−iqp/2ħ} e^{−|a|²/2} aⁿ/√n! up to the phase convention (theory.md §0), a = (q + ip)/√2ħ."""
    psi = jw.coherent_state(GRID, 0.6, -0.4, HBAR)
    amplitudes = jw.fock_orbitals(GRID, 12, HBAR) @ psi * GRID.cell
    a = (0.6 - 0.4j) / np.sqrt(2 * HBAR)
    factorials = np.cumprod(np.concatenate([[1.0], np.arange(1.0, 12)]))
    expected = (
        np.exp(-0.5j * 0.6 * -0.4 / HBAR)
        * np.exp(-(abs(a) ** 2) / 2)
        * a ** np.arange(12)
        / np.sqrt(factorials)
    )
    np.testing.assert_allclose(amplitudes, expected, atol=1e-12)


def test_thermal_state():
    state = jw.thermal_state(90, HBAR, 0.7)
    probabilities = np.diag(np.asarray(state.matrix)).real
    assert probabilities.sum() == pytest.approx(1.0, abs=1e-14)
    energy = HBAR * probabilities @ (np.arange(90) + 0.5)
    assert energy == pytest.approx(thermal_variance(HBAR, 0.7), rel=1e-12)
    np.testing.assert_allclose(
        probabilities[1:] / probabilities[:-1], np.exp(-HBAR / 0.7), rtol=1e-12
    )


@pytest.mark.parametrize("number", [20, 200, 800])
def test_orbitals_in_single_precision(number):
    """Within what rounding of x alone does to level n, |φ_n′||x|ε ≈ 2nε|φ_n|, in both precisions."""
    reach = np.sqrt((2 * number + 1) * HBAR) + 2.0
    grid = jw.Grid(-reach, reach, 4 * number + 60)
    exact = jw.fock_orbitals(grid, number, HBAR)
    with jax.enable_x64(False):
        single = jw.fock_orbitals(grid, number, HBAR)
    assert single.dtype == np.float32
    error = np.abs(np.asarray(single, float) - exact).max(axis=1) / np.abs(exact).max(axis=1)
    assert np.all(error < (4 + 2 * np.arange(number)) * np.finfo(np.float32).eps)
    norms = np.sum(np.asarray(single, float) ** 2, axis=1) * grid.cell
    np.testing.assert_allclose(norms, 1.0, atol=4 * number * np.finfo(np.float32).eps)
