"""The exact evolution against Coulomb functions, hydrogen and free motion."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import small
from waves import SPOTS, exactly, make, packet, psi_at

import jaxwigner as jw
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.partial_waves import exact as exact_waves


def test_eigenfunctions_are_coulomb_functions():
    """u_ℓ = F_ℓ(η, kr) with η = C/(2εk′), k′ = √E; its zero is the end of the box. To 1e-10."""
    system = make(0.25, points=79, length=5.0, kind="lobatto", waves=[0, 2])
    levels = jax.jit(lambda: exact_waves.eigenvalues(system))()
    grid = system.grid
    for which, l in enumerate((0, 2)):
        H = system.inertia * grid.kinetic_matrix + jnp.diag(system.values[which])
        E, vectors = np.linalg.eigh(np.asarray(H))
        u = vectors[:, 6] / np.sqrt(np.asarray(grid.weights))
        k = np.sqrt(float(levels[which, 6])) / 0.25
        eta = 0.5 / (2 * 0.25**2 * k)
        exact = np.array([float(mpmath.coulombf(l, eta, k * float(r))) for r in grid.radii[::7]])
        amplitude = (u[::7] @ exact) / (exact @ exact)
        np.testing.assert_allclose(u[::7] / amplitude, exact, atol=1e-10)
        assert abs(float(mpmath.coulombf(l, eta, k * 5.0))) < 1e-10
        if l == 0:
            gamow = 2 * np.pi * eta / np.expm1(2 * np.pi * eta)
            slope = float(grid.slope(jnp.asarray(u))[1]) / (amplitude * k)
            assert abs(slope**2 / gamow - 1) < 1e-8


def test_free_packets_spread():
    """C = 0: closed form of the free Gaussian, of width s√(1 + iħt/ms²) (m = ½)."""
    system = make(0.25, charge=0.0, waves=34, length=7.5, points=79, kind="lobatto")
    (state,) = exactly(system, packet(system, 1.8, -0.8), jnp.array([0.7]))
    s2, momentum = 0.25 + 2j * 0.25 * 0.7, np.array([0.0, 0.0, -0.8])
    offset = SPOTS - np.array([0.0, 0.0, 1.8]) - 2 * 0.7 * momentum
    exact = (np.pi * 0.25) ** -0.75 * (0.25 / s2) ** 1.5 * np.exp(-np.sum(offset**2, 1) / (2 * s2))
    exact = exact * np.exp(1j / 0.25 * (SPOTS @ momentum - 0.64 * 0.7))
    np.testing.assert_allclose(psi_at(state, system, jnp.asarray(SPOTS)), exact, atol=1e-6)


@pytest.fixture(scope="module")
def reference():
    """The head-on packet at ε = 0.1 and its exact evolution."""
    system = make(0.1, points=160, waves=39, length=8.0, kind="lobatto")
    return system, exactly(system, packet(system, 2.0, -1.0), jnp.linspace(0.0, 2.0, 41))


def test_reference_conserves_energy_and_its_square(reference):
    system, states = reference

    def look(u):
        norm = radial.radial_density(u, system) @ system.grid.weights
        return sum(radial.mean_energies(u, system)), radial.hamiltonian_square(u, system), norm

    energy, square, norm = jax.jit(jax.vmap(look))(states)
    for values in (energy, square, norm):
        assert float(jnp.max(jnp.abs(values / values[0] - 1))) < 1e-11
    assert abs(float(square[0]) - 2.18) < 0.01


def test_hydrogen():
    """Attraction on Lobatto nodes: E_n = −C²/(4ε²n²) for mass ½ (the sine series would be algebraic here)."""
    system = make(1.0, charge=-2.0, points=63, length=60.0, kind="lobatto", waves=2)
    levels = exact_waves.eigenvalues(system)
    np.testing.assert_allclose(levels[0, :2], [-1.0, -0.25], atol=1e-9)
    np.testing.assert_allclose(levels[1, 0], -0.25, atol=1e-9)


def test_largest_singular_energy(reference):
    """sup_t‖U_sΨ‖² = .472 at ε = 0.1."""
    system, states = reference
    values = jax.jit(jax.vmap(lambda u: radial.coulomb_square(u, system)))(states)
    assert abs(float(values.max()) - 0.472) < 1e-3


@pytest.mark.slow
def test_largest_singular_energy_by_splitting():
    """.789 at ε = 0.03."""
    system = make(0.03, points=191, waves=62, length=6.0)
    look = lambda v: radial.coulomb_square(v, system)  # noqa: E731
    options = {"duration": 2.0, "steps": 40, "saves": 40, "observe": look, "throw": False}
    run = jax.jit(lambda u: jw.evolve(system, u, **options))(packet(system, 2.0, -1.0))
    assert abs(float(run.observed.max()) - 0.789) < 1e-3
    assert run.diagnostics.complaint() == ""


PUBLIC = [
    small.call(jw.evolve_exactly, {"times": "real"}, system=small.EXACT, state=small.U, times=[1.0])
]
