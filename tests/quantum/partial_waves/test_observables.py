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
    kinetic, singular, _ = eqx.filter_jit(radial.mean_energies)(u, system)
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


def on_the_singularity(kind, points):
    """‖Hψ‖² of a Gaussian of width 1 about R = 0 and the sum of its parts, without 2C² + 8κC/√π + 15κ²/4, κ = ħ²/2m."""
    system = make(0.25, charge=0.8, points=points, waves=1, length=8.0, kind=kind, mass=0.7)
    u, kappa, C = packet(system, 0.0, 0.0, 0.0), 0.25**2 / 1.4, 0.8
    closed = 2 * C**2 + 8 * kappa * C / np.sqrt(np.pi) + 15 * kappa**2 / 4
    parts = sum(radial.positive_parts(u, system).values())
    return np.array([radial.hamiltonian_square(u, system), parts]) - closed


def test_energies_on_the_singularity_have_an_end_point():
    """On nodes to all digits; on a sine grid, where Tψ is odd and U_sψ even, 6κ(C/√π)h²/3 remains, of third order without the point."""
    np.testing.assert_allclose(on_the_singularity("lobatto", 95), 0.0, atol=1e-9)
    coarse, fine = on_the_singularity("sine", 63), on_the_singularity("sine", 127)
    np.testing.assert_allclose(coarse / fine, 4.0, rtol=1e-2)
    left = -2 * 0.25**2 / 1.4 * 0.8 / np.sqrt(np.pi) * (8 / 128) ** 2
    np.testing.assert_allclose(fine, left, rtol=1e-2)


def test_the_curvature_at_the_end():
    """u = (1 − r/L) sin 2r: −u″(0) = 4/L; an odd function has none."""
    grid = jw.RadialGrid(5.0, 40, "lobatto")
    u = (1 - grid.radii / 5.0) * np.sin(2 * grid.radii)
    np.testing.assert_allclose(grid.end_curvature(u), 0.8, rtol=1e-8)
    assert float(jw.RadialGrid(5.0, 40).end_curvature(u)) == 0.0


def test_mass_where_steps_are_of_first_order():
    """4π/3 |ψ(0)|² (Cτ/ħ)³ with |ψ(0)|² = π^{−3/2}; nothing for a packet away from R = 0."""
    system = make(0.25, charge=0.8, points=95, waves=1, length=8.0)
    u = packet(system, 0.0, 0.0, 0.0)
    closed = 4 / (3 * np.sqrt(np.pi)) * (0.8 * 0.1 / 0.25) ** 3
    np.testing.assert_allclose(radial.first_order_mass(u, system, -0.1), closed, rtol=1e-8)
    away = make()
    assert float(radial.first_order_mass(packet(away, 2.0, -1.0), away, 0.1)) < 1e-9
