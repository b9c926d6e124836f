"""A fixed packet about the singular set against closed forms and numbers of other programs."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, optimize

import jaxwigner as jw
from jaxwigner.quantum import PartialWaves, RadialGrid
from jaxwigner.quantum.partial_waves.packets import gaussian_waves
from jaxwigner.theorems import coulomb
from jaxwigner.theorems.afg.sharp import from_rest


def at_rest(hbar, points, kind="lobatto", charge=1.0):
    return PartialWaves(RadialGrid(8.0, points, kind), charge, hbar, waves=1)


@pytest.mark.parametrize("hbar, share", [(0.3, 0.82081875), (0.03, 0.99797152), (0.01, 0.99977436)])
def test_share_of_the_constant_at_the_start(hbar, share):
    square, constant = from_rest.closed_sides(at_rest(hbar, 63), 1.0)
    assert float(square / constant) == pytest.approx(share, abs=5e-9)


def test_the_grid_knows_the_closed_form_of_any_charge_and_width():
    claim, left = jax.jit(lambda h: from_rest.start(at_rest(h, 79, charge=0.7), 1.2))(0.25)
    assert claim.verdict == "holds" and claim.with_constant(0.999).verdict == "violated"
    assert float(left.centre) == pytest.approx(1 - float(claim.rhs.centre), abs=1e-9)


def test_classical_explosion_by_quadrature_of_its_own():
    """t = ∫dr/ṙ in closed form: with r = r₀x, t√(2C/mr₀³) = √(x(x − 1)) + arcosh √x."""
    C, mass, time = 0.6, 0.8, 0.4

    def expansion(r):
        told = time * np.sqrt(2 * C / (mass * r**3))
        clock = lambda x: np.sqrt(x * (x - 1)) + np.arccosh(np.sqrt(x)) - told  # noqa: E731
        return optimize.brentq(clock, 1.0, 2.0 + told)

    def density(r):
        return C**2 / expansion(r) ** 2 * 4 / np.sqrt(np.pi) * np.exp(-((r / 1.3) ** 2)) / 1.3**3

    exact = integrate.quad(density, 0.0, 9.0, epsabs=1e-10, limit=200)[0]
    found = from_rest.classical_square(C, 1.3, jnp.array([time]), mass=mass)[0]
    assert float(found) == pytest.approx(exact, rel=1e-7)


@pytest.mark.slow
def test_quantum_explosion_at_its_reference():
    system = PartialWaves(RadialGrid(12.0, 767), 1.0, 0.1, waves=1)
    value, error = from_rest.quantum_square(system, 1.0, jnp.array([0.1, 0.5, 1.0]))
    np.testing.assert_allclose(value, [1.329870, 0.556939, 0.261887], atol=1e-5)
    assert float(jnp.max(error)) < 3e-4


def test_steps_too_long_at_the_singular_set_are_undecided():
    """Splitting on a sine grid: V τ/ħ = 2.6 at the first point claims nothing, 0.64 holds."""
    system = at_rest(0.2, 127, "sine")
    u = gaussian_waves(system, from_rest.REST, from_rest.REST, 1.0)

    @functools.partial(jax.jit, static_argnums=0)
    def claim(steps):
        passage = coulomb.watch(system, u, duration=0.25, steps=steps, saves=2)
        return coulomb.singular_bound(passage)

    assert [claim(steps).verdict for steps in (4, 160)] == ["undecided", "holds"]
    assert float(claim(160).ratio) == pytest.approx(0.91469, abs=1e-4)


def test_what_is_not_a_packet_at_rest_about_the_set_is_refused():
    system = PartialWaves(RadialGrid(8.0, 31, "lobatto"), 1.0, 0.3, waves=(1, 2))
    with pytest.raises(ValueError, match="Argument `waves` must have ℓ = 0"):
        from_rest.start(system, 1.0)
    well = jw.potentials.Gaussian(-0.3, 3.0)
    system = PartialWaves(RadialGrid(8.0, 31, "lobatto"), 1.0, 0.3, waves=1, potential=well)
    with pytest.raises(ValueError, match="Argument `potential` must be absent"):
        from_rest.start(system, 1.0)
    with pytest.raises(ValueError, match="Argument `charge` must be positive"):
        from_rest.classical_square(-1.0, 1.0, jnp.array([0.1]))
