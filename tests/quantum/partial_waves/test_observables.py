"""Observables of partial waves against closed forms of Gaussians."""

import equinox as eqx
import numpy as np
from scipy import special
from waves import make, packet

import jaxwigner as jw
from jaxwigner.quantum import radial_observables as radial


def test_observables_of_gaussians():
    """⟨1/R⟩, ⟨1/R²⟩, ⟨T⟩, ‖Tψ‖² in closed form; the four parts add up."""
    hbar, q, p = 0.2, 1.6, -0.7
    system = make(
        hbar, 0.5, 111, 34, 7.0, kind="lobatto", potential=jw.potentials.Gaussian(-0.4, 1.0)
    )
    u = packet(system, q, p)
    sigma, v = np.sqrt(hbar / 2), hbar / 2
    kinetic, singular, _ = eqx.filter_jit(radial.energies)(u, system)
    np.testing.assert_allclose(kinetic, p**2 + 3 * v, rtol=1e-6)
    np.testing.assert_allclose(singular, 0.5 * special.erf(q / (np.sqrt(2) * sigma)) / q, rtol=1e-6)
    inverse = np.sqrt(2) / (sigma * q) * special.dawsn(q / (np.sqrt(2) * sigma))
    np.testing.assert_allclose(radial.inverse_square(u, system), inverse, rtol=1e-6)
    np.testing.assert_allclose(radial.force_moment(u, system), 0.5 * inverse, rtol=1e-6)
    free = make(hbar, 0.0, 111, 34, 7.0, kind="lobatto")
    closed = (p**2 + 3 * v) ** 2 + 4 * v * p**2 + 6 * v**2
    np.testing.assert_allclose(radial.hamiltonian_square(u, free), closed, rtol=1e-5)
    parts = eqx.filter_jit(radial.positive_parts)(u, system)
    assert min(float(part) for part in parts.values()) > 0
    whole = radial.hamiltonian_square(u, system, -0.4)
    np.testing.assert_allclose(sum(parts.values()), whole, rtol=1e-7)


def test_masses_inside_and_outside():
    hbar, q = 0.2, 1.6
    system = make(hbar, waves=34)
    u = packet(system, q, -0.7)
    s2 = hbar
    r = (np.arange(20000) + 0.5) * 1.3 / 20000
    density = (
        r
        / (q * np.sqrt(np.pi * s2))
        * (np.exp(-((r - q) ** 2) / s2) - np.exp(-((r + q) ** 2) / s2))
    )
    exact = density.sum() * 1.3 / 20000
    assert abs(float(radial.inner_mass(u, system, 1.3)) - exact) < 1e-7
    assert abs(float(radial.outer_mass(u, system, 1.3)) - (1 - exact)) < 1e-6


def test_endpoint_of_the_s_wave_matters():
    """⟨1/R²⟩ of a Gaussian on the singularity is 2/s²; without the end point the sum is far off."""
    system = make(0.25, points=255, waves=1, length=8.0)
    u = packet(system, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0.0)
    np.testing.assert_allclose(radial.inverse_square(u, system), 2.0, rtol=1e-8)
    bare = radial.radial_density(u, system) @ (system.grid.weights / system.grid.radii**2)
    assert abs(float(bare) - 2.0) > 1e-2
