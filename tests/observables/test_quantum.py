"""Observables of ψ and of mixtures against closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from exact import gaussian

import jaxwigner as jw
from jaxwigner import observables as obs

HBAR, MASS = 0.3, 1.7
GRID = jw.Grid(-5.0, 6.0, 110)
PLANE = jw.Grid((-4.0, -4.5), (4.5, 4.2), (54, 60))
PSI = jw.squeezed_state(GRID, 0.7, -0.9, HBAR, 1.6)
FLAT = jw.squeezed_state(PLANE, (0.7, -0.2), (0.3, 0.5), HBAR, (1.0, 1.7))
X = np.asarray(GRID.axes[0])


def test_densities():
    rho = obs.position_density(PSI, GRID)
    np.testing.assert_allclose(rho, gaussian((X,), (0.7,), jnp.array([[HBAR * 0.8]])), atol=1e-13)
    p = HBAR * GRID.wavenumbers[0]
    sigma = obs.momentum_density(PSI, GRID, HBAR)
    np.testing.assert_allclose(
        sigma, gaussian((p,), (-0.9,), jnp.array([[HBAR / 3.2]])), atol=1e-13
    )
    sigma = obs.momentum_density(FLAT, PLANE, HBAR)
    p, q = (HBAR * k for k in PLANE.wavenumber_mesh)
    expected = gaussian((p, q), (0.3, 0.5), HBAR / 2 * jnp.diag(jnp.array([1.0, 1 / 1.7])))
    np.testing.assert_allclose(sigma, expected, atol=1e-9)


def test_momentum_with_its_axis():
    p, density = obs.momentum_distribution(PSI, GRID, HBAR)
    assert np.all(np.diff(p) > 0)
    np.testing.assert_allclose(
        density, gaussian((p,), (-0.9,), jnp.array([[HBAR / 3.2]])), atol=1e-13
    )
    assert float(jnp.sum(density)) * (p[1] - p[0]) == pytest.approx(1.0, abs=1e-12)
    odd = jw.Grid(-5.0, 6.0, 111)
    p, density = obs.momentum_distribution(jw.coherent_state(odd, 0.0, 1.0, HBAR), odd, HBAR)
    assert float(jnp.sum(p * density)) * (p[1] - p[0]) == pytest.approx(1.0, abs=1e-11)
    (p, q), density = obs.momentum_distribution(FLAT, PLANE, HBAR)
    assert density.shape == PLANE.shape and np.all(np.diff(p) > 0) and np.all(np.diff(q) > 0)
    area = (p[1] - p[0]) * (q[1] - q[0])
    means = [float(jnp.sum(axis * density)) * area for axis in (p[:, None], q[None])]
    np.testing.assert_allclose(means, [0.3, 0.5], atol=1e-10)


def test_means_and_energies():
    assert obs.norm(PSI, GRID) == pytest.approx(1.0, abs=1e-13)
    np.testing.assert_allclose(obs.mean_position(FLAT, PLANE), [0.7, -0.2], atol=1e-12)
    np.testing.assert_allclose(obs.mean_momentum(FLAT, PLANE, HBAR), [0.3, 0.5], atol=1e-12)
    kinetic = (0.81 + HBAR / 3.2) / (2 * MASS)
    assert obs.kinetic_energy(PSI, GRID, HBAR, MASS) == pytest.approx(kinetic, abs=1e-12)
    kinetic = (0.09 + 0.25 + HBAR / 2 * (1 + 1 / 1.7)) / 2
    assert obs.kinetic_energy(FLAT, PLANE, HBAR) == pytest.approx(kinetic, abs=1e-12)
    assert obs.potential_energy(PSI, GRID, 0.5 * X**2) == pytest.approx(
        0.5 * (0.49 + HBAR * 0.8), abs=1e-12
    )


def test_mixtures_are_sums():
    other = jw.coherent_state(GRID, -0.4, 0.2, HBAR)
    mixed = jw.MixedState([0.5, 1.5], jnp.stack([PSI, other]))
    for measure in (
        lambda s: obs.position_density(s, GRID),
        lambda s: obs.momentum_density(s, GRID, HBAR),
        lambda s: obs.current(s, GRID, HBAR, MASS),
        lambda s: obs.norm(s, GRID),
        lambda s: obs.mean_position(s, GRID),
        lambda s: obs.mean_momentum(s, GRID, HBAR),
        lambda s: obs.kinetic_energy(s, GRID, HBAR, MASS),
        lambda s: obs.potential_energy(s, GRID, np.cos(X)),
    ):
        np.testing.assert_allclose(
            measure(mixed), 0.5 * measure(PSI) + 1.5 * measure(other), atol=1e-13
        )


def test_current_carries_the_mean_momentum():
    J = obs.current(FLAT, PLANE, HBAR, MASS)
    assert J.shape == (2, *PLANE.shape)
    np.testing.assert_allclose(J.sum((1, 2)) * PLANE.cell * MASS, [0.3, 0.5], atol=1e-12)
    rho = obs.position_density(FLAT, PLANE)
    np.testing.assert_allclose(J, np.array([0.3, 0.5])[:, None, None] / MASS * rho[None], atol=1e-6)


@pytest.mark.parametrize("points", [110, 111])
def test_continuity(points):
    """∂_tρ + ∇·J = 0 along a Schrödinger flow."""
    grid = jw.Grid(-5.0, 6.0, points)
    system = jw.Schrodinger(grid, jw.potentials.Torsion(1.0), HBAR, MASS)
    psi = jw.squeezed_state(grid, 0.7, -0.9, HBAR, 1.6)
    run = jax.jit(lambda T: jw.evolve(system, psi, duration=T, steps=1, throw=False).state)
    step = 1e-4
    change = (obs.position_density(run(step), grid) - obs.position_density(run(-step), grid)) / (
        2 * step
    )
    (J,) = obs.current(psi, grid, HBAR, MASS)
    slope = jnp.fft.ifft(1j * grid.wavenumbers[0] * jnp.fft.fft(J)).real
    assert float(jnp.max(jnp.abs(change))) > 0.1
    np.testing.assert_allclose(change, -slope, atol=1e-6)


def test_highest_wave_carries_no_current():
    """cos(πj) is real: its spectral derivative is zero, not ±i."""
    wave = (-1.0) ** np.arange(110) + 0.3j
    np.testing.assert_allclose(obs.current(wave, GRID, HBAR), 0.0, atol=1e-12)


def test_the_mean_direction_on_a_ring():
    """The centre of a packet wherever the box is cut; no number where there is none."""
    ring = jw.Grid((-5.0, 0.0), (6.0, 4.0), (40, 36), periodic=True)
    psi = jw.coherent_state(ring, (5.9, 0.1), (0.3, 0.0), HBAR)
    np.testing.assert_allclose(obs.mean_angle(psi, ring), (5.9, 0.1), atol=1e-9)
    turned = jw.coherent_state(ring, (5.9 + 11.0, -3.9), (0.3, 0.0), HBAR)
    np.testing.assert_allclose(obs.mean_angle(turned, ring), (5.9, 0.1), atol=1e-9)
    assert np.all(np.isnan(obs.mean_angle(jnp.ones(ring.shape, complex), ring)))
