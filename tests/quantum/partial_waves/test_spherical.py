"""Spherical Bessel functions and harmonics against mpmath and SciPy."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from scipy import special

from jaxwigner.quantum.partial_waves._spherical import scaled_waves, solid_harmonics


@pytest.mark.parametrize("tau", [1.0, np.exp(0.46j), np.exp(1.5j), 1j, 0.3 + 0.2j])
def test_spherical_waves_against_mpmath(tau):
    c = np.array([1e-3, 0.7, 3.3, 17.0, 200.0, 1000.0])
    ours = np.asarray(scaled_waves(jnp.asarray(c), tau + 0j, 121))
    with mpmath.workdps(50):
        for l in (0, 1, 2, 5, 20, 60, 120):
            for i, one in enumerate(c):
                z = mpmath.mpf(one) * mpmath.mpc(tau)
                bessel = mpmath.sqrt(mpmath.pi / (2 * z)) * mpmath.besseli(l + mpmath.mpf(1) / 2, z)
                exact = bessel * mpmath.exp(-z) / mpmath.mpc(tau) ** l
                if abs(exact) > 1e-280:
                    error = abs(mpmath.mpc(complex(ours[l, i])) / exact - 1)
                    assert error < 1e-12, (l, one, float(error))


def test_derivatives_of_spherical_waves():
    """First and second derivatives in c and in an angle of τ against finite differences."""
    c = jnp.array([0.8, 9.0, 40.0])

    def value(c, angle):
        return jnp.sum(jnp.abs(scaled_waves(c, jnp.exp(1j * angle), 12)[3:7]) ** 2)

    direction, step = jnp.array([0.3, 1.0, -2.0]), 1e-5
    along = lambda x: value(c + x * direction, 0.4 + x)  # noqa: E731
    slope = jax.grad(along)
    second = jax.jit(jax.grad(slope))(0.0)
    along, slope = jax.jit(along), jax.jit(slope)
    np.testing.assert_allclose(slope(0.0), (along(step) - along(-step)) / (2 * step), rtol=1e-7)
    np.testing.assert_allclose(second, (slope(step) - slope(-step)) / (2 * step), rtol=1e-6)


def test_solid_harmonics_against_scipy():
    theta, phi = 0.7, 1.9
    direction = (np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta))
    ours = solid_harmonics(direction, 7, 3)
    for l in range(7):
        for m in range(-3, 4):
            exact = special.sph_harm_y(l, m, theta, phi).conj() if abs(m) <= l else 0.0
            assert abs(ours[l, m + 3] - exact) < 1e-13
