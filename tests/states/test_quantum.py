"""Mixtures and states in the oscillator's basis are modules of arrays; kernels on a grid become mixtures."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from exact import gaussian, thermal_variance

import jaxwigner as jw

HBAR = 0.3
GRID = jw.Grid(-5.0, 6.0, 110)
X = np.asarray(GRID.axes[0])


def test_mixed_states_hold_arrays():
    mixed = jw.MixedState([1, 3], np.ones((2, 4)))
    assert mixed.weights.dtype == float and mixed.orbitals.shape == (2, 4)
    fock = jw.FockState(np.eye(3) / 3, 0.5)
    assert fock.number == 3 and fock.matrix.dtype == complex


def thermal_kernel(temperature):
    """Mehler's formula: ρ(x, y) = e^{−(x+y)²/8s − s(x−y)²/2ħ²}/√(2πs), s = (ħ/2)coth(ħ/2T)."""
    s = thermal_variance(HBAR, temperature)
    plus, minus = X[:, None] + X[None], X[:, None] - X[None]
    return np.exp(-(plus**2) / (8 * s) - s * minus**2 / (2 * HBAR**2)) / np.sqrt(2 * np.pi * s)


def test_kernel_of_a_thermal_state():
    """Its weights are Boltzmann's, its orbitals Hermite functions, its Wigner function a Gaussian."""
    state = jw.MixedState.from_kernel(thermal_kernel(0.4), GRID)
    ratio = np.exp(-HBAR / 0.4)
    levels = (1 - ratio) * ratio ** np.arange(12)
    np.testing.assert_allclose(state.weights[:12], levels, rtol=1e-10)
    overlaps = jw.fock_orbitals(GRID, 12, HBAR) @ state.orbitals[:12].T * GRID.cell
    np.testing.assert_allclose(np.abs(overlaps), np.eye(12), atol=1e-8)
    x, p = np.linspace(-1, 1.5, 5)[:, None], np.linspace(-1, 1, 4)
    law = thermal_variance(HBAR, 0.4) * jnp.eye(2)
    found = jw.wigner(state, GRID, hbar=HBAR, at=(x, p))
    np.testing.assert_allclose(found, gaussian((x, p), (0, 0), law), atol=1e-10)


@pytest.mark.parametrize("flat", [False, True])
def test_kernel_in_the_plane(flat):
    """The kernel comes back from weights and orbitals, complex phases with it; rank two stays two orbitals."""
    grid = jw.Grid((-3.0, -3.2), (3.0, 3.4), (14, 15))
    pair = [
        jw.coherent_state(grid, q, p, 0.5) for q, p in (((0.3, 0), (0, 0.4)), ((-0.5, 0.2), 0.1))
    ]
    kernel = sum(
        w * np.multiply.outer(psi, psi.conj()) for w, psi in zip((0.6, 0.4), map(np.asarray, pair))
    )
    kernel = kernel / (np.einsum("abab->", kernel).real * grid.cell)
    state = jw.MixedState.from_kernel(kernel.reshape(210, 210) if flat else kernel, grid)
    assert state.orbitals.shape == (2, 14, 15)
    back = jnp.einsum("j,jab,jcd->abcd", state.weights, state.orbitals, state.orbitals.conj())
    np.testing.assert_allclose(back, kernel, atol=1e-12)


def test_single_precision_stays_single():
    state = jw.MixedState.from_kernel(thermal_kernel(0.4).astype(np.float32), GRID)
    assert (state.weights.dtype, state.orbitals.dtype) == (jnp.float32, jnp.float32)
    assert state.weights[0] == pytest.approx(1 - np.exp(-HBAR / 0.4), rel=1e-5)


SIGNED = np.diag(np.where(np.arange(110) < 2, [[1.5], [-0.5]], 0)[np.arange(110) % 2, range(110)])


@pytest.mark.parametrize(
    "kernel, message",
    [
        (thermal_kernel(0.4) + np.triu(np.ones((110, 110)), 1), "be Hermitian"),
        (SIGNED / GRID.cell, "be positive semidefinite, but is -0.5"),
        (2 * thermal_kernel(0.4), r"have ∫ρ\(x, x\) dx = 1, but is 1.99"),
        (thermal_kernel(0.4)[:50, :50], r"have shape \(110, 110\)"),
        (np.full((110, 110), np.nan), "be finite"),
        ("a", "be numbers"),
    ],
)
def test_kernels_that_are_no_states(kernel, message):
    with pytest.raises(ValueError, match=f"Argument `kernel` must {message}"):
        jw.MixedState.from_kernel(kernel, GRID)


def test_traced_kernels_are_refused():
    with pytest.raises(ValueError, match="Argument `kernel` must be known"):
        jax.jit(lambda k: jw.MixedState.from_kernel(k, GRID).weights)(thermal_kernel(0.4))
    with pytest.raises(ValueError, match="Argument `grid` must be a Grid"):
        jw.MixedState.from_kernel(thermal_kernel(0.4), None)


PUBLIC = [
    small.call(jw.MixedState.from_kernel, kernel=np.eye(16) / 16 / small.GRID.cell, grid=small.GRID)
]
