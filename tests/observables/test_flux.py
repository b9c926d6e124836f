"""Flux and transmitted share: what passes is what arrives, at any x₀, in every dimension."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from scipy.special import erfc

import jaxwigner as jw
from jaxwigner import observables as obs

HBAR, MASS = 0.5, 1.3


@pytest.mark.parametrize("n", [64, 65])
def test_the_rate_of_what_is_beyond_is_the_flux(n):
    """d/dt ∫_{x > x₀}ρ = J(x₀) between grid points, for an even and an odd number of them."""
    grid = jw.Grid(-6.0, 6.5, n)
    system = jw.Schrodinger(grid, jw.potentials.Free(), HBAR, MASS)
    psi = jw.coherent_state(grid, 0.1, 1.5, HBAR)
    later = lambda t: system.drift(psi, t)  # noqa: E731
    share, rate = jax.jvp(lambda t: obs.transmitted(later(t), grid, 0.37), (0.4,), (1.0,))
    through = float(obs.flux(later(0.4), grid, 0.37, HBAR, MASS))
    assert rate == pytest.approx(through, abs=1e-12)
    width = HBAR / 2 * (1 + (0.4 / MASS) ** 2)
    gap = 0.37 - 0.1 - 1.5 * 0.4 / MASS
    assert share == pytest.approx(0.5 * erfc(gap / np.sqrt(2 * width)), abs=1e-12)


def test_the_slope_in_x0_is_the_density():
    grid = jw.Grid(-6.0, 6.0, 48)
    psi = jw.coherent_state(grid, 0.1, 1.5, HBAR)
    slope = jax.grad(lambda x0: obs.transmitted(psi, grid, x0))(0.6)
    exact = -np.exp(-((0.6 - 0.1) ** 2) / HBAR) / np.sqrt(np.pi * HBAR)
    assert slope == pytest.approx(exact, abs=1e-10)


@pytest.mark.parametrize("n", [8, 9])
def test_rough_states_are_their_interpolants(n):
    """Nothing is resolved here: ∫ of |Σ_k ψ̂_k e^{ikx}|² all the same, by a fine quadrature."""
    grid, rng = jw.Grid(-1.0, 3.0, n), np.random.default_rng(n)
    psi = rng.normal(size=n) + 1j * rng.normal(size=n)
    k = np.fft.fftfreq(n, 1 / n) * 2 * np.pi / 4
    nodes, weights = np.polynomial.legendre.leggauss(60)
    x = 1.85 + 1.15 * nodes  # 0.7 … 3
    waves = np.exp(1j * np.outer(x + 1, k))
    if n % 2 == 0:
        waves[:, n // 2] = np.cos(np.pi * n / 4 * (x + 1))
    direct = 1.15 * weights @ np.abs(waves @ np.fft.fft(psi) / n) ** 2
    assert obs.transmitted(psi, grid, 0.7) == pytest.approx(direct, abs=1e-12)


def test_planes_and_mixtures():
    grid = jw.Grid((-6.0, -5.0), (6.0, 5.5), (48, 40))
    psi = jw.coherent_state(grid, (0.0, 0.4), (1.2, -0.3), HBAR)
    assert obs.transmitted(psi, grid, 0.0) == pytest.approx(0.5, abs=1e-12)
    through = 1.2 / MASS / np.sqrt(np.pi * HBAR)
    assert obs.flux(psi, grid, 0.0, HBAR, MASS) == pytest.approx(through, abs=1e-10)
    mixed = jw.MixedState([0.25, 0.5], jnp.stack([psi, jnp.conj(psi)]))
    assert obs.flux(mixed, grid, 0.0, HBAR, MASS) == pytest.approx(-0.25 * through, abs=1e-10)
    assert obs.transmitted(mixed, grid, 0.0) == pytest.approx(0.375, abs=1e-12)


def test_places_outside_of_the_box_and_single_precision():
    grid, psi = small.GRID, small.PSI
    for x0 in (-4.1, 4.6, np.nan):
        with pytest.raises(ValueError, match="Argument `x0` must"):
            obs.transmitted(psi, grid, x0)
        with pytest.raises(ValueError, match="Argument `x0` must"):
            obs.flux(psi, grid, x0, HBAR)
    at = jax.jit(lambda x0: (obs.transmitted(psi, grid, x0), obs.flux(psi, grid, x0, HBAR)))
    assert np.all(np.isnan(at(4.6))) and np.all(np.isnan(at(-4.1)))
    np.testing.assert_allclose(
        at(0.1), [obs.transmitted(psi, grid, 0.1), obs.flux(psi, grid, 0.1, HBAR)], atol=1e-12
    )
    single = psi.astype(np.complex64)
    assert obs.transmitted(single, grid, 0.1).dtype == obs.flux(single, grid, 0.1, 0.5).dtype
    assert obs.transmitted(single, grid, 0.1) == pytest.approx(
        float(obs.transmitted(psi, grid, 0.1)), abs=1e-6
    )


PUBLIC = [
    small.call(obs.flux, state=small.PSI, grid=small.GRID, x0=0.1, hbar=0.5, mass=1.0),
    small.call(obs.transmitted, state=small.PSI, grid=small.GRID, x0=0.1),
]
