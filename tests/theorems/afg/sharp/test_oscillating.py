"""Test functions that are seen at one lag: their transforms and moments against quadrature."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate

from jaxwigner.theorems.afg.sharp.oscillating import BumpTest, OscillatingTest

PHI = OscillatingTest(lambda x: jnp.exp(-(x**2)), 0.4, 0.8, 1.5, supremum=1.0)


def transform(y):
    part = lambda f: integrate.quad(  # noqa: E731
        lambda p: float(PHI((np.array(0.3),), (np.array(p),))) * f(p * y), -8.0, 8.0, limit=200
    )[0]
    return part(np.cos) - 1j * part(np.sin)


@pytest.mark.parametrize("y", [-1.5, 0.2, 2.0])
def test_transform_is_that_of_the_function(y):
    found = complex(PHI.transform((jnp.array(0.3),), (jnp.array(y),)))
    assert abs(found - transform(y)) < 1e-9


@pytest.mark.parametrize(("order", "beyond"), [(0, 0.0), (2, 0.0), (1, 1.2)])
def test_moments(order, beyond):
    size = lambda y: y**order * float(abs(PHI.transform((jnp.array(0.0),), (jnp.array(y),))))  # noqa: E731
    exact = 2 * integrate.quad(size, beyond, 15.0, limit=200)[0] / (2 * np.pi)
    assert abs(float(PHI.moment(order, beyond)) - exact) < 1e-8


def test_mean_speed():
    """(2π)^{−1}∫|∂_yF|dy by finite differences."""
    y = np.linspace(-15.0, 15.0, 60001)
    F = np.asarray(PHI.transform((jnp.array(0.0),), (jnp.asarray(y),)))
    exact = np.sum(abs(np.gradient(F, y))) * (y[1] - y[0]) / (2 * np.pi)
    assert abs(float(PHI.speed) / exact - 1) < 1e-5


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="Argument `frequency` must be positive"):
        OscillatingTest(jnp.ones_like, 0.0, 1.0, -1.0)
    with pytest.raises(ValueError, match="one dimension"):
        PHI.transform((jnp.ones(()),) * 2, (jnp.ones(()),) * 2)


BUMP = BumpTest(lambda x: jnp.exp(-(x**2)), 0.4, 0.8, supremum=1.0)


@pytest.mark.parametrize("y", [0.0, -1.5, 9.0])
def test_transform_of_the_bump(y):
    part = lambda f: integrate.quad(  # noqa: E731
        lambda p: float(BUMP((np.array(0.3),), (np.array(p),))) * f(p * y), -0.4, 1.2, limit=200
    )[0]
    found = complex(BUMP.transform((jnp.array(0.3),), (jnp.array(y),)))
    assert abs(found - (part(np.cos) - 1j * part(np.sin))) < 1e-9


@pytest.mark.parametrize(("order", "beyond"), [(0, 0.0), (1, 4.0)])
def test_moments_of_the_bump(order, beyond):
    y = np.linspace(beyond, 300.0, 20001)
    F = np.abs(np.asarray(BUMP.transform((jnp.array(0.0),), (jnp.asarray(y),))))
    exact = 2 * np.trapezoid(y**order * F, y) / (2 * np.pi)
    assert abs(float(BUMP.moment(order, beyond)) / exact - 1) < 1e-4


def test_the_norm_of_the_bump_is_its_moment():
    assert abs(float(BUMP.norm(1)) / (2 * np.pi * float(BUMP.moment(0))) - 1) < 1e-12
    with pytest.raises(ValueError, match="one dimension"):
        BUMP.transform((jnp.ones(()),) * 2, (jnp.ones(()),) * 2)
