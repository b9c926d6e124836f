"""Both nuclei of a dimer: the relative motion in partial waves and the centre of mass."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from scipy import special
from waves import exactly, make

from jaxwigner.quantum.nuclei.centre_of_mass import CentreOfMass, nucleus_density
from jaxwigner.quantum.partial_waves.packets import gaussian_waves


def test_both_nuclei_of_free_motion():
    """C = 0: the density of a nucleus is that of its own free packet, of width s and mass 1."""
    hbar, time, s = 0.25, 0.5, 0.4
    (a, b), (p, k) = (1.2, -0.8), (-0.5, 0.3)
    system = make(hbar, 0.0, 79, 34, 7.0, "lobatto")
    start = ((0.0, 0.0, a - b), (0.0, 0.0, 0.5 * (p - k)))
    u = eqx.filter_jit(gaussian_waves)(system, *start, np.sqrt(2) * s)
    centre = CentreOfMass(0.5 * (a + b), p + k, s / np.sqrt(2), hbar)
    (state,) = exactly(system, u, jnp.array([time]))
    z = jnp.linspace(-2.0, 2.0, 5)
    density = eqx.filter_jit(nucleus_density)
    for nucleus, start, momentum in ((1, a, p), (2, b, k)):
        ours = density(state, system, centre, time, z, nucleus=nucleus)
        variance = 0.5 * s**2 + 0.5 * (hbar * time / s) ** 2
        exact = jnp.exp(-((z - start - momentum * time) ** 2) / (2 * variance))
        np.testing.assert_allclose(ours, exact / jnp.sqrt(2 * jnp.pi * variance), atol=1e-5)


def test_energies_of_the_centre_of_mass():
    """⟨h⟩ and ⟨h²⟩ of a Gaussian, by quadrature of its momentum density."""
    centre = CentreOfMass((0.0, 0.0, 0.0), (0.0, 0.3, 0.4), 0.35, 0.2)
    x, w = special.roots_hermite(12)
    momenta = [p + 0.2 / 0.35 * x for p in (0.0, 0.3, 0.4)]
    h = sum(np.ix_(*[p**2 for p in momenta])) / 4
    weights = np.einsum("i,j,k->ijk", w, w, w) / np.pi**1.5
    np.testing.assert_allclose(centre.energy, np.sum(weights * h), rtol=1e-12)
    np.testing.assert_allclose(centre.energy_square, np.sum(weights * h**2), rtol=1e-12)
