"""Moments of test functions, from which the errors of weak integrals follow."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner.phase_space import GaussianTest
from jaxwigner.theorems.errors import test_moment as gaussian_moment


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_moments_of_gaussian_tests(dimension, order):
    """∫_{|y|>R}|y|^k sup|F_pφ|dy/(2π)^d by quadrature in the radius."""
    test = GaussianTest(lambda *x: 0.7 * jnp.ones_like(x[0]), 0.4, 0.6, supremum=0.7)
    sphere = {1: 2.0, 2: 2 * np.pi, 3: 4 * np.pi}[dimension]
    for radius in (0.0, 1.7):
        y = radius + (np.arange(200000) + 0.5) * 1e-4
        transform = 0.7 * (2 * np.pi * 0.36) ** (dimension / 2) * np.exp(-0.18 * y**2)
        expected = np.sum(sphere * y ** (dimension - 1 + order) * transform) * 1e-4
        expected /= (2 * np.pi) ** dimension
        assert abs(gaussian_moment(test, order, dimension, radius) / expected - 1) < 1e-6
