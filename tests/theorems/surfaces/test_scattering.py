"""Exact scattering against published and converged tables, unitarity, and laws of one hop."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import surfaces_dykhne, surfaces_landau_zener, surfaces_scattering

HBARS = np.array([0.1, 0.05, 0.02])


def delta_gap(delta):
    return lambda x: [[0.5 * jnp.tanh(x), delta], [delta, -0.5 * jnp.tanh(x)]]


@jax.jit
@jax.vmap
def hop(delta, hbar):
    rows = delta_gap(delta)
    exact = surfaces_scattering.scattering(rows, 1.0, hbar, steps=2048)
    return exact, surfaces_dykhne.dykhne(rows, 1.0, hbar, 2j * delta)


def test_the_delta_gap():
    """Tables for β = ½ and for δ = .3, to their digits; rows and columns of an S matrix add up to 1."""
    narrow = [0.3375300844, 0.3334431870, 0.3309751887]
    fixed = [2.418309e-2, 5.823982e-4, 8.161415e-9]
    found, path = hop(np.r_[0.5 * HBARS**0.5, 0.3 + 0 * HBARS], np.r_[HBARS, HBARS])
    down = np.asarray(found.transmitted[:, 1, 0])
    np.testing.assert_allclose(down[:3], narrow, atol=2e-10)
    np.testing.assert_allclose(down[3:], fixed, rtol=2.5e-7)
    np.testing.assert_allclose(down / path - 1, [*(0.075 * HBARS**2), *(0.028 * HBARS)], rtol=0.02)
    total = np.asarray(found.transmitted + found.reflected).sum(-1)
    np.testing.assert_allclose(total, 1, atol=1e-9)


@pytest.mark.parametrize(
    "k, exact",
    [(10, [0.8445197130, 0.1554652837]), (20, [0.5067901234, 0.4932098668])],
)
def test_tully(k, exact):
    """The kink at 0 is an end of a step."""
    V, energy = jw.potentials.Tully(1), k**2 / 4000 - 0.01
    found = surfaces_scattering.scattering(V, energy, 1.0, mass=2000.0, steps=2048)
    np.testing.assert_allclose(found.transmitted[0], exact, atol=2e-9)


@pytest.mark.slow
def test_three_levels():
    V, exact = jw.potentials.SuperExchange(), [0.9765089237, 0.0209589148, 0.0025321615]
    found = surfaces_scattering.scattering(V, 0.1, 1.0, mass=2000.0, steps=1024)
    np.testing.assert_allclose(found.transmitted[0], exact, atol=2e-9)


def test_an_energy_below_a_level_is_refused():
    with pytest.raises(ValueError, match="`energy` must be above all levels at the ends, but is 0"):
        surfaces_scattering.scattering(delta_gap(0.2), 0.3, 0.1)


def test_what_landau_and_zener_leave_out():
    hbar, beta, energy = 1e-4, 0.7, 1.3
    delta = beta * hbar**0.5
    law = surfaces_landau_zener.landau_zener(2 * delta, (2 * energy) ** 0.5, hbar)
    path = surfaces_dykhne.dykhne(delta_gap(delta), energy, hbar, 2j * delta)
    found = float((path / law - 1) / hbar)
    assert found == pytest.approx(
        float(surfaces_dykhne.beyond_landau_zener(beta, energy)), rel=1e-3
    )
