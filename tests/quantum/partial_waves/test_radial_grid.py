"""Radial grids: the sine transform, derivatives, integrals and interpolation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw
from jaxwigner.quantum.partial_waves.radial_grid import RadialGrid, sine_analysis, sine_synthesis


def test_sine_transform():
    b = np.random.default_rng(0).normal(size=(3, 11)) + 0j
    j = np.arange(1, 12)
    kernel = np.sin(np.pi * j[:, None] * j[None] / 12)
    np.testing.assert_allclose(sine_synthesis(jnp.asarray(b)), b @ kernel, atol=1e-13)
    np.testing.assert_allclose(sine_analysis(sine_synthesis(jnp.asarray(b))), b, atol=1e-13)


@pytest.mark.parametrize("kind", ["sine", "lobatto"])
def test_radial_grids_differentiate_integrate_and_interpolate(kind):
    grid = RadialGrid(5.0, 40, kind)
    function = lambda r: jnp.sin(jnp.pi * r / 5) * jnp.sin(2 * jnp.pi * r / 5) ** 2  # noqa: E731
    r, u = grid.radii, function(grid.radii)
    first = jax.vmap(jax.grad(function))
    second = jax.vmap(jax.grad(jax.grad(function)))
    slopes, origin = grid.slope(u)
    np.testing.assert_allclose(grid.curvature(u), -second(r), atol=1e-10)
    np.testing.assert_allclose(slopes, first(r), atol=1e-11)
    assert abs(origin - jax.grad(function)(0.0)) < 1e-11
    np.testing.assert_allclose(u**2 @ grid.weights, 0.9375, rtol=1e-12)
    elsewhere = jnp.array([0.1, 2.21, 4.9])
    np.testing.assert_allclose(grid.interpolate(u, elsewhere), function(elsewhere), atol=1e-12)
    np.testing.assert_allclose(grid.interpolate(u, r[3:5]), u[3:5], atol=1e-12)


PUBLIC = [small.call(jw.RadialGrid, length=8.0, points=31, kind="sine")]
