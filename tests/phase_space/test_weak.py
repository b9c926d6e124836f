"""∫∫Wφ without a phase-space grid."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.phase_space import GaussianTest, weak_integral, wigner_at, wigner_expectation

HBAR = 0.3
GRID = jw.Grid(-6.0, 7.0, 96)
NATURAL = jw.phase_grid(GRID, HBAR)


def state():
    return jw.cat_state(GRID, 1.5, 1.1, HBAR, phase=0.4)


PHI = GaussianTest(lambda x: jnp.exp(-((x - 0.4) ** 2)) * jnp.cos(x), momentum=0.6, width=0.7)


def test_weak_integral_is_the_sum_over_the_grid():
    W = jw.wigner(state(), GRID, NATURAL, HBAR)
    on_grid = jnp.sum(W * PHI(*NATURAL.mesh)) * NATURAL.cell
    assert wigner_expectation(state(), GRID, PHI, HBAR) == pytest.approx(float(on_grid), abs=1e-10)


def test_weak_integral_of_the_potential_term():
    from jaxwigner.phase_space import f_hbar

    U = jw.potentials.Torsion(1.3)
    f = f_hbar(state(), U, GRID, NATURAL, HBAR)
    on_grid = jnp.sum(f * PHI(*NATURAL.mesh)) * NATURAL.cell

    def kernel(x, y):
        (x,), (y,) = x, y
        quotient = (U(x + HBAR * y / 2) - U(x - HBAR * y / 2)) / HBAR
        return -1j * quotient * PHI.transform((x,), (y,))

    value = weak_integral(state(), GRID, kernel, HBAR)
    assert value.real == pytest.approx(float(on_grid), abs=1e-9)
    assert abs(value.imag) < 1e-12


@pytest.mark.slow
def test_weak_integral_in_three_dimensions():
    """∫∫Wφ of a coherent state factorises: Π ∫N(q, ħ/2)(x) a(x) dx · Π ∫N(p, ħ/2) e^{−(p−k)²/2τ²} dp."""
    grid = jw.Grid((-3.0, -3.2, -3.4), (3.0, 3.2, 3.0), (16, 18, 20))
    psi = jw.coherent_state(grid, (0.1, 0.0, -0.2), (0.3, 0.1, 0.0), 0.5)
    test = GaussianTest(
        lambda x, y, z: jnp.exp(-(x**2) - 0 * y - 0 * z), momentum=(0.3, 0.1, 0.0), width=1.1
    )
    value = jax.jit(lambda u: weak_integral(u, grid, test.transform, 0.5, lags=12))(psi).real
    in_p = (1 / (1 + 0.25 / 1.1**2)) ** 1.5
    in_x = np.exp(-0.01 / (1 + 2 * 0.25)) / np.sqrt(1 + 2 * 0.25)
    assert value == pytest.approx(in_p * in_x, rel=1e-4)


def test_norm_of_the_test_function():
    """‖φ‖_A = ∫ sup_x|F_pφ| dy by quadrature."""
    y = np.linspace(-40, 40, 4001)
    x = np.linspace(-3, 4, 701)
    transform = np.abs(PHI.transform((jnp.asarray(x)[:, None],), (jnp.asarray(y)[None],)))
    supremum = np.max(np.exp(-((x - 0.4) ** 2)) * np.abs(np.cos(x)))
    norm = np.trapezoid(transform.max(axis=0), y)
    assert norm == pytest.approx(2 * np.pi * supremum, rel=1e-4)
    assert PHI.norm(1) >= norm


def test_point_value_is_the_parity():
    psi = np.asarray(jw.fock_orbitals(GRID, 2, HBAR))[1]
    value = wigner_at(psi, GRID, 0.0, 0.0, HBAR)
    assert value == pytest.approx(-1 / (np.pi * HBAR), rel=1e-10)
