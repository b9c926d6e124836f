"""Husimi functions, Töplitz states, and integrals against test functions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from exact import fock_husimi, fock_orbital, gaussian

import jaxwigner as jw
from jaxwigner.phase_space import GaussianTest, weak_integral, wigner_at, wigner_expectation

HBAR = 0.3
GRID = jw.Grid(-6.0, 7.0, 96)
NATURAL = jw.phase_grid(GRID, HBAR)
WINDOW = jw.PhaseGrid(jw.Grid(-2.0, 3.0, 7), jw.Grid(-3.1, 2.9, 11))


def state():
    return jw.cat_state(GRID, 1.5, 1.1, HBAR, phase=0.4)


def smoothed(W, phase, hbar):
    """W ∗ N(0, ħ/2) by quadrature."""
    x, p = (np.asarray(grid.axes[0]) for grid in (phase.position, phase.momentum))
    kernels = [
        np.exp(-((a[:, None] - a[None]) ** 2) / hbar) / np.sqrt(np.pi * hbar) for a in (x, p)
    ]
    return phase.cell * kernels[0] @ np.asarray(W) @ kernels[1].T


def test_heat_flow_of_the_wigner_function():
    W = jw.wigner(state(), GRID, NATURAL, HBAR)
    H = jw.husimi(state(), GRID, NATURAL, HBAR)
    np.testing.assert_allclose(H, smoothed(W, NATURAL, HBAR), atol=1e-9)
    assert float(jnp.min(H)) >= 0
    assert float(jnp.min(W)) < -0.1
    assert jnp.sum(H) * NATURAL.cell == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("phase", [NATURAL, WINDOW])
def test_fock_states(phase):
    (x,), (p,) = phase.mesh
    for n in (0, 3):
        expected = fock_husimi(n, x, p, HBAR)
        phi = fock_orbital(n, np.asarray(GRID.axes[0]), HBAR)
        np.testing.assert_allclose(jw.husimi(phi, GRID, phase, HBAR), expected, atol=1e-9)
        matrix = jnp.zeros((5, 5)).at[n, n].set(1.0)
        fock = jw.husimi(jw.FockState(matrix, HBAR), GRID, phase, HBAR)
        np.testing.assert_allclose(fock, expected, atol=1e-13)


def test_fock_coherences_have_the_right_phase():
    vector = np.array([0.5, 0.2j, -0.3, 0.1, 0.6])
    vector = vector / np.linalg.norm(vector)
    fock = jw.FockState(np.outer(vector, vector.conj()), HBAR)
    psi = vector @ np.stack([fock_orbital(n, np.asarray(GRID.axes[0]), HBAR) for n in range(5)])
    np.testing.assert_allclose(
        jw.husimi(fock, GRID, WINDOW, HBAR), jw.husimi(psi, GRID, WINDOW, HBAR), atol=1e-9
    )


def test_two_dimensions():
    grid = jw.Grid((-4.0, -5.0), (4.2, 4.6), (28, 36))
    psi = jw.coherent_state(grid, (0.5, -0.3), (0.2, 0.7), HBAR)
    phase = jw.PhaseGrid(jw.Grid((-1, -2), (2, 1), (5, 4)), jw.Grid((-1, -1.5), (1, 1), (3, 6)))
    (x1, x2), (p1, p2) = phase.mesh
    expected = gaussian((x1, x2, p1, p2), (0.5, -0.3, 0.2, 0.7), HBAR * jnp.eye(4))
    np.testing.assert_allclose(jw.husimi(psi, grid, phase, HBAR), expected, atol=1e-5)


def test_toeplitz_states_are_smoothed_clouds():
    rng = np.random.default_rng(2)
    cloud = jw.Particles(np.full(5, 0.2), rng.normal(size=5), rng.normal(size=5))
    mixed = jw.toeplitz_state(cloud, GRID, HBAR)
    (x,), (p,) = NATURAL.mesh
    for transform, variance in ((jw.wigner, HBAR / 2), (jw.husimi, HBAR)):
        expected = sum(
            0.2 * gaussian((x, p), (q, k), variance * jnp.eye(2))
            for q, k in zip(cloud.positions[:, 0], cloud.momenta[:, 0])
        )
        np.testing.assert_allclose(transform(mixed, GRID, NATURAL, HBAR), expected, atol=1e-7)


def test_gradient_of_a_husimi_functional():
    def functional(q):
        H = jw.husimi(jw.cat_state(GRID, q, 0.5, HBAR), GRID, WINDOW, HBAR)
        return jnp.sum(H**2)

    difference = (functional(1.2 + 1e-5) - functional(1.2 - 1e-5)) / 2e-5
    assert jax.grad(functional)(1.2) == pytest.approx(float(difference), rel=1e-7)


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


def test_weak_integral_in_three_dimensions():
    """∫∫Wφ of a coherent state factorises: Π ∫N(q, ħ/2)(x) a(x) dx · Π ∫N(p, ħ/2) e^{−(p−k)²/2τ²} dp."""
    grid = jw.Grid((-3.0, -3.2, -3.4), (3.0, 3.2, 3.0), (16, 18, 20))
    psi = jw.coherent_state(grid, (0.1, 0.0, -0.2), (0.3, 0.1, 0.0), 0.5)
    test = GaussianTest(
        lambda x, y, z: jnp.exp(-(x**2) - 0 * y - 0 * z), momentum=(0.3, 0.1, 0.0), width=1.1
    )
    value = weak_integral(psi, grid, test.transform, 0.5, lags=12).real
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
