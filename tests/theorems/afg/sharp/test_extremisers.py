"""Packets that use up (9), against numbers found without the library."""

import jax
import numpy as np

import jaxwigner as jw
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant
from jaxwigner.theorems.afg.sharp import extremisers


def system(length=12.0, charge=0.7, h=0.2, points=120):
    hbar = h * charge**0.5
    return jw.PartialWaves(jw.RadialGrid(length, points, "lobatto"), charge, hbar, waves=1)


@jax.jit
def near():
    one = system()
    v = extremisers.collider(one, 1.0)
    u = extremisers.with_far_packet(v, one, 0.3, 8.0, 1.0)
    quotient = lambda u: radial.inner_mass(u, one, 1.0) / radial.hamiltonian_square(u, one)  # noqa: E731
    inside = [radial.inner_mass(state, one, 1.0) for state in (v, u)]
    return quotient(v) * 0.7**2, inside, radial.radial_density(u, one) @ one.grid.weights


def test_a_collider_has_the_largest_share_and_a_far_packet_dilutes_it():
    share, (alone, diluted), norm = near()
    np.testing.assert_allclose(share, jax.jit(sharp_constant)(0.2), rtol=2e-3)
    np.testing.assert_allclose(diluted, 0.3 * alone, rtol=1e-6)
    np.testing.assert_allclose(norm, 1.0, rtol=1e-12)


@jax.jit
def flat():
    one = system(length=36.0, h=0.1, points=160)
    v = extremisers.flat_collider(one, 1.0, 4.0)
    radii = np.geomspace(1.0, 4.0, 5)
    masses = jax.lax.map(lambda d: radial.inner_mass(v, one, d), radii)
    return masses / radii**2 * 0.7**2 / radial.hamiltonian_square(v, one)


def test_one_packet_has_mass_in_proportion_to_the_square_of_the_radius():
    shares = np.asarray(flat())
    assert shares.min() > 0.18 and shares.max() < 0.26
    assert shares.min() < 1 / (1 + 2 * np.log(4))  # no state has more at all of them
